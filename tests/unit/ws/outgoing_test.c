#include "ws/outgoing.h"

#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <string.h>
#include <sys/resource.h>

#include <cmocka.h>

#include "core/clock.h"
#include "tests/unit/core/tls_server.h"
#include "tests/unit/ws/raw_ws_server.h"

enum { PATIENCE_MS = 5000 };

struct fixture {
	struct loop *loop;
	struct outgoing *outgoing;
	struct raw_ws_server server;
	struct text heard; /* "open;", "text:…;", "closed:…;" */
	int opened, closed;
};

static int
set_up(void **state)
{
	struct fixture *fixture = xcalloc(1, sizeof *fixture);
	fixture->loop = loop_new("test");
	loop_adopt(fixture->loop);
	fixture->outgoing = outgoing_start(fixture->loop);
	*state = fixture;
	return 0;
}

static int
tear_down(void **state)
{
	struct fixture *fixture = *state;
	outgoing_stop(fixture->outgoing);
	if (fixture->server.port != 0)
		raw_ws_stop(&fixture->server);
	loop_free(fixture->loop);
	text_fini(&fixture->heard);
	xfree(fixture);
	return 0;
}

static void
on_event(void *arg, enum outgoing_event event, const char *text, size_t size)
{
	static const char *const names[] = { "open:", "text:", "closed:" };
	struct fixture *fixture = arg;

	fixture->opened += event == OUTGOING_OPENED;
	fixture->closed += event == OUTGOING_CLOSED;
	text_add(&fixture->heard, names[event]);
	text_add_bytes(&fixture->heard, text, size < 100 ? size : 100);
	text_add(&fixture->heard, ";");
}

static struct outgoing_socket *
open_socket(struct fixture *fixture, int port)
{
	struct outgoing_request request = { .address = "127.0.0.1",
		.port = (uint16_t)port,
		.host = "jelly:8096",
		.path = "/jf/socket",
		.authorization = "MediaBrowser Client=\"Finamp\", Token=\"verysecret\"" };

	return outgoing_open(fixture->outgoing, &request, on_event, fixture);
}

static bool
heard(struct fixture *fixture, const char *what)
{
	return strstr(text_get(&fixture->heard), what) != NULL;
}

#define WAIT_FOR(fixture, condition)                                                       \
	do {                                                                               \
		int64_t until_ms = clock_now_ms() + PATIENCE_MS;                           \
		while (!(condition) && clock_now_ms() < until_ms)                          \
			loop_turn((fixture)->loop, 5);                                     \
		assert_true(condition);                                                    \
	} while (0)

static void
it_opens_in_the_clients_name_and_carries_texts_both_ways(void **state)
{
	struct fixture *fixture = *state;

	fixture->server.echo = true;
	raw_ws_start(&fixture->server);
	struct outgoing_socket *socket = open_socket(fixture, fixture->server.port);
	assert_true(outgoing_send(socket, "before", 6));
	WAIT_FOR(fixture, heard(fixture, "open:;"));
	WAIT_FOR(fixture, heard(fixture, "text:before;"));
	for (int i = 0; i < 10; i++) {
		char text[32];
		snprintf(text, sizeof text, "text %d", i);
		assert_true(outgoing_send(socket, text, strlen(text)));
	}
	WAIT_FOR(fixture, heard(fixture, "text:text 9;"));
	assert_true(raw_ws_saw(&fixture->server, "GET /jf/socket HTTP/1.1\r\n"));
	assert_true(raw_ws_saw(&fixture->server, "ost: jelly:8096\r\n"));
	assert_true(raw_ws_saw(&fixture->server,
		"\r\nAuthorization: MediaBrowser Client=\"Finamp\", "
		"Token=\"verysecret\"\r\n"));
	assert_false(raw_ws_saw(&fixture->server, "Sec-WebSocket-Extensions"));
}

static void
closing_sends_a_close_frame_and_then_nothing_is_heard(void **state)
{
	struct fixture *fixture = *state;

	raw_ws_start(&fixture->server);
	struct outgoing_socket *socket = open_socket(fixture, fixture->server.port);
	WAIT_FOR(fixture, heard(fixture, "open:;"));
	outgoing_close(socket);
	WAIT_FOR(fixture, raw_ws_saw(&fixture->server, "close;"));
	loop_turn(fixture->loop, 50);
	assert_int_equal(fixture->closed, 0);
}

static void
a_refused_upgrade_says_the_status(void **state)
{
	struct fixture *fixture = *state;

	fixture->server.refuse = 403;
	raw_ws_start(&fixture->server);
	open_socket(fixture, fixture->server.port);
	WAIT_FOR(fixture, fixture->closed == 1);
	assert_string_equal(text_get(&fixture->heard), "closed:HTTP 403;");
}

static void
nobody_there_is_closed_without_open(void **state)
{
	struct fixture *fixture = *state;

	open_socket(fixture, 1);
	WAIT_FOR(fixture, fixture->closed == 1);
	assert_int_equal(fixture->opened, 0);
}

static void
a_peer_that_hangs_up_closes_the_socket(void **state)
{
	struct fixture *fixture = *state;

	fixture->server.hang_up = true;
	raw_ws_start(&fixture->server);
	open_socket(fixture, fixture->server.port);
	WAIT_FOR(fixture, fixture->closed == 1);
	assert_int_equal(fixture->opened, 1);
}

static void
fragments_arrive_as_one_text(void **state)
{
	static const char greeting[] = "\x01\x03"
				       "abc"
				       "\x89\x01"
				       "p"
				       "\x80\x03"
				       "def"
				       "\x82\x02"
				       "{}";
	struct fixture *fixture = *state;

	fixture->server.greeting = greeting;
	fixture->server.greeting_size = sizeof greeting - 1;
	raw_ws_start(&fixture->server);
	open_socket(fixture, fixture->server.port);
	WAIT_FOR(fixture, heard(fixture, "text:{};"));
	assert_string_equal(text_get(&fixture->heard), "open:;text:abcdef;text:{};");
}

static void
a_text_above_a_megabyte_ends_the_socket(void **state)
{
	struct fixture *fixture = *state;
	struct text greeting = { 0 };
	size_t size = 1024 * 1024 + 1;
	char *data = xcalloc(1, size);

	memset(data, 'x', size);
	frame_build(&greeting, FRAME_TEXT, data, size, NULL);
	fixture->server.greeting = greeting.data;
	fixture->server.greeting_size = greeting.size;
	raw_ws_start(&fixture->server);
	open_socket(fixture, fixture->server.port);
	WAIT_FOR(fixture, fixture->closed == 1);
	assert_false(heard(fixture, "text:"));
	raw_ws_stop(&fixture->server);
	fixture->server.port = 0;
	text_fini(&greeting);
	xfree(data);
}

/* What a reader makes of a text: the thread it ran on, and the text unless it is "no". */
struct reading {
	pthread_t thread;
	char text[16];
};

static atomic_int readings;

static void *
read_text(const char *text, size_t size)
{
	struct reading *reading;

	if (size == 2 && strcmp(text, "no") == 0)
		return NULL;
	reading = xcalloc(1, sizeof *reading);
	reading->thread = pthread_self();
	copy_text(reading->text, sizeof reading->text, text);
	atomic_fetch_add(&readings, 1);
	return reading;
}

static void
on_read(void *arg, void *read)
{
	struct fixture *fixture = arg;
	const struct reading *reading = read;

	assert_false(pthread_equal(reading->thread, pthread_self()));
	text_addf(&fixture->heard, "read:%s;", reading->text);
}

static const struct outgoing_reader reader = { read_text, xfree, on_read };

static void
a_reader_reads_on_the_sockets_thread_up_to_its_own_bound(void **state)
{
	struct fixture *fixture = *state;

	fixture->server.echo = true;
	raw_ws_start(&fixture->server);
	struct outgoing_request request = { .address = "127.0.0.1",
		.port = (uint16_t)fixture->server.port,
		.host = "jelly",
		.path = "/socket",
		.authorization = "",
		.reader = &reader,
		.max_text = 8 };
	struct outgoing_socket *socket =
		outgoing_open(fixture->outgoing, &request, on_event, fixture);
	assert_true(outgoing_send(socket, "no", 2));
	assert_true(outgoing_send(socket, "yes", 3));
	WAIT_FOR(fixture, heard(fixture, "read:yes;"));
	assert_string_equal(text_get(&fixture->heard), "open:;read:yes;");
	assert_true(outgoing_send(socket, "too long.", 9));
	WAIT_FOR(fixture, fixture->closed == 1);
	assert_false(heard(fixture, "too long"));
}

static void
what_was_read_for_a_closed_socket_is_freed(void **state)
{
	struct fixture *fixture = *state;

	fixture->server.echo = true;
	raw_ws_start(&fixture->server);
	struct outgoing_request request = { .address = "127.0.0.1",
		.port = (uint16_t)fixture->server.port,
		.host = "jelly",
		.path = "/socket",
		.authorization = "",
		.reader = &reader };
	struct outgoing_socket *socket =
		outgoing_open(fixture->outgoing, &request, on_event, fixture);
	int before = atomic_load(&readings);
	int64_t until_ms = clock_now_ms() + PATIENCE_MS;
	assert_true(outgoing_send(socket, "yes", 3));
	/* The loop does not turn meanwhile: it lies in its mailbox. */
	while (atomic_load(&readings) == before && clock_now_ms() < until_ms)
		sched_yield();
	assert_int_equal(atomic_load(&readings), before + 1);
	outgoing_close(socket);
	loop_turn(fixture->loop, 50);
	assert_false(heard(fixture, "read:"));
}

static void
sixteen_texts_are_queued_at_most(void **state)
{
	struct fixture *fixture = *state;
	int accepted = 0;

	fixture->server.silent = true;
	raw_ws_start(&fixture->server);
	struct outgoing_socket *socket = open_socket(fixture, fixture->server.port);
	for (int i = 0; i < 40; i++)
		accepted += outgoing_send(socket, "x", 1);
	assert_int_equal(accepted, 16);
	outgoing_close(socket);
}

static void
many_sockets_live_on_one_thread_and_stop_with_close_frames(void **state)
{
	enum { MANY = 50 };
	struct fixture *fixture = *state;
	struct outgoing_socket *sockets[MANY];

	fixture->server.echo = true;
	raw_ws_start(&fixture->server);
	for (size_t i = 0; i < MANY; i++)
		sockets[i] = open_socket(fixture, fixture->server.port);
	WAIT_FOR(fixture, fixture->opened == MANY);
	for (size_t i = 0; i < MANY; i++)
		assert_true(outgoing_send(sockets[i], "hello", 5));
	WAIT_FOR(fixture, raw_ws_count(&fixture->server, "text:hello;") == MANY);
	for (size_t i = 0; i < MANY / 2; i++)
		outgoing_close(sockets[i]);
	outgoing_stop(fixture->outgoing);
	fixture->outgoing = NULL;
	/* They are on their way; the server reads them on a thread of its own. */
	WAIT_FOR(fixture, raw_ws_count(&fixture->server, "close;") == MANY);
	assert_int_equal(fixture->closed, 0);
}

static void
sockets_leave_three_descriptors_of_four_to_others(void **state)
{
	struct fixture *fixture = *state;
	struct rlimit before, tight;

	raw_ws_start(&fixture->server);
	outgoing_stop(fixture->outgoing);
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
	tight = before;
	tight.rlim_cur = 64;
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &tight), 0);
	fixture->outgoing = outgoing_start(fixture->loop);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
	struct outgoing_socket *first = open_socket(fixture, fixture->server.port);
	for (int i = 1; i < 20; i++)
		open_socket(fixture, fixture->server.port);
	WAIT_FOR(fixture, fixture->opened == 16 && fixture->closed == 4);
	assert_true(heard(fixture, "closed:too many sockets;"));
	outgoing_close(first);
	WAIT_FOR(fixture, raw_ws_count(&fixture->server, "close;") == 1);
	/* The peer hears of the end a moment before the place is free. */
	for (int i = 0; i < 100 && fixture->opened < 17; i++) {
		int closed = fixture->closed;
		open_socket(fixture, fixture->server.port);
		WAIT_FOR(fixture, fixture->opened == 17 || fixture->closed > closed);
	}
	assert_int_equal(fixture->opened, 17);
}

static void
stopping_does_not_wait_for_peers_that_do_not_answer(void **state)
{
	struct fixture *fixture = *state;
	int64_t from_ms;

	fixture->server.silent = true;
	raw_ws_start(&fixture->server);
	open_socket(fixture, fixture->server.port);
	WAIT_FOR(fixture, raw_ws_saw(&fixture->server, "head:"));
	from_ms = clock_now_ms();
	outgoing_stop(fixture->outgoing);
	fixture->outgoing = NULL;
	assert_true(clock_now_ms() - from_ms < 2000);
	loop_turn(fixture->loop, 10);
	assert_int_equal(fixture->closed, 0);
}

/* Does a TLS handshake with the server come about? */
static bool
shakes_hands(
	struct fixture *fixture, const char *ca_file, bool unverified, const char *host)
{
	static const struct tls_names names = { .dns = "jellyfin.test" };
	struct tls_server server;
	int64_t until_ms = clock_now_ms() + PATIENCE_MS;

	tls_server_start(&server, &names);
	outgoing_stop(fixture->outgoing);
	fixture->outgoing = outgoing_start(fixture->loop);
	outgoing_set_trust(
		fixture->outgoing, ca_file != NULL ? ca_file : server.ca_file, unverified);
	const struct outgoing_request request = { .address = "127.0.0.1",
		.port = ntohs(server.address.sin_port),
		.tls = true,
		.host = host,
		.path = "/socket",
		.authorization = "MediaBrowser Token=\"verysecret\"" };
	fixture->closed = 0;
	struct outgoing_socket *socket =
		outgoing_open(fixture->outgoing, &request, on_event, fixture);
	bool shaken = false;
	while (!shaken && fixture->closed == 0 && clock_now_ms() < until_ms) {
		shaken = tls_server_step(&server);
		loop_turn(fixture->loop, 5);
	}
	assert_true(shaken || fixture->closed == 1);
	if (fixture->closed == 0)
		outgoing_close(socket);
	tls_server_stop(&server);
	return shaken;
}

static void
only_a_peer_with_the_hosts_certificate_hears_the_token(void **state)
{
	static const struct tls_names names = { .dns = "jellyfin.test" };
	struct fixture *fixture = *state;
	struct tls_server other;

	tls_server_start(&other, &names);
	assert_true(shakes_hands(fixture, NULL, false, "jellyfin.test:8920"));
	assert_false(shakes_hands(fixture, NULL, false, "elsewhere.test:8920"));
	assert_false(shakes_hands(fixture, other.ca_file, false, "jellyfin.test:8920"));
	assert_true(shakes_hands(fixture, other.ca_file, true, "elsewhere.test:8920"));
	tls_server_stop(&other);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(it_opens_in_the_clients_name_and_carries_texts_both_ways),
		TEST(closing_sends_a_close_frame_and_then_nothing_is_heard),
		TEST(a_refused_upgrade_says_the_status),
		TEST(nobody_there_is_closed_without_open),
		TEST(a_peer_that_hangs_up_closes_the_socket),
		TEST(fragments_arrive_as_one_text),
		TEST(a_text_above_a_megabyte_ends_the_socket),
		TEST(a_reader_reads_on_the_sockets_thread_up_to_its_own_bound),
		TEST(what_was_read_for_a_closed_socket_is_freed),
		TEST(sixteen_texts_are_queued_at_most),
		TEST(many_sockets_live_on_one_thread_and_stop_with_close_frames),
		TEST(sockets_leave_three_descriptors_of_four_to_others),
		TEST(stopping_does_not_wait_for_peers_that_do_not_answer),
		TEST(only_a_peer_with_the_hosts_certificate_hears_the_token),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
