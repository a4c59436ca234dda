#include "session/injected.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "core/clock.h"
#include "tests/unit/session/fake_sockets.h"

#define FORCE   "{\"MessageType\":\"ForceKeepAlive\",\"Data\":60}"
#define MESSAGE "{\"MessageType\":\"KeepAlive\"}"

struct fixture {
	struct loop *loop;
	struct base_url base;
	struct fake_sockets sockets;
	struct injected_options options;
	struct injected *injected;
	bool native, no_address;
	int wiped, commands, attempted;
	char command[32];
};

static bool
native_plays(void *arg)
{
	return ((struct fixture *)arg)->native;
}

static void
on_wiped(void *arg, bool restarted)
{
	(void)restarted;
	((struct fixture *)arg)->wiped++;
}

static void
on_command(void *arg, const struct socket_message *message)
{
	struct fixture *fixture = arg;
	fixture->commands++;
	copy_text(fixture->command, sizeof fixture->command, message->command);
}

static void
on_attempted(void *arg)
{
	((struct fixture *)arg)->attempted++;
}

static void
on_changed(void *arg, enum injected_state state)
{
	(void)arg;
	(void)state;
}

static const struct injected_ops ops = {
	.native_plays = native_plays,
	.wiped = on_wiped,
	.command = on_command,
	.attempted = on_attempted,
	.changed = on_changed,
};

static bool
address(void *arg, char *to, size_t size)
{
	return !((struct fixture *)arg)->no_address && copy_text(to, size, "192.0.2.1");
}

static int
set_up(void **state)
{
	struct fixture *fixture = xcalloc(1, sizeof *fixture);
	struct play_session_key key;
	char why[128];

	clock_enable_test();
	fixture->loop = loop_new("test");
	loop_adopt(fixture->loop);
	if (!base_url_parse(&fixture->base, "http://jelly:8096/jf", why, sizeof why))
		return -1;
	fixture->options = (struct injected_options){ .loop = fixture->loop,
		.jellyfin = &fixture->base,
		.sockets = fake_sockets_of(&fixture->sockets),
		.address = address,
		.address_arg = fixture,
		.ops = &ops };
	play_session_key_set(&key, "Finamp", "phone", "alice");
	fixture->injected = injected_new(&fixture->options, &key, fixture);
	*state = fixture;
	return 0;
}

static int
tear_down(void **state)
{
	struct fixture *fixture = *state;

	injected_free(fixture->injected);
	assert_null(fixture->sockets.sockets);
	loop_free(fixture->loop);
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
want(struct fixture *fixture)
{
	struct identity identity = { .token = "t1",
		.client = "Finamp",
		.device = "Pixel",
		.device_id = "phone",
		.version = "1" };
	injected_want(fixture->injected, &identity);
}

static void
open_ours(struct fixture *fixture)
{
	want(fixture);
	assert_non_null(fixture->sockets.sockets);
	fake_socket_event(fixture->sockets.sockets, OUTGOING_OPENED, "");
	fake_socket_event(fixture->sockets.sockets, OUTGOING_TEXT, FORCE);
}

static void
expect_state(struct fixture *fixture, const char *state, const char *socket)
{
	assert_string_equal(injected_state_name(injected_state(fixture->injected)), state);
	assert_string_equal(injected_socket_name(fixture->injected), socket);
}

static void
it_opens_a_socket_in_the_clients_name_and_is_live(void **state)
{
	struct fixture *fixture = *state;

	expect_state(fixture, "idle", "none");
	want(fixture);
	expect_state(fixture, "opening", "opening");
	assert_string_equal(fixture->sockets.path, "/jf/socket");
	assert_string_equal(fixture->sockets.authorization,
		"MediaBrowser Client=\"Finamp\", Device=\"Pixel\", DeviceId=\"phone\", "
		"Version=\"1\", Token=\"t1\"");
	fake_socket_event(fixture->sockets.sockets, OUTGOING_OPENED, "");
	expect_state(fixture, "live", "open");
	assert_int_equal(fixture->sockets.sent, 0);
}

static void
force_keep_alive_is_answered_at_once_and_every_half_of_its_time(void **state)
{
	struct fixture *fixture = *state;

	open_ours(fixture);
	assert_int_equal(fixture->sockets.sent, 1);
	assert_string_equal(text_get(&fixture->sockets.last_sent), MESSAGE);
	pass(fixture, 29000);
	assert_int_equal(fixture->sockets.sent, 1);
	pass(fixture, 1100);
	assert_int_equal(fixture->sockets.sent, 2);
	pass(fixture, 30100);
	assert_int_equal(fixture->sockets.sent, 3);
}

static void
it_lingers_for_the_grace_and_then_closes(void **state)
{
	struct fixture *fixture = *state;

	open_ours(fixture);
	injected_release(fixture->injected);
	expect_state(fixture, "lingering", "open");
	pass(fixture, 49000);
	expect_state(fixture, "lingering", "open");
	pass(fixture, 1100);
	expect_state(fixture, "idle", "none");
	assert_int_equal(fixture->sockets.closed, 1);
}

static void
the_next_track_within_the_grace_finds_it_alive(void **state)
{
	struct fixture *fixture = *state;

	open_ours(fixture);
	injected_release(fixture->injected);
	pass(fixture, 40000);
	want(fixture);
	expect_state(fixture, "live", "open");
	pass(fixture, 60000);
	expect_state(fixture, "live", "open");
	assert_int_equal(fixture->sockets.opened, 1);
}

static void
it_never_closes_while_something_native_plays(void **state)
{
	struct fixture *fixture = *state;

	open_ours(fixture);
	fixture->native = true;
	injected_release(fixture->injected);
	pass(fixture, 600000);
	expect_state(fixture, "lingering", "open");
	fixture->native = false;
	injected_review(fixture->injected);
	expect_state(fixture, "lingering", "open"); /* the next may be on its way */
	pass(fixture, 49000);
	expect_state(fixture, "lingering", "open");
	pass(fixture, 1100);
	expect_state(fixture, "idle", "none");
}

static void
a_native_play_that_ends_within_the_grace_closes_nothing_yet(void **state)
{
	struct fixture *fixture = *state;

	open_ours(fixture);
	injected_release(fixture->injected);
	pass(fixture, 10000);
	injected_review(fixture->injected);
	expect_state(fixture, "lingering", "open");
}

static void
it_goes_silent_when_the_clients_upgrade_begins_and_closes_after_its_101(void **state)
{
	struct fixture *fixture = *state;

	open_ours(fixture);
	injected_client_socket(fixture->injected, CLIENT_SOCKET_BEGINS);
	expect_state(fixture, "live", "silent");
	pass(fixture, 19000);
	assert_int_equal(fixture->sockets.sent, 1);
	injected_client_socket(fixture->injected, CLIENT_SOCKET_OPEN);
	expect_state(fixture, "live", "silent");
	pass(fixture, 1900);
	assert_int_equal(fixture->sockets.closed, 0);
	pass(fixture, 200);
	expect_state(fixture, "live", "none");
	assert_int_equal(fixture->sockets.closed, 1);
	assert_int_equal(fixture->sockets.sent, 1);
	assert_int_equal(fixture->wiped, 1); /* in case Jellyfin was slower still */
}

static void
it_stays_when_the_clients_socket_was_short_lived(void **state)
{
	struct fixture *fixture = *state;

	open_ours(fixture);
	injected_client_socket(fixture->injected, CLIENT_SOCKET_BEGINS);
	injected_client_socket(fixture->injected, CLIENT_SOCKET_OPEN);
	pass(fixture, 1000);
	injected_client_socket(fixture->injected, CLIENT_SOCKET_CLOSED);
	expect_state(fixture, "live", "open");
	assert_int_equal(fixture->sockets.sent, 2);
	pass(fixture, 5000);
	expect_state(fixture, "live", "open");
	assert_int_equal(fixture->sockets.closed, 0);
}

static void
it_yields_while_lingering_too(void **state)
{
	struct fixture *fixture = *state;

	open_ours(fixture);
	injected_release(fixture->injected);
	injected_client_socket(fixture->injected, CLIENT_SOCKET_BEGINS);
	injected_client_socket(fixture->injected, CLIENT_SOCKET_OPEN);
	expect_state(fixture, "lingering", "silent");
	pass(fixture, 2100);
	expect_state(fixture, "idle", "none");
}

static void
it_speaks_on_when_the_clients_upgrade_failed(void **state)
{
	struct fixture *fixture = *state;

	open_ours(fixture);
	injected_client_socket(fixture->injected, CLIENT_SOCKET_BEGINS);
	injected_client_socket(fixture->injected, CLIENT_SOCKET_CLOSED);
	expect_state(fixture, "live", "open");
	assert_int_equal(fixture->sockets.sent, 2);
	assert_int_equal(fixture->wiped, 0);
}

static void
a_client_with_a_socket_gets_none_of_ours(void **state)
{
	struct fixture *fixture = *state;

	injected_client_socket(fixture->injected, CLIENT_SOCKET_BEGINS);
	injected_client_socket(fixture->injected, CLIENT_SOCKET_OPEN);
	want(fixture);
	expect_state(fixture, "live", "none");
	injected_release(fixture->injected);
	expect_state(fixture, "idle", "none");
	assert_int_equal(fixture->sockets.opened, 0);
}

static void
when_the_clients_last_socket_goes_ours_opens_and_all_is_told_again(void **state)
{
	struct fixture *fixture = *state;

	for (int i = 0; i < 2; i++) {
		injected_client_socket(fixture->injected, CLIENT_SOCKET_BEGINS);
		injected_client_socket(fixture->injected, CLIENT_SOCKET_OPEN);
	}
	want(fixture);
	injected_client_socket(fixture->injected, CLIENT_SOCKET_CLOSED);
	assert_int_equal(fixture->sockets.opened, 0); /* the other tab's is open */
	injected_client_socket(fixture->injected, CLIENT_SOCKET_CLOSED);
	assert_int_equal(fixture->sockets.opened, 1);
	assert_int_equal(fixture->wiped, 1);
	fake_socket_event(fixture->sockets.sockets, OUTGOING_OPENED, "");
	assert_int_equal(fixture->wiped, 2);
}

static void
a_lost_socket_is_opened_again_after_a_growing_wait(void **state)
{
	static const int64_t least_ms[] = { 500, 1000, 2000, 4000, 8000, 16000, 30000,
		30000 };
	struct fixture *fixture = *state;

	open_ours(fixture);
	fake_socket_event(fixture->sockets.sockets, OUTGOING_CLOSED, "gone");
	expect_state(fixture, "opening", "none");
	assert_int_equal(fixture->wiped, 1);
	for (size_t i = 0; i < COUNT_OF(least_ms); i++) {
		pass(fixture, least_ms[i] - 100);
		expect_state(fixture, "opening", "none");
		pass(fixture, least_ms[i] / 4 + 200);
		expect_state(fixture, "opening", "opening");
		fake_socket_event(fixture->sockets.sockets, OUTGOING_CLOSED, "refused");
	}
	assert_int_equal(fixture->wiped, 1);
	assert_int_equal(fixture->attempted, 2 + COUNT_OF(least_ms));
	assert_int_equal(injected_attempts(fixture->injected), 1 + COUNT_OF(least_ms));
	injected_retry_soon(fixture->injected);
	pass(fixture, 2100);
	fake_socket_event(fixture->sockets.sockets, OUTGOING_OPENED, "");
	assert_int_equal(fixture->wiped, 2);
	expect_state(fixture, "live", "open");
}

static void
a_socket_lost_while_lingering_is_not_missed(void **state)
{
	struct fixture *fixture = *state;

	open_ours(fixture);
	fixture->native = true;
	injected_release(fixture->injected);
	fake_socket_event(fixture->sockets.sockets, OUTGOING_CLOSED, "gone");
	expect_state(fixture, "idle", "none");
	assert_int_equal(fixture->wiped, 1);
	pass(fixture, 60000);
	assert_int_equal(fixture->sockets.opened, 1);
}

/* Jellyfin may wipe the session for the old socket after it was told of the new play. */
static void
a_play_that_begins_while_our_socket_closes_is_told_once_more(void **state)
{
	struct fixture *fixture = *state;

	open_ours(fixture);
	injected_release(fixture->injected);
	pass(fixture, 50100);
	expect_state(fixture, "idle", "none");
	open_ours(fixture);
	assert_int_equal(fixture->sockets.opened, 2);
	assert_int_equal(fixture->wiped, 0); /* it may not have counted the new one yet */
	pass(fixture, 2100);
	assert_int_equal(fixture->wiped, 1);
	pass(fixture, 60000);
	assert_int_equal(fixture->wiped, 1);
}

static void
a_play_that_begins_while_the_clients_last_socket_closes_is_told_once_more(void **state)
{
	struct fixture *fixture = *state;

	injected_client_socket(fixture->injected, CLIENT_SOCKET_BEGINS);
	injected_client_socket(fixture->injected, CLIENT_SOCKET_OPEN);
	injected_client_socket(fixture->injected, CLIENT_SOCKET_CLOSED);
	open_ours(fixture);
	pass(fixture, 2100);
	assert_int_equal(fixture->wiped, 1);
}

static void
a_play_long_after_our_socket_has_closed_is_told_once(void **state)
{
	struct fixture *fixture = *state;

	open_ours(fixture);
	injected_release(fixture->injected);
	pass(fixture, 50100);
	pass(fixture, 11000);
	open_ours(fixture);
	pass(fixture, 60000);
	assert_int_equal(fixture->wiped, 0);
}

/* Jellyfin drops a socket that is silent for 72 s (measured), and the session with it. */
static void
an_upgrade_that_hangs_does_not_keep_ours_silent(void **state)
{
	struct fixture *fixture = *state;

	open_ours(fixture);
	injected_client_socket(fixture->injected, CLIENT_SOCKET_BEGINS);
	pass(fixture, 19000);
	expect_state(fixture, "live", "silent");
	assert_int_equal(fixture->sockets.sent, 1);
	pass(fixture, 1100);
	expect_state(fixture, "live", "open");
	assert_int_equal(fixture->sockets.sent, 2);
	injected_client_socket(fixture->injected, CLIENT_SOCKET_BEGINS); /* and again */
	pass(fixture, 30100);
	assert_int_equal(fixture->sockets.sent, 3);
	injected_client_socket(fixture->injected, CLIENT_SOCKET_OPEN); /* at last */
	expect_state(fixture, "live", "silent");
	pass(fixture, 2100);
	expect_state(fixture, "live", "none");
	assert_int_equal(fixture->sockets.closed, 1);
}

static void
an_upgrade_that_hangs_does_not_keep_ours_from_opening(void **state)
{
	struct fixture *fixture = *state;

	injected_client_socket(fixture->injected, CLIENT_SOCKET_BEGINS);
	want(fixture);
	expect_state(fixture, "opening", "none");
	pass(fixture, 20100);
	expect_state(fixture, "opening", "opening");
}

static void
an_unknown_address_is_waited_for(void **state)
{
	struct fixture *fixture = *state;

	fixture->no_address = true;
	want(fixture);
	expect_state(fixture, "opening", "none");
	fixture->no_address = false;
	pass(fixture, 700);
	expect_state(fixture, "opening", "opening");
}

static void
a_refused_token_ends_it_for_good(void **state)
{
	struct fixture *fixture = *state;

	open_ours(fixture);
	injected_refuse(fixture->injected);
	expect_state(fixture, "closed", "none");
	want(fixture);
	pass(fixture, 60000);
	expect_state(fixture, "closed", "none");
}

static void
commands_are_handed_on_and_other_messages_are_not(void **state)
{
	struct fixture *fixture = *state;

	open_ours(fixture);
	fake_socket_event(fixture->sockets.sockets, OUTGOING_TEXT,
		"{\"MessageType\":\"Playstate\",\"Data\":{\"Command\":\"Stop\"}}");
	assert_string_equal(fixture->command, "Stop");
	fake_socket_event(fixture->sockets.sockets, OUTGOING_TEXT,
		"{\"MessageType\":\"GeneralCommand\",\"Data\":{\"Name\":\"SetVolume\","
		"\"Arguments\":{\"Volume\":\"42\"}}}");
	assert_string_equal(fixture->command, "SetVolume");
	fake_socket_event(fixture->sockets.sockets, OUTGOING_TEXT,
		"{\"MessageType\":\"UserDataChanged\",\"Data\":{}}");
	fake_socket_event(fixture->sockets.sockets, OUTGOING_TEXT, "nonsense");
	assert_int_equal(fixture->commands, 2);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(it_opens_a_socket_in_the_clients_name_and_is_live),
		TEST(force_keep_alive_is_answered_at_once_and_every_half_of_its_time),
		TEST(it_lingers_for_the_grace_and_then_closes),
		TEST(the_next_track_within_the_grace_finds_it_alive),
		TEST(it_never_closes_while_something_native_plays),
		TEST(a_native_play_that_ends_within_the_grace_closes_nothing_yet),
		TEST(it_goes_silent_when_the_clients_upgrade_begins_and_closes_after_its_101),
		TEST(it_stays_when_the_clients_socket_was_short_lived),
		TEST(it_yields_while_lingering_too),
		TEST(it_speaks_on_when_the_clients_upgrade_failed),
		TEST(a_client_with_a_socket_gets_none_of_ours),
		TEST(when_the_clients_last_socket_goes_ours_opens_and_all_is_told_again),
		TEST(a_lost_socket_is_opened_again_after_a_growing_wait),
		TEST(a_socket_lost_while_lingering_is_not_missed),
		TEST(a_play_that_begins_while_our_socket_closes_is_told_once_more),
		TEST(a_play_that_begins_while_the_clients_last_socket_closes_is_told_once_more),
		TEST(a_play_long_after_our_socket_has_closed_is_told_once),
		TEST(an_upgrade_that_hangs_does_not_keep_ours_silent),
		TEST(an_upgrade_that_hangs_does_not_keep_ours_from_opening),
		TEST(an_unknown_address_is_waited_for),
		TEST(a_refused_token_ends_it_for_good),
		TEST(commands_are_handed_on_and_other_messages_are_not),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
