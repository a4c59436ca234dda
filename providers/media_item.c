#include "providers/media_item.h"

#include <stdio.h>
#include <string.h>

#include "core/clock.h"
#include "core/json.h"

enum {
	/* Jellyfin normalises to -18 LUFS; what it stores is the difference to that. */
	REFERENCE_LUFS = -18,
};

static const char *
type_of(enum media_kind kind)
{
	switch (kind) {
	case MEDIA_SONG:
		return "Audio";
	case MEDIA_ALBUM:
		return "MusicAlbum";
	case MEDIA_ARTIST:
		return "MusicArtist";
	case MEDIA_PLAYLIST:
		return "Playlist";
	case MEDIA_GENRE:
		break;
	}
	return "MusicGenre";
}

/* Albums and artists say "Unknown" on a real server. */
static const char *
media_type_of(enum media_kind kind)
{
	return kind == MEDIA_SONG || kind == MEDIA_PLAYLIST ? "Audio" : "Unknown";
}

/* ---- small values ---- */

static void
put_id(json_t *object, const char *name, const struct external_id *id)
{
	char hex[EXTERNAL_ID_HEX];

	if (id->key[0] != '\0' && external_id_format(hex, id))
		json_put_text(object, name, hex);
}

static void
put_null(json_t *object, const char *name)
{
	json_put_new(object, name, json_null());
}

static void
put_date(json_t *object, const char *name, const char *day)
{
	char date[40];

	snprintf(date, sizeof date, "%.10sT00:00:00.0000000Z", day);
	json_put_text(object, name, date);
}

/* Civil day of milliseconds since 1970. */
static void
day_of(char day[11], int64_t wall_ms)
{
	char iso[CLOCK_ISO_SIZE];

	clock_format_iso(iso, wall_ms);
	memcpy(day, iso, 10);
	day[10] = '\0';
}

/* When it appeared: the release, else the day on which the provider told us. */
static void
put_date_created(json_t *item, const struct media *media)
{
	char day[11];

	if (media->release_date[0] != '\0') {
		put_date(item, "DateCreated", media->release_date);
		return;
	}
	day_of(day, media->seen_ms);
	put_date(item, "DateCreated", day);
}

static int64_t
year_of(const struct media *media)
{
	uint64_t year = 0;

	if (media->kind == MEDIA_PLAYLIST ||
		!slice_to_u64((struct slice){ media->release_date, 4 }, &year))
		return 0;
	return (int64_t)year;
}

static void
put_sort_name(json_t *item, const char *title)
{
	char *lower = xstrdup(title);

	for (char *c = lower; *c != '\0'; c++)
		*c = *c >= 'A' && *c <= 'Z' ? (char)(*c + ('a' - 'A')) : *c;
	json_put_text(item, "SortName", lower);
	xfree(lower);
}

/* ---- lists ---- */

static json_t *
text_list_new(char *const *texts, size_t count)
{
	json_t *list = json_array();

	for (size_t i = 0; i < count; i++)
		json_array_append_new(list, json_string(texts[i]));
	return list;
}

/* [{Name, Id}] of things that have a name only. */
static json_t *
named_list_new(const char *thing, char *const *names, size_t count)
{
	json_t *list = json_array();

	for (size_t i = 0; i < count; i++) {
		json_t *one = json_object();
		json_put_text(one, "Name", names[i]);
		media_facts_put_derived_id(one, "Id", thing, names[i]);
		json_array_append_new(list, one);
	}
	return list;
}

static json_t *
artist_names_new(const struct media_artist *artists, size_t count)
{
	json_t *list = json_array();

	for (size_t i = 0; i < count; i++)
		json_array_append_new(list, json_string(artists[i].name));
	return list;
}

static json_t *
artist_items_new(const struct media_artist *artists, size_t count)
{
	json_t *list = json_array();

	for (size_t i = 0; i < count; i++) {
		json_t *one = json_object();
		json_put_text(one, "Name", artists[i].name);
		if (artists[i].id.key[0] != '\0')
			put_id(one, "Id", &artists[i].id);
		else
			media_facts_put_derived_id(one, "Id", "artist", artists[i].name);
		json_array_append_new(list, one);
	}
	return list;
}

/* Whose album it is: said by the album, else the main artists. */
static void
album_artists_of(
	const struct media *media, const struct media_artist **artists, size_t *count)
{
	bool known = media->album_artist_count > 0;

	*artists = known ? media->album_artists : media->artists;
	*count = known ? media->album_artist_count : media->main_artist_count;
}

static void
put_artists(json_t *item, const struct media *media)
{
	const struct media_artist *album_artists;
	size_t count;

	album_artists_of(media, &album_artists, &count);
	json_put_new(
		item, "Artists", artist_names_new(media->artists, media->artist_count));
	json_put_new(
		item, "ArtistItems", artist_items_new(media->artists, media->artist_count));
	if (count > 0)
		json_put_text(item, "AlbumArtist", album_artists[0].name);
	json_put_new(item, "AlbumArtists", artist_items_new(album_artists, count));
}

static void
append_people(
	json_t *people, const struct media_artist *artists, size_t count, const char *type)
{
	json_t *items = artist_items_new(artists, count), *person;
	size_t i;

	json_array_foreach (items, i, person) {
		json_put_text(person, "Role", "");
		json_put_text(person, "Type", type);
	}
	json_array_extend(people, items);
	json_decref(items);
}

/* Its artists once more, as a real server has them; their ids lead to the artists' pages.
 */
static json_t *
people_new(const struct media *media)
{
	const struct media_artist *album_artists;
	json_t *people = json_array();
	size_t count;

	if (media->kind == MEDIA_SONG || media->kind == MEDIA_ALBUM) {
		album_artists_of(media, &album_artists, &count);
		append_people(people, album_artists, count, "AlbumArtist");
		append_people(people, media->artists, media->artist_count, "Artist");
	}
	return people;
}

static json_t *
provider_ids_new(const struct media *media)
{
	json_t *ids = json_object();
	const char *title = provider_title(media->id.provider);
	char album[32];

	json_put_text(ids, title, media->id.key);
	if (media->album_id.key[0] != '\0') {
		snprintf(album, sizeof album, "%sAlbum", title);
		json_put_text(ids, album, media->album_id.key);
	}
	json_put_text(ids, "ISRC", media->isrc);
	json_put_text(ids, "UPC", media->upc);
	return ids;
}

static json_t *
tags_new(const struct media *media)
{
	json_t *tags = json_array();

	if (media->explicit_content)
		json_array_append_new(tags, json_string("Explicit"));
	return tags;
}

static json_t *
image_tags_new(const struct media *media)
{
	json_t *tags = json_object();
	char tag[MEDIA_IMAGE_TAG_SIZE];

	if (media->image_key != NULL) {
		media_image_tag(tag, media->image_key);
		json_put_text(tags, "Primary", tag);
	}
	return tags;
}

static json_t *
user_data_new(
	const struct media *media, const struct item_context *context, const char *hex)
{
	struct user_item done = { 0 };

	if (context->user != NULL)
		(void)user_view_get(context->user, &media->id, &done);
	return user_item_data_new(&done, hex, media_facts_ticks(media, context));
}

/* ---- items ---- */

static void
put_song(json_t *item, const struct media *media, const struct item_context *context)
{
	json_t *sources = json_array();
	char tag[MEDIA_IMAGE_TAG_SIZE];

	json_array_append_new(sources, media_source_new(media, context));
	json_put_bool(item, "HasLyrics", context->has_lyrics);
	json_put_text(item, "Container",
		track_quality_container(media_facts_form(media, context).quality));
	json_put_new(item, "MediaSources", sources);
	json_put_new(item, "MediaStreams", media_source_streams_new(media, context));
	if (media->track_number > 0)
		json_put_int(item, "IndexNumber", media->track_number);
	json_put_int(
		item, "ParentIndexNumber", media->disc_number > 0 ? media->disc_number : 1);
	json_put_text(item, "Album", media->album_title);
	put_id(item, "AlbumId", &media->album_id);
	put_id(item, "ParentId", &media->album_id);
	if (media->image_key != NULL && media->album_id.key[0] != '\0') {
		media_image_tag(tag, media->image_key);
		json_put_text(item, "AlbumPrimaryImageTag", tag);
	}
	if (media->gain_lufs < 0 || media->gain_lufs > 0)
		json_put_new(item, "NormalizationGain",
			json_real(REFERENCE_LUFS - media->gain_lufs));
}

static void
put_folder(json_t *item, const struct media *media, const struct item_context *context)
{
	int64_t children =
		media->kind == MEDIA_ARTIST ? media->album_count : media->track_count;
	int64_t ticks = media_facts_ticks(media, context);

	json_put_int(item, "CumulativeRunTimeTicks", ticks);
	if (children > 0)
		json_put_int(item, "ChildCount", children);
	if (children > 0 && media->kind != MEDIA_ARTIST)
		json_put_int(item, "RecursiveItemCount", children);
	if (media->kind == MEDIA_ARTIST && children > 0)
		json_put_int(item, "AlbumCount", children);
	if (media->kind == MEDIA_ALBUM && media->main_artist_count > 0)
		put_id(item, "ParentId", &media->artists[0].id);
	json_put_text(item, "Overview", media->description);
}

static void
put_identity(json_t *item, const struct media *media, const struct item_context *context,
	const char *hex)
{
	media_facts_put_name(item, media, context);
	json_put_text(item, "ServerId", context->server_id);
	json_put_text(item, "Id", hex);
	media_facts_put_derived_id(item, "Etag", "item", hex);
	put_date_created(item, media);
	json_put_bool(item, "CanDelete", false);
	json_put_bool(
		item, "CanDownload", media->kind == MEDIA_SONG && context->can_download);
	put_sort_name(item, media->title);
	json_put_text(item, "Type", type_of(media->kind));
	json_put_text(item, "MediaType", media_type_of(media->kind));
	json_put_bool(item, "IsFolder", media->kind != MEDIA_SONG);
	json_put_text(item, "LocationType", "FileSystem");
	put_null(item, "ChannelId");
	media_facts_put_path(item, media, context, hex);
	media_facts_put_derived_id(item, "DisplayPreferencesId", "display", hex);
	json_put_new(item, "UserData", user_data_new(media, context, hex));
}

static void
put_facts(json_t *item, const struct media *media, const struct item_context *context)
{
	size_t labels = media->label != NULL ? 1 : 0;

	json_put_int(item, "RunTimeTicks", media_facts_ticks(media, context));
	if (year_of(media) > 0) {
		json_put_int(item, "ProductionYear", year_of(media));
		put_date(item, "PremiereDate", media->release_date);
	}
	json_put_new(item, "Genres", text_list_new(media->genres, media->genre_count));
	json_put_new(item, "GenreItems",
		named_list_new("genre", media->genres, media->genre_count));
	json_put_new(item, "Studios", named_list_new("studio", &media->label, labels));
	json_put_new(item, "People", people_new(media));
	json_put_new(item, "Tags", tags_new(media));
	json_put_new(item, "ProviderIds", provider_ids_new(media));
	json_put_new(item, "ImageTags", image_tags_new(media));
	json_put_new(item, "ImageBlurHashes", json_object());
	json_put_new(item, "BackdropImageTags", json_array());
	if (media->image_key != NULL)
		json_put_int(item, "PrimaryImageAspectRatio", 1);
}

/* What a real server says of everything and we have nothing to say about. */
static void
put_empty(json_t *item)
{
	static const char *const lists[] = { "ExternalUrls", "Taglines", "RemoteTrailers",
		"Chapters", "LockedFields" };

	for (size_t i = 0; i < COUNT_OF(lists); i++)
		json_put_new(item, lists[i], json_array());
	json_put_bool(item, "EnableMediaSourceDisplay", true);
	json_put_text(item, "PlayAccess", "Full");
	json_put_int(item, "LocalTrailerCount", 0);
	json_put_int(item, "SpecialFeatureCount", 0);
	json_put_bool(item, "LockData", false);
}

json_t *
media_item_new(const struct media *media, const struct item_context *context)
{
	json_t *item = json_object();
	char hex[EXTERNAL_ID_HEX];

	if (!external_id_format(hex, &media->id))
		hex[0] = '\0';
	put_identity(item, media, context, hex);
	put_facts(item, media, context);
	if (media->kind == MEDIA_SONG)
		put_song(item, media, context);
	else
		put_folder(item, media, context);
	if (media->kind == MEDIA_SONG || media->kind == MEDIA_ALBUM)
		put_artists(item, media);
	put_empty(item);
	return item;
}

json_t *
media_hint_new(const struct media *media, const struct item_context *context)
{
	json_t *hint = json_object();
	const struct media_artist *album_artists;
	size_t count;
	char tag[MEDIA_IMAGE_TAG_SIZE];

	put_id(hint, "ItemId", &media->id);
	put_id(hint, "Id", &media->id);
	media_facts_put_name(hint, media, context);
	if (media->track_number > 0)
		json_put_int(hint, "IndexNumber", media->track_number);
	if (media->disc_number > 0)
		json_put_int(hint, "ParentIndexNumber", media->disc_number);
	if (year_of(media) > 0)
		json_put_int(hint, "ProductionYear", year_of(media));
	if (media->image_key != NULL) {
		media_image_tag(tag, media->image_key);
		json_put_text(hint, "PrimaryImageTag", tag);
		json_put_int(hint, "PrimaryImageAspectRatio", 1);
	}
	json_put_text(hint, "Type", type_of(media->kind));
	if (media->kind != MEDIA_SONG)
		json_put_bool(hint, "IsFolder", true);
	json_put_int(hint, "RunTimeTicks", media_facts_ticks(media, context));
	json_put_text(hint, "MediaType", media_type_of(media->kind));
	json_put_text(hint, "Album", media->album_title);
	put_id(hint, "AlbumId", &media->album_id);
	album_artists_of(media, &album_artists, &count);
	if (count > 0)
		json_put_text(hint, "AlbumArtist", album_artists[0].name);
	json_put_new(
		hint, "Artists", artist_names_new(media->artists, media->artist_count));
	put_null(hint, "ChannelId");
	return hint;
}
