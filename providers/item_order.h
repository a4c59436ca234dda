/* Item order: Jellyfin's SortBy and SortOrder, and by them the order of external things
 * among themselves and beside local items.
 *
 * The rules are 12.0's (OrderMapper, BaseItemRepository.ApplyOrder, BaseItem.SortName):
 * songs sort by disc, track, name under SortName, everything else by its name without
 * articles, accents and punctuation, numbers padded; unknown values come first; SortName
 * breaks ties. Jellyfin compares titles in other scripts by how they are transliterated; we
 * do not, so there a thing may stand a few places off. Pure; any thread.
 */
#ifndef PROVIDERS_ITEM_ORDER_H
#define PROVIDERS_ITEM_ORDER_H

#include <jansson.h>

#include "core/arena.h"
#include "providers/media.h"
#include "providers/user_item.h"

enum item_order_by {
	ITEM_ORDER_SORT_NAME,
	ITEM_ORDER_NAME,
	ITEM_ORDER_ALBUM,
	ITEM_ORDER_ALBUM_ARTIST,
	ITEM_ORDER_ARTIST,
	ITEM_ORDER_DATE_CREATED,
	ITEM_ORDER_DATE_PLAYED,
	ITEM_ORDER_PLAY_COUNT,
	ITEM_ORDER_PREMIERE_DATE,
	ITEM_ORDER_YEAR,
	ITEM_ORDER_RUNTIME,
	ITEM_ORDER_DISC,
	ITEM_ORDER_TRACK,
	ITEM_ORDER_IS_FOLDER,
	ITEM_ORDER_IS_FAVOURITE,
	ITEM_ORDER_IS_PLAYED,
	ITEM_ORDER_IS_UNPLAYED,
	ITEM_ORDER_RATING,
	ITEM_ORDER_RANDOM,
};

enum { ITEM_ORDER_MOST = 8 };

struct item_order {
	struct item_order_key {
		enum item_order_by by;
		bool descending;
	} keys[ITEM_ORDER_MOST + 1]; /* the last may be the one that breaks ties */
	size_t count;                /* at least 1 */
};

/* NULL-terminated lists of names in any case; what is unknown is passed over, as Jellyfin
 * does. */
void item_order_read(
	struct item_order *order, const char *const *by, const char *const *directions);
bool item_order_has(const struct item_order *order, enum item_order_by by);

/* What one thing is compared by. Texts live in the arena. */
struct item_keys {
	struct item_key {
		const char *text; /* NULL: a number */
		int64_t number;
	} of[ITEM_ORDER_MOST + 1];
};

void item_keys_of_media(struct item_keys *keys, const struct item_order *order,
	struct arena *arena, const struct media *media, const struct user_item *done);
/* Of a BaseItemDto. DateCreated and UserData are there only when they were asked for. */
void item_keys_of_json(struct item_keys *keys, const struct item_order *order,
	struct arena *arena, const json_t *item);
/* Below 0: `a` comes first. */
int item_keys_compare(const struct item_order *order, const struct item_keys *a,
	const struct item_keys *b);

#endif
