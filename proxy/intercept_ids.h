/* Ids: item lists that name local and external ids side by side, split and joined in order.
 *
 * A hole in such a list would shift the client's queue and play the wrong song, so every id
 * keeps its place; what neither side knows is left out.
 */
#ifndef PROXY_INTERCEPT_IDS_H
#define PROXY_INTERCEPT_IDS_H

#include "proxy/router.h"

/* GET /Items?Ids=…; false when no id of the list is external. */
bool intercept_ids(struct front_worker *worker, struct exchange *exchange,
	const struct route_match *match);

#endif
