/* Lyrics finder: the words of an external song, from its provider, else from LRCLIB.
 *
 * What is found is kept (providers/lyrics_kept). One search for a song is under way at a
 * time in the whole process for those whom one account pays for, 64 of all. LRCLIB names no
 * limit; it is asked at most 10 times in 5 s, and while it fails its breaker lets it be.
 * Who listens is told to nobody: only title, artist, album and length.
 *
 * Shared between workers behind locks of its own; a seat on every worker's loop.
 */
#ifndef PROVIDERS_LYRICS_FINDER_H
#define PROVIDERS_LYRICS_FINDER_H

#include "providers/catalog.h"
#include "providers/flights.h"
#include "providers/lyrics_kept.h"

struct lyrics_finder;
struct lyrics_seat;

/* `lrclib_url` is copied; NULL: LRCLIB is not asked. */
struct lyrics_finder *lyrics_finder_new(const char *lrclib_url);
/* After every seat. Accepts NULL. */
void lyrics_finder_free(struct lyrics_finder *finder);
/* All borrowed; they outlive it. */
struct lyrics_seat *lyrics_seat_new(struct lyrics_finder *finder,
	struct catalog_worker *catalog, struct loop *loop, struct http_client *client);
/* On its loop, before the catalog's worker goes. Its searches end; whoever waits for them
 * elsewhere gets ERR_BUSY. Accepts NULL. */
void lyrics_seat_free(struct lyrics_seat *seat);

/* Is it known that the song has words? Any thread. */
bool lyrics_are_known(struct lyrics_finder *finder, const struct external_id *song);
/* What is kept: ERR_NONE with a new reference, ERR_NOT_FOUND; false: ask. That there are
 * none is known for the listener's account only: another may get what this one does not. */
MUST_CHECK bool lyrics_peek(struct lyrics_seat *seat, const struct external_id *song,
	const struct track_listener *listener, enum err *err, struct song_words **words);
/* `done` fires once, in a later turn: ERR_NONE with a struct song_words borrowed until it
 * returns; ERR_NOT_FOUND: no words, or no such song; ERR_BUSY, ERR_TIMEOUT (after 15 s),
 * ERR_UNREACHABLE, ERR_PROTOCOL. flight_leave for silence. */
struct flight_wait *lyrics_get(struct lyrics_seat *seat, const struct external_id *song,
	const struct track_listener *listener,
	void (*done)(void *arg, enum err err, void *words), void *arg);
/* Somebody will soon ask. Nothing happens when it is known, or much is under way. */
void lyrics_fetch_ahead(struct lyrics_seat *seat, const struct external_id *song,
	const struct track_listener *listener);

/* For /sidetrack/api/providers. Any thread. */
struct lyrics_figures {
	size_t songs, bytes, under_way;
	bool lrclib;       /* it is asked at all */
	bool lrclib_is_up; /* its breaker is closed */
};
struct lyrics_figures lyrics_figures(struct lyrics_finder *finder);

#endif
