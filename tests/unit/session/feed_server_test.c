#include "session/feed_server.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "core/clock.h"
#include "core/json.h"
#include "tests/unit/session/fake_sockets.h"
#include "tests/unit/session/fake_transport.h"

#define URL "http://jelly:8096/jf/Sessions?activeWithinSeconds=960"
#define PLAYING                                                                            \
	"[{\"Id\":\"s\",\"Client\":\"Web\",\"DeviceId\":\"d\",\"NowPlayingItem\":"         \
	"{\"Id\":\"0123456789abcdef0123456789abcdef\"},\"PlayState\":{}}]"
#define PUSHED "{\"MessageType\":\"Sessions\",\"Data\":" PLAYING "}"

struct fixture {
	struct loop *loop;
	struct fake_transport transport;
	struct fake_sockets sockets;
	struct feed_server *server;
	struct text said; /* "+" Start, "-" Stop, "down", "up" */
};

static void
on_report(void *arg, const struct play_report *report)
{
	struct fixture *fixture = arg;

	if (report->kind == REPORT_START)
		text_add(&fixture->said, "+ ");
	if (report->kind == REPORT_STOP)
		text_add(&fixture->said, "- ");
}

static void
on_changed(void *arg, const struct feed_server *server, bool up)
{
	struct fixture *fixture = arg;

	assert_int_equal(feed_server_state(server) == FEED_DOWN, !up);
	text_add(&fixture->said, up ? "up " : "down ");
}

static bool
address(void *arg, char *to, size_t size)
{
	(void)arg;
	return copy_text(to, size, "127.0.0.1");
}

static int
set_up(void **state)
{
	struct fixture *fixture = xcalloc(1, sizeof *fixture);
	struct base_url base;
	char why[128];

	clock_enable_test();
	fixture->loop = loop_new("test");
	loop_adopt(fixture->loop);
	if (!base_url_parse(&base, "http://jelly:8096/jf", why, sizeof why))
		return -1;
	const struct feed_server_options options = { .name = "attic",
		.base = &base,
		.api_key = "verysecret",
		.loop = fixture->loop,
		.transport = fake_transport_of(&fixture->transport),
		.sockets = fake_sockets_of(&fixture->sockets),
		.address = address,
		.report = on_report,
		.report_arg = fixture,
		.changed = on_changed,
		.changed_arg = fixture };
	fixture->server = feed_server_start(&options);
	*state = fixture;
	return 0;
}

static int
tear_down(void **state)
{
	struct fixture *fixture = *state;

	feed_server_stop(fixture->server);
	loop_free(fixture->loop);
	assert_null(fixture->transport.calls);
	assert_null(fixture->sockets.sockets);
	text_fini(&fixture->sockets.last_sent);
	text_fini(&fixture->said);
	xfree(fixture);
	return 0;
}

static void
pass(struct fixture *fixture, int64_t ms)
{
	clock_advance(ms);
	loop_turn(fixture->loop, 30);
}

/* It is asked after `ms`, and not before. */
static void
ask_after(struct fixture *fixture, int64_t ms)
{
	if (ms > 0) {
		pass(fixture, ms - 200);
		assert_null(fixture->transport.calls);
	}
	pass(fixture, ms > 0 ? 200 : 0);
	assert_non_null(fixture->transport.calls);
	assert_string_equal(fixture->transport.calls->url, URL);
	assert_non_null(strstr(fixture->transport.calls->headers,
		"Authorization: MediaBrowser Client=\"Sidetrack\""));
	assert_non_null(strstr(fixture->transport.calls->headers, "Token=\"verysecret\""));
}

static void
answer(struct fixture *fixture, enum err err, int status, const char *body)
{
	fake_answer(fixture->transport.calls, err, status, body);
}

static void
expect(struct fixture *fixture, const char *said)
{
	assert_string_equal(text_get(&fixture->said), said);
	text_clear(&fixture->said);
}

static void
it_is_asked_every_ten_seconds_and_every_three_while_something_plays(void **state)
{
	struct fixture *fixture = *state;

	ask_after(fixture, 0);
	answer(fixture, ERR_NONE, 200, "[]");
	ask_after(fixture, 10000);
	answer(fixture, ERR_NONE, 200, "[]");
	ask_after(fixture, 10000);
	answer(fixture, ERR_NONE, 200, PLAYING);
	for (int i = 0; i < 3; i++) {
		ask_after(fixture, 3000);
		answer(fixture, ERR_NONE, 200, PLAYING);
	}
	ask_after(fixture, 3000);
	answer(fixture, ERR_NONE, 200, "[]"); /* its grace: still three seconds */
	expect(fixture, "+ ");
	ask_after(fixture, 3000);
	answer(fixture, ERR_NONE, 200, "[]");
	expect(fixture, "- ");
	ask_after(fixture, 10000);
}

static void
a_slow_answer_is_waited_for(void **state)
{
	struct fixture *fixture = *state;

	ask_after(fixture, 0);
	for (int i = 0; i < 5; i++)
		pass(fixture, 3000);
	assert_int_equal(fixture->transport.started, 1);
	answer(fixture, ERR_NONE, 200, PLAYING);
	ask_after(fixture, 1000); /* it is due, but not at once */
}

static void
three_failures_are_down_and_one_answer_is_up(void **state)
{
	/* S15: F F S F F F F S */
	static const bool good[] = { false, false, true, false, false, false, false, true };
	static const char *const said[] = { "", "", "", "", "", "down ", "", "up " };
	struct fixture *fixture = *state;

	for (size_t i = 0; i < COUNT_OF(good); i++) {
		pass(fixture, 40000);
		assert_non_null(fixture->transport.calls);
		if (good[i])
			answer(fixture, ERR_NONE, 200, "[]");
		else
			answer(fixture, i % 2 == 0 ? ERR_UNREACHABLE : ERR_NONE,
				i % 2 == 0 ? 0 : 500, "");
		expect(fixture, said[i]);
	}
	assert_int_equal(feed_server_state(fixture->server), FEED_UP);
}

static void
a_failure_changes_no_interval_and_stops_nothing(void **state)
{
	struct fixture *fixture = *state;

	ask_after(fixture, 0);
	answer(fixture, ERR_NONE, 200, PLAYING);
	ask_after(fixture, 3000);
	answer(fixture, ERR_TIMEOUT, 0, "");
	ask_after(fixture, 3000);
	answer(fixture, ERR_NONE, 200, "<html>a proxy says hello</html>");
	ask_after(fixture, 3000);
	answer(fixture, ERR_NONE, 503, "");
	expect(fixture, "+ down ");
	pass(fixture, 40000);
	answer(fixture, ERR_NONE, 200, "[]"); /* it has restarted, and knows nothing */
	for (int i = 0; i < 9; i++) {
		ask_after(fixture, 3000);
		answer(fixture, ERR_NONE, 200, "[]");
	}
	expect(fixture, "up ");
	for (int i = 0; i < 2; i++) {
		ask_after(fixture, 3000);
		answer(fixture, ERR_NONE, 200, "[]");
	}
	expect(fixture, "- ");
}

static void
that_we_are_too_busy_is_no_failure_of_the_servers(void **state)
{
	struct fixture *fixture = *state;

	for (int i = 0; i < 5; i++) {
		ask_after(fixture, i > 0 ? 10000 : 0);
		answer(fixture, ERR_BUSY, 0, "");
	}
	assert_int_equal(feed_server_state(fixture->server), FEED_UNKNOWN);
	expect(fixture, "");
}

static void
while_it_is_down_it_is_asked_less_and_less(void **state)
{
	struct fixture *fixture = *state;
	int64_t began_ms = clock_now_ms();

	while (clock_now_ms() - began_ms < 10 * 60 * 1000) {
		if (fixture->transport.calls != NULL)
			answer(fixture, ERR_UNREACHABLE, 0, "");
		pass(fixture, 500);
	}
	assert_in_range(fixture->transport.started, 14, 28);
	expect(fixture, "down ");
}

static void
a_refused_key_is_tried_again_slowly_and_is_not_down(void **state)
{
	struct fixture *fixture = *state;

	ask_after(fixture, 0);
	answer(fixture, ERR_NONE, 401, "");
	assert_int_equal(feed_server_state(fixture->server), FEED_REFUSED);
	for (int i = 0; i < 4; i++) {
		pass(fixture, 59000);
		assert_null(fixture->transport.calls);
		pass(fixture, 12000);
		assert_non_null(fixture->transport.calls);
		answer(fixture, ERR_NONE, 403, "");
	}
	assert_null(fixture->sockets.sockets);
	expect(fixture, "");
	pass(fixture, 71000);
	answer(fixture, ERR_NONE, 200, "[]");
	assert_int_equal(feed_server_state(fixture->server), FEED_UP);
	expect(fixture, "");
}

static void
it_has_a_socket_while_it_answers_whose_pushes_hasten_the_polls(void **state)
{
	struct fixture *fixture = *state;

	assert_null(fixture->sockets.sockets);
	ask_after(fixture, 0);
	answer(fixture, ERR_NONE, 200, "[]");
	assert_non_null(fixture->sockets.sockets);
	fake_socket_event(fixture->sockets.sockets, OUTGOING_OPENED, "");
	pass(fixture, 1000);
	fake_socket_read(fixture->sockets.sockets, PUSHED);
	expect(fixture, "+ ");
	ask_after(fixture, 2000); /* three seconds after the last */
	for (int i = 0; i < 3; i++) {
		answer(fixture, ERR_UNREACHABLE, 0, "");
		pass(fixture, 3000);
	}
	expect(fixture, "down ");
	assert_null(fixture->sockets.sockets);
}

static void
its_json_tells_how_it_is_and_no_key(void **state)
{
	struct fixture *fixture = *state;

	ask_after(fixture, 0);
	answer(fixture, ERR_NONE, 200, PLAYING);
	json_t *json = feed_server_json_new(fixture->server);
	char *text = json_dump_new(json, NULL);
	assert_string_equal(json_text(json, "state"), "up");
	assert_string_equal(json_text(json, "socket"), "opening");
	assert_int_equal(json_int(json, "sessions", 0), 1);
	assert_int_equal(json_int(json, "playing", 0), 1);
	assert_non_null(json_text(json, "lastPollAt"));
	assert_null(strstr(text, "verysecret"));
	xfree(text);
	json_decref(json);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(it_is_asked_every_ten_seconds_and_every_three_while_something_plays),
		TEST(a_slow_answer_is_waited_for),
		TEST(three_failures_are_down_and_one_answer_is_up),
		TEST(a_failure_changes_no_interval_and_stops_nothing),
		TEST(that_we_are_too_busy_is_no_failure_of_the_servers),
		TEST(while_it_is_down_it_is_asked_less_and_less),
		TEST(a_refused_key_is_tried_again_slowly_and_is_not_down),
		TEST(it_has_a_socket_while_it_answers_whose_pushes_hasten_the_polls),
		TEST(its_json_tells_how_it_is_and_no_key),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
