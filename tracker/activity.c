#include "tracker/activity.h"

#include <stdlib.h>
#include <string.h>

#include "tracker/segment.h"
#include "tracker/viewing.h"

enum { BOUNDS_FIRST = 64, DAY_HOURS = 24 };
#define HOUR_MS ((int64_t)3600 * 1000)
#define DAY_MS  (DAY_HOURS * HOUR_MS)
/* 1970 began on a Thursday. */
#define WEEKDAY_OF_DAY_0 4

struct counting {
	const struct activity_question *question;
	const struct ledger *ledger;
	const struct ledger_columns *columns;
	struct activity *activity;
	struct zone_clock clock;
	int64_t *platform_counts; /* by code */
};

/* ---- buckets ---- */

static void
make_bounds(struct activity *activity, const struct activity_question *question)
{
	size_t capacity = BOUNDS_FIRST;
	int64_t start_ms =
		bucket_start_ms(question->zone, question->size, question->from_ms);

	activity->bounds = xcalloc(capacity, sizeof *activity->bounds);
	activity->bounds[0] = question->from_ms;
	while (activity->bounds[activity->bucket_count] < question->to_ms) {
		start_ms = bucket_end_ms(question->zone, question->size, start_ms);
		if (++activity->bucket_count == capacity) {
			capacity *= 2;
			activity->bounds = xrealloc(
				activity->bounds, capacity * sizeof *activity->bounds);
		}
		activity->bounds[activity->bucket_count] =
			start_ms < question->to_ms ? start_ms : question->to_ms;
	}
}

static size_t
bucket_of(const struct activity *activity, int64_t instant_ms)
{
	size_t from = 0, to = activity->bucket_count;

	while (to - from > 1) {
		size_t middle = from + (to - from) / 2;
		if (activity->bounds[middle] <= instant_ms)
			from = middle;
		else
			to = middle;
	}
	return from;
}

/* ---- which segments ---- */

static bool
is_asked_for(const struct counting *counting, size_t segment)
{
	const struct activity_question *question = counting->question;
	const struct ledger_columns *columns = counting->columns;

	if ((question->kinds >> columns->items[columns->item[segment]].kind & 1) == 0)
		return false;
	return question->server == NULL ||
	       strcmp(ledger_text(
			      counting->ledger, columns->servers[columns->user[segment]]),
		       question->server) == 0;
}

static bool
begins_there(const struct counting *counting, size_t segment)
{
	int64_t started_ms = counting->columns->started_ms[segment];

	return started_ms >= counting->question->from_ms &&
	       started_ms < counting->question->to_ms;
}

static bool
is_play(const struct counting *counting, size_t segment)
{
	return !viewing_is_short(counting->columns->played_ms[segment]);
}

/* ---- counting viewings, not segments ---- */

/* What a segment counts as, in one of the pictures. */
typedef size_t class_of_fn(struct counting *counting, size_t segment);

static size_t
bucket_class(struct counting *counting, size_t segment)
{
	return bucket_of(counting->activity, counting->columns->started_ms[segment]);
}

static size_t
weekday_class(struct counting *counting, size_t segment)
{
	int64_t wall_ms =
		zone_clock_wall(&counting->clock, counting->columns->started_ms[segment]);

	return (size_t)((wall_ms / DAY_MS + WEEKDAY_OF_DAY_0) % ACTIVITY_WEEKDAYS);
}

static size_t
hour_class(struct counting *counting, size_t segment)
{
	int64_t wall_ms =
		zone_clock_wall(&counting->clock, counting->columns->started_ms[segment]);

	return (size_t)(wall_ms / HOUR_MS % ACTIVITY_HOURS);
}

static size_t
platform_class(struct counting *counting, size_t segment)
{
	const struct ledger_columns *columns = counting->columns;

	return columns->players[columns->player[segment]].platform;
}

static size_t
quality_class(struct counting *counting, size_t segment)
{
	return counting->columns->category[segment];
}

/* Has an earlier segment of the same viewing counted there already? */
static bool
has_counted(struct counting *counting, size_t segment, class_of_fn *class_of, size_t class,
	bool plays_only)
{
	uint32_t before = counting->columns->previous[segment];

	for (; before != LEDGER_NONE; before = counting->columns->previous[before]) {
		if (begins_there(counting, before) &&
			(!plays_only || is_play(counting, before)) &&
			class_of(counting, before) == class)
			return true;
	}
	return false;
}

static void
count(struct counting *counting, size_t segment, class_of_fn *class_of, int64_t *counts,
	bool plays_only)
{
	size_t class = class_of(counting, segment);

	if (!has_counted(counting, segment, class_of, class, plays_only))
		counts[class]++;
}

static void
count_all(struct counting *counting)
{
	struct activity *activity = counting->activity;

	for (size_t i = 0; i < counting->columns->count; i++) {
		if (!begins_there(counting, i) || !is_asked_for(counting, i))
			continue;
		count(counting, i, platform_class, counting->platform_counts, false);
		count(counting, i, quality_class, activity->quality, false);
		if (!is_play(counting, i))
			continue;
		count(counting, i, bucket_class, activity->plays, true);
		count(counting, i, weekday_class, activity->weekdays, true);
		count(counting, i, hour_class, activity->hours, true);
	}
}

/* ---- platforms, peaks ---- */

static int
compare_platforms(const void *left, const void *right)
{
	const struct activity_platform *a = left, *b = right;

	if (a->count != b->count)
		return a->count > b->count ? -1 : 1;
	return a->platform < b->platform ? -1 : a->platform > b->platform;
}

static void
sort_platforms(struct counting *counting)
{
	struct activity *activity = counting->activity;
	size_t codes = ledger_text_count(counting->ledger);

	activity->platforms = xcalloc(codes + 1, sizeof *activity->platforms);
	for (size_t i = 0; i < codes; i++) {
		if (counting->platform_counts[i] > 0)
			activity->platforms[activity->platform_count++] =
				(struct activity_platform){ (uint32_t)i,
					counting->platform_counts[i] };
	}
	qsort(activity->platforms, activity->platform_count, sizeof *activity->platforms,
		compare_platforms);
}

static void
find_peaks(struct counting *counting)
{
	const struct activity_question *question = counting->question;
	const struct ledger_columns *columns = counting->columns;
	struct activity *activity = counting->activity;
	struct peak_stream *streams = xcalloc(columns->count + 1, sizeof *streams);
	size_t stream_count = 0;

	for (size_t i = 0; i < columns->count; i++) {
		int64_t stop_ms =
			columns->open[i] ? question->to_ms : columns->stopped_ms[i];
		if (stop_ms <= question->from_ms ||
			columns->started_ms[i] >= question->to_ms ||
			!is_asked_for(counting, i))
			continue;
		streams[stream_count++] = (struct peak_stream){ columns->started_ms[i],
			stop_ms, (enum peak_category)columns->category[i] };
	}
	peaks_find(activity->peaks, activity->bounds, activity->bucket_count, streams,
		stream_count);
	xfree(streams);
}

/* ---- all ---- */

struct activity *
activity_new(const struct activity_question *question, const struct ledger *ledger,
	const struct ledger_columns *columns)
{
	struct activity *activity = xcalloc(1, sizeof *activity);
	struct counting counting = { .question = question,
		.ledger = ledger,
		.columns = columns,
		.activity = activity,
		.clock = { .zone = question->zone } };

	make_bounds(activity, question);
	activity->plays = xcalloc(activity->bucket_count + 1, sizeof *activity->plays);
	activity->peaks = xcalloc(activity->bucket_count + 1, sizeof *activity->peaks);
	counting.platform_counts =
		xcalloc(ledger_text_count(ledger) + 1, sizeof *counting.platform_counts);
	if (activity->bucket_count > 0) {
		count_all(&counting);
		find_peaks(&counting);
	}
	sort_platforms(&counting);
	xfree(counting.platform_counts);
	return activity;
}

void
activity_free(struct activity *activity)
{
	if (activity == NULL)
		return;
	xfree(activity->bounds);
	xfree(activity->plays);
	xfree(activity->peaks);
	xfree(activity->platforms);
	xfree(activity);
}

int64_t
activity_percent(int64_t part, int64_t total)
{
	return total > 0 ? (part * 200 + total) / (total * 2) : 0;
}
