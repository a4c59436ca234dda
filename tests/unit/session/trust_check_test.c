#include "session/trust_check.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "core/clock.h"
#include "tests/unit/session/fake_transport.h"

#define INFO "{\"Id\":\"8c73b3d007dc4eaba552614833a4c35e\",\"LocalAddress\":\"http://h:1\"}"

static struct base_url
url_of(const char *text)
{
	struct base_url url;
	char why[128];

	assert_true(base_url_parse(&url, text, why, sizeof why));
	return url;
}

static void
a_redirect_shows_what_jellyfin_believes(void **state)
{
	static const struct {
		int status;
		const char *location;
		enum trust_finding finding;
	} rows[] = {
		{ 301, "https://sidetrack-trust-check.invalid/web/", TRUST_BELIEVED },
		{ 302, "http://SIDETRACK-trust-check.invalid:443/jf/web/", TRUST_BELIEVED },
		{ 301, "http://jellyfin:8096/web/", TRUST_IGNORED },
		{ 301, "https://sidetrack-trust-check.invalid.example/web/",
			TRUST_IGNORED },
		{ 302, "web/", TRUST_UNKNOWN },
		{ 301, NULL, TRUST_UNKNOWN },
		{ 200, NULL, TRUST_UNKNOWN },
		{ 404, "http://jellyfin:8096/web/", TRUST_UNKNOWN },
		{ 403, NULL, TRUST_UNKNOWN },
		{ 0, NULL, TRUST_UNKNOWN },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++)
		assert_int_equal(trust_check_judge(rows[i].status, rows[i].location),
			rows[i].finding);
}

static void
an_address_at_jellyfins_port_leads_past_us(void **state)
{
	static const struct {
		const char *local_address;
		const char *jellyfin;
		uint16_t listen_port;
		bool past;
	} rows[] = {
		{ "http://10.0.0.2:8096", "http://10.0.0.2:8096", 8097, true },
		{ "http://JELLYFIN:8096/jf", "http://jellyfin:8096", 8096, true },
		{ "http://172.18.0.3:8096", "http://jellyfin:8096", 8097, true },
		{ "http://jellyfin", "http://jellyfin:80", 0, true },
		/* Somebody published our address there, or might have. */
		{ "http://192.168.1.5:8096", "http://jellyfin:8096", 8096, false },
		{ "http://192.168.1.5:8097", "http://192.168.1.5:8096", 8097, false },
		{ "https://media.example.org", "http://jellyfin:8096", 8097, false },
		{ "", "http://jellyfin:8096", 8097, false },
		{ "nonsense", "http://jellyfin:8096", 8097, false },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct base_url jellyfin = url_of(rows[i].jellyfin);
		assert_int_equal(trust_check_leads_past(rows[i].local_address, &jellyfin,
					 rows[i].listen_port),
			rows[i].past);
	}
}

struct fixture {
	struct base_url jellyfin;
	struct loop *loop;
	struct fake_transport health; /* the server's questions */
	struct fake_transport transport;
	struct server *server;
	struct trust_check *check;
};

static struct trust_check *
start_check(struct fixture *fixture)
{
	const struct trust_check_options options = {
		.jellyfin = &fixture->jellyfin,
		.loop = fixture->loop,
		.transport = fake_transport_of(&fixture->transport),
		.server = fixture->server,
	};

	return trust_check_start(&options);
}

static int
set_up(void **state)
{
	struct fixture *fixture = xcalloc(1, sizeof *fixture);

	clock_enable_test();
	fixture->jellyfin = url_of("http://jelly:8096/jf");
	fixture->loop = loop_new("test");
	loop_adopt(fixture->loop);
	fixture->server = server_start_over(
		&fixture->jellyfin, fixture->loop, fake_transport_of(&fixture->health));
	fixture->check = start_check(fixture);
	*state = fixture;
	return 0;
}

static int
tear_down(void **state)
{
	struct fixture *fixture = *state;

	trust_check_stop(fixture->check);
	server_stop(fixture->server);
	loop_free(fixture->loop);
	assert_null(fixture->transport.calls);
	xfree(fixture);
	return 0;
}

/* Lets the server ask and answers it. */
static void
answer_server(
	struct fixture *fixture, int64_t ms, enum err err, int status, const char *body)
{
	clock_advance(ms);
	loop_turn(fixture->loop, 30);
	assert_non_null(fixture->health.calls);
	fake_answer(fixture->health.calls, err, status, body);
}

static void
become_healthy(struct fixture *fixture, int64_t ms)
{
	answer_server(fixture, ms, ERR_NONE, 200, "Healthy");
	answer_server(fixture, 0, ERR_NONE, 200, INFO);
}

static void
each_start_of_jellyfin_is_asked_once_and_without_a_credential(void **state)
{
	struct fixture *fixture = *state;

	answer_server(fixture, 0, ERR_NONE, 503, "");
	assert_int_equal(fixture->transport.started, 0);
	become_healthy(fixture, 1000);
	assert_int_equal(fixture->transport.started, 1);
	assert_string_equal(fixture->transport.calls->url, "http://jelly:8096/jf/web");
	assert_string_equal(fixture->transport.calls->headers,
		"X-Forwarded-For: 203.0.113.9\nX-Forwarded-Proto: https\n"
		"X-Forwarded-Host: sidetrack-trust-check.invalid\n");
	fake_answer(fixture->transport.calls, ERR_NONE, 301, "");
	answer_server(fixture, 5000, ERR_NONE, 200, "Healthy");
	assert_int_equal(fixture->transport.started, 1);
	answer_server(fixture, 5000, ERR_UNREACHABLE, 0, "");
	become_healthy(fixture, 1000);
	assert_int_equal(fixture->transport.started, 2);
	fake_answer(fixture->transport.calls, ERR_TIMEOUT, 0, "");
}

static void
a_jellyfin_that_is_healthy_already_is_asked_too(void **state)
{
	struct fixture *fixture = *state;

	become_healthy(fixture, 0);
	fake_answer(fixture->transport.calls, ERR_NONE, 301, "");
	struct trust_check *late = start_check(fixture);
	assert_int_equal(fixture->transport.started, 2);
	trust_check_stop(late);
}

static void
stopping_takes_the_question_back(void **state)
{
	struct fixture *fixture = *state;

	become_healthy(fixture, 0);
	trust_check_stop(fixture->check);
	fixture->check = NULL;
	assert_int_equal(fixture->transport.cancelled, 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_redirect_shows_what_jellyfin_believes),
		cmocka_unit_test(an_address_at_jellyfins_port_leads_past_us),
		TEST(each_start_of_jellyfin_is_asked_once_and_without_a_credential),
		TEST(a_jellyfin_that_is_healthy_already_is_asked_too),
		TEST(stopping_takes_the_question_back),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
