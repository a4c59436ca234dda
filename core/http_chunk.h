/* HTTP chunk: finds the end of a chunked body (RFC 9112 §7.1), piece by piece.
 *
 * The proxy sends a chunked body on as it came, extensions and trailers included; for an
 * HTTP/1.0 client it takes the framing out. Strict about line ends (CRLF only) and sizes
 * (at most 16 hex digits, no more than 2^63-1). The result does not depend on how the bytes
 * are cut. Pure; any thread.
 */
#ifndef CORE_HTTP_CHUNK_H
#define CORE_HTTP_CHUNK_H

#include "core/http_head.h"

enum {
	HTTP_CHUNK_LINE_BYTES = 4096,     /* a size line with its extensions */
	HTTP_CHUNK_TRAILER_BYTES = 16384, /* all trailer lines */
};

struct http_chunk {
	int state;
	uint64_t left;      /* payload bytes of the present chunk still to come */
	size_t line_bytes;  /* of the present size line, or of all trailers */
	bool trailer_empty; /* the present trailer line has no byte yet */
};

void http_chunk_init(struct http_chunk *chunk);

/* Reads at most `size` bytes. `*used` says how many belonged to the body: all of them with
 * MORE, those up to its end with DONE. When `payload` is not NULL the bytes without framing
 * are written there, `*payload_size` of them, never more than `size`; `payload` may be
 * `data` itself. */
enum http_scan http_chunk_scan(struct http_chunk *chunk, const char *data, size_t size,
	size_t *used, char *payload, size_t *payload_size);

#endif
