/* Refusal: answers {"error": {"code": …, "message": …}} to a request that no exchange will
 * see, and closes the connection so that the client can still read why. Internal to
 * core/http_*; on the connection's worker.
 */
#ifndef CORE_HTTP_REFUSAL_H
#define CORE_HTTP_REFUSAL_H

#include "core/http_connection.h"

extern const struct http_refusal http_refusal_timeout;
extern const struct http_refusal http_refusal_crowd;

/* The request is forgotten with all that has arrived; what still arrives is thrown away.
 * `with_body` is false for HEAD. No exchange is under way but one that is still arriving,
 * which is dropped. */
void http_refusal_send(
	struct connection *connection, const struct http_refusal *refusal, bool with_body);
/* Adds the whole answer, head and body. */
void http_refusal_write(struct text *to, const struct http_refusal *refusal,
	const char *date, bool with_body);

#endif
