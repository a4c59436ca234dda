/* Search lists: what was merged into a search, frozen for a minute.
 *
 * Pages of one search must never overlap or shift, whatever the provider says in between
 * and whichever worker answers. Shared by all workers behind one lock; bounded. Any thread.
 */
#ifndef PROXY_SEARCH_LISTS_H
#define PROXY_SEARCH_LISTS_H

#include <stdbool.h>
#include <stdint.h>

#include "providers/media.h"

/* Immutable once put. */
struct search_list {
	atomic_int references;
	const struct media **items; /* into `lists`, in the order they are shown */
	size_t count;
	struct media_list **lists; /* referenced */
	size_t list_count;
	int64_t local_total; /* Jellyfin's count when it was frozen */
	/* Every provider answered in time; else a new search from the first page asks
	 * again. */
	bool complete;
};

/* Room for `capacity` items of `list_count` lists, whose references are taken here. */
struct search_list *search_list_new(
	struct media_list *const *lists, size_t list_count, size_t capacity);
/* Accepts NULL. */
void search_list_unref(struct search_list *list);

struct search_lists;

struct search_lists *search_lists_new(void);
void search_lists_free(struct search_lists *lists);
/* A new reference, or NULL when nothing is frozen under that key (any more). */
struct search_list *search_lists_get(struct search_lists *lists, const char *key);
/* Freezes it for a minute, in place of what stood there. The caller keeps its reference. */
void search_lists_put(
	struct search_lists *lists, const char *key, struct search_list *list);

#endif
