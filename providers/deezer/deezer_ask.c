#include "providers/deezer/deezer_ask.h"

#include "core/json.h"
#include "providers/deezer/deezer_call.h"
#include "providers/deezer/deezer_login.h"

enum { ASK_MAGIC = 0x4441534b };

struct deezer_ask {
	unsigned magic;
	struct deezer_seat *seat;
	struct deezer_account *account;
	const char *method; /* a literal */
	char *body;
	int64_t end_ms;
	bool can_wait, renewed, pinged;
	struct deezer_session *session; /* a reference: the present one; NULL: waits */
	struct deezer_login_wait *wait;
	struct deezer_call *call;
	void (*done)(void *arg, const struct deezer_ask_answer *answer);
	void *arg;
};

static void
ask_free(void *arg)
{
	struct deezer_ask *ask = arg;

	ask->magic = 0;
	deezer_session_unref(ask->session);
	xfree(ask->body);
	xfree(ask);
}

static void
finish(struct deezer_ask *ask, const struct deezer_ask_answer *answer)
{
	ask->done(ask->arg, answer);
	loop_later(ask->seat->source.loop, ask_free, ask);
}

static void
fail(struct deezer_ask *ask, enum err err, const char *why)
{
	finish(ask, &(struct deezer_ask_answer){ .err = err, .why = why });
}

static void on_session(void *arg, enum err err, struct deezer_session *session);

/* Another session than the present one, which has been no good. */
static bool
renew(struct deezer_ask *ask, enum deezer_gw_fault fault)
{
	bool ping = fault == DEEZER_GW_NOBODY;
	struct deezer_session *stale = ask->session;

	if ((fault != DEEZER_GW_STALE || ask->renewed) && (!ping || ask->pinged))
		return false;
	ask->renewed = ask->renewed || !ping;
	ask->pinged = ask->pinged || ping;
	ask->session = NULL;
	ask->wait = deezer_login_get(
		ask->seat, ask->account, stale, ping, ask->end_ms, on_session, ask);
	deezer_session_unref(stale);
	return true;
}

static void
on_answer(void *arg, const struct deezer_call_answer *answer)
{
	struct deezer_ask *ask = CAST(arg, ASK_MAGIC);

	ask->call = NULL;
	if (answer->err != ERR_NONE)
		fail(ask, answer->err, answer->why);
	else if (answer->fault == DEEZER_GW_WELL)
		finish(ask, &(struct deezer_ask_answer){
				    .results = json_member(answer->root, "results"),
				    .session = ask->session });
	else if (!renew(ask, answer->fault))
		fail(ask, deezer_err_of_fault(answer->fault), answer->why);
}

static void
call(struct deezer_ask *ask)
{
	struct text url, cookie;

	text_init(&url);
	text_init(&cookie);
	deezer_gw_url(&url, ask->seat->deezer->gateway_url, ask->method,
		deezer_session_user(ask->session)->api_token);
	deezer_gw_cookie(&cookie, deezer_account_arl(ask->account),
		deezer_session_sid(ask->session));
	const struct deezer_call_request request = { .url = text_get(&url),
		.cookie = text_get(&cookie),
		.body = ask->body,
		.end_ms = ask->end_ms,
		.can_wait = ask->can_wait };
	ask->call = deezer_call_start(ask->seat, &request, on_answer, ask);
	deezer_wipe_text(&url);
	deezer_wipe_text(&cookie);
}

static void
on_session(void *arg, enum err err, struct deezer_session *session)
{
	struct deezer_ask *ask = CAST(arg, ASK_MAGIC);

	ask->wait = NULL;
	if (err != ERR_NONE) {
		fail(ask, err, "the account has no session");
		return;
	}
	ask->session = deezer_session_ref(session);
	if (ask->method != NULL)
		call(ask);
	else
		finish(ask, &(struct deezer_ask_answer){ .session = session });
}

struct deezer_ask *
deezer_ask_start(struct deezer_seat *seat, const struct deezer_question *question,
	void (*done)(void *arg, const struct deezer_ask_answer *answer), void *arg)
{
	struct deezer_ask *ask = xcalloc(1, sizeof *ask);

	ask->magic = ASK_MAGIC;
	ask->seat = seat;
	ask->account = question->account;
	ask->method = question->method;
	ask->body = xstrdup_or_null(question->body);
	ask->end_ms = question->end_ms;
	ask->can_wait = question->can_wait;
	ask->done = done;
	ask->arg = arg;
	ask->wait = deezer_login_get(
		seat, ask->account, question->stale, false, ask->end_ms, on_session, ask);
	return ask;
}

void
deezer_ask_cancel(struct deezer_ask *ask)
{
	if (ask->wait != NULL)
		deezer_login_cancel(ask->wait);
	if (ask->call != NULL)
		deezer_call_cancel(ask->call);
	loop_later(ask->seat->source.loop, ask_free, ask);
}
