/* Request body: collects what a client sends behind a request's head. Embedded in the
 * exchange it belongs to; on its worker.
 *
 *   head says Content-Length or chunked ── feed … ──> DONE: the payload is in `buffer`
 *                                          └── too large, malformed, too slow: BAD
 *
 * Bounds: http_limits.body_bytes for one body, refused (413) as soon as a length says so;
 * http_limits.buffered_bytes for those of all workers together (503; bodies up to 64 KB are
 * not counted); chunks may bring 64 KB of framing and 16 bytes for each of payload (400). A
 * body must come at 1 KB/s on the average, after five minutes for a start: together with
 * the time between two pieces (http_limits.idle_timeout_ms, kept by the connection) that
 * ends an upload that drips for ever.
 */
#ifndef CORE_HTTP_REQUEST_BODY_H
#define CORE_HTTP_REQUEST_BODY_H

#include "core/http_chunk.h"
#include "core/http_request_head.h"
#include "core/http_server.h"

struct evbuffer;

struct http_request_body {
	enum http_framing framing;
	struct http_chunk chunk; /* CHUNKED */
	uint64_t left;           /* LENGTH: still to come */
	struct evbuffer *buffer; /* the payload; NULL until there is some */
	int64_t received;        /* payload */
	int64_t framed;          /* bytes of chunk framing */
	int64_t charged;         /* of received, counted in shared->buffered_bytes */
	int64_t began_ms;
};

/* What bodies are measured against; one per worker. */
struct http_body_bounds {
	const struct http_limits *limits;
	struct http_server_shared *shared;
};

/* Zeroed or cleared before. NULL, or why the body must not come (constants, here and
 * below). */
const struct http_refusal *http_request_body_begin(struct http_request_body *body,
	const struct http_body_bounds *bounds, const struct http_request_head *head);
/* Is all of it there? */
bool http_request_body_is_whole(const struct http_request_body *body);
/* Takes bytes of the connection, `*used` of them: all, or those up to the body's end. The
 * bytes of `data` are changed. */
const struct http_refusal *http_request_body_feed(struct http_request_body *body,
	const struct http_body_bounds *bounds, char *data, size_t size, size_t *used);
/* The bytes are held no longer. Returns whether so many were that the system should get
 * their memory back. */
bool http_request_body_clear(
	struct http_request_body *body, const struct http_body_bounds *bounds);

#endif
