#include "ws/tunnel.h"

#include <event2/buffer.h>

#include "core/http_exchange.h"
#include "core/stream.h"
#include "ws/frame.h"

enum {
	TUNNEL_MAGIC = 0x70221e01,
	READ_BYTES = 16 * 1024,
	READS_PER_TURN = 4,
	WRITE_PARTS = 8,
	RESUME_BYTES = TUNNEL_QUEUE_BYTES / 4,
	DRAIN_MS = 5000, /* for the last bytes towards Jellyfin */
};

struct tunnel {
	unsigned magic;
	struct loop *loop;
	struct exchange *exchange; /* NULL once the client has left */
	struct stream *stream;     /* NULL once Jellyfin has ended it */
	struct tunnel_owner owner;
	void *arg;
	struct frame_scan from_server;
	struct frame_scan from_client;
	struct text waiting;        /* whole frames of ours for the next boundary */
	struct evbuffer *to_server; /* what Jellyfin has not taken yet */
	bool client_paused;
	bool client_full; /* Jellyfin is not read until the client has drained */
	bool closing;     /* nothing is accepted any more */
	bool told;        /* `closed` is on its way or has been called */
	struct timer drain;
};

/* ---- the end ---- */

static void
free_tunnel(void *arg)
{
	struct tunnel *tunnel = CAST(arg, TUNNEL_MAGIC);

	frame_scan_fini(&tunnel->from_server);
	frame_scan_fini(&tunnel->from_client);
	text_fini(&tunnel->waiting);
	evbuffer_free(tunnel->to_server);
	tunnel->magic = 0;
	xfree(tunnel);
}

static void
tell_closed(void *arg)
{
	struct tunnel *tunnel = CAST(arg, TUNNEL_MAGIC);

	if (tunnel->owner.closed != NULL)
		tunnel->owner.closed(tunnel->arg);
	free_tunnel(tunnel);
}

/* Both sides are gone. */
static void
finish(struct tunnel *tunnel)
{
	timer_stop(&tunnel->drain);
	stream_free(tunnel->stream);
	tunnel->stream = NULL;
	tunnel->closing = true;
	if (tunnel->told)
		return;
	tunnel->told = true;
	loop_later(tunnel->loop, tell_closed, tunnel);
}

/* Jellyfin is gone: the client gets what is queued, then its end. */
static void
end_server_side(struct tunnel *tunnel)
{
	struct exchange *exchange = tunnel->exchange;

	tunnel->exchange = NULL;
	if (exchange != NULL)
		exchange_finish(exchange, true);
	finish(tunnel);
}

/* ---- towards Jellyfin ---- */

static void
want(struct tunnel *tunnel)
{
	bool read = !tunnel->client_full && tunnel->exchange != NULL;

	stream_want(tunnel->stream, read, evbuffer_get_length(tunnel->to_server) > 0);
}

/* False when the connection broke. */
static bool
flush_to_server(struct tunnel *tunnel)
{
	enum stream_result result = STREAM_OK;

	while (result == STREAM_OK && evbuffer_get_length(tunnel->to_server) > 0) {
		struct evbuffer_iovec pieces[WRITE_PARTS];
		struct iovec parts[WRITE_PARTS];
		size_t size;
		int count = evbuffer_peek(tunnel->to_server, -1, NULL, pieces, WRITE_PARTS);
		if (count > WRITE_PARTS)
			count = WRITE_PARTS;
		for (int i = 0; i < count; i++)
			parts[i] = (struct iovec){ pieces[i].iov_base, pieces[i].iov_len };
		result = stream_write(tunnel->stream, parts, count, &size);
		evbuffer_drain(tunnel->to_server, size);
	}
	return result != STREAM_BROKEN;
}

static void
balance_client(struct tunnel *tunnel)
{
	size_t queued = evbuffer_get_length(tunnel->to_server);
	bool pause =
		tunnel->client_paused ? queued > RESUME_BYTES : queued > TUNNEL_QUEUE_BYTES;

	if (tunnel->exchange == NULL || pause == tunnel->client_paused)
		return;
	tunnel->client_paused = pause;
	exchange_pause_input(tunnel->exchange, pause);
}

/* Follows the client's frames; they pass whatever they are. The owner may close the tunnel
 * when it is told of a message: then `data` is gone too. */
static void
follow_client(struct tunnel *tunnel, const char *data, size_t size)
{
	while (size > 0 && !tunnel->closing) {
		size_t used;
		enum frame_event event =
			frame_scan_feed(&tunnel->from_client, data, size, &used);
		data += used;
		size -= used;
		if (event == FRAME_EVENT_TEXT && tunnel->owner.client_message != NULL)
			tunnel->owner.client_message(tunnel->arg,
				text_get(&tunnel->from_client.message),
				tunnel->from_client.message.size);
	}
}

static void
on_input(void *arg, const char *data, size_t size)
{
	struct tunnel *tunnel = CAST(arg, TUNNEL_MAGIC);

	evbuffer_add(tunnel->to_server, data, size);
	follow_client(tunnel, data, size);
	if (tunnel->closing)
		return;
	if (!flush_to_server(tunnel)) {
		end_server_side(tunnel);
		return;
	}
	want(tunnel);
	balance_client(tunnel);
}

static void
on_writable(void *arg)
{
	struct tunnel *tunnel = CAST(arg, TUNNEL_MAGIC);

	if (!flush_to_server(tunnel)) {
		end_server_side(tunnel);
		return;
	}
	if (tunnel->exchange == NULL && evbuffer_get_length(tunnel->to_server) == 0) {
		finish(tunnel);
		return;
	}
	want(tunnel);
	balance_client(tunnel);
}

/* The client left: Jellyfin still gets its last words (a close frame, usually). */
static void
on_gone(void *arg)
{
	struct tunnel *tunnel = CAST(arg, TUNNEL_MAGIC);

	tunnel->exchange = NULL;
	tunnel->closing = true;
	if (!flush_to_server(tunnel) || evbuffer_get_length(tunnel->to_server) == 0) {
		finish(tunnel);
		return;
	}
	timer_start(&tunnel->drain, DRAIN_MS);
	want(tunnel);
}

static void
on_drain_over(void *arg)
{
	finish(CAST(arg, TUNNEL_MAGIC));
}

/* ---- towards the client ---- */

static void
send_to_client(struct tunnel *tunnel, const char *data, size_t size)
{
	if (size > 0)
		exchange_send_raw(tunnel->exchange, 0, NULL, 0, data, size);
}

static void
send_waiting(struct tunnel *tunnel)
{
	send_to_client(tunnel, tunnel->waiting.data, tunnel->waiting.size);
	text_clear(&tunnel->waiting);
}

/* Passes bytes of the server on, with ours at the first boundary among them. */
static void
pass_to_client(struct tunnel *tunnel, const char *data, size_t size)
{
	size_t start = 0;
	size_t at = 0;

	while (at < size) {
		size_t used;
		(void)frame_scan_feed(&tunnel->from_server, data + at, size - at, &used);
		at += used;
		if (tunnel->waiting.size == 0 ||
			!frame_scan_at_boundary(&tunnel->from_server))
			continue;
		send_to_client(tunnel, data + start, at - start);
		send_waiting(tunnel);
		start = at;
	}
	send_to_client(tunnel, data + start, size - start);
	tunnel->client_full = exchange_is_full(tunnel->exchange);
}

static void
on_readable(void *arg)
{
	struct tunnel *tunnel = CAST(arg, TUNNEL_MAGIC);
	char buffer[READ_BYTES];

	for (int i = 0; i < READS_PER_TURN && !tunnel->client_full; i++) {
		size_t size;
		enum stream_result result =
			stream_read(tunnel->stream, buffer, sizeof buffer, &size);
		if (result == STREAM_AGAIN)
			break;
		if (result != STREAM_OK) {
			end_server_side(tunnel);
			return;
		}
		pass_to_client(tunnel, buffer, size);
		if (size < sizeof buffer)
			break;
	}
	want(tunnel);
}

static void
on_drained(void *arg)
{
	struct tunnel *tunnel = CAST(arg, TUNNEL_MAGIC);

	if (tunnel->stream == NULL || !tunnel->client_full)
		return;
	tunnel->client_full = exchange_is_full(tunnel->exchange);
	want(tunnel);
}

bool
tunnel_inject(struct tunnel *tunnel, const char *text, size_t size)
{
	assert(tunnel->magic == TUNNEL_MAGIC);
	if (tunnel->closing || tunnel->from_server.closing || tunnel->from_server.bad ||
		tunnel->waiting.size + size + FRAME_HEAD_MAX > TUNNEL_INJECT_BYTES ||
		exchange_is_full(tunnel->exchange))
		return false;
	frame_build(&tunnel->waiting, FRAME_TEXT, text, size, NULL);
	if (frame_scan_at_boundary(&tunnel->from_server))
		send_waiting(tunnel);
	return true;
}

/* A close frame may go inside a fragmented message, but not inside a frame. */
static bool
may_send_close(const struct frame_scan *scan)
{
	return scan->head_size == 0 && !scan->closing && !scan->bad;
}

void
tunnel_close(struct tunnel *tunnel, uint16_t code, const char *reason)
{
	static const uint8_t mask[4] = { 0x5d, 0x1e, 0x77, 0xac };
	struct text frame;

	assert(tunnel->magic == TUNNEL_MAGIC);
	if (tunnel->closing)
		return;
	text_init(&frame);
	if (may_send_close(&tunnel->from_server)) {
		frame_build_close(&frame, code, reason, NULL);
		send_to_client(tunnel, frame.data, frame.size);
		text_clear(&frame);
	}
	if (may_send_close(&tunnel->from_client)) {
		frame_build_close(&frame, code, reason, mask);
		evbuffer_add(tunnel->to_server, frame.data, frame.size);
		(void)flush_to_server(tunnel);
	}
	text_fini(&frame);
	end_server_side(tunnel);
}

void
tunnel_end(struct tunnel *tunnel)
{
	assert(tunnel->magic == TUNNEL_MAGIC);
	if (tunnel->exchange != NULL)
		exchange_abort(tunnel->exchange, false);
	tunnel->exchange = NULL;
	finish(tunnel);
}

/* ---- life ---- */

static const struct stream_handler stream_side = {
	.readable = on_readable,
	.writable = on_writable,
};

static const struct exchange_owner client_side = {
	.gone = on_gone,
	.drained = on_drained,
	.input = on_input,
};

struct tunnel *
tunnel_start(struct exchange *take_exchange, struct stream *take_stream, const char *early,
	size_t early_size, const struct tunnel_owner *owner, void *arg)
{
	struct tunnel *tunnel = xcalloc(1, sizeof *tunnel);

	tunnel->magic = TUNNEL_MAGIC;
	tunnel->loop = exchange_loop(take_exchange);
	tunnel->exchange = take_exchange;
	tunnel->stream = take_stream;
	tunnel->owner = *owner;
	tunnel->arg = arg;
	frame_scan_init(&tunnel->from_server, 0);
	frame_scan_init(&tunnel->from_client,
		owner->client_message != NULL ? TUNNEL_CLIENT_MESSAGE_BYTES : 0);
	text_init(&tunnel->waiting);
	tunnel->to_server = evbuffer_new();
	timer_init(&tunnel->drain, tunnel->loop, on_drain_over, tunnel);
	exchange_own(take_exchange, &client_side, tunnel);
	stream_set_handler(take_stream, &stream_side, tunnel);
	pass_to_client(tunnel, early, early_size);
	exchange_tunnel(take_exchange);
	want(tunnel);
	return tunnel;
}
