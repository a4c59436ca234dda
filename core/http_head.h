/* HTTP head: reads the head of an answer (RFC 9112), without keeping or changing a byte.
 *
 * The proxy sends upstream's own bytes on, minus the header lines that concern only one
 * connection; so everything here points into the caller's buffer. Strict where leniency
 * could make two readers disagree about where an answer ends: lines end in CRLF, names are
 * tokens, nothing is folded, there is one framing. Pure; any thread.
 */
#ifndef CORE_HTTP_HEAD_H
#define CORE_HTTP_HEAD_H

#include <stdbool.h>
#include <stdint.h>

#include "core/text.h"

enum { HTTP_HEAD_MAX_BYTES = 128 * 1024 };

/* What a scanner knows after the bytes it was given. */
enum http_scan {
	HTTP_SCAN_MORE, /* not over yet */
	HTTP_SCAN_DONE, /* over; what follows belongs to something else */
	HTTP_SCAN_BAD,  /* cannot be made sense of: the connection is lost */
};

/* How the end of an answer's body is found. */
enum http_framing {
	HTTP_FRAMING_NONE,    /* there is no body, whatever the header lines say */
	HTTP_FRAMING_LENGTH,  /* Content-Length */
	HTTP_FRAMING_CHUNKED, /* core/http_chunk.h */
	HTTP_FRAMING_UNTIL_CLOSE,
};

/* What a header line means for who passes a message on. */
enum http_field {
	HTTP_FIELD_OTHER, /* goes on as it is */
	HTTP_FIELD_CONTENT_LENGTH,
	HTTP_FIELD_TRANSFER_ENCODING,
	HTTP_FIELD_CONNECTION,
	HTTP_FIELD_UPGRADE,
	HTTP_FIELD_HOP, /* Keep-Alive, Proxy-Connection, TE: for one connection only */
};

struct http_head {
	int status; /* 100..599 */
	int minor;  /* HTTP/1.minor: 0 or 1 */
	enum http_framing framing;
	uint64_t length;    /* with HTTP_FRAMING_LENGTH */
	bool keep_alive;    /* the connection may be used again after this answer */
	struct slice line;  /* "200 OK": the status line behind the version */
	struct slice lines; /* the header lines, each with its CRLF */
	/* So many bytes of them, from the front, are lines that no proxy has to look at:
	 * nothing about one connection only, at most one Content-Length. */
	size_t plain_size;
	/* What its Connection lines list. */
	bool says_close;
	bool says_keep_alive;
	bool lists_names; /* header lines that stay on their connection */
	size_t size;      /* of the whole head, its empty line included */
};

/* Looks for the end of a head at the front of `data`. `*scanned` is 0 at first and kept by
 * the caller between calls with more bytes; `*head_size` is set with HTTP_SCAN_DONE. BAD: a
 * line that ends in a bare LF, or more than HTTP_HEAD_MAX_BYTES. */
enum http_scan http_head_find_end(
	const char *data, size_t size, size_t *scanned, size_t *head_size);

/* Reads a whole head of `size` bytes as found by http_head_find_end. `to_head_request`: the
 * answer to a HEAD. False: bad status line, bad header line, Transfer-Encoding other than
 * chunked, or together with Content-Length or HTTP/1.0, lengths that differ or are not
 * plain decimal numbers. `why` (may be NULL) gets a constant that says which. */
MUST_CHECK bool http_head_parse(struct http_head *head, const char *data, size_t size,
	bool to_head_request, const char **why);
/* 100..199 except 101: another head follows. */
bool http_head_is_interim(const struct http_head *head);

/* Cuts the next header line off `*rest` (struct http_head.lines). `line` includes the CRLF,
 * `value` is trimmed. False at the end. */
struct http_line {
	struct slice line;
	struct slice name;
	struct slice value;
};
bool http_head_next(struct slice *rest, struct http_line *line);
/* The value of the first header line of that name (case ignored); false when there is
 * none. */
bool http_head_get(const struct http_head *head, const char *name, struct slice *value);
/* Is `name` in one of the head's Connection lines? Such a line stays on its connection. */
bool http_head_connection_lists(const struct http_head *head, struct slice name);

/* What the header of that name means; case ignored. */
enum http_field http_field_of(struct slice name);
/* Is `token` in a comma-separated list? Case ignored. */
bool http_list_has(struct slice list, struct slice token);
/* RFC 9110 §5.6.2: not empty, token characters only. */
bool http_is_token(struct slice text);
/* §5.5: no control characters but the tab. */
bool http_is_text(struct slice text);

/* What a character may be part of. */
enum {
	HTTP_CHAR_TOKEN = 1, /* names and methods: RFC 9110 §5.6.2 */
	HTTP_CHAR_TEXT = 2, /* values: §5.5; bytes above ASCII are text: UTF-8 file names */
	HTTP_CHAR_HOST = 4, /* Host: RFC 3986 §3.2, but for the comma, which joins two */
};
extern const unsigned char http_chars[256];

static inline bool
http_char_is(char c, unsigned char kind)
{
	return (http_chars[(unsigned char)c] & kind) != 0;
}

#endif
