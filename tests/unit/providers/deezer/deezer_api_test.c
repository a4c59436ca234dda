#include "providers/deezer/deezer_api.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#define BASE "https://api.example"

static void
a_search_names_kind_words_and_page(void **state)
{
	static const struct {
		const char *base;
		enum media_kind kind;
		const char *words;
		int64_t index, limit;
		const char *url;
	} rows[] = {
		{ BASE, MEDIA_SONG, "daft punk", 0, 25,
			BASE "/search/track?q=daft%20punk&index=0&limit=25" },
		{ BASE "/", MEDIA_ALBUM, "a&b=c", 50, 25,
			BASE "/search/album?q=a%26b%3Dc&index=50&limit=25" },
		{ BASE "/x//", MEDIA_ARTIST, "\xc3\xa9", 0, 9999,
			BASE "/x/search/artist?q=%C3%A9&index=0&limit=100" },
		{ BASE, MEDIA_PLAYLIST, "#1?", 1, 1,
			BASE "/search/playlist?q=%231%3F&index=1&limit=1" },
	};
	struct text url;

	(void)state;
	text_init(&url);
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		text_clear(&url);
		deezer_api_search(&url, rows[i].base, rows[i].kind, rows[i].words,
			rows[i].index, rows[i].limit);
		assert_string_equal(text_get(&url), rows[i].url);
	}
	text_fini(&url);
}

static void
items_and_their_lists_have_addresses(void **state)
{
	struct external_id song = { PROVIDER_DEEZER, MEDIA_SONG, "-12" };
	struct external_id artist = { PROVIDER_DEEZER, MEDIA_ARTIST, "27" };
	struct text url;

	(void)state;
	text_init(&url);
	deezer_api_item(&url, BASE, &song);
	assert_string_equal(text_get(&url), BASE "/track/-12");
	text_clear(&url);
	deezer_api_list(&url, BASE, &artist, "albums", 100, 100);
	assert_string_equal(text_get(&url), BASE "/artist/27/albums?index=100&limit=100");
	text_clear(&url);
	deezer_api_isrc(&url, BASE "/", "GBDUW0000059");
	assert_string_equal(text_get(&url), BASE "/track/isrc:GBDUW0000059");
	text_clear(&url);
	deezer_api_chart(&url, BASE, "", MEDIA_SONG, 0, 500);
	assert_string_equal(text_get(&url), BASE "/chart/0/tracks?index=0&limit=100");
	text_clear(&url);
	deezer_api_releases(&url, BASE "/", "106", 10, 20);
	assert_string_equal(
		text_get(&url), BASE "/editorial/106/releases?index=10&limit=20");
	text_clear(&url);
	deezer_api_genres(&url, BASE);
	assert_string_equal(text_get(&url), BASE "/genre");
	text_fini(&url);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_search_names_kind_words_and_page),
		cmocka_unit_test(items_and_their_lists_have_addresses),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
