#include "proxy/user_data_body.h"

#include <stdio.h>
#include <string.h>

#include "core/json.h"
#include "session/server_clock.h"

enum { MINUTE_MS = 60 * 1000, LEGACY_DIGITS = 14 };

/* Longer than any date: seconds have seven digits at most, offsets six characters. */
enum { DATE_SIZE = 48 };

/* ---- dates ---- */

static bool
are_digits(const char *text, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (text[i] < '0' || text[i] > '9')
			return false;
	}
	return true;
}

/* "+02:00" at the end of `date` is cut off, and said in minutes. */
static bool
cut_offset(char *date, int64_t *minutes)
{
	size_t size = strlen(date);

	*minutes = 0;
	if (size < 7)
		return true;
	char *offset = date + size - 6;
	if ((offset[0] != '+' && offset[0] != '-') || offset[3] != ':')
		return true;
	if (!are_digits(offset + 1, 2) || !are_digits(offset + 4, 2))
		return false;
	*minutes = ((offset[1] - '0') * 10 + offset[2] - '0') * 60 +
		   (offset[4] - '0') * 10 + offset[5] - '0';
	if (offset[0] == '-')
		*minutes = -*minutes;
	offset[0] = '\0';
	return true;
}

bool
user_data_read_date(int64_t *wall_ms, const char *text)
{
	char date[DATE_SIZE];
	int64_t minutes = 0;

	if (strlen(text) == LEGACY_DIGITS && are_digits(text, LEGACY_DIGITS))
		snprintf(date, sizeof date, "%.4s-%.2s-%.2sT%.2s:%.2s:%.2s", text, text + 4,
			text + 6, text + 8, text + 10, text + 12);
	else if (!copy_text(date, sizeof date, text) || !cut_offset(date, &minutes))
		return false;
	/* A '+' of an address is a blank when nobody escaped it. */
	if (!server_clock_parse_iso(wall_ms, date))
		return false;
	*wall_ms -= minutes * MINUTE_MS;
	return *wall_ms > 0;
}

/* ---- the body ---- */

static bool
read_flag(const json_t *body, const char *name, bool *said, bool *flag)
{
	const json_t *value = json_member_ci(body, name);

	*said = json_is_boolean(value);
	*flag = json_is_true(value);
	return *said || value == NULL || json_is_null(value);
}

/* From 0 to `most`; what is below is 0. */
static bool
read_number(const json_t *body, const char *name, int64_t most, bool *said, int64_t *number)
{
	const json_t *value = json_member_ci(body, name);

	*said = false;
	if (value == NULL || json_is_null(value))
		return true;
	*number = json_value_int(value, INT64_MIN);
	*said = *number != INT64_MIN && *number <= most;
	if (*said && *number < 0)
		*number = 0;
	return *said;
}

static bool
read_rating(const json_t *body, struct user_item_set *set)
{
	const json_t *value = json_member_ci(body, "Rating");
	bool likes_said = false, likes = false;

	if (!read_flag(body, "Likes", &likes_said, &likes))
		return false;
	set->rating_said = likes_said;
	set->rating = likes ? 10 : 1;
	if (value == NULL || json_is_null(value))
		return true;
	set->rating_said = true;
	set->rating = json_number_value(value);
	return json_is_number(value) && set->rating >= 0 && set->rating <= 10;
}

static bool
read_date(const json_t *body, struct user_item_set *set)
{
	const json_t *value = json_member_ci(body, "LastPlayedDate");

	if (value == NULL || json_is_null(value))
		return true;
	set->date_said = true;
	return json_is_string(value) &&
	       user_data_read_date(&set->last_played_ms, json_string_value(value));
}

bool
user_data_read_body(struct user_item_set *set, const void *body, size_t size)
{
	json_t *json = json_parse_new(body, size);

	*set = (struct user_item_set){ 0 };
	bool good = json_is_object(json) &&
		    read_flag(json, "IsFavorite", &set->favourite_said, &set->favourite) &&
		    read_flag(json, "Played", &set->played_said, &set->played) &&
		    read_number(json, "PlayCount", INT32_MAX, &set->count_said,
			    &set->play_count) &&
		    read_number(json, "PlaybackPositionTicks", INT64_MAX,
			    &set->position_said, &set->position_ticks) &&
		    read_rating(json, set) && read_date(json, set);
	json_decref(json);
	return good;
}
