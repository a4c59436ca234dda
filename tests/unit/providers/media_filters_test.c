#include "providers/media_filters.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "core/json.h"

static void
add(struct media_list *list, const char *date, const char *genre)
{
	struct media *media = media_list_add(list);

	media->kind = MEDIA_ALBUM;
	media->title = xstrdup("x");
	assert_true(copy_text(media->release_date, sizeof media->release_date, date));
	if (genre != NULL) {
		media->genres = xcalloc(1, sizeof *media->genres);
		media->genres[0] = xstrdup(genre);
		media->genre_count = 1;
	}
}

static void
genres_and_years_come_once(void **state)
{
	struct media_list *list = media_list_new(4);
	const struct media *items[4];
	size_t size;

	(void)state;
	add(list, "2018-09-14", "Rock");
	add(list, "2018-01-01", "rock");
	add(list, "", "Folk");
	add(list, "1999", NULL);
	for (size_t i = 0; i < 4; i++)
		items[i] = &list->items[i];
	json_t *filters = media_filters_new(items, 4);
	char *text = json_dump_new(filters, &size);
	assert_string_equal(text, "{\"Genres\":[\"Rock\",\"Folk\"],\"Tags\":[],"
				  "\"OfficialRatings\":[],\"Years\":[2018,1999]}");
	xfree(text);
	json_decref(filters);
	filters = media_filters2_new(items, 4);
	json_t *genres = json_object_get(filters, "Genres");
	assert_int_equal(json_array_size(genres), 2);
	assert_int_equal(strlen(json_text(json_array_get(genres, 1), "Id")), 32);
	json_decref(filters);
	media_list_unref(list);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(genres_and_years_come_once),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
