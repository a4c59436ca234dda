/* Refusal: answers {"error": {"code": …, "message": …}} to a request that no exchange will
 * see, and closes the connection so that the client can still read why. Internal to
 * core/http_*; on the connection's worker.
 */
#ifndef CORE_HTTP_REFUSAL_H
#define CORE_HTTP_REFUSAL_H

#include "core/http_connection.h"

struct http_refusal {
	int status;
	const char *code;
	const char *message; /* a sentence */
};

extern const struct http_refusal http_refusal_busy;
extern const struct http_refusal http_refusal_timeout;

/* The request is forgotten with all that has arrived; what still arrives is thrown away.
 * `with_body` is false for HEAD. Not while an exchange is under way. */
void http_refusal_send(
	struct connection *connection, const struct http_refusal *refusal, bool with_body);
/* evhttp has put something into the output by itself: an HTML page, which becomes a
 * refusal, or "100 Continue", which stays. */
void http_refusal_replace_page(struct connection *connection);

#endif
