#include "proxy/fetch.h"

#include <event2/buffer.h>
#include <string.h>

#include "core/log.h"
#include "proxy/metrics.h"
#include "proxy/upstream_call.h"

enum { FETCH_MAGIC = 0xfe7c0001 };

struct fetch {
	unsigned magic;
	struct relay_worker *worker;
	struct upstream_call call;
	struct timer deadline;
	size_t max_body;
	struct http_head head; /* its slices point into head_text */
	struct text head_text;
	struct text body;
	void (*done)(void *arg, const struct fetch_answer *answer);
	void *arg;
};

static void
free_fetch(void *arg)
{
	struct fetch *fetch = CAST(arg, FETCH_MAGIC);

	upstream_call_fini(&fetch->call);
	text_fini(&fetch->head_text);
	text_fini(&fetch->body);
	fetch->magic = 0;
	xfree(fetch);
}

void
fetch_cancel(struct fetch *fetch)
{
	if (fetch == NULL)
		return;
	assert(fetch->magic == FETCH_MAGIC);
	timer_stop(&fetch->deadline);
	upstream_call_cancel(&fetch->call);
	fetch->done = NULL;
	loop_later(upstream_pool_loop(relay_worker_pool(fetch->worker)), free_fetch, fetch);
}

static void
end(struct fetch *fetch, enum err err)
{
	void (*done)(void *arg, const struct fetch_answer *answer) = fetch->done;
	const struct fetch_answer answer = {
		.err = err,
		.status = fetch->head.status,
		.head = fetch->head,
		.body = text_get(&fetch->body),
		.body_size = fetch->body.size,
	};

	/* Frees in a later turn: the answer lives until `done` has returned. */
	fetch_cancel(fetch);
	done(fetch->arg, &answer);
}

/* The head outlives the read buffer it came in. */
static void
keep_head(struct fetch *fetch, const struct http_head *head)
{
	size_t line_size = head->line.size;

	text_add_slice(&fetch->head_text, head->line);
	text_add_slice(&fetch->head_text, head->lines);
	fetch->head = *head;
	fetch->head.line.data = text_get(&fetch->head_text);
	fetch->head.lines.data = text_get(&fetch->head_text) + line_size;
}

static void
on_answer(void *arg, const struct http_head *head, char *data, size_t size, bool last)
{
	struct fetch *fetch = CAST(arg, FETCH_MAGIC);

	if (head != NULL)
		keep_head(fetch, head);
	bool too_large = size > fetch->max_body - fetch->body.size;
	if (head != NULL && head->framing == HTTP_FRAMING_LENGTH &&
		head->length > fetch->max_body)
		too_large = true;
	if (!too_large)
		text_add_bytes(&fetch->body, data, size);
	if (too_large)
		end(fetch, ERR_TOO_LARGE);
	else if (last)
		end(fetch, ERR_NONE);
}

static void
on_failed(void *arg, enum err err, const char *why)
{
	struct fetch *fetch = CAST(arg, FETCH_MAGIC);

	log_debug("fetch_failed", LOG_TEXT("error", err_name(err)), LOG_TEXT("why", why));
	end(fetch, err);
}

static void
on_deadline(void *arg)
{
	end(CAST(arg, FETCH_MAGIC), ERR_TIMEOUT);
}

static const struct upstream_call_handler call_handler = {
	.answer = on_answer,
	.failed = on_failed,
};

static void
write_request(struct fetch *fetch, const struct fetch_request *request, const char *method)
{
	const struct headers_request head = {
		.method = method,
		.target = request->target,
		.headers = request->headers,
		.header_count = request->header_count,
		.body_size = request->body_size,
		.client = request->in_name_of != NULL
				  ? exchange_request(request->in_name_of)
				  : NULL,
		.identity = request->identity,
	};

	headers_write_request(upstream_call_request(&fetch->call),
		&relay_worker_options(fetch->worker)->target, &head);
	if (request->body_size > 0)
		evbuffer_add(upstream_call_body(&fetch->call), request->body,
			request->body_size);
}

struct fetch *
fetch_start(struct relay_worker *worker, const struct fetch_request *request,
	void (*done)(void *arg, const struct fetch_answer *answer), void *arg)
{
	const char *method = request->method_name != NULL ? request->method_name : "GET";
	struct upstream_pool *pool = relay_worker_pool(worker);
	struct fetch *fetch = xcalloc(1, sizeof *fetch);

	fetch->magic = FETCH_MAGIC;
	fetch->worker = worker;
	fetch->max_body = request->max_body;
	fetch->done = done;
	fetch->arg = arg;
	text_init(&fetch->head_text);
	text_init(&fetch->body);
	timer_init(&fetch->deadline, upstream_pool_loop(pool), on_deadline, fetch);
	upstream_call_init(&fetch->call, pool, &call_handler, fetch);
	write_request(fetch, request, method);
	const struct upstream_call_options options = {
		.to_head_request = strcmp(method, "HEAD") == 0,
		.repeatable = strcmp(method, "GET") == 0 || strcmp(method, "HEAD") == 0,
		.dechunk = true,
		.silence_ms = request->timeout_ms,
	};
	timer_start(&fetch->deadline, request->timeout_ms);
	metric_add(&proxy_metric_fetches, 1);
	upstream_call_start(&fetch->call, &options);
	return fetch;
}

bool
fetch_answer_header(
	const struct fetch_answer *answer, const char *name, struct slice *value)
{
	return answer->status != 0 && http_head_get(&answer->head, name, value);
}
