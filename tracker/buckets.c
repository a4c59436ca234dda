#include "tracker/buckets.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#define HOUR_MS ((int64_t)3600 * 1000)
#define DAY_MS  (24 * HOUR_MS)

enum { DAYS_A_WEEK = 7, MONTHS_A_YEAR = 12, FIRST_YEAR = 1900, LAST_YEAR = 9999 };

static int64_t
floor_to(int64_t value, int64_t step)
{
	int64_t rest = value % step;

	return value - (rest < 0 ? rest + step : rest);
}

static struct tm
calendar_of(int64_t wall_ms)
{
	time_t seconds = (time_t)(floor_to(wall_ms, 1000) / 1000);
	struct tm calendar;

	gmtime_r(&seconds, &calendar);
	return calendar;
}

static int64_t
month_wall_ms(int year, int month)
{
	struct tm calendar = { .tm_year = year, .tm_mon = month, .tm_mday = 1 };

	return (int64_t)timegm(&calendar) * 1000;
}

/* The buckets of a wall clock that never is put forward or back. */
static int64_t
wall_start(enum bucket_size size, int64_t wall_ms)
{
	struct tm calendar = calendar_of(wall_ms);

	switch (size) {
	case BUCKET_HOUR:
		return floor_to(wall_ms, HOUR_MS);
	case BUCKET_SIX_HOURS:
		return floor_to(wall_ms, 6 * HOUR_MS);
	case BUCKET_DAY:
		return floor_to(wall_ms, DAY_MS);
	case BUCKET_WEEK:
		return floor_to(wall_ms, DAY_MS) -
		       (calendar.tm_wday + DAYS_A_WEEK - 1) % DAYS_A_WEEK * DAY_MS;
	case BUCKET_MONTH:
		return month_wall_ms(calendar.tm_year, calendar.tm_mon);
	}
	return wall_ms;
}

static int64_t
wall_next(enum bucket_size size, int64_t wall_ms)
{
	struct tm calendar = calendar_of(wall_ms);

	switch (size) {
	case BUCKET_HOUR:
		return wall_ms + HOUR_MS;
	case BUCKET_SIX_HOURS:
		return wall_ms + 6 * HOUR_MS;
	case BUCKET_DAY:
		return wall_ms + DAY_MS;
	case BUCKET_WEEK:
		return wall_ms + DAYS_A_WEEK * DAY_MS;
	case BUCKET_MONTH:
		return month_wall_ms(calendar.tm_year, calendar.tm_mon + 1);
	}
	return wall_ms;
}

int64_t
bucket_start_ms(const struct zone *zone, enum bucket_size size, int64_t instant_ms)
{
	int64_t wall = wall_start(size, zone_wall_of(zone, instant_ms));
	int64_t start_ms = zone_instant_of(zone, wall);

	/* Put back over the boundary: what the clock shows again belongs to the bucket
	 * that had begun already. */
	int64_t next_ms = zone_instant_of(zone, wall_next(size, wall));
	return next_ms <= instant_ms ? next_ms : start_ms;
}

int64_t
bucket_end_ms(const struct zone *zone, enum bucket_size size, int64_t start_ms)
{
	int64_t wall = wall_start(size, zone_wall_of(zone, start_ms));
	int64_t end_ms = start_ms;

	/* A bucket that the clock skips whole is none. */
	while (end_ms <= start_ms) {
		wall = wall_next(size, wall);
		end_ms = zone_instant_of(zone, wall);
	}
	return end_ms;
}

int
bucket_weekday(const struct zone *zone, int64_t instant_ms)
{
	return calendar_of(zone_wall_of(zone, instant_ms)).tm_wday;
}

int
bucket_hour(const struct zone *zone, int64_t instant_ms)
{
	return calendar_of(zone_wall_of(zone, instant_ms)).tm_hour;
}

void
bucket_name(char name[BUCKET_NAME_SIZE], const struct zone *zone, int64_t instant_ms)
{
	struct tm calendar = calendar_of(zone_wall_of(zone, instant_ms));

	if (strftime(name, BUCKET_NAME_SIZE, "%Y-%m-%d %H:%M:%S", &calendar) == 0)
		name[0] = '\0'; /* a year of five digits */
}

/* Exactly "YYYY-MM-DD", a day that exists. */
static bool
parse_date(const char *date, struct tm *calendar)
{
	int year, month, day, end = 0;

	for (size_t i = 0; i < 10; i++) {
		bool dash = i == 4 || i == 7;
		if (dash ? date[i] != '-' : date[i] < '0' || date[i] > '9')
			return false;
	}
	if (sscanf(date, "%4d-%2d-%2d%n", &year, &month, &day, &end) != 3 ||
		date[end] != '\0' || year < FIRST_YEAR || year > LAST_YEAR)
		return false;
	*calendar =
		(struct tm){ .tm_year = year - 1900, .tm_mon = month - 1, .tm_mday = day };
	struct tm same = *calendar;
	timegm(&same);
	return same.tm_mon == month - 1 && same.tm_mday == day;
}

bool
bucket_day_of_date(
	const struct zone *zone, const char *date, int64_t *start_ms, int64_t *end_ms)
{
	struct tm calendar;

	if (!parse_date(date, &calendar))
		return false;
	int64_t wall = (int64_t)timegm(&calendar) * 1000;
	*start_ms = zone_instant_of(zone, wall);
	*end_ms = zone_instant_of(zone, wall + DAY_MS);
	return true;
}
