#include "session/feed.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "core/clock.h"
#include "core/json.h"
#include "tests/unit/session/fake_sockets.h"
#include "tests/unit/session/fake_transport.h"

#define LOCAL    "0123456789abcdef0123456789abcdef"
#define EXTERNAL "e123456789abcdef0123456789abcdef"
#define PLAYS(item)                                                                        \
	"[{\"Id\":\"s\",\"Client\":\"Web\",\"DeviceId\":\"d\",\"NowPlayingItem\":"         \
	"{\"Id\":\"" item "\"},\"PlayState\":{}}]"

struct fixture {
	struct loop *loop;
	struct fake_transport transport;
	struct fake_sockets sockets;
	struct tracker *tracker;
	struct base_url jellyfin;
	struct feed_named_list others;
	struct feed *feed;
	struct text told; /* "attic down " */
};

static bool
address(void *arg, char *to, size_t size)
{
	(void)arg;
	return copy_text(to, size, "127.0.0.1");
}

static bool
is_ours(void *arg, const char *item_id)
{
	(void)arg;
	return strcmp(item_id, EXTERNAL) == 0;
}

static int
set_up(void **state)
{
	struct fixture *fixture = xcalloc(1, sizeof *fixture);
	char why[256];

	clock_enable_test();
	fixture->loop = loop_new("test");
	loop_adopt(fixture->loop);
	fixture->tracker = tracker_new(fixture->loop);
	if (!base_url_parse(&fixture->jellyfin, "http://127.0.0.1:8096", why, sizeof why) ||
		!feed_setting_parse(&fixture->others,
			"[{\"name\":\"attic\",\"url\":\"http://127.0.0.2:8096/jf\","
			"\"apiKey\":\"atticsecret\"}]",
			why, sizeof why))
		return -1;
	*state = fixture;
	return 0;
}

static int
tear_down(void **state)
{
	struct fixture *fixture = *state;

	feed_stop(fixture->feed);
	tracker_free(fixture->tracker);
	loop_free(fixture->loop);
	assert_null(fixture->transport.calls);
	assert_null(fixture->sockets.sockets);
	text_fini(&fixture->sockets.last_sent);
	text_fini(&fixture->told);
	xfree(fixture);
	return 0;
}

static void
start(struct fixture *fixture, const char *key)
{
	const struct feed_options options = { .loop = fixture->loop,
		.transport = fake_transport_of(&fixture->transport),
		.sockets = fake_sockets_of(&fixture->sockets),
		.tracker = fixture->tracker,
		.jellyfin = &fixture->jellyfin,
		.api_key = key,
		.address = address,
		.others = &fixture->others,
		.is_ours = is_ours };

	fixture->feed = feed_start(&options);
	loop_turn(fixture->loop, 10);
}

/* The question that is under way to that host. */
static struct fake_call *
call_to(struct fixture *fixture, const char *host)
{
	struct fake_call *call = fixture->transport.calls;

	while (call != NULL && strstr(call->url, host) == NULL)
		call = call->next;
	return call;
}

static void
add_server(void *arg, const struct play *play)
{
	text_addf(arg, "[%s]", play->last.key.server);
}

/* The servers of what plays, as "[][attic]". */
static void
expect_plays(struct fixture *fixture, const char *servers)
{
	struct text text = { 0 };

	tracker_each(fixture->tracker, add_server, &text);
	assert_string_equal(text_get(&text), servers);
	text_fini(&text);
}

static void
every_server_is_asked_with_its_own_key(void **state)
{
	struct fixture *fixture = *state;

	start(fixture, "frontsecret");
	const struct fake_call *front = call_to(fixture, "//127.0.0.1:8096/Sessions");
	const struct fake_call *attic = call_to(fixture, "//127.0.0.2:8096/jf/Sessions");
	assert_true(front != NULL && attic != NULL);
	assert_non_null(strstr(front->headers, "Token=\"frontsecret\""));
	assert_non_null(strstr(attic->headers, "Token=\"atticsecret\""));
}

static void
what_plays_is_known_by_its_server(void **state)
{
	struct fixture *fixture = *state;

	start(fixture, "frontsecret");
	fake_answer(call_to(fixture, ".0.1:"), ERR_NONE, 200, PLAYS(LOCAL));
	fake_answer(call_to(fixture, ".0.2:"), ERR_NONE, 200, PLAYS(LOCAL));
	expect_plays(fixture, "[][attic]");
}

static void
our_own_items_are_no_news_in_the_fronted_server_only(void **state)
{
	struct fixture *fixture = *state;

	start(fixture, "frontsecret");
	fake_answer(call_to(fixture, ".0.1:"), ERR_NONE, 200, PLAYS(EXTERNAL));
	fake_answer(call_to(fixture, ".0.2:"), ERR_NONE, 200, PLAYS(EXTERNAL));
	expect_plays(fixture, "[attic]");
}

static void
without_a_key_the_fronted_server_is_not_watched(void **state)
{
	struct fixture *fixture = *state;

	start(fixture, NULL);
	assert_null(call_to(fixture, ".0.1:"));
	assert_non_null(call_to(fixture, ".0.2:"));
	json_t *json = feed_json_new(fixture->feed);
	const json_t *front = json_array_get(json, 0);
	assert_int_equal(json_array_size(json), 2);
	assert_string_equal(json_text(front, "state"), "off");
	assert_true(json_bool(front, "fronted", false));
	assert_string_equal(json_text(json_array_get(json, 1), "name"), "attic");
	assert_string_equal(
		json_text(json_array_get(json, 1), "url"), "http://127.0.0.2:8096/jf");
	json_decref(json);
}

static void
on_changed(void *arg, const char *server, bool up)
{
	text_addf(arg, "%s %s ", server, up ? "up" : "down");
}

static void
a_server_that_fails_is_told_of_and_concerns_no_other(void **state)
{
	struct fixture *fixture = *state;

	start(fixture, "frontsecret");
	feed_observe(fixture->feed, (struct feed_observer){ on_changed, &fixture->told });
	for (int i = 0; i < 4; i++) {
		fake_answer(call_to(fixture, ".0.1:"), ERR_NONE, 200, "[]");
		fake_answer(call_to(fixture, ".0.2:"), ERR_UNREACHABLE, 0, "");
		clock_advance(12000);
		loop_turn(fixture->loop, 30);
	}
	assert_string_equal(text_get(&fixture->told), "attic down ");
	fake_answer(call_to(fixture, ".0.2:"), ERR_NONE, 200, "[]");
	assert_string_equal(text_get(&fixture->told), "attic down attic up ");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(every_server_is_asked_with_its_own_key),
		TEST(what_plays_is_known_by_its_server),
		TEST(our_own_items_are_no_news_in_the_fronted_server_only),
		TEST(without_a_key_the_fronted_server_is_not_watched),
		TEST(a_server_that_fails_is_told_of_and_concerns_no_other),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
