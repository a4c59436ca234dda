/* Instant mixes from external items: the songs of their artists' radios and top songs,
 * shuffled; the same for an hour. A song leads its own mix, as in Jellyfin.
 *
 * Whoever gets previews only gets an empty mix: half minutes are no music to listen to in a
 * row. A local item is Jellyfin's to answer.
 */
#ifndef PROXY_INTERCEPT_MIX_H
#define PROXY_INTERCEPT_MIX_H

#include "proxy/router.h"

/* GET /{Items,Songs,Albums,Artists,Playlists}/{id}/InstantMix */
bool intercept_mix(struct front_worker *worker, struct exchange *exchange,
	const struct route_match *match);
/* GET /Artists/InstantMix?id=, /MusicGenres/InstantMix?id= */
bool intercept_mix_by_query(struct front_worker *worker, struct exchange *exchange,
	const struct route_match *match);

#endif
