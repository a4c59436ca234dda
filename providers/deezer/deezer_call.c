#include "providers/deezer/deezer_call.h"

#include <string.h>

#include "core/clock.h"
#include "core/crypto.h"
#include "core/json.h"
#include "providers/deezer/deezer_metrics.h"

enum {
	CALL_MAGIC = 0x44434c4c,
	CALL_MS = 8 * 1000,
	CONNECT_MS = 3 * 1000,
	PATIENCE_MS = 5 * 1000, /* for a place in the rate window */
	MAX_BODY = 1024 * 1024,
	QUOTA_MS = 1000, /* and up to half as much again */
	/* Of the rate window: for songs that somebody waits to hear. */
	SPARE_PLACES = 20,
	LOOK_AGAIN_MS = 500,
};

struct deezer_call {
	unsigned magic;
	struct deezer_seat *seat;
	struct text url, cookie, body;
	bool is_gateway, has_body, can_wait, retried;
	int64_t end_ms;
	struct timer
		timer; /* until the call's time, or the next look, or tells of failure */
	bool planned, failed;
	struct http_call *call;
	void (*done)(void *arg, const struct deezer_call_answer *answer);
	void *arg;
};

void
deezer_wipe_text(struct text *text)
{
	if (text->data != NULL)
		explicit_bzero(text->data, text->capacity);
	text_fini(text);
}

enum err
deezer_err_of_fault(enum deezer_gw_fault fault)
{
	static const enum err errs[DEEZER_GW_FAULTS] = {
		[DEEZER_GW_WELL] = ERR_NONE,
		[DEEZER_GW_STALE] = ERR_DENIED,
		[DEEZER_GW_NOBODY] = ERR_DENIED,
		[DEEZER_GW_QUOTA] = ERR_BUSY,
		[DEEZER_GW_NO_DATA] = ERR_NOT_FOUND,
		[DEEZER_GW_REFUSED] = ERR_DENIED,
		[DEEZER_GW_DOWN] = ERR_UNREACHABLE,
		[DEEZER_GW_BROKEN] = ERR_PROTOCOL,
	};

	return errs[fault];
}

static void
call_free(void *arg)
{
	struct deezer_call *call = arg;

	call->magic = 0;
	deezer_wipe_text(&call->url);
	deezer_wipe_text(&call->cookie);
	deezer_wipe_text(&call->body);
	xfree(call);
}

static void
finish(struct deezer_call *call, const struct deezer_call_answer *answer)
{
	call->done(call->arg, answer);
	loop_later(call->seat->source.loop, call_free, call);
}

static void
fail_later(struct deezer_call *call)
{
	call->failed = true;
	timer_start(&call->timer, 0);
}

/* Not before `delay_ms` are over. Who can wait books nothing ahead, since whoever books
 * after that comes after that; they look again. */
static void
plan(struct deezer_call *call, int64_t delay_ms)
{
	struct rate_window *window = call->seat->deezer->gateway_window;
	int64_t now_ms = clock_now_ms();
	int64_t from_ms = now_ms + delay_ms;
	int64_t until_ms = from_ms + PATIENCE_MS;
	int64_t at_ms;

	if (until_ms > call->end_ms)
		until_ms = call->end_ms;
	if (call->can_wait)
		at_ms = rate_window_book(window, SPARE_PLACES, from_ms, from_ms);
	else
		at_ms = rate_window_book(window, 0, from_ms, until_ms);
	call->planned = at_ms >= 0;
	if (call->planned)
		timer_start(&call->timer, at_ms - now_ms);
	else if (call->can_wait && now_ms + LOOK_AGAIN_MS < call->end_ms)
		timer_start(&call->timer, LOOK_AGAIN_MS);
	else
		fail_later(call);
}

static bool
try_again(struct deezer_call *call, enum deezer_gw_fault fault)
{
	int64_t delay_ms = QUOTA_MS + crypto_random_below(QUOTA_MS / 2);

	if (fault != DEEZER_GW_QUOTA || call->retried ||
		clock_now_ms() + delay_ms > call->end_ms)
		return false;
	call->retried = true;
	plan(call, delay_ms);
	return true;
}

static void
on_answer(void *arg, const struct http_answer *answer)
{
	struct deezer_call *call = CAST(arg, CALL_MAGIC);
	struct deezer_call_answer told = { .err = answer->err, .status = answer->status };
	json_t *root = NULL;
	char why[100] = "";

	call->call = NULL;
	if (answer->err != ERR_NONE) {
		copy_text(why, sizeof why, answer->reason);
		metric_add(&deezer_metric_calls_failed, call->is_gateway ? 1 : 0);
	} else {
		root = json_parse_new(answer->body, answer->body_size);
	}
	if (answer->err == ERR_NONE && call->is_gateway) {
		told.fault = deezer_gw_check(root, answer->status, why, sizeof why);
		metric_add(&deezer_metric_calls[told.fault], 1);
	}
	if (!try_again(call, told.fault)) {
		told.root = root;
		told.why = why;
		finish(call, &told);
	}
	json_decref(root);
}

static void
on_time(void *arg)
{
	struct deezer_call *call = CAST(arg, CALL_MAGIC);
	const char *headers[4] = { "Accept: application/json" };
	size_t count = 1;
	int64_t left_ms = call->end_ms - clock_now_ms();

	if (call->failed) {
		finish(call, &(struct deezer_call_answer){ .err = ERR_BUSY,
				     .why = "the rate window has no place" });
		return;
	}
	if (!call->planned) {
		plan(call, 0);
		return;
	}
	if (call->is_gateway)
		headers[count++] = text_get(&call->cookie);
	if (call->has_body)
		headers[count++] = "Content-Type: application/json";
	struct http_call_request request = { .method = call->has_body ? "POST" : "GET",
		.url = text_get(&call->url),
		.headers = headers,
		.body = call->has_body ? call->body.data : NULL,
		.body_size = call->has_body ? call->body.size : 0,
		.timeout_ms = left_ms < 1         ? 1
			      : left_ms < CALL_MS ? left_ms
						  : CALL_MS,
		.connect_timeout_ms = CONNECT_MS,
		.max_body = MAX_BODY };
	call->call =
		http_client_start(call->seat->source.client, &request, on_answer, call);
}

struct deezer_call *
deezer_call_start(struct deezer_seat *seat, const struct deezer_call_request *request,
	void (*done)(void *arg, const struct deezer_call_answer *answer), void *arg)
{
	struct deezer_call *call = xcalloc(1, sizeof *call);

	call->magic = CALL_MAGIC;
	call->seat = seat;
	text_add(&call->url, request->url);
	if (request->cookie != NULL)
		text_add(&call->cookie, request->cookie);
	if (request->body != NULL)
		text_add(&call->body, request->body);
	call->is_gateway = request->cookie != NULL;
	call->has_body = request->body != NULL;
	call->can_wait = request->can_wait;
	call->end_ms = request->end_ms;
	call->done = done;
	call->arg = arg;
	timer_init(&call->timer, seat->source.loop, on_time, call);
	plan(call, 0);
	return call;
}

void
deezer_call_cancel(struct deezer_call *call)
{
	timer_stop(&call->timer);
	if (call->call != NULL)
		http_call_cancel(call->call);
	loop_later(call->seat->source.loop, call_free, call);
}
