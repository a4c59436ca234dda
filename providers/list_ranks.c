#include "providers/list_ranks.h"

#include <stdlib.h>

#include "core/mem.h"

void
list_ranks_init(struct list_ranks *ranks, size_t count)
{
	*ranks = (struct list_ranks){ .count = count };
	ranks->before = xcalloc(count > 0 ? count : 1, sizeof *ranks->before);
}

void
list_ranks_fini(struct list_ranks *ranks)
{
	xfree(ranks->before);
	*ranks = (struct list_ranks){ 0 };
}

void
list_ranks_forget(struct list_ranks *ranks)
{
	ranks->placed = 0;
	ranks->frontier = 0;
	ranks->local_total = 0;
	ranks->ended = false;
}

/* How many placed things stand before `place`. */
static size_t
things_before(const struct list_ranks *ranks, int64_t place)
{
	size_t low = 0, high = ranks->placed;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (ranks->before[middle] + (int64_t)middle < place)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

void
list_ranks_need(const struct list_ranks *ranks, int64_t start, int64_t limit,
	int64_t *local_start, int64_t *local_limit)
{
	int64_t known = ranks->frontier + (int64_t)ranks->placed;

	/* What lies behind the frontier has to be seen from there. */
	*local_start = start <= known || ranks->ended
			       ? start - (int64_t)things_before(ranks, start)
			       : ranks->frontier;
	if (limit < 0) {
		*local_limit = -1;
		return;
	}
	int64_t end = start + limit - (int64_t)things_before(ranks, start + limit);
	*local_limit = end > *local_start ? end - *local_start : 0;
}

static void
place_rest(struct list_ranks *ranks)
{
	while (ranks->placed < ranks->count)
		ranks->before[ranks->placed++] = ranks->frontier;
	ranks->ended = true;
}

void
list_ranks_see(struct list_ranks *ranks, int64_t start, int64_t count, bool ended,
	int64_t total, bool (*is_before)(void *arg, size_t thing, size_t local), void *arg)
{
	if (!ranks->ended && start <= ranks->frontier) {
		for (int64_t at = ranks->frontier; at < start + count; at++) {
			while (ranks->placed < ranks->count &&
				is_before(arg, ranks->placed, (size_t)(at - start)))
				ranks->before[ranks->placed++] = at;
			ranks->frontier = at + 1;
		}
		if (ended && start + count <= ranks->frontier)
			place_rest(ranks);
	}
	if (total > ranks->local_total)
		ranks->local_total = total;
	if (ranks->frontier > ranks->local_total || ranks->ended)
		ranks->local_total = ranks->frontier;
}

static int
compare_ranks(const void *a, const void *b)
{
	const int64_t *one = a, *other = b;

	return (*one > *other) - (*one < *other);
}

void
list_ranks_scatter(
	struct list_ranks *ranks, int64_t local_total, int64_t (*random_below)(int64_t n))
{
	for (size_t i = 0; i < ranks->count; i++)
		ranks->before[i] = random_below(local_total + 1);
	qsort(ranks->before, ranks->count, sizeof *ranks->before, compare_ranks);
	ranks->placed = ranks->count;
	ranks->local_total = local_total;
	ranks->frontier = local_total;
	ranks->ended = true;
}

struct list_ranks_slot
list_ranks_at(const struct list_ranks *ranks, int64_t place)
{
	size_t things = things_before(ranks, place);

	if (things < ranks->placed && ranks->before[things] + (int64_t)things == place)
		return (struct list_ranks_slot){ true, (int64_t)things };
	return (struct list_ranks_slot){ false, place - (int64_t)things };
}

int64_t
list_ranks_total(const struct list_ranks *ranks)
{
	return ranks->local_total + (int64_t)ranks->count;
}
