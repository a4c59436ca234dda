/* Buckets: the hours, days, weeks and months of a wall clock, as ranges of time; every
 * dataset is bucketed in the zone that was asked for.
 *
 * The buckets of a size partition time: each begins where the one before ends, also where
 * a clock is put forward or back; they are longer or shorter there. Pure; any thread.
 */
#ifndef TRACKER_BUCKETS_H
#define TRACKER_BUCKETS_H

#include <stdbool.h>
#include <stdint.h>

#include "core/zone.h"

enum bucket_size {
	BUCKET_HOUR,
	BUCKET_SIX_HOURS, /* 00, 06, 12, 18 o'clock */
	BUCKET_DAY,
	BUCKET_WEEK, /* from Monday on */
	BUCKET_MONTH,
};

/* The bucket that holds an instant. */
int64_t bucket_start_ms(const struct zone *zone, enum bucket_size size, int64_t instant_ms);
/* Where the bucket that begins there ends, and the next one begins. */
int64_t bucket_end_ms(const struct zone *zone, enum bucket_size size, int64_t start_ms);

/* 0 Sunday … 6 Saturday, and 0 … 23, on the wall clock. */
int bucket_weekday(const struct zone *zone, int64_t instant_ms);
int bucket_hour(const struct zone *zone, int64_t instant_ms);

enum { BUCKET_NAME_SIZE = 20 };

/* "2026-03-03 12:00:00": what the wall clock shows then. */
void bucket_name(char name[BUCKET_NAME_SIZE], const struct zone *zone, int64_t instant_ms);
/* "2026-02-07" as the range of that day; false for what is no date. */
MUST_CHECK bool bucket_day_of_date(
	const struct zone *zone, const char *date, int64_t *start_ms, int64_t *end_ms);

#endif
