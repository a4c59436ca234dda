/* A client, the relay and a Jellyfin that says everything a server may say. */
#include "proxy/relay.h"

#include "tests/unit/proxy/harness.h"

#define GET(path) "GET " path " HTTP/1.1\r\nHost: h\r\n\r\n"
#define OK(size)  "HTTP/1.1 200 OK\r\nContent-Length: " size "\r\n\r\n"

static int
setup(void **state)
{
	*state = harness_new(64, 8);
	return 0;
}

static int
teardown(void **state)
{
	harness_free(*state);
	return 0;
}

/* ---- heads and short bodies ---- */

struct row {
	const char *name;
	const char *request;
	const char *upstream; /* Jellyfin's answer */
	bool upstream_ends;   /* and then it closes */
	const char *client;   /* what the client hears, whole */
	bool client_ends;
	bool reusable; /* the upstream connection is kept */
};

static const struct row rows[] = {
	{ "content-length", GET("/a"), OK("5") "hello", false, OK("5") "hello", false,
		true },
	{ "empty body", GET("/a"), OK("0"), false, OK("0"), false, true },
	{ "head", "HEAD /a HTTP/1.1\r\nHost: h\r\n\r\n", OK("5"), false, OK("5"), false,
		true },
	{ "304 with a length", GET("/a"),
		"HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n", false,
		"HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n", false, true },
	{ "204", GET("/a"), "HTTP/1.1 204 No Content\r\n\r\n", false,
		"HTTP/1.1 204 No Content\r\n\r\n", false, true },
	{ "206", "GET /a HTTP/1.1\r\nHost: h\r\nRange: bytes=0-1\r\n\r\n",
		"HTTP/1.1 206 Partial\r\nContent-Range: bytes 0-1/9\r\n"
		"Content-Length: 2\r\n\r\nab",
		false,
		"HTTP/1.1 206 Partial\r\nContent-Range: bytes 0-1/9\r\n"
		"Content-Length: 2\r\n\r\nab",
		false, true },
	{ "http/1.0 upstream", GET("/a"), "HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nab",
		true, OK("2") "ab", false, false },
	{ "until close", GET("/a"), "HTTP/1.1 200 OK\r\n\r\nsome", true,
		"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nsome", true, false },
	{ "until close, said keep-alive", GET("/a"),
		"HTTP/1.1 200 OK\r\nConnection: keep-alive\r\n\r\nsome", true,
		"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nsome", true, false },
	{ "chunked with extension and trailer", GET("/a"),
		"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
		"3;x=y\r\nabc\r\n0\r\nX-Sum: 1\r\n\r\n",
		false,
		"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
		"3;x=y\r\nabc\r\n0\r\nX-Sum: 1\r\n\r\n",
		false, true },
	{ "chunked for http/1.0", "GET /a HTTP/1.0\r\nHost: h\r\n\r\n",
		"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
		"3;x=y\r\nabc\r\n2\r\nde\r\n0\r\nX-Sum: 1\r\n\r\n",
		false, "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nabcde", true, true },
	{ "http/1.0 client", "GET /a HTTP/1.0\r\n\r\n", OK("2") "ab", false,
		"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nab", true,
		true },
	{ "http/1.0 client that keeps alive",
		"GET /a HTTP/1.0\r\nConnection: keep-alive\r\n\r\n", OK("2") "ab", false,
		"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: keep-alive\r\n\r\nab",
		false, true },
	{ "client wants close",
		"GET /a HTTP/1.1\r\nHost: h\r\nConnection: foo, close\r\n\r\n",
		OK("2") "ab", false,
		"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nab", true,
		true },
	{ "cookies, empty and utf-8 values", GET("/a"),
		"HTTP/1.1 200 OK\r\nSet-Cookie: a\r\nSet-Cookie: b\r\nE:\r\n"
		"N: \xc3\xbc\r\nContent-Length: 0\r\n\r\n",
		false,
		"HTTP/1.1 200 OK\r\nSet-Cookie: a\r\nSet-Cookie: b\r\nE:\r\n"
		"N: \xc3\xbc\r\nContent-Length: 0\r\n\r\n",
		false, true },
	{ "interim answers", GET("/a"),
		"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: "
		"a\r\n\r\n" OK("2") "ab",
		false, OK("2") "ab", false, true },
	{ "a reason of its own", GET("/a"),
		"HTTP/1.1 299 Ganz gut\r\nContent-Length: 0\r\n\r\n", false,
		"HTTP/1.1 299 Ganz gut\r\nContent-Length: 0\r\n\r\n", false, true },
	{ "extra bytes", GET("/a"), OK("2") "abcd", false, OK("2") "ab", false, false },
	{ "upstream closes after", GET("/a"),
		"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nab", true,
		OK("2") "ab", false, false },
};

/* Says `text` in pieces of `step` bytes with a turn between them. */
static void
say_slowly(struct harness *harness, struct peer *peer, const char *text, size_t step)
{
	for (size_t at = 0; at < strlen(text); at += step) {
		size_t left = strlen(text) - at;
		say_bytes(harness, peer, text + at, left < step ? left : step);
		loop_turn(harness->loop, 1);
	}
}

static void
check_row(const struct row *row, size_t step)
{
	struct harness *harness = harness_new(64, 8);
	struct peer *client = dial(harness);

	say(harness, client, row->request);
	struct peer *jellyfin = answer_call(harness);
	expect(harness, jellyfin, "\r\n\r\n");
	say_slowly(harness, jellyfin, row->upstream, step);
	if (row->upstream_ends)
		hang_up(jellyfin);
	expect_count(harness, &harness->done, 1);
	expect(harness, client, row->client);
	for (int turn = 0; turn < 5; turn++)
		loop_turn(harness->loop, 1);
	hear(client);
	if (strcmp(client->data.data, row->client) != 0)
		fail_msg("%s: \"%s\"", row->name, client->data.data);
	assert_int_equal(client->ended, row->client_ends);
	assert_false(client->reset);
	assert_int_equal(harness->answered, 1);
	assert_int_equal(harness->complete, 1);
	if (!row->upstream_ends) {
		hear(jellyfin);
		assert_int_equal(jellyfin->ended, !row->reusable);
	}
	peer_free(client);
	peer_free(jellyfin);
	harness_free(harness);
}

static void
every_answer_arrives_as_it_was_sent(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++)
		check_row(&rows[i], 4096);
}

static void
answers_in_small_pieces_arrive_the_same(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++)
		check_row(&rows[i], 7);
}

static void
the_request_goes_on_with_base_and_forwarded_headers(void **state)
{
	struct harness *harness = *state;
	struct peer *client = dial(harness);

	say(harness, client,
		"POST /a%2Fb?x=[1] HTTP/1.1\r\nHost: jf\r\nX-One: 1\r\nConnection: "
		"X-One\r\n"
		"Content-Length: 5\r\n\r\nhello");
	struct peer *jellyfin = answer_call(harness);
	expect(harness, jellyfin, "hello");
	assert_string_equal(jellyfin->data.data,
		"POST /jf/a%2Fb?x=[1] HTTP/1.1\r\nHost: jf\r\nContent-Length: 5\r\n"
		"X-Forwarded-For: 127.0.0.1\r\nX-Forwarded-Proto: http\r\n"
		"X-Forwarded-Host: jf\r\n\r\nhello");
	say(harness, jellyfin, OK("0"));
	expect(harness, client, OK("0"));
	peer_free(client);
	peer_free(jellyfin);
}

static void
a_head_of_30_kb_passes(void **state)
{
	struct harness *harness = *state;
	struct peer *client = dial(harness);
	struct text head;

	text_init(&head);
	text_add(&head, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nX: ");
	for (int i = 0; i < 30 * 1024; i++)
		text_add_char(&head, 'x');
	text_add(&head, "\r\n\r\n");
	say(harness, client, GET("/a"));
	struct peer *jellyfin = answer_call(harness);
	say_bytes(harness, jellyfin, head.data, head.size);
	expect(harness, client, "x\r\n\r\n");
	assert_string_equal(client->data.data, head.data);
	text_fini(&head);
	peer_free(client);
	peer_free(jellyfin);
}

static void
connections_are_used_again_and_pipelines_keep_order(void **state)
{
	struct harness *harness = *state;
	struct peer *client = dial(harness);

	say(harness, client,
		GET("/1") "POST /2 HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\nab" GET(
			"/3") GET("/4"));
	struct peer *jellyfin = answer_call(harness);
	for (int i = 1; i <= 4; i++) {
		char text[64];
		snprintf(text, sizeof text, "/jf/%d HTTP/1.1", i);
		expect(harness, jellyfin, text);
		assert_null(strstr(strstr(jellyfin->data.data, text) + 10, "/jf/"));
		snprintf(text, sizeof text, OK("1") "%d", i);
		say(harness, jellyfin, text);
		expect(harness, client, text);
	}
	expect_no_call(harness);
	assert_int_equal(harness->complete, 4);
	peer_free(client);
	peer_free(jellyfin);
}

#define WITH(setup_function, test)                                                         \
	cmocka_unit_test_setup_teardown(test, setup_function, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_answer_arrives_as_it_was_sent),
		cmocka_unit_test(answers_in_small_pieces_arrive_the_same),
		WITH(setup, the_request_goes_on_with_base_and_forwarded_headers),
		WITH(setup, a_head_of_30_kb_passes),
		WITH(setup, connections_are_used_again_and_pipelines_keep_order),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
