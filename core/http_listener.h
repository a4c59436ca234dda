/* Listener: accepts connections on a port that the listeners of all workers share
 * (SO_REUSEPORT). One per worker, on its thread.
 *
 * When no descriptor is free it asks for some and rests, instead of being woken over and
 * over. Sockets come non-blocking, close-on-exec, and without Nagle's delay; those of a
 * listener on a loopback address without BBR's pacing.
 */
#ifndef CORE_HTTP_LISTENER_H
#define CORE_HTTP_LISTENER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/mem.h"

struct loop;
struct sockaddr;
struct http_listener;

struct http_listener_owner {
	/* A client; may pause or free the listener. */
	void (*accepted)(void *arg, int take_fd, const struct sockaddr *address);
	/* No descriptor is free. Returns whether some have been freed just now. */
	bool (*starved)(void *arg);
};

/* Numeric "address", "[v6]" and `*port` (0: any; set to what was bound). NULL: `why` says
 * what is wrong. `owner` is borrowed for its life. */
MUST_CHECK struct http_listener *http_listener_new(struct loop *loop, const char *address,
	uint16_t *port, const struct http_listener_owner *owner, void *arg, char *why,
	size_t why_size);
/* Closes at once. Accepts NULL. */
void http_listener_free(struct http_listener *listener);
/* Clients wait in the backlog until it goes on. */
void http_listener_pause(struct http_listener *listener, bool pause);

#endif
