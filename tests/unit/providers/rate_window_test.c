#include "providers/rate_window.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

static void
places_are_free_up_to_the_limit_and_then_when_the_first_has_left(void **state)
{
	struct rate_window *window = rate_window_new(3, 1000);

	(void)state;
	assert_int_equal(rate_window_book(window, 0, 100, 9999), 100);
	assert_int_equal(rate_window_book(window, 0, 100, 9999), 100);
	assert_int_equal(rate_window_book(window, 0, 600, 9999), 600);
	assert_int_equal(rate_window_book(window, 0, 700, 9999), 1100);
	assert_int_equal(rate_window_book(window, 0, 700, 9999), 1100);
	assert_int_equal(rate_window_book(window, 0, 700, 9999), 1600);
	assert_int_equal(rate_window_book(window, 0, 700, 9999), 2100);
	assert_int_equal(rate_window_book(window, 0, 9000, 9999), 9000);
	rate_window_free(window);
	rate_window_free(NULL);
}

static void
beyond_the_deadline_nothing_is_booked(void **state)
{
	struct rate_window *window = rate_window_new(1, 1000);

	(void)state;
	assert_int_equal(rate_window_book(window, 0, 0, 0), 0);
	assert_int_equal(rate_window_book(window, 0, 10, 999), -1);
	assert_int_equal(rate_window_book(window, 0, 10, 1000), 1000);
	rate_window_free(window);
}

static void
spare_places_are_for_the_urgent(void **state)
{
	struct rate_window *window = rate_window_new(3, 1000);

	(void)state;
	assert_int_equal(rate_window_book(window, 1, 0, 0), 0);
	assert_int_equal(rate_window_book(window, 1, 100, 100), 100);
	assert_int_equal(rate_window_book(window, 1, 100, 999), -1);
	assert_int_equal(rate_window_book(window, 0, 100, 100), 100);
	assert_int_equal(rate_window_book(window, 0, 100, 999), -1);
	rate_window_free(window);
}

/* Whatever the order of asking, no stretch of the window holds more than the limit. */
static void
no_stretch_holds_more_than_the_limit(void **state)
{
	enum { LIMIT = 7, WINDOW_MS = 500, CALLS = 5000 };
	struct rate_window *window = rate_window_new(LIMIT, WINDOW_MS);
	int64_t at_ms[CALLS];
	int64_t now_ms = 0;
	unsigned seed = 12345;

	(void)state;
	for (size_t i = 0; i < CALLS; i++) {
		now_ms += rand_r(&seed) % 150;
		size_t spare = (size_t)rand_r(&seed) % 3;
		at_ms[i] = rate_window_book(window, spare, now_ms, INT64_MAX);
		assert_true(at_ms[i] >= now_ms);
		assert_true(i == 0 || at_ms[i] >= at_ms[i - 1]);
		assert_true(i < LIMIT || at_ms[i] - at_ms[i - LIMIT] >= WINDOW_MS);
	}
	rate_window_free(window);
}

static void *
book_many(void *arg)
{
	for (int i = 0; i < 2000; i++)
		assert_true(rate_window_book(arg, 0, 0, INT64_MAX) >= 0);
	return NULL;
}

static void
threads_share_it(void **state)
{
	struct rate_window *window = rate_window_new(10, 100);
	pthread_t threads[3];

	(void)state;
	for (size_t i = 0; i < COUNT_OF(threads); i++)
		assert_int_equal(pthread_create(&threads[i], NULL, book_many, window), 0);
	for (size_t i = 0; i < COUNT_OF(threads); i++)
		pthread_join(threads[i], NULL);
	assert_int_equal(rate_window_book(window, 0, 0, INT64_MAX), 6000 / 10 * 100);
	rate_window_free(window);
}

static void
it_says_how_much_is_used(void **state)
{
	struct rate_window *window = rate_window_new(3, 100);

	(void)state;
	assert_int_equal(rate_window_read(window, 1000).used, 0);
	for (int64_t at_ms = 1000; at_ms < 1003; at_ms++)
		assert_int_equal(rate_window_book(window, 0, at_ms, at_ms), at_ms);
	struct rate_window_figures figures = rate_window_read(window, 1050);
	assert_int_equal(figures.used, 3);
	assert_int_equal(figures.limit, 3);
	assert_int_equal(figures.window_ms, 100);
	assert_int_equal(rate_window_read(window, 1100).used, 2);
	assert_int_equal(rate_window_read(window, 1102).used, 0);
	rate_window_free(window);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			places_are_free_up_to_the_limit_and_then_when_the_first_has_left),
		cmocka_unit_test(beyond_the_deadline_nothing_is_booked),
		cmocka_unit_test(spare_places_are_for_the_urgent),
		cmocka_unit_test(no_stretch_holds_more_than_the_limit),
		cmocka_unit_test(it_says_how_much_is_used),
		cmocka_unit_test(threads_share_it),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
