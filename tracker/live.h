/* The insides of tracker/tracker, shared by its two sides; nobody else includes this.
 *
 * live.c has the plays: how they begin, are told of, fall silent and end. tracker.c is the
 * door: the rules of reports, which say when. What is told is told after the change is
 * complete. Control thread.
 */
#ifndef TRACKER_LIVE_H
#define TRACKER_LIVE_H

#include <stdatomic.h>
#include <sys/queue.h>

#include "tracker/tracked.h"
#include "tracker/tracker.h"

enum { LIVE_OBSERVERS_MOST = 16 };

struct live {
	unsigned magic;
	struct tracker *tracker;
	struct tracked *tracked;
	struct live *previous, *next; /* oldest first */
	struct timer silence;
	struct timer pending; /* until it counts */
	uint64_t id;          /* of the play */
	bool external;        /* what it plays */
	/* One of the two is there; live_play gives the play. */
	struct play *play;
	void *squeezed;
	LIST_ENTRY(live) place; /* among the tracker's that are not squeezed */
};

struct tracker {
	struct loop *loop;
	struct tracked_table sessions;
	struct live *first, *last;
	size_t live_count;
	LIST_HEAD(, live) loose; /* whose play is not squeezed */
	struct timer squeeze;    /* started while there are some */
	uint64_t next_id;
	struct tracker_observer observers[LIVE_OBSERVERS_MOST];
	size_t observer_count;
	bool telling; /* inside observers */
	struct timer sweep;
	bool (*alive)(void *arg, const struct play_session_key *key);
	void *alive_arg;
	bool (*admits)(void *arg, const struct play_report *report);
	void *admits_arg;
	atomic_int under_way; /* posted reports that were not handled yet */
	bool freed;           /* … the last of them frees the tracker */
};

/* The play, until the callback that is under way has returned: between two of them plays
 * are kept squeezed (core/squeeze), since their texts are nearly empty and nobody looks. */
struct play *live_play(struct live *live);
/* The same for one call, without keeping it at hand. */
void live_show(
	struct live *live, void (*show)(void *arg, const struct play *play), void *arg);
/* Zeroed before. */
void live_init(struct tracker *tracker);
void live_tell(struct tracker *tracker, const struct play *play, enum play_change change);
/* Something was heard of it: silence counts anew. `alive`: its client's socket is open. */
void live_arm_silence(struct live *live, bool alive);

/* It was there at that time: long enough to count? */
void live_review_pending(struct live *live, int64_t seen_ms);

/* A play of a session that plays nothing, from its first report. */
void live_begin(
	struct tracker *tracker, struct tracked *tracked, const struct play_report *report);
/* … from what an earlier process or another instance knew of it. */
void live_restore(
	struct tracker *tracker, struct tracked *tracked, const struct play *play);

/* All of these free it, later. `position_ms` -1: extrapolated. */
void live_end(struct tracker *tracker, struct live *live, int64_t now_ms,
	int64_t position_ms, const char *why);
/* An ending that its client may not know of: stragglers about the item are held back. */
void live_end_and_bury(struct tracker *tracker, struct live *live, int64_t now_ms,
	int64_t position_ms, const char *why);
/* Another instance follows it from here on. */
void live_leave(struct tracker *tracker, struct live *live);
/* At the end: nobody is told. */
void live_drop_all(struct tracker *tracker);

#endif
