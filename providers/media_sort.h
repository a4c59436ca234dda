/* Media sort: a provider's things in the order that a client asks for (SortBy, SortOrder;
 * providers/item_order has the rules). Without a key that is known they keep the provider's
 * order. By chance is the same for the same seed, so that pages do not overlap. Pure; any
 * thread.
 */
#ifndef PROVIDERS_MEDIA_SORT_H
#define PROVIDERS_MEDIA_SORT_H

#include "core/url.h"
#include "providers/item_order.h"
#include "providers/user_view.h"

struct media_sort {
	struct item_order order;
	bool asked; /* false: nothing changes */
	/* What the listener has done with them; NULL: nothing is known. Borrowed. */
	struct user_view *user;
	uint64_t seed;
};

/* The seed and the user are the caller's to set. */
void media_sort_read(
	struct media_sort *sort, struct arena *arena, const struct query *query);
/* The newest first. */
void media_sort_by_date(struct media_sort *sort);
/* Stable. */
void media_sort_apply(const struct media_sort *sort, struct arena *arena,
	const struct media **items, size_t count);

#endif
