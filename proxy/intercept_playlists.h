/* Playlists: Jellyfin's playlists with an external part, wherever clients read them.
 *
 * Such a playlist is called mixed. Requests about any other are left to the relay, and so
 * are those of callers without the right to external music: they see the local part, with
 * Jellyfin's own totals.
 */
#ifndef PROXY_INTERCEPT_PLAYLISTS_H
#define PROXY_INTERCEPT_PLAYLISTS_H

#include "proxy/router.h"

/* The parameter `name` of the route as the id of a mixed playlist; false when it is none.
 */
MUST_CHECK bool mixed_playlist_id(char *id, struct front_worker *worker, const char *text);

/* GET /Playlists/{id}/Items */
bool intercept_mixed_items(struct front_worker *worker, struct exchange *exchange,
	const struct route_match *match);
/* GET /Items and /Users/{user}/Items with its id as ParentId: filters that only Jellyfin
 * understands are left to it. */
bool intercept_mixed_children(struct front_worker *worker, struct exchange *exchange,
	const struct route_match *match);
/* GET /Playlists/{id}: ItemIds with ours among them. */
bool intercept_mixed_ids(struct front_worker *worker, struct exchange *exchange,
	const struct route_match *match);
/* GET /Items/{id}, /Users/{user}/Items/{id}: counts and lengths with ours in them, and a
 * picture of ours where Jellyfin has none. */
bool intercept_mixed_item(struct front_worker *worker, struct exchange *exchange,
	const struct route_match *match);
/* GET /Items and /Users/{user}/Items for playlists alone: the same of the mixed ones. */
bool intercept_mixed_lists(struct front_worker *worker, struct exchange *exchange,
	const struct route_match *match);
/* GET and HEAD /Items/{id}/Images/Primary: the picture of the first external song that has
 * one, when Jellyfin has none. */
bool intercept_mixed_image(struct front_worker *worker, struct exchange *exchange,
	const struct route_match *match);

#endif
