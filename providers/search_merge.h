/* Search merge: local results and external ones as one list (architecture §5.14). Pure.
 *
 * Local items stay verbatim and keep their order and places; external ones fill a share of
 * each page (default a third, and what local leaves free). What is local already (same
 * ISRC, or same title + artist + duration ± 3 s) is left out; artists merge only on the
 * same name *and* a shared album, or the provider's id. Merged lists are frozen by their
 * keeper so that pages never overlap or shift; here is only the arithmetic.
 */
#ifndef PROVIDERS_SEARCH_MERGE_H
#define PROVIDERS_SEARCH_MERGE_H

#include <jansson.h>

#include "providers/media_match.h"

/* Where the item at a place of the merged list comes from. */
struct merge_slot {
	bool external;
	size_t index; /* in the local list, or in the external ones kept */
};

/* The plan of a merged list: pure arithmetic over how many there are. */
struct merge_plan {
	int64_t local_total;    /* as Jellyfin counts */
	int64_t external_total; /* kept after removing doubles */
	int64_t share;          /* every share-th place is external: 3; at least 2 */
};

int64_t merge_total(const struct merge_plan *plan);
/* Which one stands at `place` (0 <= place < merge_total). */
struct merge_slot merge_at(const struct merge_plan *plan, int64_t place);
/* How many local items stand before `place`: the StartIndex to ask Jellyfin for. */
int64_t merge_local_before(const struct merge_plan *plan, int64_t place);

/* Both parts of a page, each of them without gaps. */
struct merge_page {
	int64_t start; /* first place */
	int64_t count; /* places; never more than asked for */
	int64_t local_start, local_count;
	int64_t external_start, external_count;
};

/* The page of `limit` places (below 0: all) from `start`; cut at the ends of the list. */
struct merge_page merge_page(const struct merge_plan *plan, int64_t start, int64_t limit);

/* ---- doubles ---- */

/* What local items (BaseItemDto or SearchHint) are compared by, prepared once. */
struct merge_locals;

/* `items` is an array (others count as empty). It is not kept. */
struct merge_locals *merge_locals_new(const json_t *items);
/* Accepts NULL. */
void merge_locals_free(struct merge_locals *locals);
/* Is a song or an album of the provider, `match` its own, among them? An artist only by the
 * provider's id, or by name when one of their albums is among `externals` (NULL: none) and
 * among the locals.
 */
bool merge_locals_have(const struct merge_locals *locals, const struct media *media,
	const struct media_match *match, const struct media_list *externals);

#endif
