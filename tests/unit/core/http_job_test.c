#include "core/http_job.h"

#include <arpa/inet.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "core/ask.h"
#include "core/http_server.h"
#include "core/loop.h"

enum { TURNS = 500 };

/* A server whose handler makes a job that holds two operations. */
struct fixture {
	struct loop *loop;
	struct http_server_shared shared;
	struct http_server *server;
	uint16_t port;
	int client;
	struct http_job *job;
	size_t first_hold;
	int cancelled[2]; /* 0, or the how-manieth cancel it was */
};

static int cancels;

static void
on_cancel(void *operation)
{
	*(int *)operation = ++cancels;
}

static void
on_exchange(void *arg, struct exchange *exchange)
{
	struct fixture *fixture = arg;

	fixture->job = http_job_new(exchange);
	fixture->first_hold =
		http_job_hold(fixture->job, on_cancel, &fixture->cancelled[0]);
	http_job_hold(fixture->job, on_cancel, &fixture->cancelled[1]);
}

static void
connect_and_ask(struct fixture *fixture)
{
	static const char request[] = "GET / HTTP/1.1\r\nHost: x\r\n\r\n";
	struct sockaddr_in address = { .sin_family = AF_INET,
		.sin_port = htons(fixture->port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };

	fixture->client = socket(AF_INET, SOCK_STREAM, 0);
	assert_int_equal(
		connect(fixture->client, (struct sockaddr *)&address, sizeof address), 0);
	assert_int_equal(
		send(fixture->client, request, sizeof request - 1, 0), sizeof request - 1);
	for (int i = 0; i < TURNS && fixture->job == NULL; i++)
		loop_turn(fixture->loop, 10);
	assert_non_null(fixture->job);
}

static int
set_up(void **state)
{
	static const struct http_limits limits = {
		.body_bytes = 1024,
		.buffered_bytes = 1024,
		.header_timeout_ms = 10000,
		.idle_timeout_ms = 10000,
		.write_stall_ms = 10000,
		.connections = 8,
	};
	struct fixture *fixture = xcalloc(1, sizeof *fixture);
	char why[128];

	cancels = 0;
	fixture->loop = loop_new("test");
	fixture->server = http_server_new(
		fixture->loop, &limits, &fixture->shared, on_exchange, fixture);
	assert_true(http_server_listen(
		fixture->server, "127.0.0.1", &fixture->port, why, sizeof why));
	connect_and_ask(fixture);
	*state = fixture;
	return 0;
}

static int
tear_down(void **state)
{
	struct fixture *fixture = *state;

	if (fixture->client >= 0)
		close(fixture->client);
	http_server_free(fixture->server);
	loop_free(fixture->loop);
	xfree(fixture);
	return 0;
}

static void
an_answer_cancels_what_is_still_held(void **state)
{
	struct fixture *fixture = *state;
	char answer[256] = "";

	http_job_release(fixture->job, fixture->first_hold);
	exchange_reply(http_job_take(fixture->job), 200, "text/plain", "ok", 2);
	assert_int_equal(fixture->cancelled[0], 0);
	assert_int_equal(fixture->cancelled[1], 1);
	for (int i = 0; i < TURNS &&
			recv(fixture->client, answer, sizeof answer - 1, MSG_DONTWAIT) <= 0;
		i++)
		loop_turn(fixture->loop, 10);
	assert_non_null(strstr(answer, "200"));
}

static void
a_client_that_leaves_cancels_everything_the_last_first(void **state)
{
	struct fixture *fixture = *state;

	close(fixture->client);
	fixture->client = -1;
	for (int i = 0; i < TURNS && fixture->cancelled[0] == 0; i++)
		loop_turn(fixture->loop, 10);
	assert_int_equal(fixture->cancelled[1], 1);
	assert_int_equal(fixture->cancelled[0], 2);
	assert_int_equal(cancels, 2);
}

/* ---- asks: both loops are turned by this thread, one after the other ---- */

struct asking {
	int asked;
	int freed;
	void *result;
};

static void *
answer_asking(void *context)
{
	struct asking *asking = context;
	asking->asked++;
	return asking;
}

static void
free_asking(void *result)
{
	((struct asking *)result)->freed++;
}

static void
on_asking_answered(void *arg, void *result)
{
	((struct asking *)arg)->result = result;
}

static void
an_ask_brings_the_answer_back_unless_cancelled(void **state)
{
	struct loop *from = loop_new("from");
	struct loop *to = loop_new("to");

	(void)state;
	for (int cancel = 0; cancel <= 1; cancel++) {
		struct asking asking = { 0 };
		struct ask *ask = ask_start(from, to, answer_asking, &asking, free_asking,
			on_asking_answered, &asking);
		assert_int_equal(asking.asked, 0);
		loop_turn(to, 100);
		assert_int_equal(asking.asked, 1);
		assert_null(asking.result);
		if (cancel)
			ask_cancel(ask);
		loop_turn(from, 100);
		assert_ptr_equal(asking.result, cancel ? NULL : &asking);
		assert_int_equal(asking.freed, cancel);
	}
	loop_free(from);
	loop_free(to);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			an_answer_cancels_what_is_still_held, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			a_client_that_leaves_cancels_everything_the_last_first, set_up,
			tear_down),
		cmocka_unit_test(an_ask_brings_the_answer_back_unless_cancelled),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
