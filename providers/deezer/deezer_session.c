#include "providers/deezer/deezer_session.h"

#include <stdatomic.h>
#include <string.h>

#include "core/clock.h"
#include "core/json.h"
#include "providers/account_list.h"
#include "providers/deezer/deezer_call.h"

enum {
	START_MAGIC = 0x44535354,
	MARGIN_MS = 60 * 1000,
	/* A licence that does not say when it ends is asked for anew after this. */
	UNSAID_MS = 60 * 60 * 1000,
	OLD_MS = 10 * 60 * 1000,
};

struct deezer_session {
	atomic_int references;
	char *sid;
	struct deezer_gw_user user;
	int64_t began_ms;
	int64_t fresh_until_wall_ms;
};

struct deezer_session_start {
	unsigned magic;
	struct deezer_seat *seat;
	char *arl;
	char *sid; /* NULL: pings */
	bool pinged;
	int64_t end_ms;
	struct deezer_call *call;
	void (*done)(void *arg, enum err err, struct deezer_session *take_session,
		const char *why);
	void *arg;
};

/* ---- sessions ---- */

static struct deezer_session *
session_new(const char *sid, struct deezer_gw_user *take_user)
{
	struct deezer_session *session = xcalloc(1, sizeof *session);
	int64_t now_ms = clock_wall_ms();
	int64_t until_ms = take_user->expires_wall_ms - MARGIN_MS;

	atomic_init(&session->references, 1);
	session->sid = xstrdup(sid);
	session->user = *take_user;
	if (take_user->expires_wall_ms == 0)
		until_ms = now_ms + UNSAID_MS;
	/* Clocks may disagree: a new one is good for a minute whatever it says. */
	if (until_ms < now_ms + MARGIN_MS)
		until_ms = now_ms + MARGIN_MS;
	session->fresh_until_wall_ms = until_ms;
	session->began_ms = clock_now_ms();
	return session;
}

struct deezer_session *
deezer_session_ref(struct deezer_session *session)
{
	atomic_fetch_add(&session->references, 1);
	return session;
}

void
deezer_session_unref(struct deezer_session *session)
{
	if (session == NULL || atomic_fetch_sub(&session->references, 1) > 1)
		return;
	account_wipe(session->sid);
	deezer_gw_user_fini(&session->user);
	xfree(session);
}

const struct deezer_gw_user *
deezer_session_user(const struct deezer_session *session)
{
	return &session->user;
}

const char *
deezer_session_sid(const struct deezer_session *session)
{
	return session->sid;
}

bool
deezer_session_is_fresh(const struct deezer_session *session, int64_t wall_ms)
{
	return wall_ms < session->fresh_until_wall_ms;
}

bool
deezer_session_is_old(const struct deezer_session *session)
{
	return clock_now_ms() >= session->began_ms + OLD_MS;
}

track_quality_set
deezer_session_qualities(const struct deezer_session *session)
{
	track_quality_set set = TRACK_BIT(TRACK_MP3_128);

	if (session->user.has_320)
		set |= TRACK_BIT(TRACK_MP3_320);
	if (session->user.has_flac)
		set |= TRACK_BIT(TRACK_FLAC);
	return set;
}

/* ---- beginning one ---- */

static void
start_free(void *arg)
{
	struct deezer_session_start *start = arg;

	start->magic = 0;
	account_wipe(start->arl);
	account_wipe(start->sid);
	xfree(start);
}

static void
finish(struct deezer_session_start *start, enum err err,
	struct deezer_session *take_session, const char *why)
{
	start->done(start->arg, err, take_session, why);
	loop_later(start->seat->source.loop, start_free, start);
}

/* That an ARL is no good is told by a user who is nobody, and only so: whatever else the
 * gateway says no to may be over in a moment. */
static enum err
err_of_fault(enum deezer_gw_fault fault)
{
	enum err err = deezer_err_of_fault(fault);

	return err == ERR_DENIED || err == ERR_NOT_FOUND ? ERR_PROTOCOL : err;
}

static void ask(struct deezer_session_start *start);

static void
take_ping(struct deezer_session_start *start, const struct deezer_call_answer *answer)
{
	const char *sid = deezer_gw_read_ping(json_member(answer->root, "results"));

	if (answer->fault != DEEZER_GW_WELL) {
		finish(start, err_of_fault(answer->fault), NULL, answer->why);
	} else if (sid == NULL) {
		finish(start, ERR_PROTOCOL, NULL, "the gateway gives no session");
	} else {
		start->sid = xstrdup(sid);
		ask(start);
	}
}

/* The session that was given is over at the gateway, not only its token. */
static bool
ping_instead(struct deezer_session_start *start, enum deezer_gw_fault fault)
{
	if (start->pinged || (fault != DEEZER_GW_NOBODY && fault != DEEZER_GW_STALE))
		return false;
	account_wipe(start->sid);
	start->sid = NULL;
	ask(start);
	return true;
}

static void
take_user(struct deezer_session_start *start, const struct deezer_call_answer *answer)
{
	struct deezer_gw_user user = { 0 };

	if (ping_instead(start, answer->fault))
		return;
	if (answer->fault != DEEZER_GW_WELL) {
		finish(start, err_of_fault(answer->fault), NULL, answer->why);
	} else if (!deezer_gw_read_user(&user, json_member(answer->root, "results"))) {
		finish(start, ERR_PROTOCOL, NULL, "the gateway says nothing of the user");
	} else if (user.anonymous) {
		finish(start, ERR_DENIED, NULL, "the ARL is not or no longer good");
	} else {
		finish(start, ERR_NONE, session_new(start->sid, &user), NULL);
	}
}

static void
on_answer(void *arg, const struct deezer_call_answer *answer)
{
	struct deezer_session_start *start = CAST(arg, START_MAGIC);

	start->call = NULL;
	if (answer->err != ERR_NONE)
		finish(start, answer->err, NULL, answer->why);
	else if (start->sid == NULL)
		take_ping(start, answer);
	else
		take_user(start, answer);
}

static void
ask(struct deezer_session_start *start)
{
	struct text url, cookie;

	text_init(&url);
	text_init(&cookie);
	start->pinged = start->pinged || start->sid == NULL;
	deezer_gw_url(&url, start->seat->deezer->gateway_url,
		start->sid == NULL ? "deezer.ping" : "deezer.getUserData", "");
	deezer_gw_cookie(&cookie, start->arl, start->sid);
	const struct deezer_call_request request = {
		.url = text_get(&url), .cookie = text_get(&cookie), .end_ms = start->end_ms
	};
	start->call = deezer_call_start(start->seat, &request, on_answer, start);
	text_fini(&url);
	deezer_wipe_text(&cookie);
}

struct deezer_session_start *
deezer_session_start(struct deezer_seat *seat, const char *arl, const char *sid,
	int64_t end_ms,
	void (*done)(void *arg, enum err err, struct deezer_session *take_session,
		const char *why),
	void *arg)
{
	struct deezer_session_start *start = xcalloc(1, sizeof *start);

	start->magic = START_MAGIC;
	start->seat = seat;
	start->arl = xstrdup(arl);
	start->sid = xstrdup_or_null(sid);
	start->end_ms = end_ms;
	start->done = done;
	start->arg = arg;
	ask(start);
	return start;
}

void
deezer_session_cancel(struct deezer_session_start *start)
{
	if (start->call != NULL)
		deezer_call_cancel(start->call);
	loop_later(start->seat->source.loop, start_free, start);
}
