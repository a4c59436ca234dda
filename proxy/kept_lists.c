#include "proxy/kept_lists.h"

#include "core/clock.h"
#include "providers/lru.h"

enum { FROZEN_MS = 60 * 1000, MAX_LISTS = 512, MAX_COST = 64 << 20 };

struct kept_lists {
	pthread_mutex_t mutex; /* guards lists */
	struct lru *lists;     /* key → struct kept_list */
};

static struct kept_list *
list_ref(struct kept_list *list)
{
	atomic_fetch_add_explicit(&list->references, 1, memory_order_relaxed);
	return list;
}

void
kept_list_unref(struct kept_list *list)
{
	if (list == NULL)
		return;
	if (atomic_fetch_sub_explicit(&list->references, 1, memory_order_acq_rel) > 1)
		return;
	user_list_unref(list->things);
	list_ranks_fini(&list->ranks);
	pthread_mutex_destroy(&list->mutex);
	xfree(list);
}

static void
free_list(void *value)
{
	kept_list_unref(value);
}

struct kept_lists *
kept_lists_new(void)
{
	struct kept_lists *lists = xcalloc(1, sizeof *lists);

	pthread_mutex_init(&lists->mutex, NULL);
	lists->lists = lru_new(MAX_LISTS, MAX_COST, free_list);
	return lists;
}

void
kept_lists_free(struct kept_lists *lists)
{
	if (lists == NULL)
		return;
	lru_free(lists->lists);
	pthread_mutex_destroy(&lists->mutex);
	xfree(lists);
}

struct kept_list *
kept_lists_get(struct kept_lists *lists, const char *key)
{
	pthread_mutex_lock(&lists->mutex);
	struct kept_list *list = lru_get(lists->lists, key, clock_now_ms());
	if (list != NULL)
		list_ref(list);
	pthread_mutex_unlock(&lists->mutex);
	return list;
}

struct kept_list *
kept_lists_put(struct kept_lists *lists, const char *key, struct user_list *things)
{
	struct kept_list *list = xcalloc(1, sizeof *list);

	atomic_init(&list->references, 2); /* the caller's, and ours */
	list->things = user_list_ref(things);
	pthread_mutex_init(&list->mutex, NULL);
	list_ranks_init(&list->ranks, things->count);
	pthread_mutex_lock(&lists->mutex);
	lru_put(lists->lists, key, list,
		user_list_cost(things) + things->count * sizeof *list->ranks.before,
		clock_now_ms() + FROZEN_MS);
	pthread_mutex_unlock(&lists->mutex);
	return list;
}
