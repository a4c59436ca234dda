/* Qobuz media: what Qobuz's API answers, as media.
 *
 * Accepts every shape recorded, and what newer methods answer: lists under `tracks.items`,
 * `albums.items`, … of something larger, under `items` or `top_tracks`; names and dates
 * that are texts or objects; pictures by address or by hash. An album's answer brings its
 * tracks, which take from it what they lack. Pure; any thread.
 */
#ifndef PROVIDERS_QOBUZ_QOBUZ_MEDIA_H
#define PROVIDERS_QOBUZ_QOBUZ_MEDIA_H

#include <jansson.h>

#include "core/error.h"
#include "providers/media.h"

struct qobuz_context {
	enum media_kind kind; /* what is asked for */
	int64_t offset;       /* that was asked for */
	int64_t seen_ms;      /* wall time now */
};

/* `root` is an answer that qobuz_error_check found well. On ERR_NONE a new list of at most
 * 1000 items; else ERR_PROTOCOL, when there is no list in it. */
MUST_CHECK enum err qobuz_media_read_list(struct media_list **list, const json_t *root,
	const struct qobuz_context *context, char *why, size_t why_size);
/* The same for one thing: a list of one. */
MUST_CHECK enum err qobuz_media_read_item(struct media_list **list, const json_t *root,
	const struct qobuz_context *context, char *why, size_t why_size);

#endif
