/* Session look: what GET /Sessions says about the capabilities of clients. Pure; any
 * thread.
 */
#ifndef SESSION_SESSION_LOOK_H
#define SESSION_SESSION_LOOK_H

#include <stdbool.h>
#include <stddef.h>

#include "tracker/play_key.h"

enum { SESSION_LOOK_MOST = 16 }; /* sessions of one device id that are looked at */

struct session_look {
	size_t count;
	struct {
		char client[128];
		char device_id[256];
		bool has_capabilities;
	} sessions[SESSION_LOOK_MOST];
};

/* False when it is no list of sessions. */
MUST_CHECK bool session_look_parse(
	struct session_look *look, const void *body, size_t size);
/* Whether the client of that session has posted capabilities; false too when Jellyfin does
 * not list it. */
bool session_look_has_capabilities(
	const struct session_look *look, const struct play_session_key *key);

#endif
