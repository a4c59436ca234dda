/* Kept: lists of favourites and of what was played, Jellyfin's and ours as one, by the sort
 * keys of the query (proxy/kept_query says which; providers/list_ranks how).
 *
 * Local items stay as Jellyfin wrote them; it is asked for no more than the page shows, for
 * DateCreated where things are sorted by that, and for UserData where by plays. Favourites
 * belong to every music library, so a ParentId is looked at first. Who may have no external
 * music, or keeps none, gets Jellyfin's own answer.
 */
#ifndef PROXY_INTERCEPT_KEPT_H
#define PROXY_INTERCEPT_KEPT_H

#include "proxy/router.h"

/* GET /Items and /Users/{user}/Items */
bool intercept_kept_items(struct front_worker *worker, struct exchange *exchange,
	const struct route_match *match);
/* GET /Artists and /Artists/AlbumArtists */
bool intercept_kept_artists(struct front_worker *worker, struct exchange *exchange,
	const struct route_match *match);

#endif
