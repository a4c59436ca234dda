/* Exchange: one client request and its answer, on the worker thread that accepted it.
 *
 * An exchange begins when its request is whole, body included. What is sent goes to the
 * socket at once, without a queue, as long as the client takes it. Later requests on the
 * same connection wait until the answer has gone out (keep-alive, pipelining).
 *
 * Every exchange is ended exactly once, by exchange_finish, exchange_abort, one of the
 * exchange_reply* functions, or by the client leaving (then the owner's `gone` is called).
 * A client that resets its connection has left, and is noticed at once; one that only ends
 * its sending may still want its answer, and gets it (core/http_connection.h says how the
 * two are told apart).
 * After any of these the pointer is dead, though what lies in its arena may be read until
 * the turn is over. Who neither ends nor owns it before `on_exchange` returns answers 500.
 * Requests that must not be forwarded are refused before anybody sees an exchange
 * (core/http_request_head.h).
 */
#ifndef CORE_HTTP_EXCHANGE_H
#define CORE_HTTP_EXCHANGE_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "core/arena.h"
#include "core/text.h"
#include "core/url.h"

struct evbuffer;
struct exchange;
struct loop;

enum http_method {
	HTTP_GET = 1 << 0,
	HTTP_HEAD = 1 << 1,
	HTTP_POST = 1 << 2,
	HTTP_PUT = 1 << 3,
	HTTP_DELETE = 1 << 4,
	HTTP_OPTIONS = 1 << 5,
	HTTP_PATCH = 1 << 6,
};

struct http_header {
	const char *name;
	const char *value;
};

/* What the client sent. All of it lives as long as the exchange. */
struct http_request {
	enum http_method method;
	const char *method_name; /* "GET" */
	int minor;               /* HTTP/1.minor: 0 or 1 */
	const char *target;      /* origin form, byte for byte: "/Items?x=1" */
	struct slice path;       /* the part before '?', still percent-encoded */
	struct slice query_text; /* the part after '?', may be empty */
	struct query query;      /* parsed on first use by exchange_query() */
	const struct http_header *headers;
	size_t header_count;
	/* Who asked: the peer, or for whom a trusted peer forwards (exchange_trust_peer).
	 * Both are numeric, never IPv4 mapped to IPv6. */
	const char *client_address;
	const char *peer_address; /* the other end, or whom its PROXY header names */
	bool peer_trusted;        /* what the peer says of its client is believed */
};

/* How the owner of an exchange hears of the client. Set with exchange_own; every member is
 * called on the worker's loop, never from within a call the owner makes. */
struct exchange_owner {
	/* The client left, or stopped reading for the write-stall time. The exchange is
	 * dead: cancel what runs for it and call nothing on it. Required. */
	void (*gone)(void *arg);
	/* After exchange_is_full: what was queued has fallen below the low mark, send more.
	 * Also when everything queued has gone out. May be NULL. */
	void (*drained)(void *arg);
	/* Bytes arrived from the client after its request: only tunnels (exchange_tunnel)
	 * get them, and take all of them. May be NULL otherwise. */
	void (*input)(void *arg, const char *data, size_t size);
};

/* ---- the request ---- */

const struct http_request *exchange_request(const struct exchange *exchange);
/* The first header of that name (case ignored), else NULL. */
const char *exchange_header(const struct exchange *exchange, const char *name);
const struct query *exchange_query(struct exchange *exchange);
/* The whole body, contiguous; borrowed. "" when there is none. */
const char *exchange_body(struct exchange *exchange, size_t *size);
/* The same as a buffer, for who moves it upstream (then exchange_body is empty); NULL when
 * there is none. */
struct evbuffer *exchange_body_buffer(struct exchange *exchange);
struct arena *exchange_arena(struct exchange *exchange);
struct loop *exchange_loop(const struct exchange *exchange);
/* A number that is unique in this process; `exchange=` in logs. */
uint64_t exchange_id(const struct exchange *exchange);
/* For the access log and metrics: which route answered, for whom. Copied. */
void exchange_set_route(struct exchange *exchange, const char *route);
void exchange_set_user(struct exchange *exchange, const char *user);
/* The peer is known to say for whom it forwards: this client. Copied; before anybody looks
 * at the request. */
void exchange_trust_peer(struct exchange *exchange, const char *client_address);
/* For the access log and metrics: the head of Jellyfin's answer has come. */
void exchange_heard_upstream(struct exchange *exchange);
/* Its id where clients are to see it (X-Sidetrack-Exchange, which answers of our own have
 * by themselves), else 0. */
uint64_t exchange_shown_id(const struct exchange *exchange);

/* Says who is responsible from now on. Callbacks may begin in the next turn. */
void exchange_own(struct exchange *exchange, const struct exchange_owner *owner, void *arg);

/* ---- answers in one go; each ends the exchange ---- */

/* `body` is copied. HEAD, 204 and 304 get no body, HEAD the length it would have. */
void exchange_reply(struct exchange *exchange, int status, const char *content_type,
	const void *body, size_t size);
void exchange_reply_with(struct exchange *exchange, int status,
	const struct http_header *headers, size_t header_count, const void *body,
	size_t size);
/* application/json; charset=utf-8. Takes `take_json`. */
void exchange_reply_json(struct exchange *exchange, int status, json_t *take_json);
/* {"error": {"code": …, "message": …}}, for pages of every origin to read; 503 with
 * Retry-After: 1. */
void exchange_reply_error(
	struct exchange *exchange, int status, const char *code, const char *message);

/* ---- answers in pieces: begin, write…, finish ---- */

/* Sends the head. `content_length` -1: chunked for HTTP/1.1, until close for 1.0. */
void exchange_begin(struct exchange *exchange, int status,
	const struct http_header *headers, size_t header_count, int64_t content_length);
/* Sends body bytes (copied when the client is slow). Stop when exchange_is_full says so and
 * go on in `drained`. */
void exchange_write(struct exchange *exchange, const void *data, size_t size);
bool exchange_is_full(const struct exchange *exchange);

/* ---- raw: for the relay and the tunnel ---- */

/* Bytes exactly as they go to the client: a head made by the caller and/or body bytes. Goes
 * out with one writev when nothing is queued. `status` is for the access log: that of the
 * head when one is sent, else 0. */
void exchange_send_raw(struct exchange *exchange, int status, const void *head,
	size_t head_size, const void *data, size_t size);
/* Bytes queued for the client. */
size_t exchange_queued(const struct exchange *exchange);
/* The client's socket; writing to it directly (splice) is legal only while
 * exchange_queued is 0. exchange_count_sent tells the access log of such bytes. */
int exchange_fd(const struct exchange *exchange);
void exchange_count_sent(struct exchange *exchange, uint64_t bytes);
/* For who writes to the socket directly: from now on (until false) the client must take
 * bytes, seen by exchange_count_sent, within the write-stall time. */
void exchange_expect_progress(struct exchange *exchange, bool expect);
/* Would the client like the connection closed after this answer (its own Connection header,
 * HTTP/1.0)? The head the caller makes must say so. */
bool exchange_wants_close(const struct exchange *exchange);
/* No timeouts but TCP's until exchange_finish; `input` gets what the client sends (also
 * what had already arrived). Back-pressure: exchange_pause_input. It may last for hours, so
 * what lies in the arena is gone after this turn, but for the request itself. */
void exchange_tunnel(struct exchange *exchange);
void exchange_pause_input(struct exchange *exchange, bool pause);

/* The answer is complete (after exchange_begin with a length: all of it was written, else
 * this is exchange_abort): gives the connection back (or closes it when `close` is set or
 * the client wants it) once everything queued has gone out. */
void exchange_finish(struct exchange *exchange, bool close);
/* The answer cannot be completed: the client sees a broken transfer. `reset` sends RST,
 * needed where the end of the answer is the end of the connection. */
void exchange_abort(struct exchange *exchange, bool reset);

#endif
