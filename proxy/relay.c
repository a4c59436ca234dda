#include "proxy/relay.h"

#include <event2/buffer.h>
#include <event2/event.h>
#include <event2/event_struct.h>

#include "core/log.h"
#include "proxy/metrics.h"
#include "proxy/relay_socket.h"
#include "proxy/upstream_call.h"

enum {
	WORKER_MAGIC = 0x2e1a0001,
	RELAY_MAGIC = 0x2e1a0002,
	SPARE_MAX = 256,
	WAITING_TIMEOUT_MS = 10 * 1000,
	UPSTREAM_IDLE_TIMEOUT_MS = 60 * 1000,
	CLOSE_GOING_AWAY = 1001,
	/* A client that has stalled costs no more than this and one read. Less than what
	 * an exchange takes: a relay can always ask for more. */
	QUEUE_BYTES = 32 * 1024,
};

/* One exchange. Ended ones are kept for the next, so that nothing is freed that may be on
 * the call stack and the buffers stay. */
struct relay {
	unsigned magic;
	struct relay_worker *worker;
	struct exchange *exchange;   /* NULL: over */
	struct relay_socket *socket; /* of an upgrade */
	struct relay_watch watch;
	struct upstream_call call;
	struct text head; /* the answer's, as the client gets it */
	int status;       /* of the head that has been sent; 0 before */
	int client_minor;
	bool close;       /* the connection must end with this answer */
	bool until_close; /* and its end is the end of the body */
	struct splice splice;
	int source; /* descriptors of the splice */
	int sink;
	struct event sink_event; /* the client takes bytes again */
	TAILQ_ENTRY(relay) place;
};

TAILQ_HEAD(relay_list, relay);

struct relay_worker {
	unsigned magic;
	struct loop *loop;
	struct relay_options options;
	struct upstream_pool *pool;
	struct splice_pool *pipes;
	struct relay_socket_list sockets;
	struct relay_list spares;
	size_t spare_count;
	size_t active_count;
};

/* ---- the end ---- */

static void
free_relay(void *arg)
{
	struct relay *relay = CAST(arg, RELAY_MAGIC);

	upstream_call_fini(&relay->call);
	text_fini(&relay->head);
	relay->magic = 0;
	xfree(relay);
}

static void
stop_splice(struct relay *relay)
{
	if (relay->splice.pool == NULL)
		return;
	event_del(&relay->sink_event);
	splice_close(&relay->splice);
}

/* The exchange has been dealt with: tells who watches. The last thing done to a relay. */
static void
end(struct relay *relay, bool complete)
{
	struct relay_worker *worker = relay->worker;
	struct relay_watch watch = relay->watch;
	struct relay_socket *socket = relay->socket;
	int status = relay->status;

	stop_splice(relay);
	upstream_call_cancel(&relay->call);
	relay->exchange = NULL;
	relay->socket = NULL;
	worker->active_count--;
	if (worker->spare_count < SPARE_MAX) {
		TAILQ_INSERT_HEAD(&worker->spares, relay, place);
		worker->spare_count++;
	} else {
		loop_later(worker->loop, free_relay, relay);
	}
	if (socket != NULL)
		relay_socket_refuse(socket);
	if (watch.done != NULL)
		watch.done(watch.arg, status, complete);
}

static void
finish(struct relay *relay)
{
	struct exchange *exchange = relay->exchange;
	bool close = relay->close;

	/* Giving the client back may bring its next request: this relay is over by then. */
	end(relay, true);
	exchange_finish(exchange, close);
}

/* The client must see that the transfer broke. */
static void
abort_relay(struct relay *relay)
{
	struct exchange *exchange = relay->exchange;
	bool reset = relay->until_close;

	end(relay, false);
	exchange_abort(exchange, reset);
}

static void
on_gone(void *arg)
{
	end(CAST(arg, RELAY_MAGIC), false);
}

struct reply {
	int status;
	const char *code, *message;
};

static struct reply
reply_of(enum err err)
{
	if (err == ERR_TIMEOUT)
		return (struct reply){ 504, "jellyfin_timeout",
			"Jellyfin did not answer in time." };
	if (err == ERR_BUSY)
		return (struct reply){ 503, "jellyfin_busy",
			"Too many requests wait for Jellyfin." };
	return (struct reply){ 502, "jellyfin_unreachable",
		"Jellyfin cannot be reached or broke off." };
}

void
relay_reply_error(struct exchange *take_exchange, enum err err)
{
	const struct reply reply = reply_of(err);

	exchange_reply_error(take_exchange, reply.status, reply.code, reply.message);
}

static void
on_failed(void *arg, enum err err, const char *why)
{
	struct relay *relay = CAST(arg, RELAY_MAGIC);
	struct exchange *exchange = relay->exchange;

	metric_add(&proxy_metric_relay_failures, 1);
	log_warn_limited("relay_failed", LOG_NUMBER("exchange", exchange_id(exchange)),
		LOG_SLICE("path", exchange_request(exchange)->path),
		LOG_TEXT("error", err_name(err)), LOG_TEXT("why", why),
		LOG_NUMBER("status", relay->status));
	if (relay->status != 0) {
		abort_relay(relay);
		return;
	}
	relay->status = reply_of(err).status;
	end(relay, false);
	relay_reply_error(exchange, err);
}

/* ---- splicing ---- */

static void
pump(struct relay *relay)
{
	uint64_t taken, sent;
	enum splice_result result = splice_pump(&relay->splice, relay->source, relay->sink,
		relay->call.left, &taken, &sent);

	upstream_call_took(&relay->call, taken);
	exchange_count_sent(relay->exchange, sent);
	metric_add(&proxy_metric_splice_bytes, (int64_t)sent);
	switch (result) {
	case SPLICE_DONE:
		upstream_call_finish(&relay->call);
		finish(relay);
		return;
	case SPLICE_BLOCKED:
		upstream_call_pause(&relay->call, true);
		event_add(&relay->sink_event, NULL);
		exchange_expect_progress(relay->exchange, true);
		return;
	case SPLICE_STARVED:
	case SPLICE_TURN:
		exchange_expect_progress(relay->exchange, false);
		upstream_call_pause(&relay->call, false);
		return;
	case SPLICE_ENDED:
		on_failed(relay, ERR_UNREACHABLE, "Jellyfin broke off amid an answer");
		return;
	case SPLICE_BROKEN:
		abort_relay(relay);
		return;
	case SPLICE_NO_PIPE:
		stop_splice(relay);
		upstream_call_undivert(&relay->call);
		return;
	}
}

static void
on_source_readable(void *arg)
{
	pump(CAST(arg, RELAY_MAGIC));
}

static void
on_sink_writable(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	pump(CAST(arg, RELAY_MAGIC));
}

/* From here on the rest of the body goes through the kernel, if it is worth it. */
static void
try_splice(struct relay *relay)
{
	struct relay_worker *worker = relay->worker;

	if (relay->call.framing != HTTP_FRAMING_LENGTH ||
		relay->call.left < SPLICE_MIN_BYTES || exchange_queued(relay->exchange) > 0)
		return;
	relay->sink = exchange_fd(relay->exchange);
	if (!splice_open(&relay->splice, worker->pipes, relay->sink, relay->call.left))
		return;
	relay->source = upstream_call_divert(&relay->call);
	if (relay->source < 0) {
		splice_close(&relay->splice);
		return;
	}
	event_assign(&relay->sink_event, loop_base(worker->loop), relay->sink, EV_WRITE,
		on_sink_writable, relay);
}

/* ---- the answer ---- */

static void
decide_end(struct relay *relay, const struct http_head *head)
{
	relay->until_close =
		head->framing == HTTP_FRAMING_UNTIL_CLOSE ||
		(head->framing == HTTP_FRAMING_CHUNKED && relay->client_minor == 0);
	relay->close = relay->until_close || exchange_wants_close(relay->exchange);
}

/* Jellyfin speaks WebSocket from here on. */
static void
become_tunnel(struct relay *relay, const char *early, size_t early_size)
{
	struct exchange *exchange = relay->exchange;
	struct relay_socket *socket = relay->socket;
	struct stream *stream = upstream_call_take_stream(&relay->call);

	relay->socket = NULL;
	end(relay, true);
	relay_socket_open(socket, exchange, stream, early, early_size);
}

static void
on_answer(void *arg, const struct http_head *head, char *data, size_t size, bool last)
{
	struct relay *relay = CAST(arg, RELAY_MAGIC);
	bool upgraded = head != NULL && head->status == 101;

	text_clear(&relay->head);
	if (head != NULL) {
		decide_end(relay, head);
		const struct headers_answer answer = { relay->client_minor, relay->close,
			exchange_shown_id(relay->exchange) };
		exchange_heard_upstream(relay->exchange);
		headers_write_answer(&relay->head, head, &answer);
		relay->status = head->status;
		if (head->status == 401 && relay->worker->options.refused != NULL)
			relay->worker->options.refused(
				relay->worker->options.refused_arg, relay->exchange);
		if (relay->watch.answered != NULL)
			relay->watch.answered(relay->watch.arg, head->status);
	}
	exchange_send_raw(relay->exchange, head != NULL ? head->status : 0,
		text_get(&relay->head), relay->head.size, data, upgraded ? 0 : size);
	if (upgraded)
		become_tunnel(relay, data, size);
	else if (last)
		finish(relay);
	else if (exchange_queued(relay->exchange) > QUEUE_BYTES)
		upstream_call_pause(&relay->call, true);
	else
		try_splice(relay);
}

static void
on_drained(void *arg)
{
	struct relay *relay = CAST(arg, RELAY_MAGIC);

	if (relay->splice.pool == NULL && exchange_queued(relay->exchange) <= QUEUE_BYTES)
		upstream_call_pause(&relay->call, false);
}

/* ---- the request ---- */

static const struct upstream_call_handler call_handler = {
	.answer = on_answer,
	.failed = on_failed,
	.readable = on_source_readable,
};

static const struct exchange_owner owner = {
	.gone = on_gone,
	.drained = on_drained,
};

static struct relay *
take_spare(struct relay_worker *worker)
{
	struct relay *relay = TAILQ_FIRST(&worker->spares);

	if (relay != NULL) {
		TAILQ_REMOVE(&worker->spares, relay, place);
		worker->spare_count--;
		return relay;
	}
	relay = xcalloc(1, sizeof *relay);
	relay->magic = RELAY_MAGIC;
	relay->worker = worker;
	upstream_call_init(&relay->call, worker->pool, &call_handler, relay);
	text_init(&relay->head);
	return relay;
}

static void
write_request(struct relay *relay, const struct http_request *request)
{
	struct evbuffer *body = exchange_body_buffer(relay->exchange);
	const struct headers_request head = {
		.method = request->method_name,
		.target = request->target,
		.headers = request->headers,
		.header_count = request->header_count,
		.body_size = body != NULL ? evbuffer_get_length(body) : 0,
		.client = request,
		.upgrade = relay->socket != NULL,
	};

	headers_write_request(
		upstream_call_request(&relay->call), &relay->worker->options.target, &head);
	if (head.body_size > 0)
		evbuffer_add_buffer(upstream_call_body(&relay->call), body);
}

static void
start(struct relay_worker *worker, struct exchange *exchange,
	const struct relay_watch *watch, struct relay_socket *socket)
{
	static const struct relay_watch nobody;
	const struct http_request *request = exchange_request(exchange);
	struct relay *relay = take_spare(worker);

	relay->exchange = exchange;
	relay->socket = socket;
	relay->watch = watch != NULL ? *watch : nobody;
	relay->status = 0;
	relay->client_minor = request->minor;
	relay->close = false;
	relay->until_close = false;
	worker->active_count++;
	metric_add(&proxy_metric_relays, 1);
	exchange_own(exchange, &owner, relay);
	write_request(relay, request);
	const struct upstream_call_options options = {
		.to_head_request = request->method == HTTP_HEAD,
		.repeatable =
			(request->method & (HTTP_GET | HTTP_HEAD | HTTP_OPTIONS)) != 0,
		.upgrade = socket != NULL,
		.dechunk = request->minor == 0,
		.silence_ms = worker->options.upstream_silence_ms,
	};
	upstream_call_start(&relay->call, &options);
}

void
relay_start(struct relay_worker *worker, struct exchange *take_exchange,
	const struct relay_watch *watch)
{
	start(worker, take_exchange, watch, NULL);
}

void
relay_start_socket(struct relay_worker *worker, struct exchange *take_exchange,
	const struct tunnel_owner *tunnel_owner, void *arg)
{
	start(worker, take_exchange, NULL,
		relay_socket_new(&worker->sockets, tunnel_owner, arg));
}

/* ---- the worker ---- */

struct relay_worker *
relay_worker_new(struct loop *loop, const struct relay_options *options)
{
	struct relay_worker *worker = xcalloc(1, sizeof *worker);
	const struct upstream_options upstream = {
		.address = options->address,
		.failed = options->address_failed,
		.address_changes = options->address_changes,
		.address_is_known = options->address_is_known,
		.address_arg = options->address_arg,
		.tls = options->tls,
		.cap = options->upstream_cap,
		.idle_max = options->upstream_idle,
		.connect_timeout_ms = options->upstream_connect_ms,
		.waiting_timeout_ms = WAITING_TIMEOUT_MS,
		.idle_timeout_ms = UPSTREAM_IDLE_TIMEOUT_MS,
	};

	worker->magic = WORKER_MAGIC;
	worker->loop = loop;
	worker->options = *options;
	worker->pool = upstream_pool_new(loop, &upstream);
	worker->pipes = splice_pool_new(options->pipes);
	TAILQ_INIT(&worker->sockets);
	TAILQ_INIT(&worker->spares);
	return worker;
}

void
relay_worker_change(struct relay_worker *worker, const struct relay_changes *changes)
{
	worker->options.target.translate_legacy = changes->translate_legacy;
	worker->options.upstream_connect_ms = changes->upstream_connect_ms;
	worker->options.upstream_silence_ms = changes->upstream_silence_ms;
	upstream_pool_set_connect_timeout(worker->pool, changes->upstream_connect_ms);
}

void
relay_worker_close_tunnels(struct relay_worker *worker)
{
	relay_socket_close_all(&worker->sockets, CLOSE_GOING_AWAY, "going away");
}

/* Behind the laters of tunnels and fetches, which still look at the worker. */
static void
free_worker(void *arg)
{
	struct relay_worker *worker = CAST(arg, WORKER_MAGIC);

	assert(worker->active_count == 0 && TAILQ_EMPTY(&worker->sockets));
	while (!TAILQ_EMPTY(&worker->spares)) {
		struct relay *relay = TAILQ_FIRST(&worker->spares);
		TAILQ_REMOVE(&worker->spares, relay, place);
		free_relay(relay);
	}
	upstream_pool_free(worker->pool);
	splice_pool_free(worker->pipes);
	worker->magic = 0;
	xfree(worker);
}

void
relay_worker_free(struct relay_worker *worker)
{
	if (worker == NULL)
		return;
	assert(worker->magic == WORKER_MAGIC);
	relay_socket_end_all(&worker->sockets);
	loop_later(worker->loop, free_worker, worker);
}

struct upstream_pool *
relay_worker_pool(struct relay_worker *worker)
{
	return worker->pool;
}

const struct relay_options *
relay_worker_options(const struct relay_worker *worker)
{
	return &worker->options;
}
