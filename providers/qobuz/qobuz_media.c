#include "providers/qobuz/qobuz_media.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "core/json.h"
#include "core/text.h"
#include "providers/foreign.h"
#include "providers/qobuz/qobuz_image.h"
#include "providers/qobuz/qobuz_people.h"

enum {
	MAX_ITEMS = 1000,
	MAX_GENRES = 16,
	MAX_SECONDS = 30 * 24 * 3600, /* playlists are long */
	UPC_DIGITS = 13,
	CD_DEPTH = 16,
	/* Days begin at midnight in Paris, which is 1 or 2 h before that in UTC. */
	PARIS_S = 2 * 3600,
	REFERENCE_LUFS = -18, /* that a replay gain brings a song to */
};

/* ---- parts ---- */

/* Songs, artists and playlists have numbers, albums 13 digits or small letters. */
static bool
read_id(struct external_id *id, const json_t *json, enum media_kind kind)
{
	const json_t *value = json_member(json, "id");
	char hex[EXTERNAL_ID_HEX];

	*id = (struct external_id){ .provider = PROVIDER_QOBUZ, .kind = kind };
	if (json_is_integer(value) && json_integer_value(value) > 0)
		snprintf(id->key, sizeof id->key, "%lld",
			(long long)json_integer_value(value));
	else if (!json_is_string(value) ||
		 !copy_text(id->key, sizeof id->key, json_string_value(value)))
		return false;
	return id->key[0] != '-' && strcmp(id->key, "0") != 0 &&
	       external_id_format(hex, id);
}

static bool
contains_ci(const char *text, const char *part)
{
	for (; *text != '\0'; text++) {
		if (slice_starts_with_ci(slice_of(text), part))
			return true;
	}
	return false;
}

/* "Allegro" of the work "Symphony 5" in the version "Live": "Symphony 5: Allegro (Live)",
 * unless the title says so itself. */
static char *
title_new(const json_t *json)
{
	char *title = qobuz_name_new(json, "title");
	char *work = foreign_text_new(json, "work");
	char *version = foreign_text_new(json, "version");
	struct text text;

	text_init(&text);
	if (title == NULL)
		title = qobuz_name_new(json, "name");
	if (title != NULL) {
		if (work != NULL && !contains_ci(title, work))
			text_addf(&text, "%s: ", work);
		text_add(&text, title);
		if (version != NULL && !contains_ci(title, version))
			text_addf(&text, " (%s)", version);
	}
	xfree(title);
	xfree(work);
	xfree(version);
	title = text.size > 0 ? text_take(&text) : NULL;
	text_fini(&text);
	return title;
}

static void
read_release_date(struct media *media, const json_t *json)
{
	const json_t *dates = json_member(json, "dates");
	const char *const texts[] = {
		json_text(json, "release_date_original"),
		json_text(dates, "original"),
		json_text(json, "release_date_stream"),
		json_text(dates, "stream"),
	};
	int64_t seconds = json_int(json, "released_at", 0);

	for (size_t i = 0; i < COUNT_OF(texts) && media->release_date[0] == '\0'; i++)
		foreign_date(media->release_date, texts[i]);
	if (media->release_date[0] == '\0' && seconds != 0 && seconds < INT32_MAX * 2LL &&
		seconds > INT32_MIN)
		foreign_date_of_seconds(media->release_date, seconds + PARIS_S);
}

static void
add_genre(struct media *media, struct slice name)
{
	name = slice_trim(name);
	if (name.size == 0 || media->genre_count == MAX_GENRES)
		return;
	for (size_t i = 0; i < media->genre_count; i++) {
		if (slice_equal_text_ci(name, media->genres[i]))
			return;
	}
	media->genres =
		xrealloc(media->genres, (media->genre_count + 1) * sizeof *media->genres);
	media->genres[media->genre_count++] = slice_dup(name);
}

/* "Pop/Rock→Rock" is a path, and its last part the genre. */
static struct slice
last_part(const char *path)
{
	static const char *const arrows[] = { "\xe2\x86\x92", "->" };
	const char *last = path;

	for (size_t i = 0; i < COUNT_OF(arrows); i++) {
		for (const char *at = strstr(last, arrows[i]); at != NULL;
			at = strstr(last, arrows[i]))
			last = at + strlen(arrows[i]);
	}
	return slice_of(last);
}

static void
read_genres(struct media *media, const json_t *json)
{
	const json_t *paths = json_member(json, "genres_list");
	const json_t *one;
	size_t i;

	json_array_foreach (paths, i, one) {
		if (json_is_string(one))
			add_genre(media, last_part(json_string_value(one)));
	}
	if (media->genre_count == 0)
		add_genre(media, slice_of(json_text(json_member(json, "genre"), "name")));
}

static bool
is_readable(const json_t *json, int64_t now_ms)
{
	const json_t *rights = json_member(json, "rights");

	return json_bool(json, "streamable", true) &&
	       json_bool(json, "displayable", true) &&
	       json_bool(rights, "streamable", true) &&
	       json_int(json, "streamable_at", 0) <= now_ms / 1000;
}

/* Of what may be streamed, when that is more than a CD has. */
static void
read_best(struct media *media, const json_t *json)
{
	const json_t *info = json_member(json, "audio_info");
	int64_t depth = foreign_number(json, "maximum_bit_depth", 32);
	double rate = json_double(json, "maximum_sampling_rate",
		json_double(info, "maximum_sampling_rate", 0));

	if (depth == 0)
		depth = foreign_number(info, "maximum_bit_depth", 32);
	if (depth <= CD_DEPTH || !json_bool(json, "hires_streamable", true) ||
		!(rate > 0 && rate < 1000))
		return;
	media->bit_depth = (int)depth;
	media->sample_rate = (int64_t)lround(rate * 1000);
}

/* ---- kinds ---- */

static void
read_album(struct media *album, const json_t *json)
{
	struct slice key = slice_of(album->id.key);
	uint64_t number;

	qobuz_people_read(album, json);
	read_best(album, json);
	album->upc = foreign_text_new(json, "upc");
	if (album->upc == NULL && key.size == UPC_DIGITS && slice_to_u64(key, &number))
		album->upc = slice_dup(key);
	album->label = foreign_text_new(json_member(json, "label"), "name");
	read_genres(album, json);
	read_release_date(album, json);
	album->track_count = foreign_number(json, "tracks_count", 100000);
	if (album->track_count == 0)
		album->track_count = foreign_number(json, "track_count", 100000);
}

static void
read_gain(struct media *song, const json_t *json)
{
	const json_t *info = json_member(json, "audio_info");
	double gain = json_double(info, "replaygain_track_gain", NAN);

	if (isfinite(gain) && gain > -40 && gain < 40)
		song->gain_lufs = REFERENCE_LUFS - gain;
}

static void
read_song(struct media *song, const json_t *json, const struct media *album)
{
	const json_t *place = json_member(json, "physical_support");

	qobuz_people_read(song, json);
	read_best(song, json);
	song->isrc = foreign_text_new(json, "isrc");
	song->track_number = foreign_number(json, "track_number", 10000);
	if (song->track_number == 0)
		song->track_number = foreign_number(place, "track_number", 10000);
	song->disc_number = foreign_number(json, "media_number", 1000);
	if (song->disc_number == 0)
		song->disc_number = foreign_number(place, "media_number", 1000);
	read_gain(song, json);
	read_release_date(song, json);
	if (album == NULL)
		return;
	media_set_album(song, album);
	for (size_t i = 0; song->main_artist_count == 0 && i < album->main_artist_count;
		i++)
		media_add_artist(song, &album->artists[i].id, album->artists[i].name);
	if (song->main_artist_count == 0)
		song->main_artist_count = song->artist_count;
}

static void
read_playlist(struct media *playlist, const json_t *json)
{
	int64_t seconds = json_int(json, "created_at", 0);

	playlist->description = foreign_text_new(json, "description");
	if (seconds > 0)
		foreign_date_of_seconds(playlist->release_date, seconds);
	playlist->track_count = foreign_number(json, "tracks_count", 100000);
}

static void
read_common(struct media *media, const json_t *json, const struct qobuz_context *context)
{
	media->kind = media->id.kind;
	media->seen_ms = context->seen_ms;
	media->title = title_new(json);
	if (media->title == NULL)
		media->title = xstrdup(media->id.key);
	media->duration_ms = foreign_number(json, "duration", MAX_SECONDS) * 1000;
	media->explicit_content = json_bool(json, "parental_warning", false);
	media->readable = is_readable(json, context->seen_ms);
	qobuz_image_read(media, json);
}

/* The album that a song or the whole answer belongs to: a list of one, or NULL. */
static struct media_list *
album_new(const json_t *json, const struct qobuz_context *context)
{
	struct media_list *list = media_list_new(1);
	struct media *album = media_list_add(list);

	if (!json_is_object(json) || !read_id(&album->id, json, MEDIA_ALBUM)) {
		media_list_unref(list);
		return NULL;
	}
	read_common(album, json, context);
	read_album(album, json);
	return list;
}

static void
read_song_of(struct media *song, const json_t *json, const struct media *parent,
	const struct qobuz_context *context)
{
	struct media_list *own = album_new(json_member(json, "album"), context);

	read_song(song, json, own != NULL ? own->items : parent);
	/* Neither the song nor its album may be closed. */
	if (own != NULL)
		song->readable = song->readable && own->items[0].readable;
	media_list_unref(own);
}

/* False when it has no id of that kind. */
static bool
read_media(struct media *media, const json_t *json, const struct media *parent,
	const struct qobuz_context *context)
{
	if (!read_id(&media->id, json, context->kind))
		return false;
	read_common(media, json, context);
	switch (context->kind) {
	case MEDIA_SONG:
		read_song_of(media, json, parent, context);
		break;
	case MEDIA_ALBUM:
		read_album(media, json);
		break;
	case MEDIA_ARTIST:
		media->album_count = foreign_number(json, "albums_count", 1000000);
		break;
	case MEDIA_PLAYLIST:
		read_playlist(media, json);
		break;
	case MEDIA_GENRE:
		break;
	}
	return true;
}

/* ---- answers ---- */

static const char *
list_name(enum media_kind kind)
{
	switch (kind) {
	case MEDIA_SONG:
		return "tracks";
	case MEDIA_ALBUM:
		return "albums";
	case MEDIA_ARTIST:
		return "artists";
	case MEDIA_PLAYLIST:
		return "playlists";
	case MEDIA_GENRE:
		break;
	}
	return "genres";
}

/* The items of that kind in an answer, and what says how many there are; NULL when it has
 * no list of them. */
static const json_t *
find_items(const json_t *root, enum media_kind kind, const json_t **holder)
{
	const json_t *list = json_member(root, list_name(kind));

	*holder = list;
	if (json_is_array(list))
		return list;
	if (json_is_array(json_member(list, "items")))
		return json_member(list, "items");
	*holder = root;
	if (kind == MEDIA_SONG && json_is_array(json_member(root, "top_tracks")))
		return json_member(root, "top_tracks");
	list = json_member(root, "items");
	return json_is_array(list) ? list : NULL;
}

/* Some methods know no offset and begin at the beginning: what comes before the one asked
 * for is not counted twice. */
static size_t
items_before(const json_t *holder, const struct qobuz_context *context)
{
	int64_t own = json_int(holder, "offset", context->offset);

	return own >= 0 && own < context->offset ? (size_t)(context->offset - own) : 0;
}

static struct media_list *
read_items(const json_t *items, const json_t *holder, const struct media *parent,
	const struct qobuz_context *context)
{
	size_t count = json_array_size(items), first = items_before(holder, context);
	struct media_list *list;

	if (first > count)
		first = count;
	if (count - first > MAX_ITEMS)
		count = first + MAX_ITEMS;
	list = media_list_new(count - first);
	for (size_t i = first; i < count; i++) {
		const json_t *one = json_array_get(items, i);
		list->received++;
		if (!read_media(media_list_add(list), one, parent, context))
			media_list_drop_last(list);
	}
	list->offset = context->offset;
	list->total = foreign_number(holder, "total", INT32_MAX);
	int64_t least = list->offset + list->received;
	if (list->total < least)
		list->total = least + (json_bool(holder, "has_more", false) ? 1 : 0);
	return list;
}

enum err
qobuz_media_read_list(struct media_list **list, const json_t *root,
	const struct qobuz_context *context, char *why, size_t why_size)
{
	const json_t *holder;
	const json_t *items = find_items(root, context->kind, &holder);
	struct media_list *album = NULL;

	*list = NULL;
	if (items == NULL) {
		snprintf(why, why_size, "the answer has no list of %ss",
			media_kind_name(context->kind));
		return ERR_PROTOCOL;
	}
	/* Playlists and artists have a name, albums a title. */
	if (context->kind == MEDIA_SONG && json_text(root, "title") != NULL)
		album = album_new(root, context);
	*list = read_items(items, holder, album != NULL ? album->items : NULL, context);
	media_list_unref(album);
	return ERR_NONE;
}

enum err
qobuz_media_read_item(struct media_list **list, const json_t *root,
	const struct qobuz_context *context, char *why, size_t why_size)
{
	struct media_list *one = media_list_new(1);

	*list = NULL;
	one->total = 1;
	one->received = 1;
	if (!read_media(media_list_add(one), root, NULL, context)) {
		media_list_unref(one);
		snprintf(why, why_size, "the answer is no %s",
			media_kind_name(context->kind));
		return ERR_PROTOCOL;
	}
	*list = one;
	return ERR_NONE;
}
