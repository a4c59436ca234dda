/* Session list: the truth about remote control in GET /Sessions.
 *
 * While our socket is open in a session, Jellyfin says that its client can be controlled,
 * but no command reaches the client (ours obeys Stop and nothing else). Through us both
 * flags say false for such a session, and a list of what can be controlled leaves it out.
 * Everything else is Jellyfin's, byte for byte.
 */
#ifndef PROXY_INTERCEPT_SESSION_LIST_H
#define PROXY_INTERCEPT_SESSION_LIST_H

#include "core/arena.h"
#include "core/route.h"
#include "proxy/front.h"

/* GET /Sessions */
bool intercept_session_list(struct front_worker *worker, struct exchange *exchange,
	const struct route_match *match);

/* Pure: adds `body`, Jellyfin's list, with both flags false for the sessions in `lone`, or
 * without them when `leave_out`; as it is when it is no list. */
void intercept_session_list_write(struct text *to, struct arena *arena, struct slice body,
	const struct lone_sessions *lone, bool leave_out);

#endif
