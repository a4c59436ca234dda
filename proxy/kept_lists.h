/* Kept lists: what pages of favourites are cut from, for a minute: a listener's external
 * things in order, and where they stand among Jellyfin's (providers/list_ranks).
 *
 * Shared between workers. A list belongs to one user, one query and one state of what that
 * user has done: a change makes it another list.
 */
#ifndef PROXY_KEPT_LISTS_H
#define PROXY_KEPT_LISTS_H

#include <pthread.h>

#include "providers/list_ranks.h"
#include "providers/user_list.h"

struct kept_lists;

struct kept_list {
	atomic_int references;
	struct user_list *things;
	pthread_mutex_t mutex; /* guards ranks */
	struct list_ranks ranks;
};

struct kept_lists *kept_lists_new(void);
/* Accepts NULL. */
void kept_lists_free(struct kept_lists *lists);

/* A reference, or NULL. Any thread. */
struct kept_list *kept_lists_get(struct kept_lists *lists, const char *key);
/* Begins one, in place of what has that key; a reference. `things` is referenced. */
struct kept_list *kept_lists_put(
	struct kept_lists *lists, const char *key, struct user_list *things);
/* Accepts NULL. */
void kept_list_unref(struct kept_list *list);

#endif
