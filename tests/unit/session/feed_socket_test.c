#include "session/feed_socket.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "core/clock.h"
#include "tests/unit/session/fake_sockets.h"

#define SESSIONS "{\"MessageType\":\"Sessions\",\"Data\":[{\"Id\":\"s\"}]%*s}"

struct fixture {
	struct loop *loop;
	struct fake_sockets sockets;
	struct base_url base;
	struct feed_socket *socket;
	bool address_known;
	int address_failures;
	int pushed;
};

static bool
address(void *arg, char *to, size_t size)
{
	struct fixture *fixture = arg;

	copy_text(to, size, "127.0.0.1");
	return fixture->address_known;
}

static void
on_address_failed(void *arg)
{
	((struct fixture *)arg)->address_failures++;
}

static void
on_pushed(void *arg, const struct feed_sessions *sessions)
{
	struct fixture *fixture = arg;

	fixture->pushed += (int)sessions->session_count;
}

static int
set_up(void **state)
{
	struct fixture *fixture = xcalloc(1, sizeof *fixture);
	char why[128];

	clock_enable_test();
	fixture->loop = loop_new("test");
	loop_adopt(fixture->loop);
	fixture->address_known = true;
	if (!base_url_parse(&fixture->base, "http://jelly:8096/jf", why, sizeof why))
		return -1;
	const struct feed_socket_options options = { .server = "attic",
		.base = &fixture->base,
		.authorization = "MediaBrowser Token=\"k\"",
		.loop = fixture->loop,
		.sockets = fake_sockets_of(&fixture->sockets),
		.address = address,
		.address_failed = on_address_failed,
		.address_arg = fixture,
		.pushed = on_pushed,
		.pushed_arg = fixture };
	fixture->socket = feed_socket_new(&options);
	*state = fixture;
	return 0;
}

static int
tear_down(void **state)
{
	struct fixture *fixture = *state;

	feed_socket_free(fixture->socket);
	loop_free(fixture->loop);
	assert_null(fixture->sockets.sockets);
	text_fini(&fixture->sockets.last_sent);
	xfree(fixture);
	return 0;
}

static void
pass(struct fixture *fixture, int64_t ms)
{
	clock_advance(ms);
	loop_turn(fixture->loop, 30);
}

static void
expect_sent(struct fixture *fixture, size_t count, const char *last)
{
	assert_int_equal(fixture->sockets.sent, count);
	assert_non_null(strstr(text_get(&fixture->sockets.last_sent), last));
}

static void
open_it(struct fixture *fixture)
{
	feed_socket_want(fixture->socket, true);
	assert_non_null(fixture->sockets.sockets);
	fake_socket_event(fixture->sockets.sockets, OUTGOING_OPENED, "");
}

static void
an_open_socket_subscribes_and_keeps_alive(void **state)
{
	struct fixture *fixture = *state;

	feed_socket_want(fixture->socket, true);
	assert_string_equal(feed_socket_state(fixture->socket), "opening");
	assert_string_equal(fixture->sockets.path, "/jf/socket");
	assert_string_equal(fixture->sockets.authorization, "MediaBrowser Token=\"k\"");
	fake_socket_event(fixture->sockets.sockets, OUTGOING_OPENED, "");
	expect_sent(fixture, 2, "KeepAlive"); /* after SessionsStart */
	fake_socket_read(fixture->sockets.sockets,
		"{\"MessageType\":\"ForceKeepAlive\",\"Data\":40}");
	expect_sent(fixture, 3, "KeepAlive");
	pass(fixture, 19000);
	assert_int_equal(fixture->sockets.sent, 3);
	pass(fixture, 1000);
	expect_sent(fixture, 4, "KeepAlive");
	pass(fixture, 20000);
	expect_sent(fixture, 5, "KeepAlive");
	assert_string_equal(feed_socket_state(fixture->socket), "open");
}

static void
pushes_are_handed_on_and_the_rest_is_not(void **state)
{
	struct fixture *fixture = *state;
	struct text push = { 0 };

	open_it(fixture);
	text_addf(&push, SESSIONS, 0, "");
	fake_socket_read(fixture->sockets.sockets, text_get(&push));
	fake_socket_read(
		fixture->sockets.sockets, "{\"MessageType\":\"Play\",\"Data\":[]}");
	fake_socket_read(fixture->sockets.sockets, "nonsense");
	assert_int_equal(fixture->pushed, 1);
	text_fini(&push);
}

static void
a_lost_socket_is_reopened_later_and_later(void **state)
{
	struct fixture *fixture = *state;

	open_it(fixture);
	for (size_t i = 1; i <= 4; i++) {
		fake_socket_event(fixture->sockets.sockets, OUTGOING_CLOSED, "gone");
		assert_string_equal(feed_socket_state(fixture->socket), "none");
		pass(fixture, (int64_t)(500 << (i - 1)) - 100);
		assert_int_equal(fixture->sockets.opened, i);
		pass(fixture, (int64_t)(500 << (i - 1)) / 4 + 100);
		assert_int_equal(fixture->sockets.opened, i + 1);
	}
	assert_int_equal(fixture->address_failures, 3); /* the first had been open */
	fake_socket_event(fixture->sockets.sockets, OUTGOING_CLOSED, "gone");
	feed_socket_want(fixture->socket, false);
	pass(fixture, 60000);
	assert_int_equal(fixture->sockets.opened, 5);
}

static void
an_unknown_address_is_waited_for(void **state)
{
	struct fixture *fixture = *state;

	fixture->address_known = false;
	feed_socket_want(fixture->socket, true);
	assert_int_equal(fixture->sockets.opened, 0);
	fixture->address_known = true;
	pass(fixture, 1000);
	assert_int_equal(fixture->sockets.opened, 1);
}

static void
a_flood_of_pushes_is_paused_for_a_minute(void **state)
{
	struct fixture *fixture = *state;
	struct text push = { 0 };

	open_it(fixture);
	text_addf(&push, SESSIONS, FEED_FLOOD_BYTES / 4, "");
	for (int i = 0; i < 3; i++)
		fake_socket_read(fixture->sockets.sockets, text_get(&push));
	pass(fixture, FEED_FLOOD_WINDOW_MS); /* that was slow enough */
	for (int i = 0; i < 3; i++)
		fake_socket_read(fixture->sockets.sockets, text_get(&push));
	assert_string_equal(feed_socket_state(fixture->socket), "open");
	for (int i = 0; i < 3; i++)
		fake_socket_read(fixture->sockets.sockets, text_get(&push));
	expect_sent(fixture, 3, "SessionsStop"); /* once */
	assert_string_equal(feed_socket_state(fixture->socket), "paused");
	assert_int_equal(fixture->pushed, 9);
	pass(fixture, FEED_FLOOD_PAUSE_MS);
	assert_string_equal(feed_socket_state(fixture->socket), "open");
	text_fini(&push);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(an_open_socket_subscribes_and_keeps_alive),
		TEST(pushes_are_handed_on_and_the_rest_is_not),
		TEST(a_lost_socket_is_reopened_later_and_later),
		TEST(an_unknown_address_is_waited_for),
		TEST(a_flood_of_pushes_is_paused_for_a_minute),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
