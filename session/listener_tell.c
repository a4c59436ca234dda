#include "session/listener_tell.h"

#include <string.h>

#include "core/clock.h"
#include "core/log.h"
#include "session/playing_body.h"
#include "session/retry_delay.h"

static void
forget_ended(struct listener *listener)
{
	xfree(listener->ended);
	listener->ended = NULL;
}

static void
on_taken(struct listener *listener)
{
	listener->failures = 0;
	switch (listener->step) {
	case PLAYING_CAPABILITIES:
		listener->capabilities_told = true;
		break;
	case PLAYING_START:
		listener->announced_id = listener->telling.play_id;
		listener->told = listener->telling;
		forget_ended(listener);
		break;
	case PLAYING_PROGRESS:
		listener->told = listener->telling;
		break;
	case PLAYING_STOPPED:
		listener->told.play_id = 0;
		forget_ended(listener);
		break;
	case PLAYING_RESTATE:
		listener->restate = false;
		return;
	case PLAYING_NOTHING:
	case PLAYING_LOOK:
	case PLAYING_WITHDRAW:
		return;
	}
	if (listener->step == PLAYING_CAPABILITIES)
		return;
	listener->answered_ms = clock_now_ms();
	/* It began while our call was under way, which may have arrived after it. */
	if (listener_find_play(listener, false) != NULL)
		listener->restate = true;
}

/* Jellyfin will never take it: once is enough. */
static void
on_rejected(struct listener *listener)
{
	log_warn_limited("report_rejected",
		LOG_TEXT("client", listener_key(listener)->client),
		LOG_TEXT("step", playing_step_name(listener->step)));
	switch (listener->step) {
	case PLAYING_START:
	case PLAYING_PROGRESS:
		listener->rejected_id = listener->telling.play_id;
		listener->told.play_id = 0;
		break;
	case PLAYING_STOPPED:
		listener->told.play_id = 0;
		break;
	case PLAYING_LOOK:
	case PLAYING_CAPABILITIES:
		/* Better none than to overwrite the client's. */
		listener->capabilities_told = true;
		break;
	case PLAYING_RESTATE:
		listener->restate = false;
		break;
	case PLAYING_NOTHING:
	case PLAYING_WITHDRAW:
		break;
	}
}

static void
on_down(struct listener *listener)
{
	listener->not_before_ms = clock_now_ms() + retry_delay_ms(listener->failures++);
}

static void
on_refused(struct listener *listener)
{
	struct identity identity;

	injected_identity(listener->injected, &identity);
	if (listener->options->tokens != NULL)
		token_drop(listener->options->tokens, identity.token);
	injected_refuse(listener->injected);
}

static void
on_called(void *arg, enum jellyfin_outcome outcome)
{
	struct listener *listener = CAST(arg, LISTENER_MAGIC);

	listener->call = NULL;
	switch (outcome) {
	case JELLYFIN_OK:
		on_taken(listener);
		break;
	case JELLYFIN_REFUSED:
		on_refused(listener);
		break;
	case JELLYFIN_WRONG:
		on_rejected(listener);
		break;
	case JELLYFIN_DOWN:
		on_down(listener);
		break;
	}
	if (listener->forgotten)
		listener->told.play_id = 0;
	listener->forgotten = false;
	listener_judge(listener);
	listener_wake(listener);
}

static void
on_looked(void *arg, enum jellyfin_outcome outcome, const struct session_look *look)
{
	struct listener *listener = CAST(arg, LISTENER_MAGIC);

	if (outcome == JELLYFIN_OK) {
		listener->capabilities_known = true;
		listener->found_posted =
			session_look_has_capabilities(look, listener_key(listener));
		listener->capabilities_told = listener->found_posted;
	}
	on_called(arg, outcome);
}

static void
post(struct listener *listener, enum jellyfin_call_kind kind, const char *body, size_t size)
{
	struct identity identity;

	injected_identity(listener->injected, &identity);
	listener->call = jellyfin_post(listener->options->jellyfin, kind, &identity, body,
		size, on_called, listener);
}

static void
look(struct listener *listener)
{
	struct identity identity;

	injected_identity(listener->injected, &identity);
	listener->call =
		jellyfin_look(listener->options->jellyfin, &identity, on_looked, listener);
}

static void
tell_play(struct listener *listener, enum jellyfin_call_kind kind, int64_t now_ms)
{
	const struct play *play = listener_find_play(listener, true);
	struct playing_told telling = playing_told_of(play, now_ms);
	bool with_queue = listener->told.play_id != play->id ||
			  listener->told.queue_hash != telling.queue_hash;
	struct text body = { 0 };

	listener->telling = telling;
	playing_body_of(&body, play, now_ms, listener->options->server_id, with_queue);
	post(listener, kind, text_get(&body), body.size);
	text_fini(&body);
}

static void
tell_stopped(struct listener *listener)
{
	const char *body =
		listener->ended != NULL ? listener->ended : playing_body_stopped_plain();
	post(listener, JELLYFIN_STOPPED, body, strlen(body));
}

static void
restate_native(struct listener *listener, int64_t now_ms)
{
	struct text body = { 0 };

	playing_body_of_native(&body, listener_find_play(listener, false), now_ms);
	post(listener, JELLYFIN_PROGRESS, text_get(&body), body.size);
	text_fini(&body);
}

static void
tell_capabilities(struct listener *listener)
{
	const char *json = listener->capabilities != NULL ? listener->capabilities
							  : playing_body_capabilities();
	post(listener, JELLYFIN_CAPABILITIES, json, strlen(json));
}

void
listener_tell(struct listener *listener, enum playing_step step, int64_t now_ms)
{
	if (step == PLAYING_NOTHING)
		return; /* a call may be under way */
	listener->step = step;
	switch (step) {
	case PLAYING_NOTHING:
		break;
	case PLAYING_LOOK:
		look(listener);
		break;
	case PLAYING_CAPABILITIES:
		tell_capabilities(listener);
		break;
	case PLAYING_START:
		tell_play(listener, JELLYFIN_PLAYING, now_ms);
		break;
	case PLAYING_PROGRESS:
		tell_play(listener, JELLYFIN_PROGRESS, now_ms);
		break;
	case PLAYING_STOPPED:
		tell_stopped(listener);
		break;
	case PLAYING_WITHDRAW:
		listener->told.play_id = 0;
		listener_wake(listener);
		break;
	case PLAYING_RESTATE:
		restate_native(listener, now_ms);
		break;
	}
}
