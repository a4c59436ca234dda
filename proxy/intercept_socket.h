/* A client's WebSocket to Jellyfin, through us: GET /socket with an upgrade. */
#ifndef PROXY_INTERCEPT_SOCKET_H
#define PROXY_INTERCEPT_SOCKET_H

#include "proxy/router.h"

bool intercept_socket(struct front_worker *worker, struct exchange *exchange,
	const struct route_match *match);

#endif
