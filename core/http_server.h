/* HTTP server: one worker's listener, its connections and their exchanges.
 *
 * One per worker thread, each with its own SO_REUSEPORT listener. Enforces before anybody
 * sees an exchange: what a request must look like (core/http_request_head.h), header size
 * and deadline, body limits (core/http_request_body.h), connection caps, idle and
 * write-stall time. Survives EMFILE (idle connections give up their descriptors, the
 * listener rests while there is none). At the connection cap the one that has been idle for
 * longest makes room; if none is idle, new ones wait in the backlog until one is. Beyond
 * the cap of one client address (an IPv6 network of 64 bits counts as one) it is sent 503
 * and closed.
 *
 * What no exchange will see is answered here: 400, 408, 413, 414, 417, 431, 501, 503, 505,
 * each with {"error": {"code": …, "message": …}} and the end of the connection. The process
 * ignores SIGPIPE (program/).
 */
#ifndef CORE_HTTP_SERVER_H
#define CORE_HTTP_SERVER_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "core/http_exchange.h"

struct http_server;
struct loop;

struct http_limits {
	int64_t body_bytes;        /* one request's body */
	int64_t buffered_bytes;    /* all bodies of all workers */
	int64_t header_timeout_ms; /* from the first byte of a request to the end of its
				      head */
	int64_t idle_timeout_ms;   /* between requests, and between two pieces of a body */
	int64_t write_stall_ms;    /* a client that takes no byte for so long is gone */
	int64_t connections;       /* per worker */
	int64_t connections_per_address; /* per worker; 0: no limit */
	/* Whose connections are not counted: this host, proxies that bring many clients. By
	 * the numeric address; any worker. NULL: everybody's are. */
	bool (*is_unlimited)(void *arg, const char *address);
	/* Proxies begin with a header of the PROXY protocol (core/proxy_protocol.h) and
	 * then count as the client they name; everybody else must not. */
	bool proxy_protocol;
	bool (*is_proxy)(void *arg, const char *address);
	void *trust_arg; /* of the two */
};

/* Shared by the servers of all workers; lives longer than they do. */
struct http_server_shared {
	_Atomic int64_t buffered_bytes;
	_Atomic uint64_t next_exchange;
	_Atomic int64_t connections;
};

/* `on_exchange` gets every good request and must end or own the exchange. */
struct http_server *http_server_new(struct loop *loop, const struct http_limits *limits,
	struct http_server_shared *shared,
	void (*on_exchange)(void *arg, struct exchange *exchange), void *arg);
/* Workers share a port, and so would a second program that is started by mistake: each
 * would get some of the clients. To be asked once, before the first worker listens. Writes
 * a sentence when somebody listens there; other troubles are left to http_server_listen. */
MUST_CHECK bool http_server_port_is_free(
	const char *address, uint16_t port, char *why, size_t why_size);
/* Binds "address:port" (port 0: any). On failure writes a sentence. `*port` is what was
 * bound, so that the other workers bind the same. */
MUST_CHECK bool http_server_listen(struct http_server *server, const char *address,
	uint16_t *port, char *why, size_t why_size);
/* No new connections, idle ones are closed; running exchanges go on. */
void http_server_close_listener(struct http_server *server);
/* Exchanges under way; an answer counts until it has gone out. */
size_t http_server_exchange_count(const struct http_server *server);
/* Aborts what still runs (owners hear `gone`), then frees. Accepts NULL. */
void http_server_free(struct http_server *server);

/* What is known of an exchange when it is over. Borrowed by on_done until it returns. */
struct exchange_summary {
	uint64_t id;
	const struct http_request *request;
	const char *route;       /* "" when nobody set it */
	const char *user;        /* "" when unknown */
	int status;              /* 0: nothing was sent */
	uint64_t received_bytes; /* the request's body; what a tunnel's client sent */
	uint64_t sent_bytes;
	int64_t upstream_us; /* until the head of Jellyfin's answer; -1: there was none */
	int64_t total_us;
	bool aborted; /* the client did not get all of it */
};
/* For the access log: called once per exchange, on its worker; set before listening. */
void http_server_on_done(struct http_server *server,
	void (*on_done)(void *arg, const struct exchange_summary *summary), void *arg);

/* On its thread, at any time: what holds from now on. Connections above a lowered cap stay,
 * and open ones keep their limit of a body. */
void http_server_set_limits(struct http_server *server, const struct http_limits *limits);
/* Whether answers carry X-Sidetrack-Exchange; off at first. */
void http_server_show_exchanges(struct http_server *server, bool show);

#endif
