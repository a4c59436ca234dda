#include "session/jellyfin.h"

#include <string.h>

#include "core/log.h"
#include "session/metrics.h"

#define CALL_MAGIC 0x6a63616cu

enum { CALL_TIMEOUT_MS = 10 * 1000, MAX_ANSWER = 512 * 1024 };

struct jellyfin {
	struct loop *loop;
	struct base_url base;
	struct jellyfin_transport transport;
};

struct jellyfin_call {
	unsigned magic;
	struct jellyfin *jellyfin;
	struct errand *errand;
	enum jellyfin_call_kind kind;
	void (*done)(void *arg, enum jellyfin_outcome outcome);
	/* Instead of `done`, for JELLYFIN_SESSIONS. */
	void (*looked)(
		void *arg, enum jellyfin_outcome outcome, const struct session_look *look);
	void *arg;
};

static const char *const call_paths[] = {
	[JELLYFIN_PLAYING] = "/Sessions/Playing",
	[JELLYFIN_PROGRESS] = "/Sessions/Playing/Progress",
	[JELLYFIN_STOPPED] = "/Sessions/Playing/Stopped",
	[JELLYFIN_CAPABILITIES] = "/Sessions/Capabilities/Full",
	[JELLYFIN_SESSIONS] = "/Sessions?deviceId=",
};

static struct errand *
start_errand(void *arg, struct loop *from, const struct errand_request *request,
	void (*done)(void *arg, struct errand_result *result), void *done_arg)
{
	return errand_start(arg, from, request, done, done_arg);
}

struct jellyfin_transport
jellyfin_transport_of(struct errands *errands)
{
	return (struct jellyfin_transport){ start_errand, errand_cancel, errands };
}

struct jellyfin *
jellyfin_new(
	struct loop *loop, const struct base_url *base, struct jellyfin_transport transport)
{
	struct jellyfin *jellyfin = xcalloc(1, sizeof *jellyfin);

	jellyfin->loop = loop;
	jellyfin->base = *base;
	jellyfin->transport = transport;
	return jellyfin;
}

void
jellyfin_free(struct jellyfin *jellyfin)
{
	xfree(jellyfin);
}

void
jellyfin_url(struct text *to, const struct base_url *base, const char *path)
{
	text_addf(to, "%s://%s%s%s", base->tls ? "https" : "http", base->authority,
		base->base, path);
}

void
jellyfin_forwarded_for(struct text *to, const char *address)
{
	size_t size = strlen(address);

	/* It may come from a record, or from Jellyfin. */
	if (size > 0 && strspn(address, "0123456789abcdefABCDEF:.") == size)
		text_addf(to, "X-Forwarded-For: %s", address);
	else
		text_add(to, "Accept: application/json");
}

enum jellyfin_outcome
jellyfin_outcome_of(enum err err, int status)
{
	if (err != ERR_NONE || status >= 500 || status < 200)
		return JELLYFIN_DOWN;
	if (status == 401)
		return JELLYFIN_REFUSED;
	/* A server that starts, or a proxy before it, may redirect for a while. */
	if (status >= 300 && status < 400)
		return JELLYFIN_DOWN;
	return status < 300 ? JELLYFIN_OK : JELLYFIN_WRONG;
}

static void
on_answer(void *arg, struct errand_result *result)
{
	struct jellyfin_call *call = CAST(arg, CALL_MAGIC);
	enum jellyfin_outcome outcome = jellyfin_outcome_of(result->err, result->status);

	metric_add(&session_metric_calls[outcome], 1);
	log_debug("jellyfin_told", LOG_TEXT("path", call_paths[call->kind]),
		LOG_NUMBER("status", result->status),
		LOG_TEXT("err", err_name(result->err)));
	if (call->kind != JELLYFIN_SESSIONS)
		call->done(call->arg, outcome);
	else if (outcome == JELLYFIN_OK && result->parsed == NULL)
		call->looked(call->arg, JELLYFIN_WRONG, NULL);
	else
		call->looked(call->arg, outcome, result->parsed);
	call->magic = 0;
	xfree(call);
}

static struct jellyfin_call *
new_call(struct jellyfin *jellyfin, enum jellyfin_call_kind kind, void *arg)
{
	struct jellyfin_call *call = xcalloc(1, sizeof *call);

	call->magic = CALL_MAGIC;
	call->jellyfin = jellyfin;
	call->kind = kind;
	call->arg = arg;
	return call;
}

static void
start_call(struct jellyfin_call *call, const struct identity *identity,
	struct errand_request *request)
{
	struct jellyfin *jellyfin = call->jellyfin;
	struct text url = { 0 };
	struct text authorization = { 0 };
	struct text forwarded = { 0 };

	jellyfin_url(&url, &jellyfin->base, call_paths[call->kind]);
	if (call->kind == JELLYFIN_SESSIONS)
		url_encode(&url, slice_of(identity->device_id));
	text_add(&authorization, "Authorization: ");
	identity_write_header(&authorization, identity);
	jellyfin_forwarded_for(&forwarded, identity->address);
	const char *headers[] = { text_get(&authorization), text_get(&forwarded),
		"Content-Type: application/json", NULL };
	if (request->body == NULL)
		headers[2] = NULL;
	request->url = text_get(&url);
	request->headers = headers;
	request->timeout_ms = CALL_TIMEOUT_MS;
	request->max_body = MAX_ANSWER;
	call->errand = jellyfin->transport.start(
		jellyfin->transport.arg, jellyfin->loop, request, on_answer, call);
	text_fini(&forwarded);
	text_fini(&authorization);
	text_fini(&url);
}

struct jellyfin_call *
jellyfin_post(struct jellyfin *jellyfin, enum jellyfin_call_kind kind,
	const struct identity *identity, const char *body, size_t size,
	void (*done)(void *arg, enum jellyfin_outcome outcome), void *arg)
{
	struct jellyfin_call *call = new_call(jellyfin, kind, arg);
	struct errand_request request = {
		.method = "POST", .body = body, .body_size = size
	};

	assert(kind != JELLYFIN_SESSIONS);
	call->done = done;
	start_call(call, identity, &request);
	return call;
}

/* On the errands thread. */
static void *
parse_look(void *arg, const struct http_answer *answer)
{
	struct session_look *look = xcalloc(1, sizeof *look);

	(void)arg;
	if (answer->err == ERR_NONE && answer->status == 200 &&
		session_look_parse(look, answer->body, answer->body_size))
		return look;
	xfree(look);
	return NULL;
}

struct jellyfin_call *
jellyfin_look(struct jellyfin *jellyfin, const struct identity *identity,
	void (*done)(
		void *arg, enum jellyfin_outcome outcome, const struct session_look *look),
	void *arg)
{
	struct jellyfin_call *call = new_call(jellyfin, JELLYFIN_SESSIONS, arg);
	struct errand_request request = {
		.method = "GET", .parse = parse_look, .free_parsed = xfree
	};

	call->looked = done;
	start_call(call, identity, &request);
	return call;
}

void
jellyfin_cancel(struct jellyfin_call *call)
{
	call->jellyfin->transport.cancel(call->errand);
	call->magic = 0;
	xfree(call);
}
