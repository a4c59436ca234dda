#include "providers/media_item.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "core/json.h"

#define SONG_ID   "657874011100000000000000002fd844"
#define ALBUM_ID  "65787401120000000000000000049c2f"
#define ARTIST_ID "6578740113000000000000000000001b"
#define MD5       "0123456789abcdef0123456789abcdef"

static const struct track_formats preview_form = {
	.of = { { .quality = TRACK_PREVIEW,
		.size = 480748,
		.duration_ms = 30000,
		.bitrate = 128000,
		.sample_rate = 44100,
		.channels = 2 } },
	.count = 1,
};

static const struct item_context preview = { .server_id =
						     "8c73b3d007dc4eaba552614833a4c35e",
	.offered = { [PROVIDER_DEEZER] = TRACK_BIT(TRACK_PREVIEW),
		[PROVIDER_QOBUZ] = TRACK_BIT(TRACK_PREVIEW) },
	.forms = &preview_form,
	.can_download = true };

static struct external_id
id_of(enum media_kind kind, const char *key)
{
	struct external_id id = { .provider = PROVIDER_DEEZER, .kind = kind };

	assert_true(copy_text(id.key, sizeof id.key, key));
	return id;
}

static struct media_list *
list_of(enum media_kind kind, const char *key, const char *title)
{
	struct media_list *list = media_list_new(1);
	struct media *media = media_list_add(list);

	media->kind = kind;
	media->id = id_of(kind, key);
	media->title = xstrdup(title);
	media->readable = true;
	media->seen_ms = 1774968992000;
	return list;
}

static struct media_list *
full_song(void)
{
	struct media_list *list = list_of(MEDIA_SONG, "3135556", "Night Train");
	struct media *song = &list->items[0];
	struct external_id main_artist = id_of(MEDIA_ARTIST, "27"), nobody = { 0 };

	media_add_artist(song, &main_artist, "A");
	song->main_artist_count = 1;
	media_add_artist(song, &nobody, "Guest");
	song->album_id = id_of(MEDIA_ALBUM, "302127");
	song->album_title = xstrdup("Rails");
	song->isrc = xstrdup("XX0001");
	song->duration_ms = 226000;
	song->track_number = 4;
	song->gain_lufs = -12.4;
	memcpy(song->release_date, "2001-03-07", 11);
	song->image_key = xstrdup(MD5);
	song->image_base = xstrdup("https://h/images/cover/" MD5);
	song->explicit_content = true;
	return list;
}

static struct media_list *
full_album(void)
{
	struct media_list *list = list_of(MEDIA_ALBUM, "302127", "Rails");
	struct media *album = &list->items[0];
	struct external_id artist = id_of(MEDIA_ARTIST, "27");

	media_add_artist(album, &artist, "A");
	album->main_artist_count = 1;
	album->label = xstrdup("Label");
	album->upc = xstrdup("0012");
	album->genres = xcalloc(1, sizeof *album->genres);
	album->genres[album->genre_count++] = xstrdup("Dance");
	album->track_count = 14;
	album->duration_ms = 3660000;
	memcpy(album->release_date, "2001-03-07", 11);
	return list;
}

static const char *
text_at(const json_t *list, size_t i, const char *name)
{
	return json_text(json_array_get(list, i), name);
}

static void
a_song_is_an_audio_item_with_its_album_and_artists(void **state)
{
	struct media_list *list = full_song();
	json_t *item = media_item_new(&list->items[0], &preview);

	(void)state;
	assert_string_equal(json_text(item, "Id"), SONG_ID);
	assert_string_equal(json_text(item, "Name"), "Night Train (preview)");
	assert_string_equal(json_text(item, "SortName"), "night train");
	assert_string_equal(json_text(item, "Type"), "Audio");
	assert_string_equal(json_text(item, "MediaType"), "Audio");
	assert_string_equal(json_text(item, "ServerId"), preview.server_id);
	assert_string_equal(json_text(item, "Album"), "Rails");
	assert_string_equal(json_text(item, "AlbumId"), ALBUM_ID);
	assert_string_equal(json_text(item, "ParentId"), ALBUM_ID);
	assert_string_equal(json_text(item, "AlbumPrimaryImageTag"), MD5);
	assert_string_equal(json_text(json_member(item, "ImageTags"), "Primary"), MD5);
	assert_string_equal(json_text(item, "AlbumArtist"), "A");
	assert_int_equal(json_int(item, "IndexNumber", 0), 4);
	assert_int_equal(json_int(item, "ParentIndexNumber", 0), 1);
	assert_int_equal(json_int(item, "ProductionYear", 0), 2001);
	assert_string_equal(
		json_text(item, "PremiereDate"), "2001-03-07T00:00:00.0000000Z");
	assert_string_equal(json_text(item, "DateCreated"), "2001-03-07T00:00:00.0000000Z");
	assert_true(json_bool(item, "CanDownload", false));
	assert_false(json_bool(item, "IsFolder", true));
	assert_string_equal(text_at(json_member(item, "AlbumArtists"), 0, "Id"), ARTIST_ID);
	assert_int_equal(json_array_size(json_member(item, "AlbumArtists")), 1);
	assert_int_equal(json_array_size(json_member(item, "Artists")), 2);
	assert_string_equal(text_at(json_member(item, "ArtistItems"), 1, "Name"), "Guest");
	assert_int_equal(strlen(text_at(json_member(item, "ArtistItems"), 1, "Id")), 32);
	assert_string_equal(json_string_value(json_array_get(json_member(item, "Tags"), 0)),
		"Explicit");
	json_decref(item);
	media_list_unref(list);
}

static void
a_preview_lasts_and_weighs_what_is_served(void **state)
{
	struct media_list *list = full_song();
	struct item_context whole = { .server_id = "s",
		.offered = { [PROVIDER_DEEZER] = TRACK_BIT(TRACK_MP3_320) } };
	struct item_context unasked = preview;
	json_t *item = media_item_new(&list->items[0], &preview);
	const json_t *source = json_array_get(json_member(item, "MediaSources"), 0);

	(void)state;
	assert_int_equal(json_int(item, "RunTimeTicks", 0), 300000000);
	assert_int_equal(json_int(source, "RunTimeTicks", 0), 300000000);
	assert_int_equal(json_int(source, "Size", 0), 480748);
	assert_string_equal(json_text(source, "Id"), SONG_ID);
	assert_string_equal(json_text(source, "Container"), "mp3");
	assert_string_equal(json_text(source, "Protocol"), "File");
	json_decref(item);
	item = media_item_new(&list->items[0], &whole);
	assert_string_equal(json_text(item, "Name"), "Night Train");
	assert_int_equal(json_int(item, "RunTimeTicks", 0), 2260000000);
	assert_null(
		json_member(json_array_get(json_member(item, "MediaSources"), 0), "Size"));
	assert_false(json_bool(item, "CanDownload", true));
	json_decref(item);
	/* Where nothing can be heard it is no preview either. */
	whole.offered[PROVIDER_DEEZER] = 0;
	item = media_item_new(&list->items[0], &whole);
	assert_string_equal(json_text(item, "Name"), "Night Train");
	assert_int_equal(json_int(item, "RunTimeTicks", 0), 2260000000);
	json_decref(item);
	/* A song shorter than a preview is served whole. */
	list->items[0].duration_ms = 12000;
	unasked.forms = NULL;
	item = media_item_new(&list->items[0], &unasked);
	assert_int_equal(json_int(item, "RunTimeTicks", 0), 120000000);
	json_decref(item);
	media_list_unref(list);
}

/* What a song is said to be, by what the listener gets and what there is. */
static const struct {
	const char *name;
	track_quality_set offered;
	int bit_depth;
	int64_t sample_rate;
	const char *container;
	int64_t bitrate, depth, rate; /* 0: left out */
} forms[] = {
	{ "MP3", TRACK_BIT(TRACK_MP3_128) | TRACK_BIT(TRACK_MP3_320), 0, 0, "mp3", 320000,
		0, 44100 },
	{ "FLAC", TRACK_BIT(TRACK_MP3_320) | TRACK_BIT(TRACK_FLAC), 0, 0, "flac", 0, 16,
		44100 },
	{ "hi-res that there is", TRACK_ALL_FULL, 24, 88200, "flac", 0, 24, 88200 },
	{ "more of it", TRACK_ALL_FULL, 24, 192000, "flac", 0, 24, 192000 },
	{ "no hi-res", TRACK_ALL_FULL, 0, 0, "flac", 0, 16, 44100 },
	{ "hi-res for others", TRACK_BIT(TRACK_FLAC), 24, 96000, "flac", 0, 16, 44100 },
	{ "MP3 of hi-res", TRACK_BIT(TRACK_MP3_320), 24, 96000, "mp3", 320000, 0, 44100 },
	{ "a preview of hi-res", TRACK_BIT(TRACK_PREVIEW), 24, 96000, "mp3", 128000, 0,
		44100 },
	{ "nothing to hear", 0, 24, 96000, "flac", 0, 24, 96000 },
};

static void
a_song_is_in_the_best_form_that_is_certain(void **state)
{
	struct media_list *list = full_song();

	(void)state;
	for (size_t i = 0; i < COUNT_OF(forms); i++) {
		struct item_context context = { .server_id = "s",
			.offered = { [PROVIDER_DEEZER] = forms[i].offered } };
		list->items[0].bit_depth = forms[i].bit_depth;
		list->items[0].sample_rate = forms[i].sample_rate;
		json_t *item = media_item_new(&list->items[0], &context);
		const json_t *source = json_array_get(json_member(item, "MediaSources"), 0);
		const json_t *stream =
			json_array_get(json_member(source, "MediaStreams"), 0);
		assert_string_equal(json_text(item, "Container"), forms[i].container);
		assert_string_equal(json_text(source, "Container"), forms[i].container);
		assert_string_equal(json_text(stream, "Codec"), forms[i].container);
		assert_non_null(strstr(json_text(source, "Path"), forms[i].container));
		assert_int_equal(json_int(source, "Bitrate", 0), forms[i].bitrate);
		assert_int_equal(json_int(stream, "BitRate", 0), forms[i].bitrate);
		assert_int_equal(json_int(stream, "BitDepth", 0), forms[i].depth);
		assert_int_equal(json_int(stream, "SampleRate", 0), forms[i].rate);
		assert_null(json_member(source, "Size"));
		json_decref(item);
	}
	media_list_unref(list);
}

static void
exact_forms_go_before_likely_ones(void **state)
{
	struct media_list *list = full_song();
	struct track_formats exact = { .count = 2 };
	struct item_context context = { .server_id = "s",
		.offered = { [PROVIDER_DEEZER] = TRACK_ALL_FULL },
		.forms = &exact,
		.has_lyrics = true };

	(void)state;
	exact.of[0] = track_format_of(TRACK_FLAC);
	exact.of[0].size = 28250000;
	exact.of[1] = track_format_of(TRACK_MP3_320);
	exact.of[1].size = 9040000;
	json_t *item = media_item_new(&list->items[0], &context);
	const json_t *source = json_array_get(json_member(item, "MediaSources"), 0);
	assert_int_equal(json_int(source, "Size", 0), 28250000);
	assert_int_equal(json_int(source, "Bitrate", 0), 1000000);
	assert_true(json_bool(item, "HasLyrics", false));
	assert_string_equal(text_at(json_member(item, "MediaStreams"), 1, "Type"), "Lyric");
	assert_string_equal(
		text_at(json_member(source, "MediaStreams"), 1, "Type"), "Lyric");
	char *etag = xstrdup(json_text(source, "ETag"));
	json_decref(item);
	/* What a client does not play is nothing to it, and another form another file. */
	context.offered[PROVIDER_DEEZER] = TRACK_BIT(TRACK_MP3_320);
	item = media_item_new(&list->items[0], &context);
	source = json_array_get(json_member(item, "MediaSources"), 0);
	assert_string_equal(json_text(source, "Container"), "mp3");
	assert_int_equal(json_int(source, "Size", 0), 9040000);
	assert_string_not_equal(json_text(source, "ETag"), etag);
	json_decref(item);
	xfree(etag);
	media_list_unref(list);
}

static void
a_sample_of_a_whole_song_says_so(void **state)
{
	struct media_list *list = full_song();
	struct item_context context = { .server_id = "s",
		.offered = { [PROVIDER_DEEZER] =
				     TRACK_ALL_FULL | TRACK_BIT(TRACK_PREVIEW) },
		.forms = &preview_form };
	json_t *item = media_item_new(&list->items[0], &context);

	(void)state;
	assert_string_equal(json_text(item, "Name"), "Night Train (preview)");
	assert_int_equal(json_int(item, "RunTimeTicks", 0), 300000000);
	json_decref(item);
	media_list_unref(list);
}

static void
loudness_becomes_a_correction_to_minus_18(void **state)
{
	struct media_list *list = full_song();
	json_t *item = media_item_new(&list->items[0], &preview);

	(void)state;
	assert_true(fabs(json_double(item, "NormalizationGain", 0) + 5.6) < 1e-6);
	json_decref(item);
	list->items[0].gain_lufs = 0;
	item = media_item_new(&list->items[0], &preview);
	assert_null(json_member(item, "NormalizationGain"));
	json_decref(item);
	media_list_unref(list);
}

static void
an_album_artist_is_the_albums_when_that_is_known(void **state)
{
	struct media_list *list = full_song(), *albums = full_album();
	struct media *album = &albums->items[0];

	(void)state;
	xfree(album->artists[0].name);
	album->artists[0].name = xstrdup("Various");
	media_set_album(&list->items[0], album);
	json_t *item = media_item_new(&list->items[0], &preview);
	assert_string_equal(json_text(item, "AlbumArtist"), "Various");
	assert_string_equal(
		json_string_value(json_array_get(json_member(item, "Artists"), 0)), "A");
	json_decref(item);
	media_list_unref(list);
	media_list_unref(albums);
}

static void
what_search_does_not_say_is_left_out(void **state)
{
	struct media_list *list = list_of(MEDIA_SONG, "1", "T");
	json_t *item = media_item_new(&list->items[0], &preview);
	static const char *const absent[] = { "IndexNumber", "ProductionYear",
		"PremiereDate", "Album", "AlbumId", "ParentId", "AlbumPrimaryImageTag",
		"AlbumArtist", "PrimaryImageAspectRatio" };

	(void)state;
	for (size_t i = 0; i < COUNT_OF(absent); i++)
		assert_null(json_member(item, absent[i]));
	assert_true(json_is_array(json_member(item, "AlbumArtists")));
	assert_int_equal(json_object_size(json_member(item, "ImageTags")), 0);
	/* Known since the day the provider told us. */
	assert_string_equal(json_text(item, "DateCreated"), "2026-03-31T00:00:00.0000000Z");
	json_decref(item);
	media_list_unref(list);
}

static void
an_album_counts_its_tracks_and_names_label_and_genres(void **state)
{
	struct media_list *list = full_album();
	json_t *item = media_item_new(&list->items[0], &preview);

	(void)state;
	assert_string_equal(json_text(item, "Type"), "MusicAlbum");
	assert_string_equal(json_text(item, "MediaType"), "Unknown");
	assert_string_equal(json_text(item, "Name"), "Rails");
	assert_true(json_bool(item, "IsFolder", false));
	assert_int_equal(json_int(item, "ChildCount", 0), 14);
	assert_int_equal(json_int(item, "RunTimeTicks", 0), 14 * 300000000LL);
	assert_string_equal(json_text(item, "ParentId"), ARTIST_ID);
	assert_string_equal(text_at(json_member(item, "Studios"), 0, "Name"), "Label");
	assert_string_equal(text_at(json_member(item, "GenreItems"), 0, "Name"), "Dance");
	assert_int_equal(strlen(text_at(json_member(item, "GenreItems"), 0, "Id")), 32);
	assert_string_equal(json_text(json_member(item, "ProviderIds"), "UPC"), "0012");
	assert_string_equal(
		json_text(json_member(item, "ProviderIds"), "Deezer"), "302127");
	assert_null(json_member(item, "MediaSources"));
	assert_false(json_bool(item, "CanDownload", true));
	json_decref(item);
	media_list_unref(list);
}

static void
artists_and_playlists_say_how_much_they_hold(void **state)
{
	struct media_list *artist = list_of(MEDIA_ARTIST, "27", "A");
	struct media_list *playlist = list_of(MEDIA_PLAYLIST, "9", "Mix");
	struct media *media = &playlist->items[0];

	(void)state;
	artist->items[0].album_count = 3;
	json_t *item = media_item_new(&artist->items[0], &preview);
	assert_string_equal(json_text(item, "Type"), "MusicArtist");
	assert_int_equal(json_int(item, "AlbumCount", 0), 3);
	assert_int_equal(json_int(item, "RunTimeTicks", -1), 0);
	json_decref(item);
	media->description = xstrdup("words");
	media->image_key = xstrdup(MD5 "-" MD5 "-" MD5);
	item = media_item_new(media, &preview);
	assert_string_equal(json_text(item, "Type"), "Playlist");
	assert_string_equal(json_text(item, "MediaType"), "Audio");
	assert_string_equal(json_text(item, "Overview"), "words");
	assert_non_null(strstr(json_text(item, "Path"), "/data/playlists/"));
	assert_null(json_member(item, "ProductionYear"));
	assert_int_equal(strlen(json_text(json_member(item, "ImageTags"), "Primary")), 32);
	json_decref(item);
	media_list_unref(artist);
	media_list_unref(playlist);
}

static void
a_hint_names_album_and_artist(void **state)
{
	struct media_list *list = full_song();
	json_t *hint = media_hint_new(&list->items[0], &preview);

	(void)state;
	assert_string_equal(json_text(hint, "Id"), SONG_ID);
	assert_string_equal(json_text(hint, "ItemId"), SONG_ID);
	assert_string_equal(json_text(hint, "Name"), "Night Train (preview)");
	assert_string_equal(json_text(hint, "AlbumArtist"), "A");
	assert_string_equal(json_text(hint, "AlbumId"), ALBUM_ID);
	assert_string_equal(json_text(hint, "PrimaryImageTag"), MD5);
	assert_true(json_is_null(json_member(hint, "ChannelId")));
	json_decref(hint);
	media_list_unref(list);
}

static void
no_path_is_a_url(void **state)
{
	struct media_list *list = full_song();
	json_t *source = media_source_new(&list->items[0], &preview);

	(void)state;
	assert_null(strstr(json_text(source, "Path"), "://"));
	json_decref(source);
	media_list_unref(list);
}

/* ---- against a real server's document and its published schema, when at hand ---- */

#define RECORDED "../shared/data/jellyfin/"

static json_t *schemas; /* components.schemas of openapi.json */

static bool
is_type(const json_t *value, const char *type)
{
	if (strcmp(type, "string") == 0)
		return json_is_string(value);
	if (strcmp(type, "integer") == 0)
		return json_is_integer(value);
	if (strcmp(type, "number") == 0)
		return json_is_number(value);
	if (strcmp(type, "boolean") == 0)
		return json_is_boolean(value);
	if (strcmp(type, "array") == 0)
		return json_is_array(value);
	return json_is_object(value);
}

/* The part of JSON Schema that Jellyfin's document uses. */
static void
check_schema(const json_t *value, const json_t *schema, const char *where)
{
	const json_t *reference = json_member(schema, "$ref"), *one;
	const json_t *choices = json_member(schema, "enum");
	const char *type = json_text(schema, "type"), *format = json_text(schema, "format");
	const char *key;
	json_t *member;
	size_t i;

	if (json_is_null(value) && json_bool(schema, "nullable", false))
		return;
	if (reference != NULL) {
		const char *name = strrchr(json_string_value(reference), '/') + 1;
		check_schema(value, json_member(schemas, name), where);
		return;
	}
	json_array_foreach (json_member(schema, "allOf"), i, one)
		check_schema(value, one, where);
	if (type != NULL && !is_type(value, type))
		fail_msg("%s is no %s", where, type);
	bool chosen = choices == NULL;
	json_array_foreach (choices, i, one)
		chosen = chosen || json_equal(one, value);
	if (!chosen)
		fail_msg("%s is \"%s\"", where, json_string_value(value));
	if (format != NULL && strcmp(format, "uuid") == 0 &&
		json_string_length(value) != 32)
		fail_msg("%s is no id", where);
	if (format != NULL && strcmp(format, "date-time") == 0 &&
		json_string_length(value) != 28)
		fail_msg("%s is no date", where);
	json_array_foreach (value, i, one)
		check_schema(one, json_member(schema, "items"), where);
	const json_t *properties = json_member(schema, "properties");
	if (properties == NULL)
		return;
	json_object_foreach ((json_t *)(uintptr_t)value, key, member) {
		if (json_member(properties, key) == NULL)
			fail_msg("%s.%s is unknown", where, key);
		check_schema(member, json_member(properties, key), key);
	}
}

/* Everything a real server says, we say: but for what only a library knows. */
static void
check_fields(const json_t *item, const char *recorded_file)
{
	static const char *const library_only[] = { "DateLastMediaAdded", "SongCount",
		"TrailerCount", "MovieCount", "SeriesCount", "ProgramCount", "EpisodeCount",
		"ArtistCount", "MusicVideoCount", "RecursiveItemCount" };
	json_t *recorded = json_load_file(recorded_file, 0, NULL), *member;
	const char *key;

	assert_non_null(recorded);
	json_object_foreach (recorded, key, member) {
		/* Our artists stand in no folder of the library. */
		bool excused = json_member(item, key) != NULL ||
			       (strcmp(key, "ParentId") == 0 &&
				       strcmp(json_text(item, "Type"), "MusicArtist") == 0);
		for (size_t i = 0; i < COUNT_OF(library_only); i++)
			excused = excused || strcmp(key, library_only[i]) == 0;
		if (!excused)
			fail_msg("%s lacks %s", recorded_file, key);
	}
	json_decref(recorded);
}

static void
check_item(struct media_list *take_list, const char *recorded_file)
{
	struct media *media = &take_list->items[0];
	json_t *item = media_item_new(media, &preview);
	json_t *hint = media_hint_new(media, &preview);

	check_schema(item, json_member(schemas, "BaseItemDto"), "item");
	check_schema(hint, json_member(schemas, "SearchHint"), "hint");
	if (recorded_file != NULL)
		check_fields(item, recorded_file);
	json_decref(item);
	json_decref(hint);
	media_list_unref(take_list);
}

static void
items_have_a_real_servers_fields_and_fit_its_schema(void **state)
{
	json_t *document = json_load_file(RECORDED "openapi.json", 0, NULL);
	struct media_list *artist = list_of(MEDIA_ARTIST, "27", "A");

	(void)state;
	if (document == NULL) {
		media_list_unref(artist);
		skip();
	}
	schemas = json_member(json_member(document, "components"), "schemas");
	artist->items[0].album_count = 2;
	check_item(full_song(), RECORDED "item_audio.json");
	check_item(full_album(), NULL);
	check_item(artist, RECORDED "item_artist.json");
	check_item(list_of(MEDIA_SONG, "1", "T"), NULL);
	check_item(list_of(MEDIA_PLAYLIST, "1", "T"), NULL);
	check_item(list_of(MEDIA_GENRE, "1", "T"), NULL);
	struct media_list *album = full_album();
	album->items[0].image_key = xstrdup(MD5);
	album->items[0].image_base = xstrdup("https://h/" MD5);
	check_item(album, RECORDED "item_album.json");
	json_decref(document);
}

static void
an_item_says_what_its_user_has_done_with_it(void **state)
{
	struct media_list *list = full_song();
	struct item_context context = preview;
	struct user_item done = { .favourite = true, .play_count = 3, .version = 1 };

	(void)state;
	context.user = user_view_new();
	user_view_put(context.user, SONG_ID, &done);
	json_t *item = media_item_new(&list->items[0], &context);
	const json_t *data = json_member(item, "UserData");
	assert_true(json_bool(data, "IsFavorite", false));
	assert_int_equal(json_int(data, "PlayCount", 0), 3);
	assert_string_equal(json_text(data, "ItemId"), SONG_ID);
	assert_string_equal(json_text(data, "Key"), SONG_ID);
	json_decref(item);
	list->items[0].id = id_of(MEDIA_SONG, "3135557");
	item = media_item_new(&list->items[0], &context);
	assert_false(json_bool(json_member(item, "UserData"), "IsFavorite", true));
	json_decref(item);
	user_view_unref(context.user);
	media_list_unref(list);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_song_is_an_audio_item_with_its_album_and_artists),
		cmocka_unit_test(a_preview_lasts_and_weighs_what_is_served),
		cmocka_unit_test(a_song_is_in_the_best_form_that_is_certain),
		cmocka_unit_test(exact_forms_go_before_likely_ones),
		cmocka_unit_test(a_sample_of_a_whole_song_says_so),
		cmocka_unit_test(loudness_becomes_a_correction_to_minus_18),
		cmocka_unit_test(an_album_artist_is_the_albums_when_that_is_known),
		cmocka_unit_test(what_search_does_not_say_is_left_out),
		cmocka_unit_test(an_album_counts_its_tracks_and_names_label_and_genres),
		cmocka_unit_test(artists_and_playlists_say_how_much_they_hold),
		cmocka_unit_test(a_hint_names_album_and_artist),
		cmocka_unit_test(no_path_is_a_url),
		cmocka_unit_test(items_have_a_real_servers_fields_and_fit_its_schema),
		cmocka_unit_test(an_item_says_what_its_user_has_done_with_it),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
