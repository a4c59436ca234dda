/* A Jellyfin that is away, silent, stale or out of its mind before it answers. */
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
	assert_int_equal(metric_read(&proxy_metric_upstream_connections, METRIC_GAUGE), 0);
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

#define WITH(setup_function, test)                                                         \
	cmocka_unit_test_setup_teardown(test, setup_function, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(heads_that_make_no_sense_are_a_502),
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
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
