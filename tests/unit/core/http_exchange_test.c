#include "core/http_exchange.h"

#include "tests/unit/core/http_fixture.h"

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
errors_can_be_read_by_other_origins_and_say_when_to_come_back(void **state)
{
	static const struct {
		const char *origin;
		int status;
		bool allowed, retried;
	} rows[] = {
		{ "", 502, false, false },
		{ "Origin: https://a.example\r\n", 502, true, false },
		{ "Origin: null\r\n", 503, true, true },
	};
	struct fixture *fixture = *state;

	fixture->behaviour = HOLD;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct client *client = client_new(fixture);
		say(fixture, client, "GET / HTTP/1.1\r\nHost: h\r\n");
		say(fixture, client, rows[i].origin);
		say(fixture, client, "\r\n");
		expect_count(fixture, &fixture->exchanges, (int)i + 1);
		exchange_reply_error(fixture->held, rows[i].status, "odd", "Odd.");
		expect(fixture, client, "\"Odd.\"}}");
		assert_int_equal(strstr(client->data,
					 "\r\nAccess-Control-Allow-Origin: *\r\n") != NULL,
			rows[i].allowed);
		assert_int_equal(strstr(client->data, "\r\nRetry-After: 1\r\n") != NULL,
			rows[i].retried);
		client_free(client);
	}
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
slam(struct client *client)
{
	const struct linger at_once = { .l_onoff = 1, .l_linger = 0 };

	assert_int_equal(
		setsockopt(client->fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once), 0);
	client_free(client);
}

static void
a_client_that_resets_its_connection_is_noticed_at_once(void **state)
{
	struct fixture *fixture = *state;
	struct client *client = client_new(fixture);

	say(fixture, client, "GET /first HTTP/1.1\r\nHost: h\r\n\r\n");
	expect(fixture, client, "/first");
	fixture->behaviour = HOLD;
	say(fixture, client, "GET / HTTP/1.1\r\nHost: h\r\n\r\n");
	expect_count(fixture, &fixture->exchanges, 2);
	slam(client);
	for (int turn = 0; turn < 3; turn++)
		loop_turn(fixture->loop, 1);
	assert_int_equal(fixture->gone, 1);
	assert_int_equal(fixture->aborted, 1);
	assert_int_equal(http_server_exchange_count(fixture->server), 0);
}

static void
in_its_first_request_a_client_is_watched_after_a_moment(void **state)
{
	struct fixture *fixture = *state;
	struct client *client = client_new(fixture);

	fixture->behaviour = HOLD;
	say(fixture, client, "GET / HTTP/1.1\r\nHost: h\r\n\r\n");
	expect_count(fixture, &fixture->exchanges, 1);
	slam(client);
	clock_advance(50);
	expect_count(fixture, &fixture->gone, 1);
	assert_int_equal(fixture->aborted, 1);
}

static void
a_client_that_leaves_is_noticed_soon(void **state)
{
	struct fixture *fixture = *state;
	struct client *client = client_new(fixture);

	fixture->behaviour = HOLD;
	say(fixture, client, "GET / HTTP/1.1\r\nHost: h\r\n\r\n");
	expect_count(fixture, &fixture->exchanges, 1);
	client_free(client);
	for (int i = 0; i < 2; i++) {
		turn_often(fixture);
		clock_advance(250);
	}
	expect_count(fixture, &fixture->gone, 1);
	assert_int_equal(fixture->aborted, 1);
	assert_int_equal(http_server_exchange_count(fixture->server), 0);
}

static void
an_answer_under_way_goes_on_for_a_client_that_stops_talking(void **state)
{
	struct fixture *fixture = *state;
	struct client *client = client_new(fixture);

	fixture->behaviour = HOLD;
	say(fixture, client, "GET / HTTP/1.1\r\nHost: h\r\n\r\n");
	expect_count(fixture, &fixture->exchanges, 1);
	shutdown(client->fd, SHUT_WR);
	turn_often(fixture);
	assert_int_equal(fixture->gone, 0);
	clock_advance(250);
	expect(fixture, client, "HTTP/1.1 100 Continue\r\n\r\n");
	for (int i = 0; i < 4; i++) {
		clock_advance(250);
		turn_often(fixture);
	}
	assert_int_equal(fixture->gone, 0);
	forget(client);
	exchange_reply(fixture->held, 200, NULL, "late", 4);
	expect(fixture, client, "\r\n\r\nlate");
	assert_int_equal(strncmp(client->data, "HTTP/1.1 200", 12), 0);
	expect_end(fixture, client);
	assert_false(client->reset);
	client_free(client);
}

static void
an_old_client_that_stops_talking_gets_its_answer_only(void **state)
{
	struct fixture *fixture = *state;
	struct client *client = client_new(fixture);

	fixture->behaviour = HOLD;
	say(fixture, client, "GET / HTTP/1.0\r\n\r\n");
	expect_count(fixture, &fixture->exchanges, 1);
	shutdown(client->fd, SHUT_WR);
	turn_often(fixture);
	clock_advance(1000);
	expect_open(fixture, client);
	assert_int_equal(client->size, 0);
	exchange_reply(fixture->held, 200, NULL, "late", 4);
	expect(fixture, client, "\r\n\r\nlate");
	expect_end(fixture, client);
	client_free(client);
}

static void
pipelined_requests_are_answered_to_a_client_that_stops_talking(void **state)
{
	struct fixture *fixture = *state;
	struct client *client = client_new(fixture);

	fixture->behaviour = HOLD;
	say(fixture, client,
		"GET /1 HTTP/1.1\r\nHost: h\r\n\r\nGET /2 HTTP/1.1\r\nHost: h\r\n\r\nGET "
		"/");
	shutdown(client->fd, SHUT_WR);
	expect_count(fixture, &fixture->exchanges, 1);
	turn_often(fixture);
	exchange_reply(fixture->held, 200, NULL, "one", 3);
	expect_count(fixture, &fixture->exchanges, 2);
	exchange_reply(fixture->held, 200, NULL, "two", 3);
	expect(fixture, client, "two");
	expect_end(fixture, client);
	assert_int_equal(fixture->exchanges, 2);
	client_free(client);
}

static void
much_that_is_sent_ahead_waits_in_the_kernel(void **state)
{
	enum { MANY = 20000 };
	static const char request[] = "GET /n HTTP/1.1\r\nHost: h\r\n\r\n";
	struct fixture *fixture = *state;
	struct client *client = client_new(fixture);
	size_t size = MANY * (sizeof request - 1);
	char *all = xmalloc(size);
	size_t sent = 0;

	for (size_t i = 0; i < MANY; i++)
		memcpy(all + i * (sizeof request - 1), request, sizeof request - 1);
	fixture->behaviour = HOLD;
	for (int turn = 0; turn < TURNS && sent < size; turn++) {
		ssize_t now = send(client->fd, all + sent, size - sent, MSG_NOSIGNAL);
		sent += now > 0 ? (size_t)now : 0;
		loop_turn(fixture->loop, 0);
	}
	expect_count(fixture, &fixture->exchanges, 1);
	fixture->behaviour = REPLY;
	exchange_reply(fixture->held, 200, NULL, "one", 3);
	for (int turn = 0; turn < 20000 && fixture->exchanges < MANY; turn++) {
		ssize_t now = send(client->fd, all + sent, size - sent, MSG_NOSIGNAL);
		sent += now > 0 ? (size_t)now : 0;
		loop_turn(fixture->loop, 0);
		hear(client);
		forget(client);
	}
	assert_int_equal(fixture->exchanges, MANY);
	xfree(all);
	client_free(client);
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
an_answer_shorter_than_promised_looks_broken(void **state)
{
	struct fixture *fixture = *state;
	struct client *client = client_new(fixture);

	fixture->behaviour = SHORT;
	say(fixture, client, "GET / HTTP/1.1\r\nHost: h\r\n\r\n");
	expect_end(fixture, client);
	assert_non_null(strstr(client->data, "Content-Length: 10\r\n\r\nshort"));
	assert_int_equal(fixture->aborted, 1);
	client_free(client);
}

static void
a_forgotten_exchange_is_answered_with_500(void **state)
{
	struct fixture *fixture = *state;
	struct client *client = client_new(fixture);

	fixture->behaviour = FORGET;
	say(fixture, client, "GET / HTTP/1.1\r\nHost: h\r\n\r\n");
	expect(fixture, client, "HTTP/1.1 500 Internal Server Error\r\n");
	client_free(client);
}

static void
a_client_that_stops_talking_may_still_read_a_complete_answer(void **state)
{
	struct fixture *fixture = *state;
	struct client *client = client_new(fixture);
	char *body = xcalloc(1, BIG);
	size_t heard = 0;

	close(client->fd);
	client->fd = dial(fixture, 4096);
	fixture->behaviour = HOLD;
	say(fixture, client, "GET / HTTP/1.1\r\nHost: h\r\n\r\n");
	expect_count(fixture, &fixture->exchanges, 1);
	exchange_reply(fixture->held, 200, NULL, body, BIG);
	shutdown(client->fd, SHUT_WR);
	for (int turn = 0; turn < 100000 && !client->ended; turn++) {
		loop_turn(fixture->loop, 0);
		hear(client);
		heard += client->size;
		client->size = 0;
	}
	assert_true(client->ended && !client->reset && heard > BIG);
	assert_int_equal(fixture->gone, 0);
	assert_int_equal(fixture->aborted, 0);
	xfree(body);
	client_free(client);
}

static void
who_writes_to_the_socket_directly_can_have_stalls_watched(void **state)
{
	struct fixture *fixture = *state;
	struct client *client = client_new(fixture);

	fixture->behaviour = HOLD;
	say(fixture, client, "GET / HTTP/1.1\r\nHost: h\r\n\r\n");
	expect_count(fixture, &fixture->exchanges, 1);
	exchange_expect_progress(fixture->held, true);
	clock_advance(limits.write_stall_ms - 10000); /* real time passes as well */
	turn_often(fixture);
	exchange_count_sent(fixture->held, 1);
	clock_advance(limits.write_stall_ms - 10000);
	turn_often(fixture);
	assert_int_equal(fixture->gone, 0);
	exchange_expect_progress(fixture->held, false);
	clock_advance(limits.write_stall_ms + 1000);
	turn_often(fixture);
	assert_int_equal(fixture->gone, 0);
	exchange_expect_progress(fixture->held, true);
	clock_advance(limits.write_stall_ms + 1000);
	expect_count(fixture, &fixture->gone, 1);
	client_free(client);
}

static void
a_tunnel_passes_what_the_client_sends(void **state)
{
	struct fixture *fixture = *state;
	struct client *client = client_new(fixture);

	fixture->behaviour = TUNNEL;
	say(fixture, client,
		"GET /socket?a=b HTTP/1.1\r\nHost: h\r\nConnection: Upgrade\r\n"
		"Upgrade: websocket\r\n\r\nearly");
	expect(fixture, client, "\r\n\r\nearly");
	say(fixture, client, " and late");
	expect(fixture, client, "early and late");
	clock_advance(10 * limits.idle_timeout_ms);
	expect_open(fixture, client);
	const struct http_request *request = exchange_request(fixture->held);
	assert_string_equal(request->target, "/socket?a=b");
	assert_true(slice_equal_text(request->path, "/socket"));
	assert_true(slice_equal_text(request->query_text, "a=b"));
	assert_int_equal(request->header_count, 3);
	assert_string_equal(exchange_header(fixture->held, "upgrade"), "websocket");
	assert_string_equal(request->client_address, "127.0.0.1");
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
a_tunnel_that_is_over_waits_only_so_long_for_its_client(void **state)
{
	static const char much[PIECE];
	struct fixture *fixture = *state;
	struct client *client = client_new(fixture);

	fixture->behaviour = TUNNEL;
	say(fixture, client,
		"GET /socket HTTP/1.1\r\nHost: h\r\nConnection: Upgrade\r\n"
		"Upgrade: websocket\r\n\r\n");
	expect(fixture, client, "\r\n\r\n");
	for (size_t sent = 0; sent < BIG; sent += sizeof much)
		exchange_send_raw(fixture->held, 0, NULL, 0, much, sizeof much);
	clock_advance(limits.write_stall_ms + 1000);
	turn_often(fixture);
	assert_int_equal(fixture->done, 0);
	exchange_finish(fixture->held, true);
	clock_advance(limits.write_stall_ms + 1000);
	expect_count(fixture, &fixture->done, 1);
	assert_int_equal(fixture->aborted, 1);
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

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_request_is_answered_and_the_connection_kept),
		TEST(pipelined_requests_are_answered_in_order),
		TEST(requests_pipelined_behind_a_held_one_wait),
		TEST(errors_can_be_read_by_other_origins_and_say_when_to_come_back),
		TEST(head_and_204_get_no_body),
		TEST(an_answer_of_unknown_length_is_chunked_for_1_1),
		TEST(an_answer_of_unknown_length_ends_with_the_connection_for_1_0),
		TEST(http_1_0_keeps_the_connection_when_it_asks_for_it),
		TEST(a_raw_answer_goes_out_byte_for_byte),
		TEST(a_slow_reader_stops_the_writer_and_gets_everything),
		TEST(a_client_that_resets_its_connection_is_noticed_at_once),
		TEST(in_its_first_request_a_client_is_watched_after_a_moment),
		TEST(a_client_that_leaves_is_noticed_soon),
		TEST(an_answer_under_way_goes_on_for_a_client_that_stops_talking),
		TEST(an_old_client_that_stops_talking_gets_its_answer_only),
		TEST(pipelined_requests_are_answered_to_a_client_that_stops_talking),
		TEST(much_that_is_sent_ahead_waits_in_the_kernel),
		TEST(a_client_that_leaves_in_the_middle_of_an_answer_is_noticed),
		TEST(a_client_that_takes_no_byte_is_given_up),
		TEST(an_aborted_answer_looks_broken_to_the_client),
		TEST(an_answer_shorter_than_promised_looks_broken),
		TEST(a_forgotten_exchange_is_answered_with_500),
		TEST(a_client_that_stops_talking_may_still_read_a_complete_answer),
		TEST(who_writes_to_the_socket_directly_can_have_stalls_watched),
		TEST(a_tunnel_passes_what_the_client_sends),
		TEST(a_tunnel_that_is_over_waits_only_so_long_for_its_client),
		TEST(bodies_arrive_whole),
		TEST(absolute_form_is_reduced_to_its_path),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
