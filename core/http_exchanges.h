/* Exchanges: those of one server, from a request's head until the answer has gone out.
 * Internal to core/http_*; the calls for everybody else are in core/http_exchange.h.
 *
 *   ARRIVING ──> RUNNING ── answer complete ──> FINISHING ── all of it sent ──> ENDED: the
 *      |            |                               |                connection goes on
 *      | refused,   | client left, stalled          | client left, stalled
 *      | left       +──> ENDED, owner told          +──> ENDED, nobody left to tell
 *      +──> gone, nobody ever knew
 *
 * Ended exchanges keep their memory until the turn is over, so that a caller up the stack
 * may still look at its own arena. They are kept for the next requests, arenas included: a
 * small request allocates nothing.
 */
#ifndef CORE_HTTP_EXCHANGES_H
#define CORE_HTTP_EXCHANGES_H

#include <sys/queue.h>
#include <sys/uio.h>

#include "core/http_connection.h"

enum { EXCHANGE_MAGIC = 0x45584348 };

enum exchange_state {
	EXCHANGE_ARRIVING,
	EXCHANGE_RUNNING,
	EXCHANGE_FINISHING,
	EXCHANGE_ENDED,
};

struct exchange {
	unsigned magic;
	enum exchange_state state;
	struct exchanges *set;
	struct connection *connection;
	struct arena *arena; /* recycled with the exchange */
	struct http_request_head head;
	struct http_request_body body;
	const struct exchange_owner *owner;
	void *owner_arg;
	TAILQ_ENTRY(exchange) place; /* in set->running, ->retired or ->spare */
	uint64_t id;
	int64_t began_us;
	const char *route;
	const char *user;
	int status;
	uint64_t received_bytes; /* the body; of a tunnel, what its owner got */
	int64_t upstream_us;     /* since began_us; -1: Jellyfin has not answered */
	uint64_t sent_bytes;     /* given to the socket or queued for it */
	int64_t left;            /* exchange_begin: body bytes still to come, -1 unknown */
	bool query_parsed;
	bool bodiless; /* exchange_begin: what is written is not sent */
	bool chunked;  /* exchange_begin */
	bool close;    /* after this answer */
	bool was_full; /* somebody has been told to stop */
	bool tunnel;
	bool waits;  /* the owner waits for the socket by itself (splice) */
	bool probed; /* an interim answer has been sent to a half-closed client */
};

TAILQ_HEAD(exchange_list, exchange);

/* One per server. */
struct exchanges {
	struct connections *connections;
	void (*on_exchange)(void *arg, struct exchange *exchange);
	void *arg;
	void (*on_done)(void *arg, const struct exchange_summary *summary);
	void *on_done_arg;
	struct exchange_list running;
	struct exchange_list retired; /* until the turn is over */
	struct exchange_list spare;
	size_t count; /* running */
	size_t spare_count;
	bool shows_id;    /* X-Sidetrack-Exchange */
	uint64_t next_id; /* from a block taken of shared->next_exchange */
	uint64_t last_id;
};

void exchanges_init(struct exchanges *set, struct connections *connections,
	void (*on_exchange)(void *arg, struct exchange *exchange), void *arg);
/* Nothing runs any more, and the turn in which the last one ended is over. */
void exchanges_fini(struct exchanges *set);
/* Ends everything that runs; owners hear `gone`. */
void exchanges_end_all(struct exchanges *set);

/* ---- for who reads: core/http_intake.h ---- */

/* ARRIVING; its head is still to be filled. */
struct exchange *exchange_new(struct connection *connection);
/* Nobody has known it. Lets its connection go. */
void exchange_drop(struct exchange *exchange);
/* The request is whole: on_exchange gets it. May end the exchange, and the connection. */
void exchange_run(struct exchange *exchange);
/* Bytes for a tunnel. */
void exchange_hear(struct exchange *exchange, const char *data, size_t size);

/* ---- for the connection ---- */

/* Bytes of the queue have gone out. */
void exchange_progressed(struct exchange *exchange);
/* The client is gone, or must go: owner and connection end here. */
void exchange_client_left(struct exchange *exchange);
/* The client has taken no byte for write_stall_ms. */
void exchange_stalled(struct exchange *exchange);
/* The client has sent its end. */
void exchange_heard_end(struct exchange *exchange);
/* It has been silent since: is it there? */
void exchange_probe(struct exchange *exchange);

/* ---- for the calls of core/http_exchange.h ---- */

/* Sends or queues. */
void exchange_put(struct exchange *exchange, struct iovec *parts, int count);
/* Nothing more will be put. */
void exchange_complete(struct exchange *exchange);
/* Ends it here and now, whatever is queued. */
void exchange_break(struct exchange *exchange, bool reset);
/* Takes the request, and what the log will want, into an arena of just their size: what a
 * handler has left beside them is gone when the turn is over. */
void exchange_shed(struct exchange *exchange);
/* Tells the connection whether its client owes us progress. */
void exchange_watch(struct exchange *exchange);

#endif
