/* A client, the relay and a Jellyfin that does everything a server may do. */
#include "proxy/relay.h"

#include "tests/unit/proxy/harness.h"

#define GET(path) "GET " path " HTTP/1.1\r\nHost: h\r\n\r\n"
#define OK(size)  "HTTP/1.1 200 OK\r\nContent-Length: " size "\r\n\r\n"

enum { BIG = 16 * 1024 * 1024, UPLOAD = 4 * 1024 * 1024 };
#define UPLOAD_TEXT "4194304"
#define BIG_TEXT    "16777216"
#define BIG_HEX     "1000000"

static int
setup(void **state)
{
	*state = harness_new(64, 8);
	return 0;
}

static int
setup_copying(void **state)
{
	*state = harness_new(64, 0);
	return 0;
}

static int
setup_narrow(void **state)
{
	*state = harness_new(1, 8);
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

/* ---- what goes wrong before the head ---- */

static void
expect_error(struct harness *harness, struct peer *client, int status, const char *code)
{
	char text[64];

	snprintf(text, sizeof text, "HTTP/1.1 %d ", status);
	expect(harness, client, text);
	snprintf(text, sizeof text, "\"code\":\"%s\"", code);
	expect(harness, client, text);
	assert_int_equal(harness->done, 1);
	assert_int_equal(harness->complete, 0);
	assert_int_equal(harness->status, status);
}

static void
an_unreachable_jellyfin_is_a_502(void **state)
{
	struct harness *harness = *state;
	struct peer *client = dial(harness);
	uint16_t port = harness->jellyfin.sin_port;

	harness->jellyfin.sin_port = 0;
	say(harness, client, GET("/a"));
	expect_error(harness, client, 502, "jellyfin_unreachable");
	/* The client's connection lives, and it recovers by itself. */
	forget(client);
	harness->jellyfin.sin_port = port;
	say(harness, client, GET("/b"));
	struct peer *jellyfin = answer_call(harness);
	say(harness, jellyfin, OK("1") "b");
	expect(harness, client, OK("1") "b");
	peer_free(client);
	peer_free(jellyfin);
}

static void
a_refused_connection_is_a_502(void **state)
{
	struct harness *harness = *state;
	struct peer *client = dial(harness);

	close(harness->listener);
	say(harness, client, GET("/a"));
	expect_error(harness, client, 502, "jellyfin_unreachable");
	harness_listen(harness);
	peer_free(client);
}

static void
heads_that_make_no_sense_are_a_502(void **state)
{
	static const char *const heads[] = {
		"nonsense\r\n\r\n",
		"HTTP/1.1 200 OK\n\n",
		"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: "
		"chunked\r\n\r\n",
		"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
		"HTTP/1.1 200 OK\r\nContent-Length: +1\r\n\r\n",
		"HTTP/1.1 101 Switching Protocols\r\n\r\n",
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(heads); i++) {
		struct harness *harness = harness_new(64, 8);
		struct peer *client = dial(harness);
		say(harness, client, GET("/a"));
		struct peer *jellyfin = answer_call(harness);
		say(harness, jellyfin, heads[i]);
		expect_error(harness, client, 502, "jellyfin_unreachable");
		expect_end(harness, jellyfin);
		peer_free(client);
		peer_free(jellyfin);
		harness_free(harness);
	}
}

static void
a_reset_before_the_head_is_a_502(void **state)
{
	struct harness *harness = *state;
	struct peer *client = dial(harness);

	say(harness, client, GET("/a"));
	struct peer *jellyfin = answer_call(harness);
	expect(harness, jellyfin, "\r\n\r\n");
	slam(jellyfin);
	expect_error(harness, client, 502, "jellyfin_unreachable");
	peer_free(client);
	peer_free(jellyfin);
}

static void
a_silent_jellyfin_is_a_504(void **state)
{
	struct harness *harness = *state;
	struct peer *client = dial(harness);

	say(harness, client, GET("/a"));
	struct peer *jellyfin = answer_call(harness);
	expect(harness, jellyfin, "\r\n\r\n");
	clock_advance(SILENCE_MS - 1000);
	turn_often(harness);
	assert_int_equal(harness->done, 0);
	clock_advance(1100);
	expect_error(harness, client, 504, "jellyfin_timeout");
	expect_end(harness, jellyfin);
	peer_free(client);
	peer_free(jellyfin);
}

/* A kept connection, idle on both sides. */
static struct peer *
make_idle(struct harness *harness)
{
	struct peer *client = dial(harness);

	say(harness, client, GET("/first"));
	struct peer *jellyfin = answer_call(harness);
	say(harness, jellyfin, OK("0"));
	expect(harness, client, OK("0"));
	expect_count(harness, &harness->done, 1);
	forget(jellyfin);
	harness->done = harness->complete = 0;
	peer_free(client);
	return jellyfin;
}

static void
a_stale_connection_is_tried_once_more(void **state)
{
	struct harness *harness = *state;
	struct peer *kept = make_idle(harness);
	struct peer *client = dial(harness);

	say(harness, client, GET("/again"));
	expect(harness, kept, "/jf/again");
	hang_up(kept);
	struct peer *fresh = answer_call(harness);
	expect(harness, fresh, "GET /jf/again HTTP/1.1\r\n");
	say(harness, fresh, OK("2") "ok");
	expect(harness, client, OK("2") "ok");
	peer_free(client);
	peer_free(kept);
	peer_free(fresh);
}

static void
a_second_break_is_not_tried_again(void **state)
{
	struct harness *harness = *state;
	struct peer *kept = make_idle(harness);
	struct peer *client = dial(harness);

	say(harness, client, GET("/again"));
	expect(harness, kept, "/jf/again");
	hang_up(kept);
	struct peer *fresh = answer_call(harness);
	expect(harness, fresh, "/jf/again");
	hang_up(fresh);
	expect_error(harness, client, 502, "jellyfin_unreachable");
	expect_no_call(harness);
	peer_free(client);
	peer_free(kept);
	peer_free(fresh);
}

static void
a_post_is_never_sent_twice(void **state)
{
	struct harness *harness = *state;
	struct peer *kept = make_idle(harness);
	struct peer *client = dial(harness);

	say(harness, client, "POST /x HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\nab");
	expect(harness, kept, "\r\n\r\nab");
	hang_up(kept);
	expect_error(harness, client, 502, "jellyfin_unreachable");
	expect_no_call(harness);
	peer_free(client);
	peer_free(kept);
}

static void
idle_connections_that_end_or_speak_are_dropped(void **state)
{
	struct harness *harness = *state;
	struct peer *kept = make_idle(harness);

	say(harness, kept, "HTTP/1.1 408 Request Timeout\r\n\r\n");
	expect_end(harness, kept);
	peer_free(kept);
	kept = make_idle(harness);
	hang_up(kept);
	turn_often(harness);
	assert_int_equal(proxy_metric_upstream_connections.value, 0);
	peer_free(kept);
}

static void
idle_connections_are_closed_after_a_minute(void **state)
{
	struct harness *harness = *state;
	struct peer *kept = make_idle(harness);

	clock_advance(59000);
	turn_often(harness);
	hear(kept);
	assert_false(kept->ended);
	clock_advance(2000);
	expect_end(harness, kept);
	peer_free(kept);
}

static void
requests_beyond_the_cap_wait_for_a_connection(void **state)
{
	struct harness *harness = *state;
	struct peer *first = dial(harness);
	struct peer *second = dial(harness);

	say(harness, first, GET("/1"));
	struct peer *jellyfin = answer_call(harness);
	expect(harness, jellyfin, "/jf/1");
	say(harness, second, GET("/2"));
	expect_no_call(harness);
	say(harness, jellyfin, OK("1") "1");
	expect(harness, jellyfin, "/jf/2");
	say(harness, jellyfin, OK("1") "2");
	expect(harness, first, OK("1") "1");
	expect(harness, second, OK("1") "2");
	peer_free(first);
	peer_free(second);
	peer_free(jellyfin);
}

static void
waiting_for_a_connection_ends_with_503(void **state)
{
	struct harness *harness = *state;
	struct peer *first = dial(harness);
	struct peer *second = dial(harness);

	say(harness, first, GET("/1"));
	struct peer *jellyfin = answer_call(harness);
	expect(harness, jellyfin, "/jf/1");
	say(harness, second, GET("/2"));
	turn_often(harness);
	clock_advance(10100);
	expect_error(harness, second, 503, "jellyfin_busy");
	peer_free(first);
	peer_free(second);
	peer_free(jellyfin);
}

/* ---- what goes wrong amid a body ---- */

static void
expect_broken(struct harness *harness, const char *head, bool jellyfin_resets)
{
	struct peer *client = dial(harness);

	say(harness, client, GET("/a"));
	struct peer *jellyfin = answer_call(harness);
	say(harness, jellyfin, head);
	expect(harness, client, "\r\n\r\n");
	expect_count(harness, &harness->answered, 1);
	if (jellyfin_resets)
		slam(jellyfin);
	else
		hang_up(jellyfin);
	expect_end(harness, client);
	assert_int_equal(harness->done, 1);
	assert_int_equal(harness->complete, 0);
	assert_int_equal(harness->status, 200);
	peer_free(jellyfin);
	if (strstr(head, "Length") == NULL && strstr(head, "chunked") == NULL)
		assert_true(client->reset);
	peer_free(client);
	harness->answered = harness->done = 0;
}

static void
a_transfer_that_breaks_upstream_breaks_for_the_client(void **state)
{
	struct harness *harness = *state;

	expect_broken(harness, OK("10") "half", false);
	expect_broken(harness, OK("10") "half", true);
	expect_broken(harness, OK("1000000") "half", false);
	expect_broken(harness,
		"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhe", false);
	expect_broken(harness,
		"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n",
		true);
	expect_broken(harness, "HTTP/1.1 200 OK\r\n\r\nsome", true);
}

static void
a_bad_chunk_breaks_the_transfer(void **state)
{
	struct harness *harness = *state;
	struct peer *client = dial(harness);

	say(harness, client, GET("/a"));
	struct peer *jellyfin = answer_call(harness);
	say(harness, jellyfin,
		"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n");
	expect(harness, client, "abc\r\n");
	say(harness, jellyfin, "0x5\r\nhello");
	expect_end(harness, client);
	expect_end(harness, jellyfin);
	assert_int_equal(harness->complete, 0);
	peer_free(client);
	peer_free(jellyfin);
}

static void
silence_amid_a_body_breaks_the_transfer(void **state)
{
	struct harness *harness = *state;
	struct peer *client = dial(harness);

	say(harness, client, GET("/a"));
	struct peer *jellyfin = answer_call(harness);
	say(harness, jellyfin, OK("10") "a");
	expect(harness, client, "\r\n\r\na");
	clock_advance(SILENCE_MS - 1000);
	turn_often(harness);
	say(harness, jellyfin, "b");
	expect(harness, client, "\r\n\r\nab");
	clock_advance(SILENCE_MS - 1000);
	turn_often(harness);
	assert_int_equal(harness->done, 0);
	clock_advance(1100);
	expect_end(harness, client);
	assert_int_equal(harness->complete, 0);
	peer_free(client);
	peer_free(jellyfin);
}

static void
a_client_that_leaves_cancels_the_upstream(void **state)
{
	struct harness *harness = *state;
	struct peer *client = dial(harness);

	say(harness, client, GET("/waiting"));
	struct peer *jellyfin = answer_call(harness);
	expect(harness, jellyfin, "/jf/waiting");
	hang_up(client);
	expect_end(harness, jellyfin);
	assert_int_equal(harness->done, 1);
	assert_int_equal(harness->status, 0);
	peer_free(client);
	peer_free(jellyfin);

	client = dial(harness);
	say(harness, client, GET("/amid"));
	jellyfin = answer_call(harness);
	say(harness, jellyfin, OK("10000000") "some");
	expect(harness, client, "some");
	slam(client);
	expect_end(harness, jellyfin);
	assert_int_equal(harness->done, 2);
	assert_int_equal(harness->complete, 0);
	assert_int_equal(harness->status, 200);
	peer_free(client);
	peer_free(jellyfin);
}

/* ---- long bodies ---- */

static char *
big_body(void)
{
	char *body = xmalloc(BIG);

	for (size_t i = 0; i < BIG; i++)
		body[i] = (char)(i * 7 + (i >> 12));
	return body;
}

/* Jellyfin sends as much as it can; returns how much that was. */
static size_t
pour(struct harness *harness, struct peer *peer, const char *data, size_t size, int turns)
{
	size_t at = 0;

	for (int turn = 0; turn < turns && at < size; turn++) {
		ssize_t sent = send(peer->fd, data + at, size - at, MSG_NOSIGNAL);
		if (sent > 0)
			at += (size_t)sent;
		loop_turn(harness->loop, 0);
	}
	return at;
}

/* A client that reads nothing for a while, then everything. */
static void
check_big(struct harness *harness, const char *head, const char *tail)
{
	struct peer *client = dial_slowly(harness);
	char *body = big_body();
	const char *start;

	say(harness, client, GET("/big"));
	struct peer *jellyfin = answer_call(harness);
	say(harness, jellyfin, head);
	size_t at = pour(harness, jellyfin, body, BIG, 500);
	assert_true(at < BIG); /* back-pressure */
	expect(harness, client, "\r\n\r\n");
	while (at < BIG) {
		at += pour(harness, jellyfin, body + at, BIG - at, 1);
		hear(client);
	}
	say(harness, jellyfin, tail);
	hear(client);
	start = (const char *)memmem(client->data.data, client->data.size, "\r\n\r\n", 4) +
		4;
	size_t head_size = (size_t)(start - client->data.data);
	bool chunked = strstr(head, "chunked") != NULL;
	if (chunked)
		head_size += sizeof BIG_HEX + 1;
	expect_size(harness, client, head_size + BIG + strlen(tail));
	assert_memory_equal(client->data.data + head_size, body, BIG);
	expect_count(harness, &harness->complete, 1);
	xfree(body);
	peer_free(client);
	peer_free(jellyfin);
	harness->complete = 0;
}

static void
a_long_body_goes_through_the_kernel_unchanged(void **state)
{
	struct harness *harness = *state;
	int64_t before = proxy_metric_splice_bytes.value;

	check_big(harness, OK(BIG_TEXT), "");
	assert_true(proxy_metric_splice_bytes.value - before > BIG / 2);
	assert_int_equal(harness->last.status, 200);
	assert_true(harness->last.sent_bytes > BIG);
	/* The pipe is used again. */
	check_big(harness, OK(BIG_TEXT), "");
}

static void
a_long_body_can_be_copied_too(void **state)
{
	struct harness *harness = *state;
	int64_t before = proxy_metric_splice_bytes.value;

	check_big(harness, OK(BIG_TEXT), "");
	assert_int_equal(proxy_metric_splice_bytes.value, before);
	check_big(harness,
		"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" BIG_HEX "\r\n",
		"\r\n0\r\n\r\n");
}

static void
a_client_that_takes_no_byte_is_gone(void **state)
{
	struct harness *harness = *state;
	struct peer *client = dial_slowly(harness);
	char *body = big_body();

	say(harness, client, GET("/big"));
	struct peer *jellyfin = answer_call(harness);
	say(harness, jellyfin, "HTTP/1.1 200 OK\r\nContent-Length: 100000000\r\n\r\n");
	pour(harness, jellyfin, body, BIG, 500);
	clock_advance(STALL_MS - 1000);
	turn_often(harness);
	assert_int_equal(harness->done, 0);
	clock_advance(1100);
	for (int i = 0; i < TURNS && harness->done == 0; i++)
		loop_turn(harness->loop, 1);
	assert_int_equal(harness->done, 1);
	assert_int_equal(harness->complete, 0);
	peer_free(jellyfin);
	peer_free(client);
	xfree(body);
}

static void
an_upload_waits_for_a_slow_jellyfin(void **state)
{
	struct harness *harness = *state;
	struct peer *client = dial(harness);
	char *body = big_body();

	say(harness, client,
		"POST /up HTTP/1.1\r\nHost: h\r\nContent-Length: " UPLOAD_TEXT "\r\n\r\n");
	say_bytes(harness, client, body, UPLOAD);
	struct peer *jellyfin = answer_call(harness);
	turn_often(harness);
	expect(harness, jellyfin, "\r\n\r\n");
	size_t head =
		(size_t)(strstr(jellyfin->data.data, "\r\n\r\n") - jellyfin->data.data) + 4;
	expect_size(harness, jellyfin, head + UPLOAD);
	assert_memory_equal(jellyfin->data.data + head, body, UPLOAD);
	say(harness, jellyfin, OK("0"));
	expect(harness, client, OK("0"));
	xfree(body);
	peer_free(client);
	peer_free(jellyfin);
}

static void
an_answer_before_the_upload_is_over_arrives(void **state)
{
	struct harness *harness = *state;
	struct peer *client = dial(harness);
	char *body = big_body();

	say(harness, client,
		"POST /up HTTP/1.1\r\nHost: h\r\nContent-Length: " UPLOAD_TEXT "\r\n\r\n");
	say_bytes(harness, client, body, UPLOAD);
	struct peer *jellyfin = answer_call(harness);
	say(harness, jellyfin, "HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n");
	expect(harness, client, "HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n");
	assert_int_equal(harness->complete, 1);
	expect_end(harness, jellyfin);
	xfree(body);
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
		cmocka_unit_test(heads_that_make_no_sense_are_a_502),
		WITH(setup, the_request_goes_on_with_base_and_forwarded_headers),
		WITH(setup, a_head_of_30_kb_passes),
		WITH(setup, connections_are_used_again_and_pipelines_keep_order),
		WITH(setup, an_unreachable_jellyfin_is_a_502),
		WITH(setup, a_refused_connection_is_a_502),
		WITH(setup, a_reset_before_the_head_is_a_502),
		WITH(setup, a_silent_jellyfin_is_a_504),
		WITH(setup, a_stale_connection_is_tried_once_more),
		WITH(setup, a_second_break_is_not_tried_again),
		WITH(setup, a_post_is_never_sent_twice),
		WITH(setup, idle_connections_that_end_or_speak_are_dropped),
		WITH(setup, idle_connections_are_closed_after_a_minute),
		WITH(setup_narrow, requests_beyond_the_cap_wait_for_a_connection),
		WITH(setup_narrow, waiting_for_a_connection_ends_with_503),
		WITH(setup, a_transfer_that_breaks_upstream_breaks_for_the_client),
		WITH(setup, a_bad_chunk_breaks_the_transfer),
		WITH(setup, silence_amid_a_body_breaks_the_transfer),
		WITH(setup, a_client_that_leaves_cancels_the_upstream),
		WITH(setup, a_long_body_goes_through_the_kernel_unchanged),
		WITH(setup_copying, a_long_body_can_be_copied_too),
		WITH(setup, a_client_that_takes_no_byte_is_gone),
		WITH(setup, an_upload_waits_for_a_slow_jellyfin),
		WITH(setup, an_answer_before_the_upload_is_over_arrives),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
