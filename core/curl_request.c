#include "core/curl_request.h"

#include <string.h>

#include "core/mem.h"

enum {
	DEFAULT_CONNECT_TIMEOUT_MS = 5 * 1000,
	MAX_REDIRECTS = 3,
	STREAM_BUFFER_BYTES = 64 * 1024,
};

/* Whether nothing in it would begin a header line of its own. */
static bool
is_sound(const struct http_call_request *request)
{
	if (request->method != NULL && strpbrk(request->method, " \r\n") != NULL)
		return false;
	for (size_t i = 0; request->headers != NULL && request->headers[i] != NULL; i++) {
		if (strpbrk(request->headers[i], "\r\n") != NULL)
			return false;
	}
	return true;
}

static void
set_method(struct curl_request *curl, const struct http_call_request *request)
{
	const char *method = request->method != NULL ? request->method : "GET";
	bool is_post = strcmp(method, "POST") == 0;
	bool has_body = request->body != NULL || is_post || strcmp(method, "PUT") == 0 ||
			strcmp(method, "PATCH") == 0;

	if (strcmp(method, "HEAD") == 0) {
		curl_easy_setopt(curl->easy, CURLOPT_NOBODY, 1L);
		return;
	}
	if (has_body) {
		curl->body = xstrndup(request->body != NULL ? request->body : "",
			request->body != NULL ? request->body_size : 0);
		curl_easy_setopt(curl->easy, CURLOPT_POSTFIELDSIZE_LARGE,
			(curl_off_t)(request->body != NULL ? request->body_size : 0));
		curl_easy_setopt(curl->easy, CURLOPT_POSTFIELDS, curl->body);
	}
	if (!is_post && (has_body || strcmp(method, "GET") != 0))
		curl_easy_setopt(curl->easy, CURLOPT_CUSTOMREQUEST, method);
}

static void
add_header(struct curl_request *curl, const char *line)
{
	struct curl_slist *longer = curl_slist_append(curl->headers, line);

	assert(longer != NULL);
	curl->headers = longer;
}

static void
set_headers(struct curl_request *curl, const struct http_call_request *request)
{
	bool typed = false;

	for (size_t i = 0; request->headers != NULL && request->headers[i] != NULL; i++) {
		add_header(curl, request->headers[i]);
		if (slice_starts_with_ci(slice_of(request->headers[i]), "Content-Type:"))
			typed = true;
	}
	/* A name without a value takes libcurl's own header away. */
	add_header(curl, "Expect:");
	if (curl->body != NULL && !typed)
		add_header(curl, "Content-Type:");
	curl_easy_setopt(curl->easy, CURLOPT_HTTPHEADER, curl->headers);
}

static void
set_options(struct curl_request *curl, const struct http_call_request *request)
{
	CURL *easy = curl->easy;
	int64_t connect_ms = request->connect_timeout_ms > 0 ? request->connect_timeout_ms
							     : DEFAULT_CONNECT_TIMEOUT_MS;

	curl_easy_setopt(easy, CURLOPT_URL, request->url);
	curl_easy_setopt(easy, CURLOPT_PATH_AS_IS, 1L);
	curl_easy_setopt(easy, CURLOPT_DISALLOW_USERNAME_IN_URL, 1L);
	curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
	curl_easy_setopt(easy, CURLOPT_REDIR_PROTOCOLS_STR, "http,https");
	curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, request->follow ? 1L : 0L);
	curl_easy_setopt(easy, CURLOPT_MAXREDIRS, (long)MAX_REDIRECTS);
	curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
	curl_easy_setopt(easy, CURLOPT_PROXY, "");
	curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(easy, CURLOPT_TCP_KEEPALIVE, 1L);
	curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, (long)connect_ms);
	/* Do not wait for a resolver thread that hangs when the call is over: we are on a
	 * loop. The thread frees what it holds when it ends. */
	curl_easy_setopt(easy, CURLOPT_QUICK_EXIT, 1L);
	if (request->on_data != NULL)
		curl_easy_setopt(easy, CURLOPT_BUFFERSIZE, (long)STREAM_BUFFER_BYTES);
}

bool
curl_request_init(struct curl_request *curl, const struct http_call_request *request,
	const struct http_client_options *options)
{
	*curl = (struct curl_request){ .easy = curl_easy_init() };
	assert(curl->easy != NULL);
	set_method(curl, request);
	set_headers(curl, request);
	set_options(curl, request);
	curl_easy_setopt(curl->easy, CURLOPT_USERAGENT, options->user_agent);
	if (options->ca_file != NULL)
		curl_easy_setopt(curl->easy, CURLOPT_CAINFO, options->ca_file);
	if (options->unverified) {
		curl_easy_setopt(curl->easy, CURLOPT_SSL_VERIFYPEER, 0L);
		curl_easy_setopt(curl->easy, CURLOPT_SSL_VERIFYHOST, 0L);
	}
	return is_sound(request);
}

void
curl_request_fini(struct curl_request *curl)
{
	curl_easy_cleanup(curl->easy);
	curl_slist_free_all(curl->headers);
	xfree(curl->body);
	*curl = (struct curl_request){ 0 };
}
