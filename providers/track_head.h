/* Track head: what an answer says of a song before its bytes: how long it is, which bytes
 * will come, and a validator by which a client may ask for the rest later. Pure; any
 * thread.
 */
#ifndef PROVIDERS_TRACK_HEAD_H
#define PROVIDERS_TRACK_HEAD_H

#include "providers/external_id.h"
#include "providers/track_format.h"

/* As in byte_range.h: the whole is { .last = -1 }. */
struct track_range {
	int64_t first;  /* -1: the last `last` bytes */
	int64_t last;   /* inclusive; -1: to the end */
	bool head_only; /* no bytes: on_ready, then on_done */
	bool asked;     /* a Range header said so: 206, not 200 */
};

enum { TRACK_ETAG_SIZE = 80 };

struct track_head {
	struct track_format format; /* that came; `size` is that of the whole track */
	const char *content_type;   /* "audio/mpeg"; for ever valid */
	/* A strong validator, in its quotes: the same bytes, whoever fetched them. */
	char etag[TRACK_ETAG_SIZE];
	int64_t first, last; /* the bytes that will come */
	bool is_part;        /* 206 */
	bool satisfiable;    /* false: 416; no bytes will come */
};

/* `if_range`: the range counts only if this is the song's ETag; "": it counts. */
struct track_head track_head_of(const struct external_id *id,
	const struct track_format *format, const struct track_range *range,
	const char *if_range);

#endif
