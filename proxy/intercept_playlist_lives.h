/* Playlist lives: how mixed playlists begin and end.
 *
 * Both are Jellyfin's to do; ours begins and ends when it has answered 2xx.
 */
#ifndef PROXY_INTERCEPT_PLAYLIST_LIVES_H
#define PROXY_INTERCEPT_PLAYLIST_LIVES_H

#include "proxy/router.h"

/* POST /Playlists, Ids in the query or in the body. A list of external songs only begins
 * as an empty one of Jellyfin's. */
bool intercept_playlist_create(struct front_worker *worker, struct exchange *exchange,
	const struct route_match *match);
/* DELETE /Items/{id}, and /Items with Ids. */
bool intercept_playlist_delete(struct front_worker *worker, struct exchange *exchange,
	const struct route_match *match);

#endif
