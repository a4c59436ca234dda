/* Headers: the heads a proxy writes: the request's towards Jellyfin, the answer's towards
 * the client. What was received goes on in its order and its own spelling; only what
 * concerns one connection is left out, and what only we know is added. Pure; any thread.
 *
 * Towards Jellyfin: the base path of its URL in front of a target that lacks it; Host as
 * the client sent it; hop-by-hop headers and those its Connection header lists left out;
 * Content-Length that of the body as we hold it; X-Forwarded-For, -Proto and -Host always
 * set. X-Forwarded-For names one address, the client's as we know it (proxy/forwarded.h),
 * so that Jellyfin has to trust us only. Other X-Forwarded-* go on from trusted peers,
 * everybody else's are replaced. Credentials go on as they are, unless old forms are to be
 * translated.
 */
#ifndef PROXY_HEADERS_H
#define PROXY_HEADERS_H

#include "core/http_exchange.h"
#include "core/http_head.h"

/* Where requests go: one per worker, everything borrowed for its life. */
struct headers_target {
	const char *base;      /* "" or "/jf" */
	const char *authority; /* Host of requests that came without one */
	bool translate_legacy; /* old forms of a credential: proxy/legacy_auth.h */
};

struct headers_request {
	const char *method;
	const char *target; /* origin form, without the base */
	const struct http_header *headers;
	size_t header_count;
	size_t body_size;
	/* The client's request in whose name this one goes out, for Host and X-Forwarded-*;
	 * NULL for a request of our own. */
	const struct http_request *client;
	bool upgrade;  /* a WebSocket: Upgrade goes on, extensions do not (frames stay
			* readable)
			*/
	bool identity; /* ask for an uncompressed answer, whatever the headers say */
};

/* `path` (or a whole target) without `base` in front of it, unchanged when it is not below:
 * clients may name the base or leave it out. Case is ignored, as Jellyfin does. Borrowed.
 */
struct slice headers_below_base(const char *base, struct slice path);

/* Adds the whole head, empty line included. */
void headers_write_request(struct text *to, const struct headers_target *target,
	const struct headers_request *request);
/* Does the client ask for a WebSocket? GET with Upgrade: websocket that Connection lists
 * (RFC 6455 §4.2.1), and without a body, which one server could take for the first frames.
 * What falls short is an ordinary request: Upgrade ends here. */
bool headers_want_socket(const struct http_request *request);

struct headers_answer {
	int client_minor;  /* HTTP/1.0 clients get no chunks */
	bool close;        /* the connection ends with this answer */
	uint64_t exchange; /* X-Sidetrack-Exchange; 0: not shown */
};

/* Adds the whole head of an answer that is not interim: upstream's lines, byte for byte. */
void headers_write_answer(
	struct text *to, const struct http_head *head, const struct headers_answer *answer);

#endif
