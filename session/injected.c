#include "session/injected.h"

#include <string.h>

#include "core/clock.h"
#include "core/crypto.h"
#include "core/log.h"
#include "session/metrics.h"
#include "session/retry_delay.h"

#define INJECTED_MAGIC 0x696e6a65u

enum {
	RETRY_SPREAD_MS = 2000,
	SETTLE_MS = 2000,       /* from a 101 until Jellyfin surely counts that socket */
	CLOSING_MS = 10 * 1000, /* until Jellyfin surely has seen a last socket close */
	UPGRADE_MS = 20 * 1000, /* a client's upgrade that lasts longer hangs */
	DEFAULT_KEEP_ALIVE_MS = 30 * 1000,
};

struct injected {
	unsigned magic;
	const struct injected_options *options;
	void *arg;
	struct play_session_key key;
	char *identity; /* packed; NULL: nothing has played yet */
	enum injected_state state;
	bool wanted;
	int64_t since_wall_ms;          /* of the state */
	int begun;                      /* upgrades of the client under way */
	int64_t begun_ms;               /* when the first of them arrived */
	int connected;                  /* sockets of the client */
	int64_t closed_ms;              /* when the session's last socket was closed */
	struct outgoing_socket *socket; /* ours, NULL: none */
	bool socket_open;
	bool lost;          /* ours was lost since it was last open */
	bool doubted;       /* Jellyfin may yet wipe the session for the former socket */
	bool yielding;      /* the client has one: ours closes when `settle` is over */
	bool native_played; /* when last looked, while lingering */
	int attempts;
	int64_t keep_alive_ms;
	struct timer retry;
	struct timer keep_alive;
	struct timer grace;
	struct timer settle;
};

static const char keep_alive_text[] = "{\"MessageType\":\"KeepAlive\"}";

static struct outgoing_socket *
open_outgoing(void *arg, const struct outgoing_request *request,
	void (*event)(void *arg, enum outgoing_event event, const char *text, size_t size),
	void *event_arg)
{
	return outgoing_open(arg, request, event, event_arg);
}

struct injected_sockets
injected_sockets_of(struct outgoing *outgoing)
{
	return (struct injected_sockets){ open_outgoing, outgoing_send, outgoing_close,
		outgoing };
}

const char *
injected_state_name(enum injected_state state)
{
	static const char *const names[] = { "idle", "opening", "live", "lingering",
		"closed" };
	return names[state];
}

static bool
is_kept(enum injected_state state)
{
	return state != INJECTED_IDLE && state != INJECTED_CLOSED;
}

static void
set_state(struct injected *injected, enum injected_state state)
{
	enum injected_state from = injected->state;

	if (state == from)
		return;
	injected->state = state;
	injected->since_wall_ms = clock_wall_ms();
	if (!is_kept(state))
		injected->attempts = 0; /* nothing is attempted any more */
	metric_add(&session_metric_sessions, is_kept(state) - is_kept(from));
	log_info("session_changed", LOG_TEXT("client", injected->key.client),
		LOG_TEXT("device_id", injected->key.device_id),
		LOG_TEXT("user_id", injected->key.user_id),
		LOG_TEXT("from", injected_state_name(from)),
		LOG_TEXT("to", injected_state_name(state)));
	injected->options->ops->changed(injected->arg, state);
}

/* ---- our socket ---- */

/* One that hangs does not count: Jellyfin drops a socket of ours that is silent for 72 s.
 */
static bool
upgrade_is_under_way(const struct injected *injected)
{
	return injected->begun > 0 && clock_now_ms() - injected->begun_ms < UPGRADE_MS;
}

static bool
is_silent(const struct injected *injected)
{
	return upgrade_is_under_way(injected) || injected->connected > 0;
}

static void
send_keep_alive(struct injected *injected)
{
	if (!injected->socket_open || is_silent(injected))
		return;
	/* A full queue means a socket that is stuck; its pings will find out. */
	if (!injected->options->sockets.send(
		    injected->socket, keep_alive_text, sizeof keep_alive_text - 1))
		log_debug("keep_alive_not_queued",
			LOG_TEXT("device_id", injected->key.device_id));
	timer_start(&injected->keep_alive, injected->keep_alive_ms);
}

static void
on_keep_alive(void *arg)
{
	struct injected *injected = CAST(arg, INJECTED_MAGIC);

	log_debug("session_kept", LOG_TEXT("device_id", injected->key.device_id));
	send_keep_alive(injected);
}

static void
forget_socket(struct injected *injected)
{
	if (injected->socket_open)
		metric_add(&session_metric_sockets, -1);
	injected->socket = NULL;
	injected->socket_open = false;
	timer_stop(&injected->keep_alive);
}

static void
close_socket(struct injected *injected, const char *why)
{
	timer_stop(&injected->retry);
	timer_stop(&injected->settle);
	injected->lost = injected->doubted = injected->yielding = false;
	if (injected->socket == NULL)
		return;
	injected->closed_ms = clock_now_ms();
	log_info("session_socket_closed", LOG_TEXT("client", injected->key.client),
		LOG_TEXT("device_id", injected->key.device_id), LOG_TEXT("why", why));
	injected->options->sockets.close(injected->socket);
	forget_socket(injected);
}

static void review(struct injected *injected);

static void
on_opened(struct injected *injected)
{
	injected->socket_open = true;
	metric_add(&session_metric_sockets, 1);
	log_info("session_socket_opened", LOG_TEXT("client", injected->key.client),
		LOG_TEXT("device_id", injected->key.device_id));
	/* Jellyfin may have noticed the loss of the last one only after we told it. */
	if (injected->lost)
		injected->options->ops->wiped(injected->arg, true);
	injected->lost = false;
	/* The former last socket may still be closing there, and take the session with it.
	 */
	injected->doubted = clock_now_ms() - injected->closed_ms < CLOSING_MS;
	if (injected->doubted)
		timer_start(&injected->settle, SETTLE_MS);
	review(injected);
}

static void
on_text(struct injected *injected, const char *text, size_t size)
{
	struct socket_message message;

	if (!socket_message_parse(&message, text, size))
		return;
	switch (message.kind) {
	case SOCKET_FORCE_KEEP_ALIVE:
		injected->attempts = 0; /* it is Jellyfin, and it took us */
		injected->options->ops->attempted(injected->arg);
		injected->keep_alive_ms = message.seconds * 1000 / 2;
		send_keep_alive(injected);
		break;
	case SOCKET_PLAYSTATE:
	case SOCKET_GENERAL:
	case SOCKET_PLAY:
		injected->options->ops->command(injected->arg, &message);
		break;
	case SOCKET_KEEP_ALIVE:
	case SOCKET_OTHER:
		break;
	}
}

static void
on_lost(struct injected *injected, const char *why)
{
	bool was_open = injected->socket_open;

	forget_socket(injected);
	metric_add(&session_metric_socket_losses, 1);
	log_warn_limited("session_socket_lost", LOG_TEXT("client", injected->key.client),
		LOG_TEXT("device_id", injected->key.device_id), LOG_TEXT("why", why),
		LOG_NUMBER("attempts", injected->attempts));
	if (was_open) {
		injected->lost = true;
		injected->options->ops->wiped(injected->arg, true);
	}
	timer_start(&injected->retry, retry_delay_ms(injected->attempts++));
	injected->options->ops->attempted(injected->arg);
	review(injected);
}

static void
on_event(void *arg, enum outgoing_event event, const char *text, size_t size)
{
	struct injected *injected = CAST(arg, INJECTED_MAGIC);

	switch (event) {
	case OUTGOING_OPENED:
		on_opened(injected);
		break;
	case OUTGOING_TEXT:
		on_text(injected, text, size);
		break;
	case OUTGOING_CLOSED:
		on_lost(injected, text);
		break;
	}
}

static void
open_socket(struct injected *injected)
{
	const struct base_url *jellyfin = injected->options->jellyfin;
	struct text authorization = { 0 };
	struct text path = { 0 };
	struct identity identity;
	char address[64];

	if (!injected->options->address(
		    injected->options->address_arg, address, sizeof address)) {
		timer_start(&injected->retry, retry_delay_ms(injected->attempts++));
		return;
	}
	injected_identity(injected, &identity);
	identity_write_header(&authorization, &identity);
	text_addf(&path, "%s/socket", jellyfin->base);
	struct outgoing_request request = { .address = address,
		.port = jellyfin->port,
		.tls = jellyfin->tls,
		.host = jellyfin->authority,
		.path = text_get(&path),
		.authorization = text_get(&authorization),
		.forwarded_for = identity.address };
	injected->socket = injected->options->sockets.open(
		injected->options->sockets.arg, &request, on_event, injected);
	text_fini(&path);
	text_fini(&authorization);
}

static void
on_retry(void *arg)
{
	review(CAST(arg, INJECTED_MAGIC));
}

/* ---- the state ---- */

/* Ours makes room for the client's, but not before Jellyfin counts that one. */
static void
yield(struct injected *injected)
{
	if (injected->socket == NULL) {
		timer_stop(&injected->retry);
		injected->lost = false;
	} else if (!injected->yielding) {
		injected->yielding = true;
		timer_start(&injected->settle, SETTLE_MS);
	}
}

static void
on_settle(void *arg)
{
	struct injected *injected = CAST(arg, INJECTED_MAGIC);
	bool doubted = injected->doubted;

	if (injected->yielding && injected->connected > 0) {
		close_socket(injected, "the client has its own");
		doubted = true;
	}
	injected->doubted = injected->yielding = false;
	if (doubted)
		injected->options->ops->wiped(injected->arg, false);
	review(injected);
}

/* Opens ours unless there is one, or one of the client's is about to come. */
static void
review_socket(struct injected *injected)
{
	if (injected->socket != NULL || timer_is_started(&injected->retry))
		return;
	if (upgrade_is_under_way(injected))
		timer_start(
			&injected->retry, injected->begun_ms + UPGRADE_MS - clock_now_ms());
	else
		open_socket(injected);
}

static void
review_wanted(struct injected *injected)
{
	bool client_has_one = injected->connected > 0;

	if (client_has_one)
		yield(injected);
	else
		review_socket(injected);
	set_state(injected,
		client_has_one || injected->socket_open ? INJECTED_LIVE : INJECTED_OPENING);
}

/* Lingering is only for the sake of our socket. */
static void
review_lingering(struct injected *injected)
{
	bool native = injected->options->ops->native_plays(injected->arg);

	/* The next native track may be on its way already: a grace for it too. */
	if (native || injected->native_played)
		timer_start(&injected->grace, INJECTED_GRACE_MS);
	if (native && !injected->native_played)
		log_info("session_kept", LOG_TEXT("client", injected->key.client),
			LOG_TEXT("device_id", injected->key.device_id),
			LOG_TEXT("why", "something local plays in it"));
	injected->native_played = native;
	if (injected->connected > 0 && injected->socket != NULL) {
		yield(injected);
		return;
	}
	if (injected->socket_open && timer_is_started(&injected->grace))
		return;
	close_socket(injected, "the listener has gone");
	timer_stop(&injected->grace);
	set_state(injected, INJECTED_IDLE);
}

/* Brings socket and state in line with what is known now. */
static void
review(struct injected *injected)
{
	if (injected->state == INJECTED_CLOSED)
		return;
	if (injected->wanted)
		review_wanted(injected);
	else if (injected->state == INJECTED_LINGERING)
		review_lingering(injected);
}

static void
on_grace(void *arg)
{
	review(CAST(arg, INJECTED_MAGIC));
}

void
injected_introduce(struct injected *injected, const struct identity *identity)
{
	if (injected->identity != NULL &&
		identity_is_packed_as(identity, injected->identity))
		return;
	identity_pack_free(injected->identity);
	injected->identity = identity_pack_new(identity);
}

void
injected_want(struct injected *injected, const struct identity *identity)
{
	injected_introduce(injected, identity);
	injected->wanted = true;
	timer_stop(&injected->grace);
	review(injected);
}

void
injected_release(struct injected *injected)
{
	if (!injected->wanted || injected->state == INJECTED_CLOSED)
		return;
	injected->wanted = false;
	injected->native_played = false;
	timer_start(&injected->grace, INJECTED_GRACE_MS);
	set_state(injected, INJECTED_LINGERING);
	review(injected);
}

void
injected_review(struct injected *injected)
{
	review(injected);
}

static void
on_upgrade_begun(struct injected *injected)
{
	if (injected->begun++ == 0)
		injected->begun_ms = clock_now_ms();
	if (!injected->socket_open || !upgrade_is_under_way(injected))
		return;
	log_info("session_yielded", LOG_TEXT("client", injected->key.client),
		LOG_TEXT("device_id", injected->key.device_id));
	/* Ours speaks on when it hangs. */
	timer_start(&injected->keep_alive, UPGRADE_MS);
}

static void
on_client_closed(struct injected *injected)
{
	bool was_connected = injected->connected > 0;

	if (was_connected)
		injected->connected--;
	else if (injected->begun > 0)
		injected->begun--;
	if (is_silent(injected))
		return;
	if (injected->socket_open) {
		injected->yielding = false;
		send_keep_alive(injected); /* ours speaks on */
		return;
	}
	if (was_connected)
		injected->closed_ms = clock_now_ms();
	if (injected->attempts == 0)
		timer_stop(&injected->retry); /* there is nothing to wait for any more */
	if (!injected->wanted)
		return;
	injected->lost = true;
	injected->options->ops->wiped(injected->arg, true);
}

void
injected_client_socket(struct injected *injected, enum client_socket what)
{
	switch (what) {
	case CLIENT_SOCKET_BEGINS:
		on_upgrade_begun(injected);
		break;
	case CLIENT_SOCKET_OPEN:
		if (injected->begun > 0)
			injected->begun--;
		injected->connected++;
		timer_stop(&injected->keep_alive);
		break;
	case CLIENT_SOCKET_CLOSED:
		on_client_closed(injected);
		break;
	}
	review(injected);
}

void
injected_retry_soon(struct injected *injected)
{
	injected->attempts = 0;
	if (injected->wanted && injected->socket == NULL)
		timer_start(&injected->retry, crypto_random_below(RETRY_SPREAD_MS));
}

void
injected_let_go(struct injected *injected)
{
	injected->wanted = false;
	injected->native_played = false;
	close_socket(injected, "another instance keeps the session");
	timer_stop(&injected->grace);
	if (injected->state != INJECTED_CLOSED)
		set_state(injected, INJECTED_IDLE);
}

void
injected_refuse(struct injected *injected)
{
	injected->wanted = false;
	close_socket(injected, "the token was refused");
	timer_stop(&injected->grace);
	set_state(injected, INJECTED_CLOSED);
}

/* ---- life and asking ---- */

struct injected *
injected_new(const struct injected_options *options, const struct play_session_key *key,
	void *arg)
{
	struct injected *injected = xcalloc(1, sizeof *injected);

	injected->magic = INJECTED_MAGIC;
	injected->options = options;
	injected->arg = arg;
	injected->key = *key;
	injected->keep_alive_ms = DEFAULT_KEEP_ALIVE_MS;
	timer_init(&injected->retry, options->loop, on_retry, injected);
	timer_init(&injected->keep_alive, options->loop, on_keep_alive, injected);
	timer_init(&injected->grace, options->loop, on_grace, injected);
	timer_init(&injected->settle, options->loop, on_settle, injected);
	injected->closed_ms = clock_now_ms() - CLOSING_MS;
	injected->since_wall_ms = clock_wall_ms();
	return injected;
}

void
injected_free(struct injected *injected)
{
	if (injected == NULL)
		return;
	close_socket(injected, "we stop");
	timer_stop(&injected->grace);
	metric_add(&session_metric_sessions, -is_kept(injected->state));
	injected->magic = 0;
	identity_pack_free(injected->identity);
	xfree(injected);
}

enum injected_state
injected_state(const struct injected *injected)
{
	return injected->state;
}

const struct play_session_key *
injected_key(const struct injected *injected)
{
	return &injected->key;
}

void
injected_identity(const struct injected *injected, struct identity *identity)
{
	*identity = (struct identity){ 0 };
	if (injected->identity != NULL)
		identity_unpack(identity, injected->identity);
}

int
injected_attempts(const struct injected *injected)
{
	return injected->attempts;
}

int64_t
injected_since_wall_ms(const struct injected *injected)
{
	return injected->since_wall_ms;
}

int
injected_client_sockets(const struct injected *injected)
{
	return injected->begun + injected->connected;
}

bool
injected_has_socket(const struct injected *injected)
{
	return injected->socket_open;
}

const char *
injected_socket_name(const struct injected *injected)
{
	if (injected->socket == NULL)
		return "none";
	if (!injected->socket_open)
		return "opening";
	return is_silent(injected) ? "silent" : "open";
}
