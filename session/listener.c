#include "session/listener.h"

#include <string.h>

#include "core/clock.h"
#include "core/crypto.h"
#include "core/log.h"
#include "session/listener_tell.h"
#include "session/metrics.h"
#include "session/playing_body.h"

enum {
	RESTORE_SPREAD_MS = 2000,
	FAILING_FROM = 6, /* failures in a row: retries have waited for half a minute */
};

const struct play_session_key *
listener_key(const struct listener *listener)
{
	return injected_key(listener->injected);
}

const struct play *
listener_find_play(const struct listener *listener, bool external)
{
	return tracker_find_in_session(
		listener->options->tracker, listener_key(listener), external);
}

void
listener_wake(struct listener *listener)
{
	timer_start(&listener->wake, 0);
}

/* ---- what to tell ---- */

static struct playing_view
view_of(const struct listener *listener, int64_t now_ms)
{
	const struct play *play = listener_find_play(listener, true);
	struct playing_view view = { .calling = listener->call != NULL,
		.down = listener->options->silent || !listener->options->healthy ||
			now_ms < listener->not_before_ms,
		.native = listener_find_play(listener, false) != NULL,
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

/* ---- the pump ---- */

bool
listener_is_idle(const struct listener *listener)
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
	const struct play *play = listener_find_play(listener, true);
	struct identity identity;

	if (play == NULL) {
		listener->restate =
			listener->restate && listener_find_play(listener, false) != NULL;
		injected_release(listener->injected);
		injected_review(listener->injected);
		return;
	}
	play_report_identity(&identity, &play->last);
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
		listener_tell(listener, step, now_ms);
		if (step == PLAYING_NOTHING && wait_ms < 0 &&
			now_ms < listener->not_before_ms)
			wait_ms = listener->not_before_ms - now_ms;
		if (step == PLAYING_NOTHING && wait_ms >= 0)
			timer_start(&listener->wake, wait_ms);
	}
	if (listener_is_idle(listener)) {
		listener->failures = 0; /* an alert is of what goes on */
		listener_judge(listener);
		listener->options->on_idle(listener->options->on_idle_arg, listener);
	}
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

	return listener_find_play(listener, false) != NULL ||
	       tracker_device_has_other_user(
		       listener->options->tracker, listener_key(listener));
}

static void
on_wiped(void *arg, bool restarted)
{
	struct listener *listener = CAST(arg, LISTENER_MAGIC);

	forget_told(listener);
	listener->restate = listener_find_play(listener, false) != NULL;
	/* It may have restarted so fast that nobody saw it away. */
	if (restarted)
		forget_capabilities(listener);
	listener_wake(listener);
}

static void
note_undelivered(struct listener *listener, const char *command)
{
	metric_add(&session_metric_undeliverable, 1);
	if (listener->undelivered == NULL)
		listener->undelivered = xcalloc(1, sizeof *listener->undelivered);
	struct undelivered *undelivered = listener->undelivered;
	size_t place = (size_t)undelivered->count++ % UNDELIVERED_KEPT;
	undelivered->newest[place].at_wall_ms = clock_wall_ms();
	copy_text(undelivered->newest[place].command,
		sizeof undelivered->newest[place].command, command);
}

static void
on_command(void *arg, const struct socket_message *message)
{
	struct listener *listener = CAST(arg, LISTENER_MAGIC);
	const struct listener_options *options = listener->options;
	const struct play *play = listener_find_play(listener, true);
	bool stop = message->kind == SOCKET_PLAYSTATE &&
		    text_equal_ci(message->command, "Stop");
	bool obeyed = stop && play != NULL && options->on_stop_command != NULL;

	log_info("command_came", LOG_TEXT("client", listener_key(listener)->client),
		LOG_TEXT("command", message->command),
		LOG_TEXT("result", obeyed ? "obeyed" : "undeliverable"));
	if (obeyed) {
		options->on_stop_command(options->on_stop_command_arg, play);
		tracker_stop_session(options->tracker, listener_key(listener));
		return;
	}
	note_undelivered(listener, message->command);
}

static void
on_attempted(void *arg)
{
	listener_judge(CAST(arg, LISTENER_MAGIC));
}

static void
on_state_changed(void *arg, enum injected_state state)
{
	struct listener *listener = CAST(arg, LISTENER_MAGIC);

	if (state == INJECTED_IDLE)
		doubt_capabilities(listener);
	listener_judge(listener);
	listener_wake(listener);
}

const struct injected_ops listener_injected_ops = {
	.native_plays = native_plays,
	.wiped = on_wiped,
	.command = on_command,
	.attempted = on_attempted,
	.changed = on_state_changed,
};

void
listener_judge(struct listener *listener)
{
	const struct play_session_key *key = listener_key(listener);
	bool calls = listener->failures >= FAILING_FROM;
	bool sockets = injected_attempts(listener->injected) >= FAILING_FROM;
	/* A Jellyfin that is away is one alert of its own, not one of each session. */
	bool failing = listener->failing ? calls || sockets
					 : (calls || sockets) && listener->options->healthy;

	if (failing == listener->failing)
		return;
	listener->failing = failing;
	metric_add(&session_metric_failing, failing ? 1 : -1);
	if (failing)
		log_error("session_failing", LOG_TEXT("client", key->client),
			LOG_TEXT("device_id", key->device_id),
			LOG_TEXT("user_id", key->user_id),
			LOG_TEXT("why", calls ? "Jellyfin does not take its reports"
					      : "its socket does not open"));
	else
		log_info("session_recovered", LOG_TEXT("client", key->client),
			LOG_TEXT("device_id", key->device_id));
}

/* ---- what happens ---- */

/* Jellyfin has heard of its start already, so Progress will do, and may show it still, so
 * its end has to be told in any case. Many may be restored at once. */
static void
take_up(struct listener *listener, const struct play *play)
{
	struct identity identity;

	if (!play->last.item.external)
		return;
	play_report_identity(&identity, &play->last);
	injected_introduce(listener->injected, &identity);
	listener->announced_id = play->id;
	listener->told = (struct playing_told){ .play_id = play->id };
	/* A client may have posted them through us while another instance watched. */
	doubt_capabilities(listener);
	timer_start(&listener->wake, crypto_random_below(RESTORE_SPREAD_MS));
}

void
listener_play_changed(
	struct listener *listener, const struct play *play, enum play_change change)
{
	if (change == PLAY_RESTORED) {
		take_up(listener, play);
		return;
	}
	if (change == PLAY_ENDED && play->last.item.external) {
		struct text ended = { 0 };
		playing_body_stopped(&ended, play);
		xfree(listener->ended);
		listener->ended = text_take(&ended);
	}
	/* Its report was on its way to Jellyfin together with ours: whichever came last
	 * counts there. */
	if (change == PLAY_STARTED && !play->last.item.external &&
		play->last.received_ms <= listener->answered_ms)
		listener->restate = true;
	if (change == PLAY_OVERWRITTEN)
		forget_told(listener);
	listener_wake(listener);
}

void
listener_client_socket(struct listener *listener, enum client_socket what)
{
	injected_client_socket(listener->injected, what);
	listener_wake(listener);
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
listener_remember_capabilities(struct listener *listener, const char *full_json)
{
	xfree(listener->capabilities);
	listener->capabilities = xstrdup(full_json);
	doubt_capabilities(listener);
}

void
listener_let_go(struct listener *listener)
{
	if (listener->call != NULL)
		jellyfin_cancel(listener->call);
	listener->call = NULL;
	listener->told.play_id = 0;
	listener->forgotten = false;
	listener->restate = false;
	listener->failures = 0;
	injected_let_go(listener->injected);
	doubt_capabilities(listener);
	listener_judge(listener);
	listener_wake(listener);
}

void
listener_restore(struct listener *listener)
{
	if (injected_state(listener->injected) == INJECTED_IDLE) {
		doubt_capabilities(listener);
		listener_wake(listener); /* an end may have waited for this */
		return;
	}
	/* Perhaps Jellyfin has forgotten nothing: what has ended is still to be told. */
	if (listener_find_play(listener, true) != NULL)
		forget_told(listener);
	listener->restate = false;
	listener->failures = 0;
	forget_capabilities(listener);
	listener->not_before_ms = clock_now_ms() + crypto_random_below(RESTORE_SPREAD_MS);
	injected_retry_soon(listener->injected);
	listener_wake(listener);
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
	metric_add(&session_metric_failing, -listener->failing);
	listener->failing = false;
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
	xfree(listener->undelivered);
	xfree(listener->ended);
	listener->magic = 0;
	xfree(listener);
}

/* ---- asking ---- */

bool
listener_is_lone(const struct listener *listener)
{
	return injected_client_sockets(listener->injected) == 0 &&
	       injected_has_socket(listener->injected);
}

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
