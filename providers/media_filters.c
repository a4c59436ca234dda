#include "providers/media_filters.h"

#include <stdlib.h>

#include "core/json.h"
#include "providers/media_facts.h"

static bool
has_text(const json_t *texts, const char *text)
{
	const json_t *one;
	size_t i;

	json_array_foreach (texts, i, one) {
		if (text_equal_ci(json_string_value(one), text))
			return true;
	}
	return false;
}

static bool
has_number(const json_t *numbers, int64_t number)
{
	const json_t *one;
	size_t i;

	json_array_foreach (numbers, i, one) {
		if (json_integer_value(one) == number)
			return true;
	}
	return false;
}

/* The genres and years that occur, each once. */
static void
collect(const struct media *const *items, size_t count, json_t *genres, json_t *years)
{
	for (size_t i = 0; i < count; i++) {
		const struct media *child = items[i];
		int64_t year = strtol(child->release_date, NULL, 10);
		for (size_t j = 0; j < child->genre_count; j++) {
			if (!has_text(genres, child->genres[j]))
				json_array_append_new(
					genres, json_string(child->genres[j]));
		}
		if (year > 0 && !has_number(years, year))
			json_array_append_new(years, json_integer(year));
	}
}

static json_t *
named_genres_new(const json_t *genres)
{
	json_t *pairs = json_array();
	const json_t *genre;
	size_t i;

	json_array_foreach (genres, i, genre) {
		json_t *pair = json_object();
		json_put_text(pair, "Name", json_string_value(genre));
		media_facts_put_derived_id(pair, "Id", "genre", json_string_value(genre));
		json_array_append_new(pairs, pair);
	}
	return pairs;
}

json_t *
media_filters_new(const struct media *const *items, size_t count)
{
	json_t *answer = json_object(), *genres = json_array(), *years = json_array();

	collect(items, count, genres, years);
	json_put_new(answer, "Genres", genres);
	json_put_new(answer, "Tags", json_array());
	json_put_new(answer, "OfficialRatings", json_array());
	json_put_new(answer, "Years", years);
	return answer;
}

json_t *
media_filters2_new(const struct media *const *items, size_t count)
{
	json_t *answer = json_object(), *genres = json_array(), *years = json_array();

	collect(items, count, genres, years);
	json_put_new(answer, "Genres", named_genres_new(genres));
	json_put_new(answer, "Tags", json_array());
	json_decref(genres);
	json_decref(years);
	return answer;
}
