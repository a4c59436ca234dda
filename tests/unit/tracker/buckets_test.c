#include "tracker/buckets.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))

#define MINUTE_MS ((int64_t)60 * 1000)
#define HOUR_MS   (60 * MINUTE_MS)

static struct zone *
zone_of(const char *name)
{
	struct zone *zone = zone_new(name);

	assert_non_null(zone);
	return zone;
}

/* "2026-03-29T01:30:00" in UTC. */
static int64_t
at(const char *text)
{
	struct tm calendar = { 0 };

	assert_non_null(strptime(text, "%Y-%m-%dT%H:%M:%S", &calendar));
	return (int64_t)timegm(&calendar) * 1000;
}

static void
only_names_of_zones_are_taken(void **state)
{
	static const char *const wrong[] = { "", "Mars/X", "+01:00", "CET-1",
		"../etc/passwd", "/etc/localtime", "Europe/../Europe/Berlin", "Europe",
		"europe berlin", "Europe/Berlin\n", "AAA3",
		"Aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
		"a" };

	(void)state;
	for (size_t i = 0; i < COUNT_OF(wrong); i++) {
		struct zone *zone = zone_new(wrong[i]);
		if (zone != NULL)
			fail_msg("%s was taken", wrong[i]);
	}
	struct zone *zone = zone_of("UTC");
	assert_string_equal(zone_name(zone), "UTC");
	zone_free(zone);
}

struct row {
	const char *zone, *instant;
	enum bucket_size size;
	const char *name;
	int weekday, hour;
};

/* Scenarios S24 and S26 of the facts, and what else is rare. */
static const struct row rows[] = {
	{ "Europe/Berlin", "2026-03-28T22:59:59", BUCKET_DAY, "2026-03-28 00:00:00", 6,
		23 },
	{ "Europe/Berlin", "2026-03-28T22:59:59", BUCKET_SIX_HOURS, "2026-03-28 18:00:00",
		6, 23 },
	{ "Europe/Berlin", "2026-03-28T23:00:00", BUCKET_DAY, "2026-03-29 00:00:00", 0, 0 },
	{ "Europe/Berlin", "2026-03-29T00:30:00", BUCKET_HOUR, "2026-03-29 01:00:00", 0,
		1 },
	{ "Europe/Berlin", "2026-03-29T01:30:00", BUCKET_HOUR, "2026-03-29 03:00:00", 0,
		3 },
	{ "Europe/Berlin", "2026-03-29T04:30:00", BUCKET_SIX_HOURS, "2026-03-29 06:00:00",
		0, 6 },
	{ "Europe/Berlin", "2026-10-25T00:30:00", BUCKET_HOUR, "2026-10-25 02:00:00", 0,
		2 },
	{ "Europe/Berlin", "2026-10-25T01:30:00", BUCKET_HOUR, "2026-10-25 02:00:00", 0,
		2 },
	{ "Europe/Berlin", "2026-10-25T01:30:00", BUCKET_WEEK, "2026-10-19 00:00:00", 0,
		2 },
	{ "Europe/Berlin", "2026-12-31T23:30:00", BUCKET_MONTH, "2027-01-01 00:00:00", 5,
		0 },
	{ "America/New_York", "2026-02-08T04:30:00", BUCKET_SIX_HOURS,
		"2026-02-07 18:00:00", 6, 23 },
	{ "UTC", "2026-02-08T04:30:00", BUCKET_DAY, "2026-02-08 00:00:00", 0, 4 },
	{ "Asia/Kathmandu", "2026-11-21T18:10:00", BUCKET_DAY, "2026-11-21 00:00:00", 6,
		23 },
	{ "Asia/Kathmandu", "2026-11-21T18:20:00", BUCKET_DAY, "2026-11-22 00:00:00", 0,
		0 },
	{ "Australia/Lord_Howe", "2026-04-04T14:45:00", BUCKET_HOUR, "2026-04-05 01:00:00",
		0, 1 },
	{ "Australia/Lord_Howe", "2026-04-04T15:15:00", BUCKET_HOUR, "2026-04-05 01:00:00",
		0, 1 },
	{ "Australia/Lord_Howe", "2026-04-04T15:30:00", BUCKET_HOUR, "2026-04-05 02:00:00",
		0, 2 },
	{ "America/Sao_Paulo", "2026-01-01T02:59:59", BUCKET_MONTH, "2025-12-01 00:00:00",
		3, 23 },
	/* At midnight the clock is put back to 23:00: the old day goes on. */
	{ "America/Santiago", "2026-04-05T03:30:00", BUCKET_DAY, "2026-04-04 00:00:00", 6,
		23 },
	{ "America/Santiago", "2026-04-05T04:00:00", BUCKET_DAY, "2026-04-05 00:00:00", 0,
		0 },
	/* The day from which midnight is missing begins at one o'clock. */
	{ "America/Santiago", "2026-09-06T04:00:00", BUCKET_DAY, "2026-09-06 01:00:00", 0,
		1 },
	/* The whole 30th was left out. */
	{ "Pacific/Apia", "2011-12-30T10:00:00", BUCKET_DAY, "2011-12-31 00:00:00", 6, 0 },
};

static void
an_instant_is_in_the_bucket_of_its_wall_clock(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		const struct row *row = &rows[i];
		struct zone *zone = zone_of(row->zone);
		int64_t instant_ms = at(row->instant);
		char name[BUCKET_NAME_SIZE];

		bucket_name(name, zone, bucket_start_ms(zone, row->size, instant_ms));
		if (strcmp(name, row->name) != 0)
			fail_msg("%s %s: %s instead of %s", row->zone, row->instant, name,
				row->name);
		assert_int_equal(bucket_weekday(zone, instant_ms), row->weekday);
		assert_int_equal(bucket_hour(zone, instant_ms), row->hour);
		zone_free(zone);
	}
}

static const char *const zones[] = { "Europe/Berlin", "America/New_York", "Asia/Kathmandu",
	"Australia/Lord_Howe", "America/Sao_Paulo", "UTC", "America/Santiago",
	"America/Havana", "Atlantic/Azores", "Africa/Casablanca", "Pacific/Kiritimati",
	"Pacific/Marquesas", "Africa/Cairo", "America/Nuuk" };

static const enum bucket_size sizes[] = { BUCKET_HOUR, BUCKET_SIX_HOURS, BUCKET_DAY,
	BUCKET_WEEK, BUCKET_MONTH };

/* Walks from bucket to bucket over the year and asks at many instants of each. */
static void
walk(const struct zone *zone, enum bucket_size size)
{
	int64_t end_ms = at("2027-01-02T00:00:00");
	int64_t start_ms = bucket_start_ms(zone, size, at("2025-12-31T00:00:00"));

	while (start_ms < end_ms) {
		int64_t next_ms = bucket_end_ms(zone, size, start_ms);
		assert_true(next_ms > start_ms);
		int64_t step_ms = size == BUCKET_HOUR ? 13 * MINUTE_MS : 5 * HOUR_MS + 7;
		for (int64_t i = start_ms; i < next_ms; i += step_ms)
			assert_true(bucket_start_ms(zone, size, i) == start_ms);
		assert_true(bucket_start_ms(zone, size, next_ms - 1) == start_ms);
		assert_true(bucket_start_ms(zone, size, next_ms) == next_ms);
		start_ms = next_ms;
	}
}

static void
the_buckets_of_a_year_partition_it_in_every_zone(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(zones); i++) {
		struct zone *zone = zone_of(zones[i]);
		for (size_t j = 0; j < COUNT_OF(sizes); j++)
			walk(zone, sizes[j]);
		zone_free(zone);
	}
}

static void
a_day_is_as_long_as_its_wall_clock_says(void **state)
{
	struct zone *zone = zone_of("Europe/Berlin");
	int64_t start_ms, end_ms;

	(void)state;
	assert_true(bucket_day_of_date(zone, "2026-03-29", &start_ms, &end_ms));
	assert_true(start_ms == at("2026-03-28T23:00:00"));
	assert_true(end_ms == at("2026-03-29T22:00:00"));
	assert_true(bucket_day_of_date(zone, "2026-10-25", &start_ms, &end_ms));
	assert_true(end_ms - start_ms == 25 * HOUR_MS);
	zone_free(zone);
	zone = zone_of("America/New_York");
	assert_true(bucket_day_of_date(zone, "2026-02-07", &start_ms, &end_ms));
	assert_true(start_ms == at("2026-02-07T05:00:00"));
	zone_free(zone);
}

static void
what_is_no_date_is_refused(void **state)
{
	static const char *const wrong[] = { "", "2026", "2026-02-30", "2026-13-01",
		"2026-00-10", "2026-01-00", "2026-1-01", "2026-01-01 ", "2026-01-01T00:00",
		"20260101", "yesterday", "+026-01-01", "2026-01-0x", "1000-01-01" };
	struct zone *zone = zone_of("UTC");
	int64_t start_ms, end_ms;

	(void)state;
	for (size_t i = 0; i < COUNT_OF(wrong); i++) {
		if (bucket_day_of_date(zone, wrong[i], &start_ms, &end_ms))
			fail_msg("%s was taken", wrong[i]);
	}
	assert_true(bucket_day_of_date(zone, "2028-02-29", &start_ms, &end_ms));
	zone_free(zone);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_names_of_zones_are_taken),
		cmocka_unit_test(an_instant_is_in_the_bucket_of_its_wall_clock),
		cmocka_unit_test(the_buckets_of_a_year_partition_it_in_every_zone),
		cmocka_unit_test(a_day_is_as_long_as_its_wall_clock_says),
		cmocka_unit_test(what_is_no_date_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
