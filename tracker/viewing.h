/* Viewing: what a person would call having watched or heard something once, although it was
 * played in several sittings. Every count everywhere counts viewings. Pure; any thread.
 *
 * A segment is one play, from its start to its stop. It continues the latest viewing of the
 * same item by the same user when that ended less than 24 hours ago, is not watched yet and
 * was not rewound: the new segment begins where it ended, or later.
 */
#ifndef TRACKER_VIEWING_H
#define TRACKER_VIEWING_H

#include <stdbool.h>
#include <stdint.h>

enum {
	VIEWING_SHORT_MS = 2 * 60 * 1000,
	VIEWING_WATCHED_PERCENT = 85,
};
#define VIEWING_WINDOW_MS ((int64_t)24 * 3600 * 1000)

/* The latest segment of an item by a user. */
struct viewing_last {
	int64_t stopped_ms; /* wall clock */
	int64_t position_ms;
	bool watched; /* that segment, or one of its viewing before */
};

/* Does a segment that begins then and there continue it? `window_ms`: VIEWING_WINDOW_MS
 * unless set otherwise. */
bool viewing_continues(const struct viewing_last *last, int64_t started_ms,
	int64_t position_ms, int64_t window_ms);
/* By position or by time, whichever says so. A runtime of 0 is unknown: no. */
bool viewing_is_watched(int64_t position_ms, int64_t played_ms, int64_t runtime_ms);
/* Kept, but no play in most statistics. */
bool viewing_is_short(int64_t played_ms);

/* How long a segment was played. */
struct viewing_time {
	int64_t played_ms;
	int64_t paused_ms;
};

/* `elapsed_ms` from start to stop, of which `paused_ms` were paused. A client that fell
 * silent has not played on: what is beyond the position it reached (0: unknown) and beyond
 * the runtime (0: unknown), by more than a minute, counts as paused. */
struct viewing_time viewing_time_of(
	int64_t elapsed_ms, int64_t paused_ms, int64_t position_ms, int64_t runtime_ms);

enum viewing_tier {
	VIEWING_ABANDONED, /* < 20 % of the runtime */
	VIEWING_SAMPLED,   /* < 50 % */
	VIEWING_ENGAGED,   /* < 85 % */
	VIEWING_WATCHED,   /* < 200 % */
	VIEWING_REWATCHED,
	VIEWING_TIERS,
};

/* Of all time that was spent on an item; a runtime of 0 counts as nothing seen. */
enum viewing_tier viewing_tier_of(int64_t played_ms, int64_t runtime_ms);
const char *viewing_tier_name(enum viewing_tier tier);

#endif
