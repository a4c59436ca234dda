#include "providers/search_merge.h"

#include <string.h>

/* ---- places ----
 *
 * While both last, each group of `share` places is share - 1 local ones and an external
 * one. After the last whole group stand the local ones that are left, then the external
 * ones: only one of the two can fill more than a group. */

static int64_t
group_count(const struct merge_plan *plan)
{
	int64_t by_local = plan->local_total / (plan->share - 1);

	assert(plan->share >= 2 && plan->local_total >= 0 && plan->external_total >= 0);
	return by_local < plan->external_total ? by_local : plan->external_total;
}

int64_t
merge_total(const struct merge_plan *plan)
{
	return plan->local_total + plan->external_total;
}

int64_t
merge_local_before(const struct merge_plan *plan, int64_t place)
{
	int64_t groups = group_count(plan);
	int64_t local_share = plan->share - 1;

	if (place < groups * plan->share) {
		int64_t rest = place % plan->share;
		return place / plan->share * local_share + rest;
	}
	int64_t local = groups * local_share + (place - groups * plan->share);
	return local < plan->local_total ? local : plan->local_total;
}

struct merge_slot
merge_at(const struct merge_plan *plan, int64_t place)
{
	int64_t local = merge_local_before(plan, place);
	bool external = merge_local_before(plan, place + 1) == local;

	assert(place >= 0 && place < merge_total(plan));
	return (struct merge_slot){ external, (size_t)(external ? place - local : local) };
}

struct merge_page
merge_page(const struct merge_plan *plan, int64_t start, int64_t limit)
{
	int64_t total = merge_total(plan);
	struct merge_page page = { .start = start < 0 ? 0 : start };

	if (page.start > total)
		page.start = total;
	page.count = total - page.start;
	if (limit >= 0 && limit < page.count)
		page.count = limit;
	page.local_start = merge_local_before(plan, page.start);
	page.local_count =
		merge_local_before(plan, page.start + page.count) - page.local_start;
	page.external_start = page.start - page.local_start;
	page.external_count = page.count - page.local_count;
	return page;
}

/* ---- doubles ---- */

struct merge_locals {
	struct media_match *matches;
	size_t count;
};

struct merge_locals *
merge_locals_new(const json_t *items)
{
	struct merge_locals *locals = xcalloc(1, sizeof *locals);
	const json_t *item;
	size_t i;

	locals->matches = xcalloc(json_array_size(items) + 1, sizeof *locals->matches);
	json_array_foreach (items, i, item)
		media_match_of_item(&locals->matches[locals->count++], item);
	return locals;
}

void
merge_locals_free(struct merge_locals *locals)
{
	if (locals == NULL)
		return;
	for (size_t i = 0; i < locals->count; i++)
		media_match_fini(&locals->matches[i]);
	xfree(locals->matches);
	xfree(locals);
}

static bool
same_text(const char *a, const char *b)
{
	return a != NULL && b != NULL && strcmp(a, b) == 0;
}

/* The album that a song is of or that an album is. */
static const char *
album_of(const struct media_match *match)
{
	return match->kind == MEDIA_ALBUM ? match->title : match->album;
}

static bool
locals_have_album(const struct merge_locals *locals, const char *album, const char *artist)
{
	for (size_t i = 0; i < locals->count; i++) {
		const struct media_match *local = &locals->matches[i];
		if (same_text(album_of(local), album) &&
			media_match_has_name(local, artist))
			return true;
	}
	return false;
}

static bool
is_by(const struct media *media, const struct external_id *artist)
{
	for (size_t i = 0; i < media->main_artist_count; i++) {
		if (external_id_equal(&media->artists[i].id, artist))
			return true;
	}
	return false;
}

/* Does an album of this artist, as the provider lists it, stand among the locals under the
 * same name? */
static bool
shares_album(const struct merge_locals *locals, const struct media *artist,
	const char *name, const struct media_list *externals)
{
	bool shares = false;

	for (size_t i = 0; externals != NULL && i < externals->count && !shares; i++) {
		struct media_match match;
		if (!is_by(&externals->items[i], &artist->id))
			continue;
		media_match_of_media(&match, &externals->items[i]);
		shares = locals_have_album(locals, album_of(&match), name);
		media_match_fini(&match);
	}
	return shares;
}

bool
merge_locals_have(const struct merge_locals *locals, const struct media *media,
	const struct media_match *match, const struct media_list *externals)
{
	bool found = false, named = false;

	for (size_t i = 0; i < locals->count && !found; i++) {
		const struct media_match *local = &locals->matches[i];
		found = media_match_same(local, match);
		named = named || (local->kind == match->kind &&
					 same_text(local->title, match->title));
	}
	if (!found && named && media->kind == MEDIA_ARTIST)
		found = shares_album(locals, media, match->title, externals);
	return found;
}
