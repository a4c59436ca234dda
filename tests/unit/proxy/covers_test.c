#include "proxy/covers.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "core/json.h"

#define ID  "832e25879a396454558606107194281a"
#define BY  "\"AlbumArtist\":\"Daft Punk\""
#define TAG "\"ImageTags\":{\"Primary\":\"abc\"}"

static const struct {
	const char *text;
	const char *items;
	bool matches;
} rows[] = {
	{ "the album", "[{\"Id\":\"" ID "\",\"Name\":\"Discovery\"," BY "," TAG "}]",
		true },
	{ "another spelling",
		"[{\"Id\":\"" ID "\",\"Name\":\"DISCOVERY (Remastered 2009)\","
		"\"AlbumArtist\":\"Various\",\"AlbumArtists\":[{\"Name\":\"X\"},"
		"{\"Name\":\"daft-punk\"}]," TAG "}]",
		true },
	{ "behind others",
		"[7,{\"Name\":\"Discovery\"},{\"Id\":\"" ID "\",\"Name\":\"Discovery\"," BY
		"," TAG "}]",
		true },
	{ "another album",
		"[{\"Id\":\"" ID "\",\"Name\":\"Discovery Live\"," BY "," TAG "}]", false },
	{ "another artist",
		"[{\"Id\":\"" ID "\",\"Name\":\"Discovery\",\"AlbumArtist\":\"ELO\"," TAG
		"}]",
		false },
	{ "no picture", "[{\"Id\":\"" ID "\",\"Name\":\"Discovery\"," BY "}]", false },
	{ "no id", "[{\"Id\":\"7\",\"Name\":\"Discovery\"," BY "," TAG "}]", false },
	{ "nothing", "[]", false },
	{ "no list", "{}", false },
};

static void
an_album_of_the_library_matches_by_title_and_artist_when_it_has_a_picture(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		json_t *items = json_parse_new(rows[i].items, strlen(rows[i].items));
		struct cover cover;
		bool matches = cover_match(&cover, items, "Discovery", "Daft Punk");
		if (matches != rows[i].matches)
			fail_msg("%s: %d", rows[i].text, matches);
		assert_string_equal(cover.album_id, matches ? ID : "");
		assert_string_equal(cover.tag, matches ? "abc" : "");
		json_decref(items);
	}
}

static void
titles_without_a_word_match_nothing(void **state)
{
	static const char text[] =
		"[{\"Id\":\"" ID "\",\"Name\":\"Discovery\"," BY "," TAG "}]";
	json_t *items = json_parse_new(text, strlen(text));
	struct cover cover;

	(void)state;
	assert_false(cover_match(&cover, items, "", "Daft Punk"));
	assert_false(cover_match(&cover, items, "Discovery", ""));
	json_decref(items);
}

static void
an_item_shows_its_albums_cover_instead_of_its_own(void **state)
{
	static const char text[] = "{\"AlbumId\":\"x\",\"AlbumPrimaryImageTag\":\"y\","
				   "\"ImageTags\":{\"Primary\":\"z\",\"Logo\":\"l\"}}";
	json_t *item = json_parse_new(text, strlen(text));
	const struct cover none = { 0 }, cover = { .album_id = ID, .tag = "abc" };

	(void)state;
	cover_apply(item, &none);
	assert_string_equal(json_text(json_member(item, "ImageTags"), "Primary"), "z");
	cover_apply(item, &cover);
	assert_string_equal(json_text(item, "AlbumId"), ID);
	assert_string_equal(json_text(item, "AlbumPrimaryImageTag"), "abc");
	assert_null(json_text(json_member(item, "ImageTags"), "Primary"));
	assert_string_equal(json_text(json_member(item, "ImageTags"), "Logo"), "l");
	json_decref(item);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			an_album_of_the_library_matches_by_title_and_artist_when_it_has_a_picture),
		cmocka_unit_test(titles_without_a_word_match_nothing),
		cmocka_unit_test(an_item_shows_its_albums_cover_instead_of_its_own),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
