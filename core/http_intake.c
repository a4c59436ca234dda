#include "core/http_intake.h"

#include <string.h>

#include "core/http_exchanges.h"
#include "core/http_metrics.h"
#include "core/http_refusal.h"
#include "core/log.h"
#include "core/proxy_protocol.h"

/* ---- requests ---- */

static void
refuse(struct connection *connection, const struct http_refusal *refusal)
{
	struct exchange *exchange = connection->exchange;
	bool with_body = exchange == NULL || exchange->head.request.method != HTTP_HEAD;

	if (exchange != NULL)
		exchange_drop(exchange);
	http_refusal_send(connection, refusal, with_body);
}

/* `more`: bytes behind the request are there already. */
static void
run(struct exchange *exchange, bool more)
{
	exchange->connection->more = more;
	exchange_run(exchange);
}

/* A head is whole; `more`: bytes behind it are there already. */
static void
take_head(struct connection *connection, const char *data, bool more)
{
	const struct http_request_scan scan = connection->scan;
	size_t size = scan.size - scan.start;
	struct exchange *exchange = exchange_new(connection);
	char *text = arena_alloc(exchange->arena, size);
	struct http_header *headers =
		arena_alloc(exchange->arena, scan.lines * sizeof *headers);

	connection->scan = (struct http_request_scan){ 0 };
	memcpy(text, data + scan.start, size);
	const struct http_refusal *refusal =
		http_request_head_parse(&exchange->head, text, size, headers);
	if (refusal == NULL)
		refusal = http_request_body_begin(
			&exchange->body, &connection->set->bounds, &exchange->head);
	if (refusal != NULL) {
		refuse(connection, refusal);
		return;
	}
	if (http_request_body_is_whole(&exchange->body)) {
		run(exchange, more);
		return;
	}
	connection_enter(connection, CONNECTION_BODY);
	if (exchange->head.expects_continue && !more)
		connection_send_continue(connection);
}

/* A proxy says for whom it passes bytes on. Returns how many were used up, here and below.
 */
static size_t
feed_proxy(struct connection *connection, const char *data, size_t size)
{
	struct proxy_protocol header;

	switch (proxy_protocol_read(&header, data, size)) {
	case HTTP_SCAN_MORE:
		if (connection->phase == CONNECTION_IDLE)
			connection_enter(connection, CONNECTION_HEAD);
		return 0;
	case HTTP_SCAN_BAD:
		metric_add(&http_metric_refusals, 1);
		log_warn_limited(
			"proxy_header_refused", LOG_TEXT("proxy", connection->address));
		connection_close(connection);
		return 0;
	case HTTP_SCAN_DONE:
		break;
	}
	connection->proxied = false;
	connection_enter(connection, CONNECTION_IDLE);
	if (!header.has_client)
		return header.size;
	copy_text(connection->address, sizeof connection->address, header.address);
	if (!connections_admit(connection->set, header.address, &header.socket.any,
		    &connection->origin))
		refuse(connection, &http_refusal_crowd);
	return header.size;
}

static size_t
feed_head(struct connection *connection, const char *data, size_t size)
{
	struct http_request_scan *scan = &connection->scan;

	connection->silent = false;
	switch (http_request_head_find(scan, data, size)) {
	case HTTP_SCAN_MORE:
		if (connection->phase == CONNECTION_IDLE)
			connection_enter(connection, CONNECTION_HEAD);
		return 0;
	case HTTP_SCAN_BAD:
		refuse(connection, scan->refusal);
		return 0;
	case HTTP_SCAN_DONE:
		break;
	}
	size_t used = scan->size;
	take_head(connection, data, used < size);
	return used;
}

static size_t
feed_body(struct connection *connection, char *data, size_t size)
{
	struct exchange *exchange = connection->exchange;
	size_t used;
	const struct http_refusal *refusal = http_request_body_feed(
		&exchange->body, &connection->set->bounds, data, size, &used);

	if (refusal != NULL)
		refuse(connection, refusal);
	else if (http_request_body_is_whole(&exchange->body))
		run(exchange, used < size);
	else
		connection_touch(connection);
	return used;
}

/* Uses what can be used now; returns how much that was. Afterwards the connection may be
 * closed, or CLOSING. */
static size_t
consume(struct connection *connection, char *data, size_t size)
{
	size_t at = 0;
	size_t used = 1;

	while (at < size && used > 0 && connection->fd >= 0) {
		switch (connection->phase) {
		case CONNECTION_IDLE:
		case CONNECTION_HEAD:
			used = connection->proxied
				       ? feed_proxy(connection, data + at, size - at)
				       : feed_head(connection, data + at, size - at);
			break;
		case CONNECTION_BODY:
			used = feed_body(connection, data + at, size - at);
			break;
		default:
			used = 0;
			break;
		}
		at += used;
	}
	return at;
}

/* ---- what is kept ---- */

static bool
is_between_exchanges(const struct connection *connection)
{
	return connection->phase == CONNECTION_IDLE ||
	       connection->phase == CONNECTION_HEAD || connection->phase == CONNECTION_BODY;
}

static void resume(void *arg);

static void
call_resume(struct connection *connection)
{
	if (connection->called)
		return;
	connection->called = true;
	loop_later(connection->set->loop, resume, connection);
}

/* What has arrived is used up as far as it can be. */
static void
settle(struct connection *connection)
{
	connection->more = connection->input.size > 0;
	if (is_between_exchanges(connection)) {
		/* What it has begun to say will not come to an end. */
		if (connection->heard_end)
			connection_close(connection);
		else
			connection_read(connection, true);
	} else if (connection->exchange->tunnel) {
		if (connection->more || connection->heard_end)
			call_resume(connection);
	} else if (connection->input.size >= CONNECTION_AHEAD_BYTES) {
		connection_read(connection, false);
	}
}

/* Uses what has been kept and what has just arrived. */
static void
use(struct connection *connection, char *data, size_t size)
{
	struct text held = connection->input;

	/* It may go while it is being used: the connection must not know it. */
	text_init(&connection->input);
	if (held.size > 0) {
		text_add_bytes(&held, data, size);
		data = held.data;
		size = held.size;
	}
	connection->consuming = true;
	size_t used = consume(connection, data, size);
	connection->consuming = false;
	if (connection->fd < 0 || connection->phase == CONNECTION_CLOSING)
		goto out;
	if (used == 0 && data == held.data) {
		connection->input = held;
		text_init(&held);
	} else if (used < size) {
		text_add_bytes(&connection->input, data + used, size - used);
	}
	settle(connection);
out:
	text_fini(&held);
}

/* ---- the socket is readable ---- */

static void
read_requests(struct connection *connection)
{
	char *scratch = connection->set->scratch;
	ssize_t got = connection_receive(connection, scratch, CONNECTION_READ_BYTES);

	if (got > 0)
		use(connection, scratch, (size_t)got);
	else if (got < 0)
		connection_close(connection);
	else
		connection_read(connection, true);
}

void
http_intake_begin(struct connection *connection)
{
	read_requests(connection);
}

static void
hear_end(struct connection *connection)
{
	if (connection->heard_end)
		exchange_heard_end(connection->exchange);
	else
		exchange_client_left(connection->exchange);
}

static void
read_tunnel(struct connection *connection)
{
	char *scratch = connection->set->scratch;
	ssize_t got = connection_receive(connection, scratch, CONNECTION_READ_BYTES);

	if (got > 0)
		exchange_hear(connection->exchange, scratch, (size_t)got);
	else if (got < 0)
		hear_end(connection);
}

/* Later requests wait; reading goes on to hear the client leave. */
static void
read_ahead(struct connection *connection)
{
	char *scratch = connection->set->scratch;
	size_t room = CONNECTION_AHEAD_BYTES - connection->input.size;
	ssize_t got = connection_receive(connection, scratch, room);

	if (got < 0) {
		hear_end(connection);
		return;
	}
	text_add_bytes(&connection->input, scratch, (size_t)got);
	if (got > 0)
		settle(connection);
}

static void
read_to_the_end(struct connection *connection)
{
	char *scratch = connection->set->scratch;

	if (connection_receive(connection, scratch, CONNECTION_READ_BYTES) >= 0)
		return;
	if (connection->said_end || !connection->heard_end)
		connection_close(connection);
}

void
http_intake_read(struct connection *connection)
{
	switch (connection->phase) {
	case CONNECTION_IDLE:
	case CONNECTION_HEAD:
	case CONNECTION_BODY:
		read_requests(connection);
		break;
	case CONNECTION_ANSWER:
	case CONNECTION_STALL:
	case CONNECTION_HALF:
		if (connection->exchange->tunnel)
			read_tunnel(connection);
		else
			read_ahead(connection);
		break;
	case CONNECTION_CLOSING:
		read_to_the_end(connection);
		break;
	case CONNECTION_PHASES:
		break;
	}
}

/* ---- later ---- */

static void
resume_tunnel(struct connection *connection)
{
	struct text held = connection->input;

	text_init(&connection->input);
	if (held.size > 0)
		exchange_hear(connection->exchange, held.data, held.size);
	text_fini(&held);
	if (connection->fd >= 0 && connection->exchange != NULL && connection->heard_end)
		exchange_heard_end(connection->exchange);
}

static void
resume(void *arg)
{
	struct connection *connection = CAST(arg, CONNECTION_MAGIC);
	struct exchange *exchange = connection->exchange;

	connection->called = false;
	if (connection->fd < 0)
		return;
	if (is_between_exchanges(connection))
		use(connection, NULL, 0);
	else if (exchange != NULL && exchange->tunnel &&
		 (connection->reading || connection->heard_end))
		resume_tunnel(connection);
}

void
http_intake_next(struct connection *connection)
{
	connection_enter(connection, CONNECTION_IDLE);
	if (connection->consuming)
		return;
	if (connection->more || connection->heard_end)
		call_resume(connection);
	else if (connection->set->closing)
		connection_close(connection);
	else
		connection_read(connection, true);
}

void
http_intake_tunnel(struct connection *connection)
{
	if (connection->consuming)
		return;
	if (connection->input.size > 0 || connection->heard_end)
		call_resume(connection);
}
