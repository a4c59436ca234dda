#include "core/http_connection.h"

#include <string.h>

#include "core/clock.h"
#include "core/http_answer.h"
#include "core/http_metrics.h"
#include "core/http_refusal.h"
#include "core/http_watch.h"

enum {
	LINGER_MS = 2000,         /* for a refused client to read why */
	READ_BYTES = 16 * 1024,   /* at once; evbuffer_read stops at 4 KB anyway */
	WRITE_BYTES = 256 * 1024, /* at once */
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
	if (connection->phase != phase) {
		metric_add(&http_metric_phases[connection->phase], -1);
		metric_add(&http_metric_phases[phase], 1);
	}
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
		http_refusal_send(connection, &http_refusal_timeout, true);
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

/* ---- life ---- */

static void
connection_free(void *arg)
{
	struct connection *connection = CAST(arg, CONNECTION_MAGIC);

	connection->magic = 0;
	xfree(connection);
}

/* One connection less. */
static void
make_room(struct connections *set)
{
	set->count--;
	atomic_fetch_sub(&set->shared->connections, 1);
	if (set->on_room != NULL)
		set->on_room(set->arg);
}

/* evhttp is about to free its connection, whoever asked it to. */
static void
on_closed(struct evhttp_connection *evhttp, void *arg)
{
	struct connection *connection = CAST(arg, CONNECTION_MAGIC);
	struct connections *set = connection->set;

	(void)evhttp;
	assert(connection->exchange == NULL);
	http_watch_stop(connection);
	connection->evhttp = NULL;
	TAILQ_REMOVE(&set->queues[connection->phase], connection, place);
	metric_add(&http_metric_phases[connection->phase], -1);
	set->by_fd[connection->fd] = NULL;
	loop_later(set->loop, connection_free, connection);
	make_room(set);
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
	if (evhttp == NULL) {
		/* It has failed, and freed the buffers but for our reference. */
		make_room(set);
		bufferevent_decref(connection->buffers);
		connection_free(connection);
		return;
	}
	connection->evhttp = evhttp;
	connection->fd = bufferevent_getfd(connection->buffers);
	evhttp_connection_set_closecb(connection->evhttp, on_closed, connection);
	http_watch_start(connection);
	bufferevent_decref(connection->buffers);
	remember(set, connection);
	TAILQ_INSERT_TAIL(&set->queues[CONNECTION_IDLE], connection, place);
	metric_add(&http_metric_phases[CONNECTION_IDLE], 1);
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
	timer_init(&set->trim, loop, http_watch_trim, set);
	text_init(&set->scratch);
}

void
connections_set_limits(struct connections *set, const struct http_limits *limits)
{
	set->limits = *limits;
	timer_start(&set->deadline, 0);
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
