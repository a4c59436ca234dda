#include "core/http_server.h"

#include "tests/unit/core/http_fixture.h"

static void
expect_refusal(struct fixture *fixture, const char *request, const char *status_and_code)
{
	struct client *client = client_new(fixture);
	char status[64], code[64];
	int exchanges = fixture->exchanges;
	int64_t refusals = metric_read(&http_metric_refusals, METRIC_COUNTER);

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
	assert_int_equal(metric_read(&http_metric_refusals, METRIC_COUNTER), refusals + 1);
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
	expect_refusal(
		fixture, "GET / HTTP/1.2\r\nHost: h\r\n\r\n", "505 version_not_supported");
	expect_refusal(fixture, "GET / HTTP/1.1\nHost: h\n\n", "400 bad_request");
	expect_refusal(fixture, "\x16\x03\x01", "400 bad_request");
	expect_refusal(fixture,
		"POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n0x3\r\n",
		"400 bad_request");
}

static void
a_refused_head_request_gets_no_body(void **state)
{
	struct fixture *fixture = *state;
	struct client *client = client_new(fixture);

	say(fixture, client, "HEAD / HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\n");
	expect_end(fixture, client);
	assert_int_equal(strncmp(client->data, "HTTP/1.1 400", 12), 0);
	assert_string_equal(strstr(client->data, "\r\n\r\n"), "\r\n\r\n");
	client_free(client);
}

static void
a_request_that_breaks_off_is_no_request(void **state)
{
	static const char *const pieces[] = { "GET / HTTP/1.1\r\nHost:",
		"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nab", "\r\n" };
	struct fixture *fixture = *state;

	for (size_t i = 0; i < COUNT_OF(pieces); i++) {
		struct client *client = client_new(fixture);
		say(fixture, client, pieces[i]);
		shutdown(client->fd, SHUT_WR);
		expect_end(fixture, client);
		assert_int_equal(client->size, 0);
		assert_int_equal(fixture->exchanges, 0);
		client_free(client);
	}
}

static void
heads_arrive_in_any_pieces(void **state)
{
	static const char request[] = "\r\nGET /pieces?a=x HTTP/1.1\r\nHost: h\r\n\r\n";
	struct fixture *fixture = *state;
	struct client *client = client_new(fixture);

	for (size_t i = 0; request[i] != '\0'; i++)
		say_bytes(fixture, client, request + i, 1);
	expect(fixture, client, "\r\n\r\n/pieces");
	assert_string_equal(fixture->last_query, "x");
	client_free(client);
}

static bool
is_loopback(void *arg, const char *address)
{
	++*(int *)arg;
	return strcmp(address, "127.0.0.1") == 0;
}

/* A server of its own, with at most two connections of one address. */
static struct http_server *
listen_for_few(struct fixture *fixture, int *asked)
{
	struct http_limits few = limits;
	char why[128];

	few.connections_per_address = 2;
	if (asked != NULL) {
		few.is_unlimited = is_loopback;
		few.trust_arg = asked;
	}
	struct http_server *server = http_server_new(
		fixture->loop, &few, &fixture->shared, on_exchange, fixture);
	http_server_on_done(server, on_done, fixture);
	fixture->port = 0;
	assert_true(
		http_server_listen(server, "127.0.0.1", &fixture->port, why, sizeof why));
	return server;
}

static void
one_address_has_so_many_connections(void **state)
{
	struct fixture *fixture = *state;
	struct http_server *server = listen_for_few(fixture, NULL);
	struct client *clients[3];

	for (size_t i = 0; i < COUNT_OF(clients); i++) {
		clients[i] = client_new(fixture);
		turn_often(fixture);
	}
	expect(fixture, clients[2], "too_many_connections");
	assert_int_equal(metric_read(&http_metric_turned_away, METRIC_COUNTER), 1);
	assert_int_equal(strncmp(clients[2]->data, "HTTP/1.1 503 ", 13), 0);
	assert_non_null(strstr(clients[2]->data, "Retry-After: 1\r\n"));
	expect_end(fixture, clients[2]);
	client_free(clients[2]);
	client_free(clients[0]);
	turn_often(fixture);
	clients[2] = client_new(fixture);
	for (size_t i = 1; i < COUNT_OF(clients); i++) {
		say(fixture, clients[i], "GET /again HTTP/1.1\r\nHost: h\r\n\r\n");
		expect(fixture, clients[i], "/again");
		client_free(clients[i]);
	}
	http_server_free(server);
}

static void
who_waits_for_a_place_gets_that_of_the_first_who_rests(void **state)
{
	static const char request[] = "GET /next HTTP/1.1\r\nHost: h\r\n\r\n";
	struct fixture *fixture = *state;
	struct http_limits one = limits;
	struct client *first = client_new(fixture);

	one.connections = 1;
	http_server_set_limits(fixture->server, &one);
	fixture->behaviour = HOLD;
	say(fixture, first, "GET /first HTTP/1.1\r\nHost: h\r\n\r\n");
	expect_count(fixture, &fixture->exchanges, 1);
	struct client *next = client_new(fixture);
	fixture->behaviour = REPLY;
	say(fixture, next, request);
	expect_open(fixture, next);
	assert_int_equal(next->size, 0);
	exchange_reply(fixture->held, 200, NULL, "kept alive", 10);
	fixture->held = NULL;
	expect(fixture, first, "kept alive");
	expect(fixture, next, "/next");
	expect_end(fixture, first);
	client_free(first);
	client_free(next);
}

/* Who has just come may have asked already: that is not being idle. */
static void
newcomers_do_not_push_each_other_out_unheard(void **state)
{
	static const char request[] = "GET /mine HTTP/1.1\r\nHost: h\r\n\r\n";
	struct fixture *fixture = *state;
	struct http_limits narrow = limits;
	struct client *idle = client_new(fixture);
	struct client *clients[6];

	narrow.connections = 2;
	http_server_set_limits(fixture->server, &narrow);
	turn_often(fixture);
	clock_advance(CONNECTION_SILENT_MS);
	for (size_t i = 0; i < COUNT_OF(clients); i++) {
		clients[i] = client_new(fixture);
		assert_int_equal(send(clients[i]->fd, request, sizeof request - 1, 0),
			sizeof request - 1);
	}
	for (size_t i = 0; i < COUNT_OF(clients); i++) {
		expect(fixture, clients[i], "/mine");
		client_free(clients[i]);
	}
	expect_end(fixture, idle);
	assert_int_equal(idle->size, 0);
	client_free(idle);
}

static void
who_brings_many_clients_is_not_limited(void **state)
{
	struct fixture *fixture = *state;
	int asked = 0;
	struct http_server *server = listen_for_few(fixture, &asked);
	struct client *clients[4];

	for (size_t i = 0; i < COUNT_OF(clients); i++) {
		clients[i] = client_new(fixture);
		say(fixture, clients[i], "GET /many HTTP/1.1\r\nHost: h\r\n\r\n");
		expect(fixture, clients[i], "/many");
	}
	assert_int_equal(asked, COUNT_OF(clients));
	for (size_t i = 0; i < COUNT_OF(clients); i++)
		client_free(clients[i]);
	http_server_free(server);
}

static struct http_server *
listen_behind_a_proxy(struct fixture *fixture, int *asked)
{
	struct http_limits proxied = limits;
	char why[128];

	proxied.connections_per_address = 1;
	proxied.proxy_protocol = true;
	proxied.is_proxy = is_loopback;
	proxied.trust_arg = asked;
	struct http_server *server = http_server_new(
		fixture->loop, &proxied, &fixture->shared, on_exchange, fixture);
	http_server_on_done(server, on_done, fixture);
	fixture->port = 0;
	assert_true(
		http_server_listen(server, "127.0.0.1", &fixture->port, why, sizeof why));
	return server;
}

static void
a_proxy_says_for_whom_it_passes_bytes_on(void **state)
{
	struct fixture *fixture = *state;
	int asked = 0;
	struct http_server *server = listen_behind_a_proxy(fixture, &asked);
	struct client *client = client_new(fixture);
	struct client *other = client_new(fixture);
	struct client *again = client_new(fixture);

	say(fixture, client, "PROXY TCP4 203.0.113.9 127.0.0.1 ");
	say(fixture, client, "5 80\r\nGET /1 HTTP/1.1\r\nHost: h\r\n\r\n");
	expect(fixture, client, "/1");
	assert_string_equal(fixture->last_client, "203.0.113.9");
	forget(client);
	say(fixture, client, "GET /2 HTTP/1.1\r\nHost: h\r\n\r\n");
	expect(fixture, client, "/2");
	say(fixture, other, "PROXY TCP4 203.0.113.10 127.0.0.1 5 80\r\n");
	say(fixture, other, "GET /3 HTTP/1.1\r\nHost: h\r\n\r\n");
	expect(fixture, other, "/3");
	assert_string_equal(fixture->last_client, "203.0.113.10");
	say(fixture, again, "PROXY TCP4 203.0.113.9 127.0.0.1 6 80\r\n");
	expect(fixture, again, "too_many_connections");
	client_free(client);
	client_free(other);
	client_free(again);
	http_server_free(server);
}

static void
whom_a_proxy_has_just_named_is_not_sent_away_before_it_speaks(void **state)
{
	struct fixture *fixture = *state;
	int asked = 0;
	struct http_server *server = listen_behind_a_proxy(fixture, &asked);
	struct client *clients[9];
	char hello[96];

	fixture->behaviour = HOLD;
	for (int i = 0; i < 8; i++) {
		clients[i] = client_new(fixture);
		say(fixture, clients[i], "PROXY TCP4 ");
		snprintf(hello, sizeof hello, "203.0.113.%d 127.0.0.1 5 80\r\n%s", i,
			i < 7 ? "GET / HTTP/1.1\r\nHost: h\r\n\r\n" : "");
		say(fixture, clients[i], hello);
	}
	expect_count(fixture, &fixture->exchanges, 7);
	clients[8] = client_new(fixture);
	expect_open(fixture, clients[7]);
	say(fixture, clients[7], "GET / HTTP/1.1\r\nHost: h\r\n\r\n");
	expect_count(fixture, &fixture->exchanges, 8);
	for (int i = 0; i < 9; i++)
		client_free(clients[i]);
	http_server_free(server);
}

static void
a_proxy_that_does_not_say_so_is_not_heard(void **state)
{
	struct fixture *fixture = *state;
	int asked = 0;
	struct http_server *server = listen_behind_a_proxy(fixture, &asked);
	struct client *client = client_new(fixture);
	int64_t refusals = metric_read(&http_metric_refusals, METRIC_COUNTER);

	say(fixture, client, "GET / HTTP/1.1\r\nHost: h\r\n\r\n");
	expect_end(fixture, client);
	assert_int_equal(client->size, 0);
	assert_int_equal(fixture->exchanges, 0);
	assert_int_equal(metric_read(&http_metric_refusals, METRIC_COUNTER), refusals + 1);
	client_free(client);
	http_server_free(server);
}

static void
nobody_else_may_say_for_whom_it_speaks(void **state)
{
	expect_refusal(*state,
		"PROXY TCP4 203.0.113.9 127.0.0.1 5 80\r\nGET / HTTP/1.1\r\nHost: "
		"h\r\n\r\n",
		"400 bad_request");
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
	for (int turn = 0; turn < TURNS && fixture->shared.buffered_bytes < 900 * 1024;
		turn++)
		loop_turn(fixture->loop, 1);
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
limits_change_while_it_serves(void **state)
{
	struct fixture *fixture = *state;
	struct http_limits changed = limits;
	struct client *idle = client_new(fixture);

	say(fixture, idle, "GET /1 HTTP/1.1\r\nHost: h\r\n\r\n");
	expect(fixture, idle, "/1");
	forget(idle);
	changed.idle_timeout_ms = 2000;
	changed.body_bytes = 4;
	http_server_set_limits(fixture->server, &changed);
	struct client *client = client_new(fixture);
	say(fixture, client,
		"POST /2 HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\n12345");
	expect(fixture, client, "413 ");
	clock_advance(changed.idle_timeout_ms + 1);
	expect_end(fixture, idle);
	assert_int_equal(idle->size, 0);
	client_free(idle);
	client_free(client);
}

static void
an_exchange_is_shown_when_asked_for(void **state)
{
	struct fixture *fixture = *state;
	struct client *client = client_new(fixture);

	say(fixture, client, "GET /1 HTTP/1.1\r\nHost: h\r\n\r\n");
	expect(fixture, client, "\r\n\r\n/1");
	assert_null(strstr(client->data, "X-Sidetrack-Exchange"));
	http_server_show_exchanges(fixture->server, true);
	say(fixture, client, "GET /2 HTTP/1.1\r\nHost: h\r\n\r\n");
	expect(fixture, client, "\r\n\r\n/2");
	assert_non_null(strstr(client->data, "\r\nX-Sidetrack-Exchange: "));
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
		clock_advance(i == 0 ? CONNECTION_SILENT_MS : 0);
	}
	say(fixture, clients[8], "GET /8 HTTP/1.1\r\nHost: h\r\n\r\n");
	expect(fixture, clients[8], "\r\n\r\n/8");
	expect_end(fixture, clients[0]);
	for (size_t i = 0; i < COUNT_OF(clients); i++)
		client_free(clients[i]);
}

static void
who_has_just_come_is_not_sent_away_before_it_speaks(void **state)
{
	struct fixture *fixture = *state;
	struct client *clients[9];

	fixture->behaviour = HOLD;
	for (int i = 0; i < 9; i++) {
		clients[i] = client_new(fixture);
		if (i < 7)
			say(fixture, clients[i], "GET / HTTP/1.1\r\nHost: h\r\n\r\n");
		turn_often(fixture);
	}
	expect_count(fixture, &fixture->exchanges, 7);
	expect_open(fixture, clients[7]);
	say(fixture, clients[7], "GET / HTTP/1.1\r\nHost: h\r\n\r\n");
	expect_count(fixture, &fixture->exchanges, 8);
	for (int i = 0; i < 9; i++)
		client_free(clients[i]);
	expect_count(fixture, &fixture->gone, 8);
}

static void
at_the_cap_who_stays_silent_makes_room(void **state)
{
	struct fixture *fixture = *state;
	struct client *clients[9];

	fixture->behaviour = HOLD;
	for (int i = 0; i < 9; i++) {
		clients[i] = client_new(fixture);
		if (i != 7)
			say(fixture, clients[i], "GET / HTTP/1.1\r\nHost: h\r\n\r\n");
		turn_often(fixture);
	}
	expect_count(fixture, &fixture->exchanges, 7);
	clock_advance(CONNECTION_SILENT_MS);
	expect_end(fixture, clients[7]);
	expect_count(fixture, &fixture->exchanges, 8);
	for (int i = 0; i < 9; i++)
		client_free(clients[i]);
	expect_count(fixture, &fixture->gone, 8);
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
idle_connections_give_their_descriptors_to_new_ones(void **state)
{
	struct fixture *fixture = *state;
	struct client *idle = client_new(fixture);

	turn_often(fixture);
	assert_int_equal(fixture->shared.connections, 1);
	struct client *client = client_new(fixture);
	struct rlimit before = limit_descriptors(0);
	say(fixture, client, "GET /late HTTP/1.1\r\nHost: h\r\n\r\n");
	expect(fixture, client, "\r\n\r\n/late");
	expect_end(fixture, idle);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
	client_free(client);
	client_free(idle);
}

static void
an_ipv4_client_of_an_ipv6_listener_has_its_ipv4_address(void **state)
{
	struct fixture *fixture = *state;
	struct http_server *server = http_server_new(
		fixture->loop, &limits, &fixture->shared, on_exchange, fixture);
	char why[128];

	http_server_on_done(server, on_done, fixture);
	fixture->port = 0;
	assert_true(http_server_listen(server, "::", &fixture->port, why, sizeof why));
	struct client *client = client_new(fixture);
	say(fixture, client, "GET /six HTTP/1.1\r\nHost: h\r\n\r\n");
	expect(fixture, client, "/six");
	assert_string_equal(fixture->last_client, "127.0.0.1");
	client_free(client);
	http_server_free(server);
}

static void
workers_share_a_port(void **state)
{
	struct fixture *fixture = *state;
	struct http_server *second = http_server_new(
		fixture->loop, &limits, &fixture->shared, on_exchange, fixture);
	uint16_t port = fixture->port;
	char why[128];

	http_server_on_done(second, on_done, fixture);
	assert_false(http_server_port_is_free("127.0.0.1", port, why, sizeof why));
	assert_non_null(strstr(why, "Address already in use"));
	assert_true(http_server_listen(second, "127.0.0.1", &port, why, sizeof why));
	assert_int_equal(port, fixture->port);
	for (int i = 0; i < 8; i++) {
		struct client *client = client_new(fixture);
		say(fixture, client, "GET /shared HTTP/1.0\r\n\r\n");
		expect(fixture, client, "/shared");
		expect_end(fixture, client);
		client_free(client);
	}
	http_server_free(second);
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

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(what_must_not_be_handled_is_refused_with_json),
		TEST(a_refused_head_request_gets_no_body),
		TEST(a_request_that_breaks_off_is_no_request),
		TEST(heads_arrive_in_any_pieces),
		TEST(one_address_has_so_many_connections),
		TEST(who_waits_for_a_place_gets_that_of_the_first_who_rests),
		TEST(newcomers_do_not_push_each_other_out_unheard),
		TEST(who_brings_many_clients_is_not_limited),
		TEST(a_proxy_says_for_whom_it_passes_bytes_on),
		TEST(whom_a_proxy_has_just_named_is_not_sent_away_before_it_speaks),
		TEST(a_proxy_that_does_not_say_so_is_not_heard),
		TEST(nobody_else_may_say_for_whom_it_speaks),
		TEST(a_body_above_the_limit_is_refused_by_its_declared_length),
		TEST(a_client_that_goes_on_sending_still_reads_the_refusal),
		TEST(headers_above_64_kb_are_refused),
		TEST(all_bodies_together_have_a_bound),
		TEST(a_head_that_trickles_in_has_a_deadline),
		TEST(a_body_may_take_its_time_while_it_moves),
		TEST(an_idle_connection_is_closed),
		TEST(limits_change_while_it_serves),
		TEST(an_exchange_is_shown_when_asked_for),
		TEST(idle_connections_make_room_for_new_ones),
		TEST(who_has_just_come_is_not_sent_away_before_it_speaks),
		TEST(at_the_cap_who_stays_silent_makes_room),
		TEST(at_the_cap_new_connections_wait),
		TEST(the_listener_survives_having_no_descriptor),
		TEST(idle_connections_give_their_descriptors_to_new_ones),
		TEST(an_ipv4_client_of_an_ipv6_listener_has_its_ipv4_address),
		TEST(workers_share_a_port),
		TEST(freeing_the_server_tells_the_owners),
		TEST(an_address_that_cannot_be_bound_is_told),
		TEST(closing_the_listener_lets_running_exchanges_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
