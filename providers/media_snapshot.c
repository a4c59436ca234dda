#include "providers/media_snapshot.h"

#include "core/json.h"

enum {
	TEXT_MAX = 256,
	/* The texts that can be long: a description, a title. */
	LONG_TEXT_MAX = 512,
	MOST_ARTISTS = 12,
	MOST_GENRES = 8,
};

/* Thousands of years later: dates have four digits. */
#define LATEST_MS INT64_C(253402300799999)

/* ---- writing ---- */

static void
put_text(json_t *object, const char *name, const char *text)
{
	char cut[TEXT_MAX + 1];

	if (text == NULL || text[0] == '\0')
		return;
	(void)copy_text(cut, sizeof cut, text);
	json_put_text(object, name, cut);
}

static void
put_long_text(json_t *object, const char *name, const char *text)
{
	char cut[LONG_TEXT_MAX + 1];

	if (text == NULL || text[0] == '\0')
		return;
	(void)copy_text(cut, sizeof cut, text);
	json_put_text(object, name, cut);
}

/* What is of no use when it is cut. */
static void
put_whole_text(json_t *object, const char *name, const char *text)
{
	if (text != NULL && strlen(text) <= TEXT_MAX)
		put_text(object, name, text);
}

static void
put_number(json_t *object, const char *name, int64_t number)
{
	if (number != 0)
		json_put_int(object, name, number);
}

static void
put_flag(json_t *object, const char *name, bool flag)
{
	if (flag)
		json_put_bool(object, name, true);
}

static void
put_id(json_t *object, const char *name, const struct external_id *id)
{
	char hex[EXTERNAL_ID_HEX];

	if (id->key[0] != '\0' && external_id_format(hex, id))
		json_put_text(object, name, hex);
}

static void
put_artists(
	json_t *object, const char *name, const struct media_artist *artists, size_t count)
{
	if (count == 0)
		return;
	json_t *list = json_array();

	for (size_t i = 0; i < count && i < MOST_ARTISTS; i++) {
		json_t *one = json_object();
		put_id(one, "id", &artists[i].id);
		put_text(one, "name", artists[i].name);
		json_array_append_new(list, one);
	}
	json_put_new(object, name, list);
}

static void
put_genres(json_t *object, const struct media *media)
{
	if (media->genre_count == 0)
		return;
	json_t *list = json_array();

	for (size_t i = 0; i < media->genre_count && i < MOST_GENRES; i++) {
		char cut[TEXT_MAX + 1];
		(void)copy_text(cut, sizeof cut, media->genres[i]);
		json_array_append_new(list, json_string(cut));
	}
	json_put_new(object, "genres", list);
}

/* Both or neither. */
static void
put_image(json_t *object, const struct media *media)
{
	if (media->image_key == NULL || media->image_base == NULL ||
		strlen(media->image_key) > TEXT_MAX || strlen(media->image_base) > TEXT_MAX)
		return;
	put_text(object, "image", media->image_key);
	put_text(object, "image_base", media->image_base);
}

static void
put_all(json_t *object, const struct media *media)
{
	put_id(object, "id", &media->id);
	put_long_text(object, "title", media->title);
	put_artists(object, "artists", media->artists, media->artist_count);
	put_number(object, "main_artists", (int64_t)media->main_artist_count);
	put_id(object, "album_id", &media->album_id);
	put_long_text(object, "album", media->album_title);
	put_artists(
		object, "album_artists", media->album_artists, media->album_artist_count);
	put_whole_text(object, "isrc", media->isrc);
	put_number(object, "track", media->track_number);
	put_number(object, "disc", media->disc_number);
	if (media->gain_lufs < 0 || media->gain_lufs > 0)
		json_put_new(object, "lufs", json_real(media->gain_lufs));
	put_number(object, "bits", media->bit_depth);
	put_number(object, "rate", media->sample_rate);
	put_number(object, "tracks", media->track_count);
	put_whole_text(object, "upc", media->upc);
	put_text(object, "label", media->label);
	put_genres(object, media);
	put_number(object, "albums", media->album_count);
	put_long_text(object, "description", media->description);
	put_number(object, "duration_ms", media->duration_ms);
	put_whole_text(object, "released", media->release_date);
	put_image(object, media);
	put_number(object, "seen_ms", media->seen_ms);
	put_flag(object, "explicit", media->explicit_content);
	put_flag(object, "edited", media->edited);
	put_flag(object, "unreadable", !media->readable);
}

bool
media_snapshot_write(struct text *to, const struct media *media)
{
	char hex[EXTERNAL_ID_HEX];
	size_t size;

	if (!external_id_format(hex, &media->id))
		return false;
	json_t *object = json_object();
	put_all(object, media);
	char *json = json_dump_new(object, &size);
	json_decref(object);
	if (size <= MEDIA_SNAPSHOT_MAX)
		text_add_bytes(to, json, size);
	xfree(json);
	return size <= MEDIA_SNAPSHOT_MAX;
}

/* ---- reading ---- */

/* A copy; NULL for what is missing, empty or no text. */
static char *
read_text(const json_t *object, const char *name)
{
	const char *text = json_text(object, name);

	return text != NULL && text[0] != '\0' ? xstrdup(text) : NULL;
}

static int64_t
read_number(const json_t *object, const char *name, int64_t most)
{
	int64_t number = json_int(object, name, 0);

	return number > 0 && number <= most ? number : 0;
}

static struct external_id
read_id(const json_t *object, const char *name)
{
	const char *hex = json_text(object, name);
	struct external_id id = { 0 };

	if (hex == NULL || !external_id_parse(&id, slice_of(hex)))
		return (struct external_id){ 0 };
	return id;
}

static size_t
read_artists(struct media_artist **artists, const json_t *object, const char *name)
{
	const json_t *list = json_member(object, name);
	size_t count = 0;

	*artists = NULL;
	for (size_t i = 0; i < json_array_size(list) && count < MOST_ARTISTS; i++) {
		const json_t *one = json_array_get(list, i);
		char *text = read_text(one, "name");
		if (text == NULL)
			continue;
		*artists = xrealloc(*artists, (count + 1) * sizeof **artists);
		(*artists)[count++] = (struct media_artist){ read_id(one, "id"), text };
	}
	return count;
}

static void
read_genres(struct media *media, const json_t *object)
{
	const json_t *list = json_member(object, "genres");

	media->genres = xcalloc(MOST_GENRES, sizeof *media->genres);
	for (size_t i = 0; i < json_array_size(list) && media->genre_count < MOST_GENRES;
		i++) {
		const char *genre = json_string_value(json_array_get(list, i));
		if (genre != NULL && genre[0] != '\0')
			media->genres[media->genre_count++] = xstrdup(genre);
	}
}

/* "YYYY-MM-DD", or nothing: a year that is no number would go into dates. */
static void
read_day(char day[11], const json_t *object)
{
	const char *text = json_text_or(object, "released", "");

	day[0] = '\0';
	if (strlen(text) != 10)
		return;
	for (size_t i = 0; i < 10; i++) {
		bool digit = text[i] >= '0' && text[i] <= '9';
		if (i == 4 || i == 7 ? text[i] != '-' : !digit)
			return;
	}
	memcpy(day, text, 11);
}

static void
read_all(struct media *media, const json_t *object)
{
	media->artist_count = read_artists(&media->artists, object, "artists");
	media->main_artist_count = (size_t)read_number(object, "main_artists", INT32_MAX);
	if (media->main_artist_count > media->artist_count)
		media->main_artist_count = media->artist_count;
	media->album_id = read_id(object, "album_id");
	media->album_title = read_text(object, "album");
	media->album_artist_count =
		read_artists(&media->album_artists, object, "album_artists");
	media->isrc = read_text(object, "isrc");
	media->track_number = read_number(object, "track", INT32_MAX);
	media->disc_number = read_number(object, "disc", INT32_MAX);
	media->gain_lufs = json_double(object, "lufs", 0);
	media->bit_depth = (int)read_number(object, "bits", 64);
	media->sample_rate = read_number(object, "rate", INT32_MAX);
	media->track_count = read_number(object, "tracks", INT32_MAX);
	media->upc = read_text(object, "upc");
	media->label = read_text(object, "label");
	read_genres(media, object);
	media->album_count = read_number(object, "albums", INT32_MAX);
	media->description = read_text(object, "description");
	/* In ticks of 100 ns it is to stay a number. */
	media->duration_ms = read_number(object, "duration_ms", INT64_MAX / 10000);
	read_day(media->release_date, object);
	media->image_key = read_text(object, "image");
	if (media->image_key != NULL)
		media->image_base = read_text(object, "image_base");
	media->seen_ms = read_number(object, "seen_ms", LATEST_MS);
	media->explicit_content = json_bool(object, "explicit", false);
	media->edited = json_bool(object, "edited", false);
	media->readable = !json_bool(object, "unreadable", false);
}

struct media *
media_snapshot_read(struct media_list *list, struct slice json)
{
	struct media *media = NULL;
	json_t *object = NULL;
	char *title = NULL;

	if (json.size > MEDIA_SNAPSHOT_MAX)
		goto out;
	object = json_parse_new(json.data, json.size);
	struct external_id id = read_id(object, "id");
	title = read_text(object, "title");
	if (id.key[0] == '\0' || title == NULL)
		goto out;
	media = media_list_add(list);
	media->id = id;
	media->kind = id.kind;
	media->title = title;
	title = NULL;
	read_all(media, object);
out:
	xfree(title);
	json_decref(object);
	return media;
}
