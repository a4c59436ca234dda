#include "providers/qobuz/qobuz_media.h"

#include <dirent.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "core/json.h"
#include "providers/qobuz/qobuz_error.h"

#define COVER                                                                              \
	"\"image\":{\"large\":\"https://static.qobuz.com/images/covers/1/2/"               \
	"0886_600.jpg\"}"

/* ---- helpers ---- */

static struct media_list *
read_at(const char *json, bool is_list, enum media_kind kind, int64_t offset)
{
	struct qobuz_context context = {
		.kind = kind, .offset = offset, .seen_ms = 1700000000000
	};
	json_t *root = json_parse_new(json, strlen(json));
	struct media_list *list = NULL;
	char why[200] = "";

	enum err err =
		is_list ? qobuz_media_read_list(&list, root, &context, why, sizeof why)
			: qobuz_media_read_item(&list, root, &context, why, sizeof why);
	if (err != ERR_NONE)
		fail_msg("%s: %s in %s", err_name(err), why, json);
	json_decref(root);
	return list;
}

static struct media_list *
read_item(const char *json, enum media_kind kind)
{
	return read_at(json, false, kind, 0);
}

static struct media_list *
read_list(const char *json, enum media_kind kind)
{
	return read_at(json, true, kind, 0);
}

/* ---- items ---- */

static const char a_track[] =
	"{\"id\":343367694,\"title\":\" Dreams \",\"version\":\"2001 Remaster\",\"isrc\":"
	"\"USWB10400049\",\"duration\":258,\"track_number\":2,\"media_number\":1,"
	"\"parental_warning\":true,\"streamable\":true,\"work\":null,"
	"\"audio_info\":{\"replaygain_track_gain\":-7.5},"
	"\"performer\":{\"id\":48078,\"name\":\"Fleetwood Mac\"},"
	"\"performers\":\"Stevie Nicks, Composer - Fleetwood Mac, MainArtist\","
	"\"album\":{\"id\":\"0603497941032\",\"title\":\"Rumours\",\"version\":"
	"\"2001 Remaster\",\"artist\":{\"id\":48078,\"name\":\"Fleetwood Mac\"}," COVER ","
	"\"label\":{\"id\":1,\"name\":\"Rhino\"},\"genres_list\":[\"Pop/Rock\","
	"\"Pop/Rock\xe2\x86\x92Rock\"],\"release_date_original\":\"1977-02-04\","
	"\"released_at\":1368741600,\"tracks_count\":11}}";

static void
a_track_has_all_its_facts(void **state)
{
	struct media_list *list = read_item(a_track, MEDIA_SONG);
	const struct media *song = &list->items[0];

	(void)state;
	assert_int_equal(list->count, 1);
	assert_int_equal(song->kind, MEDIA_SONG);
	assert_string_equal(song->id.key, "343367694");
	assert_string_equal(song->title, "Dreams (2001 Remaster)");
	assert_int_equal(song->artist_count, 1);
	assert_int_equal(song->main_artist_count, 1);
	assert_string_equal(song->artists[0].id.key, "48078");
	assert_string_equal(song->album_id.key, "0603497941032");
	assert_int_equal(song->album_id.kind, MEDIA_ALBUM);
	assert_string_equal(song->album_title, "Rumours (2001 Remaster)");
	assert_string_equal(song->album_artists[0].name, "Fleetwood Mac");
	assert_string_equal(song->isrc, "USWB10400049");
	assert_int_equal(song->duration_ms, 258000);
	assert_int_equal(song->track_number, 2);
	assert_int_equal(song->disc_number, 1);
	assert_int_equal(song->genre_count, 2);
	assert_string_equal(song->genres[1], "Rock");
	assert_string_equal(song->release_date, "1977-02-04");
	assert_string_equal(song->image_key, "0886");
	/* -18 LUFS is what a replay gain of 0 has. */
	assert_true(fabs(song->gain_lufs + 10.5) < 1e-9);
	assert_true(song->explicit_content);
	assert_true(song->readable);
	assert_null(song->preview_url);
	assert_int_equal(song->seen_ms, 1700000000000);
	media_list_unref(list);
}

static void
an_album_has_upc_label_genres_and_people(void **state)
{
	static const char json[] =
		"{\"id\":\"qxjbxh1dc3xyb\",\"title\":\"Rails\",\"upc\":\"0012\",\"label\":{"
		"\"name\":\"L\"},\"genre\":{\"name\":\"Electro\"},\"tracks_count\":13,"
		"\"duration\":4470,\"released_at\":1368741600,\"artist\":{\"id\":5,"
		"\"name\":\"A\"}," COVER ",\"tracks\":{\"items\":[]}}";
	struct media_list *list = read_item(json, MEDIA_ALBUM);
	const struct media *album = &list->items[0];

	(void)state;
	assert_string_equal(album->id.key, "qxjbxh1dc3xyb");
	assert_string_equal(album->upc, "0012");
	assert_string_equal(album->label, "L");
	assert_int_equal(album->genre_count, 1);
	assert_string_equal(album->genres[0], "Electro");
	assert_int_equal(album->track_count, 13);
	assert_int_equal(album->duration_ms, 4470000);
	/* Midnight in Paris is the evening before in UTC. */
	assert_string_equal(album->release_date, "2013-05-17");
	assert_string_equal(album->artists[0].name, "A");
	media_list_unref(list);
}

static void
an_album_named_by_its_upc_has_it(void **state)
{
	struct media_list *list =
		read_item("{\"id\":\"0886443927087\",\"title\":\"x\"}", MEDIA_ALBUM);

	(void)state;
	assert_string_equal(list->items[0].upc, "0886443927087");
	media_list_unref(list);
	list = read_item("{\"id\":\"088644392708a\",\"title\":\"x\"}", MEDIA_ALBUM);
	assert_null(list->items[0].upc);
	media_list_unref(list);
}

static void
newer_answers_have_other_shapes(void **state)
{
	static const char json[] =
		"{\"id\":\"abc\",\"title\":\"Rails\",\"artist\":{\"id\":5,\"name\":{"
		"\"display\":\"A\"}},\"artists\":[{\"id\":6,\"name\":\"B\",\"roles\":["
		"\"featured-artist\"]}],\"dates\":{\"original\":\"2020-05-01\",\"stream\":"
		"\"2021-01-01\"},\"track_count\":9,\"rights\":{\"streamable\":false}}";
	struct media_list *list = read_item(json, MEDIA_ALBUM);
	const struct media *album = &list->items[0];

	(void)state;
	assert_string_equal(album->release_date, "2020-05-01");
	assert_int_equal(album->artist_count, 2);
	assert_int_equal(album->main_artist_count, 1);
	assert_int_equal(album->track_count, 9);
	assert_false(album->readable);
	media_list_unref(list);

	list = read_item("{\"id\":9,\"name\":{\"display\":\"A\"},\"albums_count\":7,"
			 "\"images\":{\"portrait\":{\"hash\":\"c0ffee\",\"format\":"
			 "\"jpg\"}}}",
		MEDIA_ARTIST);
	assert_string_equal(list->items[0].title, "A");
	assert_int_equal(list->items[0].album_count, 7);
	assert_string_equal(list->items[0].image_key, "c0ffee");
	media_list_unref(list);

	list = read_list("{\"top_tracks\":[{\"id\":1,\"title\":\"t\",\"artist\":{\"id\":5,"
			 "\"name\":{\"display\":\"A\"}},\"physical_support\":{"
			 "\"track_number\":3,\"media_number\":2},\"rights\":{"
			 "\"streamable\":true},\"album\":{\"id\":\"abc\",\"title\":"
			 "\"Rails\"}}],\"name\":{\"display\":\"A\"},\"id\":5}",
		MEDIA_SONG);
	assert_int_equal(list->count, 1);
	assert_int_equal(list->items[0].track_number, 3);
	assert_int_equal(list->items[0].disc_number, 2);
	assert_string_equal(list->items[0].artists[0].name, "A");
	assert_string_equal(list->items[0].album_title, "Rails");
	assert_true(list->items[0].readable);
	media_list_unref(list);

	list = read_list("{\"has_more\":true,\"items\":[{\"id\":\"abc\",\"title\":\"x\"}]}",
		MEDIA_ALBUM);
	assert_int_equal(list->count, 1);
	assert_int_equal(list->total, 2);
	media_list_unref(list);
}

static void
a_title_says_work_and_version_once(void **state)
{
	static const struct {
		const char *json, *title;
	} rows[] = {
		{ "\"title\":\"T\",\"version\":\"Live\"", "T (Live)" },
		{ "\"title\":\"T (live)\",\"version\":\"Live\"", "T (live)" },
		{ "\"title\":\"I. Allegro\",\"work\":\"Symphony 5\"",
			"Symphony 5: I. Allegro" },
		{ "\"title\":\"Symphony 5: I. Allegro\",\"work\":\"symphony 5\"",
			"Symphony 5: I. Allegro" },
		{ "\"title\":\"T\",\"version\":\"  \",\"work\":\"\"", "T" },
		{ "\"name\":\"N\"", "N" },
		{ "\"title\":\"  \"", "7" },
		{ "\"version\":\"Live\"", "7" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		char json[200];
		snprintf(json, sizeof json, "{\"id\":7,%s}", rows[i].json);
		struct media_list *list = read_item(json, MEDIA_SONG);
		assert_string_equal(list->items[0].title, rows[i].title);
		media_list_unref(list);
	}
}

static void
only_more_than_a_cd_has_is_told(void **state)
{
	static const struct {
		const char *json;
		int depth;
		int64_t rate;
	} rows[] = {
		{ "\"maximum_bit_depth\":24,\"maximum_sampling_rate\":88.2", 24, 88200 },
		{ "\"maximum_bit_depth\":24,\"maximum_sampling_rate\":192,"
		  "\"hires_streamable\":true",
			24, 192000 },
		{ "\"maximum_bit_depth\":24,\"maximum_sampling_rate\":192,"
		  "\"hires_streamable\":false",
			0, 0 },
		{ "\"audio_info\":{\"maximum_bit_depth\":24,\"maximum_sampling_rate\":44."
		  "1}",
			24, 44100 },
		{ "\"maximum_bit_depth\":16,\"maximum_sampling_rate\":44.1", 0, 0 },
		{ "\"maximum_bit_depth\":24", 0, 0 },
		{ "\"maximum_bit_depth\":24,\"maximum_sampling_rate\":1e9", 0, 0 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		char json[200];
		snprintf(json, sizeof json, "{\"id\":7,\"title\":\"t\",%s}", rows[i].json);
		struct media_list *list = read_item(json, MEDIA_SONG);
		assert_int_equal(list->items[0].bit_depth, rows[i].depth);
		assert_int_equal(list->items[0].sample_rate, rows[i].rate);
		media_list_unref(list);
	}
}

static void
a_playlist_has_its_day_and_a_cover(void **state)
{
	static const char json[] =
		"{\"id\":565551,\"name\":\"Random\",\"description\":\"\",\"tracks_count\":"
		"176,\"duration\":42591,\"created_at\":1397556999,\"images300\":["
		"\"http://static.qobuz.com/images/covers/87/70/0886_300.jpg\"],\"owner\":{"
		"\"id\":1,\"name\":\"me\"},\"tracks\":{\"items\":[]}}";
	struct media_list *list = read_item(json, MEDIA_PLAYLIST);
	const struct media *playlist = &list->items[0];

	(void)state;
	assert_string_equal(playlist->title, "Random");
	assert_null(playlist->description);
	assert_string_equal(playlist->release_date, "2014-04-15");
	assert_int_equal(playlist->track_count, 176);
	assert_int_equal(playlist->duration_ms, 42591000);
	assert_string_equal(playlist->image_key, "0886");
	media_list_unref(list);
}

static void
what_may_not_be_played_is_not_readable(void **state)
{
	static const struct {
		const char *json;
		bool readable;
	} rows[] = {
		{ "\"streamable\":true,\"streamable_at\":1699999999", true },
		{ "\"streamable\":true,\"streamable_at\":1700000001", false },
		{ "\"streamable\":true,\"streamable_at\":null", true },
		{ "\"streamable\":false", false },
		{ "\"displayable\":false", false },
		{ "\"rights\":{\"streamable\":false}", false },
		{ "\"album\":{\"id\":\"1\",\"title\":\"a\",\"streamable\":false}", false },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		char json[200];
		snprintf(json, sizeof json, "{\"id\":7,\"title\":\"t\",%s}", rows[i].json);
		struct media_list *list = read_item(json, MEDIA_SONG);
		assert_int_equal(list->items[0].readable, rows[i].readable);
		media_list_unref(list);
	}
}

static void
ids_are_numbers_and_those_of_albums_texts(void **state)
{
	static const struct {
		const char *json;
		enum media_kind kind;
		const char *key; /* NULL: no item */
	} rows[] = {
		{ "{\"id\":7}", MEDIA_SONG, "7" },
		{ "{\"id\":\"7\"}", MEDIA_SONG, "7" },
		{ "{\"id\":\"0886443927087\"}", MEDIA_ALBUM, "0886443927087" },
		{ "{\"id\":\"s72ps0jshvpwa\"}", MEDIA_ALBUM, "s72ps0jshvpwa" },
		{ "{\"id\":0}", MEDIA_SONG, NULL },
		{ "{\"id\":-7}", MEDIA_SONG, NULL },
		{ "{\"id\":\"-7\"}", MEDIA_SONG, NULL },
		{ "{\"id\":\"0\"}", MEDIA_ARTIST, NULL },
		{ "{\"id\":\"\"}", MEDIA_ALBUM, NULL },
		{ "{\"id\":\"ABC\"}", MEDIA_ALBUM, NULL },
		{ "{\"id\":\"0123456789abcdef\"}", MEDIA_ALBUM, NULL },
		{ "{\"id\":null}", MEDIA_SONG, NULL },
		{ "{}", MEDIA_SONG, NULL },
		{ "[]", MEDIA_SONG, NULL },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct qobuz_context context = { .kind = rows[i].kind };
		json_t *root = json_parse_new(rows[i].json, strlen(rows[i].json));
		struct media_list *list;
		char why[200];
		enum err err =
			qobuz_media_read_item(&list, root, &context, why, sizeof why);
		if ((err == ERR_NONE) != (rows[i].key != NULL))
			fail_msg("%s: %s", rows[i].json, err_name(err));
		if (err == ERR_NONE)
			assert_string_equal(list->items[0].id.key, rows[i].key);
		media_list_unref(list);
		json_decref(root);
	}
}

/* ---- lists ---- */

static void
an_albums_tracks_take_from_it_what_they_lack(void **state)
{
	static const char json[] =
		"{\"id\":\"abc\",\"title\":\"Rails\",\"artist\":{\"id\":5,\"name\":\"A\"},"
		"\"release_date_original\":\"2001-03-07\",\"genre\":{\"name\":\"Rock\"}"
		"," COVER ",\"tracks\":{\"offset\":0,\"limit\":50,\"total\":3,\"items\":["
		"{\"id\":1,\"title\":\"a\",\"performer\":{\"id\":8,\"name\":\"Z\"},"
		"\"isrc\":\"I\"},{\"id\":2,\"title\":\"b\"},{\"title\":\"no id\"}]}}";
	struct media_list *list = read_list(json, MEDIA_SONG);
	const struct media *song = &list->items[0];

	(void)state;
	assert_int_equal(list->count, 2);
	assert_int_equal(list->received, 3);
	assert_int_equal(list->total, 3);
	assert_string_equal(song->album_title, "Rails");
	assert_string_equal(song->album_id.key, "abc");
	assert_string_equal(song->artists[0].name, "Z");
	assert_string_equal(song->album_artists[0].name, "A");
	assert_string_equal(song->release_date, "2001-03-07");
	assert_string_equal(song->genres[0], "Rock");
	assert_string_equal(song->image_key, "0886");
	assert_string_equal(list->items[1].artists[0].name, "A");
	assert_int_equal(list->items[1].main_artist_count, 1);
	media_list_unref(list);
}

static void
a_page_that_begins_too_early_is_cut(void **state)
{
	static const char json[] = "{\"tracks\":{\"offset\":0,\"total\":3,\"items\":[{"
				   "\"id\":1},{\"id\":2},{\"id\":3}]}}";
	struct media_list *list = read_at(json, true, MEDIA_SONG, 2);

	(void)state;
	assert_int_equal(list->count, 1);
	assert_int_equal(list->received, 1);
	assert_string_equal(list->items[0].id.key, "3");
	assert_int_equal(list->total, 3);
	media_list_unref(list);
	list = read_at(json, true, MEDIA_SONG, 9);
	assert_int_equal(list->received, 0);
	media_list_unref(list);
	/* Where it begins where it should, or does not say, nothing is. */
	list = read_at(
		"{\"tracks\":{\"offset\":2,\"items\":[{\"id\":3}]}}", true, MEDIA_SONG, 2);
	assert_int_equal(list->count, 1);
	media_list_unref(list);
	list = read_at("{\"tracks\":{\"items\":[{\"id\":3}]}}", true, MEDIA_SONG, 2);
	assert_int_equal(list->count, 1);
	assert_int_equal(list->total, 3);
	media_list_unref(list);
}

static void
an_answer_without_the_list_is_nonsense(void **state)
{
	static const char *const bodies[] = { "{}", "{\"tracks\":{}}", "{\"tracks\":null}",
		"{\"albums\":{\"items\":[]}}", "{\"tracks\":{\"items\":{}}}" };

	(void)state;
	for (size_t i = 0; i < COUNT_OF(bodies); i++) {
		struct qobuz_context context = { .kind = MEDIA_SONG };
		json_t *root = json_parse_new(bodies[i], strlen(bodies[i]));
		struct media_list *list;
		char why[200] = "";
		assert_int_equal(
			qobuz_media_read_list(&list, root, &context, why, sizeof why),
			ERR_PROTOCOL);
		assert_null(list);
		assert_true(why[0] != '\0');
		json_decref(root);
	}
}

/* ---- recorded answers ---- */

#define FOLDER "../shared/data/qobuz/"

static struct media_list *
read_file(const char *name, bool is_list, enum media_kind kind)
{
	struct qobuz_context context = { .kind = kind, .seen_ms = 1700000000000 };
	char path[200], why[200] = "";
	struct media_list *list = NULL;

	snprintf(path, sizeof path, FOLDER "%s.json", name);
	json_t *root = json_load_file(path, 0, NULL);
	assert_non_null(root);
	assert_int_equal(qobuz_error_check(root, 200, why, sizeof why), QOBUZ_WELL);
	enum err err =
		is_list ? qobuz_media_read_list(&list, root, &context, why, sizeof why)
			: qobuz_media_read_item(&list, root, &context, why, sizeof why);
	if (err != ERR_NONE)
		fail_msg("%s: %s", name, why);
	json_decref(root);
	return list;
}

static void
every_recorded_answer_is_read(void **state)
{
	static const struct {
		const char *name;
		bool is_list;
		enum media_kind kind;
		int64_t count, total;
		const char *first;
	} rows[] = {
		{ "album_get", false, MEDIA_ALBUM, 1, 1,
			"Random Access Memories (Hi-Res Version)" },
		{ "album_get", true, MEDIA_SONG, 4, 13, "Give Life Back to Music" },
		{ "album_getFeatured", true, MEDIA_ALBUM, 2, 91, "Neon Future II" },
		{ "album_search", true, MEDIA_ALBUM, 2, 386, "John Cage" },
		{ "artist_search", true, MEDIA_ARTIST, 2, 86346, "MGMT" },
		{ "favorite_getUserFavorites_albums", true, MEDIA_ALBUM, 2, 134, "MG" },
		{ "playlist_addTracks", false, MEDIA_PLAYLIST, 1, 1, "testAPI" },
		{ "playlist_create", false, MEDIA_PLAYLIST, 1, 1, "superPlaylist" },
		{ "playlist_getUserPlaylists", true, MEDIA_PLAYLIST, 2, 40, "Random 2014" },
		{ "playlist_get_extra_tracks", false, MEDIA_PLAYLIST, 1, 1,
			"Electro/Rock - Best of 2013" },
		{ "playlist_get_extra_tracks", true, MEDIA_SONG, 2, 93,
			"F**kin' Problems" },
		{ "playlist_search", true, MEDIA_PLAYLIST, 2, 13, "Paul McCartney" },
		{ "track_search", true, MEDIA_SONG, 2, 1185, "Thriller (Album Version)" },
	};
	DIR *dir = opendir(FOLDER);

	(void)state;
	if (dir == NULL)
		skip();
	closedir(dir);
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct media_list *list =
			read_file(rows[i].name, rows[i].is_list, rows[i].kind);
		if ((int64_t)list->count != rows[i].count || list->total != rows[i].total)
			fail_msg("%s: %zu of %lld", rows[i].name, list->count,
				(long long)list->total);
		assert_string_equal(list->items[0].title, rows[i].first);
		for (size_t k = 0; k < list->count; k++) {
			char hex[EXTERNAL_ID_HEX];
			assert_true(external_id_format(hex, &list->items[k].id));
			assert_true(list->items[k].kind != MEDIA_ALBUM ||
				    (list->items[k].image_key != NULL &&
					    list->items[k].artist_count > 0 &&
					    list->items[k].release_date[0] != '\0'));
			assert_true(list->items[k].kind != MEDIA_SONG ||
				    (list->items[k].image_key != NULL &&
					    list->items[k].artist_count > 0 &&
					    list->items[k].album_title != NULL));
		}
		media_list_unref(list);
	}
}

static void
a_recorded_track_has_its_people_and_positions(void **state)
{
	DIR *dir = opendir(FOLDER);

	(void)state;
	if (dir == NULL)
		skip();
	closedir(dir);
	struct media_list *list = read_file("album_get", true, MEDIA_SONG);
	const struct media *song = &list->items[0];
	assert_string_equal(song->isrc, "USQX91300101");
	assert_string_equal(song->artists[0].name, "Daft Punk");
	assert_string_equal(song->artists[0].id.key, "36819");
	assert_int_equal(song->track_number, 1);
	assert_int_equal(song->disc_number, 1);
	assert_string_equal(song->genres[0], "Electro");
	assert_string_equal(song->release_date, "2013-05-17");
	assert_string_equal(song->image_key, "0886443927087");
	media_list_unref(list);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_track_has_all_its_facts),
		cmocka_unit_test(an_album_has_upc_label_genres_and_people),
		cmocka_unit_test(an_album_named_by_its_upc_has_it),
		cmocka_unit_test(newer_answers_have_other_shapes),
		cmocka_unit_test(a_title_says_work_and_version_once),
		cmocka_unit_test(only_more_than_a_cd_has_is_told),
		cmocka_unit_test(a_playlist_has_its_day_and_a_cover),
		cmocka_unit_test(what_may_not_be_played_is_not_readable),
		cmocka_unit_test(ids_are_numbers_and_those_of_albums_texts),
		cmocka_unit_test(an_albums_tracks_take_from_it_what_they_lack),
		cmocka_unit_test(a_page_that_begins_too_early_is_cut),
		cmocka_unit_test(an_answer_without_the_list_is_nonsense),
		cmocka_unit_test(every_recorded_answer_is_read),
		cmocka_unit_test(a_recorded_track_has_its_people_and_positions),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
