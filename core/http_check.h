/* Request checks: what evhttp lets through and a proxy must not (measured on libevent
 * 2.1.12 with and without Debian's security update). Pure; any thread.
 *
 * A request that two servers on its way could read differently is refused with 400 and the
 * connection closed, so that nothing after it is believed either (RFC 9112 §11.2).
 */
#ifndef CORE_HTTP_CHECK_H
#define CORE_HTTP_CHECK_H

#include <stdbool.h>

#include "core/http_exchange.h"

/* A sentence that says why the request must not be handled, or NULL when it may.
 * `major` is that of HTTP/major.minor; `request->target` is already in origin form. */
const char *http_check(const struct http_request *request, int major);

/* The origin form of what the request line named: "/a?b" stays, "http://host/a?b" becomes
 * "/a?b", "*" stays. Borrowed from `target`; NULL when there is no such form. */
const char *http_origin_form(const char *target);

/* Does the client want the connection closed after the answer? By the tokens of its
 * Connection headers and its version (RFC 9112 §9.3). */
bool http_wants_close(const struct http_request *request);

#endif
