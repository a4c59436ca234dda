#include "proxy/search_lists.h"

#include <pthread.h>
#include <string.h>

#include "core/clock.h"
#include "core/text.h"

enum { FROZEN_MS = 60 * 1000, MAX_LISTS = 1024 };

struct entry {
	char *key; /* NULL: free */
	struct search_list *list;
	int64_t frozen_ms;
};

struct search_lists {
	pthread_mutex_t mutex; /* guards entries */
	struct entry entries[MAX_LISTS];
};

struct search_list *
search_list_new(struct media_list *const *lists, size_t list_count, size_t capacity)
{
	struct search_list *list = xcalloc(1, sizeof *list);

	atomic_init(&list->references, 1);
	list->items = xcalloc(capacity, sizeof(struct media *));
	list->lists = xcalloc(list_count, sizeof(struct media_list *));
	for (size_t i = 0; i < list_count; i++) {
		if (lists[i] != NULL)
			list->lists[list->list_count++] = media_list_ref(lists[i]);
	}
	return list;
}

void
search_list_unref(struct search_list *list)
{
	if (list == NULL || atomic_fetch_sub(&list->references, 1) > 1)
		return;
	for (size_t i = 0; i < list->list_count; i++)
		media_list_unref(list->lists[i]);
	xfree(list->lists);
	xfree(list->items);
	xfree(list);
}

struct search_lists *
search_lists_new(void)
{
	struct search_lists *lists = xcalloc(1, sizeof *lists);

	pthread_mutex_init(&lists->mutex, NULL);
	return lists;
}

static void
entry_clear(struct entry *entry)
{
	xfree(entry->key);
	search_list_unref(entry->list);
	*entry = (struct entry){ 0 };
}

void
search_lists_free(struct search_lists *lists)
{
	if (lists == NULL)
		return;
	for (size_t i = 0; i < MAX_LISTS; i++)
		entry_clear(&lists->entries[i]);
	pthread_mutex_destroy(&lists->mutex);
	xfree(lists);
}

/* The table has a few neighbouring places per key. */
static size_t
place_of(const char *key)
{
	return text_hash(0, key) % MAX_LISTS;
}

enum { NEIGHBOURS = 8 };

static struct entry *
neighbour(struct search_lists *lists, const char *key, size_t i)
{
	return &lists->entries[(place_of(key) + i) % MAX_LISTS];
}

struct search_list *
search_lists_get(struct search_lists *lists, const char *key)
{
	struct search_list *found = NULL;
	int64_t now_ms = clock_now_ms();

	pthread_mutex_lock(&lists->mutex);
	for (size_t i = 0; i < NEIGHBOURS && found == NULL; i++) {
		struct entry *entry = neighbour(lists, key, i);
		if (entry->key == NULL || strcmp(entry->key, key) != 0 ||
			now_ms - entry->frozen_ms > FROZEN_MS)
			continue;
		found = entry->list;
		atomic_fetch_add(&found->references, 1);
	}
	pthread_mutex_unlock(&lists->mutex);
	return found;
}

void
search_lists_put(struct search_lists *lists, const char *key, struct search_list *list)
{
	struct entry *chosen = NULL;

	atomic_fetch_add(&list->references, 1);
	pthread_mutex_lock(&lists->mutex);
	for (size_t i = 0; i < NEIGHBOURS; i++) {
		struct entry *entry = neighbour(lists, key, i);
		bool same = entry->key != NULL && strcmp(entry->key, key) == 0;
		if (same || chosen == NULL || entry->frozen_ms < chosen->frozen_ms)
			chosen = entry;
		if (same)
			break;
	}
	entry_clear(chosen);
	chosen->key = xstrdup(key);
	chosen->list = list;
	chosen->frozen_ms = clock_now_ms();
	pthread_mutex_unlock(&lists->mutex);
}
