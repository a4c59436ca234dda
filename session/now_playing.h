/* Now playing: makes Jellyfin show external plays, in the listener's own session.
 *
 * Observes the tracker. For every external play it makes sure the listener's session lives
 * (session/injected), and posts Playing, Progress and Stopped in the client's own name with
 * the whole Item, coalesced to the newest, one in flight per session, heartbeat at least
 * every 30 s. Native plays are not its business, except that our socket never closes while
 * one runs in the session (architecture §5.5). Control thread, but for the _post functions.
 */
#ifndef SESSION_NOW_PLAYING_H
#define SESSION_NOW_PLAYING_H

#include <jansson.h>

#include "core/errand.h"
#include "core/url.h"
#include "tracker/tracker.h"
#include "ws/outgoing.h"

struct now_playing;

struct now_playing_options {
	const struct base_url *jellyfin; /* copied */
	struct loop *loop;               /* control */
	struct errands *errands;
	struct outgoing *outgoing;
	struct tracker *tracker;
	/* Jellyfin's address, numeric, newest first; borrowed until the call returns. */
	bool (*address)(void *arg, char *address, size_t size);
	void *address_arg;
};

/* Adds itself to the tracker's observers. */
struct now_playing *now_playing_new(const struct now_playing_options *options);
/* Closes our sockets; Jellyfin keeps what it has (a restart goes on where we were). */
void now_playing_free(struct now_playing *now_playing);

enum client_socket {
	CLIENT_SOCKET_BEGINS, /* the client's upgrade has arrived: ours goes silent */
	CLIENT_SOCKET_OPEN,   /* its 101 has passed: ours closes */
	CLIENT_SOCKET_CLOSED, /* also when the upgrade failed */
};

/* Any thread. Counts sockets per session: two tabs are two. */
void now_playing_post_client_socket(struct now_playing *now_playing,
	const struct play_session_key *key, enum client_socket what);
/* Any thread. What the client itself posted to /Sessions/Capabilities(/Full), after
 * Jellyfin's 2xx: never overwritten, replayed after a Jellyfin restart. `full_json` is the
 * body in the form of /Full; copied. */
void now_playing_post_capabilities(struct now_playing *now_playing,
	const struct play_session_key *key, const char *full_json);

/* [{"client":…, "deviceId":…, "state":…, …}] for /sidetrack/api/sessions. Control thread.
 */
json_t *now_playing_sessions_json_new(const struct now_playing *now_playing);

#endif
