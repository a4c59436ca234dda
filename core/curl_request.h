/* A request as a libcurl handle: method, headers, body and the limits all our calls share.
 * Used on one thread at a time. */
#ifndef CORE_CURL_REQUEST_H
#define CORE_CURL_REQUEST_H

#include <curl/curl.h>

#include "core/http_client.h"

/* Embedded in the call. */
struct curl_request {
	CURL *easy;
	struct curl_slist *headers;
	char *body;
};

/* Everything but the callbacks. False when the method or a
 * header contains a line break (curl_request_fini is called all the same); what is wrong
 * with the URL is told by the transfer. */
MUST_CHECK bool curl_request_init(struct curl_request *curl,
	const struct http_call_request *request, const struct http_client_options *options);
/* The handle is not attached. Harmless the second time. */
void curl_request_fini(struct curl_request *curl);

#endif
