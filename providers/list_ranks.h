/* List ranks: where external things stand in a list of Jellyfin's that is sorted as they
 * are, so that its pages can be asked for one by one, in any order, without overlapping.
 *
 * The rank of a thing is how many local items come before it. Ranks are found as local
 * items are seen: once those up to the frontier were, whatever sorts before them has its
 * place for good, and the page after needs no more local items than it has places. What has
 * no rank yet comes after the frontier. Pure; whoever shares one has the lock.
 */
#ifndef PROVIDERS_LIST_RANKS_H
#define PROVIDERS_LIST_RANKS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct list_ranks {
	int64_t *before; /* by thing, in their order; up to `placed` */
	size_t count;
	size_t placed;
	int64_t frontier;    /* so many local items were seen */
	int64_t local_total; /* as far as is known; at least the frontier */
	bool ended;          /* there are no more local items: every thing is placed */
};

/* None is placed yet. */
void list_ranks_init(struct list_ranks *ranks, size_t count);
void list_ranks_fini(struct list_ranks *ranks);
/* None is placed any more: local items may have changed. */
void list_ranks_forget(struct list_ranks *ranks);

/* Which local items are needed to show `limit` places (below 0: all) from `start`: from
 * `*local_start` so many (below 0: all). */
void list_ranks_need(const struct list_ranks *ranks, int64_t start, int64_t limit,
	int64_t *local_start, int64_t *local_limit);

/* Local items from `start` on were seen, `count` of them, and no more than that are there
 * when `ended`; `total` as Jellyfin says it, 0 unknown. `is_before(arg, thing, local)`:
 * does that thing come before the local item with that number, counted from `start`? Items
 * from behind the frontier are of no use here. */
void list_ranks_see(struct list_ranks *ranks, int64_t start, int64_t count, bool ended,
	int64_t total, bool (*is_before)(void *arg, size_t thing, size_t local), void *arg);
/* Every thing by chance, among `local_total` items; `random_below(n)` is from 0 to n - 1.
 */
void list_ranks_scatter(
	struct list_ranks *ranks, int64_t local_total, int64_t (*random_below)(int64_t n));

/* What stands at a place that was needed and seen: a thing, or the local item of that
 * number. */
struct list_ranks_slot {
	bool external;
	int64_t index;
};
struct list_ranks_slot list_ranks_at(const struct list_ranks *ranks, int64_t place);
int64_t list_ranks_total(const struct list_ranks *ranks);

#endif
