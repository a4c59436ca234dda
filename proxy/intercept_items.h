/* Items: external songs, albums, artists wherever clients ask Jellyfin for items by id. */
#ifndef PROXY_INTERCEPT_ITEMS_H
#define PROXY_INTERCEPT_ITEMS_H

#include "proxy/router.h"

/* GET /Items/{id}, /Users/{user}/Items/{id} */
bool intercept_item(struct front_worker *worker, struct exchange *exchange,
	const struct route_match *match);
/* GET /Items, /Users/{user}/Items: Ids lists with external ids (split and joined in order),
 * children of an external parent, searches. */
bool intercept_item_list(struct front_worker *worker, struct exchange *exchange,
	const struct route_match *match);
/* What external items never have: an empty list of items for /MediaSegments/{id},
 * /Items/{id}/Intros, Similar, … */
bool intercept_item_empty_list(struct front_worker *worker, struct exchange *exchange,
	const struct route_match *match);
/* … an empty array for /Items/{id}/Ancestors, SpecialFeatures, … */
bool intercept_item_empty_array(struct front_worker *worker, struct exchange *exchange,
	const struct route_match *match);
/* … and three empty lists for /Items/{id}/ThemeMedia. */
bool intercept_item_theme_media(struct front_worker *worker, struct exchange *exchange,
	const struct route_match *match);

#endif
