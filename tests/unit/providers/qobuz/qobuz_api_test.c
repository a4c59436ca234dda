#include "providers/qobuz/qobuz_api.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#define BASE "https://api.example/0.2"

static void
assert_url(const struct qobuz_question *question, const char *base, const char *wanted)
{
	struct text url;

	text_init(&url);
	qobuz_api_url(&url, base, question, NULL, NULL);
	assert_string_equal(text_get(&url), wanted);
	text_fini(&url);
}

static struct catalog_query
about(enum catalog_ask ask, enum media_kind kind, const char *key)
{
	struct catalog_query query = { .ask = ask, .provider = PROVIDER_QOBUZ };

	query.id = (struct external_id){ .provider = PROVIDER_QOBUZ, .kind = kind };
	copy_text(query.id.key, sizeof query.id.key, key);
	return query;
}

static void
a_search_names_kind_words_and_page(void **state)
{
	static const struct {
		const char *base;
		enum media_kind kind;
		const char *words;
		int64_t offset, limit;
		const char *url;
	} rows[] = {
		{ BASE, MEDIA_SONG, "daft punk", 0, 25,
			BASE "/track/search?query=daft%20punk&limit=25&offset=0" },
		{ BASE "/", MEDIA_ALBUM, "a&b=c", 50, 25,
			BASE "/album/search?query=a%26b%3Dc&limit=25&offset=50" },
		{ BASE "//", MEDIA_ARTIST, "\xc3\xa9", 0, 9999,
			BASE "/artist/search?query=%C3%A9&limit=200&offset=0" },
		{ BASE, MEDIA_PLAYLIST, "#1?", 1, 1,
			BASE "/playlist/search?query=%231%3F&limit=1&offset=1" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct catalog_query query = {
			.ask = CATALOG_SEARCH, .kind = rows[i].kind, .text = rows[i].words
		};
		struct qobuz_question question;
		assert_true(
			qobuz_api_ask(&question, &query, rows[i].offset, rows[i].limit));
		assert_int_equal(qobuz_api_kind(&query), rows[i].kind);
		assert_url(&question, rows[i].base, rows[i].url);
	}
}

static void
a_recording_is_searched_for_by_its_code(void **state)
{
	struct catalog_query query = { .ask = CATALOG_SONGS_OF_ISRC,
		.kind = MEDIA_SONG,
		.text = "GBDUW0000059",
		.limit = 10 };
	struct qobuz_question question;

	(void)state;
	assert_true(qobuz_api_ask(&question, &query, 0, 10));
	assert_int_equal(qobuz_api_kind(&query), MEDIA_SONG);
	assert_int_equal(qobuz_api_most(&query), 10);
	assert_false(catalog_query_is_item(&query));
	assert_url(
		&question, BASE, BASE "/track/search?query=GBDUW0000059&limit=10&offset=0");
}

static void
a_search_may_be_for_all_kinds(void **state)
{
	const struct catalog_query query = { .ask = CATALOG_SEARCH, .text = "a b" };
	struct qobuz_question question;

	(void)state;
	qobuz_api_search_all(&question, &query, 25, 25);
	assert_url(&question, BASE, BASE "/catalog/search?query=a%20b&limit=25&offset=25");
}

static void
items_and_their_lists_have_addresses(void **state)
{
	static const struct {
		enum catalog_ask ask;
		enum media_kind kind;
		const char *key;
		enum media_kind answer;
		int64_t most;
		const char *url;
	} rows[] = {
		{ CATALOG_ITEM, MEDIA_SONG, "12", MEDIA_SONG, 1,
			BASE "/track/get?track_id=12" },
		{ CATALOG_ITEM, MEDIA_ALBUM, "0012ab", MEDIA_ALBUM, 1,
			BASE "/album/get?album_id=0012ab" },
		{ CATALOG_ITEM, MEDIA_ARTIST, "27", MEDIA_ARTIST, 1,
			BASE "/artist/get?artist_id=27" },
		{ CATALOG_ITEM, MEDIA_PLAYLIST, "5", MEDIA_PLAYLIST, 1,
			BASE "/playlist/get?playlist_id=5" },
		{ CATALOG_ALBUM_TRACKS, MEDIA_ALBUM, "0012ab", MEDIA_SONG, 500,
			BASE "/album/get?album_id=0012ab&limit=100&offset=200" },
		{ CATALOG_ARTIST_ALBUMS, MEDIA_ARTIST, "27", MEDIA_ALBUM, 500,
			BASE "/artist/get?artist_id=27&extra=albums&limit=100&offset=200" },
		{ CATALOG_ARTIST_TOP, MEDIA_ARTIST, "27", MEDIA_SONG, 50,
			BASE "/artist/page?artist_id=27" },
		{ CATALOG_PLAYLIST_TRACKS, MEDIA_PLAYLIST, "5", MEDIA_SONG, 500,
			BASE
			"/playlist/get?playlist_id=5&extra=tracks&limit=100&offset=200" },
		{ CATALOG_ARTIST_RELATED, MEDIA_ARTIST, "27", MEDIA_ARTIST, 50,
			BASE
			"/artist/getSimilarArtists?artist_id=27&limit=100&offset=200" },
		{ CATALOG_ARTIST_RADIO, MEDIA_ARTIST, "27", MEDIA_SONG, 100,
			BASE "/radio/artist?artist_id=27" },
		{ CATALOG_ARTIST_PLAYLISTS, MEDIA_ARTIST, "27", MEDIA_PLAYLIST, 50,
			BASE
			"/artist/get?artist_id=27&extra=playlists&limit=100&offset=200" },
		{ CATALOG_SONG_RADIO, MEDIA_SONG, "12", MEDIA_SONG, 100,
			BASE "/radio/track?track_id=12" },
		{ CATALOG_NEW_ALBUMS, MEDIA_GENRE, "", MEDIA_ALBUM, 100,
			BASE
			"/album/getFeatured?type=new-releases-full&limit=100&offset=200" },
		{ CATALOG_NEW_ALBUMS, MEDIA_GENRE, "64", MEDIA_ALBUM, 100,
			BASE
			"/album/getFeatured?genre_id=64&type=new-releases-full&limit=100"
			"&offset=200" },
		{ CATALOG_GENRES, 0, "", MEDIA_GENRE, 100,
			BASE "/genre/list?limit=100&offset=200" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct catalog_query query = about(rows[i].ask, rows[i].kind, rows[i].key);
		struct qobuz_question question;
		assert_true(qobuz_api_ask(&question, &query, 200, 100));
		assert_int_equal(qobuz_api_kind(&query), rows[i].answer);
		assert_int_equal(catalog_query_is_item(&query), rows[i].most == 1);
		assert_int_equal(qobuz_api_most(&query), rows[i].most);
		assert_url(&question, BASE, rows[i].url);
	}
}

static void
charts_are_of_albums_and_playlists_only(void **state)
{
	static const struct {
		enum media_kind kind;
		const char *url; /* NULL: there is none */
	} rows[] = {
		{ MEDIA_SONG, NULL },
		{ MEDIA_ALBUM,
			BASE "/album/getFeatured?type=most-streamed&limit=9&offset=0" },
		{ MEDIA_ARTIST, NULL },
		{ MEDIA_PLAYLIST,
			BASE "/playlist/getFeatured?type=editor-picks&limit=9&offset=0" },
	};
	struct qobuz_question question;

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct catalog_query query = about(CATALOG_CHART, MEDIA_GENRE, "");
		query.kind = rows[i].kind;
		assert_int_equal(
			qobuz_api_ask(&question, &query, 0, 9), rows[i].url != NULL);
		if (rows[i].url != NULL)
			assert_url(&question, BASE, rows[i].url);
	}
	struct catalog_query artists = about(CATALOG_GENRE_ARTISTS, MEDIA_GENRE, "64");
	assert_false(qobuz_api_ask(&question, &artists, 0, 9));
	struct catalog_query genre = about(CATALOG_ITEM, MEDIA_GENRE, "64");
	assert_false(qobuz_api_ask(&question, &genre, 0, 9));
}

static void
what_is_signed_carries_time_and_signature_and_nobodys_name(void **state)
{
	struct external_id song = { PROVIDER_QOBUZ, MEDIA_SONG, "343367694" };
	struct qobuz_question question;
	struct text url;

	(void)state;
	text_init(&url);
	qobuz_api_file(&question, &song, 27);
	qobuz_api_url(&url, BASE, &question, "1893456000", "5161");
	assert_string_equal(text_get(&url),
		BASE "/track/getFileUrl?format_id=27&intent=stream&track_id=343367694"
		     "&request_ts=1893456000&request_sig=5161");
	text_clear(&url);
	qobuz_api_lyrics(&question, &song);
	qobuz_api_url(&url, BASE, &question, "1", "2");
	assert_string_equal(text_get(&url),
		BASE "/track/lyricsUrl?track_id=343367694&request_ts=1&request_sig=2");
	text_fini(&url);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_search_names_kind_words_and_page),
		cmocka_unit_test(a_recording_is_searched_for_by_its_code),
		cmocka_unit_test(a_search_may_be_for_all_kinds),
		cmocka_unit_test(items_and_their_lists_have_addresses),
		cmocka_unit_test(charts_are_of_albums_and_playlists_only),
		cmocka_unit_test(
			what_is_signed_carries_time_and_signature_and_nobodys_name),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
