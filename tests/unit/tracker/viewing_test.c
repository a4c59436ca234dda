#include "tracker/viewing.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))

#define MINUTE ((int64_t)60 * 1000)
#define HOUR   (60 * MINUTE)

/* Scenarios S8 and S9 of the facts. */
static void
a_viewing_goes_on_unless_it_is_old_watched_or_rewound(void **state)
{
	static const struct {
		struct viewing_last last;
		int64_t started_ms, position_ms;
		bool continues;
	} rows[] = {
		{ { 20 * MINUTE, 20 * MINUTE, false }, 200 * MINUTE, 20 * MINUTE, true },
		{ { 0, 40 * MINUTE, false }, 30 * HOUR, 40 * MINUTE, false },
		{ { 0, 40 * MINUTE, false }, 24 * HOUR - 1, 40 * MINUTE, true },
		{ { 0, 40 * MINUTE, false }, 24 * HOUR, 40 * MINUTE, false },
		{ { 0, 20 * MINUTE, false }, HOUR, 20 * MINUTE - 1000, false },
		{ { 0, 52 * MINUTE, true }, MINUTE, 52 * MINUTE, false },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++)
		assert_int_equal(viewing_continues(&rows[i].last, rows[i].started_ms,
					 rows[i].position_ms, VIEWING_WINDOW_MS),
			rows[i].continues);
}

/* Scenario S11. */
static void
it_is_watched_by_position_or_by_time(void **state)
{
	(void)state;
	assert_false(viewing_is_watched(8499, 8499, 10000));
	assert_true(viewing_is_watched(8500, 0, 10000));
	assert_true(viewing_is_watched(3000, 8500, 10000));
	assert_false(viewing_is_watched(8500, 8500, 0));
	assert_true(viewing_is_watched(52 * MINUTE, 0, 60 * MINUTE));
}

/* Scenario S10. */
static void
less_than_two_minutes_are_short(void **state)
{
	(void)state;
	assert_true(viewing_is_short(119999));
	assert_false(viewing_is_short(120000));
}

static void
what_was_not_played_counts_as_paused(void **state)
{
	static const struct {
		int64_t elapsed, paused, position, runtime, played, paused_in_all;
	} rows[] = {
		/* scenario S1 */
		{ 25 * MINUTE, 8 * MINUTE, 17 * MINUTE, HOUR, 17 * MINUTE, 8 * MINUTE },
		{ 25 * MINUTE, 8 * MINUTE, 16 * MINUTE, HOUR, 17 * MINUTE, 8 * MINUTE },
		/* silent for ten minutes after the last report */
		{ 30 * MINUTE, 0, 20 * MINUTE, HOUR, 21 * MINUTE, 9 * MINUTE },
		{ 30 * MINUTE, 0, 0, HOUR, 30 * MINUTE, 0 },
		{ 9 * MINUTE, MINUTE, 0, 4 * MINUTE, 5 * MINUTE, 4 * MINUTE },
		{ 30 * MINUTE, 0, 0, 0, 30 * MINUTE, 0 },
		/* a clock that went wrong */
		{ MINUTE, 2 * MINUTE, 0, 0, 0, 2 * MINUTE },
		{ -MINUTE, 0, 0, 0, 0, 0 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct viewing_time time = viewing_time_of(
			rows[i].elapsed, rows[i].paused, rows[i].position, rows[i].runtime);
		assert_int_equal(time.played_ms, rows[i].played);
		assert_int_equal(time.paused_ms, rows[i].paused_in_all);
	}
}

static void
an_item_is_in_the_tier_of_its_share(void **state)
{
	static const struct {
		int64_t played;
		const char *name;
	} rows[] = { { 0, "abandoned" }, { 199, "abandoned" }, { 200, "sampled" },
		{ 499, "sampled" }, { 500, "engaged" }, { 849, "engaged" },
		{ 850, "watched" }, { 1999, "watched" }, { 2000, "rewatched" },
		{ 90000, "rewatched" } };

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++)
		assert_string_equal(
			viewing_tier_name(viewing_tier_of(rows[i].played, 1000)),
			rows[i].name);
	assert_int_equal(viewing_tier_of(1000, 0), VIEWING_ABANDONED);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_viewing_goes_on_unless_it_is_old_watched_or_rewound),
		cmocka_unit_test(it_is_watched_by_position_or_by_time),
		cmocka_unit_test(less_than_two_minutes_are_short),
		cmocka_unit_test(what_was_not_played_counts_as_paused),
		cmocka_unit_test(an_item_is_in_the_tier_of_its_share),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
