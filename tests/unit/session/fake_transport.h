/* A transport for session modules: keeps what was asked until the test answers. One loop.
 */
#ifndef TESTS_FAKE_TRANSPORT_H
#define TESTS_FAKE_TRANSPORT_H

#include <string.h>

#include "session/jellyfin.h"

/* What was asked, oldest first. Belongs to the transport until answered or cancelled. */
struct fake_call {
	struct fake_call *next;
	struct fake_transport *transport;
	char *url;
	char *body;
	char *headers;
	struct errand_request request;
	void (*done)(void *arg, struct errand_result *result);
	void *done_arg;
};

struct fake_transport {
	struct fake_call *calls;
	size_t started;
	size_t cancelled;
};

static inline void
fake_unlink(struct fake_call *call)
{
	struct fake_call **link = &call->transport->calls;
	while (*link != call)
		link = &(*link)->next;
	*link = call->next;
}

static inline void
fake_free(struct fake_call *call)
{
	xfree(call->url);
	xfree(call->body);
	xfree(call->headers);
	xfree(call);
}

static inline struct errand *
fake_start(void *arg, struct loop *from, const struct errand_request *request,
	void (*done)(void *arg, struct errand_result *result), void *done_arg)
{
	struct fake_transport *transport = arg;
	struct fake_call *call = xcalloc(1, sizeof *call);
	struct fake_call **link = &transport->calls;
	struct text headers = { 0 };

	(void)from;
	for (size_t i = 0; request->headers != NULL && request->headers[i] != NULL; i++)
		text_addf(&headers, "%s\n", request->headers[i]);
	call->transport = transport;
	call->url = xstrdup(request->url);
	call->body =
		xstrndup(request->body != NULL ? request->body : "", request->body_size);
	call->headers = text_take(&headers);
	call->request = *request;
	call->done = done;
	call->done_arg = done_arg;
	while (*link != NULL)
		link = &(*link)->next;
	*link = call;
	transport->started++;
	return (struct errand *)(void *)call;
}

static inline void
fake_cancel(struct errand *errand)
{
	struct fake_call *call = (struct fake_call *)(void *)errand;
	fake_unlink(call);
	call->transport->cancelled++;
	fake_free(call);
}

static inline struct jellyfin_transport
fake_transport_of(struct fake_transport *transport)
{
	return (struct jellyfin_transport){ fake_start, fake_cancel, transport };
}

/* Answers `call` as the errands thread would. */
static inline void
fake_answer(struct fake_call *call, enum err err, int status, const char *body)
{
	struct http_answer answer = {
		.err = err, .status = status, .body = body, .body_size = strlen(body)
	};
	struct errand_result result = { .err = err, .status = status };

	fake_unlink(call);
	if (call->request.parse != NULL)
		result.parsed = call->request.parse(call->request.parse_arg, &answer);
	call->done(call->done_arg, &result);
	if (result.parsed != NULL && call->request.free_parsed != NULL)
		call->request.free_parsed(result.parsed);
	fake_free(call);
}

#endif
