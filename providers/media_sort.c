#include "providers/media_sort.h"

#include <stdlib.h>
#include <string.h>

/* ---- what is asked for ---- */

static const struct {
	const char *name;
	enum media_sort_key key;
} names[] = {
	{ "SortName", MEDIA_SORT_TITLE },
	{ "Name", MEDIA_SORT_TITLE },
	{ "Album", MEDIA_SORT_ALBUM },
	{ "AlbumArtist", MEDIA_SORT_ARTIST },
	{ "Artist", MEDIA_SORT_ARTIST },
	{ "ProductionYear", MEDIA_SORT_DATE },
	{ "PremiereDate", MEDIA_SORT_DATE },
	{ "DateCreated", MEDIA_SORT_DATE },
	{ "DateLastContentAdded", MEDIA_SORT_DATE },
	{ "ParentIndexNumber", MEDIA_SORT_DISC },
	{ "IndexNumber", MEDIA_SORT_TRACK },
	{ "Runtime", MEDIA_SORT_DURATION },
	{ "Random", MEDIA_SORT_RANDOM },
};

static bool
read_key(enum media_sort_key *key, const char *name)
{
	for (size_t i = 0; i < COUNT_OF(names); i++) {
		if (text_equal_ci(name, names[i].name)) {
			*key = names[i].key;
			return true;
		}
	}
	return false;
}

void
media_sort_read(struct media_sort *sort, struct arena *arena, const struct query *query)
{
	size_t key_count, order_count;
	const char **keys = query_list(arena, query, "SortBy", &key_count);
	const char **orders = query_list(arena, query, "SortOrder", &order_count);

	sort->count = 0;
	for (size_t i = 0; i < key_count && sort->count < MEDIA_SORT_MOST; i++) {
		size_t order = i < order_count ? i : order_count - 1;
		enum media_sort_key key;
		if (!read_key(&key, keys[i]))
			continue;
		sort->by[sort->count].key = key;
		sort->by[sort->count].descending =
			order_count > 0 && text_equal_ci(orders[order], "Descending");
		sort->count++;
	}
}

/* ---- order ---- */

struct place {
	const struct media *media;
	size_t place;
	const struct media_sort *sort;
};

static int
compare_texts(const char *a, const char *b)
{
	return text_compare_ci(a != NULL ? a : "", b != NULL ? b : "");
}

static int
compare_numbers(uint64_t a, uint64_t b)
{
	return a < b ? -1 : a > b;
}

static const char *
artist_of(const struct media *media)
{
	if (media->album_artist_count > 0)
		return media->album_artists[0].name;
	return media->artist_count > 0 ? media->artists[0].name : "";
}

static int
compare_by(enum media_sort_key key, const struct media *a, const struct media *b,
	uint64_t seed)
{
	switch (key) {
	case MEDIA_SORT_TITLE:
		return compare_texts(a->title, b->title);
	case MEDIA_SORT_ALBUM:
		return compare_texts(a->album_title, b->album_title);
	case MEDIA_SORT_ARTIST:
		return compare_texts(artist_of(a), artist_of(b));
	case MEDIA_SORT_DATE:
		return strcmp(a->release_date, b->release_date);
	case MEDIA_SORT_DISC:
		return compare_numbers((uint64_t)a->disc_number, (uint64_t)b->disc_number);
	case MEDIA_SORT_TRACK:
		return compare_numbers(
			(uint64_t)a->track_number, (uint64_t)b->track_number);
	case MEDIA_SORT_DURATION:
		return compare_numbers((uint64_t)a->duration_ms, (uint64_t)b->duration_ms);
	case MEDIA_SORT_RANDOM:
		return compare_numbers(
			text_hash(seed, a->id.key), text_hash(seed, b->id.key));
	}
	return 0;
}

static int
compare_places(const void *one, const void *other)
{
	const struct place *a = one, *b = other;
	const struct media_sort *sort = a->sort;

	for (size_t i = 0; i < sort->count; i++) {
		int order = compare_by(sort->by[i].key, a->media, b->media, sort->seed);
		if (order != 0)
			return sort->by[i].descending ? -order : order;
	}
	return a->place < b->place ? -1 : a->place > b->place;
}

void
media_sort_apply(const struct media_sort *sort, const struct media **items, size_t count)
{
	struct place *places;

	if (sort->count == 0 || count < 2)
		return;
	places = xcalloc(count, sizeof *places);
	for (size_t i = 0; i < count; i++)
		places[i] = (struct place){ items[i], i, sort };
	qsort(places, count, sizeof *places, compare_places);
	for (size_t i = 0; i < count; i++)
		items[i] = places[i].media;
	xfree(places);
}
