/* Items as the strictest clients read them: one field missing or null where they expect a
 * value, and the Kotlin SDK or Finamp lose the whole list. Facts on providers §4.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "core/json.h"
#include "providers/media_item.h"

enum kind { TEXT, HEX32, NUMBER, BOOL, DATE, TEXTS, OBJECTS, OBJECT };

struct need {
	const char *name;
	enum kind kind;
	/* What has it: MEDIA_ kinds as bits; 0: everything. */
	unsigned of;
};

#define SONGS  (1u << MEDIA_SONG)
#define ALBUMS (1u << MEDIA_ALBUM)
#define LISTS  (1u << MEDIA_PLAYLIST)

static const struct need item_needs[] = {
	{ "Id", HEX32, 0 },
	{ "Name", TEXT, 0 },
	{ "SortName", TEXT, 0 },
	{ "ServerId", TEXT, 0 },
	{ "Etag", HEX32, 0 },
	{ "Type", TEXT, 0 },
	{ "MediaType", TEXT, 0 },
	{ "LocationType", TEXT, 0 },
	{ "PlayAccess", TEXT, 0 },
	{ "Path", TEXT, 0 },
	{ "DisplayPreferencesId", HEX32, 0 },
	{ "IsFolder", BOOL, 0 },
	{ "CanDelete", BOOL, 0 },
	{ "CanDownload", BOOL, 0 },
	{ "LockData", BOOL, 0 },
	{ "EnableMediaSourceDisplay", BOOL, 0 },
	{ "RunTimeTicks", NUMBER, 0 },
	{ "LocalTrailerCount", NUMBER, 0 },
	{ "SpecialFeatureCount", NUMBER, 0 },
	{ "DateCreated", DATE, 0 },
	{ "UserData", OBJECT, 0 },
	{ "ImageTags", OBJECT, 0 },
	{ "ImageBlurHashes", OBJECT, 0 },
	{ "ProviderIds", OBJECT, 0 },
	{ "BackdropImageTags", TEXTS, 0 },
	{ "Genres", TEXTS, 0 },
	{ "Tags", TEXTS, 0 },
	{ "Taglines", TEXTS, 0 },
	{ "LockedFields", TEXTS, 0 },
	{ "GenreItems", OBJECTS, 0 },
	{ "Studios", OBJECTS, 0 },
	{ "People", OBJECTS, 0 },
	{ "Chapters", OBJECTS, 0 },
	{ "ExternalUrls", OBJECTS, 0 },
	{ "RemoteTrailers", OBJECTS, 0 },
	{ "Artists", TEXTS, SONGS | ALBUMS },
	{ "ArtistItems", OBJECTS, SONGS | ALBUMS },
	{ "AlbumArtists", OBJECTS, SONGS | ALBUMS },
	{ "HasLyrics", BOOL, SONGS },
	{ "Container", TEXT, SONGS },
	{ "ParentIndexNumber", NUMBER, SONGS },
	{ "MediaSources", OBJECTS, SONGS },
	{ "MediaStreams", OBJECTS, SONGS },
	{ "CumulativeRunTimeTicks", NUMBER, ALBUMS | LISTS },
};
static const struct need source_needs[] = {
	{ "Id", HEX32, 0 },
	{ "ETag", HEX32, 0 },
	{ "Protocol", TEXT, 0 },
	{ "Type", TEXT, 0 },
	{ "Container", TEXT, 0 },
	{ "Name", TEXT, 0 },
	{ "Path", TEXT, 0 },
	{ "TranscodingSubProtocol", TEXT, 0 },
	{ "IsRemote", BOOL, 0 },
	{ "ReadAtNativeFramerate", BOOL, 0 },
	{ "IgnoreDts", BOOL, 0 },
	{ "IgnoreIndex", BOOL, 0 },
	{ "GenPtsInput", BOOL, 0 },
	{ "SupportsTranscoding", BOOL, 0 },
	{ "SupportsDirectStream", BOOL, 0 },
	{ "SupportsDirectPlay", BOOL, 0 },
	{ "IsInfiniteStream", BOOL, 0 },
	{ "RequiresOpening", BOOL, 0 },
	{ "RequiresClosing", BOOL, 0 },
	{ "RequiresLooping", BOOL, 0 },
	{ "SupportsProbing", BOOL, 0 },
	{ "HasSegments", BOOL, 0 },
	{ "UseMostCompatibleTranscodingProfile", BOOL, 0 },
	{ "RunTimeTicks", NUMBER, 0 },
	{ "DefaultAudioStreamIndex", NUMBER, 0 },
	{ "RequiredHttpHeaders", OBJECT, 0 },
	{ "Formats", TEXTS, 0 },
	{ "MediaAttachments", OBJECTS, 0 },
	{ "MediaStreams", OBJECTS, 0 },
};
static const struct need stream_needs[] = {
	{ "Type", TEXT, 0 },
	{ "Index", NUMBER, 0 },
	{ "VideoRange", TEXT, 0 },
	{ "VideoRangeType", TEXT, 0 },
	{ "AudioSpatialFormat", TEXT, 0 },
	{ "IsInterlaced", BOOL, 0 },
	{ "IsDefault", BOOL, 0 },
	{ "IsForced", BOOL, 0 },
	{ "IsHearingImpaired", BOOL, 0 },
	{ "IsOriginal", BOOL, 0 },
	{ "IsExternal", BOOL, 0 },
	{ "IsTextSubtitleStream", BOOL, 0 },
	{ "SupportsExternalStream", BOOL, 0 },
};
static const struct need user_data_needs[] = {
	{ "Key", TEXT, 0 },
	{ "ItemId", HEX32, 0 },
	{ "PlaybackPositionTicks", NUMBER, 0 },
	{ "PlayCount", NUMBER, 0 },
	{ "IsFavorite", BOOL, 0 },
	{ "Played", BOOL, 0 },
};
static const struct need pair_needs[] = { { "Id", HEX32, 0 }, { "Name", TEXT, 0 } };
static const struct need person_needs[] = { { "Id", HEX32, 0 }, { "Name", TEXT, 0 },
	{ "Type", TEXT, 0 } };
/* Null on a real server as well. */
static const char *const may_be_null[] = { "ChannelId" };
static const char *const ids[] = { "AlbumId", "ParentId" };
static const char *const dates[] = { "PremiereDate", "DateCreated" };

/* ---- values ---- */

static bool
is_hex32(const char *text)
{
	return text != NULL && strlen(text) == 32 && strspn(text, "0123456789abcdef") == 32;
}

/* The Swift SDK reads whole date-times in UTC, and nothing else. */
static bool
is_date(const char *text)
{
	static const char form[] = "0000-00-00T00:00:00.0000000Z";

	if (text == NULL || strlen(text) != strlen(form))
		return false;
	for (size_t i = 0; form[i] != '\0'; i++) {
		bool digit = text[i] >= '0' && text[i] <= '9';
		if (form[i] == '0' ? !digit : text[i] != form[i])
			return false;
	}
	return memcmp(text, "0000", 4) != 0;
}

static bool
all_are(const json_t *list, json_type type)
{
	for (size_t i = 0; i < json_array_size(list); i++) {
		if (json_typeof(json_array_get(list, i)) != type)
			return false;
	}
	return json_is_array(list);
}

static bool
is_of_kind(const json_t *value, enum kind kind)
{
	const char *text = json_string_value(value);

	switch (kind) {
	case TEXT:
		return text != NULL && text[0] != '\0';
	case HEX32:
		return is_hex32(text);
	case NUMBER:
		return json_is_integer(value) && json_integer_value(value) >= 0;
	case BOOL:
		return json_is_boolean(value);
	case DATE:
		return is_date(text);
	case TEXTS:
		return all_are(value, JSON_STRING);
	case OBJECTS:
		return all_are(value, JSON_OBJECT);
	case OBJECT:
		break;
	}
	return json_is_object(value);
}

static void
check(const json_t *object, const char *where, const struct need *needs, size_t count,
	unsigned of)
{
	for (size_t i = 0; i < count; i++) {
		if (needs[i].of != 0 && (needs[i].of & of) == 0)
			continue;
		if (!is_of_kind(json_member(object, needs[i].name), needs[i].kind))
			fail_msg("%s: %s is missing or not of its kind", where,
				needs[i].name);
	}
}

static void
check_each(const json_t *list, const char *where, const struct need *needs, size_t count)
{
	for (size_t i = 0; i < json_array_size(list); i++)
		check(json_array_get(list, i), where, needs, count, 0);
}

/* ---- items ---- */

static void
check_loose_members(const json_t *item)
{
	const json_t *value;
	const char *name;

	json_object_foreach ((json_t *)(uintptr_t)item, name, value) {
		bool excused = false;
		for (size_t i = 0; i < COUNT_OF(may_be_null); i++)
			excused = excused || strcmp(name, may_be_null[i]) == 0;
		if (json_is_null(value) && !excused)
			fail_msg("%s is null", name);
	}
	for (size_t i = 0; i < COUNT_OF(ids); i++) {
		value = json_member(item, ids[i]);
		assert_true(value == NULL || is_hex32(json_string_value(value)));
	}
	for (size_t i = 0; i < COUNT_OF(dates); i++) {
		value = json_member(item, dates[i]);
		assert_true(value == NULL || is_date(json_string_value(value)));
	}
}

static void
check_strictly(const json_t *item, const char *where, enum media_kind kind)
{
	static const char *const pairs[] = { "GenreItems", "Studios", "ArtistItems",
		"AlbumArtists" };
	const json_t *sources = json_member(item, "MediaSources");

	check(item, where, item_needs, COUNT_OF(item_needs), 1u << kind);
	check_loose_members(item);
	for (size_t i = 0; i < COUNT_OF(pairs); i++)
		check_each(json_member(item, pairs[i]), pairs[i], pair_needs,
			COUNT_OF(pair_needs));
	check_each(json_member(item, "People"), "People", person_needs,
		COUNT_OF(person_needs));
	check(json_member(item, "UserData"), "UserData", user_data_needs,
		COUNT_OF(user_data_needs), 0);
	check_each(sources, "MediaSources", source_needs, COUNT_OF(source_needs));
	check_each(json_member(item, "MediaStreams"), "MediaStreams", stream_needs,
		COUNT_OF(stream_needs));
	assert_int_equal(json_array_size(sources), kind == MEDIA_SONG ? 1 : 0);
	for (size_t i = 0; i < json_array_size(sources); i++) {
		const json_t *source = json_array_get(sources, i);
		const json_t *streams = json_member(source, "MediaStreams");
		check_each(streams, "MediaStreams", stream_needs, COUNT_OF(stream_needs));
		assert_true(json_equal(streams, json_member(item, "MediaStreams")));
		assert_string_equal(json_text(json_array_get(streams, 0), "Type"), "Audio");
		assert_null(strstr(json_text(source, "Path"), "://"));
	}
}

/* ---- media ---- */

static struct external_id
id_of(enum provider_id provider, enum media_kind kind, const char *key)
{
	struct external_id id = { .provider = provider, .kind = kind };

	assert_true(copy_text(id.key, sizeof id.key, key));
	return id;
}

/* The least that any provider says of anything. */
static struct media_list *
bare(enum provider_id provider, enum media_kind kind)
{
	struct media_list *list = media_list_new(1);
	struct media *media = media_list_add(list);

	media->kind = kind;
	media->id = id_of(provider, kind, "440001");
	media->title = xstrdup("T");
	media->seen_ms = 1774968992000;
	return list;
}

static struct media_list *
rich(enum provider_id provider, enum media_kind kind)
{
	struct media_list *list = bare(provider, kind);
	struct media *media = &list->items[0];
	struct external_id artist = id_of(provider, MEDIA_ARTIST, "27"), nobody = { 0 };

	media_add_artist(media, &artist, "A");
	media->main_artist_count = 1;
	media_add_artist(media, &nobody, "Guest");
	media->album_id = id_of(provider, MEDIA_ALBUM, "302127");
	media->album_title = xstrdup("Rails");
	media->isrc = xstrdup("XX0001");
	media->upc = xstrdup("0012");
	media->label = xstrdup("Label");
	media->description = xstrdup("words");
	media->genres = xcalloc(1, sizeof *media->genres);
	media->genres[media->genre_count++] = xstrdup("Dance");
	media->duration_ms = 226000;
	media->track_number = 4;
	media->track_count = 14;
	media->album_count = 3;
	media->gain_lufs = -12.4;
	media->bit_depth = 24;
	media->sample_rate = 96000;
	memcpy(media->release_date, "2001-03-07", 11);
	media->image_key = xstrdup("0123456789abcdef0123456789abcdef");
	media->image_base = xstrdup("https://h/x");
	media->explicit_content = true;
	return list;
}

static void
every_kind_has_what_strict_clients_need(void **state)
{
	static const track_quality_set lanes[] = { 0, TRACK_BIT(TRACK_PREVIEW),
		TRACK_BIT(TRACK_MP3_128), TRACK_BIT(TRACK_MP3_320) | TRACK_BIT(TRACK_FLAC),
		TRACK_ALL_FULL };
	char where[60];

	(void)state;
	for (size_t row = 0; row < COUNT_OF(lanes) * 2 * 2 * MEDIA_GENRE; row++) {
		enum media_kind kind = (enum media_kind)(row % MEDIA_GENRE + 1);
		size_t lane = row / MEDIA_GENRE / 4;
		bool is_rich = row / MEDIA_GENRE % 2 == 1;
		enum provider_id provider =
			row / MEDIA_GENRE / 2 % 2 == 1 ? PROVIDER_QOBUZ : PROVIDER_DEEZER;
		struct item_context context = { .server_id = "s", .has_lyrics = is_rich };
		struct media_list *list =
			is_rich ? rich(provider, kind) : bare(provider, kind);
		context.offered[provider] = lanes[lane];
		snprintf(where, sizeof where, "%s %s of %s, lane %zu",
			is_rich ? "a rich" : "a bare", media_kind_name(kind),
			provider_name(provider), lane);
		json_t *item = media_item_new(&list->items[0], &context);
		check_strictly(item, where, kind);
		json_decref(item);
		media_list_unref(list);
	}
}

static void
the_other_spelling_has_the_same_members(void **state)
{
	struct media_list *list = rich(PROVIDER_DEEZER, MEDIA_SONG);
	struct item_context context = { .server_id = "s" };
	json_t *item = media_item_new(&list->items[0], &context);
	json_t *camel = item_camel_case_new(item);
	const json_t *value;
	const char *name;
	char small[64];

	(void)state;
	assert_int_equal(json_object_size(item), json_object_size(camel));
	json_object_foreach (item, name, value) {
		assert_true(copy_text(small, sizeof small, name));
		small[0] = ascii_lower(small[0]);
		const json_t *other = json_member(camel, small);
		assert_non_null(other);
		assert_int_equal(json_typeof(value), json_typeof(other));
	}
	assert_true(json_equal(
		json_member(item, "ProviderIds"), json_member(camel, "providerIds")));
	json_decref(item);
	json_decref(camel);
	media_list_unref(list);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_kind_has_what_strict_clients_need),
		cmocka_unit_test(the_other_spelling_has_the_same_members),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
