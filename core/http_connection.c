#include "core/http_connection.h"

#include <event2/buffer.h>
#include <malloc.h>
#include <string.h>
#include <sys/socket.h>

#include "core/clock.h"
#include "core/http_answer.h"
#include "core/log.h"

enum {
	LINGER_MS = 2000,         /* for a refused client to read why */
	READ_BYTES = 16 * 1024,   /* at once; evbuffer_read stops at 4 KB anyway */
	WRITE_BYTES = 256 * 1024, /* at once */
	CHARGE_BYTES = 64 * 1024, /* smaller requests never touch the shared counter */
	TRIM_BYTES = 1024 * 1024, /* a body above this is given back to the system */
	TRIM_DELAY_MS = 1000,     /* but not more often than this */
	PEEK_VECTORS = 4,
};

/* ---- phases and their deadlines ---- */

/* -1: none. */
static int64_t
allowed_ms(const struct connections *set, enum connection_phase phase)
{
	switch (phase) {
	case CONNECTION_IDLE:
	case CONNECTION_BODY:
		return set->limits.idle_timeout_ms;
	case CONNECTION_HEAD:
		return set->limits.header_timeout_ms;
	case CONNECTION_STALL:
		return set->limits.write_stall_ms;
	case CONNECTION_CLOSING:
		return LINGER_MS;
	case CONNECTION_ANSWER:
	case CONNECTION_PHASES:
		break;
	}
	return -1;
}

/* The timer may fire too early, never too late: a deadline that moves away costs nothing.
 */
static void
arm(struct connections *set, int64_t due_ms, int64_t now_ms)
{
	if (!timer_is_started(&set->deadline) || set->deadline.due_ms > due_ms)
		timer_start(&set->deadline, due_ms > now_ms ? due_ms - now_ms : 0);
}

void
connection_enter(struct connection *connection, enum connection_phase phase)
{
	struct connections *set = connection->set;
	int64_t allowed = allowed_ms(set, phase);

	TAILQ_REMOVE(&set->queues[connection->phase], connection, place);
	TAILQ_INSERT_TAIL(&set->queues[phase], connection, place);
	connection->phase = phase;
	if (allowed < 0)
		return;
	connection->since_ms = clock_now_ms();
	arm(set, connection->since_ms + allowed, connection->since_ms);
}

void
connection_touch(struct connection *connection)
{
	connection_enter(connection, connection->phase);
}

static void
expire(struct connection *connection)
{
	switch (connection->phase) {
	case CONNECTION_HEAD:
	case CONNECTION_BODY:
		connection_refuse(connection, 408, "timeout",
			"The request did not arrive in time.", true);
		break;
	case CONNECTION_STALL:
		connection->set->on_stalled(connection->exchange);
		break;
	case CONNECTION_IDLE:
	case CONNECTION_ANSWER:
	case CONNECTION_CLOSING:
	case CONNECTION_PHASES:
		connection_close(connection);
		break;
	}
}

static void
on_deadline(void *arg)
{
	struct connections *set = arg;
	int64_t now_ms = clock_now_ms();

	for (int phase = 0; phase < CONNECTION_PHASES; phase++) {
		int64_t allowed = allowed_ms(set, (enum connection_phase)phase);
		struct connection *first;
		if (allowed < 0)
			continue;
		while ((first = TAILQ_FIRST(&set->queues[phase])) != NULL &&
			first->since_ms + allowed <= now_ms)
			expire(first);
		if (first != NULL)
			arm(set, first->since_ms + allowed, now_ms);
	}
}

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
	connection->charged = connection->received;
}

static void
on_trim(void *arg)
{
	(void)arg;
	malloc_trim(0);
}

static void
uncharge(struct connection *connection)
{
	struct connections *set = connection->set;

	if (connection->charged > 0)
		atomic_fetch_sub(&set->shared->buffered_bytes, connection->charged);
	if (connection->received > TRIM_BYTES && !timer_is_started(&set->trim))
		timer_start(&set->trim, TRIM_DELAY_MS);
	connection->received = connection->charged = 0;
}

/* ---- life ---- */

static void
connection_free(void *arg)
{
	struct connection *connection = CAST(arg, CONNECTION_MAGIC);

	connection->magic = 0;
	xfree(connection);
}

/* evhttp is about to free the connection, whoever asked it to. */
static void on_closed(struct evhttp_connection *evhttp, void *arg);

/* ---- refusing ---- */

static void
closing_write(struct bufferevent *buffers, void *arg)
{
	struct connection *connection = CAST(arg, CONNECTION_MAGIC);

	if (evbuffer_get_length(bufferevent_get_output(buffers)) > 0)
		return;
	if (connection->heard_end) {
		connection_close(connection);
		return;
	}
	/* Closing now would send RST for what the client is still sending, and the RST
	 * would overtake the answer. */
	shutdown(connection->fd, SHUT_WR);
	connection->said_end = true;
}

static void
closing_event(struct bufferevent *buffers, short what, void *arg)
{
	struct connection *connection = CAST(arg, CONNECTION_MAGIC);

	(void)buffers;
	if (what == (BEV_EVENT_READING | BEV_EVENT_EOF) && !connection->said_end)
		connection->heard_end = true;
	else
		connection_close(connection);
}

static void
drop_output(struct connection *connection)
{
	struct evbuffer *output = bufferevent_get_output(connection->buffers);

	evbuffer_unfreeze(output, 1);
	evbuffer_drain(output, evbuffer_get_length(output));
	evbuffer_freeze(output, 1);
}

void
connection_refuse(struct connection *connection, int status, const char *code,
	const char *message, bool with_body)
{
	struct connections *set = connection->set;
	struct evbuffer *input = bufferevent_get_input(connection->buffers);
	const struct http_header headers[] = {
		{ "Content-Type", "application/json; charset=utf-8" },
		{ "Retry-After", "1" },
	};
	size_t size;
	char *body = http_error_json(code, message, &size);

	assert(connection->exchange == NULL);
	log_info("request_refused", LOG_NUMBER("status", status), LOG_TEXT("why", message));
	connection_enter(connection, CONNECTION_CLOSING);
	/* No read callback: on_input drops what comes, and evhttp may have a deferred read
	 * under way that would call ours with its own argument. */
	bufferevent_setcb(
		connection->buffers, NULL, closing_write, closing_event, connection);
	drop_output(connection);
	evbuffer_drain(input, evbuffer_get_length(input));
	uncharge(connection);
	text_clear(&set->scratch);
	http_answer_head(&set->scratch, &(struct http_answer){
						.status = status,
						.date = connections_date(set),
						.headers = headers,
						.header_count = status == 503 ? 2 : 1,
						.framing = HTTP_FRAMING_LENGTH,
						.content_length = (int64_t)size,
						.close = true,
					});
	if (with_body)
		text_add_bytes(&set->scratch, body, size);
	evbuffer_add(bufferevent_get_output(connection->buffers), set->scratch.data,
		set->scratch.size);
	bufferevent_enable(connection->buffers, EV_READ | EV_WRITE);
	xfree(body);
}

/* What evhttp 2.1.12 answers by itself. */
struct page {
	int status;
	const char *code;
	const char *message;
};
static const struct page pages[] = {
	{ 400, "bad_request", "The request is not HTTP/1.1, or its headers are too long." },
	{ 413, "too_large", "The request body is larger than this server accepts." },
	{ 417, "expectation_failed", "Only 100-continue can be expected." },
	{ 501, "not_implemented", "This method is not supported." },
};

/* The status of the answer in the output, 0 when it is only "100 Continue". */
static int
status_in_output(struct connection *connection)
{
	enum { STATUS_LINE = 12, CONTINUE = 25 }; /* "HTTP/1.1 100 Continue\r\n\r\n" */
	char start[CONTINUE + STATUS_LINE];
	struct evbuffer *output = bufferevent_get_output(connection->buffers);
	uint64_t status = 0;

	evbuffer_unfreeze(output, 1);
	ev_ssize_t size = evbuffer_copyout(output, start, sizeof start);
	evbuffer_freeze(output, 1);
	size_t at = size > CONTINUE && memcmp(start + 8, " 100", 4) == 0 ? CONTINUE : 0;
	if (size < (ev_ssize_t)at + STATUS_LINE ||
		!slice_to_u64((struct slice){ start + at + 9, 3 }, &status) ||
		status == 100)
		return 0;
	return (int)status;
}

static void
replace_page(struct connection *connection)
{
	int status = status_in_output(connection);
	const struct page *page = &pages[0];

	if (status == 0)
		return;
	for (size_t i = 0; i < COUNT_OF(pages); i++) {
		if (pages[i].status == status)
			page = &pages[i];
	}
	connection_refuse(connection, page->status, page->code, page->message, true);
}

/* ---- watching the buffers ---- */

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
		connection_refuse(
			connection, 503, "busy", "Too many uploads are under way.", true);
	else if (connection->answered)
		replace_page(connection);
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
	if (connection->phase == CONNECTION_IDLE) {
		connection->line_size = 0;
		connection_enter(connection, CONNECTION_HEAD);
	}
	if (connection->phase == CONNECTION_BODY || head_ends(connection, input, added))
		connection_enter(connection, CONNECTION_BODY);
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

/* ---- life ---- */

static void
on_closed(struct evhttp_connection *evhttp, void *arg)
{
	struct connection *connection = CAST(arg, CONNECTION_MAGIC);
	struct connections *set = connection->set;

	(void)evhttp;
	assert(connection->exchange == NULL);
	evbuffer_remove_cb(
		bufferevent_get_input(connection->buffers), on_input, connection);
	evbuffer_remove_cb(
		bufferevent_get_output(connection->buffers), on_output, connection);
	connection->evhttp = NULL;
	uncharge(connection);
	TAILQ_REMOVE(&set->queues[connection->phase], connection, place);
	set->by_fd[connection->fd] = NULL;
	set->count--;
	atomic_fetch_sub(&set->shared->connections, 1);
	loop_later(set->loop, connection_free, connection);
	if (set->on_room != NULL)
		set->on_room(set->arg);
}

static void
remember(struct connections *set, struct connection *connection)
{
	size_t fd = (size_t)connection->fd;

	if (fd >= set->by_fd_size) {
		size_t size = fd * 2 + 64;
		set->by_fd = xrealloc(set->by_fd, size * sizeof(struct connection *));
		memset(set->by_fd + set->by_fd_size, 0,
			(size - set->by_fd_size) * sizeof(struct connection *));
		set->by_fd_size = size;
	}
	assert(set->by_fd[fd] == NULL);
	set->by_fd[fd] = connection;
}

/* evhttp has made its connection around our buffers by now, and is the argument of the
 * callbacks it has set on them. */
static void
adopt(void *arg)
{
	struct connection *connection = CAST(arg, CONNECTION_MAGIC);
	struct connections *set = connection->set;
	void *evhttp = NULL;

	bufferevent_getcb(connection->buffers, NULL, NULL, NULL, &evhttp);
	if (evhttp ==
		NULL) { /* it has failed, and freed the buffers but for our reference */
		set->count--;
		atomic_fetch_sub(&set->shared->connections, 1);
		bufferevent_decref(connection->buffers);
		connection_free(connection);
		return;
	}
	connection->evhttp = evhttp;
	connection->fd = bufferevent_getfd(connection->buffers);
	evhttp_connection_set_closecb(connection->evhttp, on_closed, connection);
	evbuffer_add_cb(bufferevent_get_input(connection->buffers), on_input, connection);
	evbuffer_add_cb(bufferevent_get_output(connection->buffers), on_output, connection);
	bufferevent_decref(connection->buffers);
	remember(set, connection);
	TAILQ_INSERT_TAIL(&set->queues[CONNECTION_IDLE], connection, place);
	connection_enter(connection, CONNECTION_IDLE);
}

struct bufferevent *
connections_accept(struct connections *set)
{
	struct connection *connection = xcalloc(1, sizeof *connection);
	struct bufferevent *buffers =
		bufferevent_socket_new(loop_base(set->loop), -1, BEV_OPT_CLOSE_ON_FREE);

	assert(buffers != NULL);
	bufferevent_set_max_single_read(buffers, READ_BYTES);
	bufferevent_set_max_single_write(buffers, WRITE_BYTES);
	bufferevent_setwatermark(buffers, EV_WRITE, CONNECTION_LOW_BYTES, 0);
	bufferevent_incref(buffers);
	connection->magic = CONNECTION_MAGIC;
	connection->set = set;
	connection->buffers = buffers;
	connection->fd = -1;
	set->count++;
	atomic_fetch_add(&set->shared->connections, 1);
	loop_later(set->loop, adopt, connection);
	return buffers;
}

struct connection *
connections_find(const struct connections *set, struct bufferevent *buffers)
{
	struct connection *connection = set->by_fd[bufferevent_getfd(buffers)];

	assert(connection != NULL && connection->buffers == buffers);
	return connection;
}

bool
connections_close_idle(struct connections *set)
{
	struct connection *oldest = TAILQ_FIRST(&set->queues[CONNECTION_IDLE]);

	if (oldest != NULL)
		connection_close(oldest);
	return oldest != NULL;
}

void
connection_next_request(struct connection *connection)
{
	struct evbuffer *input = bufferevent_get_input(connection->buffers);
	size_t waiting = evbuffer_get_length(input);

	uncharge(connection);
	connection->exchange = NULL;
	connection_enter(connection, CONNECTION_IDLE);
	if (waiting > 0)
		note_input(connection, input, waiting);
}

void
connection_close(struct connection *connection)
{
	evhttp_connection_free(connection->evhttp);
}

const char *
connections_date(struct connections *set)
{
	int64_t wall_ms = clock_wall_ms();

	if (wall_ms / 1000 != set->date_s) {
		set->date_s = wall_ms / 1000;
		http_format_date(set->date, wall_ms);
	}
	return set->date;
}

void
connections_init(struct connections *set, struct loop *loop,
	const struct http_limits *limits, struct http_server_shared *shared)
{
	*set = (struct connections){ .loop = loop, .limits = *limits, .shared = shared };
	for (int phase = 0; phase < CONNECTION_PHASES; phase++)
		TAILQ_INIT(&set->queues[phase]);
	timer_init(&set->deadline, loop, on_deadline, set);
	timer_init(&set->trim, loop, on_trim, set);
	text_init(&set->scratch);
}

void
connections_fini(struct connections *set)
{
	assert(set->count == 0);
	timer_stop(&set->deadline);
	timer_stop(&set->trim);
	text_fini(&set->scratch);
	xfree(set->by_fd);
}
