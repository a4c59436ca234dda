/* What is like an external item: artists have related artists, songs the songs of their
 * radio, albums the artist's other albums and those of related artists. A local item is
 * Jellyfin's to answer. */
#ifndef PROXY_INTERCEPT_SIMILAR_H
#define PROXY_INTERCEPT_SIMILAR_H

#include "proxy/router.h"

/* GET /Items/{id}/Similar, /Albums/{id}/Similar, /Artists/{id}/Similar */
bool intercept_similar(struct front_worker *worker, struct exchange *exchange,
	const struct route_match *match);

#endif
