/* Searches: Jellyfin's results and the providers' as one list (architecture §5.14).
 *
 * Jellyfin's answer leaves at most 300 ms after it came, whatever the provider does.
 * Requests that are not plain music searches are left to the relay.
 */
#ifndef PROXY_INTERCEPT_SEARCH_H
#define PROXY_INTERCEPT_SEARCH_H

#include "proxy/router.h"

/* GET /Items and /Users/{user}/Items with SearchTerm. */
bool intercept_search_items(struct front_worker *worker, struct exchange *exchange,
	const struct route_match *match);
/* GET /Search/Hints. */
bool intercept_search_hints(struct front_worker *worker, struct exchange *exchange,
	const struct route_match *match);
/* GET /Artists and /Artists/AlbumArtists with SearchTerm. */
bool intercept_search_artists(struct front_worker *worker, struct exchange *exchange,
	const struct route_match *match);

/* Pure: which kinds of media a search asks for, as bits of 1 << enum media_kind; 0: none,
 * or it filters by what providers cannot know. */
unsigned search_kinds(const struct query *query, struct arena *arena);

#endif
