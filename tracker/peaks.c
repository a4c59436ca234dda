#include "tracker/peaks.h"

#include <stdbool.h>
#include <string.h>

#include "core/mem.h"

enum {
	CATEGORY_BITS = 2,
	DIGIT_BITS = 11,
	DIGITS = 1 << DIGIT_BITS,
};

/* Moments of one kind, starts or stops: the time since the first bound and the category in
 * one number, so that sorting moves eight bytes each. */
struct moments {
	uint64_t *keys;
	size_t count, next;
};

static uint64_t
key_of(int64_t since_ms, enum peak_category category)
{
	return (uint64_t)since_ms << CATEGORY_BITS | (uint64_t)category;
}

static int64_t
time_of(uint64_t key)
{
	return (int64_t)(key >> CATEGORY_BITS);
}

static enum peak_category
category_of(uint64_t key)
{
	return (enum peak_category)(key & ((1u << CATEGORY_BITS) - 1));
}

static void
sort_by_digit(uint64_t *to, const uint64_t *from, size_t count, int shift)
{
	size_t places[DIGITS] = { 0 };
	size_t place = 0;

	for (size_t i = 0; i < count; i++)
		places[from[i] >> shift & (DIGITS - 1)]++;
	for (size_t i = 0; i < DIGITS; i++) {
		size_t here = places[i];
		places[i] = place;
		place += here;
	}
	for (size_t i = 0; i < count; i++)
		to[places[from[i] >> shift & (DIGITS - 1)]++] = from[i];
}

/* Radix sort: a year of moments takes four passes. */
static void
sort(struct moments *moments, uint64_t *spare)
{
	uint64_t all = 0;
	uint64_t *from = moments->keys, *to = spare;

	for (size_t i = 0; i < moments->count; i++)
		all |= moments->keys[i];
	for (int shift = 0; shift < 64 && all >> shift != 0; shift += DIGIT_BITS) {
		sort_by_digit(to, from, moments->count, shift);
		uint64_t *sorted = to;
		to = from;
		from = sorted;
	}
	if (from != moments->keys)
		memcpy(moments->keys, from, moments->count * sizeof *from);
}

/* Only what overlaps the bounds, cut at them. */
static void
collect(struct moments *starts, struct moments *stops, const struct peak_stream *streams,
	size_t count, int64_t from_ms, int64_t to_ms)
{
	for (size_t i = 0; i < count; i++) {
		const struct peak_stream *stream = &streams[i];
		int64_t start_ms = stream->start_ms < from_ms ? from_ms : stream->start_ms;
		int64_t stop_ms = stream->stop_ms > to_ms ? to_ms : stream->stop_ms;
		if (stop_ms <= start_ms)
			continue;
		starts->keys[starts->count++] =
			key_of(start_ms - from_ms, stream->category);
		stops->keys[stops->count++] = key_of(stop_ms - from_ms, stream->category);
	}
}

/* The next moment at which anything happens; false when nothing does before `end`. */
static bool
next_moment(const struct moments *starts, const struct moments *stops, int64_t end,
	int64_t *moment)
{
	*moment = end;
	if (starts->next < starts->count && time_of(starts->keys[starts->next]) < *moment)
		*moment = time_of(starts->keys[starts->next]);
	if (stops->next < stops->count && time_of(stops->keys[stops->next]) < *moment)
		*moment = time_of(stops->keys[stops->next]);
	return *moment < end;
}

/* All that happens at that moment. */
static void
take(struct moments *moments, int64_t moment, struct peak *running, int64_t change)
{
	while (moments->next < moments->count &&
		time_of(moments->keys[moments->next]) == moment) {
		running->total += change;
		running->of[category_of(moments->keys[moments->next])] += change;
		moments->next++;
	}
}

static void
keep_higher(struct peak *peak, const struct peak *running, int64_t at_ms)
{
	if (running->total <= peak->total)
		return;
	*peak = *running;
	peak->at_ms = at_ms;
}

void
peaks_find(struct peak *peaks, const int64_t *bounds, size_t bucket_count,
	const struct peak_stream *streams, size_t count)
{
	uint64_t *keys = xcalloc(count * 3 + 1, sizeof *keys);
	struct moments starts = { .keys = keys }, stops = { .keys = keys + count };
	struct peak running = { 0 };
	int64_t moment;

	collect(&starts, &stops, streams, count, bounds[0], bounds[bucket_count]);
	sort(&starts, keys + 2 * count);
	sort(&stops, keys + 2 * count);
	for (size_t i = 0; i < bucket_count; i++) {
		int64_t begin = bounds[i] - bounds[0], end = bounds[i + 1] - bounds[0];
		take(&stops, begin, &running, -1);
		take(&starts, begin, &running, 1);
		peaks[i] = running;
		peaks[i].at_ms = bounds[i];
		while (next_moment(&starts, &stops, end, &moment)) {
			take(&stops, moment, &running, -1);
			take(&starts, moment, &running, 1);
			keep_higher(&peaks[i], &running, bounds[0] + moment);
		}
	}
	xfree(keys);
}
