#include "providers/foreign.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "core/json.h"
#include "core/text.h"

enum { MAX_URL = 1024, MIN_YEAR = 1900, MAX_YEAR = 2199 };

char *
foreign_text_new(const json_t *json, const char *name)
{
	struct slice slice = slice_trim(slice_of(json_text(json, name)));

	return slice.size > 0 ? slice_dup(slice) : NULL;
}

int64_t
foreign_number(const json_t *json, const char *name, int64_t max)
{
	int64_t number = json_int(json, name, 0);

	return number > 0 && number <= max ? number : 0;
}

void
foreign_date(char to[FOREIGN_DATE], const char *text)
{
	static const unsigned days[] = { 31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
	uint64_t year, month, day;

	to[0] = '\0';
	if (text == NULL || strlen(text) < 10 || text[4] != '-' || text[7] != '-')
		return;
	if (!slice_to_u64((struct slice){ text, 4 }, &year) ||
		!slice_to_u64((struct slice){ text + 5, 2 }, &month) ||
		!slice_to_u64((struct slice){ text + 8, 2 }, &day))
		return;
	if (year == 0 || month < 1 || month > 12 || day < 1 || day > days[month - 1])
		return;
	bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
	if (month == 2 && day == 29 && !leap)
		return;
	memcpy(to, text, 10);
	to[10] = '\0';
}

void
foreign_date_of_seconds(char to[FOREIGN_DATE], int64_t seconds)
{
	time_t moment = (time_t)seconds;
	char text[40];
	struct tm day;

	to[0] = '\0';
	if (gmtime_r(&moment, &day) == NULL || day.tm_year + 1900 < MIN_YEAR ||
		day.tm_year + 1900 > MAX_YEAR)
		return;
	snprintf(text, sizeof text, "%04d-%02d-%02d", day.tm_year + 1900, day.tm_mon + 1,
		day.tm_mday);
	memcpy(to, text, FOREIGN_DATE);
}

bool
foreign_is_url(const char *text)
{
	struct slice url = slice_of(text);

	if (url.size > MAX_URL || (!slice_starts_with_ci(url, "http://") &&
					  !slice_starts_with_ci(url, "https://")))
		return false;
	for (size_t i = 0; i < url.size; i++) {
		if (url.data[i] <= ' ' || url.data[i] >= 127)
			return false;
	}
	return true;
}
