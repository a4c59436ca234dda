#include "providers/media.h"

#include <string.h>

enum { MAX_ARTISTS = 64 };

static void
free_artists(struct media_artist *artists, size_t count)
{
	for (size_t i = 0; i < count; i++)
		xfree(artists[i].name);
	xfree(artists);
}

static void
free_texts(char **texts, size_t count)
{
	for (size_t i = 0; i < count; i++)
		xfree(texts[i]);
	xfree(texts);
}

static void
media_fini(struct media *media)
{
	xfree(media->title);
	free_artists(media->artists, media->artist_count);
	xfree(media->album_title);
	free_artists(media->album_artists, media->album_artist_count);
	xfree(media->isrc);
	xfree(media->preview_url);
	xfree(media->upc);
	xfree(media->label);
	free_texts(media->genres, media->genre_count);
	xfree(media->description);
	xfree(media->image_key);
	xfree(media->image_base);
}

struct media_list *
media_list_new(size_t capacity)
{
	struct media_list *list = xcalloc(1, sizeof *list);

	atomic_init(&list->references, 1);
	list->capacity = capacity;
	if (capacity > 0)
		list->items = xcalloc(capacity, sizeof *list->items);
	return list;
}

static void
reserve(struct media_list *list, size_t more)
{
	size_t needed = list->count + more;

	if (needed <= list->capacity)
		return;
	list->capacity = needed > 2 * list->capacity ? needed : 2 * list->capacity;
	list->items = xrealloc(list->items, list->capacity * sizeof *list->items);
}

struct media *
media_list_add(struct media_list *list)
{
	reserve(list, 1);
	struct media *media = &list->items[list->count++];
	memset(media, 0, sizeof *media);
	return media;
}

void
media_list_drop_last(struct media_list *list)
{
	assert(list->count > 0);
	media_fini(&list->items[--list->count]);
}

void
media_list_drop(struct media_list *list, size_t index)
{
	assert(index < list->count);
	media_fini(&list->items[index]);
	list->count--;
	memmove(&list->items[index], &list->items[index + 1],
		(list->count - index) * sizeof *list->items);
}

void
media_list_append(struct media_list *list, struct media_list *page)
{
	if (page->count > 0) {
		reserve(list, page->count);
		memcpy(&list->items[list->count], page->items,
			page->count * sizeof *page->items);
	}
	list->count += page->count;
	list->received += page->received;
	page->count = 0;
}

struct media_list *
media_list_ref(struct media_list *list)
{
	atomic_fetch_add_explicit(&list->references, 1, memory_order_relaxed);
	return list;
}

void
media_list_unref(struct media_list *list)
{
	if (list == NULL)
		return;
	if (atomic_fetch_sub_explicit(&list->references, 1, memory_order_acq_rel) > 1)
		return;
	for (size_t i = 0; i < list->count; i++)
		media_fini(&list->items[i]);
	xfree(list->items);
	xfree(list);
}

/* ---- building ---- */

static bool
is_same_artist(
	const struct media_artist *artist, const struct external_id *id, const char *name)
{
	if (artist->id.key[0] != '\0' && id->key[0] != '\0')
		return external_id_equal(&artist->id, id);
	return text_equal_ci(artist->name, name);
}

void
media_add_artist(struct media *media, const struct external_id *id, const char *name)
{
	size_t count = media->artist_count;

	if (count == MAX_ARTISTS)
		return;
	for (size_t i = 0; i < count; i++) {
		if (is_same_artist(&media->artists[i], id, name))
			return;
	}
	media->artists = xrealloc(media->artists, (count + 1) * sizeof *media->artists);
	media->artists[count] = (struct media_artist){ *id, xstrdup(name) };
	media->artist_count = count + 1;
}

static void
copy_album_artists(struct media *song, const struct media *album)
{
	size_t count = album->main_artist_count;

	if (count == 0)
		return;
	song->album_artists = xcalloc(count, sizeof *song->album_artists);
	song->album_artist_count = count;
	for (size_t i = 0; i < count; i++) {
		song->album_artists[i].id = album->artists[i].id;
		song->album_artists[i].name = xstrdup(album->artists[i].name);
	}
}

static void
copy_genres(struct media *song, const struct media *album)
{
	if (song->genre_count > 0 || album->genre_count == 0)
		return;
	song->genres = xcalloc(album->genre_count, sizeof *song->genres);
	song->genre_count = album->genre_count;
	for (size_t i = 0; i < album->genre_count; i++)
		song->genres[i] = xstrdup(album->genres[i]);
}

/* The album's picture, unless the song has one of its own. Where the same picture is, the
 * album knows better: the song may have only its key. */
static void
take_picture(struct media *song, const struct media *album)
{
	if (album->image_key == NULL ||
		(song->image_key != NULL && strcmp(song->image_key, album->image_key) != 0))
		return;
	xfree(song->image_key);
	xfree(song->image_base);
	song->image_key = xstrdup(album->image_key);
	song->image_base = xstrdup(album->image_base);
}

void
media_set_album(struct media *song, const struct media *album)
{
	song->album_id = album->id;
	xfree(song->album_title);
	song->album_title = xstrdup(album->title);
	free_artists(song->album_artists, song->album_artist_count);
	song->album_artists = NULL;
	song->album_artist_count = 0;
	copy_album_artists(song, album);
	copy_genres(song, album);
	if (song->release_date[0] == '\0')
		memcpy(song->release_date, album->release_date, sizeof song->release_date);
	take_picture(song, album);
}
