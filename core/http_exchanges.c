#include "core/http_exchanges.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include "core/clock.h"
#include "core/http_intake.h"
#include "core/log.h"

enum {
	SPARE_EXCHANGES = 64, /* kept for the next requests */
	ID_BLOCK = 1024,
	ALIGN_ROOM = 32, /* what an arena may lose at the ends of two pieces */
};

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
		.state = EXCHANGE_ARRIVING,
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

	if (http_request_body_clear(&exchange->body, &set->connections->bounds))
		connections_trim(set->connections);
	/* The arena of a tunnel is too small for the next. */
	if (set->spare_count >= SPARE_EXCHANGES || exchange->tunnel) {
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

static void
tell_done(struct exchange *exchange, bool aborted)
{
	struct exchanges *set = exchange->set;
	size_t unsent = connection_queued(exchange->connection);

	if (set->on_done == NULL)
		return;
	if (unsent > exchange->sent_bytes)
		unsent = exchange->sent_bytes; /* an interim answer lies in the queue too */
	const struct exchange_summary summary = {
		.id = exchange->id,
		.request = &exchange->head.request,
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

/* The exchange runs no more; its connection is still there, for the caller to deal with. */
static struct connection *
end(struct exchange *exchange, bool aborted)
{
	struct exchanges *set = exchange->set;
	struct connection *connection = exchange->connection;

	assert(exchange->state == EXCHANGE_RUNNING ||
		exchange->state == EXCHANGE_FINISHING);
	exchange->state = EXCHANGE_ENDED;
	connection->exchange = NULL;
	TAILQ_REMOVE(&set->running, exchange, place);
	set->count--;
	tell_done(exchange, aborted);
	retire(exchange);
	return connection;
}

static void
give_back(struct exchange *exchange)
{
	bool close = exchange->close;
	struct connection *connection = end(exchange, false);

	if (!close)
		http_intake_next(connection);
	else if (connection->more)
		connection_linger(connection);
	else
		connection_close(connection);
}

void
exchange_drop(struct exchange *exchange)
{
	assert(exchange->state == EXCHANGE_ARRIVING);
	exchange->connection->exchange = NULL;
	recycle(exchange);
}

void
exchange_client_left(struct exchange *exchange)
{
	struct exchanges *set = exchange->set;
	bool tell = exchange->state == EXCHANGE_RUNNING;

	if (exchange->state == EXCHANGE_ARRIVING) {
		connection_close(exchange->connection);
		return;
	}
	struct connection *connection = end(exchange, true);
	if (tell) {
		int64_t began_us = clock_now_us();
		exchange->owner->gone(exchange->owner_arg);
		loop_check_slow(set->connections->loop, exchange->route, began_us);
	}
	connection_close(connection);
}

void
exchange_stalled(struct exchange *exchange)
{
	log_info("client_stalled", LOG_NUMBER("exchange", exchange->id),
		LOG_TEXT("route", exchange->route));
	exchange_client_left(exchange);
}

void
exchange_break(struct exchange *exchange, bool reset)
{
	/* close() would send FIN, which looks like the end of an answer that ends with the
	 * connection. */
	const struct linger at_once = { .l_onoff = 1, .l_linger = 0 };
	struct connection *connection = end(exchange, true);

	if (reset && setsockopt(connection->fd, SOL_SOCKET, SO_LINGER, &at_once,
			     sizeof at_once) != 0)
		log_debug("reset_failed", LOG_NUMBER("error", errno));
	connection_close(connection);
}

void
exchange_complete(struct exchange *exchange)
{
	assert(exchange->state == EXCHANGE_RUNNING);
	exchange->state = EXCHANGE_FINISHING;
	if (connection_queued(exchange->connection) == 0)
		give_back(exchange);
	else
		exchange_watch(exchange);
}

/* ---- while it runs ---- */

void
exchange_hear(struct exchange *exchange, const char *data, size_t size)
{
	if (exchange->state != EXCHANGE_RUNNING)
		return;
	int64_t began_us = clock_now_us();
	exchange->received_bytes += size;
	exchange->owner->input(exchange->owner_arg, data, size);
	loop_check_slow(exchange->set->connections->loop, exchange->route, began_us);
}

void
exchange_progressed(struct exchange *exchange)
{
	size_t queued = connection_queued(exchange->connection);

	if (exchange->connection->phase == CONNECTION_STALL)
		connection_touch(exchange->connection);
	if (exchange->state == EXCHANGE_ARRIVING || queued > CONNECTION_LOW_BYTES)
		return;
	if (exchange->state == EXCHANGE_FINISHING) {
		if (queued == 0)
			give_back(exchange);
		return;
	}
	exchange_watch(exchange);
	if (queued > 0 && !exchange->was_full)
		return;
	exchange->was_full = false;
	if (exchange->owner != NULL && exchange->owner->drained != NULL) {
		int64_t began_us = clock_now_us();
		exchange->owner->drained(exchange->owner_arg);
		loop_check_slow(
			exchange->set->connections->loop, exchange->route, began_us);
	}
}

void
exchange_watch(struct exchange *exchange)
{
	struct connection *connection = exchange->connection;
	bool queued = connection_queued(connection) > 0;
	/* While a tunnel runs its peer may take its time: TCP tells whether it is there. */
	bool patient = exchange->tunnel && exchange->state == EXCHANGE_RUNNING;
	enum connection_phase phase = CONNECTION_ANSWER;

	if (!patient && (queued || exchange->waits))
		phase = CONNECTION_STALL;
	else if (connection->heard_end)
		phase = CONNECTION_HALF;
	if (connection->phase != phase)
		connection_enter(connection, phase);
}

void
exchange_put(struct exchange *exchange, struct iovec *parts, int count)
{
	struct connection *connection = exchange->connection;

	assert(exchange->state == EXCHANGE_RUNNING);
	for (int i = 0; i < count; i++)
		exchange->sent_bytes += parts[i].iov_len;
	connection_send(connection, parts, count);
	if (connection->output == NULL)
		return;
	if (connection_queued(connection) > CONNECTION_HIGH_BYTES)
		exchange->was_full = true;
	exchange_watch(exchange);
}

void
exchange_heard_end(struct exchange *exchange)
{
	if (exchange->tunnel && exchange->state == EXCHANGE_RUNNING)
		exchange_client_left(exchange);
	else
		exchange_watch(exchange);
}

void
exchange_probe(struct exchange *exchange)
{
	if (connection_is_broken(exchange->connection)) {
		exchange_client_left(exchange);
		return;
	}
	/* HTTP/1.0 knows no interim answers. */
	if (!exchange->probed && exchange->sent_bytes == 0 &&
		exchange->head.request.minor > 0) {
		exchange->probed = true;
		connection_send_continue(exchange->connection);
	}
	connection_touch(exchange->connection);
}

/* ---- what a long-lived one keeps ---- */

static const char *
move_text(char **to, const char *text)
{
	size_t size = strlen(text) + 1;
	const char *copy = memcpy(*to, text, size);

	*to += size;
	return copy;
}

static size_t
size_of_texts(const struct exchange *exchange)
{
	const struct http_request *request = &exchange->head.request;
	size_t size = strlen(request->target) + strlen(request->client_address) +
		      strlen(exchange->route) + strlen(exchange->user) + 4;

	for (size_t i = 0; i < request->header_count; i++)
		size += strlen(request->headers[i].name) +
			strlen(request->headers[i].value) + 2;
	return size;
}

static void
free_arena(void *arg)
{
	arena_free(arg);
}

void
exchange_shed(struct exchange *exchange)
{
	struct http_request *request = &exchange->head.request;
	size_t headers_size = request->header_count * sizeof *request->headers;
	size_t texts_size = size_of_texts(exchange);
	struct arena *arena = arena_new_for(headers_size + texts_size + ALIGN_ROOM);
	struct http_header *headers = arena_alloc(arena, headers_size);
	char *to = arena_alloc(arena, texts_size);

	for (size_t i = 0; i < request->header_count; i++) {
		headers[i].name = move_text(&to, request->headers[i].name);
		headers[i].value = move_text(&to, request->headers[i].value);
	}
	const char *target = move_text(&to, request->target);
	if (request->query_text.data != NULL)
		request->query_text.data =
			target + (request->query_text.data - request->target);
	request->path.data = target;
	request->target = target;
	request->headers = headers;
	request->client_address = move_text(&to, request->client_address);
	exchange->route = move_text(&to, exchange->route);
	exchange->user = move_text(&to, exchange->user);
	exchange->query_parsed = false;
	loop_later(exchange->set->connections->loop, free_arena, exchange->arena);
	exchange->arena = arena;
}

/* ---- beginnings ---- */

struct exchange *
exchange_new(struct connection *connection)
{
	struct exchange *exchange = take_exchange(connection->set->exchanges);

	exchange->connection = connection;
	exchange->head.request.peer_address = connection->address;
	exchange->head.request.client_address = connection->address;
	connection->exchange = exchange;
	return exchange;
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

void
exchange_run(struct exchange *exchange)
{
	struct exchanges *set = exchange->set;

	assert(exchange->state == EXCHANGE_ARRIVING);
	exchange->state = EXCHANGE_RUNNING;
	exchange->id = next_id(set);
	exchange->began_us = clock_now_us();
	exchange->received_bytes = (uint64_t)exchange->body.received;
	connection_enter(exchange->connection, CONNECTION_ANSWER);
	TAILQ_INSERT_TAIL(&set->running, exchange, place);
	set->count++;
	set->on_exchange(set->arg, exchange);
	loop_check_slow(set->connections->loop, exchange->route, exchange->began_us);
	if (exchange->state == EXCHANGE_RUNNING && exchange->owner == NULL) {
		log_error("exchange_forgotten", LOG_NUMBER("exchange", exchange->id),
			LOG_TEXT("route", exchange->route));
		exchange_reply_error(exchange, 500, "internal",
			"The server has forgotten to answer this request.");
	}
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
	connections->exchanges = set;
}

void
exchanges_end_all(struct exchanges *set)
{
	struct exchange *exchange;

	while ((exchange = TAILQ_FIRST(&set->running)) != NULL)
		exchange_client_left(exchange);
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
