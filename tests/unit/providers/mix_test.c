#include "providers/mix.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

static void
add(struct media_list *list, const char *key, const char *title, const char *artist)
{
	struct media *song = media_list_add(list);
	struct external_id id = { .provider = PROVIDER_DEEZER, .kind = MEDIA_ARTIST };

	song->kind = MEDIA_SONG;
	song->readable = true;
	song->id = (struct external_id){ .provider = PROVIDER_DEEZER, .kind = MEDIA_SONG };
	assert_true(copy_text(song->id.key, sizeof song->id.key, key));
	song->title = xstrdup(title);
	snprintf(id.key, sizeof id.key, "%d", (int)artist[0]);
	media_add_artist(song, &id, artist);
}

/* Songs first … first + count - 1. */
static struct media_list *
list_new(int first, int count)
{
	struct media_list *list = media_list_new(8);
	char key[16], title[32];

	for (int i = first; i < first + count; i++) {
		snprintf(key, sizeof key, "%d", i);
		snprintf(title, sizeof title, "song %d", i);
		add(list, key, title, i % 2 == 0 ? "even" : "odd");
	}
	return list;
}

/* Their keys, blank after each. */
static char *
keys_of(const struct media **songs, size_t count)
{
	struct text text;

	text_init(&text);
	for (size_t i = 0; i < count; i++)
		text_addf(&text, "%s ", songs[i]->id.key);
	return text_take(&text);
}

static void
expect(const struct mix_wish *wish, struct media_list *const *lists, size_t count,
	const char *wanted)
{
	const struct media *songs[64];
	char *keys = keys_of(songs, mix_take_turns(songs, wish, lists, count));

	assert_string_equal(keys, wanted);
	xfree(keys);
}

static void
lists_take_turns_and_nothing_comes_twice(void **state)
{
	struct media_list *lists[] = { list_new(1, 3), NULL, list_new(3, 4),
		media_list_new(0) };
	struct mix_wish wish = { .kind = MEDIA_SONG, .most = 64 };

	(void)state;
	expect(&wish, lists, 4, "1 3 2 4 5 6 ");
	wish.most = 3;
	expect(&wish, lists, 4, "1 3 2 ");
	wish.most = 0;
	expect(&wish, lists, 4, "");
	for (size_t i = 0; i < 4; i++)
		media_list_unref(lists[i]);
}

static void
a_double_is_told_by_title_and_artist_and_by_its_recording(void **state)
{
	struct media_list *list = media_list_new(8);
	struct mix_wish wish = { .kind = MEDIA_SONG, .most = 64 };

	(void)state;
	add(list, "1", "One Song", "A");
	add(list, "2", "one song (Remastered)", "a");
	add(list, "3", "One Song", "B");
	add(list, "4", "One Song (Live)", "A");
	add(list, "5", "Another name", "A");
	list->items[2].isrc = xstrdup("X1");
	list->items[4].isrc = xstrdup("x1");
	expect(&wish, &list, 1, "1 3 4 ");
	media_list_unref(list);
}

static void
what_is_unwanted_is_left_out(void **state)
{
	struct media_list *list = list_new(1, 6);
	struct mix_wish wish = { .kind = MEDIA_SONG, .most = 64 };

	(void)state;
	list->items[0].readable = false;
	list->items[1].kind = MEDIA_ALBUM;
	wish.without = &list->items[2].id;
	expect(&wish, &list, 1, "4 5 6 ");
	wish.without_artists = &list->items[3].artists[0].id;
	wish.without_artist_count = 1;
	expect(&wish, &list, 1, "5 ");
	wish.first = &list->items[2];
	expect(&wish, &list, 1, "3 5 ");
	media_list_unref(list);
}

static void
a_seed_shuffles_and_the_same_seed_alike(void **state)
{
	struct media_list *list = list_new(1, 40);
	const struct media *songs[64];
	struct mix_wish wish = { .kind = MEDIA_SONG, .most = 64 };
	char *keys[4];

	(void)state;
	for (uint64_t i = 0; i < 4; i++) {
		wish.seed = i == 3 ? 2 : i;
		size_t count = mix_take_turns(songs, &wish, &list, 1);
		assert_int_equal(count, 40);
		keys[i] = keys_of(songs, count);
	}
	assert_string_not_equal(keys[0], keys[1]);
	assert_string_not_equal(keys[1], keys[2]);
	assert_string_equal(keys[2], keys[3]);
	for (size_t i = 0; i < 4; i++)
		xfree(keys[i]);
	media_list_unref(list);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lists_take_turns_and_nothing_comes_twice),
		cmocka_unit_test(a_double_is_told_by_title_and_artist_and_by_its_recording),
		cmocka_unit_test(what_is_unwanted_is_left_out),
		cmocka_unit_test(a_seed_shuffles_and_the_same_seed_alike),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
