/* More: lists of Jellyfin's that external things complete, when the administrator wants it:
 *
 * - SIDETRACK_COMPLETE_ARTISTS: the albums of a local artist, those that he lacks here. The
 *   artist is one by name who shares an album with the local one; only where the listener
 *   gets whole songs.
 * - SIDETRACK_CHARTS: playlists, those that providers' listeners hear most.
 *
 * They stand behind Jellyfin's own, in the order that is asked for. Jellyfin's list is
 * asked for whole; a provider that does not answer soon is left out.
 */
#ifndef PROXY_INTERCEPT_MORE_H
#define PROXY_INTERCEPT_MORE_H

#include "proxy/router.h"

/* GET /Items, /Users/{user}/Items */
bool intercept_more(struct front_worker *worker, struct exchange *exchange,
	const struct route_match *match);

#endif
