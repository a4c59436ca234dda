/* Injected: one session that we keep alive in Jellyfin for a listener, and our socket in
 * it.
 *
 *            want                socket open, ours or the client's
 *   IDLE ──────────> OPENING ──────────────────────────────────────> LIVE
 *    ^                  ^  └─────────────── socket lost ──────────────┘ │
 *    │                  └────────────── want ──────────────┐            │ release
 *    │  grace over, nothing has played natively in it, or  │            v
 *    └──── the client has a socket, or ours was lost ── LINGERING <─────┘
 *   any ── token refused ──> CLOSED
 *
 * The rules (measured on Jellyfin, architecture §5.5):
 * - Our socket exists only while the client has none. When the client's upgrade begins ours
 *   goes silent (Jellyfin sends commands to the socket that spoke last); two seconds after
 *   its 101 ours closes: Jellyfin counts a new socket only some time after the 101, and
 *   closing the last one it counts wipes the session (seen on 12.0). When the client's last
 *   one goes away and we still need one, ours opens. An upgrade that lasts 20 s hangs: ours
 *   speaks on, because Jellyfin drops a silent socket after 72 s.
 * - Closing the last socket wipes the session, a native Now Playing included. So ours
 *   closes only when nothing has played in the session, natively or by us, for the grace
 *   between two tracks. A play that begins while the last socket is closing may be wiped
 *   after it was told: `wiped` says so once the new socket surely counts.
 * - ForceKeepAlive is answered at once and then every half of its time.
 * - Lost sockets are opened again (session/retry_delay.h).
 *   What Jellyfin showed is gone then: `wiped` says so, when it is lost and once it is
 * back.
 *
 * Control thread. The owner is told through injected_ops and decides what to report.
 */
#ifndef SESSION_INJECTED_H
#define SESSION_INJECTED_H

#include <jansson.h>
#include <stdbool.h>

#include "core/url.h"
#include "session/socket_message.h"
#include "tracker/identity.h"
#include "tracker/play_key.h"
#include "ws/outgoing.h"

enum { INJECTED_GRACE_MS = 50 * 1000 };

enum injected_state {
	INJECTED_IDLE,
	INJECTED_OPENING,
	INJECTED_LIVE,
	INJECTED_LINGERING,
	INJECTED_CLOSED,
};

enum client_socket {
	CLIENT_SOCKET_BEGINS, /* the client's upgrade has arrived: ours goes silent */
	CLIENT_SOCKET_OPEN,   /* its 101 has passed: ours closes soon */
	CLIENT_SOCKET_CLOSED, /* also when the upgrade failed */
};

/* Called with the `arg` of injected_new. None may free the session: loop_later. */
struct injected_ops {
	/* Does something local play in that session, by whatever user of the device? */
	bool (*native_plays)(void *arg);
	/* Jellyfin may have forgotten what the session showed; `restarted`: and the
	 * capabilities too. */
	void (*wiped)(void *arg, bool restarted);
	/* A command for the listener came down our own socket. */
	void (*command)(void *arg, const struct socket_message *message);
	/* What injected_attempts says has changed. */
	void (*attempted)(void *arg);
	/* The state has changed. */
	void (*changed)(void *arg, enum injected_state state);
};

/* How sockets are made; tests put their own in its place. The rules are ws/outgoing's. */
struct injected_sockets {
	struct outgoing_socket *(*open)(void *arg, const struct outgoing_request *request,
		void (*event)(void *arg, enum outgoing_event event, const char *text,
			size_t size),
		void *event_arg);
	bool (*send)(struct outgoing_socket *socket, const char *text, size_t size);
	void (*close)(struct outgoing_socket *socket);
	void *arg;
};
struct injected_sockets injected_sockets_of(struct outgoing *outgoing);

/* Shared by all sessions; outlives them. */
struct injected_options {
	struct loop *loop;
	const struct base_url *jellyfin;
	struct injected_sockets sockets;
	/* Jellyfin's address, numeric; false while it is unknown. */
	bool (*address)(void *arg, char *address, size_t size);
	void *address_arg;
	const struct injected_ops *ops;
};

struct injected;

struct injected *injected_new(const struct injected_options *options,
	const struct play_session_key *key, void *arg);
/* Closes our socket. Accepts NULL. */
void injected_free(struct injected *injected);

/* In whose name to speak, when something may have to be said before it is wanted. */
void injected_introduce(struct injected *injected, const struct identity *identity);
/* Something of ours plays: open, or stay open. `identity` is what the client last said of
 * itself; calls and socket speak in its name. */
void injected_want(struct injected *injected, const struct identity *identity);
/* Nothing of ours plays any more: linger. */
void injected_release(struct injected *injected);
/* What native_plays answers may have changed. */
void injected_review(struct injected *injected);
void injected_client_socket(struct injected *injected, enum client_socket what);
/* Jellyfin is back: sockets that wait are opened within two seconds, spread by chance. */
void injected_retry_soon(struct injected *injected);
/* Another instance keeps the session from here on: ours closes at once. The client's own
 * sockets are counted on. */
void injected_let_go(struct injected *injected);
/* The token is good no more: the end of it. */
void injected_refuse(struct injected *injected);

enum injected_state injected_state(const struct injected *injected);
const char *injected_state_name(enum injected_state state);
const struct play_session_key *injected_key(const struct injected *injected);
/* What injected_want was given last; empty before. */
void injected_identity(const struct injected *injected, struct identity *identity);
/* How often ours was lost or did not open since Jellyfin last took it. */
int injected_attempts(const struct injected *injected);
/* Since when it is in its state, wall clock. */
int64_t injected_since_wall_ms(const struct injected *injected);
/* Sockets of the client itself, upgrades under way included. */
int injected_client_sockets(const struct injected *injected);
/* Ours is open. */
bool injected_has_socket(const struct injected *injected);
/* "none", "opening", "open", "silent" */
const char *injected_socket_name(const struct injected *injected);

#endif
