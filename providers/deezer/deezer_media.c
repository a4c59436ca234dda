#include "providers/deezer/deezer_media.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "core/json.h"
#include "providers/deezer/deezer_error.h"
#include "providers/foreign.h"

enum {
	MAX_ITEMS = 1000,
	MAX_GENRES = 16,
	MAX_IMAGE_KEY = 256, /* a playlist's may be four hashes */
	MAX_SECONDS = 7 * 24 * 3600,
};

#define IMAGE_HOST "https://cdn-images.dzcdn.net/images"

/* ---- parts ---- */

static const struct shape {
	enum media_kind kind;
	const char *type;    /* the word in an item's `type` */
	const char *list;    /* where a larger answer keeps a list of them */
	const char *picture; /* its pictures are "<picture>_medium" … */
	const char *folder;  /* of the image host */
} shapes[] = {
	{ MEDIA_SONG, "track", "tracks", "cover", "cover" },
	{ MEDIA_ALBUM, "album", "albums", "cover", "cover" },
	{ MEDIA_ARTIST, "artist", "artists", "picture", "artist" },
	{ MEDIA_PLAYLIST, "playlist", "playlists", "picture", "playlist" },
	{ MEDIA_GENRE, "genre", "genres", "picture", "misc" },
};

static const struct shape *
shape_of(enum media_kind kind)
{
	for (size_t i = 1; i < COUNT_OF(shapes); i++) {
		if (shapes[i].kind == kind)
			return &shapes[i];
	}
	return &shapes[0];
}

/* Deezer's ids are numbers; uploads have negative ones; 0 is nobody. */
static bool
read_id(struct external_id *id, const json_t *json, enum media_kind kind)
{
	int64_t number = json_int(json, "id", 0);

	*id = (struct external_id){ .provider = PROVIDER_DEEZER, .kind = kind };
	if (number != 0)
		snprintf(id->key, sizeof id->key, "%lld", (long long)number);
	return number != 0;
}

/* ---- pictures ---- */

static bool
is_image_key(struct slice key)
{
	if (key.size == 0 || key.size > MAX_IMAGE_KEY)
		return false;
	for (size_t i = 0; i < key.size; i++) {
		char c = key.data[i];
		if (!(c >= '0' && c <= '9') && !(c >= 'a' && c <= 'z') && c != '-')
			return false;
	}
	return true;
}

/* "…/images/cover/<md5>/250x250-000000-80-0-0.jpg". Nothing when it is not of that form or
 * the md5 is empty, which is how Deezer says that there is no picture. */
static void
set_image_from_url(struct media *media, const char *url)
{
	const char *size = url != NULL && foreign_is_url(url) ? strrchr(url, '/') : NULL;

	if (size == NULL || strchr(size, 'x') == NULL)
		return;
	const char *key = size;
	while (key > url && key[-1] != '/')
		key--;
	struct slice slice = { key, (size_t)(size - key) };
	if (!is_image_key(slice))
		return;
	media->image_key = slice_dup(slice);
	media->image_base = xstrndup(url, (size_t)(size - url));
}

static void
set_image_from_md5(struct media *media, const json_t *json, const char *folder)
{
	struct slice md5 = slice_of(json_text(json, "md5_image"));
	struct text base;

	if (!is_image_key(md5))
		return;
	text_init(&base);
	text_addf(&base, IMAGE_HOST "/%s/%s", folder, md5.data);
	media->image_key = slice_dup(md5);
	media->image_base = text_take(&base);
	text_fini(&base);
}

static void
read_image(struct media *media, const json_t *json, enum media_kind kind)
{
	static const char *const sizes[] = { "medium", "big", "xl", "small" };
	const struct shape *shape = shape_of(kind);
	char name[32];

	for (size_t i = 0; i < COUNT_OF(sizes) && media->image_key == NULL; i++) {
		snprintf(name, sizeof name, "%s_%s", shape->picture, sizes[i]);
		set_image_from_url(media, json_text(json, name));
	}
	/* A playlist without a picture of its own shows covers. */
	bool covers = strcmp(json_text_or(json, "picture_type", ""), "cover") == 0;
	if (media->image_key == NULL)
		set_image_from_md5(media, json, covers ? "cover" : shape->folder);
}

void
deezer_media_image_url(struct text *url, const char *image_base, int size)
{
	static const int sizes[] = { 56, 250, 500, 1000 };
	size_t i = 0;

	while (i + 1 < COUNT_OF(sizes) && sizes[i] < size)
		i++;
	text_addf(url, "%s/%dx%d-000000-80-0-0.jpg", image_base, sizes[i], sizes[i]);
}

/* ---- people, genres, previews ---- */

static void
add_artist(struct media *media, const json_t *json)
{
	struct external_id id;
	char *name = foreign_text_new(json, "name");

	/* Without an id the name alone is still worth showing: key "". */
	if (name != NULL) {
		if (!read_id(&id, json, MEDIA_ARTIST))
			id.key[0] = 0;
		media_add_artist(media, &id, name);
	}
	xfree(name);
}

/* `artist` leads, then the other main contributors, then the featured ones. */
static void
read_artists(struct media *media, const json_t *json)
{
	const json_t *contributors = json_member(json, "contributors");
	const json_t *one;
	size_t i;

	add_artist(media, json_member(json, "artist"));
	json_array_foreach (contributors, i, one) {
		if (strcmp(json_text_or(one, "role", "Main"), "Main") == 0)
			add_artist(media, one);
	}
	media->main_artist_count = media->artist_count;
	json_array_foreach (contributors, i, one)
		add_artist(media, one);
	if (media->main_artist_count == 0)
		media->main_artist_count = media->artist_count;
}

static void
read_genres(struct media *media, const json_t *json)
{
	const json_t *genres = json_member(json_member(json, "genres"), "data");
	const json_t *one;
	size_t i;

	json_array_foreach (genres, i, one) {
		char *name = foreign_text_new(one, "name");
		if (name == NULL)
			continue;
		media->genres = xrealloc(
			media->genres, (media->genre_count + 1) * sizeof *media->genres);
		media->genres[media->genre_count++] = name;
		if (media->genre_count == MAX_GENRES)
			break;
	}
}

/* "…mp3?hdnea=exp=1774969892~acl=…": seconds since 1970; 0 when it does not say. */
static int64_t
expiry_ms(const char *url)
{
	const char *exp = strstr(url, "exp=");
	uint64_t seconds;

	if (exp == NULL)
		return 0;
	struct slice digits = { exp + 4, strspn(exp + 4, "0123456789") };
	if (!slice_to_u64(digits, &seconds) || seconds > 100000000000)
		return 0;
	return (int64_t)seconds * 1000;
}

static void
read_preview(struct media *song, const json_t *json)
{
	const char *url = json_text_or(json, "preview", "");

	if (!foreign_is_url(url))
		return;
	song->preview_url = xstrdup(url);
	song->preview_expires_ms = expiry_ms(url);
}

/* ---- kinds ---- */

static void
read_song(struct media *song, const json_t *json, const struct deezer_context *context)
{
	const json_t *album = json_member(json, "album");
	double gain = json_double(json, "gain", 0);

	read_artists(song, json);
	if (read_id(&song->album_id, album, MEDIA_ALBUM))
		song->album_title = foreign_text_new(album, "title");
	foreign_date(song->release_date, json_text(json, "release_date"));
	if (song->release_date[0] == '\0')
		foreign_date(song->release_date, json_text(album, "release_date"));
	if (album != NULL)
		read_image(song, album, MEDIA_ALBUM);
	if (song->image_key == NULL)
		read_image(song, json, MEDIA_SONG);
	song->isrc = foreign_text_new(json, "isrc");
	song->track_number = foreign_number(json, "track_position", 10000);
	song->disc_number = foreign_number(json, "disk_number", 1000);
	read_preview(song, json);
	if (isfinite(gain) && gain > -70 && gain < 20)
		song->gain_lufs = gain;
	if (context->album != NULL)
		media_set_album(song, context->album);
}

static void
read_album(struct media *album, const json_t *json, const struct deezer_context *context)
{
	read_artists(album, json);
	if (album->artist_count == 0 && context->artist != NULL) {
		media_add_artist(album, &context->artist->id, context->artist->title);
		album->main_artist_count = 1;
	}
	album->upc = foreign_text_new(json, "upc");
	album->label = foreign_text_new(json, "label");
	read_genres(album, json);
	foreign_date(album->release_date, json_text(json, "release_date"));
	read_image(album, json, MEDIA_ALBUM);
	album->track_count = foreign_number(json, "nb_tracks", 100000);
}

static void
read_artist(struct media *artist, const json_t *json)
{
	artist->album_count = foreign_number(json, "nb_album", 100000);
	read_image(artist, json, MEDIA_ARTIST);
}

static void
read_playlist(struct media *playlist, const json_t *json)
{
	playlist->description = foreign_text_new(json, "description");
	foreign_date(playlist->release_date, json_text(json, "creation_date"));
	read_image(playlist, json, MEDIA_PLAYLIST);
	playlist->track_count = foreign_number(json, "nb_tracks", 100000);
}

static void
read_common(struct media *media, const json_t *json, const struct deezer_context *context)
{
	int64_t content = json_int(json, "explicit_content_lyrics", 0);

	media->kind = context->kind;
	media->seen_ms = context->seen_ms;
	media->title = foreign_text_new(json, "title");
	if (media->title == NULL)
		media->title = foreign_text_new(json, "name");
	if (media->title == NULL)
		media->title = xstrdup(media->id.key);
	media->duration_ms = foreign_number(json, "duration", MAX_SECONDS) * 1000;
	/* 1 explicit, 4 partially; 3 is an edited version, which is the clean one. */
	media->explicit_content =
		json_bool(json, "explicit_lyrics", false) || content == 1 || content == 4;
	media->edited = content == 3 && !media->explicit_content;
	media->readable =
		json_bool(json, "readable", true) && json_bool(json, "available", true);
}

/* False when it is nothing of the kind asked for, or has no id. */
static bool
read_media(struct media *media, const json_t *json, const struct deezer_context *context)
{
	const struct shape *shape = shape_of(context->kind);

	if (!read_id(&media->id, json, context->kind) ||
		strcmp(json_text_or(json, "type", shape->type), shape->type) != 0)
		return false;
	read_common(media, json, context);
	switch (context->kind) {
	case MEDIA_SONG:
		read_song(media, json, context);
		break;
	case MEDIA_ALBUM:
		read_album(media, json, context);
		break;
	case MEDIA_ARTIST:
		read_artist(media, json);
		break;
	case MEDIA_PLAYLIST:
		read_playlist(media, json);
		break;
	case MEDIA_GENRE:
		read_image(media, json, MEDIA_GENRE);
		break;
	}
	return true;
}

/* ---- answers ---- */

static struct media_list *
read_list(const json_t *data, int64_t total, const struct deezer_context *context)
{
	size_t size = json_array_size(data);
	struct media_list *list = media_list_new(size < MAX_ITEMS ? size : MAX_ITEMS);
	const json_t *one;
	size_t i;

	json_array_foreach (data, i, one) {
		if (i == MAX_ITEMS)
			break;
		list->received++;
		if (!read_media(media_list_add(list), one, context))
			media_list_drop_last(list);
	}
	list->offset = context->offset;
	list->total = total;
	if (list->total < list->offset + (int64_t)list->count)
		list->total = list->offset + (int64_t)list->count;
	return list;
}

enum err
deezer_media_parse_list(struct media_list **list, const struct deezer_answer *answer,
	const struct deezer_context *context, char *why, size_t why_size)
{
	json_t *root = json_parse_new(answer->data, answer->size);
	enum err err = deezer_error_check(root, answer->status, why, why_size);
	const json_t *holder = root;

	*list = NULL;
	if (err != ERR_NONE)
		goto out;
	if (!json_is_array(json_member(holder, "data")))
		holder = json_member(root, shape_of(context->kind)->list);
	const json_t *data = json_member(holder, "data");
	if (!json_is_array(data)) {
		snprintf(why, why_size, "the answer has no list of %ss",
			media_kind_name(context->kind));
		err = ERR_PROTOCOL;
		goto out;
	}
	*list = read_list(data, foreign_number(holder, "total", INT32_MAX), context);
out:
	json_decref(root);
	return err;
}

enum err
deezer_media_parse_item(struct media_list **list, const struct deezer_answer *answer,
	const struct deezer_context *context, char *why, size_t why_size)
{
	json_t *root = json_parse_new(answer->data, answer->size);
	enum err err = deezer_error_check(root, answer->status, why, why_size);
	struct media_list *one = NULL;

	*list = NULL;
	if (err != ERR_NONE)
		goto out;
	one = media_list_new(1);
	one->total = 1;
	one->received = 1;
	if (!read_media(media_list_add(one), root, context)) {
		snprintf(why, why_size, "the answer is no %s",
			media_kind_name(context->kind));
		err = ERR_PROTOCOL;
		goto out;
	}
	*list = one;
	one = NULL;
out:
	media_list_unref(one);
	json_decref(root);
	return err;
}
