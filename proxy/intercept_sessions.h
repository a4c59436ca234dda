/* What clients tell Jellyfin about their session, seen on its way: capabilities and logout.
 */
#ifndef PROXY_INTERCEPT_SESSIONS_H
#define PROXY_INTERCEPT_SESSIONS_H

#include "proxy/router.h"

/* POST /Sessions/Capabilities: the query says it. */
bool intercept_capabilities(struct front_worker *worker, struct exchange *exchange,
	const struct route_match *match);
/* POST /Sessions/Capabilities/Full: the body says it. */
bool intercept_capabilities_full(struct front_worker *worker, struct exchange *exchange,
	const struct route_match *match);
/* POST /Sessions/Logout: the token is good no more. */
bool intercept_logout(struct front_worker *worker, struct exchange *exchange,
	const struct route_match *match);

#endif
