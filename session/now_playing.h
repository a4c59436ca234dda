/* Now playing: makes Jellyfin show external plays, in the listener's own session.
 *
 * Observes the tracker. For every external play it makes sure the listener's session lives
 * (session/injected), and posts Playing, Progress and Stopped in the client's own name with
 * the whole Item, coalesced to the newest, one in flight per session, heartbeat at least
 * every 30 s. What is told next is decided by session/playing_step, how it is said by
 * session/playing_body. Native plays are not its business, except that our socket never
 * closes while one runs in the session (architecture §5.5), that a native play in the
 * session replaces ours without a Stopped (which would clear it), and that it is stated
 * once more when a report of ours may have overwritten it on the way. Capabilities are
 * posted only when the client has posted none: seen on the way, or asked of Jellyfin when
 * we were not there. Control thread, but for the _post functions.
 */
#ifndef SESSION_NOW_PLAYING_H
#define SESSION_NOW_PLAYING_H

#include <jansson.h>

#include "core/ask.h"
#include "core/errand.h"
#include "core/url.h"
#include "session/injected.h"
#include "session/jellyfin.h"
#include "session/server.h"
#include "session/token.h"
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
	/* How many sessions one user may have, those included that are kept for their
	 * capabilities alone: the idle one that is oldest makes room, without one the play
	 * is not shown. 0: no limit. */
	size_t most_per_user;
	/* Optional: whose health says when sessions are to be restored. */
	struct server *server;
	/* Optional: where a token is dropped that Jellyfin has refused. */
	struct token_cache *tokens;
	/* Optional: "Stop" came for a listener whose client has no socket: cut its stream
	 * and refuse more of this play. Without it, and for local music, Stop is
	 * undeliverable like every other command. */
	void (*on_stop_command)(void *arg, const struct play *play);
	void *on_stop_command_arg;
	/* Optional, for tests: instead of errands and outgoing. */
	const struct jellyfin_transport *transport;
	const struct injected_sockets *sockets;
};

/* Adds itself to the tracker's observers. */
struct now_playing *now_playing_new(const struct now_playing_options *options);
/* Closes our sockets. Before the tracker and the server are freed. Accepts NULL. */
void now_playing_free(struct now_playing *now_playing);

/* Any thread. Counts sockets per session: two tabs are two. */
void now_playing_post_client_socket(struct now_playing *now_playing,
	const struct play_session_key *key, enum client_socket what);
/* Any thread. What the client itself posted to /Sessions/Capabilities(/Full), after
 * Jellyfin's 2xx: never overwritten, replayed after a Jellyfin restart. `full_json` is the
 * body in the form of /Full; copied. */
void now_playing_post_capabilities(struct now_playing *now_playing,
	const struct play_session_key *key, const char *full_json);

/* For session/keeper, which carries sessions over to another process. Control thread. */
/* What the client itself posted, in the form of /Full; NULL: nothing that we saw. Borrowed
 * until anything happens in that session. */
const char *now_playing_capabilities(
	const struct now_playing *now_playing, const struct play_session_key *key);
/* Before tracker_restore of that session's play: what its client had posted once; what we
 * have seen ourselves counts more. */
void now_playing_remember_capabilities(struct now_playing *now_playing,
	const struct play_session_key *key, const char *full_json);
/* Another instance keeps the sessions of that device from here on: our sockets in them
 * close at once and nothing more is told. */
void now_playing_let_go(struct now_playing *now_playing, const char *device_id);
/* Sockets that clients on that device have open through us, upgrades under way included.
 */
int now_playing_client_sockets(
	const struct now_playing *now_playing, const char *device_id);
/* What clients do here beside playing. */
struct client_observer {
	/* One of its sockets has opened or closed. */
	void (*sockets_changed)(void *arg, const char *device_id);
	/* It has posted capabilities. */
	void (*capabilities)(
		void *arg, const struct play_session_key *key, const char *full_json);
	void *arg;
};
/* One observer; zeroed: none. */
void now_playing_observe_clients(
	struct now_playing *now_playing, struct client_observer observer);
/* now_playing_post_capabilities, of who is on the control thread. */
void now_playing_set_capabilities(struct now_playing *now_playing,
	const struct play_session_key *key, const char *full_json);
/* Another instance tells from here on: nothing more is told, and sockets stay as they are
 * until now_playing_free. */
void now_playing_fall_silent(struct now_playing *now_playing);

/* Sessions whose only socket is ours: commands for their clients reach nobody. */
struct lone_sessions {
	size_t count;
	char ids[][33]; /* Jellyfin's */
};
/* Any thread. False: there are none for sure. */
bool now_playing_has_lone(const struct now_playing *now_playing);
/* Any loop but control's; `done` owns the answer, xfree. See core/ask.h. */
struct ask *now_playing_ask_lone(struct now_playing *now_playing, struct loop *from,
	void (*done)(void *arg, void *lone_sessions), void *arg);

/* [{"client":…, "deviceId":…, "state":…, …}] for /sidetrack/api/sessions. Control thread.
 */
json_t *now_playing_sessions_json_new(const struct now_playing *now_playing);

#endif
