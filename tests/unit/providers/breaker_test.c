#include "providers/breaker.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static void
fail_times(struct breaker *breaker, int times, int64_t now_ms)
{
	for (int i = 0; i < times; i++)
		breaker_on_failure(breaker, now_ms);
}

static void
three_failures_in_a_row_open_it(void **state)
{
	struct breaker breaker;

	(void)state;
	breaker_init(&breaker, "test", 7);
	fail_times(&breaker, 2, 0);
	breaker_on_success(&breaker);
	fail_times(&breaker, 2, 0);
	assert_true(breaker_try(&breaker, 0));
	breaker_on_failure(&breaker, 0);
	assert_false(breaker_try(&breaker, 999));
	assert_true(breaker_is_open(&breaker, 999));
	assert_int_equal(breaker.state, BREAKER_OPEN);
	breaker_fini(&breaker);
}

static void
one_trial_decides_and_the_others_wait(void **state)
{
	struct breaker breaker;

	(void)state;
	breaker_init(&breaker, "test", 7);
	fail_times(&breaker, 3, 0);
	assert_true(breaker_try(&breaker, 1250));
	assert_int_equal(breaker.state, BREAKER_HALF_OPEN);
	assert_false(breaker_try(&breaker, 1250));
	breaker_on_success(&breaker);
	assert_true(breaker_try(&breaker, 1250));
	assert_false(breaker_is_open(&breaker, 1250));
	breaker_fini(&breaker);
}

static void
a_trial_that_is_lost_makes_room_for_another(void **state)
{
	struct breaker breaker;

	(void)state;
	breaker_init(&breaker, "test", 7);
	fail_times(&breaker, 3, 0);
	assert_true(breaker_try(&breaker, 2000));
	assert_false(breaker_try(&breaker, 21999));
	assert_true(breaker_try(&breaker, 22000));
	breaker_fini(&breaker);
}

static void
each_opening_lasts_twice_as_long_up_to_a_minute(void **state)
{
	struct breaker breaker;
	int64_t now_ms = 0, wanted_ms = 1000;

	(void)state;
	breaker_init(&breaker, "test", 7);
	fail_times(&breaker, 3, now_ms);
	for (int i = 0; i < 10; i++) {
		int64_t lasts_ms = breaker.until_ms - now_ms;
		assert_in_range(lasts_ms, wanted_ms, wanted_ms * 5 / 4);
		now_ms = breaker.until_ms;
		assert_true(breaker_try(&breaker, now_ms));
		breaker_on_failure(&breaker, now_ms);
		wanted_ms = wanted_ms * 2 > 60000 ? 60000 : wanted_ms * 2;
	}
	breaker_on_success(&breaker);
	fail_times(&breaker, 3, now_ms);
	assert_in_range(breaker.until_ms - now_ms, 1000, 1250);
	breaker_fini(&breaker);
}

static void
failures_of_calls_under_way_do_not_prolong_it(void **state)
{
	struct breaker breaker;

	(void)state;
	breaker_init(&breaker, "test", 7);
	fail_times(&breaker, 3, 0);
	int64_t until_ms = breaker.until_ms;
	fail_times(&breaker, 30, 500);
	assert_int_equal(breaker.until_ms, until_ms);
	breaker_fini(&breaker);
}

static void
too_many_requests_is_a_pause_of_one_to_two_seconds(void **state)
{
	struct breaker breaker;

	(void)state;
	breaker_init(&breaker, "test", 7);
	for (int i = 0; i < 50; i++) {
		int64_t until_ms = breaker_on_quota(&breaker, 10000);
		assert_in_range(until_ms, 11000, 11999);
		assert_true(breaker_is_open(&breaker, until_ms - 1));
		assert_true(breaker_try(&breaker, until_ms));
		assert_int_equal(breaker.state, BREAKER_CLOSED);
	}
	/* Answers that were under way do not lift it. */
	breaker_on_success(&breaker);
	assert_true(breaker_is_open(&breaker, 10999));
	breaker_fini(&breaker);
}

static void
states_have_names(void **state)
{
	(void)state;
	assert_string_equal(breaker_state_name(BREAKER_CLOSED), "closed");
	assert_string_equal(breaker_state_name(BREAKER_OPEN), "open");
	assert_string_equal(breaker_state_name(BREAKER_HALF_OPEN), "half_open");
}

static void
it_says_how_it_stands(void **state)
{
	struct breaker breaker;

	(void)state;
	breaker_init(&breaker, "test", 1);
	assert_int_equal(breaker_read(&breaker, 5).state, BREAKER_CLOSED);
	assert_int_equal(breaker_read(&breaker, 5).wait_ms, 0);
	for (int i = 0; i < 3; i++)
		breaker_on_failure(&breaker, 1000);
	struct breaker_figures figures = breaker_read(&breaker, 1500);
	assert_int_equal(figures.state, BREAKER_OPEN);
	assert_int_equal(figures.failures, 3);
	assert_in_range(figures.wait_ms, 500, 750);
	assert_int_equal(breaker_read(&breaker, 3000).wait_ms, 0);
	breaker_fini(&breaker);
}

static void
a_service_that_says_for_how_long_is_left_alone_so_long(void **state)
{
	struct breaker breaker;

	(void)state;
	breaker_init(&breaker, "test", 7);
	assert_int_equal(breaker_on_quota_for(&breaker, 10000, 30000), 40000);
	assert_true(breaker_is_open(&breaker, 39999));
	assert_false(breaker_is_open(&breaker, 40000));
	/* Not for less than ever, nor for hours. */
	assert_true(breaker_on_quota_for(&breaker, 10000, 1) >= 11000);
	assert_int_equal(breaker_on_quota_for(&breaker, 0, INT64_MAX), 10 * 60 * 1000);
	breaker_fini(&breaker);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(three_failures_in_a_row_open_it),
		cmocka_unit_test(one_trial_decides_and_the_others_wait),
		cmocka_unit_test(a_trial_that_is_lost_makes_room_for_another),
		cmocka_unit_test(each_opening_lasts_twice_as_long_up_to_a_minute),
		cmocka_unit_test(failures_of_calls_under_way_do_not_prolong_it),
		cmocka_unit_test(too_many_requests_is_a_pause_of_one_to_two_seconds),
		cmocka_unit_test(it_says_how_it_stands),
		cmocka_unit_test(states_have_names),
		cmocka_unit_test(a_service_that_says_for_how_long_is_left_alone_so_long),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
