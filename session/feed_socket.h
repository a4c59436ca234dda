/* Feed socket: one server's WebSocket of ours, on which it pushes its sessions as they
 * change, so that the feed need not wait for its next poll.
 *
 * Opened with the API key, subscribed with SessionsStart, kept with KeepAlive every half of
 * what the server asks for, reopened with a delay that doubles. The pushes are read on the
 * sockets thread. A server with many listeners pushes its whole list for each of their
 * reports: beyond FLOOD bytes in ten seconds we unsubscribe for a minute and the polls have
 * to do. Control thread.
 */
#ifndef SESSION_FEED_SOCKET_H
#define SESSION_FEED_SOCKET_H

#include "core/url.h"
#include "session/feed_sessions.h"
#include "session/injected.h"

enum {
	FEED_FLOOD_BYTES = 8 * 1024 * 1024,
	FEED_FLOOD_WINDOW_MS = 10 * 1000,
	FEED_FLOOD_PAUSE_MS = 60 * 1000,
};

struct feed_socket;

struct feed_socket_options {
	const char *server; /* its name, for logs; borrowed for ever */
	const struct base_url *base;
	const char *authorization; /* borrowed for ever; a secret */
	struct loop *loop;
	struct injected_sockets sockets;
	/* The server's address, numeric. */
	bool (*address)(void *arg, char *address, size_t size);
	/* Optional: no socket could be opened there. */
	void (*address_failed)(void *arg);
	void *address_arg;
	/* A push; borrowed until it returns. */
	void (*pushed)(void *arg, const struct feed_sessions *sessions);
	void *pushed_arg;
};

/* Not yet wanted. */
struct feed_socket *feed_socket_new(const struct feed_socket_options *options);
/* Closes it. Accepts NULL. */
void feed_socket_free(struct feed_socket *socket);
/* Opens it, or closes it. */
void feed_socket_want(struct feed_socket *socket, bool wanted);
/* "none", "opening", "open", "paused" */
const char *feed_socket_state(const struct feed_socket *socket);

#endif
