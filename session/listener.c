#include "session/listener.h"

#include <string.h>

#include "core/clock.h"
#include "core/crypto.h"
#include "core/json.h"
#include "core/log.h"
#include "session/metrics.h"
#include "session/playing_body.h"

#define LISTENER_MAGIC 0x6c73746eu

enum {
	RETRY_LEAST_MS = 500,
	RETRY_MOST_MS = 30 * 1000,
	RESTORE_SPREAD_MS = 2000,
};

const struct play_session_key *
listener_key(const struct listener *listener)
{
	return injected_key(listener->injected);
}

static const struct play *
find_play(const struct listener *listener, bool external)
{
	return tracker_find_in_session(
		listener->options->tracker, listener_key(listener), external);
}

static void
wake(struct listener *listener)
{
	timer_start(&listener->wake, 0);
}

static int64_t
random_below(int64_t most)
{
	uint32_t number;

	crypto_random(&number, sizeof number);
	return (int64_t)(number % (uint64_t)most);
}

/* ---- what to tell ---- */

static struct playing_view
view_of(const struct listener *listener, int64_t now_ms)
{
	const struct play *play = find_play(listener, true);
	struct playing_view view = { .calling = listener->call != NULL,
		.down = !listener->options->healthy || now_ms < listener->not_before_ms,
		.native = find_play(listener, false) != NULL,
		.told_id = listener->told.play_id,
		.announced_id = listener->announced_id,
		.rejected_id = listener->rejected_id,
		.capabilities_known = listener->capabilities_known,
		.capabilities_told = listener->capabilities_told,
		.restate = listener->restate,
		.since_told_ms = now_ms - listener->told.at_ms };

	view.replaced =
		view.native || tracker_device_has_other_user(
				       listener->options->tracker, listener_key(listener));
	if (play != NULL) {
		struct playing_told now = playing_told_of(play, now_ms);
		view.play_id = play->id;
		view.changed = playing_told_differs(&listener->told, &now);
		view.reported = play->last.received_ms > listener->told.at_ms;
	}
	return view;
}

/* ---- telling ---- */

static void
identity_of(struct identity *identity, const struct play_report *report)
{
	*identity = (struct identity){ 0 };
	copy_text(identity->token, sizeof identity->token, report->token);
	copy_text(identity->client, sizeof identity->client, report->key.client);
	copy_text(identity->device, sizeof identity->device, report->device);
	copy_text(identity->device_id, sizeof identity->device_id, report->key.device_id);
	copy_text(identity->version, sizeof identity->version, report->version);
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
		break;
	case PLAYING_PROGRESS:
		listener->told = listener->telling;
		break;
	case PLAYING_STOPPED:
		listener->told.play_id = 0;
		break;
	case PLAYING_RESTATE:
		listener->restate = false;
		return;
	case PLAYING_NOTHING:
	case PLAYING_LOOK:
	case PLAYING_WITHDRAW:
		return;
	}
	/* It began while our call was under way, which may have arrived after it. */
	if (listener->step != PLAYING_CAPABILITIES && find_play(listener, false) != NULL)
		listener->restate = true;
}

/* Jellyfin will never take it: once is enough. */
static void
on_rejected(struct listener *listener)
{
	log_warn("report_rejected", LOG_TEXT("client", listener_key(listener)->client),
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
	int64_t delay_ms = RETRY_LEAST_MS;

	for (int i = 0; i < listener->failures && delay_ms < RETRY_MOST_MS; i++)
		delay_ms *= 2;
	if (delay_ms > RETRY_MOST_MS)
		delay_ms = RETRY_MOST_MS;
	listener->failures++;
	listener->not_before_ms =
		clock_now_ms() + delay_ms + random_below(delay_ms / 4 + 1);
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
		if (listener->options->tokens != NULL)
			token_drop(listener->options->tokens,
				injected_identity(listener->injected)->token);
		injected_refuse(listener->injected);
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
	wake(listener);
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
	listener->call = jellyfin_post(listener->options->jellyfin, kind,
		injected_identity(listener->injected), body, size, on_called, listener);
}

static void
tell_play(struct listener *listener, enum jellyfin_call_kind kind, int64_t now_ms)
{
	const struct play *play = find_play(listener, true);
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
	struct text body = { 0 };

	playing_body_stopped(
		&body, listener->ended_position_ms, listener->ended_play_session_id);
	post(listener, JELLYFIN_STOPPED, text_get(&body), body.size);
	text_fini(&body);
}

static void
restate_native(struct listener *listener, int64_t now_ms)
{
	struct text body = { 0 };

	playing_body_of_native(&body, find_play(listener, false), now_ms);
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

static void
take_step(struct listener *listener, enum playing_step step, int64_t now_ms)
{
	if (step == PLAYING_NOTHING)
		return; /* a call may be under way */
	listener->step = step;
	switch (step) {
	case PLAYING_NOTHING:
		break;
	case PLAYING_LOOK:
		listener->call = jellyfin_look(listener->options->jellyfin,
			injected_identity(listener->injected), on_looked, listener);
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
		wake(listener);
		break;
	case PLAYING_RESTATE:
		restate_native(listener, now_ms);
		break;
	}
}

/* ---- the pump ---- */

/* Nothing plays, nothing is to be said. */
static bool
is_idle(const struct listener *listener)
{
	enum injected_state state = injected_state(listener->injected);

	if (listener->call != NULL)
		return false;
	if (state == INJECTED_CLOSED)
		return true;
	return state == INJECTED_IDLE && listener->told.play_id == 0 &&
	       !listener->restate && injected_client_sockets(listener->injected) == 0;
}

static void
keep_session(struct listener *listener)
{
	const struct play *play = find_play(listener, true);
	struct identity identity;

	if (play == NULL) {
		listener->restate = listener->restate && find_play(listener, false) != NULL;
		injected_release(listener->injected);
		injected_review(listener->injected);
		return;
	}
	identity_of(&identity, &play->last);
	injected_want(listener->injected, &identity);
}

static void
on_wake(void *arg)
{
	struct listener *listener = CAST(arg, LISTENER_MAGIC);
	int64_t now_ms = clock_now_ms();
	int64_t wait_ms;

	if (injected_state(listener->injected) == INJECTED_CLOSED) {
		tracker_end_session(listener->options->tracker, listener_key(listener));
	} else {
		keep_session(listener);
		struct playing_view view = view_of(listener, now_ms);
		enum playing_step step = playing_next(&view, &wait_ms);
		take_step(listener, step, now_ms);
		if (step == PLAYING_NOTHING && wait_ms < 0 &&
			now_ms < listener->not_before_ms)
			wait_ms = listener->not_before_ms - now_ms;
		if (step == PLAYING_NOTHING && wait_ms >= 0)
			timer_start(&listener->wake, wait_ms);
	}
	if (is_idle(listener))
		listener->options->on_idle(listener->options->on_idle_arg, listener);
}

/* ---- what the session says ---- */

/* Jellyfin shows nothing of ours any more; a report under way may have come before that.
 */
static void
forget_told(struct listener *listener)
{
	listener->told.play_id = 0;
	listener->forgotten = listener->call != NULL;
}

/* What we hold is posted again; what only Jellyfin held is looked for again. */
static void
forget_capabilities(struct listener *listener)
{
	listener->capabilities_told = false;
	if (listener->found_posted && listener->capabilities == NULL)
		listener->capabilities_known = false;
}

/* Nobody watches the session for us from here on: Jellyfin is asked again before the next
 * play. */
static void
doubt_capabilities(struct listener *listener)
{
	listener->capabilities_told = false;
	listener->capabilities_known = false;
}

static bool
native_plays(void *arg)
{
	const struct listener *listener = CAST(arg, LISTENER_MAGIC);

	return find_play(listener, false) != NULL ||
	       tracker_device_has_other_user(
		       listener->options->tracker, listener_key(listener));
}

static void
on_wiped(void *arg, bool restarted)
{
	struct listener *listener = CAST(arg, LISTENER_MAGIC);

	forget_told(listener);
	listener->restate = find_play(listener, false) != NULL;
	/* It may have restarted so fast that nobody saw it away. */
	if (restarted)
		forget_capabilities(listener);
	wake(listener);
}

static void
on_command(void *arg, const struct socket_message *message)
{
	struct listener *listener = CAST(arg, LISTENER_MAGIC);
	const struct listener_options *options = listener->options;
	bool stop = message->kind == SOCKET_PLAYSTATE &&
		    text_equal_ci(message->command, "Stop");
	bool obeyed = stop && options->on_stop_command != NULL;

	log_info("command_came", LOG_TEXT("client", listener_key(listener)->client),
		LOG_TEXT("command", message->command),
		LOG_TEXT("result", obeyed ? "obeyed" : "undeliverable"));
	if (obeyed) {
		options->on_stop_command(
			options->on_stop_command_arg, listener_key(listener));
		tracker_end_session(options->tracker, listener_key(listener));
		return;
	}
	metric_add(&session_metric_undeliverable, 1);
	listener->undeliverable++;
	copy_text(listener->last_undeliverable, sizeof listener->last_undeliverable,
		message->command);
}

static void
on_state_changed(void *arg, enum injected_state state)
{
	struct listener *listener = CAST(arg, LISTENER_MAGIC);

	if (state == INJECTED_IDLE)
		doubt_capabilities(listener);
	wake(listener);
}

const struct injected_ops listener_injected_ops = {
	.native_plays = native_plays,
	.wiped = on_wiped,
	.command = on_command,
	.changed = on_state_changed,
};

/* ---- what happens ---- */

void
listener_play_changed(
	struct listener *listener, const struct play *play, enum play_change change)
{
	if (change == PLAY_ENDED && play->last.item.external) {
		listener->ended_position_ms = play->position_ms;
		copy_text(listener->ended_play_session_id,
			sizeof listener->ended_play_session_id, play->last.play_session_id);
	}
	if (change == PLAY_OVERWRITTEN)
		forget_told(listener);
	wake(listener);
}

void
listener_review(struct listener *listener)
{
	wake(listener);
}

void
listener_client_socket(struct listener *listener, enum client_socket what)
{
	injected_client_socket(listener->injected, what);
	wake(listener);
}

void
listener_set_capabilities(struct listener *listener, const char *full_json)
{
	xfree(listener->capabilities);
	listener->capabilities = xstrdup(full_json);
	listener->capabilities_known = true;
	listener->capabilities_told = true; /* by the client itself */
}

void
listener_restore(struct listener *listener)
{
	if (injected_state(listener->injected) == INJECTED_IDLE) {
		doubt_capabilities(listener);
		return;
	}
	forget_told(listener);
	listener->restate = false;
	listener->failures = 0;
	forget_capabilities(listener);
	listener->not_before_ms = clock_now_ms() + random_below(RESTORE_SPREAD_MS);
	injected_retry_soon(listener->injected);
	wake(listener);
}

/* ---- life ---- */

struct listener *
listener_new(const struct listener_options *options, const struct play_session_key *key)
{
	struct listener *listener = xcalloc(1, sizeof *listener);

	listener->magic = LISTENER_MAGIC;
	listener->options = options;
	listener->injected = injected_new(options->injected, key, listener);
	timer_init(&listener->wake, options->loop, on_wake, listener);
	return listener;
}

void
listener_stop(struct listener *listener)
{
	timer_stop(&listener->wake);
	if (listener->call != NULL)
		jellyfin_cancel(listener->call);
	listener->call = NULL;
	injected_free(listener->injected);
	listener->injected = NULL;
}

void
listener_free(struct listener *listener)
{
	xfree(listener->capabilities);
	listener->magic = 0;
	xfree(listener);
}

/* ---- asking ---- */

int
listener_client_sockets(const struct listener *listener)
{
	return injected_client_sockets(listener->injected);
}

enum injected_state
listener_state(const struct listener *listener)
{
	return injected_state(listener->injected);
}

json_t *
listener_json_new(const struct listener *listener)
{
	const struct play_session_key *key = listener_key(listener);
	const struct play *play = find_play(listener, true);
	json_t *json = json_object();

	json_put_text(json, "client", key->client);
	json_put_text(json, "deviceId", key->device_id);
	json_put_text(json, "userId", key->user_id);
	json_put_text(json, "device", injected_identity(listener->injected)->device);
	json_put_text(
		json, "state", injected_state_name(injected_state(listener->injected)));
	json_put_text(json, "socket", injected_socket_name(listener->injected));
	json_put_int(json, "clientSockets", injected_client_sockets(listener->injected));
	json_put_bool(json, "remoteControl", listener_client_sockets(listener) > 0);
	json_put_bool(json, "shown", listener->told.play_id != 0);
	if (play != NULL)
		json_put_int(json, "play", (int64_t)play->id);
	json_put_int(json, "failures", listener->failures);
	json_put_int(json, "undeliverable", listener->undeliverable);
	if (listener->undeliverable > 0)
		json_put_text(json, "lastUndeliverable", listener->last_undeliverable);
	return json;
}
