#include "core/zone.h"

#include <ctype.h>
#include <glib.h>
#include <string.h>
#include <unistd.h>

#include "core/text.h"

enum {
	NAME_MOST = 64,
	SECOND_MS = 1000,
	/* Further than any wall clock is from UTC, nearer than two changes of it. */
	REACH_S = 36 * 3600,
	/* How far ahead a clock looks; two changes are never nearer than that. */
	AHEAD_S = 7 * 24 * 3600,
};

struct zone {
	GTimeZone *rules;
	char name[NAME_MOST];
};

/* "America/Argentina/San_Juan", "Etc/GMT+5": nothing that leaves the folder, and no
 * "+01:00" or "CET-1", which GLib would take as well. */
static bool
is_name(const char *name)
{
	size_t size = strlen(name);

	if (size == 0 || size >= NAME_MOST || !isalpha((unsigned char)name[0]))
		return false;
	for (size_t i = 0; i < size; i++) {
		if (!isalnum((unsigned char)name[i]) && strchr("/_+-", name[i]) == NULL)
			return false;
	}
	return true;
}

static bool
is_known(const char *name)
{
	char path[NAME_MOST + sizeof "/usr/share/zoneinfo/"];

	copy_text(path, sizeof path, "/usr/share/zoneinfo/");
	copy_text(path + strlen(path), sizeof path - strlen(path), name);
	return access(path, R_OK) == 0;
}

struct zone *
zone_new(const char *name)
{
	GTimeZone *rules = NULL;
	struct zone *zone = NULL;

	if (!is_name(name))
		return NULL;
	if (text_equal_ci(name, "UTC"))
		rules = g_time_zone_new_utc();
	else if (is_known(name))
		rules = g_time_zone_new_identifier(name);
	if (rules == NULL)
		return NULL;
	zone = xcalloc(1, sizeof *zone);
	zone->rules = rules;
	copy_text(zone->name, sizeof zone->name, name);
	return zone;
}

void
zone_free(struct zone *zone)
{
	if (zone == NULL)
		return;
	g_time_zone_unref(zone->rules);
	xfree(zone);
}

const char *
zone_name(const struct zone *zone)
{
	return zone->name;
}

static int64_t
offset_s(const struct zone *zone, int64_t instant_s)
{
	int interval =
		g_time_zone_find_interval(zone->rules, G_TIME_TYPE_UNIVERSAL, instant_s);

	return interval < 0 ? 0 : g_time_zone_get_offset(zone->rules, interval);
}

static int64_t
floor_s(int64_t ms)
{
	return ms >= 0 ? ms / SECOND_MS : -((-ms + SECOND_MS - 1) / SECOND_MS);
}

int64_t
zone_wall_of(const struct zone *zone, int64_t instant_ms)
{
	return instant_ms + offset_s(zone, floor_s(instant_ms)) * SECOND_MS;
}

/* The first second in (from, to] with another offset than `from`. */
static int64_t
change_between(const struct zone *zone, int64_t from, int64_t to)
{
	int64_t before = offset_s(zone, from);

	while (to - from > 1) {
		int64_t middle = from + (to - from) / 2;
		if (offset_s(zone, middle) == before)
			from = middle;
		else
			to = middle;
	}
	return to;
}

int64_t
zone_instant_of(const struct zone *zone, int64_t wall_ms)
{
	int64_t wall_s = floor_s(wall_ms);
	int64_t from = wall_s - REACH_S, to = wall_s + REACH_S;
	int64_t before = offset_s(zone, from), after = offset_s(zone, to);

	if (before == after)
		return wall_ms - before * SECOND_MS;
	int64_t change_ms = change_between(zone, from, to) * SECOND_MS;
	int64_t first = wall_ms - before * SECOND_MS;
	int64_t second = wall_ms - after * SECOND_MS;
	if (first < change_ms)
		return first;
	return second >= change_ms ? second : change_ms;
}

void
zone_clock_renew(struct zone_clock *clock, int64_t instant_ms)
{
	int64_t from_s = floor_s(instant_ms), until_s = from_s + AHEAD_S;
	int64_t offset = offset_s(clock->zone, from_s);

	if (offset_s(clock->zone, until_s) != offset)
		until_s = change_between(clock->zone, from_s, until_s);
	clock->from_ms = from_s * SECOND_MS;
	clock->until_ms = until_s * SECOND_MS;
	clock->offset_ms = offset * SECOND_MS;
}
