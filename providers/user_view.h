/* User view: everything one listener has done with external things, in memory, so that
 * whoever builds a page of items can say so of each at once.
 *
 * Shared between threads by reference count, behind a lock of its own. Loaded once from the
 * database and kept current by whoever writes there (providers/user_items); of two states
 * of one thing the one with the larger version stands, in whatever order they arrive.
 */
#ifndef PROVIDERS_USER_VIEW_H
#define PROVIDERS_USER_VIEW_H

#include "providers/external_id.h"
#include "providers/user_item.h"

/* Things per listener; what was done with more of them is kept, but not seen here. */
enum { USER_VIEW_MOST = 96 * 1024 };

struct user_view;

/* One reference. */
struct user_view *user_view_new(void);
struct user_view *user_view_ref(struct user_view *view);
/* Accepts NULL. */
void user_view_unref(struct user_view *view);

/* Any thread. False, and `item` zeroed: nothing was done with it. */
bool user_view_get(
	struct user_view *view, const struct external_id *id, struct user_item *item);
/* Any thread. `hex`: the id, 32 digits. */
void user_view_put(struct user_view *view, const char *hex, const struct user_item *item);
/* Counts what user_view_put has changed: what was made of the view before is out of date
 * when it is another number. */
uint64_t user_view_changes(struct user_view *view);
/* Bytes, about. */
size_t user_view_cost(struct user_view *view);

#endif
