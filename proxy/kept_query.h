/* Kept query: does a query for a list ask for what users do with things (favourites, what
 * was played), so that external ones belong in it? And for which.
 *
 *   IsFavorite=true, Filters=IsFavorite     hearts; with IsPlayed, IsUnplayed also those
 *   Filters=IsPlayed, IsPlayed=true         what was played
 *   SortBy=DatePlayed or PlayCount first,   what was played: rows like "recently played";
 *   descending, of songs                    what was never played stands behind it
 *
 * Everything else is left to Jellyfin: searches, what nobody has played, what can be
 * resumed (songs cannot), queries by what only Jellyfin knows (genres, years, letters), and
 * types that are not music. Pure; any thread.
 */
#ifndef PROXY_KEPT_QUERY_H
#define PROXY_KEPT_QUERY_H

#include "core/url.h"
#include "providers/user_list.h"

struct kept_query {
	struct user_list_query list; /* without the user */
	const char *parent;          /* ParentId, Jellyfin's own, 32 digits; NULL: none */
	bool external_parent; /* ParentId is one of ours, the last of the list's parents */
};

/* `kinds`: bits of 1 << enum media_kind that the path is about, 0: what IncludeItemTypes
 * says. False: leave it to Jellyfin. */
MUST_CHECK bool kept_query_read(struct kept_query *kept, struct arena *arena,
	const struct query *query, unsigned kinds);

#endif
