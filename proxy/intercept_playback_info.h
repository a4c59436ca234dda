/* PlaybackInfo of external songs: what this client plays of them, and a PlaySessionId that
 * opens it. */
#ifndef PROXY_INTERCEPT_PLAYBACK_INFO_H
#define PROXY_INTERCEPT_PLAYBACK_INFO_H

#include "proxy/router.h"

/* GET and POST /Items/{id}/PlaybackInfo */
bool intercept_playback_info(struct front_worker *worker, struct exchange *exchange,
	const struct route_match *match);

#endif
