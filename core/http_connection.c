#include "core/http_connection.h"

#include <errno.h>
#include <event2/buffer.h>
#include <malloc.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#include "core/address_count.h"
#include "core/clock.h"
#include "core/http_answer.h"
#include "core/http_exchanges.h"
#include "core/http_intake.h"
#include "core/http_metrics.h"
#include "core/http_refusal.h"

enum {
	LINGER_MS = 2000,         /* for a client to read its last answer */
	PROBE_MS = 250,           /* between looks whether a half-closed client is there */
	WATCH_MS = 50,            /* until a new connection under way is watched */
	TRIM_DELAY_MS = 1000,     /* giving memory back is not done more often than this */
	WRITE_BYTES = 256 * 1024, /* of the queue, at once */
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
	case CONNECTION_HALF:
		return PROBE_MS;
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
	if (connection->phase != phase) {
		metric_add(&http_metric_phases[connection->phase], -1);
		metric_add(&http_metric_phases[phase], 1);
	}
	bool came_to_rest = phase == CONNECTION_IDLE && connection->phase != phase;
	connection->phase = phase;
	if (allowed < 0)
		return;
	connection->since_ms = clock_now_ms();
	arm(set, connection->since_ms + allowed, connection->since_ms);
	if (came_to_rest && set->on_room != NULL)
		set->on_room(set->arg);
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
		http_refusal_send(connection, &http_refusal_timeout, true);
		break;
	case CONNECTION_STALL:
		exchange_stalled(connection->exchange);
		break;
	case CONNECTION_HALF:
		exchange_probe(connection->exchange);
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

static void
on_trim(void *arg)
{
	(void)arg;
	malloc_trim(0);
}

void
connections_trim(struct connections *set)
{
	if (!timer_is_started(&set->trim))
		timer_start(&set->trim, TRIM_DELAY_MS);
}

/* ---- reading ---- */

static void
on_readable(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	http_intake_read(CAST(arg, CONNECTION_MAGIC));
}

static void
end_freshness(struct connection *connection)
{
	if (connection->fresh)
		TAILQ_REMOVE(&connection->set->fresh, connection, fresh_place);
	connection->fresh = false;
}

static void
on_watch(void *arg)
{
	struct connections *set = arg;
	struct connection *first;

	while ((first = TAILQ_FIRST(&set->fresh)) != NULL)
		connection_read(first, true);
}

void
connection_read(struct connection *connection, bool read)
{
	end_freshness(connection);
	if (connection->reading == read)
		return;
	connection->reading = read;
	if (read)
		event_add(&connection->readable, NULL);
	else
		event_del(&connection->readable);
}

ssize_t
connection_receive(struct connection *connection, char *to, size_t size)
{
	ssize_t got = recv(connection->fd, to, size, 0);

	if (got > 0)
		return got;
	if (got < 0 && (errno == EAGAIN || errno == EINTR))
		return 0;
	if (got == 0) {
		connection->heard_end = true;
		connection_read(connection, false);
	}
	return -1;
}

/* Behind a FIN recv() says 0 whatever has happened since. */
bool
connection_is_broken(const struct connection *connection)
{
	struct pollfd state = { .fd = connection->fd };

	return poll(&state, 1, 0) == 1 && (state.revents & (POLLERR | POLLHUP)) != 0;
}

/* ---- writing ---- */

size_t
connection_queued(const struct connection *connection)
{
	return connection->output != NULL ? evbuffer_get_length(connection->output) : 0;
}

static void
drop_output(struct connection *connection)
{
	if (connection->output == NULL)
		return;
	event_del(&connection->writable);
	evbuffer_free(connection->output);
	connection->output = NULL;
}

/* CLOSING: the queue is empty. */
static void
end_sending(struct connection *connection)
{
	if (connection->heard_end) {
		connection_close(connection);
		return;
	}
	shutdown(connection->fd, SHUT_WR);
	connection->said_end = true;
}

static void
on_writable(evutil_socket_t fd, short what, void *arg)
{
	struct connection *connection = CAST(arg, CONNECTION_MAGIC);
	int sent = evbuffer_write_atmost(connection->output, fd, WRITE_BYTES);

	(void)what;
	if (sent < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (sent < 0) {
		if (connection->phase == CONNECTION_CLOSING)
			connection_close(connection);
		else
			exchange_client_left(connection->exchange);
		return;
	}
	if (connection_queued(connection) == 0)
		drop_output(connection);
	if (connection->exchange != NULL)
		exchange_progressed(connection->exchange);
	else if (connection->phase == CONNECTION_CLOSING && connection->output == NULL)
		end_sending(connection);
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
connection_send(struct connection *connection, struct iovec *parts, int count)
{
	struct msghdr message = { .msg_iov = parts, .msg_iovlen = (size_t)count };
	int used = 0;

	if (connection->output == NULL) {
		ssize_t sent = sendmsg(connection->fd, &message, MSG_NOSIGNAL);
		used = skip(parts, count, sent > 0 ? (size_t)sent : 0);
		if (used == count)
			return;
		connection->output = evbuffer_new();
		event_add(&connection->writable, NULL);
	}
	for (; used < count; used++)
		evbuffer_add(connection->output, parts[used].iov_base, parts[used].iov_len);
}

void
connection_send_continue(struct connection *connection)
{
	static const char interim[] = "HTTP/1.1 100 Continue\r\n\r\n";
	struct iovec part = { (void *)(uintptr_t)interim, sizeof interim - 1 };

	connection_send(connection, &part, 1);
}

/* ---- life ---- */

void
connection_linger(struct connection *connection)
{
	assert(connection->exchange == NULL);
	connection_enter(connection, CONNECTION_CLOSING);
	text_fini(&connection->input);
	connection_read(connection, !connection->heard_end);
	if (connection->output == NULL)
		end_sending(connection);
}

static void
connection_free(void *arg)
{
	struct connection *connection = CAST(arg, CONNECTION_MAGIC);

	text_fini(&connection->input);
	connection->magic = 0;
	xfree(connection);
}

void
connection_close(struct connection *connection)
{
	struct connections *set = connection->set;

	assert(connection->fd >= 0);
	if (connection->exchange != NULL)
		exchange_drop(connection->exchange);
	connection_read(connection, false);
	drop_output(connection);
	close(connection->fd);
	connection->fd = -1;
	TAILQ_REMOVE(&set->queues[connection->phase], connection, place);
	metric_add(&http_metric_phases[connection->phase], -1);
	if (connection->origin != NULL)
		address_counts_leave(set->origins, connection->origin);
	set->count--;
	atomic_fetch_sub(&set->shared->connections, 1);
	loop_later(set->loop, connection_free, connection);
	if (set->on_room != NULL)
		set->on_room(set->arg);
}

static bool
is_unlimited(const struct http_limits *limits, const char *address)
{
	return limits->connections_per_address == 0 ||
	       (limits->is_unlimited != NULL &&
		       limits->is_unlimited(limits->trust_arg, address));
}

bool
connections_admit(struct connections *set, const char *address,
	const struct sockaddr *socket, struct address_count **origin)
{
	*origin = NULL;
	if (is_unlimited(&set->limits, address))
		return true;
	*origin = address_counts_enter(set->origins, socket);
	if ((int64_t)address_count_of(*origin) <= set->limits.connections_per_address)
		return true;
	address_counts_leave(set->origins, *origin);
	*origin = NULL;
	return false;
}

void
connections_accept(struct connections *set, int take_fd, const char *address,
	struct address_count *take_origin, bool proxied)
{
	struct connection *connection = xcalloc(1, sizeof *connection);
	struct event_base *base = loop_base(set->loop);

	connection->magic = CONNECTION_MAGIC;
	connection->set = set;
	connection->fd = take_fd;
	connection->origin = take_origin;
	connection->proxied = proxied;
	copy_text(connection->address, sizeof connection->address, address);
	text_init(&connection->input);
	event_assign(&connection->readable, base, take_fd, EV_READ | EV_PERSIST,
		on_readable, connection);
	event_assign(&connection->writable, base, take_fd, EV_WRITE | EV_PERSIST,
		on_writable, connection);
	set->count++;
	atomic_fetch_add(&set->shared->connections, 1);
	TAILQ_INSERT_TAIL(&set->queues[CONNECTION_IDLE], connection, place);
	metric_add(&http_metric_phases[CONNECTION_IDLE], 1);
	connection_enter(connection, CONNECTION_IDLE);
	connection->fresh = true;
	connection->silent = true;
	TAILQ_INSERT_TAIL(&set->fresh, connection, fresh_place);
	if (!timer_is_started(&set->watch))
		timer_start(&set->watch, WATCH_MS);
	http_intake_begin(connection);
}

/* Its next request is here, though nobody has come round to it. */
static bool
waits_to_be_heard(const struct connection *connection)
{
	char byte;

	return connection->called || recv(connection->fd, &byte, 1, MSG_PEEK) > 0;
}

static bool
has_just_come(const struct connection *connection, int64_t now_ms)
{
	return connection->silent && connection->since_ms + CONNECTION_SILENT_MS > now_ms;
}

static bool
close_idle(struct connections *set, bool spare_new)
{
	int64_t now_ms = clock_now_ms();
	struct connection *connection;

	TAILQ_FOREACH (connection, &set->queues[CONNECTION_IDLE], place) {
		if (spare_new && has_just_come(connection, now_ms))
			continue;
		if (!waits_to_be_heard(connection)) {
			connection_close(connection);
			return true;
		}
	}
	return false;
}

bool
connections_close_idle(struct connections *set)
{
	return close_idle(set, false);
}

bool
connections_make_room(struct connections *set)
{
	return close_idle(set, true);
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
	set->bounds = (struct http_body_bounds){ &set->limits, shared };
	set->origins = address_counts_new();
	set->scratch = xmalloc(CONNECTION_READ_BYTES);
	for (int phase = 0; phase < CONNECTION_PHASES; phase++)
		TAILQ_INIT(&set->queues[phase]);
	TAILQ_INIT(&set->fresh);
	timer_init(&set->deadline, loop, on_deadline, set);
	timer_init(&set->watch, loop, on_watch, set);
	timer_init(&set->trim, loop, on_trim, set);
	text_init(&set->text);
}

void
connections_set_limits(struct connections *set, const struct http_limits *limits)
{
	set->limits = *limits;
	timer_start(&set->deadline, 0);
}

void
connections_close_all(struct connections *set)
{
	struct connection *first;

	set->on_room = NULL;
	for (int phase = 0; phase < CONNECTION_PHASES; phase++) {
		while ((first = TAILQ_FIRST(&set->queues[phase])) != NULL)
			connection_close(first);
	}
	timer_stop(&set->deadline);
	timer_stop(&set->watch);
	timer_stop(&set->trim);
}

void
connections_fini(struct connections *set)
{
	assert(set->count == 0);
	text_fini(&set->text);
	address_counts_free(set->origins);
	xfree(set->scratch);
}
