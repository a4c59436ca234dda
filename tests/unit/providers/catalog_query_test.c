#include "providers/catalog_query.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static const struct {
	struct catalog_query query;
	bool valid;
	const char *key; /* of valid ones */
} rows[] = {
	{ { .ask = CATALOG_SEARCH,
		  .kind = MEDIA_SONG,
		  .text = " Daft  Punk ",
		  .limit = 25 },
		true, "s:1:1:0:25:daft punk" },
	{ { .ask = CATALOG_SEARCH,
		  .kind = MEDIA_ALBUM,
		  .text = "ab",
		  .offset = 7,
		  .limit = 1 },
		true, "s:1:2:7:1:ab" },
	{ { .ask = CATALOG_SEARCH, .kind = MEDIA_SONG, .text = "a", .limit = 25 }, false,
		NULL },
	{ { .ask = CATALOG_SEARCH, .kind = MEDIA_SONG, .text = "ab", .limit = 501 }, false,
		NULL },
	{ { .ask = CATALOG_SEARCH,
		  .kind = MEDIA_SONG,
		  .text = "ab",
		  .offset = -1,
		  .limit = 1 },
		false, NULL },
	{ { .ask = CATALOG_SEARCH, .kind = MEDIA_SONG, .limit = 1 }, false, NULL },
	{ { .ask = CATALOG_SONGS_OF_ISRC,
		  .kind = MEDIA_SONG,
		  .text = "GBDUW0000059",
		  .limit = 10 },
		true, "x:1:1:0:10:gbduw0000059" },
	{ { .ask = CATALOG_ITEM, .id = { 0, MEDIA_SONG, "3" } }, true, "i:1:1:3" },
	{ { .ask = CATALOG_ITEM, .id = { 0, MEDIA_ALBUM, "3" } }, true, "i:1:2:3" },
	{ { .ask = CATALOG_ITEM, .id = { 0, MEDIA_SONG, "" } }, false, NULL },
	{ { .ask = CATALOG_ITEM, .id = { 0, MEDIA_SONG, "a/b" } }, false, NULL },
	{ { .ask = CATALOG_ALBUM_TRACKS, .id = { 0, MEDIA_ALBUM, "3" } }, true, "t:1:2:3" },
	{ { .ask = CATALOG_ALBUM_TRACKS, .id = { 0, MEDIA_SONG, "3" } }, false, NULL },
	{ { .ask = CATALOG_ARTIST_RADIO, .id = { 0, MEDIA_ARTIST, "3" } }, true,
		"r:1:3:3" },
	{ { .ask = CATALOG_SONG_RADIO, .id = { 0, MEDIA_SONG, "3" } }, true, "r:1:1:3" },
	{ { .ask = CATALOG_CHART, .kind = MEDIA_SONG }, true, "c:1:1:" },
	{ { .ask = CATALOG_CHART, .kind = MEDIA_SONG, .id = { 0, MEDIA_GENRE, "106" } },
		true, "c:1:1:106" },
	{ { .ask = CATALOG_CHART, .kind = MEDIA_GENRE }, false, NULL },
	{ { .ask = CATALOG_CHART }, false, NULL },
	{ { .ask = CATALOG_CHART, .kind = MEDIA_SONG, .id = { 0, MEDIA_ALBUM, "106" } },
		false, NULL },
	{ { .ask = CATALOG_NEW_ALBUMS, .id = { 0, MEDIA_GENRE, "106" } }, true,
		"n:1:5:106" },
	{ { .ask = CATALOG_GENRES }, true, "g:1:" },
	{ { .ask = CATALOG_GENRE_ARTISTS, .id = { 0, MEDIA_GENRE, "106" } }, true,
		"h:1:5:106" },
	{ { .ask = CATALOG_GENRE_ARTISTS }, false, NULL },
};

static struct catalog_query
query_of(size_t row)
{
	struct catalog_query query = rows[row].query;

	query.provider = PROVIDER_DEEZER;
	query.id.provider = PROVIDER_DEEZER;
	return query;
}

static void
a_question_has_what_it_is_about_and_one_key(void **state)
{
	struct text key;

	(void)state;
	text_init(&key);
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct catalog_query query = query_of(i);
		if (catalog_query_is_valid(&query) != rows[i].valid)
			fail_msg("row %zu", i);
		if (!rows[i].valid)
			continue;
		text_clear(&key);
		catalog_query_key(&key, &query);
		assert_string_equal(text_get(&key), rows[i].key);
		assert_true(catalog_query_ttl_ms(&query) >= 10 * 60 * 1000);
	}
	text_fini(&key);
}

static void
an_id_of_another_provider_is_refused(void **state)
{
	struct catalog_query query = { .ask = CATALOG_ITEM,
		.provider = PROVIDER_DEEZER,
		.id = { PROVIDER_QOBUZ, MEDIA_SONG, "3" } };

	(void)state;
	assert_false(catalog_query_is_valid(&query));
}

static void
some_answers_need_another_first(void **state)
{
	static const struct {
		enum catalog_ask ask;
		enum media_kind kind;
		bool needs;
	} asks[] = {
		{ CATALOG_ALBUM_TRACKS, MEDIA_ALBUM, true },
		{ CATALOG_ARTIST_ALBUMS, MEDIA_ARTIST, true },
		{ CATALOG_SONG_RADIO, MEDIA_SONG, true },
		{ CATALOG_ARTIST_RADIO, MEDIA_ARTIST, false },
		{ CATALOG_PLAYLIST_TRACKS, MEDIA_PLAYLIST, false },
		{ CATALOG_ITEM, MEDIA_SONG, false },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(asks); i++) {
		struct catalog_query parent, query = { .ask = asks[i].ask,
			.provider = PROVIDER_DEEZER,
			.id = { PROVIDER_DEEZER, asks[i].kind, "3" } };
		assert_int_equal(catalog_query_parent(&parent, &query), asks[i].needs);
		if (!asks[i].needs)
			continue;
		assert_int_equal(parent.ask, CATALOG_ITEM);
		assert_true(external_id_equal(&parent.id, &query.id));
		assert_false(catalog_query_is_item(&query));
		assert_true(catalog_query_is_item(&parent));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_question_has_what_it_is_about_and_one_key),
		cmocka_unit_test(an_id_of_another_provider_is_refused),
		cmocka_unit_test(some_answers_need_another_first),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
