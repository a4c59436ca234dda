#include "providers/media_sort.h"

#include <stdlib.h>
#include <string.h>

/* ---- what is asked for ---- */

/* A name is always the last key, so that alone it says little. */
static bool
asks_for_name(const char **by)
{
	for (; *by != NULL; by++) {
		if (text_equal_ci(*by, "SortName") || text_equal_ci(*by, "Name") ||
			text_equal_ci(*by, "Default"))
			return true;
	}
	return false;
}

void
media_sort_read(struct media_sort *sort, struct arena *arena, const struct query *query)
{
	const char **by = query_list(arena, query, "SortBy", NULL);

	item_order_read(&sort->order, by, query_list(arena, query, "SortOrder", NULL));
	sort->asked = sort->order.count > 1 || asks_for_name(by);
}

void
media_sort_by_date(struct media_sort *sort)
{
	static const char *const by[] = { "PremiereDate", NULL };
	static const char *const directions[] = { "Descending", NULL };

	item_order_read(&sort->order, by, directions);
	sort->asked = true;
}

/* ---- order ---- */

struct place {
	const struct media *media;
	size_t place;
	uint64_t chance; /* 0 unless it decides */
	const struct media_sort *sort;
	struct item_keys keys;
};

static int
compare_places(const void *one, const void *other)
{
	const struct place *a = one, *b = other;
	int order;

	if (a->chance != b->chance)
		return a->chance < b->chance ? -1 : 1;
	order = item_keys_compare(&a->sort->order, &a->keys, &b->keys);
	if (order != 0)
		return order;
	return a->place < b->place ? -1 : a->place > b->place;
}

void
media_sort_apply(const struct media_sort *sort, struct arena *arena,
	const struct media **items, size_t count)
{
	bool chance = item_order_has(&sort->order, ITEM_ORDER_RANDOM);
	struct place *places;

	if (!sort->asked || count < 2)
		return;
	places = xcalloc(count, sizeof *places);
	for (size_t i = 0; i < count; i++) {
		struct user_item done = { 0 };
		if (sort->user != NULL)
			(void)user_view_get(sort->user, &items[i]->id, &done);
		places[i] = (struct place){ .media = items[i], .place = i, .sort = sort };
		item_keys_of_media(&places[i].keys, &sort->order, arena, items[i], &done);
		if (chance)
			places[i].chance = text_hash(sort->seed, items[i]->id.key);
	}
	qsort(places, count, sizeof *places, compare_places);
	for (size_t i = 0; i < count; i++)
		items[i] = places[i].media;
	xfree(places);
}
