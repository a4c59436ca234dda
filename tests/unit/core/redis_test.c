#include "core/redis.h"

#include <arpa/inet.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "core/clock.h"
#include "core/log.h"

enum { WAIT_MS = 10 * 1000 };

/* A real redis-server on a free port, and one of us beside it. */
struct fixture {
	struct loop *loop;
	struct redis_url url;
	pid_t server;
	struct redis *redis;
	bool up;
	int changes;
	struct text heard; /* what was published, and answers */
	int done;
};

static uint16_t
free_port(int *listener)
{
	struct sockaddr_in address = { .sin_family = AF_INET };
	socklen_t size = sizeof address;

	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	*listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(bind(*listener, (struct sockaddr *)&address, size), 0);
	assert_int_equal(getsockname(*listener, (struct sockaddr *)&address, &size), 0);
	return ntohs(address.sin_port);
}

static void
start_server(struct fixture *fixture)
{
	char port[8];

	snprintf(port, sizeof port, "%u", fixture->url.port);
	fixture->server = fork();
	if (fixture->server == 0) {
		execlp("redis-server", "redis-server", "--port", port, "--bind",
			"127.0.0.1", "--save", "", "--appendonly", "no", "--logfile",
			"/dev/null", "--requirepass", "pass word", (char *)NULL);
		_exit(127);
	}
}

static void
kill_server(struct fixture *fixture)
{
	if (fixture->server > 0) {
		kill(fixture->server, SIGKILL);
		waitpid(fixture->server, NULL, 0);
	}
	fixture->server = 0;
}

static void
on_changed(void *arg, bool up)
{
	struct fixture *fixture = arg;

	fixture->up = up;
	fixture->changes++;
}

static void
on_published(void *arg, struct slice channel, struct slice text)
{
	struct fixture *fixture = arg;

	text_add_slice(&fixture->heard, channel);
	text_add_char(&fixture->heard, '=');
	text_add_slice(&fixture->heard, text);
	text_add_char(&fixture->heard, ' ');
}

static void
on_done(void *arg, void *context, enum err err, const struct redis_reply *reply)
{
	struct fixture *fixture = arg;

	fixture->done++;
	text_addf(&fixture->heard, "%s:%s", (const char *)context, err_name(err));
	if (redis_reply_number(reply, -1) >= 0)
		text_addf(&fixture->heard, ":%d", (int)redis_reply_number(reply, -1));
	text_add_char(&fixture->heard, ':');
	text_add_slice(&fixture->heard, redis_reply_text(reply));
	for (size_t i = 0; i < redis_reply_count(reply); i++) {
		text_add_char(&fixture->heard, ',');
		text_add_slice(&fixture->heard, redis_reply_text(redis_reply_at(reply, i)));
	}
	text_add_char(&fixture->heard, ' ');
}

static void
start_redis(struct fixture *fixture)
{
	static const char *const channels[] = { "one", "two" };

	fixture->redis = redis_start(fixture->loop, &fixture->url, channels, 2,
		(struct redis_observer){ on_changed, on_published, fixture });
}

static int
set_up(void **state)
{
	struct fixture *fixture = xcalloc(1, sizeof *fixture);
	int listener;

	clock_enable_test();
	log_set_level(LOG_LEVEL_WARN);
	fixture->loop = loop_new("test");
	loop_adopt(fixture->loop);
	copy_text(fixture->url.host, sizeof fixture->url.host, "127.0.0.1");
	copy_text(fixture->url.password, sizeof fixture->url.password, "pass word");
	fixture->url.port = free_port(&listener);
	fixture->url.database = 3;
	close(listener);
	start_server(fixture);
	*state = fixture;
	return 0;
}

static int
tear_down(void **state)
{
	struct fixture *fixture = *state;

	redis_stop(fixture->redis);
	kill_server(fixture);
	loop_free(fixture->loop);
	text_fini(&fixture->heard);
	xfree(fixture);
	return 0;
}

#define WAIT_FOR(fixture, condition)                                                       \
	do {                                                                               \
		int64_t until_ms = clock_now_ms() + WAIT_MS;                               \
		while (!(condition) && clock_now_ms() < until_ms)                          \
			loop_turn((fixture)->loop, 5);                                     \
		assert_true(condition);                                                    \
	} while (0)

static void
say(struct fixture *fixture, const char *name, const char *first, const char *second,
	const char *third)
{
	struct slice words[] = { slice_of(first), slice_of(second), slice_of(third) };

	redis_command(fixture->redis, words, third[0] != '\0' ? 3 : 2, on_done, fixture,
		xstrdup(name));
}

static void
expect(struct fixture *fixture, int done, const char *heard)
{
	WAIT_FOR(fixture, fixture->done >= done);
	assert_string_equal(text_get(&fixture->heard), heard);
	text_clear(&fixture->heard);
	fixture->done = 0;
}

static void
commands_are_answered_in_order_once_it_is_up(void **state)
{
	struct fixture *fixture = *state;

	start_redis(fixture);
	WAIT_FOR(fixture, fixture->up);
	say(fixture, "a", "SET", "key", "a \xff value");
	say(fixture, "b", "GET", "key", "");
	say(fixture, "c", "EXISTS", "nothing", "");
	say(fixture, "d", "HSET", "key", "");
	assert_int_equal(fixture->done, 0);
	expect(fixture, 4, "a:none:OK b:none:a \xff value c:none:0: d:protocol: ");
}

static void
scripts_are_sent_when_redis_does_not_have_them(void **state)
{
	static const struct redis_script script = { "return {KEYS[1], ARGV[1]}" };
	struct fixture *fixture = *state;
	const struct slice words[] = { SLICE("k"), SLICE("v") };

	start_redis(fixture);
	WAIT_FOR(fixture, fixture->up);
	for (int i = 0; i < 2; i++)
		redis_run(fixture->redis, &script, words, 2, 1, on_done, fixture,
			xstrdup("s"));
	expect(fixture, 2, "s:none:,k,v s:none:,k,v ");
	say(fixture, "flush", "SCRIPT", "FLUSH", "");
	redis_run(fixture->redis, &script, words, 2, 1, on_done, fixture, xstrdup("again"));
	expect(fixture, 2, "flush:none:OK again:none:,k,v ");
}

static void
what_is_published_is_heard(void **state)
{
	struct fixture *fixture = *state;

	start_redis(fixture);
	WAIT_FOR(fixture, fixture->up);
	say(fixture, "p", "PUBLISH", "two", "hello");
	WAIT_FOR(fixture, fixture->done == 1 && strstr(text_get(&fixture->heard), "two="));
	assert_non_null(strstr(text_get(&fixture->heard), "two=hello "));
	assert_non_null(strstr(text_get(&fixture->heard), "p:none:1: "));
}

static void
a_loss_fails_what_waits_and_heals_by_itself(void **state)
{
	struct fixture *fixture = *state;

	start_redis(fixture);
	say(fixture, "early", "GET", "key", "");
	expect(fixture, 1, "early:unreachable: ");
	WAIT_FOR(fixture, fixture->up);
	kill(fixture->server, SIGSTOP);
	say(fixture, "waits", "GET", "key", "");
	loop_turn(fixture->loop, 10);
	kill_server(fixture);
	expect(fixture, 1, "waits:unreachable: ");
	WAIT_FOR(fixture, !fixture->up);
	say(fixture, "down", "GET", "key", "");
	expect(fixture, 1, "down:unreachable: ");
	start_server(fixture);
	WAIT_FOR(fixture, fixture->up);
	assert_int_equal(fixture->changes, 3);
	say(fixture, "back", "EXISTS", "key", "");
	expect(fixture, 1, "back:none:0: ");
}

static void
a_redis_that_hangs_is_given_up_in_time(void **state)
{
	struct fixture *fixture = *state;

	start_redis(fixture);
	WAIT_FOR(fixture, fixture->up);
	kill(fixture->server, SIGSTOP);
	say(fixture, "hangs", "GET", "key", "");
	loop_turn(fixture->loop, 10);
	clock_advance(REDIS_TIMEOUT_MS - 500);
	loop_turn(fixture->loop, 30);
	assert_true(fixture->up);
	clock_advance(600);
	expect(fixture, 1, "hangs:unreachable: ");
	assert_false(fixture->up);
	kill(fixture->server, SIGCONT);
	clock_advance(1000);
	WAIT_FOR(fixture, fixture->up);
}

static void
a_wrong_password_is_no_connection(void **state)
{
	struct fixture *fixture = *state;

	start_redis(fixture);
	WAIT_FOR(fixture, fixture->up);
	redis_stop(fixture->redis);
	copy_text(fixture->url.password, sizeof fixture->url.password, "wrong");
	fixture->up = false;
	start_redis(fixture);
	for (int i = 0; i < 20; i++) {
		clock_advance(300);
		loop_turn(fixture->loop, 5);
	}
	assert_false(fixture->up);
}

static void
after_stop_there_is_silence(void **state)
{
	struct fixture *fixture = *state;

	start_redis(fixture);
	WAIT_FOR(fixture, fixture->up);
	say(fixture, "a", "GET", "key", "");
	redis_stop(fixture->redis);
	fixture->redis = NULL;
	loop_turn(fixture->loop, 30);
	assert_int_equal(fixture->done, 0);
	assert_int_equal(fixture->changes, 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(commands_are_answered_in_order_once_it_is_up),
		TEST(scripts_are_sent_when_redis_does_not_have_them),
		TEST(what_is_published_is_heard),
		TEST(a_loss_fails_what_waits_and_heals_by_itself),
		TEST(a_redis_that_hangs_is_given_up_in_time),
		TEST(a_wrong_password_is_no_connection),
		TEST(after_stop_there_is_silence),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
