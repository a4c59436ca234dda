#include "providers/media.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/* A list of an album and two songs that know their picture only by its key. */
static struct media_list *
album_with_songs(const char *album_key, const char *song_key)
{
	struct media_list *list = media_list_new(2);
	struct media *album = media_list_add(list);

	album->kind = MEDIA_ALBUM;
	album->title = xstrdup("Rails");
	album->image_key = xstrdup_or_null(album_key);
	album->image_base = xstrdup_or_null(album_key != NULL ? "http://mirror/a" : NULL);
	struct media *song = media_list_add(list);
	song->kind = MEDIA_SONG;
	song->title = xstrdup("Sleepers");
	song->image_key = xstrdup_or_null(song_key);
	song->image_base = xstrdup_or_null(song_key != NULL ? "http://guessed/s" : NULL);
	media_set_album(song, &list->items[0]);
	return list;
}

static void
a_song_shows_the_picture_where_its_album_says_it_is(void **state)
{
	static const struct {
		const char *album, *song;
		const char *base;
	} rows[] = {
		{ "abc", NULL, "http://mirror/a" },
		{ "abc", "abc", "http://mirror/a" },
		{ "abc", "def", "http://guessed/s" }, /* one of its own */
		{ NULL, "def", "http://guessed/s" },
		{ NULL, NULL, NULL },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct media_list *list = album_with_songs(rows[i].album, rows[i].song);
		const char *base = list->items[1].image_base;
		if (rows[i].base == NULL)
			assert_null(base);
		else
			assert_string_equal(base, rows[i].base);
		assert_string_equal(list->items[1].album_title, "Rails");
		media_list_unref(list);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_song_shows_the_picture_where_its_album_says_it_is),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
