#include "core/http_watch.h"

#include <event2/buffer.h>
#include <malloc.h>
#include <string.h>

#include "core/http_metrics.h"
#include "core/http_refusal.h"

enum {
	CHARGE_BYTES = 64 * 1024, /* smaller requests never touch the shared counter */
	TRIM_BYTES = 1024 * 1024, /* a body above this is given back to the system */
	TRIM_DELAY_MS = 1000,     /* but not more often than this */
	PEEK_VECTORS = 4,
};

/* ---- buffered bytes ---- */

static void
charge(struct connection *connection)
{
	struct connections *set = connection->set;
	int64_t more = connection->received - connection->charged;

	if (more < CHARGE_BYTES)
		return;
	int64_t total = atomic_fetch_add(&set->shared->buffered_bytes, more) + more;
	if (total > set->limits.buffered_bytes) {
		atomic_fetch_sub(&set->shared->buffered_bytes, more);
		connection->over = true;
		return;
	}
	metric_add(&http_metric_held_bytes, more);
	connection->charged = connection->received;
}

void
http_watch_trim(void *arg)
{
	(void)arg;
	malloc_trim(0);
}

void
http_watch_uncharge(struct connection *connection)
{
	struct connections *set = connection->set;

	if (connection->charged > 0) {
		atomic_fetch_sub(&set->shared->buffered_bytes, connection->charged);
		metric_add(&http_metric_held_bytes, -connection->charged);
	}
	if (connection->received > TRIM_BYTES && !timer_is_started(&set->trim))
		timer_start(&set->trim, TRIM_DELAY_MS);
	connection->received = connection->charged = 0;
}

/* ---- the buffers ---- */

/* What could not be done inside a buffer's callback. */
static void
attend(void *arg)
{
	struct connection *connection = CAST(arg, CONNECTION_MAGIC);

	connection->called = false;
	if (connection->evhttp == NULL || connection->exchange != NULL ||
		connection->phase == CONNECTION_CLOSING)
		return;
	if (connection->over)
		http_refusal_send(connection, &http_refusal_busy, true);
	else if (connection->answered)
		http_refusal_replace_page(connection);
	connection->answered = false;
}

static void
call_attend(struct connection *connection)
{
	if (connection->called)
		return;
	connection->called = true;
	loop_later(connection->set->loop, attend, connection);
}

/* Follows the lines of a head through `size` new bytes; true when they contain the empty
 * line that ends it. */
static bool
head_ends_in(struct connection *connection, const char *data, size_t size)
{
	const char *end = data + size;

	while (data < end) {
		if (connection->line_size == 0)
			connection->line_first = *data;
		const char *newline = memchr(data, '\n', (size_t)(end - data));
		if (newline == NULL) {
			connection->line_size += (size_t)(end - data);
			return false;
		}
		size_t line = connection->line_size + (size_t)(newline - data);
		if (line == 0 || (line == 1 && connection->line_first == '\r'))
			return true;
		connection->line_size = 0;
		data = newline + 1;
	}
	return false;
}

/* The last `added` bytes of the input are new. */
static bool
head_ends(struct connection *connection, struct evbuffer *input, size_t added)
{
	struct evbuffer_iovec vectors[PEEK_VECTORS];
	struct evbuffer_ptr at;

	evbuffer_ptr_set(input, &at, evbuffer_get_length(input) - added, EVBUFFER_PTR_SET);
	while (added > 0) {
		int count =
			evbuffer_peek(input, (ev_ssize_t)added, &at, vectors, PEEK_VECTORS);
		size_t seen = 0;
		for (int i = 0; i < count && i < PEEK_VECTORS; i++) {
			size_t size = vectors[i].iov_len;
			if (head_ends_in(connection, vectors[i].iov_base, size))
				return true;
			seen += size;
		}
		if (seen == 0 || seen >= added)
			break;
		added -= seen;
		evbuffer_ptr_set(input, &at, seen, EVBUFFER_PTR_ADD);
	}
	return false;
}

static void
note_input(struct connection *connection, struct evbuffer *input, size_t added)
{
	enum connection_phase phase = connection->phase;

	if (phase == CONNECTION_IDLE)
		connection->line_size = 0;
	if (phase == CONNECTION_BODY || head_ends(connection, input, added))
		connection_enter(connection, CONNECTION_BODY);
	else if (phase == CONNECTION_IDLE)
		connection_enter(connection, CONNECTION_HEAD);
	connection->received += (int64_t)added;
	charge(connection);
	if (connection->over)
		call_attend(connection);
}

static void
on_input(struct evbuffer *input, const struct evbuffer_cb_info *info, void *arg)
{
	struct connection *connection = CAST(arg, CONNECTION_MAGIC);

	if (info->n_added == 0)
		return;
	switch (connection->phase) {
	case CONNECTION_IDLE:
	case CONNECTION_HEAD:
	case CONNECTION_BODY:
		note_input(connection, input, info->n_added);
		break;
	case CONNECTION_CLOSING:
		evbuffer_drain(input, evbuffer_get_length(input));
		break;
	case CONNECTION_ANSWER:
	case CONNECTION_STALL:
	case CONNECTION_PHASES:
		break;
	}
}

static void
on_output(struct evbuffer *output, const struct evbuffer_cb_info *info, void *arg)
{
	struct connection *connection = CAST(arg, CONNECTION_MAGIC);

	(void)output;
	if (connection->phase == CONNECTION_STALL) {
		if (info->n_deleted > 0)
			connection_touch(connection);
	} else if (info->n_added > 0 && connection->exchange == NULL &&
		   connection->phase != CONNECTION_CLOSING) {
		connection->answered = true;
		call_attend(connection);
	}
}

/* ---- from outside ---- */

void
http_watch_start(struct connection *connection)
{
	struct bufferevent *buffers = connection->buffers;

	evbuffer_add_cb(bufferevent_get_input(buffers), on_input, connection);
	evbuffer_add_cb(bufferevent_get_output(buffers), on_output, connection);
}

void
http_watch_stop(struct connection *connection)
{
	struct bufferevent *buffers = connection->buffers;

	evbuffer_remove_cb(bufferevent_get_input(buffers), on_input, connection);
	evbuffer_remove_cb(bufferevent_get_output(buffers), on_output, connection);
	http_watch_uncharge(connection);
}

void
http_watch_next_request(struct connection *connection)
{
	struct evbuffer *input = bufferevent_get_input(connection->buffers);
	size_t waiting = evbuffer_get_length(input);

	http_watch_uncharge(connection);
	connection_enter(connection, CONNECTION_IDLE);
	if (waiting > 0)
		note_input(connection, input, waiting);
}
