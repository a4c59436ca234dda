/* Track answer: what a CDN's answer to a request for a song, or a part of it, means. Pure;
 * any thread.
 */
#ifndef PROVIDERS_TRACK_ANSWER_H
#define PROVIDERS_TRACK_ANSWER_H

#include <stdbool.h>
#include <stdint.h>

#include "core/error.h"
#include "core/http_client.h"

struct track_extent {
	int64_t total;       /* of the song */
	int64_t first, last; /* the bytes that the answer brings, inclusive */
};

/* Of a 200, 206 or 416; false when it does not say. A 416 brings none: -1 and -1. */
MUST_CHECK bool track_answer_extent(
	struct track_extent *extent, const struct http_answer *answer);
/* False for a page of a captive portal and the like. */
bool track_answer_is_sound(const char *content_type);
/* Does the status say that the address is good no longer? */
bool track_answer_is_refusal(int status);
/* Of a status that brings no bytes. */
enum err track_answer_err(int status);

#endif
