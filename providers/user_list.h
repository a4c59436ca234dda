/* User list: one listener's external things, all of those that a query is about, in its
 * order: what a page of favourites is cut from.
 *
 * Read, filtered and sorted on the store's reading thread. Immutable, shared by reference
 * count; small, since a thing is kept as the JSON of its snapshot until it is shown. At
 * most USER_LIST_MOST things: those liked or played last (or most, when that is the order).
 */
#ifndef PROVIDERS_USER_LIST_H
#define PROVIDERS_USER_LIST_H

#include <stdatomic.h>

#include "core/store.h"
#include "providers/item_order.h"
#include "providers/user_items_store.h"

enum { USER_LIST_MOST = 10000, USER_LIST_PARENTS = 16 };

struct user_list_query {
	struct user_items_filter filter; /* `by` and `most` are set by user_list_read */
	struct item_order order;
	/* When there are any: only songs and albums of these artists, songs of these
	 * albums.
	 */
	struct external_id parents[USER_LIST_PARENTS];
	size_t parent_count;
};

struct user_list_thing {
	struct item_keys keys;
	struct slice snapshot; /* for media_snapshot_read */
};

struct user_list {
	atomic_int references;
	struct arena *arena;
	struct user_list_thing *things;
	size_t count;
};

struct user_list *user_list_ref(struct user_list *list);
/* Accepts NULL. */
void user_list_unref(struct user_list *list);
/* Bytes, about. */
size_t user_list_cost(const struct user_list *list);

struct user_list_reading;

/* `done` fires on `loop` exactly once, never before this returned, within five seconds:
 * `list` is borrowed, NULL unless ERR_NONE. */
struct user_list_reading *user_list_read(struct store *store, struct loop *loop,
	const struct user_list_query *query,
	void (*done)(void *arg, enum err err, struct user_list *list), void *arg);
/* Silence. On its loop. */
void user_list_cancel(struct user_list_reading *reading);

#endif
