#include "providers/deezer/deezer_media.h"

#include <dirent.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define COVER(host, folder, md5, name)                                                     \
	"\"" name "\":\"https://" host "/images/" folder "/" md5                           \
	"/250x250-000000-80-0-0.jpg\""
#define OLD "e-cdns-images.dzcdn.net"
#define NEW "cdn-images.dzcdn.net"
#define MD5 "0123456789abcdef0123456789abcdef"

/* ---- helpers ---- */

static struct media_list *
parse(const char *json, bool is_list, struct deezer_context context)
{
	struct deezer_answer answer = { 200, json, strlen(json) };
	struct media_list *list = NULL;
	char why[200] = "";

	context.seen_ms = 5000;
	enum err err =
		is_list ? deezer_media_parse_list(&list, &answer, &context, why, sizeof why)
			: deezer_media_parse_item(
				  &list, &answer, &context, why, sizeof why);
	if (err != ERR_NONE)
		fail_msg("%s: %s in %s", err_name(err), why, json);
	return list;
}

static struct media_list *
parse_item(const char *json, enum media_kind kind)
{
	return parse(json, false, (struct deezer_context){ .kind = kind });
}

static struct media_list *
parse_list(const char *json, enum media_kind kind)
{
	return parse(json, true, (struct deezer_context){ .kind = kind });
}

/* ---- items ---- */

static const char a_track[] =
	"{\"id\":42,\"readable\":true,\"title\":\" Night Train (feat. B) "
	"\",\"isrc\":\"XX0001\","
	"\"duration\":226,\"track_position\":4,\"disk_number\":2,\"rank\":1,"
	"\"release_date\":\"2001-03-07\",\"explicit_lyrics\":false,"
	"\"explicit_content_lyrics\":1,\"preview\":\"https://cdn.example/p.mp3?hdnea="
	"exp=1774969892~acl=/p.mp3*~hmac=00\",\"bpm\":123,\"gain\":-12.4,\"contributors\":["
	"{\"id\":7,\"name\":\"B\",\"role\":\"Featured\"},"
	"{\"id\":5,\"name\":\"A\",\"role\":\"Main\"},"
	"{\"id\":6,\"name\":\"C\",\"role\":\"Main\"},"
	"{\"id\":6,\"name\":\"C\",\"role\":\"Featured\"}],"
	"\"artist\":{\"id\":5,\"name\":\"A\"},\"album\":{\"id\":9,\"title\":"
	"\"Rails\"," COVER(OLD, "cover", MD5,
		"cover_medium") ",\"release_date\":\"2001-03-07\","
				"\"type\":\"album\"},\"type\":\"track\"}";

static void
a_track_has_all_its_facts(void **state)
{
	struct media_list *list = parse_item(a_track, MEDIA_SONG);
	const struct media *song = &list->items[0];

	(void)state;
	assert_int_equal(list->count, 1);
	assert_int_equal(song->kind, MEDIA_SONG);
	assert_string_equal(song->id.key, "42");
	assert_string_equal(song->title, "Night Train (feat. B)");
	assert_int_equal(song->artist_count, 3);
	assert_int_equal(song->main_artist_count, 2);
	assert_string_equal(song->artists[0].name, "A");
	assert_string_equal(song->artists[1].name, "C");
	assert_string_equal(song->artists[2].name, "B");
	assert_int_equal(song->artists[2].id.kind, MEDIA_ARTIST);
	assert_string_equal(song->album_id.key, "9");
	assert_int_equal(song->album_id.kind, MEDIA_ALBUM);
	assert_string_equal(song->album_title, "Rails");
	assert_string_equal(song->isrc, "XX0001");
	assert_int_equal(song->duration_ms, 226000);
	assert_int_equal(song->track_number, 4);
	assert_int_equal(song->disc_number, 2);
	assert_int_equal(song->preview_expires_ms, 1774969892000);
	assert_true(fabs(song->gain_lufs + 12.4) < 1e-9);
	assert_string_equal(song->release_date, "2001-03-07");
	assert_string_equal(song->image_key, MD5);
	assert_string_equal(song->image_base, "https://" OLD "/images/cover/" MD5);
	assert_true(song->explicit_content);
	assert_true(song->readable);
	assert_int_equal(song->seen_ms, 5000);
	media_list_unref(list);
}

static void
what_is_explicit_and_what_was_cleaned_of_it_are_told_apart(void **state)
{
	static const struct {
		const char *facts;
		bool explicit_content, edited;
	} rows[] = {
		{ "\"explicit_content_lyrics\":0", false, false },
		{ "\"explicit_content_lyrics\":1", true, false },
		{ "\"explicit_content_lyrics\":2", false, false },
		{ "\"explicit_content_lyrics\":3", false, true },
		{ "\"explicit_content_lyrics\":4", true, false },
		{ "\"explicit_content_lyrics\":6", false, false },
		{ "\"explicit_lyrics\":true", true, false },
		{ "\"explicit_lyrics\":true,\"explicit_content_lyrics\":3", true, false },
	};
	char json[200];

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		snprintf(json, sizeof json, "{\"id\":1,\"title\":\"A\",%s}", rows[i].facts);
		struct media_list *list = parse_item(json, MEDIA_SONG);
		assert_int_equal(list->items[0].explicit_content, rows[i].explicit_content);
		assert_int_equal(list->items[0].edited, rows[i].edited);
		media_list_unref(list);
	}
}

static void
an_album_has_upc_label_genres_and_people(void **state)
{
	static const char json[] =
		"{\"id\":\"9\",\"title\":\"Rails\",\"upc\":\"0012\",\"label\":\"L\",\"md5_"
		"image\":"
		"\"" MD5
		"\",\"genres\":{\"data\":[{\"id\":1,\"name\":\"Dance\"},{\"id\":2},"
		"{\"id\":3,\"name\":\"Pop\"}]},\"nb_tracks\":14,\"duration\":3660,"
		"\"release_date\":\"0000-00-00\",\"record_type\":\"album\",\"available\":"
		"false,"
		"\"artist\":{\"id\":5,\"name\":\"A\"},\"type\":\"album\",\"tracks\":{"
		"\"data\":[]}}";
	struct media_list *list = parse_item(json, MEDIA_ALBUM);
	const struct media *album = &list->items[0];

	(void)state;
	assert_string_equal(album->upc, "0012");
	assert_string_equal(album->label, "L");
	assert_int_equal(album->genre_count, 2);
	assert_string_equal(album->genres[1], "Pop");
	assert_int_equal(album->track_count, 14);
	assert_int_equal(album->duration_ms, 3660000);
	assert_string_equal(album->release_date, "");
	assert_string_equal(album->artists[0].name, "A");
	assert_int_equal(album->main_artist_count, 1);
	assert_false(album->readable);
	assert_string_equal(album->image_base, "https://" NEW "/images/cover/" MD5);
	media_list_unref(list);
}

static void
a_playlist_has_an_owner_and_may_show_four_covers(void **state)
{
	static const char json[] =
		"{\"id\":1,\"title\":\"Mix\",\"description\":\"d\",\"nb_tracks\":3,\"md5_"
		"image\":"
		"\"" MD5 "-" MD5 "\",\"picture_type\":\"cover\",\"creation_date\":"
		"\"2013-11-06 17:00:00\",\"creator\":{\"id\":2,\"name\":\"me\"},"
		"\"type\":\"playlist\"}";
	struct media_list *list = parse_item(json, MEDIA_PLAYLIST);
	const struct media *playlist = &list->items[0];

	(void)state;
	assert_string_equal(playlist->description, "d");
	assert_string_equal(playlist->release_date, "2013-11-06");
	assert_string_equal(playlist->image_key, MD5 "-" MD5);
	assert_string_equal(
		playlist->image_base, "https://" NEW "/images/cover/" MD5 "-" MD5);
	media_list_unref(list);
}

static void
pictures_come_from_any_host_and_may_be_missing(void **state)
{
	static const struct {
		const char *json;
		const char *base; /* NULL: no picture */
	} rows[] = {
		{ "{\"id\":1,\"name\":\"n\"," COVER(NEW, "artist", MD5, "picture_xl") "}",
			"https://" NEW "/images/artist/" MD5 },
		{ "{\"id\":1,\"name\":\"n\"," COVER(OLD, "artist", "", "picture_xl") "}",
			NULL },
		{ "{\"id\":1,\"name\":\"n\"," COVER(
			  OLD, "artist", "", "picture_medium") ","
							       "\"md5_image\":\"\"}",
			NULL },
		{ "{\"id\":1,\"name\":\"n\",\"picture_medium\":"
		  "\"http://127.0.0.1:81/x/images/artist/abc/250x250-000000-80-0-0.jpg\"}",
			"http://127.0.0.1:81/x/images/artist/abc" },
		{ "{\"id\":1,\"name\":\"n\",\"picture_medium\":\"ftp://h/images/artist/a/"
		  "1x1\"}",
			NULL },
		{ "{\"id\":1,\"name\":\"n\",\"picture_medium\":\"https://h/a "
		  "b/abc/1x1.jpg\"}",
			NULL },
		{ "{\"id\":1,\"name\":\"n\",\"picture_medium\":\"https://x\"}", NULL },
		{ "{\"id\":1,\"name\":\"n\",\"md5_image\":\"../../etc\"}", NULL },
		{ "{\"id\":1,\"name\":\"n\"}", NULL },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct media_list *list = parse_item(rows[i].json, MEDIA_ARTIST);
		if (rows[i].base == NULL) {
			assert_null(list->items[0].image_key);
			assert_null(list->items[0].image_base);
		} else {
			assert_string_equal(list->items[0].image_base, rows[i].base);
		}
		media_list_unref(list);
	}
}

static void
days_that_do_not_exist_are_unknown(void **state)
{
	static const struct {
		const char *date;
		const char *kept;
	} rows[] = {
		{ "2001-03-07", "2001-03-07" },
		{ "2000-02-29", "2000-02-29" },
		{ "2001-02-29", "" },
		{ "1900-02-29", "" },
		{ "0000-00-00", "" },
		{ "2001-13-01", "" },
		{ "2001-04-31", "" },
		{ "2001", "" },
		{ "20010-1-01", "" },
		{ "2001-3-7abc", "" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		char json[200];
		snprintf(json, sizeof json,
			"{\"id\":1,\"title\":\"t\",\"release_date\":\"%s\"}", rows[i].date);
		struct media_list *list = parse_item(json, MEDIA_ALBUM);
		assert_string_equal(list->items[0].release_date, rows[i].kept);
		media_list_unref(list);
	}
}

static void
absurd_values_are_unknown(void **state)
{
	struct media_list *list = parse_item(
		"{\"id\":1,\"title\":\"\",\"duration\":99999999999999999,\"gain\":1e308,"
		"\"track_position\":-4,\"disk_number\":0,\"preview\":\"\",\"artist\":[],"
		"\"album\":null,\"contributors\":{\"a\":1},\"isrc\":7}",
		MEDIA_SONG);
	const struct media *song = &list->items[0];

	(void)state;
	assert_string_equal(song->title, "1");
	assert_int_equal(song->duration_ms, 0);
	assert_int_equal(song->track_number, 0);
	assert_int_equal(song->disc_number, 0);
	assert_null(song->preview_url);
	assert_null(song->isrc);
	assert_null(song->album_title);
	assert_string_equal(song->album_id.key, "");
	assert_int_equal(song->artist_count, 0);
	assert_true(song->gain_lufs == 0);
	media_list_unref(list);
}

/* ---- lists ---- */

static void
a_list_skips_what_it_cannot_use_and_counts_it(void **state)
{
	struct media_list *list = parse(
		"{\"data\":[{\"id\":1,\"title\":\"a\",\"type\":\"track\"},7,null,"
		"{\"title\":\"no id\"},{\"id\":2,\"title\":\"p\",\"type\":\"podcast\"},"
		"{\"id\":3,\"title\":\"b\"}],\"total\":90,\"next\":\"http://x\"}",
		true, (struct deezer_context){ .kind = MEDIA_SONG, .offset = 25 });

	(void)state;
	assert_int_equal(list->count, 2);
	assert_int_equal(list->received, 6);
	assert_int_equal(list->total, 90);
	assert_int_equal(list->offset, 25);
	assert_string_equal(list->items[1].id.key, "3");
	media_list_unref(list);
}

static void
total_is_never_less_than_what_was_seen(void **state)
{
	struct media_list *list = parse("{\"data\":[{\"id\":1,\"title\":\"a\"}]}", true,
		(struct deezer_context){ .kind = MEDIA_SONG, .offset = 10 });

	(void)state;
	assert_int_equal(list->total, 11);
	media_list_unref(list);
	list = parse_list("{\"data\":[],\"total\":14,\"prev\":\"x\"}", MEDIA_SONG);
	assert_int_equal(list->count, 0);
	assert_int_equal(list->total, 14);
	media_list_unref(list);
}

static void
album_tracks_take_from_the_album_what_they_lack(void **state)
{
	struct media_list *albums =
		parse_item("{\"id\":9,\"title\":\"Rails\",\"release_date\":\"2001-03-07\","
			   "\"md5_image\":"
			   "\"" MD5 "\",\"genres\":{\"data\":[{\"name\":\"Dance\"}]},"
			   "\"artist\":{\"id\":5,\"name\":\"A\"}}",
			MEDIA_ALBUM);
	struct media_list *list = parse(
		"{\"data\":[{\"id\":1,\"title\":\"a\",\"track_position\":1,\"disk_number\":"
		"1,"
		"\"isrc\":\"I\",\"artist\":{\"id\":8,\"name\":\"Z\"}}],\"total\":1}",
		true,
		(struct deezer_context){ .kind = MEDIA_SONG, .album = &albums->items[0] });
	const struct media *song = &list->items[0];

	(void)state;
	assert_string_equal(song->album_title, "Rails");
	assert_string_equal(song->album_id.key, "9");
	assert_string_equal(song->artists[0].name, "Z");
	assert_int_equal(song->album_artist_count, 1);
	assert_string_equal(song->album_artists[0].name, "A");
	assert_string_equal(song->release_date, "2001-03-07");
	assert_string_equal(song->image_key, MD5);
	assert_string_equal(song->genres[0], "Dance");
	media_list_unref(list);
	media_list_unref(albums);
}

static void
an_artists_albums_take_the_artist_from_the_asker(void **state)
{
	struct media_list *artists = parse_item("{\"id\":5,\"name\":\"A\"}", MEDIA_ARTIST);
	struct media_list *list = parse("{\"data\":[{\"id\":9,\"title\":\"R\"}]}", true,
		(struct deezer_context){
			.kind = MEDIA_ALBUM, .artist = &artists->items[0] });

	(void)state;
	assert_int_equal(list->items[0].main_artist_count, 1);
	assert_string_equal(list->items[0].artists[0].name, "A");
	assert_string_equal(list->items[0].artists[0].id.key, "5");
	media_list_unref(list);
	media_list_unref(artists);
}

static void
pages_join_to_one_list(void **state)
{
	struct media_list *list = parse_list("{\"data\":[{\"id\":1},5]}", MEDIA_SONG);
	struct media_list *page =
		parse_list("{\"data\":[{\"id\":2},{\"id\":3}]}", MEDIA_SONG);

	(void)state;
	media_list_append(list, page);
	media_list_unref(page);
	assert_int_equal(list->count, 3);
	assert_int_equal(list->received, 4);
	assert_string_equal(list->items[2].id.key, "3");
	media_list_unref(media_list_ref(list));
	media_list_unref(list);
	media_list_unref(NULL);
}

static void
the_smallest_picture_that_is_large_enough_is_asked_for(void **state)
{
	static const struct {
		int size;
		const char *url;
	} rows[] = {
		{ 0, "b/56x56-000000-80-0-0.jpg" },
		{ 56, "b/56x56-000000-80-0-0.jpg" },
		{ 57, "b/250x250-000000-80-0-0.jpg" },
		{ 500, "b/500x500-000000-80-0-0.jpg" },
		{ 4000, "b/1000x1000-000000-80-0-0.jpg" },
	};
	struct text url;

	(void)state;
	text_init(&url);
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		text_clear(&url);
		deezer_media_image_url(&url, "b", rows[i].size);
		assert_string_equal(text_get(&url), rows[i].url);
	}
	text_fini(&url);
}

/* ---- errors ---- */

static void
every_error_shape_is_an_error(void **state)
{
	static const struct {
		int status;
		const char *body;
		enum err err;
	} rows[] = {
		{ 200, "{\"error\":{\"type\":\"E\",\"message\":\"Quota\",\"code\":4}}",
			ERR_BUSY },
		{ 200, "{\"error\":{\"message\":\"m\",\"code\":700}}", ERR_BUSY },
		{ 200, "{\"error\":{\"message\":\"no data\",\"code\":800}}",
			ERR_NOT_FOUND },
		{ 404, "{\"error\":{\"message\":\"no data\",\"code\":800}}",
			ERR_NOT_FOUND },
		{ 200, "{\"error\":{\"code\":300}}", ERR_DENIED },
		{ 200, "{\"error\":{\"code\":901}}", ERR_DENIED },
		{ 200, "{\"error\":{\"code\":500}}", ERR_INVALID },
		{ 200, "{\"error\":{\"code\":600}}", ERR_INVALID },
		{ 200, "{\"error\":{\"type\":\"E\",\"message\":\"An error\"}}",
			ERR_PROTOCOL },
		{ 500, "{\"error\":{\"message\":\"An error\"}}", ERR_UNREACHABLE },
		{ 404, "{\"error\":\"Not Found\"}", ERR_NOT_FOUND },
		{ 200, "{\"error\":\"Not Found\"}", ERR_NOT_FOUND },
		{ 200, "{\"error\":\"Gone mad\"}", ERR_PROTOCOL },
		{ 200, "false", ERR_PROTOCOL },
		{ 200, "true", ERR_PROTOCOL },
		{ 200, "", ERR_PROTOCOL },
		{ 200, "[]", ERR_PROTOCOL },
		{ 200, "{}", ERR_PROTOCOL },
		{ 200, "null", ERR_PROTOCOL },
		{ 200, "{\"data\":[{\"id\":1,\"tit", ERR_PROTOCOL },
		{ 200, "{\"data\":{}}", ERR_PROTOCOL },
		{ 200, "<html>maintenance</html>", ERR_PROTOCOL },
		{ 502, "<html>bad gateway</html>", ERR_UNREACHABLE },
		{ 429, "", ERR_BUSY },
		{ 403, "<html>", ERR_DENIED },
		{ 404, "<html>", ERR_NOT_FOUND },
		{ 302, "{}", ERR_PROTOCOL },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct deezer_answer answer = { rows[i].status, rows[i].body,
			strlen(rows[i].body) };
		struct deezer_context context = { .kind = MEDIA_SONG };
		struct media_list *list = (struct media_list *)&answer;
		char why[200] = "";
		enum err err =
			deezer_media_parse_list(&list, &answer, &context, why, sizeof why);
		if (err != rows[i].err)
			fail_msg("%s gave %s", rows[i].body, err_name(err));
		assert_null(list);
		assert_string_not_equal(why, "");
		list = (struct media_list *)&answer;
		assert_int_equal(
			deezer_media_parse_item(&list, &answer, &context, why, sizeof why),
			rows[i].err);
		assert_null(list);
	}
}

/* ---- recorded answers, when they are at hand ---- */

#define RECORDED "../shared/data/deezer/"

/* Files whose name does not tell what is in them; `count` < 0: an error. */
static const struct recorded {
	const char *start; /* of the file's name; the first that fits counts */
	enum media_kind kind;
	bool is_list;
	int count;
} recorded[] = {
	{ "album_302127_tracks_index14", MEDIA_SONG, true, 0 },
	{ "album_302127_tracks", MEDIA_SONG, true, 14 },
	{ "album_", MEDIA_ALBUM, false, 1 },
	{ "artist_27.", MEDIA_ARTIST, false, 1 },
	{ "artist_27_albums_index25", MEDIA_ALBUM, true, 7 },
	{ "artist_27_albums_limit1", MEDIA_ALBUM, true, 1 },
	{ "artist_27_albums_page1", MEDIA_ALBUM, true, 6 },
	{ "artist_27_playlists", MEDIA_PLAYLIST, true, 4 },
	{ "artist_27_radio", MEDIA_SONG, true, 4 },
	{ "artist_27_related", MEDIA_ARTIST, true, 5 },
	{ "chart_0_albums", MEDIA_ALBUM, true, 4 },
	{ "chart_0_tracks", MEDIA_SONG, true, 4 },
	{ "chart.", MEDIA_ARTIST, true, 3 },
	{ "editorial_106_releases", MEDIA_ALBUM, true, 4 },
	{ "genre.", MEDIA_GENRE, true, 5 }, /* and one of id 0 */
	{ "genre_106_artists", MEDIA_ARTIST, true, 4 },
	{ "genre_106.", MEDIA_GENRE, false, 1 },
	{ "playlist_9200461_tracks", MEDIA_SONG, true, 5 },
	{ "playlist_9200461.", MEDIA_PLAYLIST, false, 1 },
	{ "radio_", MEDIA_SONG, true, 4 },
	{ "search_album", MEDIA_ALBUM, true, 6 },
	{ "search_artist_daft", MEDIA_ARTIST, true, 5 },
	{ "search_artist_empty", MEDIA_ARTIST, true, 0 },
	{ "search_artist_rouquine", MEDIA_ARTIST, true, 2 },
	{ "search_playlist", MEDIA_PLAYLIST, true, 5 },
	{ "search_limit3", MEDIA_SONG, true, 3 },
	{ "search_index1", MEDIA_SONG, true, 4 },
	{ "search_soliloquy_strict", MEDIA_SONG, true, 3 },
	{ "search_track_advanced_one", MEDIA_SONG, true, 1 },
	{ "search_", MEDIA_SONG, true, 4 },
	{ "track_", MEDIA_SONG, false, 1 },
	{ "z2026_album", MEDIA_ALBUM, false, 1 },
	{ "z2026_artist", MEDIA_ARTIST, false, 1 },
	{ "z2026_chart", MEDIA_SONG, true, 5 },
	{ "z2026_genre", MEDIA_GENRE, false, 1 },
	{ "z2026_search-album", MEDIA_ALBUM, true, 1 },
	{ "z2026_search-playlist", MEDIA_PLAYLIST, true, 1 },
	{ "z2026_search", MEDIA_SONG, true, 1 },
	{ "z2026_track", MEDIA_SONG, false, 1 },
	{ "", MEDIA_SONG, true, -1 },
};

static void
check_recorded(const char *name, struct text *body)
{
	size_t i = 0;
	char why[200] = "";
	struct media_list *list = NULL;
	struct deezer_answer answer = { 200, text_get(body), body->size };

	while (strncmp(name, recorded[i].start, strlen(recorded[i].start)) != 0)
		i++;
	const struct recorded *row = &recorded[i];
	struct deezer_context context = { .kind = row->kind };
	enum err err = row->is_list ? deezer_media_parse_list(
					      &list, &answer, &context, why, sizeof why)
				    : deezer_media_parse_item(
					      &list, &answer, &context, why, sizeof why);
	if ((err != ERR_NONE) != (row->count < 0))
		fail_msg("%s: %s %s", name, err_name(err), why);
	if (list != NULL && list->count != (size_t)row->count)
		fail_msg("%s: %zu of %d", name, list->count, row->count);
	for (size_t k = 0; list != NULL && k < list->count; k++) {
		const struct media *media = &list->items[k];
		assert_true(media->title[0] != '\0' && media->id.key[0] != '\0');
		bool artist_known =
			media->artist_count > 0 ||
			(media->kind != MEDIA_SONG && media->kind != MEDIA_ALBUM) ||
			strncmp(name, "artist_27_albums", 16) == 0;
		if (!artist_known)
			fail_msg("%s: item %zu has no artist", name, k);
	}
	media_list_unref(list);
}

static void
every_recorded_answer_is_understood(void **state)
{
	DIR *folder = opendir(RECORDED);
	struct text body;
	size_t count = 0;

	(void)state;
	if (folder == NULL)
		skip();
	text_init(&body);
	for (struct dirent *entry = readdir(folder); entry != NULL;
		entry = readdir(folder)) {
		char path[400];
		if (strstr(entry->d_name, ".json") == NULL)
			continue;
		snprintf(path, sizeof path, RECORDED "%s", entry->d_name);
		FILE *file = fopen(path, "rb");
		assert_non_null(file);
		text_clear(&body);
		for (size_t got = 1; got > 0; body.size += got)
			got = fread(text_reserve(&body, 4096), 1, 4096, file);
		fclose(file);
		check_recorded(entry->d_name, &body);
		count++;
	}
	closedir(folder);
	text_fini(&body);
	assert_true(count > 40);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_track_has_all_its_facts),
		cmocka_unit_test(
			what_is_explicit_and_what_was_cleaned_of_it_are_told_apart),
		cmocka_unit_test(an_album_has_upc_label_genres_and_people),
		cmocka_unit_test(a_playlist_has_an_owner_and_may_show_four_covers),
		cmocka_unit_test(pictures_come_from_any_host_and_may_be_missing),
		cmocka_unit_test(days_that_do_not_exist_are_unknown),
		cmocka_unit_test(absurd_values_are_unknown),
		cmocka_unit_test(a_list_skips_what_it_cannot_use_and_counts_it),
		cmocka_unit_test(total_is_never_less_than_what_was_seen),
		cmocka_unit_test(album_tracks_take_from_the_album_what_they_lack),
		cmocka_unit_test(an_artists_albums_take_the_artist_from_the_asker),
		cmocka_unit_test(pages_join_to_one_list),
		cmocka_unit_test(the_smallest_picture_that_is_large_enough_is_asked_for),
		cmocka_unit_test(every_error_shape_is_an_error),
		cmocka_unit_test(every_recorded_answer_is_understood),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
