/* Covers: which album of Jellyfin's own library an external song's album is.
 *
 * Jellyfin's dashboard asks the server that its browser uses for the picture of what plays.
 * Through us an external id has one, at Jellyfin itself it has none. Where the library has
 * the same album, its id and the tag of its picture are told instead, and both work.
 * Jellyfin is asked in the listener's own name, once per album and user in ten minutes;
 * what it said is kept for all workers behind a lock of its own, at most 1024 answers.
 */
#ifndef PROXY_COVERS_H
#define PROXY_COVERS_H

#include <jansson.h>

#include "proxy/intercept.h"

struct covers;

struct cover {
	char album_id[33]; /* "": the library has no such album, or it has no picture */
	char tag[65];
};

struct covers *covers_new(void);
void covers_free(struct covers *covers);

/* An external album, and who wants to see it. Borrowed. */
struct cover_question {
	const char *user_id;
	const char *album_id; /* external, 32 hex */
	const char *title;
	const char *artist;
};

/* What is known; false: nothing. Any thread. */
MUST_CHECK bool covers_peek(
	struct covers *covers, const struct cover_question *question, struct cover *cover);
/* Asks Jellyfin, for at most a second. `done` fires once, in a later turn, unless the
 * intercept's exchange ends before; `question` is copied, `cover` borrowed. */
void covers_ask(struct covers *covers, struct intercept *intercept,
	const struct cover_question *question,
	void (*done)(void *arg, const struct cover *cover), void *arg);

/* Pure: the first album among Jellyfin's `items` that has that title, that artist and a
 * picture; false when there is none. */
bool cover_match(
	struct cover *cover, const json_t *items, const char *title, const char *artist);
/* Pure: makes a BaseItemDto show that cover. Nothing for a cover without an album. */
void cover_apply(json_t *item, const struct cover *cover);

#endif
