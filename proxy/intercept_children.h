/* Children: what external albums, artists and playlists hold, wherever clients ask for
 * lists by their parents: sorted as asked, in pages. Lists that name local parents too are
 * split, and Jellyfin's items stand before ours. */
#ifndef PROXY_INTERCEPT_CHILDREN_H
#define PROXY_INTERCEPT_CHILDREN_H

#include "proxy/router.h"

/* GET /Items, /Users/{user}/Items */
bool intercept_children(struct front_worker *worker, struct exchange *exchange,
	const struct route_match *match);
/* GET /Playlists/{id}/Items */
bool intercept_playlist_items(struct front_worker *worker, struct exchange *exchange,
	const struct route_match *match);

#endif
