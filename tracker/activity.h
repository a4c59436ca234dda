/* Activity: six pictures of what was played in a range of time, as Tracearr's public API
 * defines them, over the ledger. Pure; any thread that has the ledger open.
 *
 * A play is a viewing with a segment of two minutes or more; one that qualifies in two
 * buckets counts once in each. Platforms and quality count viewings of any length. All is
 * bucketed in the zone that was asked for.
 */
#ifndef TRACKER_ACTIVITY_H
#define TRACKER_ACTIVITY_H

#include "tracker/buckets.h"
#include "tracker/ledger.h"
#include "tracker/peaks.h"

struct activity_question {
	int64_t from_ms, to_ms; /* segments that begin there; what runs counts to `to_ms` */
	const struct zone *zone;
	enum bucket_size size;
	unsigned kinds;     /* bits 1 << enum segment_kind */
	const char *server; /* NULL: all */
};

enum { ACTIVITY_WEEKDAYS = 7, ACTIVITY_HOURS = 24 };

struct activity_platform {
	uint32_t platform; /* a code of the ledger */
	int64_t count;
};

struct activity {
	/* Starts of the buckets, the first one cut at from_ms, and the end of the last. */
	int64_t *bounds;
	size_t bucket_count;
	int64_t *plays;                      /* by bucket */
	struct peak *peaks;                  /* by bucket */
	int64_t weekdays[ACTIVITY_WEEKDAYS]; /* from Sunday on */
	int64_t hours[ACTIVITY_HOURS];
	struct activity_platform *platforms; /* the most frequent first */
	size_t platform_count;
	int64_t quality[PEAK_CATEGORIES];
};

struct activity *activity_new(const struct activity_question *question,
	const struct ledger *ledger, const struct ledger_columns *columns);
/* Accepts NULL. */
void activity_free(struct activity *activity);

/* Of 100; 0 of none. */
int64_t activity_percent(int64_t part, int64_t total);

#endif
