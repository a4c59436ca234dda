/* Answers that break, readers that stall, and bodies that are long. */
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
setup_one_pipe(void **state)
{
	*state = harness_new(64, 1);
	return 0;
}

static int
setup_copying(void **state)
{
	*state = harness_new(64, 0);
	return 0;
}

static int
teardown(void **state)
{
	harness_free(*state);
	return 0;
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
	int64_t before = metric_read(&proxy_metric_splice_bytes, METRIC_COUNTER);

	check_big(harness, OK(BIG_TEXT), "");
	assert_true(
		metric_read(&proxy_metric_splice_bytes, METRIC_COUNTER) - before > BIG / 2);
	assert_int_equal(harness->last.status, 200);
	assert_true(harness->last.sent_bytes > BIG);
	/* The pipe is used again. */
	check_big(harness, OK(BIG_TEXT), "");
}

/* The one pipe goes to whoever has bytes to hold. */
static void
a_body_that_loses_its_pipe_is_copied_on(void **state)
{
	struct harness *harness = *state;
	struct peer *quick = dial(harness);
	struct peer *slow = dial_slowly(harness);
	char *body = big_body();

	say(harness, quick, GET("/quick"));
	struct peer *first = answer_call(harness);
	say(harness, first, OK("1000000"));
	say_bytes(harness, first, body, 400000);
	expect_size(harness, quick, strlen(OK("1000000")) + 400000);

	say(harness, slow, GET("/slow"));
	struct peer *second = answer_call(harness);
	say(harness, second, OK(BIG_TEXT));
	assert_true(pour(harness, second, body, BIG, 500) < BIG);
	int64_t spliced = metric_read(&proxy_metric_splice_bytes, METRIC_COUNTER);

	say_bytes(harness, first, body + 400000, 300000);
	expect_size(harness, quick, strlen(OK("1000000")) + 700000);
	assert_int_equal(metric_read(&proxy_metric_splice_bytes, METRIC_COUNTER), spliced);
	/* And has it again when the other has gone. */
	slam(slow);
	expect_end(harness, second);
	say_bytes(harness, first, body + 700000, 300000);
	expect_size(harness, quick, strlen(OK("1000000")) + 1000000);
	assert_true(metric_read(&proxy_metric_splice_bytes, METRIC_COUNTER) > spliced);
	assert_memory_equal(quick->data.data + strlen(OK("1000000")), body, 1000000);
	xfree(body);
	peer_free(quick);
	peer_free(slow);
	peer_free(first);
	peer_free(second);
}

static void
a_long_body_can_be_copied_too(void **state)
{
	struct harness *harness = *state;
	int64_t before = metric_read(&proxy_metric_splice_bytes, METRIC_COUNTER);

	check_big(harness, OK(BIG_TEXT), "");
	assert_int_equal(metric_read(&proxy_metric_splice_bytes, METRIC_COUNTER), before);
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
	clock_advance(STALL_MS - 10000);
	turn_often(harness);
	assert_int_equal(harness->done, 0);
	clock_advance(10100);
	expect_count(harness, &harness->done, 1);
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

	/* More than the sockets between would take: Jellyfin does not hear all of it. */
	say(harness, client,
		"POST /up HTTP/1.1\r\nHost: h\r\nContent-Length: 16777216\r\n\r\n");
	say_bytes(harness, client, body, BIG);
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
		WITH(setup, a_transfer_that_breaks_upstream_breaks_for_the_client),
		WITH(setup, a_bad_chunk_breaks_the_transfer),
		WITH(setup, silence_amid_a_body_breaks_the_transfer),
		WITH(setup, a_client_that_leaves_cancels_the_upstream),
		WITH(setup, a_long_body_goes_through_the_kernel_unchanged),
		WITH(setup_one_pipe, a_body_that_loses_its_pipe_is_copied_on),
		WITH(setup_copying, a_long_body_can_be_copied_too),
		WITH(setup, a_client_that_takes_no_byte_is_gone),
		WITH(setup, an_upload_waits_for_a_slow_jellyfin),
		WITH(setup, an_answer_before_the_upload_is_over_arrives),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
