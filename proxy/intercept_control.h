/* Control: remote control that names external music.
 *
 * Jellyfin silently drops ids it does not know from a Play command (measured), and of a
 * mixed playlist it knows its own part only. So a command that names any is answered by us,
 * and the message, with all ids in their order, goes into the target's own tunnel. The
 * controller must be its owner, an administrator, or hold EnableRemoteControlOfOtherUsers;
 * Jellyfin itself lets anybody control anybody. Everything else is Jellyfin's: commands
 * without either, targets whose socket does not come through us, controllers without a user
 * (API keys), instant mixes.
 */
#ifndef PROXY_INTERCEPT_CONTROL_H
#define PROXY_INTERCEPT_CONTROL_H

#include "proxy/intercept.h"

/* POST /Sessions/{session}/Playing */
bool intercept_play_on(struct front_worker *worker, struct exchange *exchange,
	const struct route_match *match);

#endif
