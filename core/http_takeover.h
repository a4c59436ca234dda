/* Takeover: an exchange's hold on its connection, from evhttp's callback until the
 * connection goes back. Internal to core/http_*; the calls for everybody else are in
 * core/http_exchange.h.
 *
 *              answer complete          everything sent
 *   RUNNING --------------------> FINISHING ------> ENDED: connection given back or closed
 *      |                              |
 *      | client left, stalled         | client left, stalled
 *      +--> ENDED, owner told         +--> ENDED, nobody left to tell
 *
 * The order of calls is what libevent 2.1.12 needs: evhttp's callbacks are replaced before
 * reading is switched on again (else a pipelined request ends the process); the connection
 * goes back only with an empty output, through evhttp_send_reply_end with `chunked` off,
 * which puts evhttp's own callbacks back. Ended exchanges keep their memory until the turn
 * is over, so that a caller up the stack may still look at its own arena.
 */
#ifndef CORE_HTTP_TAKEOVER_H
#define CORE_HTTP_TAKEOVER_H

#include <event2/http.h>
#include <sys/queue.h>
#include <sys/uio.h>

#include "core/http_connection.h"

enum { EXCHANGE_MAGIC = 0x45584348 };

enum exchange_state {
	EXCHANGE_RUNNING,
	EXCHANGE_FINISHING,
	EXCHANGE_ENDED,
};

struct exchange {
	unsigned magic;
	struct exchanges *set;
	struct connection *connection;
	struct evhttp_request *evhttp;
	struct arena *arena; /* recycled with the exchange */
	struct http_request request;
	bool query_parsed;
	enum exchange_state state;
	const struct exchange_owner *owner;
	void *owner_arg;
	TAILQ_ENTRY(exchange) place; /* in set->running, ->retired or ->spare */
	uint64_t id;
	int64_t began_us;
	const char *route;
	const char *user;
	int status;
	uint64_t sent_bytes; /* handed to the socket or queued for it */
	uint64_t received_bytes;
	int64_t upstream_us; /* since began_us; -1: Jellyfin has not answered */
	int64_t left;        /* exchange_begin: body bytes still to come, -1 unknown */
	bool bodiless;       /* exchange_begin: what is written is not sent */
	bool chunked;        /* exchange_begin */
	bool wants_close;    /* the client does */
	bool close;          /* after this answer */
	bool was_full;       /* somebody has been told to stop */
	bool tunnel;
	bool waits; /* the owner waits for the socket by itself (splice) */
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
/* evhttp has read a whole request. */
void exchanges_on_request(struct evhttp_request *evhttp, void *set);
/* Ends everything that runs; owners hear `gone`. */
void exchanges_end_all(struct exchanges *set);

/* Sends or queues. */
void exchange_put(struct exchange *exchange, struct iovec *parts, int count);
/* Nothing more will be put. */
void exchange_complete(struct exchange *exchange);
/* Ends it here and now, whatever is queued. */
void exchange_break(struct exchange *exchange, bool reset);
/* Tells the connection whether its client owes us progress. */
void exchange_watch(struct exchange *exchange);
struct evbuffer *exchange_output(const struct exchange *exchange);

#endif
