#include "session/token.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "core/clock.h"
#include "tests/unit/core/raw_server.h"
#include "tests/unit/session/fake_transport.h"

#define ALICE                                                                              \
	"{\"Id\":\"465b8b78160547caa08382ac0958d34a\",\"Name\":\"alice\","                 \
	"\"ServerId\":\"8c73b3d007dc4eaba552614833a4c35e\",\"Policy\":{"                   \
	"\"IsAdministrator\":false,\"IsDisabled\":false,\"EnableMediaPlayback\":true,"     \
	"\"EnableContentDownloading\":true,\"EnableAllFolders\":true,"                     \
	"\"EnabledFolders\":[],\"BlockedTags\":[],\"AllowedTags\":[],"                     \
	"\"BlockUnratedItems\":[],\"EnableRemoteControlOfOtherUsers\":false}}"

struct fixture {
	struct loop *loop;
	struct base_url base;
	struct fake_transport transport;
	struct token_cache *cache;
};

struct heard {
	int count;
	enum err err;
	struct token_facts facts;
};

static int
set_up(void **state)
{
	struct fixture *fixture = xcalloc(1, sizeof *fixture);
	char why[128];

	clock_enable_test();
	fixture->loop = loop_new("test");
	loop_adopt(fixture->loop);
	if (!base_url_parse(&fixture->base, "http://jelly:8096/jf", why, sizeof why))
		return -1;
	fixture->cache = token_cache_new_over(
		&fixture->base, fake_transport_of(&fixture->transport));
	*state = fixture;
	return 0;
}

static int
tear_down(void **state)
{
	struct fixture *fixture = *state;

	while (fixture->transport.calls != NULL)
		fake_cancel((struct errand *)(void *)fixture->transport.calls);
	token_cache_free(fixture->cache);
	loop_free(fixture->loop);
	xfree(fixture);
	return 0;
}

static void
on_checked(void *arg, enum err err, const struct token_facts *facts)
{
	struct heard *heard = arg;

	heard->count++;
	heard->err = err;
	if (facts != NULL)
		heard->facts = *facts;
}

static struct token_check *
check(struct fixture *fixture, const char *token, enum identity_form form,
	struct heard *heard)
{
	struct identity identity = { .form = form };

	copy_text(identity.token, sizeof identity.token, token);
	*heard = (struct heard){ 0 };
	return token_check_start(
		fixture->cache, fixture->loop, &identity, on_checked, heard);
}

static enum token_age
peek(struct fixture *fixture, const char *token, enum identity_form form,
	struct token_facts *facts)
{
	struct identity identity = { .form = form };

	copy_text(identity.token, sizeof identity.token, token);
	return token_peek(fixture->cache, &identity, facts);
}

static void
answer(struct fixture *fixture, enum err err, int status, const char *body)
{
	assert_non_null(fixture->transport.calls);
	fake_answer(fixture->transport.calls, err, status, body);
	loop_turn(fixture->loop, 1);
}

/* A check that needs no question. */
static enum err
check_at_hand(struct fixture *fixture, const char *token)
{
	struct heard heard;

	check(fixture, token, IDENTITY_MEDIABROWSER, &heard);
	assert_int_equal(heard.count, 0);
	loop_turn(fixture->loop, 1);
	assert_null(fixture->transport.calls);
	assert_int_equal(heard.count, 1);
	return heard.err;
}

static void
confirm(struct fixture *fixture, const char *token)
{
	struct heard heard;

	check(fixture, token, IDENTITY_MEDIABROWSER, &heard);
	answer(fixture, ERR_NONE, 200, ALICE);
	assert_int_equal(heard.err, ERR_NONE);
}

static void
a_token_is_confirmed_with_itself_and_nothing_else(void **state)
{
	struct fixture *fixture = *state;
	struct heard heard;

	check(fixture, "t1", IDENTITY_QUERY, &heard);
	assert_string_equal(fixture->transport.calls->url, "http://jelly:8096/jf/Users/Me");
	assert_string_equal(fixture->transport.calls->headers,
		"Authorization: MediaBrowser Token=\"t1\"\nAccept: application/json\n");
	answer(fixture, ERR_NONE, 200, ALICE);
	assert_int_equal(heard.count, 1);
	assert_int_equal(heard.err, ERR_NONE);
	assert_string_equal(heard.facts.user_name, "alice");
	assert_string_equal(heard.facts.user_id, "465b8b78160547caa08382ac0958d34a");
	assert_true(heard.facts.playback && heard.facts.downloading);
	assert_true(heard.facts.sees_music && !heard.facts.parental_limit);
	assert_false(heard.facts.administrator);
}

static void
an_old_form_is_confirmed_in_an_old_form_and_opens_nothing_else(void **state)
{
	struct fixture *fixture = *state;
	struct heard heard;

	confirm(fixture, "t1");
	check(fixture, "t1", IDENTITY_LEGACY, &heard);
	assert_non_null(strstr(fixture->transport.calls->headers, "X-Emby-Token: t1\n"));
	answer(fixture, ERR_NONE, 401, "");
	assert_int_equal(heard.err, ERR_DENIED);
	assert_int_equal(check_at_hand(fixture, "t1"), ERR_NONE);
}

static void
old_forms_count_as_new_when_they_are_translated(void **state)
{
	struct fixture *fixture = *state;
	struct heard heard;

	token_cache_translate_legacy(fixture->cache, true);
	confirm(fixture, "t1");
	check(fixture, "t1", IDENTITY_LEGACY, &heard);
	loop_turn(fixture->loop, 1);
	assert_int_equal(heard.err, ERR_NONE);
}

static void
a_confirmed_token_is_good_for_a_minute(void **state)
{
	struct fixture *fixture = *state;
	struct heard heard;

	confirm(fixture, "t1");
	clock_advance(59000);
	assert_int_equal(check_at_hand(fixture, "t1"), ERR_NONE);
	clock_advance(2000);
	check(fixture, "t1", IDENTITY_MEDIABROWSER, &heard);
	assert_non_null(fixture->transport.calls);
}

static void
one_question_serves_everybody_who_waits(void **state)
{
	struct fixture *fixture = *state;
	struct heard heard[5];
	struct token_check *checks[5];

	for (size_t i = 0; i < 5; i++)
		checks[i] = check(fixture, "t1", IDENTITY_MEDIABROWSER, &heard[i]);
	token_check_cancel(checks[0]); /* who asked first may leave */
	token_check_cancel(checks[3]);
	assert_int_equal(fixture->transport.started, 1);
	answer(fixture, ERR_NONE, 200, ALICE);
	for (size_t i = 0; i < 5; i++)
		assert_int_equal(heard[i].count, i != 0 && i != 3);
}

static void
a_cancelled_check_is_silent_even_when_its_answer_is_at_hand(void **state)
{
	struct fixture *fixture = *state;
	struct heard heard;

	confirm(fixture, "t1");
	token_check_cancel(check(fixture, "t1", IDENTITY_MEDIABROWSER, &heard));
	loop_turn(fixture->loop, 1);
	assert_int_equal(heard.count, 0);
	token_check_cancel(check(fixture, "", IDENTITY_NONE, &heard));
	loop_turn(fixture->loop, 1);
	assert_int_equal(heard.count, 0);
}

static void
an_unreachable_jellyfin_leaves_ten_minutes(void **state)
{
	struct fixture *fixture = *state;
	struct heard heard;

	confirm(fixture, "t1");
	clock_advance(9 * 60 * 1000);
	check(fixture, "t1", IDENTITY_MEDIABROWSER, &heard);
	answer(fixture, ERR_UNREACHABLE, 0, "");
	assert_int_equal(heard.err, ERR_NONE);
	check(fixture, "t1", IDENTITY_MEDIABROWSER, &heard);
	answer(fixture, ERR_NONE, 503, "");
	assert_int_equal(heard.err, ERR_NONE);
	clock_advance(61 * 1000);
	check(fixture, "t1", IDENTITY_MEDIABROWSER, &heard);
	answer(fixture, ERR_TIMEOUT, 0, "");
	assert_int_equal(heard.err, ERR_TIMEOUT);
}

static void
refused_is_refused_at_once_and_asked_again_next_time(void **state)
{
	static const int statuses[] = { 400, 401, 403 };
	struct fixture *fixture = *state;
	struct heard heard;

	confirm(fixture, "t1");
	clock_advance(61000);
	for (size_t i = 0; i < COUNT_OF(statuses); i++) {
		check(fixture, "t1", IDENTITY_MEDIABROWSER, &heard);
		answer(fixture, ERR_NONE, statuses[i], "");
		assert_int_equal(heard.err, ERR_DENIED);
	}
	check(fixture, "t1", IDENTITY_MEDIABROWSER, &heard);
	answer(fixture, ERR_NONE, 200, "not a user");
	assert_int_equal(heard.err, ERR_PROTOCOL);
}

static void
no_token_and_tokens_that_fit_no_header_are_denied_unasked(void **state)
{
	struct fixture *fixture = *state;

	assert_int_equal(check_at_hand(fixture, ""), ERR_DENIED);
	assert_int_equal(check_at_hand(fixture, "a\r\nX-Evil: 1"), ERR_DENIED);
	assert_int_equal(check_at_hand(fixture, "caf\xc3\xa9"), ERR_DENIED);
}

static void
a_dropped_token_is_asked_again_even_when_its_answer_was_under_way(void **state)
{
	struct fixture *fixture = *state;
	struct token_facts facts;
	struct heard heard;

	confirm(fixture, "t1");
	assert_int_equal(peek(fixture, "t1", IDENTITY_MEDIABROWSER, &facts), TOKEN_FRESH);
	token_drop(fixture->cache, "t1");
	assert_int_equal(peek(fixture, "t1", IDENTITY_MEDIABROWSER, &facts), TOKEN_UNKNOWN);
	check(fixture, "t1", IDENTITY_MEDIABROWSER, &heard);
	token_drop(fixture->cache, "t1");
	answer(fixture, ERR_NONE, 200, ALICE);
	assert_int_equal(heard.count, 1);
	assert_int_equal(peek(fixture, "t1", IDENTITY_MEDIABROWSER, &facts), TOKEN_UNKNOWN);
}

static void
what_was_confirmed_in_one_form_says_nothing_of_another(void **state)
{
	struct fixture *fixture = *state;
	struct token_facts facts;

	confirm(fixture, "t1");
	assert_int_equal(peek(fixture, "t1", IDENTITY_LEGACY, &facts), TOKEN_UNKNOWN);
	assert_int_equal(peek(fixture, "", IDENTITY_MEDIABROWSER, &facts), TOKEN_UNKNOWN);
	clock_advance(61 * 1000);
	assert_int_equal(peek(fixture, "t1", IDENTITY_MEDIABROWSER, &facts), TOKEN_LATELY);
	assert_string_equal(facts.user_name, "alice");
	clock_advance(10 * 60 * 1000);
	assert_int_equal(peek(fixture, "t1", IDENTITY_MEDIABROWSER, &facts), TOKEN_UNKNOWN);
}

static void
a_refused_token_is_asked_again_in_the_form_that_was_refused(void **state)
{
	struct fixture *fixture = *state;
	struct identity identity = { .form = IDENTITY_LEGACY, .token = "t1" };
	struct token_facts facts;
	struct heard heard;

	token_refused(fixture->cache, &identity); /* never heard of */
	confirm(fixture, "t1");
	token_refused(fixture->cache, &identity);
	assert_int_equal(peek(fixture, "t1", IDENTITY_MEDIABROWSER, &facts), TOKEN_FRESH);
	identity.form = IDENTITY_MEDIABROWSER;
	token_refused(fixture->cache, &identity);
	assert_int_equal(peek(fixture, "t1", IDENTITY_MEDIABROWSER, &facts), TOKEN_UNKNOWN);
	check(fixture, "t1", IDENTITY_MEDIABROWSER, &heard);
	answer(fixture, ERR_NONE, 401, "");
	assert_int_equal(heard.err, ERR_DENIED);
}

static void
the_device_is_remembered_from_requests_that_named_it(void **state)
{
	struct fixture *fixture = *state;
	struct identity identity = { .form = IDENTITY_MEDIABROWSER,
		.token = "t1",
		.client = "Finamp",
		.device = "Pixel",
		.device_id = "phone",
		.version = "1.0" };
	struct token_facts facts;
	struct heard heard;

	token_learn(fixture->cache, &identity);
	assert_int_equal(peek(fixture, "t1", IDENTITY_MEDIABROWSER, &facts), TOKEN_UNKNOWN);
	check(fixture, "t1", IDENTITY_LEGACY, &heard); /* a stream URL */
	answer(fixture, ERR_NONE, 200, ALICE);
	assert_string_equal(heard.facts.device_id, "phone");
	assert_string_equal(heard.facts.client, "Finamp");
	assert_int_equal(peek(fixture, "t1", IDENTITY_LEGACY, &facts), TOKEN_FRESH);
	assert_string_equal(facts.device, "Pixel");
	copy_text(identity.version, sizeof identity.version, "2.0");
	token_learn(fixture->cache, &identity);
	assert_int_equal(peek(fixture, "t1", IDENTITY_LEGACY, &facts), TOKEN_FRESH);
	assert_string_equal(facts.version, "2.0");
	assert_string_equal(facts.user_name, "alice");
}

static void
invented_tokens_do_not_push_out_confirmed_ones(void **state)
{
	struct fixture *fixture = *state;
	struct identity identity = { .form = IDENTITY_MEDIABROWSER, .device_id = "d" };
	struct token_facts facts;

	confirm(fixture, "t1");
	for (int i = 0; i < 50000; i++) {
		snprintf(identity.token, sizeof identity.token, "invented-%d", i);
		token_learn(fixture->cache, &identity);
	}
	assert_int_equal(peek(fixture, "t1", IDENTITY_MEDIABROWSER, &facts), TOKEN_FRESH);
}

/* ---- what /Users/Me says ---- */

struct policy_case {
	const char *policy;
	bool playback, sees_music, parental_limit;
};

static const struct policy_case policy_cases[] = {
	{ "{\"EnableMediaPlayback\":true,\"EnableAllFolders\":true}", true, true, false },
	{ "{\"EnableMediaPlayback\":true,\"IsDisabled\":true}", false, false, false },
	{ "{\"EnableMediaPlayback\":false,\"EnabledFolders\":[\"x\"]}", false, true,
		false },
	{ "{\"MaxParentalRating\":10}", false, false, true },
	{ "{\"MaxParentalRating\":null}", false, false, false },
	{ "{\"BlockedTags\":[\"x\"]}", false, false, true },
	{ "{\"AllowedTags\":[\"x\"]}", false, false, true },
	{ "{\"BlockUnratedItems\":[\"Book\",\"Music\"]}", false, false, true },
	{ "{\"BlockUnratedItems\":[\"Book\"]}", false, false, false },
};

static void
what_a_user_may_follows_from_the_policy(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(policy_cases); i++) {
		const struct policy_case *row = &policy_cases[i];
		struct token_facts facts;
		struct text body = { 0 };
		text_addf(&body,
			"{\"Id\":\"465b8b78160547caa08382ac0958d34a\",\"Policy\":%s}",
			row->policy);
		assert_true(token_facts_parse(&facts, body.data, body.size));
		if (facts.playback != row->playback ||
			facts.sees_music != row->sees_music ||
			facts.parental_limit != row->parental_limit)
			fail_msg("%s", row->policy);
		text_fini(&body);
	}
}

/* ---- threads ---- */

static const struct raw_answer answers[] = {
	{ "/Users/Me", "HTTP/1.1 200 OK\r\nContent-Length: 356\r\n\r\n" ALICE, 0, RAW_KEEP,
		false },
	{ 0 },
};

enum { THREADS = 4, CHECKS = 50 };

struct thread_case {
	struct token_cache *cache;
	atomic_int done;
};

static void
count_checked(void *arg, enum err err, const struct token_facts *facts)
{
	int *count = arg;
	if (err == ERR_NONE && strcmp(facts->user_name, "alice") == 0)
		(*count)++;
}

static void *
check_many(void *arg)
{
	struct thread_case *threads = arg;
	struct loop *loop = loop_new("worker");
	struct identity identity = { .form = IDENTITY_MEDIABROWSER, .token = "shared" };
	int count = 0, cancelled = 0;

	loop_adopt(loop);
	for (int i = 0; i < CHECKS; i++) {
		struct token_check *one = token_check_start(
			threads->cache, loop, &identity, count_checked, &count);
		if (i % 5 == 0) {
			token_check_cancel(one);
			cancelled++;
		}
	}
	for (int i = 0; i < 2000 && count + cancelled < CHECKS; i++)
		loop_turn(loop, 5);
	if (count + cancelled == CHECKS)
		atomic_fetch_add(&threads->done, 1);
	while (atomic_load(&threads->done) < THREADS)
		loop_turn(loop, 5);
	loop_free(loop);
	return NULL;
}

static void
threads_share_one_question(void **state)
{
	struct loop *loop = loop_new("server");
	struct raw_server server = { 0 };
	struct thread_case threads = { 0 };
	pthread_t ids[THREADS];
	struct base_url base = { 0 };
	char url[64], why[128];

	(void)state;
	loop_adopt(loop);
	raw_server_open(&server, loop, answers);
	struct errands *errands = errands_start(
		&(struct http_client_options){ .user_agent = "test", .connections = 4 });
	snprintf(url, sizeof url, "http://127.0.0.1:%d", server.port);
	assert_true(base_url_parse(&base, url, why, sizeof why));
	threads.cache = token_cache_new(&base, errands);
	for (size_t i = 0; i < THREADS; i++)
		pthread_create(&ids[i], NULL, check_many, &threads);
	for (int i = 0; i < 4000 && atomic_load(&threads.done) < THREADS; i++)
		loop_turn(loop, 5);
	assert_int_equal(atomic_load(&threads.done), THREADS);
	for (size_t i = 0; i < THREADS; i++)
		pthread_join(ids[i], NULL);
	assert_int_equal(server.requests, 1);
	errands_stop(errands);
	token_cache_free(threads.cache);
	raw_server_close(&server);
	loop_free(loop);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_token_is_confirmed_with_itself_and_nothing_else),
		TEST(an_old_form_is_confirmed_in_an_old_form_and_opens_nothing_else),
		TEST(old_forms_count_as_new_when_they_are_translated),
		TEST(a_confirmed_token_is_good_for_a_minute),
		TEST(one_question_serves_everybody_who_waits),
		TEST(a_cancelled_check_is_silent_even_when_its_answer_is_at_hand),
		TEST(an_unreachable_jellyfin_leaves_ten_minutes),
		TEST(refused_is_refused_at_once_and_asked_again_next_time),
		TEST(no_token_and_tokens_that_fit_no_header_are_denied_unasked),
		TEST(a_dropped_token_is_asked_again_even_when_its_answer_was_under_way),
		TEST(what_was_confirmed_in_one_form_says_nothing_of_another),
		TEST(a_refused_token_is_asked_again_in_the_form_that_was_refused),
		TEST(the_device_is_remembered_from_requests_that_named_it),
		TEST(invented_tokens_do_not_push_out_confirmed_ones),
		cmocka_unit_test(what_a_user_may_follows_from_the_policy),
		cmocka_unit_test(threads_share_one_question),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
