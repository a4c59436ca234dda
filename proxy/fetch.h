/* Fetch: an answer of Jellyfin read whole, for us to work on, asked for in a client's name.
 *
 * Runs on the worker's own upstream connections, so it costs what a relay costs. The
 * headers are those the caller gives (usually the client's, with its credentials: we never
 * lend ours); Host and X-Forwarded-* come from the client's request.
 */
#ifndef PROXY_FETCH_H
#define PROXY_FETCH_H

#include "core/error.h"
#include "proxy/relay.h"

struct fetch;

/* Everything is copied by fetch_start. */
struct fetch_request {
	const char *method_name; /* "GET" when NULL */
	const char *target;      /* origin form, without the base */
	const struct http_header *headers;
	size_t header_count;
	const void *body;
	size_t body_size;
	int64_t timeout_ms; /* for the whole of it */
	size_t max_body;    /* more is ERR_TOO_LARGE */
	/* Ask for an uncompressed answer, whatever Accept-Encoding the headers have. */
	bool identity;
	/* NULL: a request of our own, without X-Forwarded-*. */
	const struct exchange *in_name_of;
};

/* Borrowed until the callback returns. */
struct fetch_answer {
	enum err err;          /* ERR_NONE: a whole answer, whatever its status */
	int status;            /* 0 when none came */
	struct http_head head; /* valid when `status` is not 0 */
	const char *body;      /* terminated; without chunk framing */
	size_t body_size;
};

/* The first header of that name (case ignored); false when there is none. Not terminated.
 */
bool fetch_answer_header(
	const struct fetch_answer *answer, const char *name, struct slice *value);

/* `done` fires once, not before this returned. */
struct fetch *fetch_start(struct relay_worker *worker, const struct fetch_request *request,
	void (*done)(void *arg, const struct fetch_answer *answer), void *arg);
/* Silence after. Accepts NULL. */
void fetch_cancel(struct fetch *fetch);

#endif
