/* Outgoing WebSockets: our own sockets of injected sessions, on libwebsockets' thread.
 *
 * Debian's libwebsockets cannot share a libevent loop, so it runs its own poll loop; the
 * one call that may come from another thread is lws_cancel_service. This module only
 * carries text: who reconnects, when, and what is sent is decided on the control thread.
 */
#ifndef WS_OUTGOING_H
#define WS_OUTGOING_H

#include <stdbool.h>
#include <stdint.h>

#include <stddef.h>

#include "core/loop.h"
#include "core/mem.h"

struct outgoing;
struct outgoing_socket;

enum outgoing_event {
	OUTGOING_OPENED,
	OUTGOING_TEXT,   /* `text`, `size`: one whole message */
	OUTGOING_CLOSED, /* also when it never opened; the last event of a socket */
};

/* Starts the thread. Sockets take at most a quarter of the descriptors the process may have
 * now; beyond, they are closed unopened: whoever reports for many devices must not keep
 * everybody's connections out. Events are delivered on `loop`, whose thread makes every
 * other call.
 */
struct outgoing *outgoing_start(struct loop *loop);
/* How wss:// peers are judged: by this bundle (NULL: the system's), or not at all. Before
 * the first open. Unverified still refuses a certificate whose signature is wrong.
 * libwebsockets compares names and IPv4 addresses, but no IPv6 address. */
void outgoing_set_trust(struct outgoing *outgoing, const char *ca_file, bool unverified);
/* Closes every socket with a close frame, waits for that at most half a second, and joins.
 * Their events do not fire any more and their pointers are dead. Accepts NULL. */
void outgoing_stop(struct outgoing *outgoing);

/* Never freed. */
struct outgoing_reader {
	/* On the sockets thread; pure. What was read, or NULL: it says nothing to us. */
	void *(*read)(const char *text, size_t size);
	void (*free_read)(void *read);
	/* On the loop, instead of OUTGOING_TEXT. `read` is borrowed until it returns. */
	void (*event)(void *arg, void *read);
};

struct outgoing_request {
	const char *address; /* numeric: where to connect */
	uint16_t port;
	bool tls;
	const char *host;          /* Host and SNI */
	const char *path;          /* "/jf/socket" */
	const char *authorization; /* the value of Authorization; a secret */
	/* For peers that say much: reads every whole message on the sockets thread, so that
	 * the loop never does. NULL: messages come as text. */
	const struct outgoing_reader *reader;
	size_t max_text; /* of a message, in bytes; a longer one hangs up. 0: 1 MB */
	const char *forwarded_for; /* in whose place it is opened; "" or NULL: nobody's */
};

/* The request is copied. `event` fires on the loop, CLOSED exactly once and last, nothing
 * before this has returned, nothing after outgoing_close. With CLOSED `text` says why, for
 * logs ("" when nobody said), and the pointer is dead after. At most 16 texts are queued
 * per socket (outgoing_send false beyond); a peer that is 256 messages ahead of us is hung
 * up on. Connecting takes at most 10 s; pings after 35 s of silence notice dead
 * peers (50 s). Only HTTP/1.1, no extensions, no redirects. */
struct outgoing_socket *outgoing_open(struct outgoing *outgoing,
	const struct outgoing_request *request,
	void (*event)(void *arg, enum outgoing_event event, const char *text, size_t size),
	void *arg);
/* False when it cannot be queued. What was queued before outgoing_close may not be sent. */
MUST_CHECK bool outgoing_send(
	struct outgoing_socket *socket, const char *text, size_t size);
/* Closes with a close frame; silence after, and the pointer is dead. Accepts NULL. */
void outgoing_close(struct outgoing_socket *socket);

#endif
