/* Request head: finds the head of a request and reads it (RFC 9112 §2, §3, §5 and §6).
 * Pure; any thread.
 *
 * This is the place of strictness: whatever two servers on a request's way could read
 * differently is refused, and the connection closed, so that nothing behind it is believed
 * either (RFC 9112 §11.2). Lines end in CRLF, names are tokens with the colon right behind
 * them, values contain no control characters; there is one Host and one way to find the end
 * of the body. Empty lines before a request are skipped (§2.2), folded lines become one
 * line (§5.2), the absolute form its path (§3.2.2).
 *
 * What it refuses: 400; 414 or 431 for a line or head that is too large; 417 for an
 * expectation other than 100-continue; 501 for methods that nobody needs; 505 for another
 * version. 413 for a length beyond what a number can hold.
 */
#ifndef CORE_HTTP_REQUEST_HEAD_H
#define CORE_HTTP_REQUEST_HEAD_H

#include "core/http_exchange.h"
#include "core/http_head.h"

enum {
	HTTP_REQUEST_HEAD_BYTES = 64 * 1024,
	HTTP_REQUEST_HEAD_LINES = 257, /* the request line and 256 headers */
};

/* Why a request is not handled. */
struct http_refusal {
	int status;
	const char *code;
	const char *message; /* a sentence */
};

/* How far the search for a head's end has come; zeroed at first. */
struct http_request_scan {
	size_t start; /* of the request line, behind empty lines */
	size_t line;  /* where the present line begins */
	size_t at;    /* what has been looked at */
	size_t lines; /* complete ones, the request line among them */
	size_t size;  /* with DONE: of all up to the empty line's end */
	const struct http_refusal *refusal; /* with BAD; a constant */
};

/* Looks for the end of a head at the front of `data`; called again with more bytes in the
 * same place and order as long as it says MORE. The result does not depend on how the bytes
 * are cut. */
enum http_scan http_request_head_find(
	struct http_request_scan *scan, const char *data, size_t size);

struct http_request_head {
	struct http_request request; /* its texts lie in what was parsed */
	enum http_framing framing;   /* of the body: NONE, LENGTH, CHUNKED */
	uint64_t length;             /* with LENGTH: more than 0, at most INT64_MAX */
	bool wants_close;            /* after the answer (RFC 9112 §9.3) */
	bool expects_continue;       /* before it sends the body */
};

/* Reads what http_request_head_find found: `text` is a copy of the bytes from scan->start
 * to scan->size, which is cut into terminated strings; `headers` has room for scan->lines.
 * The client's address is not touched. NULL, or why the request is refused (a constant);
 * then `head->request.method` is known if it could be read (HEAD: its answer has no body),
 * else 0. */
const struct http_refusal *http_request_head_parse(struct http_request_head *head,
	char *text, size_t size, struct http_header *headers);

#endif
