#include "session/feed_socket.h"

#include <string.h>

#include "core/clock.h"
#include "core/log.h"
#include "session/metrics.h"
#include "session/retry_delay.h"

#define FEED_SOCKET_MAGIC 0x6664736bu

enum {
	MAX_PUSH = 32 * 1024 * 1024,
	KEEP_ALIVE_MS = 30 * 1000, /* until the server has said */
};

/* From the start, and at most every 1.5 s for what is no playback. */
#define SUBSCRIBE   "{\"MessageType\":\"SessionsStart\",\"Data\":\"0,1500\"}"
#define UNSUBSCRIBE "{\"MessageType\":\"SessionsStop\"}"
#define KEEP_ALIVE  "{\"MessageType\":\"KeepAlive\"}"

struct feed_socket {
	unsigned magic;
	struct feed_socket_options options;
	bool wanted;
	struct outgoing_socket *socket; /* NULL: none */
	bool open;
	bool told_lost; /* in the log, since it was last open */
	int failures;
	int64_t keep_alive_ms;
	int64_t window_ms; /* when the window of the flood began */
	size_t window_bytes;
	struct timer retry;
	struct timer keep_alive;
	struct timer flood; /* runs while unsubscribed */
};

static void
send_text(struct feed_socket *socket, const char *text)
{
	/* A full queue means a socket that is stuck; its pings will find out. */
	if (!socket->options.sockets.send(socket->socket, text, strlen(text)))
		log_debug(
			"feed_text_not_queued", LOG_TEXT("server", socket->options.server));
}

static void
send_keep_alive(struct feed_socket *socket)
{
	send_text(socket, KEEP_ALIVE);
	timer_start(&socket->keep_alive, socket->keep_alive_ms);
}

static void
on_keep_alive(void *arg)
{
	send_keep_alive(CAST(arg, FEED_SOCKET_MAGIC));
}

static void
on_flood_over(void *arg)
{
	struct feed_socket *socket = CAST(arg, FEED_SOCKET_MAGIC);

	send_text(socket, SUBSCRIBE);
}

static void
forget(struct feed_socket *socket)
{
	if (socket->open)
		metric_add(&session_metric_feed_sockets, -1);
	socket->socket = NULL;
	socket->open = false;
	timer_stop(&socket->keep_alive);
	timer_stop(&socket->flood);
}

static void
on_opened(struct feed_socket *socket)
{
	socket->open = true;
	socket->told_lost = false;
	socket->keep_alive_ms = KEEP_ALIVE_MS;
	socket->window_bytes = 0;
	metric_add(&session_metric_feed_sockets, 1);
	log_info("feed_socket_opened", LOG_TEXT("server", socket->options.server));
	send_text(socket, SUBSCRIBE);
	send_keep_alive(socket);
}

/* Once until it has been open again: it is tried for ever. */
static void
on_lost(struct feed_socket *socket, const char *why)
{
	bool was_open = socket->open;

	forget(socket);
	if (!was_open && socket->options.address_failed != NULL)
		socket->options.address_failed(socket->options.address_arg);
	if (!socket->told_lost)
		log_warn("feed_socket_lost", LOG_TEXT("server", socket->options.server),
			LOG_TEXT("why", why));
	socket->told_lost = true;
	timer_start(&socket->retry, retry_delay_ms(socket->failures++));
}

static void
on_event(void *arg, enum outgoing_event event, const char *text, size_t size)
{
	struct feed_socket *socket = CAST(arg, FEED_SOCKET_MAGIC);

	(void)size;
	if (event == OUTGOING_OPENED)
		on_opened(socket);
	else if (event == OUTGOING_CLOSED)
		on_lost(socket, text);
}

/* ---- what it says ---- */

static void *
read_message(const char *text, size_t size)
{
	struct feed_message *message = feed_message_parse_new(text, size);

	if (message->kind != FEED_MESSAGE_OTHER)
		return message;
	feed_message_free(message);
	return NULL;
}

static void
free_message(void *message)
{
	feed_message_free(message);
}

static void
count_bytes(struct feed_socket *socket, size_t size)
{
	int64_t now_ms = clock_now_ms();

	if (now_ms - socket->window_ms >= FEED_FLOOD_WINDOW_MS) {
		socket->window_ms = now_ms;
		socket->window_bytes = 0;
	}
	socket->window_bytes += size;
	if (socket->window_bytes <= FEED_FLOOD_BYTES || timer_is_started(&socket->flood))
		return;
	log_info("feed_pushes_paused", LOG_TEXT("server", socket->options.server),
		LOG_NUMBER("bytes", socket->window_bytes),
		LOG_NUMBER("pause_ms", FEED_FLOOD_PAUSE_MS));
	send_text(socket, UNSUBSCRIBE);
	timer_start(&socket->flood, FEED_FLOOD_PAUSE_MS);
}

static void
on_message(void *arg, void *read)
{
	struct feed_socket *socket = CAST(arg, FEED_SOCKET_MAGIC);
	const struct feed_message *message = read;

	if (message->kind == FEED_MESSAGE_FORCE_KEEP_ALIVE) {
		socket->failures = 0; /* it is Jellyfin, and it took us */
		socket->keep_alive_ms = message->seconds * 1000 / 2;
		send_keep_alive(socket);
		return;
	}
	metric_add(&session_metric_feed_pushes, 1);
	count_bytes(socket, message->size);
	socket->options.pushed(socket->options.pushed_arg, message->sessions);
}

static const struct outgoing_reader reader = { read_message, free_message, on_message };

/* ---- opening and closing ---- */

static void
open_socket(struct feed_socket *socket)
{
	const struct base_url *base = socket->options.base;
	struct text path = { 0 };
	char address[64];

	if (!socket->options.address(
		    socket->options.address_arg, address, sizeof address)) {
		timer_start(&socket->retry, retry_delay_ms(socket->failures++));
		return;
	}
	text_addf(&path, "%s/socket", base->base);
	const struct outgoing_request request = { .address = address,
		.port = base->port,
		.tls = base->tls,
		.host = base->authority,
		.path = text_get(&path),
		.authorization = socket->options.authorization,
		.reader = &reader,
		.max_text = MAX_PUSH };
	socket->socket = socket->options.sockets.open(
		socket->options.sockets.arg, &request, on_event, socket);
	text_fini(&path);
}

static void
on_retry(void *arg)
{
	open_socket(CAST(arg, FEED_SOCKET_MAGIC));
}

static void
close_socket(struct feed_socket *socket)
{
	timer_stop(&socket->retry);
	if (socket->socket == NULL)
		return;
	socket->options.sockets.close(socket->socket);
	forget(socket);
}

void
feed_socket_want(struct feed_socket *socket, bool wanted)
{
	if (wanted == socket->wanted)
		return;
	socket->wanted = wanted;
	if (wanted)
		open_socket(socket);
	else
		close_socket(socket);
}

const char *
feed_socket_state(const struct feed_socket *socket)
{
	if (socket->socket == NULL)
		return "none";
	if (!socket->open)
		return "opening";
	return timer_is_started(&socket->flood) ? "paused" : "open";
}

/* ---- life ---- */

struct feed_socket *
feed_socket_new(const struct feed_socket_options *options)
{
	struct feed_socket *socket = xcalloc(1, sizeof *socket);

	socket->magic = FEED_SOCKET_MAGIC;
	socket->options = *options;
	timer_init(&socket->retry, options->loop, on_retry, socket);
	timer_init(&socket->keep_alive, options->loop, on_keep_alive, socket);
	timer_init(&socket->flood, options->loop, on_flood_over, socket);
	return socket;
}

void
feed_socket_free(struct feed_socket *socket)
{
	if (socket == NULL)
		return;
	close_socket(socket);
	socket->magic = 0;
	xfree(socket);
}
