/* Connection: a client's socket from accept to close, below the exchanges that pass over
 * it. Internal to core/http_*.
 *
 *        first byte        empty line         request complete
 *   IDLE ----------> HEAD ------------> BODY ------------------> ANSWER <-> STALL
 *     ^                                                            |
 *     +------------------------- answer complete ------------------+
 *   any of them -- refused --> CLOSING -- answer read or LINGER_MS --> closed
 *
 * evhttp parses, but keeps to itself how far it has come: http_watch finds out from the
 * buffers. All connections of a phase may stay in it equally long, so each phase is a queue
 * in order of deadlines, and one timer serves them all.
 *
 * Owned by libevent's evhttp_connection: it dies with it, told by the close callback. One
 * set of connections per worker, on its thread.
 */
#ifndef CORE_HTTP_CONNECTION_H
#define CORE_HTTP_CONNECTION_H

#include <event2/bufferevent.h>
#include <event2/event.h>
#include <event2/http.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/queue.h>

#include "core/http_server.h"
#include "core/loop.h"

enum { CONNECTION_MAGIC = 0x434f4e4e };

enum {
	CONNECTION_HEAD_BYTES = 64 * 1024, /* of a request line and its headers */
	CONNECTION_LOW_BYTES =
		64 * 1024, /* queued for a client: below this, ask for more */
	CONNECTION_HIGH_BYTES = 256 * 1024, /* above this, ask to stop */
};

enum connection_phase {
	CONNECTION_IDLE,    /* waits for a request: idle_timeout_ms */
	CONNECTION_HEAD,    /* its head arrives: header_timeout_ms from its first byte */
	CONNECTION_BODY,    /* its body arrives: idle_timeout_ms since the last byte */
	CONNECTION_ANSWER,  /* an exchange is under way: no deadline */
	CONNECTION_STALL,   /* bytes wait for the client: write_stall_ms since the last byte
			     */
	CONNECTION_CLOSING, /* a refusal goes out; what still arrives is thrown away */
	CONNECTION_PHASES,
};

struct connection {
	unsigned magic;
	struct connections *set;
	struct evhttp_connection *evhttp; /* NULL until adopted, and after close */
	struct bufferevent *buffers;
	int fd;
	enum connection_phase phase;
	int64_t since_ms; /* what the phase's deadline counts from */
	TAILQ_ENTRY(connection) place;
	struct exchange *exchange; /* ANSWER, STALL */
	size_t line_size;          /* HEAD: of the line that has not ended */
	char line_first;           /* HEAD: its first byte */
	int64_t received;          /* bytes of this request so far */
	int64_t charged;           /* of these, counted in shared->buffered_bytes */
	bool over;                 /* the process holds too many bodies: refuse with 503 */
	bool called;               /* attend() runs later in this turn */
	bool answered;             /* evhttp has put something in the output by itself */
	bool heard_end;            /* CLOSING: the client has sent its last */
	bool said_end;             /* CLOSING: and so have we */
};

TAILQ_HEAD(connection_queue, connection);

struct connections {
	struct loop *loop;
	struct http_limits limits;
	struct http_server_shared *shared;
	struct connection_queue queues[CONNECTION_PHASES];
	struct timer deadline;
	struct timer trim;
	struct connection **by_fd;
	size_t by_fd_size;
	size_t count;
	bool closing; /* no more requests after those under way */
	struct text scratch;
	char date[32];
	int64_t date_s;
	/* The exchange's client has taken no byte for write_stall_ms. */
	void (*on_stalled)(struct exchange *exchange);
	/* There is room for one more connection. */
	void (*on_room)(void *arg);
	void *arg;
};

void connections_init(struct connections *set, struct loop *loop,
	const struct http_limits *limits, struct http_server_shared *shared);
/* Deadlines that are under way move with them. */
void connections_set_limits(struct connections *set, const struct http_limits *limits);
/* Every connection has been closed. */
void connections_fini(struct connections *set);
/* For evhttp_set_bevcb: the buffers of a connection that has just been accepted. */
struct bufferevent *connections_accept(struct connections *set);
/* The connection with these buffers; it exists once evhttp has parsed something on it. */
struct connection *connections_find(
	const struct connections *set, struct bufferevent *buffers);
/* Closes the one that has been idle for longest; false when none is idle. */
bool connections_close_idle(struct connections *set);
/* The Date header, made once a second. */
const char *connections_date(struct connections *set);

/* ANSWER <-> STALL, and progress in STALL. */
void connection_enter(struct connection *connection, enum connection_phase phase);
void connection_touch(struct connection *connection);
/* Frees evhttp's connection and with it this one, at the latest when the callback that is
 * running has returned. */
void connection_close(struct connection *connection);

#endif
