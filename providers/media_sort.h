/* Media sort: a provider's things in the order that a client asks for (SortBy, SortOrder),
 * by what is known of them; keys that nobody can know of them (DatePlayed, PlayCount,
 * CommunityRating …) change nothing. Without any key they keep the provider's order. Pure;
 * any thread.
 */
#ifndef PROVIDERS_MEDIA_SORT_H
#define PROVIDERS_MEDIA_SORT_H

#include "core/url.h"
#include "providers/media.h"

enum media_sort_key {
	MEDIA_SORT_TITLE,
	MEDIA_SORT_ALBUM,
	MEDIA_SORT_ARTIST,
	MEDIA_SORT_DATE,
	MEDIA_SORT_DISC,
	MEDIA_SORT_TRACK,
	MEDIA_SORT_DURATION,
	MEDIA_SORT_RANDOM,
};

enum { MEDIA_SORT_MOST = 8 };

struct media_sort {
	struct {
		enum media_sort_key key;
		bool descending;
	} by[MEDIA_SORT_MOST];
	size_t count;
	uint64_t seed; /* of MEDIA_SORT_RANDOM */
};

/* SortBy with as many SortOrder as there are; the last holds for the rest. */
void media_sort_read(
	struct media_sort *sort, struct arena *arena, const struct query *query);
/* Stable. */
void media_sort_apply(
	const struct media_sort *sort, const struct media **items, size_t count);

#endif
