#include "providers/qobuz/qobuz_call.h"

#include <stdio.h>

#include "core/clock.h"
#include "core/json.h"
#include "core/log.h"
#include "providers/metrics.h"
#include "providers/qobuz/qobuz_metrics.h"

enum {
	CALL_MAGIC = 0x51434c4c,
	CALL_MS = 10 * 1000,
	CONNECT_MS = 3 * 1000,
	MAX_BODY = 8 * 1024 * 1024,
	MAX_TIME = 24, /* of a signature's time as text */
};

#define METRICS (&provider_metrics[PROVIDER_QOBUZ])

struct qobuz_call {
	unsigned magic;
	struct qobuz_seat *seat;
	struct qobuz_call_options options;
	int64_t end_ms;
	int64_t wait_until_ms; /* for a place in the rate window */
	/* Waits for the call's place, for the end of a quota, or to tell `failure`. */
	struct timer timer;
	enum err failure;
	bool planned; /* a place is booked: the timer starts the call */
	bool retried; /* after a quota */
	struct http_call *http;
	int64_t called_ms;
	void (*done)(void *arg, const struct qobuz_reply *reply);
	void *arg;
};

static void
call_free(void *arg)
{
	struct qobuz_call *call = arg;

	call->magic = 0;
	xfree(call);
}

static void
tell(struct qobuz_call *call, enum err err, enum qobuz_trouble trouble, const json_t *root)
{
	const struct qobuz_reply reply = { err, trouble, err == ERR_NONE ? root : NULL };

	timer_stop(&call->timer);
	call->done(call->arg, &reply);
	loop_later(call->seat->loop, call_free, call);
}

/* ---- its time ---- */

/* From within start nothing may be told yet, so failures wait for the timer too. */
static void
fail_later(struct qobuz_call *call, enum err err)
{
	call->failure = err;
	timer_start(&call->timer, 0);
}

static void
plan(struct qobuz_call *call)
{
	struct qobuz *qobuz = call->seat->qobuz;
	int64_t now_ms = clock_now_ms(), at_ms = -1;

	if (!breaker_is_open(&qobuz->breaker, now_ms))
		at_ms = rate_window_book(
			qobuz->window, call->options.spare, now_ms, call->wait_until_ms);
	if (at_ms < 0) {
		metric_add(&METRICS->refused, 1);
		fail_later(call, ERR_BUSY);
		return;
	}
	call->planned = true;
	timer_start(&call->timer, at_ms - now_ms);
}

/* ---- the answer ---- */

/* "Retry-After: 7"; 0 when it says none, or a date. */
static int64_t
retry_after_ms(const struct http_answer *answer)
{
	struct slice value = slice_of(http_answer_header(answer, "Retry-After"));
	uint64_t seconds;

	return slice_to_u64(slice_trim(value), &seconds) && seconds < 24 * 3600
		       ? (int64_t)seconds * 1000
		       : 0;
}

static void
on_quota(struct qobuz_call *call, const struct http_answer *answer, int64_t now_ms)
{
	int64_t until_ms = breaker_on_quota_for(
		&call->seat->qobuz->breaker, now_ms, retry_after_ms(answer));

	metric_add(&METRICS->calls_quota, 1);
	metric_add(&qobuz_metric_replies[QOBUZ_TOO_MANY], 1);
	if (call->retried || until_ms >= call->end_ms) {
		tell(call, ERR_BUSY, QOBUZ_TOO_MANY, NULL);
		return;
	}
	call->retried = true;
	call->wait_until_ms = call->end_ms;
	timer_start(&call->timer, until_ms - now_ms);
}

/* What a refusal means for those who ask next. */
static void
lower_bar(struct qobuz_call *call, enum qobuz_trouble trouble, int64_t now_ms)
{
	struct qobuz_accounts *accounts = call->seat->qobuz->accounts;

	if (trouble == QOBUZ_BAD_APP)
		qobuz_accounts_lower(accounts, QOBUZ_BAR_APP, NULL, now_ms);
	else if (trouble == QOBUZ_BAD_SIGNATURE)
		qobuz_accounts_lower(accounts, QOBUZ_BAR_SECRET, NULL, now_ms);
	else if (trouble == QOBUZ_BAD_TOKEN && call->options.account != NULL)
		qobuz_accounts_lower(
			accounts, QOBUZ_BAR_TOKEN, call->options.account, now_ms);
	else if (trouble == QOBUZ_BAD_TOKEN)
		qobuz_accounts_lower(accounts, QOBUZ_BAR_READER, NULL, now_ms);
}

static void
judge(struct qobuz_call *call, enum qobuz_trouble trouble, const json_t *root,
	const char *why, int64_t now_ms)
{
	struct breaker *breaker = &call->seat->qobuz->breaker;

	metric_add(&qobuz_metric_replies[trouble], 1);
	if (qobuz_error_is_answer(trouble)) {
		metric_add(&METRICS->calls_ok, 1);
		breaker_on_success(breaker);
	} else {
		metric_add(&METRICS->calls_failed, 1);
		breaker_on_failure(breaker, now_ms);
	}
	if (trouble != QOBUZ_WELL)
		log_warn_limited("qobuz_call_refused",
			LOG_TEXT("method", call->options.question->method),
			LOG_TEXT("why", why));
	lower_bar(call, trouble, now_ms);
	if (trouble == QOBUZ_BAD_TOKEN && call->options.account != NULL &&
		!call->options.sign) {
		call->options.account = NULL;
		call->wait_until_ms = call->end_ms;
		plan(call);
		return;
	}
	tell(call, qobuz_error_err(trouble), trouble, root);
}

static void
on_failed(struct qobuz_call *call, const struct http_answer *answer, int64_t now_ms)
{
	metric_add(&METRICS->calls_failed, 1);
	breaker_on_failure(&call->seat->qobuz->breaker, now_ms);
	log_warn_limited("qobuz_call_failed",
		LOG_TEXT("method", call->options.question->method),
		LOG_TEXT("err", err_name(answer->err)), LOG_TEXT("why", answer->reason));
	tell(call, answer->err, QOBUZ_WELL, NULL);
}

static void
on_answer(void *arg, const struct http_answer *answer)
{
	struct qobuz_call *call = CAST(arg, CALL_MAGIC);
	int64_t now_ms = clock_now_ms();
	char why[200];

	call->http = NULL;
	metric_observe_ms(&METRICS->call_ms, now_ms - call->called_ms);
	if (answer->err != ERR_NONE) {
		on_failed(call, answer, now_ms);
		return;
	}
	json_t *root = json_parse_new(answer->body, answer->body_size);
	enum qobuz_trouble trouble =
		qobuz_error_check(root, answer->status, why, sizeof why);
	if (trouble == QOBUZ_TOO_MANY)
		on_quota(call, answer, now_ms);
	else
		judge(call, trouble, root, why, now_ms);
	json_decref(root);
}

/* ---- asking ---- */

static void
add_url(struct text *url, const struct qobuz_call *call)
{
	const struct qobuz_question *question = call->options.question;
	const struct qobuz *qobuz = call->seat->qobuz;
	char signature[QOBUZ_SIGNATURE], time[MAX_TIME];

	if (!call->options.sign) {
		qobuz_api_url(url, qobuz->url, question, NULL, NULL);
		return;
	}
	snprintf(time, sizeof time, "%lld", (long long)(clock_wall_ms() / 1000));
	qobuz_sign(signature, question->method, question->parameters, question->count, time,
		qobuz_accounts_secret(qobuz->accounts));
	qobuz_api_url(url, qobuz->url, question, time, signature);
}

static void
start_call(struct qobuz_call *call)
{
	const struct account_entry *account = call->options.account;
	const char *headers[] = { "Accept: application/json", NULL, NULL, NULL };
	struct text url, app, token;
	int64_t left_ms;

	text_init(&url);
	text_init(&app);
	text_init(&token);
	call->called_ms = clock_now_ms();
	left_ms = call->end_ms - call->called_ms;
	add_url(&url, call);
	text_addf(&app, "X-App-Id: %s", qobuz_accounts_app(call->seat->qobuz->accounts));
	headers[1] = text_get(&app);
	if (account != NULL) {
		text_addf(&token, "X-User-Auth-Token: %s", account->secret);
		headers[2] = text_get(&token);
	}
	struct http_call_request request = { .url = text_get(&url),
		.headers = headers,
		.timeout_ms = left_ms < 1         ? 1
			      : left_ms < CALL_MS ? left_ms
						  : CALL_MS,
		.connect_timeout_ms = CONNECT_MS,
		.max_body = MAX_BODY };
	call->http = http_client_start(call->seat->client, &request, on_answer, call);
	if (token.size > 0)
		explicit_bzero(token.data, token.size);
	text_fini(&url);
	text_fini(&app);
	text_fini(&token);
}

static void
on_timer(void *arg)
{
	struct qobuz_call *call = CAST(arg, CALL_MAGIC);

	if (call->failure != ERR_NONE) {
		tell(call, call->failure, QOBUZ_WELL, NULL);
	} else if (!call->planned) {
		plan(call);
	} else if (!breaker_try(&call->seat->qobuz->breaker, clock_now_ms())) {
		metric_add(&METRICS->refused, 1);
		tell(call, ERR_BUSY, QOBUZ_WELL, NULL);
	} else {
		call->planned = false;
		start_call(call);
	}
}

struct qobuz_call *
qobuz_call_start(struct qobuz_seat *seat, const struct qobuz_call_options *options,
	void (*done)(void *arg, const struct qobuz_reply *reply), void *arg)
{
	struct qobuz_call *call = xcalloc(1, sizeof *call);
	int64_t now_ms = clock_now_ms();

	call->magic = CALL_MAGIC;
	call->seat = seat;
	call->options = *options;
	call->end_ms = now_ms + options->deadline_ms;
	call->wait_until_ms = now_ms + options->patience_ms;
	if (call->wait_until_ms > call->end_ms)
		call->wait_until_ms = call->end_ms;
	call->done = done;
	call->arg = arg;
	timer_init(&call->timer, seat->loop, on_timer, call);
	plan(call);
	return call;
}

void
qobuz_call_cancel(struct qobuz_call *call)
{
	timer_stop(&call->timer);
	if (call->http != NULL)
		http_call_cancel(call->http);
	loop_later(call->seat->loop, call_free, call);
}
