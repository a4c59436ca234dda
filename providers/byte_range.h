/* Byte range: the Range header of a request and Content-Range of an answer (RFC 9110 §14).
 *
 * One range is understood. Several, other units and nonsense are ignored, as §14.2 allows:
 * the answer is the whole. Pure; any thread.
 */
#ifndef PROVIDERS_BYTE_RANGE_H
#define PROVIDERS_BYTE_RANGE_H

#include <stdbool.h>
#include <stdint.h>

#include "core/mem.h"

struct byte_range {
	bool asked;    /* false: the whole; 200, not 206 */
	int64_t first; /* -1: the last `last` bytes */
	int64_t last;  /* -1: to the end */
};

enum byte_range_fit {
	BYTE_RANGE_WHOLE,         /* 200 */
	BYTE_RANGE_PART,          /* 206 */
	BYTE_RANGE_UNSATISFIABLE, /* 416 */
};

/* `header` may be NULL (no header). */
struct byte_range byte_range_parse(const char *header);
/* Which bytes of `total` that is: `*first` to `*last`, inclusive; of nothing 0 to -1. */
enum byte_range_fit byte_range_fit(
	const struct byte_range *range, int64_t total, int64_t *first, int64_t *last);
/* "bytes 0-99/480748" and "bytes * /480748" (without the blank; first and last are -1
 * then). An unknown total ("*") is -1. */
MUST_CHECK bool content_range_parse(
	const char *header, int64_t *first, int64_t *last, int64_t *total);

#endif
