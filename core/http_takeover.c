#include "core/http_takeover.h"

#include <errno.h>
#include <event2/buffer.h>
#include <event2/http_struct.h>
#include <event2/keyvalq_struct.h>
#include <string.h>
#include <sys/socket.h>

#include "core/clock.h"
#include "core/http_check.h"
#include "core/http_refusal.h"
#include "core/http_watch.h"
#include "core/log.h"

enum {
	AHEAD_BYTES = 16 * 1024, /* of later requests, read while an exchange runs */
	SPARE_EXCHANGES = 64,    /* kept for the next requests */
	ID_BLOCK = 1024,
};

struct evbuffer *
exchange_output(const struct exchange *exchange)
{
	return bufferevent_get_output(exchange->connection->buffers);
}

/* ---- memory ---- */

static struct exchange *
take_exchange(struct exchanges *set)
{
	struct exchange *exchange = TAILQ_FIRST(&set->spare);
	struct arena *arena;

	if (exchange != NULL) {
		TAILQ_REMOVE(&set->spare, exchange, place);
		set->spare_count--;
		arena = exchange->arena;
	} else {
		exchange = xmalloc(sizeof *exchange);
		arena = arena_new();
	}
	*exchange = (struct exchange){
		.magic = EXCHANGE_MAGIC,
		.set = set,
		.arena = arena,
		.state = EXCHANGE_ENDED,
		.route = "",
		.user = "",
		.upstream_us = -1,
	};
	return exchange;
}

static void
exchange_free(struct exchange *exchange)
{
	arena_free(exchange->arena);
	exchange->magic = 0;
	xfree(exchange);
}

static void
recycle(struct exchange *exchange)
{
	struct exchanges *set = exchange->set;

	if (set->spare_count >= SPARE_EXCHANGES) {
		exchange_free(exchange);
		return;
	}
	arena_reset(exchange->arena);
	TAILQ_INSERT_HEAD(&set->spare, exchange, place);
	set->spare_count++;
}

static void
recycle_retired(void *arg)
{
	struct exchanges *set = arg;
	struct exchange *exchange;

	while ((exchange = TAILQ_FIRST(&set->retired)) != NULL) {
		TAILQ_REMOVE(&set->retired, exchange, place);
		recycle(exchange);
	}
}

static void
retire(struct exchange *exchange)
{
	struct exchanges *set = exchange->set;

	if (TAILQ_EMPTY(&set->retired))
		loop_later(set->connections->loop, recycle_retired, set);
	TAILQ_INSERT_TAIL(&set->retired, exchange, place);
}

/* ---- ends ---- */

/* The exchange runs no more; its connection is still there, for the caller to deal with. */
static struct connection *
end(struct exchange *exchange, bool aborted)
{
	struct exchanges *set = exchange->set;
	struct connection *connection = exchange->connection;
	size_t unsent = evbuffer_get_length(exchange_output(exchange));

	assert(exchange->state != EXCHANGE_ENDED);
	exchange->state = EXCHANGE_ENDED;
	connection->exchange = NULL;
	TAILQ_REMOVE(&set->running, exchange, place);
	set->count--;
	if (set->on_done != NULL) {
		const struct exchange_summary summary = {
			.id = exchange->id,
			.request = &exchange->request,
			.route = exchange->route,
			.user = exchange->user,
			.status = exchange->status,
			.received_bytes = exchange->received_bytes,
			.sent_bytes = exchange->sent_bytes - unsent,
			.upstream_us = exchange->upstream_us,
			.total_us = clock_now_us() - exchange->began_us,
			.aborted = aborted,
		};
		set->on_done(set->on_done_arg, &summary);
	}
	return connection;
}

static void
give_back(struct exchange *exchange)
{
	struct evhttp_request *evhttp = exchange->evhttp;
	bool close = exchange->close;
	struct connection *connection = end(exchange, false);

	retire(exchange);
	if (close) {
		connection_close(connection);
		return;
	}
	http_watch_next_request(connection);
	evhttp->chunked = 0;                    /* else a last chunk of its own is sent */
	evhttp->flags &= ~EVHTTP_PROXY_REQUEST; /* else absolute form means close */
	evhttp_send_reply_end(evhttp);
}

static void
client_left(struct exchange *exchange)
{
	bool tell = exchange->state == EXCHANGE_RUNNING;
	struct connection *connection = end(exchange, true);

	if (tell) {
		int64_t began_us = clock_now_us();
		exchange->owner->gone(exchange->owner_arg);
		loop_check_slow(connection->set->loop, exchange->route, began_us);
	}
	connection_close(connection);
	retire(exchange);
}

/* The client has taken no byte for too long. */
static void
on_stalled(struct exchange *exchange)
{
	log_info("client_stalled", LOG_NUMBER("exchange", exchange->id),
		LOG_TEXT("route", exchange->route));
	client_left(exchange);
}

void
exchange_break(struct exchange *exchange, bool reset)
{
	struct connection *connection = end(exchange, true);

	if (reset) {
		/* Dissolving the association sends RST; close() would send FIN, which looks
		 * like the end of an answer that ends with the connection. */
		const struct sockaddr none = { .sa_family = AF_UNSPEC };
		if (connect(connection->fd, &none, sizeof none) != 0)
			log_debug("reset_failed", LOG_NUMBER("error", errno));
	}
	connection_close(connection);
	retire(exchange);
}

void
exchange_complete(struct exchange *exchange)
{
	assert(exchange->state == EXCHANGE_RUNNING);
	exchange->state = EXCHANGE_FINISHING;
	if (evbuffer_get_length(exchange_output(exchange)) == 0)
		give_back(exchange);
	else
		exchange_watch(exchange);
}

/* ---- the client's buffers while an exchange runs ---- */

static void
on_read(struct bufferevent *buffers, void *arg)
{
	struct exchange *exchange = CAST(arg, EXCHANGE_MAGIC);
	struct evbuffer *input = bufferevent_get_input(buffers);

	if (!exchange->tunnel) {
		/* Later requests wait; reading goes on only to hear the client leave. */
		if (evbuffer_get_length(input) >= AHEAD_BYTES)
			bufferevent_disable(buffers, EV_READ);
	} else if (exchange->state == EXCHANGE_RUNNING && exchange->owner->input != NULL) {
		int64_t began_us = clock_now_us();
		size_t waiting = evbuffer_get_length(input);
		exchange->owner->input(exchange->owner_arg, input);
		if (exchange->state != EXCHANGE_ENDED)
			exchange->received_bytes += waiting - evbuffer_get_length(input);
		loop_check_slow(
			exchange->set->connections->loop, exchange->route, began_us);
	} else {
		evbuffer_drain(input, evbuffer_get_length(input));
	}
}

/* Called whenever something was written and at most CONNECTION_LOW_BYTES are left. */
static void
on_write(struct bufferevent *buffers, void *arg)
{
	struct exchange *exchange = CAST(arg, EXCHANGE_MAGIC);
	bool empty = evbuffer_get_length(bufferevent_get_output(buffers)) == 0;

	exchange_watch(exchange);
	if (exchange->state == EXCHANGE_FINISHING) {
		if (empty)
			give_back(exchange);
		return;
	}
	if (!empty && !exchange->was_full)
		return;
	exchange->was_full = false;
	if (exchange->owner->drained != NULL) {
		int64_t began_us = clock_now_us();
		exchange->owner->drained(exchange->owner_arg);
		loop_check_slow(
			exchange->set->connections->loop, exchange->route, began_us);
	}
}

static void
on_event(struct bufferevent *buffers, short what, void *arg)
{
	struct exchange *exchange = CAST(arg, EXCHANGE_MAGIC);

	(void)buffers;
	if (exchange->state == EXCHANGE_FINISHING &&
		what == (BEV_EVENT_READING | BEV_EVENT_EOF)) {
		/* It has nothing more to say, which does not mean that it does not read. */
		exchange->close = true;
		return;
	}
	client_left(exchange);
}

void
exchange_watch(struct exchange *exchange)
{
	struct connection *connection = exchange->connection;
	bool queued = evbuffer_get_length(exchange_output(exchange)) > 0;
	/* While a tunnel runs its peer may take its time: TCP tells whether it is there. */
	bool patient = exchange->tunnel && exchange->state == EXCHANGE_RUNNING;
	enum connection_phase phase = CONNECTION_ANSWER;

	if (!patient && (queued || exchange->waits))
		phase = CONNECTION_STALL;
	if (connection->phase != phase)
		connection_enter(connection, phase);
}

/* Drops `size` bytes off the front; returns how many parts are used up. */
static int
skip(struct iovec *parts, int count, size_t size)
{
	int used = 0;

	while (used < count && size >= parts[used].iov_len)
		size -= parts[used++].iov_len;
	if (used < count) {
		parts[used].iov_base = (char *)parts[used].iov_base + size;
		parts[used].iov_len -= size;
	}
	return used;
}

void
exchange_put(struct exchange *exchange, struct iovec *parts, int count)
{
	struct evbuffer *output = exchange_output(exchange);
	struct msghdr message = { .msg_iov = parts, .msg_iovlen = (size_t)count };
	int used = 0;

	assert(exchange->state == EXCHANGE_RUNNING);
	for (int i = 0; i < count; i++)
		exchange->sent_bytes += parts[i].iov_len;
	if (evbuffer_get_length(output) == 0) {
		ssize_t sent = sendmsg(exchange->connection->fd, &message, MSG_NOSIGNAL);
		/* A broken connection reports itself when the queue is written. */
		used = skip(parts, count, sent > 0 ? (size_t)sent : 0);
	}
	if (used == count)
		return;
	for (; used < count; used++)
		evbuffer_add(output, parts[used].iov_base, parts[used].iov_len);
	bufferevent_enable(exchange->connection->buffers, EV_WRITE);
	if (evbuffer_get_length(output) > CONNECTION_HIGH_BYTES)
		exchange->was_full = true;
	exchange_watch(exchange);
}

/* ---- beginnings ---- */

static const struct {
	enum evhttp_cmd_type type;
	enum http_method method;
	const char *name;
} methods[] = {
	{ EVHTTP_REQ_GET, HTTP_GET, "GET" },
	{ EVHTTP_REQ_POST, HTTP_POST, "POST" },
	{ EVHTTP_REQ_HEAD, HTTP_HEAD, "HEAD" },
	{ EVHTTP_REQ_PUT, HTTP_PUT, "PUT" },
	{ EVHTTP_REQ_DELETE, HTTP_DELETE, "DELETE" },
	{ EVHTTP_REQ_OPTIONS, HTTP_OPTIONS, "OPTIONS" },
	{ EVHTTP_REQ_PATCH, HTTP_PATCH, "PATCH" },
};

static void
fill_headers(struct exchange *exchange)
{
	struct http_request *request = &exchange->request;
	struct evkeyval *each;
	struct http_header *headers;
	size_t count = 0;

	TAILQ_FOREACH (each, exchange->evhttp->input_headers, next)
		count++;
	headers = arena_alloc(exchange->arena, (count + 1) * sizeof *headers);
	TAILQ_FOREACH (each, exchange->evhttp->input_headers, next)
		headers[request->header_count++] =
			(struct http_header){ each->key, each->value };
	request->headers = headers;
}

/* "::ffff:192.0.2.1" is how an IPv4 client looks to an IPv6 listener. */
static const char *
plain_address(const char *address)
{
	static const char mapped[] = "::ffff:";

	if (strncmp(address, mapped, sizeof mapped - 1) == 0 &&
		strchr(address, '.') != NULL)
		return address + sizeof mapped - 1;
	return address;
}

/* What evhttp has parsed, as our request; returns why it must be refused, or NULL. */
static const char *
fill(struct exchange *exchange)
{
	struct evhttp_request *evhttp = exchange->evhttp;
	struct http_request *request = &exchange->request;
	const char *target = http_origin_form(evhttp->uri);

	for (size_t i = 0; i < COUNT_OF(methods); i++) {
		if (methods[i].type == evhttp->type) {
			request->method = methods[i].method;
			request->method_name = methods[i].name;
		}
	}
	request->minor = (unsigned char)evhttp->minor;
	request->peer_address = plain_address(evhttp->remote_host);
	request->client_address = request->peer_address;
	request->target = target != NULL ? target : evhttp->uri;
	const char *mark = strchr(request->target, '?');
	request->path = slice_of(request->target);
	if (mark != NULL) {
		request->path.size = (size_t)(mark - request->target);
		request->query_text = slice_of(mark + 1);
	}
	fill_headers(exchange);
	exchange->wants_close = http_wants_close(request);
	return http_check(request, (unsigned char)evhttp->major);
}

static uint64_t
next_id(struct exchanges *set)
{
	if (set->next_id == set->last_id) {
		set->next_id = atomic_fetch_add(
			&set->connections->shared->next_exchange, ID_BLOCK);
		set->last_id = set->next_id + ID_BLOCK;
	}
	return ++set->next_id;
}

static void
run(struct exchange *exchange)
{
	struct exchanges *set = exchange->set;
	struct bufferevent *buffers = exchange->connection->buffers;

	set->on_exchange(set->arg, exchange);
	loop_check_slow(set->connections->loop, exchange->route, exchange->began_us);
	if (exchange->state == EXCHANGE_ENDED)
		return;
	if (exchange->state == EXCHANGE_RUNNING && exchange->owner == NULL) {
		log_error("exchange_forgotten", LOG_NUMBER("exchange", exchange->id),
			LOG_TEXT("route", exchange->route));
		exchange_reply_error(exchange, 500, "internal",
			"The server has forgotten to answer this request.");
		if (exchange->state == EXCHANGE_ENDED)
			return;
	}
	/* In this order: see the top of the header. */
	bufferevent_setcb(buffers, on_read, on_write, on_event, exchange);
	bufferevent_enable(buffers, EV_READ);
}

void
exchanges_on_request(struct evhttp_request *evhttp, void *arg)
{
	struct exchanges *set = arg;
	struct bufferevent *buffers =
		evhttp_connection_get_bufferevent(evhttp_request_get_connection(evhttp));
	struct connection *connection = connections_find(set->connections, buffers);

	if (connection->over) {
		http_refusal_send(
			connection, &http_refusal_busy, evhttp->type != EVHTTP_REQ_HEAD);
		return;
	}
	struct exchange *exchange = take_exchange(set);
	exchange->connection = connection;
	exchange->evhttp = evhttp;
	const char *why = fill(exchange);
	if (why != NULL) {
		recycle(exchange);
		const struct http_refusal refusal = { 400, "bad_request", why };
		http_refusal_send(connection, &refusal, evhttp->type != EVHTTP_REQ_HEAD);
		return;
	}
	exchange->state = EXCHANGE_RUNNING;
	exchange->id = next_id(set);
	exchange->began_us = clock_now_us();
	exchange->received_bytes = evbuffer_get_length(exchange_body_buffer(exchange));
	connection->exchange = exchange;
	connection_enter(connection, CONNECTION_ANSWER);
	TAILQ_INSERT_TAIL(&set->running, exchange, place);
	set->count++;
	run(exchange);
}

/* ---- the set ---- */

void
exchanges_init(struct exchanges *set, struct connections *connections,
	void (*on_exchange)(void *arg, struct exchange *exchange), void *arg)
{
	*set = (struct exchanges){
		.connections = connections,
		.on_exchange = on_exchange,
		.arg = arg,
	};
	TAILQ_INIT(&set->running);
	TAILQ_INIT(&set->retired);
	TAILQ_INIT(&set->spare);
	connections->on_stalled = on_stalled;
}

void
exchanges_end_all(struct exchanges *set)
{
	struct exchange *exchange;

	while ((exchange = TAILQ_FIRST(&set->running)) != NULL)
		client_left(exchange);
}

void
exchanges_fini(struct exchanges *set)
{
	struct exchange *exchange;

	assert(set->count == 0 && TAILQ_EMPTY(&set->retired));
	while ((exchange = TAILQ_FIRST(&set->spare)) != NULL) {
		TAILQ_REMOVE(&set->spare, exchange, place);
		exchange_free(exchange);
	}
}
