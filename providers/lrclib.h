/* LRCLIB: the free collection of lyrics at lrclib.net: its addresses and its answers.
 *
 * GET /api/get wants title, artist, album and length, and knows one song or 404; GET
 * /api/search gives candidates, of which the one with the same title, artist and length is
 * taken. Instrumentals have no lyrics. Pure; any thread.
 */
#ifndef PROVIDERS_LRCLIB_H
#define PROVIDERS_LRCLIB_H

#include "core/error.h"
#include "core/text.h"
#include "providers/lyrics.h"
#include "providers/media.h"

/* Each adds to `url`; `base` is without a trailing slash or with one. */
void lrclib_get_url(struct text *url, const char *base, const struct media *song);
void lrclib_search_url(struct text *url, const char *base, const struct media *song);

struct lrclib_answer {
	int status; /* HTTP's */
	const void *data;
	size_t size;
};

/* ERR_NONE: `lyrics` are the caller's to fini. ERR_NOT_FOUND, ERR_BUSY (429),
 * ERR_UNREACHABLE (5xx), ERR_PROTOCOL. */
MUST_CHECK enum err lrclib_parse_get(
	struct lyrics *lyrics, const struct lrclib_answer *answer);
/* The same of a list of candidates for that song. */
MUST_CHECK enum err lrclib_parse_search(struct lyrics *lyrics,
	const struct lrclib_answer *answer, const struct media *song);

#endif
