#include "tracker/peaks.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

enum { MINUTE = 60 * 1000, HOUR = 60 * MINUTE };

static void
expect(const struct peak *peak, int64_t total, int64_t direct, int64_t direct_stream,
	int64_t transcode)
{
	assert_int_equal(peak->total, total);
	assert_int_equal(peak->of[PEAK_DIRECT], direct);
	assert_int_equal(peak->of[PEAK_DIRECT_STREAM], direct_stream);
	assert_int_equal(peak->of[PEAK_TRANSCODE], transcode);
}

/* Scenario S27 of the facts. */
static void
a_peak_is_told_with_what_ran_at_that_moment(void **state)
{
	static const struct peak_stream streams[] = {
		{ 10 * HOUR, 11 * HOUR, PEAK_DIRECT },
		{ 10 * HOUR + 30 * MINUTE, 12 * HOUR, PEAK_TRANSCODE },
		{ 11 * HOUR, 13 * HOUR, PEAK_DIRECT_STREAM },
		{ 10 * HOUR + 45 * MINUTE, 10 * HOUR + 50 * MINUTE, PEAK_DIRECT },
	};
	static const int64_t day[] = { 0, 24 * HOUR };
	struct peak peak;

	(void)state;
	peaks_find(&peak, day, 1, streams, 4);
	expect(&peak, 3, 2, 0, 1);
	assert_int_equal(peak.at_ms, 10 * HOUR + 45 * MINUTE);
}

static void
a_hand_over_is_one_stream(void **state)
{
	static const struct peak_stream streams[] = {
		{ 10 * HOUR, 11 * HOUR, PEAK_DIRECT },
		{ 11 * HOUR, 12 * HOUR, PEAK_TRANSCODE },
	};
	static const int64_t hours[] = { 10 * HOUR, 11 * HOUR, 12 * HOUR, 13 * HOUR };
	struct peak peaks[3];

	(void)state;
	peaks_find(peaks, hours, 3, streams, 2);
	expect(&peaks[0], 1, 1, 0, 0);
	expect(&peaks[1], 1, 0, 0, 1);
	expect(&peaks[2], 0, 0, 0, 0);
}

static void
what_began_before_counts_in_every_bucket_it_runs_through(void **state)
{
	static const struct peak_stream streams[] = {
		{ -5 * HOUR, 30 * HOUR, PEAK_TRANSCODE },
		{ -9 * HOUR, -1, PEAK_DIRECT },
		{ 40 * HOUR, 41 * HOUR, PEAK_DIRECT },
	};
	static const int64_t bounds[] = { 0, 6 * HOUR, 12 * HOUR };
	struct peak peaks[2];

	(void)state;
	peaks_find(peaks, bounds, 2, streams, 3);
	expect(&peaks[0], 1, 0, 0, 1);
	expect(&peaks[1], 1, 0, 0, 1);
	assert_int_equal(peaks[1].at_ms, 6 * HOUR);
}

static void
what_takes_no_time_counts_nothing(void **state)
{
	static const struct peak_stream streams[] = { { 5, 5, PEAK_DIRECT },
		{ 9, 3, PEAK_DIRECT } };
	static const int64_t bounds[] = { 0, 10 };
	struct peak peak;

	(void)state;
	peaks_find(&peak, bounds, 1, streams, 2);
	expect(&peak, 0, 0, 0, 0);
	peaks_find(&peak, bounds, 1, NULL, 0);
	expect(&peak, 0, 0, 0, 0);
}

/* The same by looking at every moment. */
static struct peak
slow_peak(const struct peak_stream *streams, size_t count, int64_t from, int64_t to)
{
	struct peak highest = { .at_ms = from };

	for (int64_t at = from; at < to; at++) {
		struct peak here = { .at_ms = at };
		for (size_t i = 0; i < count; i++) {
			if (streams[i].start_ms > at || streams[i].stop_ms <= at)
				continue;
			here.total++;
			here.of[streams[i].category]++;
		}
		if (here.total > highest.total || at == from)
			highest = here;
	}
	return highest;
}

static void
it_agrees_with_looking_at_every_moment(void **state)
{
	enum { STREAMS = 60, BUCKETS = 5, SPAN = 400, ROUNDS = 200 };
	struct peak_stream streams[STREAMS];
	struct peak peaks[BUCKETS];

	(void)state;
	srand(7);
	for (int round = 0; round < ROUNDS; round++) {
		int64_t bounds[BUCKETS + 1] = { rand() % 20 };
		for (int i = 0; i < BUCKETS; i++)
			bounds[i + 1] = bounds[i] + 1 + rand() % 80;
		for (int i = 0; i < STREAMS; i++) {
			int64_t start = rand() % SPAN - 20;
			streams[i] = (struct peak_stream){ start, start + rand() % 60,
				(enum peak_category)(rand() % PEAK_CATEGORIES) };
		}
		peaks_find(peaks, bounds, BUCKETS, streams, STREAMS);
		for (int i = 0; i < BUCKETS; i++) {
			struct peak slow =
				slow_peak(streams, STREAMS, bounds[i], bounds[i + 1]);
			assert_memory_equal(&peaks[i], &slow, sizeof slow);
		}
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_peak_is_told_with_what_ran_at_that_moment),
		cmocka_unit_test(a_hand_over_is_one_stream),
		cmocka_unit_test(what_began_before_counts_in_every_bucket_it_runs_through),
		cmocka_unit_test(what_takes_no_time_counts_nothing),
		cmocka_unit_test(it_agrees_with_looking_at_every_moment),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
