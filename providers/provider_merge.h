/* Provider merge: what several providers found, as one list without doubles. Pure.
 *
 * Providers take turns, row by row: first those that play in full for this listener, then
 * those with previews, last those with nothing but words; among equals in the order of
 * preference. What two of them have (media_match; artists by name)
 * is shown once, where the first of them has it, as the first of those providers tells it.
 * What one provider alone tells twice it means twice. What is local already, in the words
 * of any of them, is left out, and so is what its provider says cannot be played.
 */
#ifndef PROVIDERS_PROVIDER_MERGE_H
#define PROVIDERS_PROVIDER_MERGE_H

#include "providers/search_merge.h"
#include "providers/track_format.h"

/* What one provider found of one kind. */
struct merge_source {
	const struct media_list *list;   /* NULL: nothing (yet) */
	const struct media_list *albums; /* it found too, to tell artists apart; or NULL */
	track_quality_set qualities;     /* the listener may get there */
};

/* Adds to `to`, which has room for every item of the sources, and returns how many. The
 * sources stand in the order of preference; at most PROVIDER_IDS. */
size_t provider_merge(const struct media **to, const struct merge_source *sources,
	size_t count, const struct merge_locals *locals);

#endif
