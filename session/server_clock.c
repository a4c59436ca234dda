#include "session/server_clock.h"

#include <string.h>

#include "core/text.h"

enum { SECOND_MS = 1000, LEAK_MS = 1 };

void
server_clock_hear(
	struct server_clock *clock, int64_t date_ms, int64_t asked_ms, int64_t answered_ms)
{
	int64_t least_ms = date_ms - answered_ms;
	int64_t most_ms = date_ms + SECOND_MS - asked_ms;

	clock->lead_ms += LEAK_MS;
	if (!clock->known || most_ms < clock->lead_ms || least_ms > clock->lead_ms)
		clock->lead_ms = most_ms;
	clock->known = true;
}

int64_t
server_clock_to_ours(const struct server_clock *clock, int64_t server_ms, int64_t latest_ms)
{
	if (!clock->known || server_ms < 0 || server_ms - clock->lead_ms > latest_ms)
		return latest_ms;
	return server_ms - clock->lead_ms;
}

/* ---- dates ---- */

/* Exactly `digits` of them; -1 when they are not. */
static int64_t
number_at(const char *text, size_t digits)
{
	int64_t number = 0;

	for (size_t i = 0; i < digits; i++) {
		if (text[i] < '0' || text[i] > '9')
			return -1;
		number = number * 10 + (text[i] - '0');
	}
	return number;
}

/* Days since 1970-01-01 of the proleptic Gregorian calendar; months from 1. The year is
 * taken to begin in March, so that the leap day is its last. */
static int64_t
days_of(int64_t year, int64_t month, int64_t day)
{
	int64_t shifted = month > 2 ? year : year - 1;
	int64_t era = shifted / 400;
	int64_t year_of_era = shifted % 400;
	int64_t day_of_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;

	return era * 146097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 +
	       day_of_year - 719468;
}

static bool
join(int64_t *wall_ms, int64_t year, int64_t month, int64_t day, const char *time)
{
	int64_t hour = number_at(time, 2);
	int64_t minute = time[2] == ':' ? number_at(time + 3, 2) : -1;
	int64_t second = time[5] == ':' ? number_at(time + 6, 2) : -1;

	if (year < 1970 || month < 1 || month > 12 || day < 1 || day > 31 || hour < 0 ||
		hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 60)
		return false;
	*wall_ms = ((days_of(year, month, day) * 24 + hour) * 60 + minute) * 60000 +
		   second * SECOND_MS;
	return true;
}

bool
server_clock_parse_http(int64_t *wall_ms, const char *text)
{
	static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
	static const char form[] = "Sat, 21 Nov 2026 02:00:09 GMT";

	if (text == NULL || strlen(text) != sizeof form - 1 ||
		strncmp(text + 3, ", ", 2) != 0 || text[7] != ' ' || text[11] != ' ' ||
		strcmp(text + 25, " GMT") != 0)
		return false;
	for (size_t i = 0; i < 12; i++) {
		if (strncmp(text + 8, months + 3 * i, 3) == 0)
			return join(wall_ms, number_at(text + 12, 4), (int64_t)i + 1,
				number_at(text + 5, 2), text + 17);
	}
	return false;
}

bool
server_clock_parse_iso(int64_t *wall_ms, const char *text)
{
	static const char form[] = "2026-11-21T02:00:09";
	int64_t unit_ms = SECOND_MS / 10;

	if (text == NULL || strlen(text) < sizeof form - 1 || text[4] != '-' ||
		text[7] != '-' || text[10] != 'T' ||
		!join(wall_ms, number_at(text, 4), number_at(text + 5, 2),
			number_at(text + 8, 2), text + 11))
		return false;
	text += sizeof form - 1;
	if (*text == '.') {
		for (text++; *text >= '0' && *text <= '9'; text++, unit_ms /= 10)
			*wall_ms += (*text - '0') * unit_ms;
	}
	return text[0] == '\0' || strcmp(text, "Z") == 0;
}
