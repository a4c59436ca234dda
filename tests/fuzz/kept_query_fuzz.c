/* Queries for lists ("q…") and items of Jellyfin's answers ("i…"): what is read of them
 * stays within its bounds, and every item equals itself in every order. */
#include <stddef.h>
#include <stdint.h>

#include "core/json.h"
#include "proxy/kept_query.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check_query(struct arena *arena, struct slice text)
{
	struct query query = query_parse(arena, text);
	struct kept_query kept;

	if (!kept_query_read(&kept, arena, &query, 0))
		return;
	const struct user_items_filter *filter = &kept.list.filter;
	if (filter->kinds == 0 || !(filter->favourite || filter->played) ||
		kept.list.parent_count > USER_LIST_PARENTS || kept.list.order.count == 0 ||
		kept.list.order.count > ITEM_ORDER_MOST + 1 ||
		(kept.parent != NULL && strlen(kept.parent) != 32))
		__builtin_trap();
}

static void
check_item(struct arena *arena, struct slice text)
{
	static const char *const orders[][ITEM_ORDER_MOST + 1] = {
		{ "SortName", "Album", "AlbumArtist", "Artist", "DateCreated", "DatePlayed",
			"PlayCount", "PremiereDate", NULL },
		{ "ProductionYear", "Runtime", "ParentIndexNumber", "IndexNumber",
			"CommunityRating", "IsFolder", "IsPlayed", "Name", NULL },
	};
	static const char *const no_directions[] = { NULL };
	json_t *item = json_parse_new(text.data, text.size);

	for (size_t i = 0; i < COUNT_OF(orders); i++) {
		struct item_order order;
		struct item_keys keys;
		item_order_read(&order, orders[i], no_directions);
		item_keys_of_json(&keys, &order, arena, item);
		if (item_keys_compare(&order, &keys, &keys) != 0)
			__builtin_trap();
	}
	json_decref(item);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *arena = arena_new();

	if (size > 0) {
		struct slice text = { (const char *)data + 1, size - 1 };
		if (data[0] == 'q')
			check_query(arena, text);
		else if (data[0] == 'i')
			check_item(arena, text);
	}
	arena_free(arena);
	return 0;
}
