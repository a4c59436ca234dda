#include "tracker/activity.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "core/sql.h"
#include "tracker/history_store.h"
#include "tracker/viewing.h"

#define MINUTE ((int64_t)60 * 1000)
#define HOUR   (60 * MINUTE)
#define DAY    (24 * HOUR)

static char no_details[] = "{}";

struct fixture {
	sqlite3 *database;
	struct ledger *ledger;
	struct ledger_columns columns;
	struct zone *zone;
	struct activity *activity;
};

static int
set_up(void **state)
{
	struct fixture *fixture = xcalloc(1, sizeof *fixture);

	assert_int_equal(sqlite3_open(":memory:", &fixture->database), SQLITE_OK);
	for (size_t i = 0; i < history_migration_count; i++)
		assert_int_equal(sqlite3_exec(fixture->database, history_migrations[i].sql,
					 NULL, NULL, NULL),
			SQLITE_OK);
	fixture->ledger = ledger_new();
	*state = fixture;
	return 0;
}

static int
tear_down(void **state)
{
	struct fixture *fixture = *state;

	activity_free(fixture->activity);
	zone_free(fixture->zone);
	ledger_free(fixture->ledger);
	assert_int_equal(sqlite3_close(fixture->database), SQLITE_OK);
	xfree(fixture);
	return 0;
}

static int64_t
at(const char *text)
{
	struct tm calendar = { 0 };

	assert_non_null(strptime(text, "%Y-%m-%dT%H:%M:%S", &calendar));
	return (int64_t)timegm(&calendar) * 1000;
}

/* One play of a film; `number` says which film, user and device it is. */
struct sitting {
	int number;
	int64_t started_ms, length_ms;
	enum peak_category category;
	const char *client;
};

static void
put(struct fixture *fixture, const struct sitting *sitting)
{
	static const struct history_rules rules = { .window_ms = VIEWING_WINDOW_MS };
	struct segment segment = { .kind = SEGMENT_MOVIE,
		.started_ms = sitting->started_ms,
		.stopped_ms = sitting->started_ms + sitting->length_ms,
		.played_ms = sitting->length_ms,
		.category = (int)sitting->category,
		.details = no_details };

	snprintf(segment.key.device_id, sizeof segment.key.device_id, "d%d",
		sitting->number);
	snprintf(segment.item.id, sizeof segment.item.id, "i%d", sitting->number);
	copy_text(segment.key.user_id, sizeof segment.key.user_id, "alice");
	copy_text(segment.key.client, sizeof segment.key.client, sitting->client);
	copy_text(segment.item.type, sizeof segment.item.type, "Movie");
	assert_true(history_store_write(fixture->database, &segment, &rules));
}

static const struct activity *
ask(struct fixture *fixture, const char *zone, enum bucket_size size, int64_t from_ms,
	int64_t to_ms)
{
	fixture->zone = zone_new(zone);
	assert_non_null(fixture->zone);
	const struct activity_question question = { .from_ms = from_ms,
		.to_ms = to_ms,
		.zone = fixture->zone,
		.size = size,
		.kinds = 1u << SEGMENT_MOVIE };
	assert_true(ledger_open(fixture->ledger, fixture->database, &fixture->columns));
	fixture->activity = activity_new(&question, fixture->ledger, &fixture->columns);
	ledger_close(fixture->ledger);
	return fixture->activity;
}

static void
a_day_has_its_plays_and_its_peak(void **state)
{
	struct fixture *fixture = *state;
	int64_t day = at("2026-03-10T00:00:00");
	const struct sitting sittings[] = {
		{ 1, day + 10 * HOUR, HOUR, PEAK_DIRECT, "Swiftfin" },
		{ 2, day + 10 * HOUR + 30 * MINUTE, 90 * MINUTE, PEAK_TRANSCODE,
			"Swiftfin" },
		{ 3, day + 11 * HOUR, 2 * HOUR, PEAK_DIRECT_STREAM, "Android TV" },
		{ 4, day + 10 * HOUR + 45 * MINUTE, 5 * MINUTE, PEAK_DIRECT, "Swiftfin" },
	};

	for (size_t i = 0; i < COUNT_OF(sittings); i++)
		put(fixture, &sittings[i]);
	const struct activity *activity = ask(fixture, "UTC", BUCKET_DAY, day, day + DAY);
	assert_int_equal(activity->bucket_count, 1);
	assert_int_equal(activity->plays[0], 4);
	assert_int_equal(activity->peaks[0].total, 3);
	assert_int_equal(activity->peaks[0].of[PEAK_DIRECT], 2);
	assert_int_equal(activity->peaks[0].of[PEAK_TRANSCODE], 1);
	assert_int_equal(activity->quality[PEAK_DIRECT], 2);
	assert_int_equal(activity->weekdays[2], 4); /* a Tuesday */
	assert_int_equal(activity->hours[10], 3);
	assert_int_equal(activity->platform_count, 2);
	assert_int_equal(activity->platforms[0].count, 3);
}

/* Scenario S10: short ones are no plays, but they have a platform and a quality. */
static void
short_ones_are_no_plays(void **state)
{
	struct fixture *fixture = *state;
	int64_t day = at("2026-03-10T00:00:00");
	const struct sitting sittings[] = {
		{ 1, day, 2 * MINUTE - 1, PEAK_DIRECT, "Kodi" },
		{ 2, day, 2 * MINUTE, PEAK_DIRECT, "Kodi" },
	};

	put(fixture, &sittings[0]);
	put(fixture, &sittings[1]);
	const struct activity *activity = ask(fixture, "UTC", BUCKET_DAY, day, day + DAY);
	assert_int_equal(activity->plays[0], 1);
	assert_int_equal(activity->platforms[0].count, 2);
	assert_int_equal(activity->quality[PEAK_DIRECT], 2);
}

static void
a_viewing_over_midnight_counts_once_on_each_day(void **state)
{
	struct fixture *fixture = *state;
	int64_t day = at("2026-03-10T00:00:00");
	const struct sitting sittings[] = {
		{ 1, day + 20 * HOUR, HOUR, PEAK_DIRECT, "Kodi" },
		{ 1, day + 22 * HOUR, HOUR, PEAK_DIRECT, "Kodi" },
		{ 1, day + 26 * HOUR, HOUR, PEAK_TRANSCODE, "Kodi" },
	};

	for (size_t i = 0; i < COUNT_OF(sittings); i++)
		put(fixture, &sittings[i]);
	const struct activity *activity =
		ask(fixture, "UTC", BUCKET_DAY, day, day + 2 * DAY);
	assert_int_equal(activity->plays[0], 1);
	assert_int_equal(activity->plays[1], 1);
	assert_int_equal(activity->platforms[0].count, 1);
	assert_int_equal(activity->quality[PEAK_DIRECT], 1);
	assert_int_equal(activity->quality[PEAK_TRANSCODE], 1);
}

static void
nothing_is_zeroes(void **state)
{
	const struct activity *activity = ask(*state, "Europe/Berlin", BUCKET_SIX_HOURS,
		at("2026-03-03T14:30:00"), at("2026-03-10T14:30:00"));

	assert_int_equal(activity->bucket_count, 29);
	for (size_t i = 0; i < activity->bucket_count; i++)
		assert_int_equal(activity->plays[i], 0);
	assert_int_equal(activity->platform_count, 0);
}

/* Scenario S30. */
static void
percents_are_rounded(void **state)
{
	(void)state;
	assert_int_equal(activity_percent(1, 3), 33);
	assert_int_equal(activity_percent(2, 3), 67);
	assert_int_equal(activity_percent(1, 2), 50);
	assert_int_equal(activity_percent(0, 0), 0);
}

/* ---- against the obvious way ---- */

enum { SITTINGS = 400 };

/* Plays of the bucket: distinct films with a sitting of two minutes that begins there, or,
 * when a film was begun anew meanwhile, of that viewing. */
static int64_t
slow_plays(struct fixture *fixture, int64_t from_ms, int64_t to_ms)
{
	int64_t count = -1;

	assert_true(sql_get_int(fixture->database,
		"SELECT count(DISTINCT viewing) FROM segments WHERE started_ms >= ?1 AND "
		"started_ms < ?2 AND played_ms >= 120000",
		SQL_VALUES(SQL_INT(from_ms), SQL_INT(to_ms)), &count));
	return count;
}

static int
compare_sittings(const void *left, const void *right)
{
	const struct sitting *a = left, *b = right;

	return a->started_ms < b->started_ms ? -1 : a->started_ms > b->started_ms;
}

static void
put_random(struct fixture *fixture, int64_t from_ms, int64_t to_ms)
{
	struct sitting sittings[SITTINGS];

	for (int i = 0; i < SITTINGS; i++)
		sittings[i] = (struct sitting){ .number = rand() % 12,
			.started_ms = from_ms + (int64_t)((double)rand() / RAND_MAX *
							  (double)(to_ms - from_ms)),
			.length_ms = rand() % (6 * MINUTE),
			.category = (enum peak_category)(rand() % PEAK_CATEGORIES),
			.client = "Kodi" };
	qsort(sittings, SITTINGS, sizeof sittings[0], compare_sittings);
	for (int i = 0; i < SITTINGS; i++)
		put(fixture, &sittings[i]);
}

static void
the_buckets_of_a_year_add_up_in_every_zone(void **state)
{
	static const char *const zones[] = { "Europe/Berlin", "America/New_York",
		"Asia/Kathmandu", "Australia/Lord_Howe", "America/Sao_Paulo" };
	struct fixture *fixture = *state;
	int64_t from_ms = at("2026-01-01T00:00:00"), to_ms = at("2027-01-01T00:00:00");

	srand(11);
	put_random(fixture, from_ms, to_ms);
	for (size_t i = 0; i < COUNT_OF(zones); i++) {
		const struct activity *activity =
			ask(fixture, zones[i], BUCKET_SIX_HOURS, from_ms, to_ms);
		assert_true(activity->bounds[0] == from_ms);
		assert_true(activity->bounds[activity->bucket_count] == to_ms);
		for (size_t j = 0; j < activity->bucket_count; j++)
			assert_int_equal(
				activity->plays[j], slow_plays(fixture, activity->bounds[j],
							    activity->bounds[j + 1]));
		activity_free(fixture->activity);
		zone_free(fixture->zone);
		fixture->activity = NULL;
		fixture->zone = NULL;
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_day_has_its_plays_and_its_peak),
		TEST(short_ones_are_no_plays),
		TEST(a_viewing_over_midnight_counts_once_on_each_day),
		TEST(nothing_is_zeroes),
		TEST(percents_are_rounded),
		TEST(the_buckets_of_a_year_add_up_in_every_zone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
