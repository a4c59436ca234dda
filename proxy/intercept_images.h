/* Images of external items: the provider's picture through us, so that the client's address
 * stays here and its URL stays the one Jellyfin would have.
 *
 * No token is needed, as in Jellyfin. What was shown in a list lately costs the provider no
 * question; for any other id a caller that Jellyfin knows may make us ask, strangers all
 * together a few times a second (providers/artwork.h), or a flood of invented ids would use
 * up the provider's rate. Headers are Jellyfin's: with a tag the address is good for a year
 * and its ETag is that tag, without one there is Last-Modified only.
 */
#ifndef PROXY_INTERCEPT_IMAGES_H
#define PROXY_INTERCEPT_IMAGES_H

#include "proxy/router.h"

/* GET and HEAD /Items/{id}/Images/{type} … */
bool intercept_image(struct front_worker *worker, struct exchange *exchange,
	const struct route_match *match);
/* … and /Items/{id}/Images/{type}/{index} */
bool intercept_image_at(struct front_worker *worker, struct exchange *exchange,
	const struct route_match *match);

/* Pure: how many pixels wide and high a square picture is that Jellyfin would make of
 * width, maxHeight, fillWidth and their kin; 0: as large as there is. */
int image_side(const struct query *query);

#endif
