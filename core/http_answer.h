/* Heads of our own answers: status line and headers as text. Pure; any thread. */
#ifndef CORE_HTTP_ANSWER_H
#define CORE_HTTP_ANSWER_H

#include <stdbool.h>
#include <stdint.h>

#include "core/http_exchange.h"
#include "core/http_head.h"
#include "core/text.h"

enum { HTTP_DATE_SIZE = 32 };

struct http_own_answer {
	int status;
	const char *date; /* IMF-fixdate, or NULL for none */
	const struct http_header *headers;
	size_t header_count;
	enum http_framing framing; /* UNTIL_CLOSE wants `close` as well */
	int64_t content_length;    /* HTTP_FRAMING_LENGTH */
	bool close;                /* Connection: close */
	bool keep_alive;   /* Connection: keep-alive, which HTTP/1.0 has to be told */
	uint64_t exchange; /* X-Sidetrack-Exchange; 0: not shown */
};

/* Adds the head with its closing empty line. Headers about framing and the connection are
 * written from the fields above and skipped in `headers`, and so is a header whose name or
 * value could forge another one; returns how many of the latter there were. */
size_t http_answer_head(struct text *to, const struct http_own_answer *answer);

/* Adds X-Sidetrack-Exchange, by which somebody finds the exchange in our log. */
void http_add_exchange(struct text *to, uint64_t exchange);
/* Adds "Name: value" and its line end. */
void http_add_line(struct text *to, const char *name, const char *value);
/* May an answer with this status have a body at all? */
bool http_status_has_body(int status);
/* RFC 9110 §5.6.7: "Sat, 21 Nov 2026 03:07:19 GMT"; `to` holds HTTP_DATE_SIZE. */
void http_format_date(char *to, int64_t wall_ms);
/* {"error":{"code":…,"message":…}}; caller xfree()s. */
char *http_error_json(const char *code, const char *message, size_t *size);

#endif
