#include "providers/user_list.h"

#include <stdlib.h>

#include "core/crypto.h"
#include "providers/media_snapshot.h"

enum { DEADLINE_MS = 5000 };

#define READING_MAGIC 0x756c7374u

struct user_list_reading {
	unsigned magic;
	struct user_list_query query;
	struct user_list *list;
	size_t capacity;
	bool cancelled;
	void (*done)(void *arg, enum err err, struct user_list *list);
	void *arg;
};

/* ---- lists ---- */

static struct user_list *
list_new(void)
{
	struct user_list *list = xcalloc(1, sizeof *list);

	atomic_init(&list->references, 1);
	list->arena = arena_new();
	return list;
}

struct user_list *
user_list_ref(struct user_list *list)
{
	atomic_fetch_add_explicit(&list->references, 1, memory_order_relaxed);
	return list;
}

void
user_list_unref(struct user_list *list)
{
	if (list == NULL)
		return;
	if (atomic_fetch_sub_explicit(&list->references, 1, memory_order_acq_rel) > 1)
		return;
	arena_free(list->arena);
	xfree(list->things);
	xfree(list);
}

size_t
user_list_cost(const struct user_list *list)
{
	size_t cost = sizeof *list;

	/* What it is compared by is no longer than what it says. */
	for (size_t i = 0; i < list->count; i++)
		cost += sizeof *list->things + 2 * list->things[i].snapshot.size;
	return cost;
}

/* ---- on the store's thread ---- */

static bool
is_by(const struct media_artist *artists, size_t count, const struct external_id *id)
{
	for (size_t i = 0; i < count; i++) {
		if (external_id_equal(&artists[i].id, id))
			return true;
	}
	return false;
}

static bool
belongs_to(const struct media *media, const struct external_id *parent)
{
	if (parent->kind == MEDIA_ALBUM)
		return media->kind == MEDIA_SONG &&
		       external_id_equal(&media->album_id, parent);
	return is_by(media->artists, media->artist_count, parent) ||
	       is_by(media->album_artists, media->album_artist_count, parent);
}

static bool
is_asked_for(const struct user_list_query *query, const struct media *media)
{
	for (size_t i = 0; i < query->parent_count; i++) {
		if (belongs_to(media, &query->parents[i]))
			return true;
	}
	return query->parent_count == 0;
}

static struct user_list_thing *
add_thing(struct user_list_reading *reading)
{
	struct user_list *list = reading->list;

	if (list->count == reading->capacity) {
		reading->capacity = reading->capacity > 0 ? 2 * reading->capacity : 64;
		list->things =
			xrealloc(list->things, reading->capacity * sizeof *list->things);
	}
	return &list->things[list->count++];
}

static void
on_row(void *arg, const struct user_items_row *row)
{
	struct user_list_reading *reading = arg;
	struct arena *arena = reading->list->arena;
	struct media_list *one = media_list_new(1);
	const struct media *media = media_snapshot_read(one, row->snapshot);

	if (media != NULL && is_asked_for(&reading->query, media)) {
		struct user_list_thing *thing = add_thing(reading);
		thing->snapshot.data = arena_slice_dup(arena, row->snapshot);
		thing->snapshot.size = row->snapshot.size;
		item_keys_of_media(
			&thing->keys, &reading->query.order, arena, media, &row->item);
	}
	media_list_unref(one);
}

static int
compare_things(const void *a, const void *b, void *order)
{
	const struct user_list_thing *one = a, *other = b;

	return item_keys_compare(order, &one->keys, &other->keys);
}

static void
shuffle(struct user_list *list)
{
	for (size_t i = list->count; i > 1; i--) {
		size_t other = (size_t)crypto_random_below((int64_t)i);
		struct user_list_thing thing = list->things[i - 1];
		list->things[i - 1] = list->things[other];
		list->things[other] = thing;
	}
}

static bool
run_read(sqlite3 *database, void *arg)
{
	struct user_list_reading *reading = arg;
	struct user_list *list = reading->list;

	if (!user_items_store_list(database, &reading->query.filter, on_row, reading))
		return false;
	if (item_order_has(&reading->query.order, ITEM_ORDER_RANDOM))
		shuffle(list);
	else if (list->count > 1)
		qsort_r(list->things, list->count, sizeof *list->things, compare_things,
			&reading->query.order);
	return true;
}

/* ---- on the caller's ---- */

static void
on_read(void *arg, enum err err)
{
	struct user_list_reading *reading = CAST(arg, READING_MAGIC);

	if (!reading->cancelled)
		reading->done(reading->arg, err, err == ERR_NONE ? reading->list : NULL);
}

static void
free_reading(void *arg)
{
	struct user_list_reading *reading = CAST(arg, READING_MAGIC);

	user_list_unref(reading->list);
	reading->magic = 0;
	xfree(reading);
}

struct user_list_reading *
user_list_read(struct store *store, struct loop *loop, const struct user_list_query *query,
	void (*done)(void *arg, enum err err, struct user_list *list), void *arg)
{
	struct user_list_reading *reading = xcalloc(1, sizeof *reading);
	struct user_items_filter *filter = &reading->query.filter;

	reading->magic = READING_MAGIC;
	reading->query = *query;
	reading->list = list_new();
	reading->done = done;
	reading->arg = arg;
	filter->most = USER_LIST_MOST;
	filter->by = filter->favourite ? USER_ITEMS_LATEST_LIKED : USER_ITEMS_LATEST_PLAYED;
	if (query->order.keys[0].by == ITEM_ORDER_PLAY_COUNT)
		filter->by = USER_ITEMS_MOST_PLAYED;
	store_read(store, loop, DEADLINE_MS, run_read, on_read, reading, free_reading);
	return reading;
}

void
user_list_cancel(struct user_list_reading *reading)
{
	reading->cancelled = true;
}
