#include "core/errand.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "core/clock.h"
#include "tests/unit/core/raw_server.h"

static const struct raw_answer answers[] = {
	{ "/hello", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", 0, RAW_KEEP,
		false },
	{ "/missing", "HTTP/1.1 404 Nope\r\nContent-Length: 2\r\n\r\nno", 0, RAW_KEEP,
		false },
	{ "/echo", NULL, 0, RAW_KEEP, true },
	{ "/never", NULL, 0, RAW_KEEP, false },
	{ "/hangup", NULL, 0, RAW_CLOSE, false },
	{ 0 },
};

/* The test's own thread is the asking loop and the server. */
struct fixture {
	struct loop *loop;
	struct errands *errands;
	struct raw_server server;
	int done;
};

static int
setup(void **state)
{
	struct fixture *fixture = xcalloc(1, sizeof *fixture);

	fixture->loop = loop_new("test");
	loop_adopt(fixture->loop);
	raw_server_open(&fixture->server, fixture->loop, answers);
	fixture->errands = errands_start(
		&(struct http_client_options){ .user_agent = "test", .connections = 8 });
	*state = fixture;
	return 0;
}

static int
teardown(void **state)
{
	struct fixture *fixture = *state;

	errands_stop(fixture->errands);
	raw_server_close(&fixture->server);
	loop_free(fixture->loop);
	xfree(fixture);
	return 0;
}

static void *
parse_copy(void *arg, const struct http_answer *answer)
{
	(void)arg;
	return xstrndup(answer->body, answer->body_size);
}

struct seen {
	struct fixture *fixture;
	struct errand *errand;
	int done;
	enum err err;
	int status;
	char *parsed;
	bool cancel_itself;
};

static void
on_done(void *arg, struct errand_result *result)
{
	struct seen *seen = arg;

	assert_true(loop_is_mine(seen->fixture->loop));
	seen->done++;
	seen->fixture->done++;
	seen->err = result->err;
	seen->status = result->status;
	seen->parsed = result->parsed;
	result->parsed = NULL;
	if (seen->cancel_itself)
		errand_cancel(seen->errand);
}

static void
on_done_leave(void *arg, struct errand_result *result)
{
	struct seen *seen = arg;

	assert_non_null(result->parsed);
	seen->done++;
	seen->fixture->done++;
}

static void
start(struct fixture *fixture, struct seen *seen, struct errand_request request,
	const char *path)
{
	char url[64];

	seen->fixture = fixture;
	request.url = raw_server_url(&fixture->server, url, path);
	seen->errand =
		errand_start(fixture->errands, fixture->loop, &request, on_done, seen);
	assert_int_equal(seen->done, 0);
}

static void
turn_until_done(struct fixture *fixture, int wanted)
{
	for (int i = 0; i < 4000 && fixture->done < wanted; i++)
		loop_turn(fixture->loop, 5);
	assert_int_equal(fixture->done, wanted);
}

static void
an_errand_brings_back_what_was_parsed(void **state)
{
	static const char *const headers[] = { "X-One: two", NULL };
	struct fixture *fixture = *state;
	struct seen seen = { .cancel_itself = true };

	start(fixture, &seen,
		(struct errand_request){ .method = "POST",
			.headers = headers,
			.body = "{}",
			.body_size = 2,
			.parse = parse_copy },
		"/echo");
	turn_until_done(fixture, 1);
	assert_int_equal(seen.err, ERR_NONE);
	assert_int_equal(seen.status, 200);
	assert_non_null(strstr(seen.parsed, "POST /echo"));
	assert_non_null(strstr(seen.parsed, "X-One: two\r\n"));
	assert_non_null(strstr(seen.parsed, "\r\n\r\n{}"));
	xfree(seen.parsed);
}

static void
answers_of_any_status_are_parsed_and_failures_are_not(void **state)
{
	struct fixture *fixture = *state;
	struct seen seen[2] = { 0 };

	start(fixture, &seen[0], (struct errand_request){ .parse = parse_copy },
		"/missing");
	start(fixture, &seen[1], (struct errand_request){ .parse = parse_copy }, "/hangup");
	turn_until_done(fixture, 2);
	assert_int_equal(seen[0].status, 404);
	assert_string_equal(seen[0].parsed, "no");
	assert_int_equal(seen[1].err, ERR_UNREACHABLE);
	assert_null(seen[1].parsed);
	xfree(seen[0].parsed);
}

static void
what_nobody_takes_is_freed(void **state)
{
	struct fixture *fixture = *state;
	struct seen seen = { .fixture = fixture };
	char url[64];

	errand_start(fixture->errands, fixture->loop,
		&(struct errand_request){
			.url = raw_server_url(&fixture->server, url, "/hello"),
			.parse = parse_copy },
		on_done_leave, &seen);
	turn_until_done(fixture, 1);
}

static void
cancels_that_race_answers_are_silent(void **state)
{
	enum { COUNT = 300 };
	struct fixture *fixture = *state;
	struct seen seen[COUNT] = { 0 };
	int expected = 0;

	for (int i = 0; i < COUNT; i++)
		start(fixture, &seen[i], (struct errand_request){ .parse = parse_copy },
			"/hello");
	/* One after the other, while answers arrive. */
	for (int i = 0; i < COUNT; i++) {
		if (i % 3 == 0)
			loop_turn(fixture->loop, 0);
		if (i % 2 == 0 && seen[i].done == 0) {
			errand_cancel(seen[i].errand);
			seen[i].done = -1;
		} else {
			expected++;
		}
	}
	turn_until_done(fixture, expected);
	for (int i = 0; i < COUNT; i++) {
		assert_true(seen[i].done == 1 || seen[i].done == -1);
		xfree(seen[i].parsed);
	}
}

static void
a_cancel_right_after_the_start_is_silent(void **state)
{
	struct fixture *fixture = *state;
	struct seen seen[2] = { 0 };

	start(fixture, &seen[0], (struct errand_request){ 0 }, "/hello");
	errand_cancel(seen[0].errand);
	start(fixture, &seen[1], (struct errand_request){ 0 }, "/hello");
	turn_until_done(fixture, 1);
	assert_int_equal(seen[0].done, 0);
}

static void
errands_beyond_the_bound_are_busy_and_come_back_later(void **state)
{
	enum { COUNT = 1030 };
	struct fixture *fixture = *state;
	struct seen *seen = xcalloc(COUNT, sizeof *seen);

	for (int i = 0; i < COUNT; i++)
		start(fixture, &seen[i], (struct errand_request){ 0 }, "/never");
	errand_cancel(seen[COUNT - 1].errand);
	turn_until_done(fixture, COUNT - 1024 - 1);
	for (int i = 1024; i < COUNT - 1; i++)
		assert_int_equal(seen[i].err, ERR_BUSY);
	for (int i = 0; i < 1024; i++) {
		assert_int_equal(seen[i].done, 0);
		errand_cancel(seen[i].errand);
	}
	/* The places of cancelled ones are free once the errands thread has noticed. */
	struct seen again = { .err = ERR_BUSY };
	int64_t give_up_ms = clock_now_ms() + 10 * 1000;
	while (again.err == ERR_BUSY && clock_now_ms() < give_up_ms) {
		again.done = 0;
		start(fixture, &again, (struct errand_request){ 0 }, "/hello");
		turn_until_done(fixture, fixture->done + 1);
	}
	assert_int_equal(again.err, ERR_NONE);
	xfree(seen);
}

static void
errands_stop_with_some_under_way(void **state)
{
	enum { COUNT = 50 };
	struct fixture *fixture = *state;
	struct seen seen[COUNT] = { 0 };

	for (int i = 0; i < COUNT; i++)
		start(fixture, &seen[i], (struct errand_request){ .parse = parse_copy },
			i % 2 == 0 ? "/never" : "/hello");
	for (int i = 0; i < 10; i++)
		loop_turn(fixture->loop, 1);
	errand_cancel(seen[0].errand);
	errands_stop(fixture->errands);
	fixture->errands = NULL;
	for (int i = 0; i < 10; i++)
		loop_turn(fixture->loop, 1);
	for (int i = 0; i < COUNT; i += 2)
		assert_int_equal(seen[i].done, 0);
	for (int i = 1; i < COUNT; i += 2)
		xfree(seen[i].parsed);
}

/* A second thread that asks and goes while the errands go on. */
static void *
run_asker(void *arg)
{
	struct fixture *fixture = arg;

	for (int round = 0; round < 30; round++) {
		struct fixture own = { .loop = loop_new("asker"),
			.errands = fixture->errands,
			.server.port = fixture->server.port };
		struct seen seen[8] = { 0 };
		loop_adopt(own.loop);
		for (int i = 0; i < 8; i++)
			start(&own, &seen[i],
				(struct errand_request){ .parse = parse_copy },
				i == 7 ? "/never" : "/hello");
		for (int i = 0; i < 4000 && own.done < round % 8; i++)
			loop_turn(own.loop, 5);
		for (int i = 0; i < 8; i++) {
			if (seen[i].done == 0)
				errand_cancel(seen[i].errand);
			xfree(seen[i].parsed);
		}
		loop_free(own.loop);
	}
	loop_stop(fixture->loop);
	return NULL;
}

static void
a_loop_that_cancelled_its_errands_may_be_freed_at_once(void **state)
{
	struct fixture *fixture = *state;
	pthread_t thread;

	assert_int_equal(pthread_create(&thread, NULL, run_asker, fixture), 0);
	loop_run(fixture->loop);
	pthread_join(thread, NULL);
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(an_errand_brings_back_what_was_parsed),
		TEST(answers_of_any_status_are_parsed_and_failures_are_not),
		TEST(what_nobody_takes_is_freed),
		TEST(cancels_that_race_answers_are_silent),
		TEST(a_cancel_right_after_the_start_is_silent),
		TEST(errands_beyond_the_bound_are_busy_and_come_back_later),
		TEST(errands_stop_with_some_under_way),
		TEST(a_loop_that_cancelled_its_errands_may_be_freed_at_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
