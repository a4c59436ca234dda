/* Children: what external albums, artists and playlists hold, wherever clients ask for
 * lists by their parents: sorted as asked, in pages. Lists that name local parents too are
 * split, and Jellyfin's items stand before ours. */
#ifndef PROXY_INTERCEPT_CHILDREN_H
#define PROXY_INTERCEPT_CHILDREN_H

#include "proxy/router.h"

/* GET /Items, /Users/{user}/Items */
bool intercept_children(struct front_worker *worker, struct exchange *exchange,
	const struct route_match *match);
/* GET /Items/Latest, /Users/{user}/Items/Latest with an external ParentId: the newest of
 * its children, an array */
bool intercept_children_latest(struct front_worker *worker, struct exchange *exchange,
	const struct route_match *match);
/* GET /Items/Filters with an external ParentId: the genres and years of its children … */
bool intercept_children_filters(struct front_worker *worker, struct exchange *exchange,
	const struct route_match *match);
/* … and /Items/Filters2, in its own words */
bool intercept_children_filters2(struct front_worker *worker, struct exchange *exchange,
	const struct route_match *match);
/* GET /Genres, /MusicGenres, /Studios, /Years with an external ParentId: none */
bool intercept_children_none(struct front_worker *worker, struct exchange *exchange,
	const struct route_match *match);
/* GET /Playlists/{id}/Items */
bool intercept_playlist_items(struct front_worker *worker, struct exchange *exchange,
	const struct route_match *match);

#endif
