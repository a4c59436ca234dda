#include "proxy/local.h"

#include <string.h>

#include "core/json.h"
#include "proxy/fetch.h"

enum { LOCAL_TIMEOUT_MS = 60 * 1000, LOCAL_MAX_BODY = 64 << 20 };

struct local_ask {
	struct intercept *intercept;
	const char *member;
	size_t hold;
	struct local_answer answer;
	json_t *document; /* owned; freed when the exchange ends */
	void (*done)(void *arg, const struct local_answer *answer);
	void *arg;
};

static void
free_document(void *operation)
{
	struct local_ask *ask = operation;
	json_decref(ask->document);
}

static void
read_list(struct local_ask *ask)
{
	struct local_answer *answer = &ask->answer;
	struct arena *arena = intercept_arena(ask->intercept);

	ask->document = json_parse_new(answer->body.data, answer->body.size);
	http_job_hold(ask->intercept->job, free_document, ask);
	answer->items = json_member_ci(ask->document, ask->member);
	if (!json_is_array(answer->items) ||
		!json_slices_read(&answer->slices, arena, answer->body, ask->member) ||
		answer->slices.count != json_array_size(answer->items))
		return;
	answer->is_list = true;
	int64_t total =
		json_value_int(json_member_ci(ask->document, "TotalRecordCount"), 0);
	answer->total = total > INT32_MAX ? INT32_MAX : total;
}

static void
on_fetched(void *arg, const struct fetch_answer *fetched)
{
	struct local_ask *ask = arg;
	struct local_answer *answer = &ask->answer;
	struct arena *arena = intercept_arena(ask->intercept);

	http_job_release(ask->intercept->job, ask->hold);
	answer->err = fetched->err;
	if (fetched->err == ERR_NONE) {
		struct slice type = { 0 };
		if (fetch_answer_header(fetched, "Content-Type", &type))
			answer->content_type = arena_slice_dup(arena, type);
		answer->status = fetched->status;
		answer->body.size = fetched->body_size;
		answer->body.data = arena_slice_dup(
			arena, (struct slice){ fetched->body, fetched->body_size });
		if (fetched->status == 200 && ask->member != NULL)
			read_list(ask);
		else if (fetched->status == 401)
			front_refused(ask->intercept->worker->services,
				intercept_exchange(ask->intercept));
	}
	ask->done(ask->arg, answer);
}

static void
cancel_fetch(void *operation)
{
	fetch_cancel(operation);
}

static void
start(struct intercept *intercept, const struct local_request *wanted, const char *member,
	void (*done)(void *arg, const struct local_answer *answer), void *arg)
{
	struct exchange *exchange = intercept_exchange(intercept);
	const struct http_request *request = exchange_request(exchange);
	struct local_ask *ask = arena_alloc(intercept_arena(intercept), sizeof *ask);

	*ask = (struct local_ask){
		.intercept = intercept, .member = member, .done = done, .arg = arg
	};
	struct fetch_request fetch = {
		.method_name = wanted->method,
		.target = wanted->target,
		.headers = request->headers,
		.header_count = request->header_count,
		.body = wanted->body.data,
		.body_size = wanted->body.size,
		.identity = true,
		.timeout_ms = LOCAL_TIMEOUT_MS,
		.max_body = LOCAL_MAX_BODY,
		.in_name_of = exchange,
	};
	ask->hold = http_job_hold(intercept->job, cancel_fetch,
		fetch_start(intercept->worker->relay, &fetch, on_fetched, ask));
}

void
local_ask(struct intercept *intercept, const char *target, const char *member,
	void (*done)(void *arg, const struct local_answer *answer), void *arg)
{
	const struct local_request request = { "GET", target, { 0 } };

	start(intercept, &request, member, done, arg);
}

void
local_send(struct intercept *intercept, const struct local_request *request,
	void (*done)(void *arg, const struct local_answer *answer), void *arg)
{
	start(intercept, request, NULL, done, arg);
}

void
local_reply(struct intercept *intercept, const struct local_answer *answer)
{
	if (answer->err == ERR_NONE) {
		intercept_reply_text(intercept, answer->status, answer->content_type,
			answer->body.data, answer->body.size);
		return;
	}
	if (answer->err == ERR_TOO_LARGE) {
		intercept_relay(intercept);
		return;
	}
	relay_reply_error(http_job_take(intercept->job), answer->err);
}

static const struct local_change *
find_change(const struct local_change *changes, size_t count, const char *name)
{
	for (size_t i = 0; i < count; i++) {
		if (text_equal_ci(changes[i].name, name))
			return &changes[i];
	}
	return NULL;
}

static char *
target_of(struct exchange *exchange, struct slice path, const struct local_change *changes,
	size_t count)
{
	const struct query *query = exchange_query(exchange);
	struct text target;

	text_init(&target);
	text_add_slice(&target, path);
	text_add_char(&target, '?');
	for (size_t i = 0; i < query->count; i++) {
		if (find_change(changes, count, query->items[i].name) == NULL)
			query_add(&target, query->items[i].name, query->items[i].value);
	}
	for (size_t i = 0; i < count; i++) {
		if (changes[i].value != NULL)
			query_add(&target, changes[i].name, changes[i].value);
	}
	char *copy = arena_strdup(exchange_arena(exchange), text_get(&target));
	text_fini(&target);
	return copy;
}

char *
local_target(struct exchange *exchange, const struct local_change *changes, size_t count)
{
	return target_of(exchange, exchange_request(exchange)->path, changes, count);
}

char *
local_target_at(struct exchange *exchange, const char *path,
	const struct local_change *changes, size_t count)
{
	return target_of(exchange, slice_of(path), changes, count);
}
