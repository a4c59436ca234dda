#include "core/http_exchange.h"

#include <event2/buffer.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "core/clock.h"
#include "core/http_answer.h"
#include "core/http_exchanges.h"
#include "core/http_intake.h"
#include "core/json.h"
#include "core/log.h"

enum {
	/* A tunnel lives until its peer is gone: TCP finds out within two minutes. */
	KEEPALIVE_IDLE_S = 60,
	KEEPALIVE_INTERVAL_S = 15,
	KEEPALIVE_COUNT = 4,
};

/* ---- the request ---- */

const struct http_request *
exchange_request(const struct exchange *exchange)
{
	return &exchange->head.request;
}

const char *
exchange_header(const struct exchange *exchange, const char *name)
{
	for (size_t i = 0; i < exchange->head.request.header_count; i++) {
		if (text_equal_ci(exchange->head.request.headers[i].name, name))
			return exchange->head.request.headers[i].value;
	}
	return NULL;
}

const struct query *
exchange_query(struct exchange *exchange)
{
	if (!exchange->query_parsed) {
		exchange->head.request.query =
			query_parse(exchange->arena, exchange->head.request.query_text);
		exchange->query_parsed = true;
	}
	return &exchange->head.request.query;
}

struct evbuffer *
exchange_body_buffer(struct exchange *exchange)
{
	return exchange->body.buffer;
}

const char *
exchange_body(struct exchange *exchange, size_t *size)
{
	struct evbuffer *buffer = exchange_body_buffer(exchange);

	*size = buffer != NULL ? evbuffer_get_length(buffer) : 0;
	return *size > 0 ? (const char *)evbuffer_pullup(buffer, -1) : "";
}

struct arena *
exchange_arena(struct exchange *exchange)
{
	return exchange->arena;
}

struct loop *
exchange_loop(const struct exchange *exchange)
{
	return exchange->set->connections->loop;
}

uint64_t
exchange_id(const struct exchange *exchange)
{
	return exchange->id;
}

void
exchange_set_route(struct exchange *exchange, const char *route)
{
	exchange->route = arena_strdup(exchange->arena, route);
}

void
exchange_set_user(struct exchange *exchange, const char *user)
{
	exchange->user = arena_strdup(exchange->arena, user);
}

void
exchange_trust_peer(struct exchange *exchange, const char *client_address)
{
	exchange->head.request.peer_trusted = true;
	exchange->head.request.client_address =
		arena_strdup(exchange->arena, client_address);
}

void
exchange_heard_upstream(struct exchange *exchange)
{
	exchange->upstream_us = clock_now_us() - exchange->began_us;
}

uint64_t
exchange_shown_id(const struct exchange *exchange)
{
	return exchange->set->shows_id ? exchange->id : 0;
}

void
exchange_own(struct exchange *exchange, const struct exchange_owner *owner, void *arg)
{
	assert(exchange->state == EXCHANGE_RUNNING && owner->gone != NULL);
	exchange->owner = owner;
	exchange->owner_arg = arg;
}

bool
exchange_wants_close(const struct exchange *exchange)
{
	return exchange->head.wants_close || exchange->set->connections->closing;
}

/* ---- answers of our own making ---- */

/* Writes the head into the set's own text. */
static struct text *
make_head(struct exchange *exchange, int status, const struct http_header *headers,
	size_t header_count, enum http_framing framing, int64_t content_length)
{
	struct connections *connections = exchange->set->connections;
	struct text *head = &connections->text;

	if (exchange_wants_close(exchange) || framing == HTTP_FRAMING_UNTIL_CLOSE)
		exchange->close = true;
	exchange->status = status;
	text_clear(head);
	size_t refused = http_answer_head(
		head, &(struct http_own_answer){
			      .status = status,
			      .date = connections_date(connections),
			      .headers = headers,
			      .header_count = header_count,
			      .framing = framing,
			      .content_length = content_length,
			      .close = exchange->close,
			      .keep_alive = exchange->head.request.minor == 0,
			      .exchange = exchange_shown_id(exchange),
		      });
	if (refused > 0)
		log_warn_limited("headers_refused", LOG_NUMBER("exchange", exchange->id),
			LOG_TEXT("route", exchange->route), LOG_NUMBER("count", refused));
	return head;
}

void
exchange_reply_with(struct exchange *exchange, int status,
	const struct http_header *headers, size_t header_count, const void *body,
	size_t size)
{
	bool has_body = http_status_has_body(status);
	enum http_framing framing = has_body ? HTTP_FRAMING_LENGTH : HTTP_FRAMING_NONE;

	struct text *head =
		make_head(exchange, status, headers, header_count, framing, (int64_t)size);
	struct iovec parts[2] = {
		{ head->data, head->size },
		{ (void *)(uintptr_t)body, size },
	};
	bool send_body = has_body && size > 0 && exchange->head.request.method != HTTP_HEAD;
	exchange_put(exchange, parts, send_body ? 2 : 1);
	exchange_complete(exchange);
}

void
exchange_reply(struct exchange *exchange, int status, const char *content_type,
	const void *body, size_t size)
{
	const struct http_header type = { "Content-Type", content_type };

	exchange_reply_with(
		exchange, status, &type, content_type != NULL ? 1 : 0, body, size);
}

void
exchange_reply_json(struct exchange *exchange, int status, json_t *take_json)
{
	size_t size;
	char *body = json_dump_new(take_json, &size);

	json_decref(take_json);
	exchange_reply(exchange, status, "application/json; charset=utf-8", body, size);
	xfree(body);
}

void
exchange_reply_error(
	struct exchange *exchange, int status, const char *code, const char *message)
{
	struct http_header headers[3] = {
		{ "Content-Type", "application/json; charset=utf-8" },
	};
	size_t count = 1;
	size_t size;
	char *body = http_error_json(code, message, &size);

	if (status == 503)
		headers[count++] = (struct http_header){ "Retry-After", "1" };
	if (exchange_header(exchange, "Origin") != NULL)
		headers[count++] =
			(struct http_header){ "Access-Control-Allow-Origin", "*" };
	exchange_reply_with(exchange, status, headers, count, body, size);
	xfree(body);
}

void
exchange_begin(struct exchange *exchange, int status, const struct http_header *headers,
	size_t header_count, int64_t content_length)
{
	bool has_body = http_status_has_body(status);
	bool is_head = exchange->head.request.method == HTTP_HEAD;
	enum http_framing framing = HTTP_FRAMING_NONE;

	if (has_body && content_length >= 0)
		framing = HTTP_FRAMING_LENGTH;
	else if (has_body && !is_head)
		framing = exchange->head.request.minor == 0 ? HTTP_FRAMING_UNTIL_CLOSE
							    : HTTP_FRAMING_CHUNKED;
	exchange->bodiless = !has_body || is_head;
	exchange->chunked = framing == HTTP_FRAMING_CHUNKED;
	exchange->left = exchange->bodiless ? -1 : content_length;
	struct text *head =
		make_head(exchange, status, headers, header_count, framing, content_length);
	struct iovec part = { head->data, head->size };
	exchange_put(exchange, &part, 1);
}

void
exchange_write(struct exchange *exchange, const void *data, size_t size)
{
	char length[24];
	struct iovec parts[3];
	int count = 0;

	assert(exchange->state == EXCHANGE_RUNNING);
	if (exchange->left >= 0) {
		assert((int64_t)size <= exchange->left);
		if ((int64_t)size > exchange->left)
			size = (size_t)exchange->left;
		exchange->left -= (int64_t)size;
	}
	if (exchange->bodiless || size == 0)
		return;
	if (exchange->chunked) {
		int digits = snprintf(length, sizeof length, "%zx\r\n", size);
		parts[count++] = (struct iovec){ length, (size_t)digits };
	}
	parts[count++] = (struct iovec){ (void *)(uintptr_t)data, size };
	if (exchange->chunked)
		parts[count++] = (struct iovec){ (void *)(uintptr_t) "\r\n", 2 };
	exchange_put(exchange, parts, count);
}

bool
exchange_is_full(const struct exchange *exchange)
{
	return exchange_queued(exchange) > CONNECTION_HIGH_BYTES;
}

/* ---- raw ---- */

void
exchange_send_raw(struct exchange *exchange, int status, const void *head, size_t head_size,
	const void *data, size_t size)
{
	struct iovec parts[2];
	int count = 0;

	if (status != 0)
		exchange->status = status;
	if (head_size > 0)
		parts[count++] = (struct iovec){ (void *)(uintptr_t)head, head_size };
	if (size > 0)
		parts[count++] = (struct iovec){ (void *)(uintptr_t)data, size };
	if (count > 0)
		exchange_put(exchange, parts, count);
}

size_t
exchange_queued(const struct exchange *exchange)
{
	return connection_queued(exchange->connection);
}

int
exchange_fd(const struct exchange *exchange)
{
	return exchange->connection->fd;
}

void
exchange_count_sent(struct exchange *exchange, uint64_t bytes)
{
	exchange->sent_bytes += bytes;
	if (bytes > 0 && exchange->connection->phase == CONNECTION_STALL)
		connection_touch(exchange->connection);
}

void
exchange_expect_progress(struct exchange *exchange, bool expect)
{
	exchange->waits = expect;
	exchange_watch(exchange);
}

void
exchange_tunnel(struct exchange *exchange)
{
	static const struct {
		int level, name, value;
	} options[] = {
		{ SOL_SOCKET, SO_KEEPALIVE, 1 },
		{ IPPROTO_TCP, TCP_KEEPIDLE, KEEPALIVE_IDLE_S },
		{ IPPROTO_TCP, TCP_KEEPINTVL, KEEPALIVE_INTERVAL_S },
		{ IPPROTO_TCP, TCP_KEEPCNT, KEEPALIVE_COUNT },
	};
	assert(exchange->owner != NULL && exchange->owner->input != NULL);
	for (size_t i = 0; i < COUNT_OF(options); i++) {
		if (setsockopt(exchange->connection->fd, options[i].level, options[i].name,
			    &options[i].value, sizeof options[i].value) != 0)
			log_debug("keepalive_failed", LOG_NUMBER("exchange", exchange->id));
	}
	exchange->tunnel = true;
	exchange_shed(exchange);
	exchange->close = true;
	exchange_watch(exchange);
	exchange_pause_input(exchange, false);
}

void
exchange_pause_input(struct exchange *exchange, bool pause)
{
	struct connection *connection = exchange->connection;

	connection_read(connection, !pause && !connection->heard_end);
	if (!pause)
		http_intake_tunnel(connection);
}

/* ---- ends ---- */

void
exchange_finish(struct exchange *exchange, bool close)
{
	assert(exchange->state == EXCHANGE_RUNNING);
	if (exchange->left > 0) {
		log_warn_limited("answer_too_short", LOG_NUMBER("exchange", exchange->id),
			LOG_TEXT("route", exchange->route),
			LOG_NUMBER("missing", exchange->left));
		exchange_break(exchange, false);
		return;
	}
	if (exchange->chunked) {
		struct iovec last = { (void *)(uintptr_t) "0\r\n\r\n", 5 };
		exchange_put(exchange, &last, 1);
	}
	if (close || exchange_wants_close(exchange))
		exchange->close = true;
	exchange_complete(exchange);
}

void
exchange_abort(struct exchange *exchange, bool reset)
{
	assert(exchange->state == EXCHANGE_RUNNING);
	exchange_break(exchange, reset);
}
