/* HTTP client: calls to others (providers, Jellyfin's REST, Sonarr) over libcurl's multi
 * interface on a loop. Never blocks; every call has a deadline and a size bound.
 *
 * Belongs to the loop it was made for. Headers and URLs given are copied. `done` fires
 * exactly once and never before http_client_start has returned; after http_call_cancel it
 * never fires. libcurl's own callbacks never free anything: that happens on the loop.
 * Speaks HTTP/1.1 over http and https, keeps connections, knows no cookies, no proxies of
 * the environment and no user names in URLs. Deadlines follow core/clock.h; only the time
 * to connect is measured by libcurl.
 */
#ifndef CORE_HTTP_CLIENT_H
#define CORE_HTTP_CLIENT_H

#include <stdbool.h>
#include <stdint.h>

#include "core/error.h"
#include "core/text.h"

struct http_client;
struct http_call;
struct loop;

struct http_client_options {
	const char *user_agent;
	const char *ca_file; /* NULL: the system's */
	bool unverified;     /* TLS: anybody may pose as the host */
	long connections;    /* open at once; calls beyond wait. 0: 16 */
};

struct http_client *http_client_new(
	struct loop *loop, const struct http_client_options *options);
/* Cancels what runs: the pointers of its calls are dead. Not from within on_head or
 * on_data. Accepts NULL. */
void http_client_free(struct http_client *client);

/* Borrowed by callbacks until they return. */
struct http_answer {
	enum err err; /* ERR_NONE: a whole answer arrived, whatever its status */
	/* A sentence for logs when err is set, for ever valid; no URL, no secret. */
	const char *reason;
	int status;       /* 0 when none arrived */
	const char *body; /* terminated; "" while streaming */
	size_t body_size;
	int64_t content_length; /* as declared, -1 when not */
	const struct http_call *call;
};

/* The first header of that name (case ignored) of the final answer, else NULL. Borrowed
 * until the callback returns. */
const char *http_answer_header(const struct http_answer *answer, const char *name);

struct http_call_request {
	const char *method; /* "GET" when NULL */
	const char *url;    /* sent as it is (no path squashing) */
	/* "Name: value" lines, NULL-terminated; may be NULL. */
	const char *const *headers;
	const void *body; /* copied; NULL for none */
	size_t body_size;
	/* For the whole call, waiting for a connection included; with on_data: between
	 * bytes, not counted while paused. 0: 30 s. */
	int64_t timeout_ms;
	int64_t connect_timeout_ms; /* 0: 5 s */
	/* More than this is ERR_TOO_LARGE; ignored with on_data. 0: 1 MB. */
	size_t max_body;
	/* Follow at most 3 redirects, to http and https only. libcurl keeps Authorization
	 * and Cookie from other hosts, but no other header. */
	bool follow;

	/* Optional streaming. on_head fires once, before on_data, with the final answer's
	 * head; on_data gives bytes as they come. Returning false from either ends the call
	 * (done fires with ERR_DENIED). Both may start, pause and cancel calls. */
	bool (*on_head)(void *arg, const struct http_answer *answer);
	bool (*on_data)(void *arg, const void *data, size_t size);
};

/* At most 4096 calls are under way: beyond, done gets ERR_BUSY. */
struct http_call *http_client_start(struct http_client *client,
	const struct http_call_request *request,
	void (*done)(void *arg, const struct http_answer *answer), void *arg);
/* Silence: `done` never fires, on_head and on_data never again. The pointer is dead. */
void http_call_cancel(struct http_call *call);
/* Back-pressure for calls with on_data: none until resumed, which never calls back before
 * it has returned. `done` is not held back once all bytes were given. */
void http_call_pause(struct http_call *call);
void http_call_resume(struct http_call *call);

#endif
