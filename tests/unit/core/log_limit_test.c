#include "core/log_limit.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static bool
hold(struct log_limit *limit, const char *event, int64_t now_ms, const char *line)
{
	return log_limit_hold(limit, event, now_ms, slice_of(line));
}

static void
expect_taken(
	struct log_limit *limit, int64_t now_ms, bool all, const char *line, uint64_t count)
{
	struct text text;
	uint64_t counted = 0;

	text_init(&text);
	assert_true(log_limit_take(limit, now_ms, all, &text, &counted));
	assert_string_equal(text_get(&text), line);
	assert_int_equal(counted, count);
	text_fini(&text);
}

static void
expect_none(struct log_limit *limit, int64_t now_ms, bool all)
{
	struct text text;
	uint64_t counted;

	text_init(&text);
	assert_false(log_limit_take(limit, now_ms, all, &text, &counted));
	text_fini(&text);
}

static void
the_first_is_written_and_the_rest_counted(void **state)
{
	struct log_limit limit = { 0 };

	(void)state;
	assert_false(hold(&limit, "failed", 1000, "a=1"));
	expect_none(&limit, 20000, false);
	assert_true(hold(&limit, "failed", 1001, "a=2"));
	assert_true(hold(&limit, "failed", 10999, "a=3"));
	expect_none(&limit, 10999, false);
	expect_taken(&limit, 11000, false, "a=3", 2);
	expect_none(&limit, 11000, false);
}

static void
what_goes_on_is_told_once_per_time(void **state)
{
	struct log_limit limit = { 0 };

	(void)state;
	assert_false(hold(&limit, "failed", 0, ""));
	for (int64_t now_ms = 100; now_ms <= 100000; now_ms += 100) {
		assert_true(hold(&limit, "failed", now_ms, "again"));
		if (now_ms % LOG_LIMIT_MS == 0)
			expect_taken(&limit, now_ms, false, "again", 100);
		else
			expect_none(&limit, now_ms, false);
	}
}

static void
after_a_quiet_time_the_next_is_written_at_once(void **state)
{
	struct log_limit limit = { 0 };

	(void)state;
	assert_false(hold(&limit, "failed", 0, "a=1"));
	assert_false(hold(&limit, "failed", LOG_LIMIT_MS, "a=2"));
	assert_true(hold(&limit, "failed", LOG_LIMIT_MS + 1, "a=3"));
	expect_taken(&limit, 2 * LOG_LIMIT_MS, false, "a=3", 1);
	assert_true(hold(&limit, "failed", 3 * LOG_LIMIT_MS - 1, "a=4"));
	expect_taken(&limit, 3 * LOG_LIMIT_MS, false, "a=4", 1);
	assert_false(hold(&limit, "failed", 4 * LOG_LIMIT_MS, "a=5"));
}

static void
events_do_not_wait_for_each_other(void **state)
{
	struct log_limit limit = { 0 };

	(void)state;
	assert_false(hold(&limit, "failed", 0, ""));
	assert_false(hold(&limit, "lost", 5000, ""));
	assert_true(hold(&limit, "failed", 6000, "a"));
	assert_true(hold(&limit, "lost", 6000, "b"));
	expect_taken(&limit, LOG_LIMIT_MS, false, "a", 1);
	expect_none(&limit, LOG_LIMIT_MS, false);
	/* At the end nothing is kept back. */
	expect_taken(&limit, LOG_LIMIT_MS, true, "b", 1);
	expect_none(&limit, LOG_LIMIT_MS, true);
}

static void
more_events_than_there_is_room_for_are_written(void **state)
{
	static char names[LOG_LIMIT_EVENTS + 1][16];
	struct log_limit limit = { 0 };

	(void)state;
	for (size_t i = 0; i <= LOG_LIMIT_EVENTS; i++) {
		snprintf(names[i], sizeof names[i], "event_%zu", i);
		assert_false(hold(&limit, names[i], 0, ""));
	}
	assert_false(hold(&limit, names[LOG_LIMIT_EVENTS], 1, ""));
	assert_true(hold(&limit, names[0], 1, "a"));
	/* Quiet ones make room. */
	assert_false(hold(&limit, names[LOG_LIMIT_EVENTS], LOG_LIMIT_MS, ""));
	assert_true(hold(&limit, names[LOG_LIMIT_EVENTS], LOG_LIMIT_MS, "b"));
	expect_taken(&limit, LOG_LIMIT_MS, true, "a", 1);
	expect_taken(&limit, LOG_LIMIT_MS, true, "b", 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_first_is_written_and_the_rest_counted),
		cmocka_unit_test(what_goes_on_is_told_once_per_time),
		cmocka_unit_test(after_a_quiet_time_the_next_is_written_at_once),
		cmocka_unit_test(events_do_not_wait_for_each_other),
		cmocka_unit_test(more_events_than_there_is_room_for_are_written),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
