/* Images of external items: the provider's picture through us, so that the client's address
 * stays here and its URL stays the one Jellyfin would have. No token, as in Jellyfin. */
#ifndef PROXY_INTERCEPT_IMAGES_H
#define PROXY_INTERCEPT_IMAGES_H

#include "proxy/router.h"

/* GET and HEAD /Items/{id}/Images/{type} and …/{type}/{index} */
bool intercept_image(struct front_worker *worker, struct exchange *exchange,
	const struct route_match *match);

/* Pure: the pixels to ask a provider for, from maxWidth, fillHeight and their kin; the
 * smallest of Deezer's usual sizes that is not too small (facts on providers §1). */
int image_size(const struct query *query);

#endif
