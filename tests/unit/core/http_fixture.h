/* For tests of core/http_*: a real server on loopback whose handler does what the test
 * asks, and clients with raw sockets, all in one thread: every wait turns the loop.
 */
#ifndef TESTS_HTTP_FIXTURE_H
#define TESTS_HTTP_FIXTURE_H

#include <arpa/inet.h>
#include <errno.h>
#include <event2/buffer.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>
#include <setjmp.h>
#include <stdarg.h>

#include "core/clock.h"
#include "core/http_connection.h"
#include "core/http_metrics.h"
#include "core/http_server.h"
#include "core/loop.h"

enum { TURNS = 2000, PATIENCE_MS = 10000, BIG = 8 * 1024 * 1024, PIECE = 64 * 1024 };

enum behaviour {
	REPLY,      /* 200 with the path as text */
	HOLD,       /* own it and do nothing */
	BEGIN,      /* begin, two writes, finish */
	POUR,       /* begin BIG bytes and write while it is not full */
	TUNNEL,     /* 101, then echo */
	RAW,        /* head and body by hand */
	ABORT,      /* begin, write, abort */
	NO_CONTENT, /* 204 with a body that must not be sent */
	BODY,       /* the request's body back */
	FORGET,     /* nothing, which is a bug */
	SHORT,      /* fewer bytes than promised */
};

struct fixture {
	struct loop *loop;
	struct http_server_shared shared;
	struct http_server *server;
	uint16_t port;
	enum behaviour behaviour;
	struct exchange *held;
	int exchanges, gone, drained, done, aborted;
	size_t poured;
	char last_query[64];
	char last_header[64];
	char last_client[64];
	uint64_t last_sent;
	int last_status;
};

static const struct http_limits limits = {
	.body_bytes = 1024 * 1024,
	.buffered_bytes = 1536 * 1024,
	.header_timeout_ms = 10000,
	.idle_timeout_ms = 60000,
	.write_stall_ms = 30000,
	.connections = 8,
};

/* ---- the handlers ---- */

static inline void
on_gone(void *arg)
{
	struct fixture *fixture = arg;

	fixture->gone++;
	fixture->held = NULL;
}

static inline void
pour(struct fixture *fixture)
{
	static const char piece[PIECE];

	while (fixture->poured < BIG && !exchange_is_full(fixture->held)) {
		exchange_write(fixture->held, piece, sizeof piece);
		fixture->poured += sizeof piece;
	}
	if (fixture->poured == BIG) {
		exchange_finish(fixture->held, false);
		fixture->held = NULL;
	}
}

static inline void
on_drained(void *arg)
{
	struct fixture *fixture = arg;

	fixture->drained++;
	if (fixture->behaviour == POUR && fixture->held != NULL)
		pour(fixture);
}

static inline void
on_input(void *arg, const char *data, size_t size)
{
	struct fixture *fixture = arg;

	exchange_send_raw(fixture->held, 0, NULL, 0, data, size);
}

static const struct exchange_owner owner = { on_gone, on_drained, on_input };

static inline void
hold(struct fixture *fixture, struct exchange *exchange)
{
	fixture->held = exchange;
	exchange_own(exchange, &owner, fixture);
}

static inline void
answer_in_pieces(struct exchange *exchange)
{
	exchange_begin(exchange, 200, NULL, 0, -1);
	exchange_write(exchange, "hello ", 6);
	exchange_write(exchange, "world", 5);
	exchange_finish(exchange, false);
}

static inline void
answer_raw(struct exchange *exchange)
{
	static const char head[] = "HTTP/1.1 299 Odd\r\nContent-Length: 4\r\n\r\n";

	exchange_send_raw(exchange, 299, head, sizeof head - 1, "body", 4);
	exchange_finish(exchange, false);
}

static inline void
answer_in_part(struct exchange *exchange)
{
	exchange_begin(exchange, 200, NULL, 0, 100);
	exchange_write(exchange, "part", 4);
	exchange_abort(exchange, true);
}

static inline void
open_tunnel(struct fixture *fixture, struct exchange *exchange)
{
	static const char head[] = "HTTP/1.1 101 Switching Protocols\r\n\r\n";

	hold(fixture, exchange);
	exchange_send_raw(exchange, 101, head, sizeof head - 1, NULL, 0);
	exchange_tunnel(exchange);
}

static inline void
answer(struct fixture *fixture, struct exchange *exchange)
{
	const struct slice path = exchange_request(exchange)->path;
	size_t size;
	const char *body;

	switch (fixture->behaviour) {
	case REPLY:
		exchange_reply(exchange, 200, "text/plain", path.data, path.size);
		break;
	case NO_CONTENT:
		exchange_reply(exchange, 204, "text/plain", "surprise", 8);
		break;
	case HOLD:
		hold(fixture, exchange);
		break;
	case BEGIN:
		answer_in_pieces(exchange);
		break;
	case POUR:
		hold(fixture, exchange);
		exchange_begin(exchange, 200, NULL, 0, BIG);
		pour(fixture);
		break;
	case TUNNEL:
		open_tunnel(fixture, exchange);
		break;
	case RAW:
		answer_raw(exchange);
		break;
	case ABORT:
		answer_in_part(exchange);
		break;
	case BODY:
		body = exchange_body(exchange, &size);
		exchange_reply(exchange, 200, NULL, body, size);
		break;
	case FORGET:
		break;
	case SHORT:
		exchange_begin(exchange, 200, NULL, 0, 10);
		exchange_write(exchange, "short", 5);
		exchange_finish(exchange, false);
		break;
	}
}

static inline void
on_exchange(void *arg, struct exchange *exchange)
{
	struct fixture *fixture = arg;
	const char *value = query_get(exchange_query(exchange), "a");

	fixture->exchanges++;
	copy_text(fixture->last_query, sizeof fixture->last_query, value);
	copy_text(fixture->last_header, sizeof fixture->last_header,
		exchange_header(exchange, "x-test"));
	copy_text(fixture->last_client, sizeof fixture->last_client,
		exchange_request(exchange)->client_address);
	answer(fixture, exchange);
}

static inline void
on_done(void *arg, const struct exchange_summary *summary)
{
	struct fixture *fixture = arg;

	fixture->done++;
	fixture->aborted += summary->aborted;
	fixture->last_sent = summary->sent_bytes;
	fixture->last_status = summary->status;
	assert_non_null(summary->request->target);
}

/* ---- the client ---- */

/* When to give up: however slow the machine, and however short its turns. */
static inline int64_t
wait_end_ms(void)
{
	return clock_now_ms() + PATIENCE_MS;
}

struct client {
	int fd;
	char data[256 * 1024];
	size_t size;
	bool ended; /* FIN or RST */
	bool reset;
};

static inline int
dial(struct fixture *fixture, int receive_bytes)
{
	struct sockaddr_in to = { .sin_family = AF_INET,
		.sin_port = htons(fixture->port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert_true(fd >= 0);
	if (receive_bytes > 0)
		setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &receive_bytes, sizeof receive_bytes);
	assert_int_equal(connect(fd, (struct sockaddr *)&to, sizeof to), 0);
	fcntl(fd, F_SETFL, O_NONBLOCK);
	return fd;
}

static inline void
say_bytes(struct fixture *fixture, struct client *client, const char *data, size_t size)
{
	for (int turn = 0; turn < TURNS && size > 0; turn++) {
		ssize_t sent = send(client->fd, data, size, MSG_NOSIGNAL);
		if (sent > 0) {
			data += sent;
			size -= (size_t)sent;
		}
		loop_turn(fixture->loop, 0);
	}
}

static inline void
say(struct fixture *fixture, struct client *client, const char *text)
{
	say_bytes(fixture, client, text, strlen(text));
}

static inline void
hear(struct client *client)
{
	ssize_t got;

	do {
		size_t room = sizeof client->data - 1 - client->size;
		got = recv(client->fd, client->data + client->size, room, 0);
		if (got > 0)
			client->size += (size_t)got;
		if (got == 0 && room > 0)
			client->ended = true;
		if (got < 0 && errno != EAGAIN)
			client->ended = client->reset = true;
	} while (got > 0);
	client->data[client->size] = '\0';
}

/* Turns the loop until the client has heard `text`. */
static inline void
expect(struct fixture *fixture, struct client *client, const char *text)
{
	for (int64_t end_ms = wait_end_ms(); clock_now_ms() < end_ms;) {
		hear(client);
		if (strstr(client->data, text) != NULL)
			return;
		loop_turn(fixture->loop, 1);
	}
	fail_msg("no \"%s\" in \"%s\"", text, client->data);
}

static inline void
expect_end(struct fixture *fixture, struct client *client)
{
	for (int64_t end_ms = wait_end_ms(); !client->ended && clock_now_ms() < end_ms;) {
		hear(client);
		loop_turn(fixture->loop, 1);
	}
	assert_true(client->ended);
}

static inline void
expect_count(struct fixture *fixture, const int *count, int wanted)
{
	for (int64_t end_ms = wait_end_ms(); *count != wanted && clock_now_ms() < end_ms;)
		loop_turn(fixture->loop, 1);
	assert_int_equal(*count, wanted);
}

static inline void
expect_open(struct fixture *fixture, struct client *client)
{
	for (int turn = 0; turn < 10; turn++)
		loop_turn(fixture->loop, 1);
	hear(client);
	assert_false(client->ended);
}

/* Longer than a loop takes to notice that the clock was moved. */
static inline void
turn_often(struct fixture *fixture)
{
	for (int turn = 0; turn < 60; turn++)
		loop_turn(fixture->loop, 1);
}

static inline struct client *
client_new(struct fixture *fixture)
{
	struct client *client = xcalloc(1, sizeof *client);

	client->fd = dial(fixture, 0);
	return client;
}

static inline void
client_free(struct client *client)
{
	close(client->fd);
	xfree(client);
}

static inline void
forget(struct client *client)
{
	client->size = 0;
	client->data[0] = '\0';
}

/* ---- setup ---- */

static inline int
setup(void **state)
{
	struct fixture *fixture = xcalloc(1, sizeof *fixture);
	char why[128];

	signal(SIGPIPE, SIG_IGN);
	clock_enable_test();
	fixture->loop = loop_new("test");
	loop_adopt(fixture->loop);
	fixture->server = http_server_new(
		fixture->loop, &limits, &fixture->shared, on_exchange, fixture);
	http_server_on_done(fixture->server, on_done, fixture);
	assert_true(http_server_listen(
		fixture->server, "127.0.0.1", &fixture->port, why, sizeof why));
	assert_int_not_equal(fixture->port, 0);
	*state = fixture;
	return 0;
}

static inline int
teardown(void **state)
{
	struct fixture *fixture = *state;

	http_server_free(fixture->server);
	loop_turn(fixture->loop, 0);
	assert_int_equal(fixture->shared.connections, 0);
	assert_int_equal(fixture->shared.buffered_bytes, 0);
	assert_int_equal(metric_read(&http_metric_held_bytes, METRIC_GAUGE), 0);
	for (int phase = 0; phase < CONNECTION_PHASES; phase++)
		assert_int_equal(metric_read(&http_metric_phases[phase], METRIC_GAUGE), 0);
	assert_int_equal(fixture->exchanges, fixture->done);
	loop_free(fixture->loop);
	xfree(fixture);
	return 0;
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

#endif
