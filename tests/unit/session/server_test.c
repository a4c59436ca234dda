#include "session/server.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "core/clock.h"
#include "tests/unit/session/fake_transport.h"

#define INFO                                                                               \
	"{\"Id\":\"8c73b3d007dc4eaba552614833a4c35e\",\"ServerName\":\"Lab\","             \
	"\"Version\":\"12.0.0\",\"LocalAddress\":\"http://127.0.0.1:8096\"}"

struct fixture {
	struct loop *loop;
	struct fake_transport transport;
	struct server *server;
	int changes;
	bool healthy;
};

static void
on_changed(void *arg, const struct server_facts *facts)
{
	struct fixture *fixture = arg;
	fixture->changes++;
	fixture->healthy = facts->healthy;
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
	fixture->server = server_start_over(
		&base, fixture->loop, fake_transport_of(&fixture->transport));
	server_observe(fixture->server, (struct server_observer){ on_changed, fixture });
	*state = fixture;
	return 0;
}

static int
tear_down(void **state)
{
	struct fixture *fixture = *state;
	server_stop(fixture->server);
	loop_free(fixture->loop);
	assert_null(fixture->transport.calls);
	xfree(fixture);
	return 0;
}

/* Lets `ms` pass and answers the one question that must then be under way. */
static void
answer_next(struct fixture *fixture, int64_t ms, const char *url, enum err err, int status,
	const char *body)
{
	clock_advance(ms);
	loop_turn(fixture->loop, 30);
	assert_non_null(fixture->transport.calls);
	assert_string_equal(fixture->transport.calls->url, url);
	assert_string_equal(fixture->transport.calls->headers, "");
	fake_answer(fixture->transport.calls, err, status, body);
}

static void
it_is_healthy_once_health_says_so_and_then_known_by_name(void **state)
{
	struct fixture *fixture = *state;
	struct server_facts facts;

	answer_next(fixture, 0, "http://jelly:8096/jf/health", ERR_NONE, 503, "");
	assert_int_equal(fixture->changes, 0);
	answer_next(fixture, 1000, "http://jelly:8096/jf/health", ERR_NONE, 200, "Healthy");
	assert_int_equal(fixture->changes, 0);
	answer_next(
		fixture, 0, "http://jelly:8096/jf/System/Info/Public", ERR_NONE, 200, INFO);
	assert_int_equal(fixture->changes, 1);
	server_read(fixture->server, &facts);
	assert_true(facts.healthy);
	assert_string_equal(facts.id, "8c73b3d007dc4eaba552614833a4c35e");
	assert_string_equal(facts.name, "Lab");
	assert_string_equal(facts.version, "12.0.0");
	char id[33];
	server_id_copy(fixture->server, id);
	assert_string_equal(id, facts.id);
}

static void
going_down_and_coming_back_are_told_once_each(void **state)
{
	struct fixture *fixture = *state;
	struct server_facts facts;

	answer_next(fixture, 0, "http://jelly:8096/jf/health", ERR_NONE, 200, " Healthy");
	answer_next(
		fixture, 0, "http://jelly:8096/jf/System/Info/Public", ERR_NONE, 200, INFO);
	answer_next(fixture, 5000, "http://jelly:8096/jf/health", ERR_NONE, 200, "Healthy");
	assert_int_equal(fixture->changes, 1);
	answer_next(fixture, 5000, "http://jelly:8096/jf/health", ERR_UNREACHABLE, 0, "");
	answer_next(
		fixture, 1000, "http://jelly:8096/jf/health", ERR_NONE, 200, "Degraded");
	assert_int_equal(fixture->changes, 2);
	assert_false(fixture->healthy);
	server_read(fixture->server, &facts);
	assert_string_equal(facts.name, "Lab");
	answer_next(fixture, 1000, "http://jelly:8096/jf/health", ERR_NONE, 200, "Healthy");
	answer_next(
		fixture, 0, "http://jelly:8096/jf/System/Info/Public", ERR_TIMEOUT, 0, "");
	assert_int_equal(fixture->changes, 3);
	assert_true(fixture->healthy);
}

static void
one_question_is_under_way_at_a_time(void **state)
{
	struct fixture *fixture = *state;

	for (int i = 0; i < 5; i++) {
		clock_advance(10000);
		loop_turn(fixture->loop, 30);
	}
	assert_int_equal(fixture->transport.started, 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(it_is_healthy_once_health_says_so_and_then_known_by_name),
		TEST(going_down_and_coming_back_are_told_once_each),
		TEST(one_question_is_under_way_at_a_time),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
