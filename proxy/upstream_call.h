/* Upstream call: one request to Jellyfin and its answer, on a connection of the pool.
 *
 *   asking ──> sending/listening ──> head ──> body ──> over
 *
 * Sends a head and a body made by the caller, skips 1xx answers, follows the body's
 * framing, and knows whether the connection can be used again. A request without a body
 * that is safe to repeat is sent once more on a new connection when a kept one turns out
 * stale before a byte of the answer came. Embedded in its owner (relay, fetch), whose
 * memory must stay valid until the loop's next turn after the call is over.
 */
#ifndef PROXY_UPSTREAM_CALL_H
#define PROXY_UPSTREAM_CALL_H

#include "core/http_chunk.h"
#include "proxy/upstream.h"

struct evbuffer;

struct upstream_call_handler {
	/* A piece of the answer. `head` with the first piece only, borrowed until this
	 * returns. `data` (may be changed in place) is what followed, framing included
	 * unless `dechunk` was asked for. With `last` the call is over and may be started
	 * again. */
	void (*answer)(void *arg, const struct http_head *head, char *data, size_t size,
		bool last);
	/* The answer will not come, or not to its end. The call is over. `why` is for logs.
	 */
	void (*failed)(void *arg, enum err err, const char *why);
	/* Diverted (below): bytes of the body wait in the descriptor. May be NULL. */
	void (*readable)(void *arg);
};

struct upstream_call_options {
	bool to_head_request; /* the request is a HEAD */
	bool repeatable;      /* GET, HEAD, OPTIONS */
	bool upgrade;         /* new connection; 101 is an answer */
	bool dechunk;
	int64_t silence_ms; /* no byte for so long, before the answer or amid it */
};

struct upstream_call {
	unsigned magic;
	struct upstream_pool *pool;
	const struct upstream_call_handler *handler;
	void *arg;
	struct upstream_call_options options;
	struct upstream_ticket ticket;
	struct upstream *upstream; /* NULL while asking and when over */
	unsigned generation;       /* changes when the call ends */

	struct text request; /* the head; kept for the repetition */
	size_t request_sent;
	struct evbuffer *body; /* what of the body is still to be sent; NULL: no body yet */
	bool had_body;
	bool write_broken; /* it takes no more, but may have answered */

	struct text head; /* bytes of a head that came in pieces */
	size_t head_scanned;
	unsigned interim_count;
	bool heard; /* a byte of the answer came */
	bool in_body;
	bool keep_alive;
	bool repeated;
	bool paused;
	bool diverted;
	enum http_framing framing;
	uint64_t left; /* of the body, with HTTP_FRAMING_LENGTH */
	struct http_chunk chunk;
	struct timer silence;
	int64_t last_heard_ms;
};

void upstream_call_init(struct upstream_call *call, struct upstream_pool *pool,
	const struct upstream_call_handler *handler, void *arg);
/* Cancels what runs. */
void upstream_call_fini(struct upstream_call *call);

/* Before the start: where the head goes (empty), and the body, moved or added. */
struct text *upstream_call_request(struct upstream_call *call);
struct evbuffer *upstream_call_body(struct upstream_call *call);
void upstream_call_start(
	struct upstream_call *call, const struct upstream_call_options *options);
/* Closes the connection; silence after. Allowed inside the handler. */
void upstream_call_cancel(struct upstream_call *call);
/* Back-pressure: no pieces while paused. */
void upstream_call_pause(struct upstream_call *call, bool pause);

/* Diversion: the rest of a body of known length is taken from the descriptor by somebody
 * else. -1 when this answer cannot be diverted. */
int upstream_call_divert(struct upstream_call *call);
/* Or not: what is left comes in pieces again. */
void upstream_call_undivert(struct upstream_call *call);
/* `size` bytes of it have been taken. */
void upstream_call_took(struct upstream_call *call, uint64_t size);
/* All of it has been taken: the call is over, without another piece. */
void upstream_call_finish(struct upstream_call *call);

/* Inside `answer` with a 101: the connection itself. The call is over. */
struct stream *upstream_call_take_stream(struct upstream_call *call);

#endif
