/* Tracked: the sessions whose plays the tracker follows, and the tombstones of what ended
 * in them. Pure: no loop, no clock but the times given; one thread.
 */
#ifndef TRACKER_TRACKED_H
#define TRACKER_TRACKED_H

#include "tracker/play.h"

enum {
	TRACKED_BUCKETS = 1024,
	TRACKED_MOST = 20000,
	TRACKED_TOMBSTONES = 4, /* per session: the last items that ended there */
};

struct live;

/* An item that ended: what was received before, or comes as a straggler soon after, must
 * not begin it again. */
struct tombstone {
	char item_id[33];           /* "" = unused */
	bool held;                  /* only a Start begins it again */
	uint64_t play_session_hash; /* 0: it had no PlaySessionId */
	int64_t ended_ms;
};

/* What one session (client, device id, user) does. */
struct tracked {
	struct tracked *next; /* of its bucket */
	struct play_session_key key;
	int64_t newest_ms; /* receive time of the newest Start or Progress believed, or Stop
			    * of whatever plays: older ones are late */
	int64_t start_ms;  /* … of the newest Start */
	int64_t touched_ms; /* … of anything */
	struct live *live;  /* NULL: nothing plays */
	struct tombstone tombstones[TRACKED_TOMBSTONES];
	size_t next_tombstone;
};

/* Zeroed is empty. */
struct tracked_table {
	struct tracked *buckets[TRACKED_BUCKETS];
	size_t count;
};

void tracked_table_fini(struct tracked_table *table);
/* The first of those among which all sessions of the key's device are, linked by `next`. */
struct tracked *tracked_first(
	const struct tracked_table *table, const struct play_session_key *key);
/* NULL when it is not known. */
struct tracked *tracked_find(
	const struct tracked_table *table, const struct play_session_key *key);
/* The session of another user in which the same client on the same device plays; NULL when
 * there is none. */
struct tracked *tracked_find_rival(
	const struct tracked_table *table, const struct play_session_key *key);
/* NULL when TRACKED_MOST are known already. */
struct tracked *tracked_find_or_add(
	struct tracked_table *table, const struct play_session_key *key);
/* Forgets sessions that play nothing and whose tombstones have done their work. */
void tracked_sweep(struct tracked_table *table, int64_t now_ms);

/* `item_id` ended at `ended_ms`; it takes the place of the oldest tombstone. */
void tracked_bury(struct tracked *tracked, const char *item_id, const char *play_session_id,
	int64_t ended_ms);
/* Only a Start begins that item again, which has just been buried. */
void tracked_hold(struct tracked *tracked, const char *item_id);
/* A Start begins its item anew: what follows is about this play, unless it bears the
 * PlaySessionId of one that ended and this one bears another. */
void tracked_unbury(struct tracked *tracked, const struct play_report *start);
/* Whether a Start or Progress is about an item that has ended, and too old or too soon to
 * begin it again: see tracker/tracker.h. */
bool tracked_is_buried(const struct tracked *tracked, const struct play_report *report);

#endif
