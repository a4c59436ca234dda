#include "providers/search_merge.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/json.h"

/* ---- places ---- */

static void
every_third_place_is_external_while_both_last(void **state)
{
	static const struct {
		struct merge_plan plan;
		const char *order; /* l and e */
	} rows[] = {
		{ { 0, 0, 3 }, "" },
		{ { 3, 0, 3 }, "lll" },
		{ { 0, 3, 3 }, "eee" },
		{ { 4, 2, 3 }, "llelle" },
		{ { 5, 2, 3 }, "llellel" },
		{ { 7, 1, 3 }, "llelllll" },
		{ { 1, 3, 3 }, "leee" },
		{ { 3, 4, 3 }, "lleleee" },
		{ { 2, 5, 3 }, "lleeeee" },
		{ { 3, 3, 2 }, "lelele" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		const struct merge_plan *plan = &rows[i].plan;
		assert_int_equal(merge_total(plan), strlen(rows[i].order));
		for (int64_t place = 0; place < merge_total(plan); place++)
			assert_int_equal(merge_at(plan, place).external,
				rows[i].order[place] == 'e');
	}
}

/* Over all plans up to 13 + 13 with shares of 2 to 5. */
static void
each_item_has_one_place_and_keeps_its_order(void **state)
{
	(void)state;
	for (int n = 0; n < 14 * 14 * 4; n++) {
		struct merge_plan plan = { n % 14, n / 14 % 14, 2 + n / 196 };
		size_t local = 0, external = 0;
		for (int64_t place = 0; place < merge_total(&plan); place++) {
			struct merge_slot slot = merge_at(&plan, place);
			assert_int_equal(merge_local_before(&plan, place), local);
			assert_int_equal(slot.index, slot.external ? external++ : local++);
		}
		assert_int_equal(local, plan.local_total);
		assert_int_equal(external, plan.external_total);
	}
}

static void
pages_join_to_the_whole_list_without_doubles(void **state)
{
	(void)state;
	for (int n = 0; n < 14 * 14 * 4; n++) {
		struct merge_plan plan = { n % 14, n / 14 % 14, 2 + n / 196 };
		for (int64_t limit = 1; limit < 8; limit++) {
			int64_t local = 0, external = 0, start = 0;
			for (;;) {
				struct merge_page page = merge_page(&plan, start, limit);
				assert_true(page.count <= limit);
				assert_int_equal(page.start, start);
				assert_int_equal(page.local_start, local);
				assert_int_equal(page.external_start, external);
				local += page.local_count;
				external += page.external_count;
				start += page.count;
				if (page.count == 0)
					break;
			}
			assert_int_equal(start, merge_total(&plan));
			assert_int_equal(local, plan.local_total);
			assert_int_equal(external, plan.external_total);
		}
	}
}

static void
a_page_beyond_the_end_is_empty_and_one_without_limit_is_all(void **state)
{
	struct merge_plan plan = { 10, 5, 3 };

	(void)state;
	assert_int_equal(merge_page(&plan, 99, 10).count, 0);
	assert_int_equal(merge_page(&plan, 0, -1).count, 15);
	assert_int_equal(merge_page(&plan, -5, 3).start, 0);
	assert_int_equal(merge_page(&plan, 0, 0).count, 0);
	assert_int_equal(merge_page(&plan, 4, INT64_MAX).count, 11);
}

/* ---- doubles ---- */

static struct media_list *
list_of(enum media_kind kind, const char *key, const char *title, const char *artist)
{
	struct media_list *list = media_list_new(1);
	struct media *media = media_list_add(list);
	struct external_id nobody = {
		.provider = PROVIDER_DEEZER, .kind = MEDIA_ARTIST, .key = "27"
	};

	media->kind = kind;
	media->id = (struct external_id){ .provider = PROVIDER_DEEZER, .kind = kind };
	assert_true(copy_text(media->id.key, sizeof media->id.key, key));
	media->title = xstrdup(title);
	if (artist != NULL)
		media_add_artist(media, &nobody, artist);
	media->main_artist_count = media->artist_count;
	return list;
}

static bool
is_local(const struct merge_locals *locals, const struct media *media,
	const struct media_list *externals)
{
	struct media_match match;

	media_match_of_media(&match, media);
	bool local = merge_locals_have(locals, media, &match, externals);
	media_match_fini(&match);
	return local;
}

/* Among locals that are this one item. */
static bool
is_same(const char *local, const struct media *media)
{
	json_t *item = json_loads(local, 0, NULL);
	json_t *items = json_array();

	assert_non_null(item);
	json_array_append_new(items, item);
	struct merge_locals *locals = merge_locals_new(items);
	bool same = is_local(locals, media, NULL);
	merge_locals_free(locals);
	json_decref(items);
	return same;
}

static void
songs_are_the_same_by_isrc_or_by_title_artist_and_duration(void **state)
{
	static const struct {
		const char *local;
		bool same;
	} rows[] = {
		{ "{\"Type\":\"Audio\",\"Name\":\"night train!\",\"Artists\":[\"The A\"],"
		  "\"RunTimeTicks\":2280000000}",
			true },
		{ "{\"Type\":\"Audio\",\"Name\":\"Night Train "
		  "(Remastered)\",\"AlbumArtist\":"
		  "\"the a\",\"Artists\":[],\"RunTimeTicks\":2230000000}",
			true },
		{ "{\"Type\":\"Audio\",\"Name\":\"Night Train\",\"Artists\":[\"The A\"],"
		  "\"RunTimeTicks\":2300000000}",
			false }, /* 4 s */
		{ "{\"Type\":\"Audio\",\"Name\":\"Night Train\",\"Artists\":[\"The A\"]}",
			false }, /* duration unknown */
		{ "{\"Type\":\"Audio\",\"Name\":\"Night Train\",\"Artists\":[\"B\"],"
		  "\"RunTimeTicks\":2260000000}",
			false },
		{ "{\"Type\":\"Audio\",\"Name\":\"Night Train (Live)\",\"Artists\":[\"The "
		  "A\"],"
		  "\"RunTimeTicks\":2260000000}",
			false },
		{ "{\"Type\":\"Audio\",\"Name\":\"x\",\"ProviderIds\":{\"Isrc\":\"xx0001\"}"
		  "}",
			true },
		{ "{\"Type\":\"Audio\",\"Name\":\"x\",\"ProviderIds\":{\"ISRC\":\"\"}}",
			false },
		{ "{\"Type\":\"Audio\",\"Name\":\"x\",\"ProviderIds\":{\"Deezer\":\"42\"}}",
			true },
		{ "{\"Type\":\"Audio\",\"Name\":\"x\",\"ProviderIds\":{\"Qobuz\":\"42\"}}",
			false },
		{ "{\"Type\":\"MusicAlbum\",\"Name\":\"Night Train\",\"Artists\":[\"The "
		  "A\"],"
		  "\"RunTimeTicks\":2260000000}",
			false },
		{ "{\"Type\":\"Movie\",\"Name\":\"Night Train\"}", false },
		{ "[]", false },
	};
	struct media_list *list = list_of(MEDIA_SONG, "42", "Night Train", "The A");

	(void)state;
	list->items[0].duration_ms = 226000;
	list->items[0].isrc = xstrdup("XX0001");
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		if (is_same(rows[i].local, &list->items[0]) != rows[i].same)
			fail_msg("%s", rows[i].local);
	}
	media_list_unref(list);
}

static void
albums_are_the_same_by_upc_or_by_title_and_artist(void **state)
{
	struct media_list *list = list_of(MEDIA_ALBUM, "9", "Rails", "A");

	(void)state;
	list->items[0].upc = xstrdup("0012");
	assert_true(is_same(
		"{\"Type\":\"MusicAlbum\",\"Name\":\"RAILS\",\"AlbumArtist\":\"a\"}",
		&list->items[0]));
	assert_false(is_same("{\"Type\":\"MusicAlbum\",\"Name\":\"Rails (Deluxe "
			     "Edition)\",\"AlbumArtist\":\"A\"}",
		&list->items[0]));
	assert_true(is_same("{\"Type\":\"MusicAlbum\",\"Name\":\"other\","
			    "\"ProviderIds\":{\"UPC\":\"0012\"}}",
		&list->items[0]));
	media_list_unref(list);
}

static void
artists_of_one_name_are_one_only_with_a_shared_album(void **state)
{
	json_t *items = json_loads("[{\"Type\":\"MusicArtist\",\"Name\":\"Nirvana\"},"
				   "{\"Type\":\"Audio\",\"Name\":\"x\",\"Album\":"
				   "\"Bleach\",\"Artists\":[\"nirvana\"]},"
				   "{\"Type\":\"MusicArtist\",\"Name\":\"Known\","
				   "\"ProviderIds\":{\"Deezer\":\"5\"}}]",
		0, NULL);
	struct merge_locals *locals = merge_locals_new(items);
	struct media_list *artist = list_of(MEDIA_ARTIST, "27", "Nirvana", NULL);
	struct media_list *album = list_of(MEDIA_ALBUM, "1", "Bleach", "Nirvana");
	struct media_list *other = list_of(MEDIA_ALBUM, "1", "All of us", "Nirvana");
	struct media_list *song = list_of(MEDIA_SONG, "1", "y", "Nirvana");
	struct media_list *known = list_of(MEDIA_ARTIST, "5", "Written otherwise", NULL);

	(void)state;
	song->items[0].album_title = xstrdup("bleach");
	assert_false(is_local(locals, &artist->items[0], NULL));
	assert_false(is_local(locals, &artist->items[0], other));
	assert_true(is_local(locals, &artist->items[0], album));
	assert_true(is_local(locals, &artist->items[0], song));
	/* The album of another artist of that name proves nothing. */
	assert_true(copy_text(album->items[0].artists[0].id.key, EXTERNAL_ID_KEY, "28"));
	assert_false(is_local(locals, &artist->items[0], album));
	assert_true(is_local(locals, &known->items[0], NULL));
	media_list_unref(artist);
	media_list_unref(album);
	media_list_unref(other);
	media_list_unref(song);
	media_list_unref(known);
	merge_locals_free(locals);
	merge_locals_free(NULL);
	json_decref(items);
}

static void
what_is_no_list_has_no_doubles(void **state)
{
	struct media_list *list = list_of(MEDIA_SONG, "42", "T", "A");
	struct merge_locals *locals = merge_locals_new(NULL);

	(void)state;
	assert_false(is_local(locals, &list->items[0], NULL));
	merge_locals_free(locals);
	media_list_unref(list);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_third_place_is_external_while_both_last),
		cmocka_unit_test(each_item_has_one_place_and_keeps_its_order),
		cmocka_unit_test(pages_join_to_the_whole_list_without_doubles),
		cmocka_unit_test(
			a_page_beyond_the_end_is_empty_and_one_without_limit_is_all),
		cmocka_unit_test(
			songs_are_the_same_by_isrc_or_by_title_artist_and_duration),
		cmocka_unit_test(albums_are_the_same_by_upc_or_by_title_and_artist),
		cmocka_unit_test(artists_of_one_name_are_one_only_with_a_shared_album),
		cmocka_unit_test(what_is_no_list_has_no_doubles),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
