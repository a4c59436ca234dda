/* History: writes what is played into the database, as it is played.
 *
 * Observes the tracker. A play that counts (older than 30 s) is written when it begins to
 * count, when it is paused or goes on, when its stream changes, every 30 s, and when it
 * ends: a kill loses at most the time since. A write that fails is made again, the newest
 * facts of each play only. What an earlier process left open goes on when its play is
 * restored, and is closed after 10 minutes without. Control thread.
 */
#ifndef TRACKER_HISTORY_H
#define TRACKER_HISTORY_H

#include "core/geo.h"
#include "core/store.h"
#include "tracker/tracker.h"

struct history;

struct history_options {
	struct loop *loop; /* control */
	struct store *store;
	struct tracker *tracker;
	int64_t window_ms;      /* of a viewing */
	int64_t retention_days; /* what began before that is forgotten; 0: nothing */
	const struct geo *geo;  /* may be NULL; outlives it */
};

/* Adds itself to the tracker's observers. */
struct history *history_new(const struct history_options *options);
/* Writes what plays as it is now; it stays open, the next process goes on with it. Before
 * the tracker and the store are gone. Accepts NULL. */
void history_free(struct history *history);

/* Deletes everything about one user of a server ("" the one we front) that was written so
 * far. `done` fires once on `from`: how many segments that was, -1 when it failed. */
void history_erase_user(struct history *history, struct loop *from, const char *server,
	const char *user_id, void (*done)(void *arg, int64_t erased), void *arg);

#endif
