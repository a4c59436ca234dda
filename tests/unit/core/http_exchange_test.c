/* A real server on loopback, driven by raw sockets in the same thread. */
#include "core/http_exchange.h"

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

#include "core/clock.h"
#include "core/http_server.h"
#include "core/loop.h"

enum { TURNS = 2000, BIG = 8 * 1024 * 1024, PIECE = 64 * 1024 };

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

static void
on_gone(void *arg)
{
	struct fixture *fixture = arg;

	fixture->gone++;
	fixture->held = NULL;
}

static void
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

static void
on_drained(void *arg)
{
	struct fixture *fixture = arg;

	fixture->drained++;
	if (fixture->behaviour == POUR && fixture->held != NULL)
		pour(fixture);
}

static void
on_input(void *arg, struct evbuffer *input)
{
	struct fixture *fixture = arg;
	size_t size = evbuffer_get_length(input);
	char *bytes = (char *)evbuffer_pullup(input, -1);

	exchange_send_raw(fixture->held, 0, NULL, 0, bytes, size);
	evbuffer_drain(input, size);
}

static const struct exchange_owner owner = { on_gone, on_drained, on_input };

static void
hold(struct fixture *fixture, struct exchange *exchange)
{
	fixture->held = exchange;
	exchange_own(exchange, &owner, fixture);
}

static void
on_exchange(void *arg, struct exchange *exchange)
{
	static const char head[] = "HTTP/1.1 299 Odd\r\nContent-Length: 4\r\n\r\n";
	static const char upgrade[] = "HTTP/1.1 101 Switching Protocols\r\n\r\n";
	struct fixture *fixture = arg;
	const struct http_request *request = exchange_request(exchange);
	const char *value = query_get(exchange_query(exchange), "a");
	size_t size;

	fixture->exchanges++;
	copy_text(fixture->last_query, sizeof fixture->last_query, value);
	copy_text(fixture->last_header, sizeof fixture->last_header,
		exchange_header(exchange, "x-test"));
	switch (fixture->behaviour) {
	case REPLY:
		exchange_reply(exchange, 200, "text/plain", request->path.data,
			request->path.size);
		break;
	case NO_CONTENT:
		exchange_reply(exchange, 204, "text/plain", "surprise", 8);
		break;
	case HOLD:
		hold(fixture, exchange);
		break;
	case BEGIN:
		exchange_begin(exchange, 200, NULL, 0, -1);
		exchange_write(exchange, "hello ", 6);
		exchange_write(exchange, "world", 5);
		exchange_finish(exchange, false);
		break;
	case POUR:
		hold(fixture, exchange);
		exchange_begin(exchange, 200, NULL, 0, BIG);
		pour(fixture);
		break;
	case TUNNEL:
		hold(fixture, exchange);
		exchange_send_raw(exchange, 101, upgrade, sizeof upgrade - 1, NULL, 0);
		exchange_tunnel(exchange);
		break;
	case RAW:
		exchange_send_raw(exchange, 299, head, sizeof head - 1, "body", 4);
		exchange_finish(exchange, false);
		break;
	case ABORT:
		exchange_begin(exchange, 200, NULL, 0, 100);
		exchange_write(exchange, "part", 4);
		exchange_abort(exchange, true);
		break;
	case BODY: {
		const char *body = exchange_body(exchange, &size);
		exchange_reply(exchange, 200, NULL, body, size);
		break;
	}
	}
}

static void
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

struct client {
	int fd;
	char data[256 * 1024];
	size_t size;
	bool ended; /* FIN or RST */
	bool reset;
};

static int
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

static void
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

static void
say(struct fixture *fixture, struct client *client, const char *text)
{
	say_bytes(fixture, client, text, strlen(text));
}

static void
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
static void
expect(struct fixture *fixture, struct client *client, const char *text)
{
	for (int turn = 0; turn < TURNS; turn++) {
		hear(client);
		if (strstr(client->data, text) != NULL)
			return;
		loop_turn(fixture->loop, 1);
	}
	fail_msg("no \"%s\" in \"%s\"", text, client->data);
}

static void
expect_end(struct fixture *fixture, struct client *client)
{
	for (int turn = 0; turn < TURNS && !client->ended; turn++) {
		hear(client);
		loop_turn(fixture->loop, 1);
	}
	assert_true(client->ended);
}

static void
expect_count(struct fixture *fixture, const int *count, int wanted)
{
	for (int turn = 0; turn < TURNS && *count != wanted; turn++)
		loop_turn(fixture->loop, 1);
	assert_int_equal(*count, wanted);
}

static void
expect_open(struct fixture *fixture, struct client *client)
{
	for (int turn = 0; turn < 10; turn++)
		loop_turn(fixture->loop, 1);
	hear(client);
	assert_false(client->ended);
}

/* Longer than a loop takes to notice that the clock was moved. */
static void
turn_often(struct fixture *fixture)
{
	for (int turn = 0; turn < 60; turn++)
		loop_turn(fixture->loop, 1);
}

static struct client *
client_new(struct fixture *fixture)
{
	struct client *client = xcalloc(1, sizeof *client);

	client->fd = dial(fixture, 0);
	return client;
}

static void
client_free(struct client *client)
{
	close(client->fd);
	xfree(client);
}

static void
forget(struct client *client)
{
	client->size = 0;
	client->data[0] = '\0';
}

/* ---- setup ---- */

static int
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

static int
teardown(void **state)
{
	struct fixture *fixture = *state;

	http_server_free(fixture->server);
	loop_turn(fixture->loop, 0);
	assert_int_equal(fixture->shared.connections, 0);
	assert_int_equal(fixture->shared.buffered_bytes, 0);
	assert_int_equal(fixture->exchanges, fixture->done);
	loop_free(fixture->loop);
	xfree(fixture);
	return 0;
}

/* ---- tests ---- */

static void
a_request_is_answered_and_the_connection_kept(void **state)
{
	struct fixture *fixture = *state;
	struct client *client = client_new(fixture);

	say(fixture, client,
		"GET /a%20b?a=1%2B HTTP/1.1\r\nHost: h\r\nX-Test: yes\r\n\r\n");
	expect(fixture, client, "\r\n\r\n/a%20b");
	assert_non_null(strstr(client->data, "HTTP/1.1 200 OK\r\nDate: "));
	assert_non_null(strstr(client->data, "Content-Type: text/plain\r\n"));
	assert_non_null(strstr(client->data, "Content-Length: 6\r\n"));
	assert_null(strstr(client->data, "Connection:"));
	assert_string_equal(fixture->last_query, "1+");
	assert_string_equal(fixture->last_header, "yes");
	forget(client);
	say(fixture, client, "GET /second HTTP/1.1\r\nHost: h\r\n\r\n");
	expect(fixture, client, "\r\n\r\n/second");
	assert_int_equal(fixture->done, 2);
	assert_int_equal(fixture->last_status, 200);
	assert_int_equal(fixture->last_sent, client->size);
	client_free(client);
}

static void
pipelined_requests_are_answered_in_order(void **state)
{
	struct fixture *fixture = *state;
	struct client *client = client_new(fixture);

	say(fixture, client,
		"GET /1 HTTP/1.1\r\nHost: h\r\n\r\n"
		"POST /2 HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nabc"
		"GET /3 HTTP/1.1\r\nHost: h\r\n\r\n"
		"GET /4 HTTP/1.1\r\nHost: h\r\nConnection: foo, close\r\n\r\n");
	expect_end(fixture, client);
	const char *at = client->data;
	for (int i = 1; i <= 4; i++) {
		char wanted[24];
		snprintf(wanted, sizeof wanted, "\r\n\r\n/%d", i);
		at = strstr(at, wanted);
		assert_non_null(at);
	}
	assert_non_null(strstr(client->data, "Connection: close"));
	client_free(client);
}

static void
requests_pipelined_behind_a_held_one_wait(void **state)
{
	struct fixture *fixture = *state;
	struct client *client = client_new(fixture);

	fixture->behaviour = HOLD;
	say(fixture, client, "GET /1 HTTP/1.1\r\nHost: h\r\n\r\n");
	expect_count(fixture, &fixture->exchanges, 1);
	say(fixture, client, "GET /2 HTTP/1.1\r\nHost: h\r\n\r\n");
	expect_open(fixture, client);
	assert_int_equal(fixture->exchanges, 1);
	fixture->behaviour = REPLY;
	exchange_reply_error(fixture->held, 404, "not_found", "No \"such\" thing.");
	expect(fixture, client, "/2");
	assert_non_null(strstr(client->data, "{\"error\":{\"code\":\"not_found\","
					     "\"message\":\"No \\\"such\\\" thing.\"}}"));
	client_free(client);
}

static void
head_and_204_get_no_body(void **state)
{
	struct fixture *fixture = *state;
	struct client *client = client_new(fixture);

	say(fixture, client, "HEAD /abc HTTP/1.1\r\nHost: h\r\n\r\n");
	expect(fixture, client, "Content-Length: 4\r\n\r\n");
	fixture->behaviour = NO_CONTENT;
	say(fixture, client, "GET / HTTP/1.1\r\nHost: h\r\n\r\n");
	expect(fixture, client, "HTTP/1.1 204 No Content\r\n");
	expect_open(fixture, client);
	assert_null(strstr(client->data, "/abc"));
	assert_null(strstr(client->data, "surprise"));
	assert_null(strstr(strstr(client->data, "204"), "Content-Length"));
	forget(client);
	fixture->behaviour = BEGIN;
	say(fixture, client, "HEAD / HTTP/1.1\r\nHost: h\r\n\r\n");
	expect(fixture, client, "\r\n\r\n");
	expect_open(fixture, client);
	assert_null(strstr(client->data, "hello"));
	assert_null(strstr(client->data, "chunked"));
	client_free(client);
}

static void
an_answer_of_unknown_length_is_chunked_for_1_1(void **state)
{
	struct fixture *fixture = *state;
	struct client *client = client_new(fixture);

	fixture->behaviour = BEGIN;
	say(fixture, client, "GET / HTTP/1.1\r\nHost: h\r\n\r\n");
	expect(fixture, client, "\r\n\r\n6\r\nhello \r\n5\r\nworld\r\n0\r\n\r\n");
	assert_non_null(strstr(client->data, "Transfer-Encoding: chunked\r\n"));
	expect_open(fixture, client);
	client_free(client);
}

static void
an_answer_of_unknown_length_ends_with_the_connection_for_1_0(void **state)
{
	struct fixture *fixture = *state;
	struct client *client = client_new(fixture);

	fixture->behaviour = BEGIN;
	say(fixture, client, "GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
	expect_end(fixture, client);
	assert_false(client->reset);
	assert_non_null(strstr(client->data, "Connection: close\r\n\r\nhello world"));
	client_free(client);
}

static void
http_1_0_keeps_the_connection_when_it_asks_for_it(void **state)
{
	struct fixture *fixture = *state;
	struct client *client = client_new(fixture);

	say(fixture, client, "GET /1 HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
	expect(fixture, client, "\r\n\r\n/1");
	assert_non_null(strstr(client->data, "Connection: keep-alive\r\n"));
	say(fixture, client, "GET /2 HTTP/1.0\r\n\r\n");
	expect_end(fixture, client);
	assert_non_null(strstr(client->data, "\r\n\r\n/2"));
	client_free(client);
}

static void
a_raw_answer_goes_out_byte_for_byte(void **state)
{
	struct fixture *fixture = *state;
	struct client *client = client_new(fixture);

	fixture->behaviour = RAW;
	say(fixture, client, "GET / HTTP/1.1\r\nHost: h\r\n\r\n");
	expect(fixture, client, "body");
	assert_string_equal(
		client->data, "HTTP/1.1 299 Odd\r\nContent-Length: 4\r\n\r\nbody");
	assert_int_equal(fixture->last_status, 299);
	expect_open(fixture, client);
	client_free(client);
}

static void
a_slow_reader_stops_the_writer_and_gets_everything(void **state)
{
	struct fixture *fixture = *state;
	struct client *client = client_new(fixture);
	size_t heard = 0;

	close(client->fd);
	client->fd = dial(fixture, 4096);
	fixture->behaviour = POUR;
	say(fixture, client, "GET / HTTP/1.1\r\nHost: h\r\n\r\n");
	expect_count(fixture, &fixture->exchanges, 1);
	expect_open(fixture, client);
	assert_non_null(fixture->held);
	assert_true(exchange_is_full(fixture->held));
	assert_true(exchange_queued(fixture->held) <= 256 * 1024 + PIECE);
	const char *body = strstr(client->data, "\r\n\r\n");
	assert_non_null(body);
	size_t head = (size_t)(body - client->data) + 4;
	for (int turn = 0; turn < 100000 && heard < BIG + head; turn++) {
		heard += client->size;
		client->size = 0;
		loop_turn(fixture->loop, 0);
		hear(client);
	}
	assert_int_equal(heard, BIG + head);
	assert_true(fixture->drained > 0);
	assert_null(fixture->held);
	assert_int_equal(fixture->aborted, 0);
	client_free(client);
}

static void
a_client_that_leaves_is_noticed_at_once(void **state)
{
	struct fixture *fixture = *state;
	struct client *client = client_new(fixture);

	fixture->behaviour = HOLD;
	say(fixture, client, "GET / HTTP/1.1\r\nHost: h\r\n\r\n");
	expect_count(fixture, &fixture->exchanges, 1);
	client_free(client);
	expect_count(fixture, &fixture->gone, 1);
	assert_int_equal(fixture->aborted, 1);
	assert_int_equal(http_server_exchange_count(fixture->server), 0);
}

static void
a_client_that_leaves_in_the_middle_of_an_answer_is_noticed(void **state)
{
	struct fixture *fixture = *state;
	struct client *client = client_new(fixture);

	fixture->behaviour = POUR;
	say(fixture, client, "GET / HTTP/1.1\r\nHost: h\r\n\r\n");
	expect_count(fixture, &fixture->exchanges, 1);
	client_free(client);
	expect_count(fixture, &fixture->gone, 1);
}

static void
a_client_that_takes_no_byte_is_given_up(void **state)
{
	struct fixture *fixture = *state;
	struct client *client = client_new(fixture);

	close(client->fd);
	client->fd = dial(fixture, 4096);
	fixture->behaviour = POUR;
	say(fixture, client, "GET / HTTP/1.1\r\nHost: h\r\n\r\n");
	expect_count(fixture, &fixture->exchanges, 1);
	turn_often(fixture);
	clock_advance(limits.write_stall_ms - 1000);
	turn_often(fixture);
	assert_int_equal(fixture->gone, 0);
	for (int64_t before = fixture->drained; fixture->drained == before;) {
		client->size = 0;
		hear(client);
		loop_turn(fixture->loop, 0);
	}
	turn_often(fixture);
	clock_advance(limits.write_stall_ms - 1000);
	turn_often(fixture);
	assert_int_equal(fixture->gone, 0);
	clock_advance(2000);
	expect_count(fixture, &fixture->gone, 1);
	client_free(client);
}

static void
an_aborted_answer_looks_broken_to_the_client(void **state)
{
	struct fixture *fixture = *state;
	struct client *client = client_new(fixture);

	fixture->behaviour = ABORT;
	say(fixture, client, "GET / HTTP/1.1\r\nHost: h\r\n\r\n");
	expect_end(fixture, client);
	assert_true(client->reset);
	assert_int_equal(fixture->aborted, 1);
	client_free(client);
}

static void
a_tunnel_passes_what_the_client_sends(void **state)
{
	struct fixture *fixture = *state;
	struct client *client = client_new(fixture);

	fixture->behaviour = TUNNEL;
	say(fixture, client,
		"GET /socket HTTP/1.1\r\nHost: h\r\nConnection: Upgrade\r\n"
		"Upgrade: websocket\r\n\r\nearly");
	expect(fixture, client, "\r\n\r\nearly");
	say(fixture, client, " and late");
	expect(fixture, client, "early and late");
	clock_advance(10 * limits.idle_timeout_ms);
	expect_open(fixture, client);
	exchange_pause_input(fixture->held, true);
	say(fixture, client, "!");
	expect_open(fixture, client);
	assert_null(strchr(client->data, '!'));
	exchange_pause_input(fixture->held, false);
	expect(fixture, client, "late!");
	exchange_finish(fixture->held, false);
	fixture->held = NULL;
	expect_end(fixture, client);
	assert_false(client->reset);
	client_free(client);
}

static void
bodies_arrive_whole(void **state)
{
	struct fixture *fixture = *state;
	struct client *client = client_new(fixture);

	fixture->behaviour = BODY;
	say(fixture, client, "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 6\r\n\r\nabc");
	expect_open(fixture, client);
	say(fixture, client, "def");
	expect(fixture, client, "\r\n\r\nabcdef");
	forget(client);
	say(fixture, client,
		"POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n"
		"3\r\nxyz\r\n2\r\nuv\r\n0\r\n\r\n");
	expect(fixture, client, "Content-Length: 5\r\n\r\nxyzuv");
	assert_null(strstr(client->data, "0\r\n\r\n"));
	forget(client);
	say(fixture, client,
		"PUT / HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\n"
		"Content-Length: 2\r\n\r\n");
	expect(fixture, client, "HTTP/1.1 100 Continue\r\n\r\n");
	say(fixture, client, "ok");
	expect(fixture, client, "\r\n\r\nok");
	expect_open(fixture, client);
	client_free(client);
}

static void
expect_refusal(struct fixture *fixture, const char *request, const char *status_and_code)
{
	struct client *client = client_new(fixture);
	char status[64], code[64];
	int exchanges = fixture->exchanges;

	assert_int_equal(sscanf(status_and_code, "%63s %63s", status, code), 2);
	say(fixture, client, request);
	expect_end(fixture, client);
	assert_false(client->reset);
	assert_int_equal(strncmp(client->data + 9, status, 3), 0);
	assert_non_null(strstr(client->data, "Connection: close\r\n"));
	assert_non_null(strstr(client->data, "\r\n\r\n{\"error\":{\"code\":\""));
	assert_non_null(strstr(client->data, code));
	assert_null(strstr(client->data, "<"));
	assert_int_equal(fixture->exchanges, exchanges);
	client_free(client);
}

static void
what_must_not_be_handled_is_refused_with_json(void **state)
{
	struct fixture *fixture = *state;

	expect_refusal(fixture, "GET / HTTP/1.1\r\n\r\n", "400 bad_request");
	expect_refusal(fixture,
		"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\nContent-Length: "
		"3\r\n\r\n"
		"abcGET /smuggled HTTP/1.1\r\nHost: h\r\n\r\n",
		"400 bad_request");
	expect_refusal(fixture, "GET /\r\n\r\n", "400 bad_request");
	expect_refusal(fixture, "nonsense\r\n\r\n", "400 bad_request");
	expect_refusal(
		fixture, "PROPFIND / HTTP/1.1\r\nHost: h\r\n\r\n", "501 not_implemented");
	expect_refusal(
		fixture, "TRACE / HTTP/1.1\r\nHost: h\r\n\r\n", "501 not_implemented");
	expect_refusal(fixture,
		"POST / HTTP/1.1\r\nHost: h\r\nExpect: pears\r\n"
		"Content-Length: 1\r\n\r\n",
		"417 expectation_failed");
}

static void
a_body_above_the_limit_is_refused_by_its_declared_length(void **state)
{
	struct fixture *fixture = *state;

	expect_refusal(fixture,
		"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1048577\r\n\r\n",
		"413 too_large");
	expect_refusal(fixture,
		"POST / HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\n"
		"Content-Length: 1048577\r\n\r\n",
		"413 too_large");
	expect_refusal(fixture,
		"POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: "
		"chunked\r\n\r\n200000\r\n",
		"413 too_large");
}

static void
a_client_that_goes_on_sending_still_reads_the_refusal(void **state)
{
	struct fixture *fixture = *state;
	struct client *client = client_new(fixture);
	char *body = xcalloc(1, 2 * 1024 * 1024);

	say(fixture, client,
		"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 2097152\r\n\r\n");
	say_bytes(fixture, client, body, 2 * 1024 * 1024);
	expect(fixture, client, "too_large");
	expect_end(fixture, client);
	assert_false(client->reset);
	xfree(body);
	client_free(client);
}

static void
headers_above_64_kb_are_refused(void **state)
{
	struct fixture *fixture = *state;
	struct text request;

	text_init(&request);
	text_add(&request, "GET / HTTP/1.1\r\nHost: h\r\n");
	for (int i = 0; i < 90; i++)
		text_addf(&request, "X-%d: %01000d\r\n", i, i);
	text_add(&request, "\r\n");
	expect_refusal(fixture, text_get(&request), "431 headers_too_large");
	text_fini(&request);
}

static void
all_bodies_together_have_a_bound(void **state)
{
	struct fixture *fixture = *state;
	struct client *first = client_new(fixture);
	struct client *second = client_new(fixture);
	char *body = xcalloc(1, 1024 * 1024);
	const char *head = "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1048576\r\n\r\n";

	fixture->behaviour = BODY;
	say(fixture, first, head);
	say_bytes(fixture, first, body, 1024 * 1024 - 1);
	say(fixture, second, head);
	say_bytes(fixture, second, body, 900 * 1024);
	expect(fixture, second, "busy");
	assert_non_null(strstr(second->data, "503 Service Unavailable\r\n"));
	assert_non_null(strstr(second->data, "Retry-After: 1\r\n"));
	assert_int_equal(fixture->exchanges, 0);
	say_bytes(fixture, first, body, 1);
	expect(fixture, first, "HTTP/1.1 200 OK");
	client_free(first);
	client_free(second);
	for (int turn = 0; turn < 200 && fixture->shared.connections > 0; turn++)
		loop_turn(fixture->loop, 1);
	assert_int_equal(fixture->shared.buffered_bytes, 0);
	xfree(body);
}

static void
a_head_that_trickles_in_has_a_deadline(void **state)
{
	struct fixture *fixture = *state;
	struct client *client = client_new(fixture);

	for (int i = 0; i < 4; i++) {
		say(fixture, client, i == 0 ? "GET / HTTP/1.1\r\n" : "X-Slow: yes\r\n");
		expect_open(fixture, client);
		clock_advance(limits.header_timeout_ms / 4 - 100);
		turn_often(fixture);
	}
	assert_int_equal(client->size, 0);
	clock_advance(1000);
	expect(fixture, client, "408 Request Timeout");
	expect_end(fixture, client);
	client_free(client);
}

static void
a_body_may_take_its_time_while_it_moves(void **state)
{
	struct fixture *fixture = *state;
	struct client *client = client_new(fixture);

	fixture->behaviour = BODY;
	say(fixture, client, "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\n\r\n");
	for (int i = 0; i < 3; i++) {
		say(fixture, client, "x");
		expect_open(fixture, client);
		clock_advance(limits.idle_timeout_ms - 1000);
		expect_open(fixture, client);
	}
	clock_advance(2000);
	expect(fixture, client, "408 Request Timeout");
	client_free(client);
}

static void
an_idle_connection_is_closed(void **state)
{
	struct fixture *fixture = *state;
	struct client *fresh = client_new(fixture);
	struct client *used = client_new(fixture);

	say(fixture, used, "GET /1 HTTP/1.1\r\nHost: h\r\n\r\n");
	expect(fixture, used, "/1");
	forget(used);
	clock_advance(limits.idle_timeout_ms + 1);
	expect_end(fixture, fresh);
	expect_end(fixture, used);
	assert_int_equal(fresh->size + used->size, 0);
	client_free(fresh);
	client_free(used);
}

static void
absolute_form_is_reduced_to_its_path(void **state)
{
	struct fixture *fixture = *state;
	struct client *client = client_new(fixture);

	say(fixture, client, "GET http://h/path?a=2 HTTP/1.1\r\nHost: h\r\n\r\n");
	expect(fixture, client, "\r\n\r\n/path");
	assert_string_equal(fixture->last_query, "2");
	expect_open(fixture, client);
	client_free(client);
}

static void
idle_connections_make_room_for_new_ones(void **state)
{
	struct fixture *fixture = *state;
	struct client *clients[9];

	for (size_t i = 0; i < COUNT_OF(clients); i++) {
		clients[i] = client_new(fixture);
		loop_turn(fixture->loop, 1);
	}
	say(fixture, clients[8], "GET /8 HTTP/1.1\r\nHost: h\r\n\r\n");
	expect(fixture, clients[8], "\r\n\r\n/8");
	expect_end(fixture, clients[0]);
	for (size_t i = 0; i < COUNT_OF(clients); i++)
		client_free(clients[i]);
}

static void
at_the_cap_new_connections_wait(void **state)
{
	struct fixture *fixture = *state;
	struct client *clients[9];

	fixture->behaviour = HOLD;
	for (int i = 0; i < 9; i++) {
		clients[i] = client_new(fixture);
		say(fixture, clients[i], "GET / HTTP/1.1\r\nHost: h\r\n\r\n");
		expect_count(fixture, &fixture->exchanges, i < 8 ? i + 1 : 8);
	}
	expect_open(fixture, clients[8]);
	assert_int_equal(fixture->exchanges, 8);
	client_free(clients[0]);
	expect_count(fixture, &fixture->exchanges, 9);
	for (int i = 1; i < 9; i++)
		client_free(clients[i]);
	expect_count(fixture, &fixture->gone, 9);
}

/* Leaves so many; returns the limit of before. */
static struct rlimit
limit_descriptors(int left)
{
	struct rlimit before, now;
	int next = open("/dev/null", O_RDONLY | O_CLOEXEC);

	assert_true(next >= 0);
	close(next);
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
	now = before;
	now.rlim_cur = (rlim_t)(next + left);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &now), 0);
	return before;
}

static void
the_listener_survives_having_no_descriptor(void **state)
{
	struct fixture *fixture = *state;
	struct client *client = client_new(fixture);

	struct rlimit before = limit_descriptors(0);
	turn_often(fixture);
	assert_int_equal(fixture->shared.connections, 0);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
	say(fixture, client, "GET /late HTTP/1.1\r\nHost: h\r\n\r\n");
	expect(fixture, client, "\r\n\r\n/late");
	client_free(client);
}

static void
freeing_the_server_tells_the_owners(void **state)
{
	struct fixture *fixture = *state;
	struct client *client = client_new(fixture);

	fixture->behaviour = HOLD;
	say(fixture, client, "GET / HTTP/1.1\r\nHost: h\r\n\r\n");
	expect_count(fixture, &fixture->exchanges, 1);
	http_server_free(fixture->server);
	fixture->server = NULL;
	assert_int_equal(fixture->gone, 1);
	expect_end(fixture, client);
	client_free(client);
}

static void
an_address_that_cannot_be_bound_is_told(void **state)
{
	struct fixture *fixture = *state;
	struct http_server *server = http_server_new(
		fixture->loop, &limits, &fixture->shared, on_exchange, fixture);
	uint16_t port = 0;
	char why[128];

	assert_false(http_server_listen(server, "nowhere", &port, why, sizeof why));
	assert_string_equal(why, "nowhere is not a numeric address");
	assert_false(http_server_listen(server, "192.0.2.1", &port, why, sizeof why));
	assert_non_null(strstr(why, "cannot listen on 192.0.2.1 port 0: "));
	assert_true(http_server_listen(server, "[::1]", &port, why, sizeof why));
	assert_int_not_equal(port, 0);
	http_server_free(server);
}

static void
closing_the_listener_lets_running_exchanges_end(void **state)
{
	struct fixture *fixture = *state;
	struct client *idle = client_new(fixture);
	struct client *busy = client_new(fixture);

	fixture->behaviour = HOLD;
	say(fixture, busy, "GET / HTTP/1.1\r\nHost: h\r\n\r\n");
	expect_count(fixture, &fixture->exchanges, 1);
	http_server_close_listener(fixture->server);
	expect_end(fixture, idle);
	assert_true(exchange_wants_close(fixture->held));
	exchange_reply(fixture->held, 200, NULL, "bye", 3);
	expect_end(fixture, busy);
	assert_non_null(strstr(busy->data, "Connection: close\r\n\r\nbye"));
	client_free(idle);
	client_free(busy);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_request_is_answered_and_the_connection_kept),
		TEST(pipelined_requests_are_answered_in_order),
		TEST(requests_pipelined_behind_a_held_one_wait),
		TEST(head_and_204_get_no_body),
		TEST(an_answer_of_unknown_length_is_chunked_for_1_1),
		TEST(an_answer_of_unknown_length_ends_with_the_connection_for_1_0),
		TEST(http_1_0_keeps_the_connection_when_it_asks_for_it),
		TEST(a_raw_answer_goes_out_byte_for_byte),
		TEST(a_slow_reader_stops_the_writer_and_gets_everything),
		TEST(a_client_that_leaves_is_noticed_at_once),
		TEST(a_client_that_leaves_in_the_middle_of_an_answer_is_noticed),
		TEST(a_client_that_takes_no_byte_is_given_up),
		TEST(an_aborted_answer_looks_broken_to_the_client),
		TEST(a_tunnel_passes_what_the_client_sends),
		TEST(bodies_arrive_whole),
		TEST(what_must_not_be_handled_is_refused_with_json),
		TEST(a_body_above_the_limit_is_refused_by_its_declared_length),
		TEST(a_client_that_goes_on_sending_still_reads_the_refusal),
		TEST(headers_above_64_kb_are_refused),
		TEST(all_bodies_together_have_a_bound),
		TEST(a_head_that_trickles_in_has_a_deadline),
		TEST(a_body_may_take_its_time_while_it_moves),
		TEST(an_idle_connection_is_closed),
		TEST(absolute_form_is_reduced_to_its_path),
		TEST(idle_connections_make_room_for_new_ones),
		TEST(at_the_cap_new_connections_wait),
		TEST(the_listener_survives_having_no_descriptor),
		TEST(an_address_that_cannot_be_bound_is_told),
		TEST(freeing_the_server_tells_the_owners),
		TEST(closing_the_listener_lets_running_exchanges_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
