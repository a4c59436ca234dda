#include "proxy/fetch.h"

#include "tests/unit/proxy/harness.h"

enum { MAX_BODY = 1000, TIMEOUT_MS = 4000 };

/* What a fetch brought, copied inside its callback. */
struct brought {
	struct fetch *fetch;
	int done;
	enum err err;
	int status;
	char body[MAX_BODY + 1];
	char type[64];
	struct exchange *exchange;
};

static void
on_fetched(void *arg, const struct fetch_answer *answer)
{
	struct brought *brought = arg;
	struct slice type;

	brought->fetch = NULL;
	brought->done++;
	brought->err = answer->err;
	brought->status = answer->status;
	copy_text(brought->body, sizeof brought->body, answer->body);
	assert_int_equal(strlen(answer->body), answer->body_size);
	if (fetch_answer_header(answer, "content-type", &type))
		snprintf(brought->type, sizeof brought->type, "%.*s", (int)type.size,
			type.data);
	if (brought->exchange != NULL)
		exchange_reply(
			brought->exchange, 200, NULL, answer->body, answer->body_size);
}

static struct fetch_request
get(const char *target)
{
	return (struct fetch_request){
		.target = target,
		.timeout_ms = TIMEOUT_MS,
		.max_body = MAX_BODY,
	};
}

static void
start(struct harness *harness, struct brought *brought, const struct fetch_request *request)
{
	memset(brought, 0, sizeof *brought);
	brought->fetch = fetch_start(harness->worker, request, on_fetched, brought);
	assert_int_equal(brought->done, 0);
}

static int
setup(void **state)
{
	*state = harness_new(64, 8);
	return 0;
}

static int
teardown(void **state)
{
	harness_free(*state);
	return 0;
}

static void
an_answer_is_brought_whole(void **state)
{
	static const char *const answers[] = {
		"HTTP/1.1 200 OK\r\nContent-Type: a/b\r\nContent-Length: 5\r\n\r\nhello",
		"HTTP/1.1 103 Early\r\n\r\nHTTP/1.1 200 OK\r\ncontent-type: a/b\r\n"
		"Transfer-Encoding: chunked\r\n\r\n3\r\nhel\r\n2;x\r\nlo\r\n0\r\nT: "
		"1\r\n\r\n",
		"HTTP/1.1 200 OK\r\nContent-Type:  a/b \r\n\r\nhello",
	};
	struct harness *harness = *state;

	for (size_t i = 0; i < 2 * COUNT_OF(answers); i++) {
		struct fetch_request request = get("/Items?x=1");
		struct brought brought;
		const char *answer = answers[i / 2];
		start(harness, &brought, &request);
		struct peer *jellyfin = answer_call(harness);
		expect(harness, jellyfin, "\r\n\r\n");
		assert_string_equal(jellyfin->data.data,
			"GET /jf/Items?x=1 HTTP/1.1\r\nHost: media.example\r\n\r\n");
		size_t step = i % 2 == 0 ? strlen(answer) : 5;
		for (size_t at = 0; at < strlen(answer); at += step) {
			size_t left = strlen(answer) - at;
			say_bytes(
				harness, jellyfin, answer + at, left < step ? left : step);
			loop_turn(harness->loop, 1);
		}
		shutdown(jellyfin->fd, SHUT_WR);
		expect_count(harness, &brought.done, 1);
		assert_int_equal(brought.err, ERR_NONE);
		assert_int_equal(brought.status, 200);
		assert_string_equal(brought.body, "hello");
		assert_string_equal(brought.type, "a/b");
		peer_free(jellyfin);
		turn_often(harness);
	}
}

static void
on_gone(void *arg)
{
	struct brought *brought = arg;

	fetch_cancel(brought->fetch);
	brought->fetch = NULL;
	brought->exchange = NULL;
}

static void
fetch_for(struct harness *harness, struct exchange *exchange)
{
	static const struct exchange_owner owner = { .gone = on_gone };
	const struct http_request *client = exchange_request(exchange);
	struct brought *brought = harness->extra;
	struct fetch_request request = get("/Search/Hints");

	request.headers = client->headers;
	request.header_count = client->header_count;
	request.identity = true;
	request.in_name_of = exchange;
	start(harness, brought, &request);
	brought->exchange = exchange;
	exchange_own(exchange, &owner, brought);
}

static void
a_client_is_named_and_nothing_compressed(void **state)
{
	struct harness *harness = *state;
	struct brought brought;
	struct peer *client = dial(harness);

	harness->extra = &brought;
	harness->on_exchange = fetch_for;
	say(harness, client,
		"GET /x HTTP/1.1\r\nHost: jf\r\nX-Emby-Token: t\r\n"
		"Accept-Encoding: gzip\r\n\r\n");
	struct peer *jellyfin = answer_call(harness);
	expect(harness, jellyfin, "\r\n\r\n");
	assert_string_equal(jellyfin->data.data,
		"GET /jf/Search/Hints HTTP/1.1\r\nHost: jf\r\nX-Emby-Token: t\r\n"
		"X-Forwarded-For: 127.0.0.1\r\nX-Forwarded-Proto: http\r\n"
		"X-Forwarded-Host: jf\r\nAccept-Encoding: identity\r\n\r\n");
	say(harness, jellyfin, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
	expect(harness, client, "\r\n\r\nok");
	peer_free(client);
	peer_free(jellyfin);
}

static void
a_cancelled_fetch_is_silent(void **state)
{
	struct harness *harness = *state;
	struct brought brought;
	struct peer *client = dial(harness);

	harness->extra = &brought;
	harness->on_exchange = fetch_for;
	say(harness, client, "GET /x HTTP/1.1\r\nHost: jf\r\n\r\n");
	struct peer *jellyfin = answer_call(harness);
	expect(harness, jellyfin, "/jf/Search");
	hang_up(client);
	expect_end(harness, jellyfin);
	assert_int_equal(brought.done, 0);
	peer_free(client);
	peer_free(jellyfin);
}

static void
too_much_is_not_brought(void **state)
{
	static const char *const heads[] = {
		"HTTP/1.1 200 OK\r\nContent-Length: 1001\r\n\r\n",
		"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3e9\r\n",
		"HTTP/1.1 200 OK\r\n\r\n",
	};
	struct harness *harness = *state;
	char body[MAX_BODY + 1];

	memset(body, 'x', sizeof body);
	for (size_t i = 0; i < COUNT_OF(heads); i++) {
		struct fetch_request request = get("/a");
		struct brought brought;
		start(harness, &brought, &request);
		struct peer *jellyfin = answer_call(harness);
		expect(harness, jellyfin, "\r\n\r\n");
		say(harness, jellyfin, heads[i]);
		(void)!write(jellyfin->fd, body, sizeof body);
		expect_count(harness, &brought.done, 1);
		assert_int_equal(brought.err, ERR_TOO_LARGE);
		expect_end(harness, jellyfin);
		peer_free(jellyfin);
	}
}

static void
failures_have_their_reason(void **state)
{
	struct harness *harness = *state;
	struct fetch_request request = get("/a");
	struct brought brought;

	start(harness, &brought, &request);
	struct peer *jellyfin = answer_call(harness);
	clock_advance(TIMEOUT_MS + 100);
	expect_count(harness, &brought.done, 1);
	assert_int_equal(brought.err, ERR_TIMEOUT);
	expect_end(harness, jellyfin);
	peer_free(jellyfin);

	start(harness, &brought, &request);
	jellyfin = answer_call(harness);
	say(harness, jellyfin, "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf");
	hang_up(jellyfin);
	expect_count(harness, &brought.done, 1);
	assert_int_equal(brought.err, ERR_UNREACHABLE);
	peer_free(jellyfin);

	start(harness, &brought, &request);
	jellyfin = answer_call(harness);
	say(harness, jellyfin, "nonsense\r\n\r\n");
	expect_count(harness, &brought.done, 1);
	assert_int_equal(brought.err, ERR_PROTOCOL);
	peer_free(jellyfin);

	harness->jellyfin.sin_port = 0;
	start(harness, &brought, &request);
	expect_count(harness, &brought.done, 1);
	assert_int_equal(brought.err, ERR_UNREACHABLE);
}

static void
a_body_is_sent_along(void **state)
{
	struct harness *harness = *state;
	struct fetch_request request = get("/a");
	struct brought brought;

	request.method_name = "POST";
	request.body = "{}";
	request.body_size = 2;
	start(harness, &brought, &request);
	struct peer *jellyfin = answer_call(harness);
	expect(harness, jellyfin, "Content-Length: 2\r\n\r\n{}");
	say(harness, jellyfin, "HTTP/1.1 204 No Content\r\n\r\n");
	expect_count(harness, &brought.done, 1);
	assert_int_equal(brought.status, 204);
	peer_free(jellyfin);
}

#define WITH(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		WITH(an_answer_is_brought_whole),
		WITH(a_client_is_named_and_nothing_compressed),
		WITH(a_cancelled_fetch_is_silent),
		WITH(too_much_is_not_brought),
		WITH(failures_have_their_reason),
		WITH(a_body_is_sent_along),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
