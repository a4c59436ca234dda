#include "core/http_client.h"

#include <dlfcn.h>
#include <netdb.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "core/clock.h"
#include "core/loop.h"
#include "tests/unit/core/raw_server.h"

/* libcurl's resolver thread comes here; "hang.test" hangs until it may go. */
static atomic_bool may_resolve;
static atomic_int resolving;

int
getaddrinfo(const char *node, const char *service, const struct addrinfo *hints,
	struct addrinfo **found)
{
	int (*real)(
		const char *, const char *, const struct addrinfo *, struct addrinfo **);

	*(void **)&real = dlsym(RTLD_NEXT, "getaddrinfo");
	if (strcmp(node, "hang.test") != 0)
		return real(node, service, hints, found);
	atomic_fetch_add(&resolving, 1);
	while (!atomic_load(&may_resolve))
		usleep(1000);
	atomic_fetch_sub(&resolving, 1);
	return EAI_FAIL;
}

enum { BIG = 3 * 1024 * 1024 };

static const struct raw_answer answers[] = {
	{ "/hello",
		"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nX-One: a \r\nx-two:\r\n\r\nhello",
		0, RAW_KEEP, false },
	{ "/echo", NULL, 0, RAW_KEEP, true },
	{ "/missing", "HTTP/1.1 404 Nope\r\nContent-Length: 2\r\n\r\nno", 0, RAW_KEEP,
		false },
	{ "/never", NULL, 0, RAW_KEEP, false },
	{ "/stuck", "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc", 0, RAW_KEEP,
		false },
	{ "/truncated", "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc", 0, RAW_CLOSE,
		false },
	{ "/chunk-truncated",
		"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab", 0,
		RAW_CLOSE, false },
	{ "/hangup", NULL, 0, RAW_CLOSE, false },
	{ "/junk", "SSH-2.0-OpenSSH\r\n\r\n", 0, RAW_CLOSE, false },
	{ "/early",
		"HTTP/1.1 100 Continue\r\nX-One: no\r\n\r\n"
		"HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n"
		"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nX-One: yes\r\n\r\nok",
		0, RAW_KEEP, false },
	{ "/big", "HTTP/1.1 200 OK\r\nContent-Length: 3145728\r\n\r\n", BIG, RAW_KEEP,
		false },
	{ "/endless", "HTTP/1.1 200 OK\r\n\r\n", BIG, RAW_KEEP, false },
	{ "/until-close", "HTTP/1.1 200 OK\r\n\r\nabc", 0, RAW_CLOSE, false },
	{ "/chunked",
		"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
		"3\r\nabc\r\n2\r\nde\r\n0\r\nX-One: trailer\r\n\r\n",
		0, RAW_KEEP, false },
	{ "/empty", "HTTP/1.1 204 No Content\r\nX-One: e\r\n\r\n", 0, RAW_KEEP, false },
	{ "/away",
		"HTTP/1.1 302 Found\r\nLocation: /hello\r\nContent-Length: 4\r\n\r\naway",
		0, RAW_KEEP, false },
	{ "/circle", "HTTP/1.1 302 Found\r\nLocation: /circle\r\nContent-Length: 0\r\n\r\n",
		0, RAW_KEEP, false },
	{ "/to-file",
		"HTTP/1.1 302 Found\r\nLocation: file:///etc/passwd\r\nContent-Length: "
		"0\r\n\r\n",
		0, RAW_KEEP, false },
	{ "/../a/%2e/", "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", 0, RAW_KEEP,
		false },
	{ 0 },
};

struct fixture {
	struct loop *loop;
	struct http_client *client;
	struct raw_server server;
};

/* What a call told. */
struct seen {
	struct fixture *fixture;
	struct http_call *call;
	int done, heads;
	enum err err;
	int status;
	int64_t content_length;
	char one[32]; /* the header X-One, at the head or at the end */
	struct text body;
	size_t data_calls, refuse_after, pause_after, cancel_after;
	bool free_client;
};

static int
setup(void **state)
{
	static const struct http_client_options options = { .user_agent = "test",
		.connections = 4 };
	struct fixture *fixture = xcalloc(1, sizeof *fixture);

	fixture->loop = loop_new("test");
	loop_adopt(fixture->loop);
	raw_server_open(&fixture->server, fixture->loop, answers);
	fixture->client = http_client_new(fixture->loop, &options);
	*state = fixture;
	return 0;
}

static int
teardown(void **state)
{
	struct fixture *fixture = *state;

	http_client_free(fixture->client);
	raw_server_close(&fixture->server);
	loop_free(fixture->loop);
	xfree(fixture);
	return 0;
}

static void
on_done(void *arg, const struct http_answer *answer)
{
	struct seen *seen = arg;
	const char *one = http_answer_header(answer, "x-one");

	seen->done++;
	seen->err = answer->err;
	seen->status = answer->status;
	seen->content_length = answer->content_length;
	assert_int_equal(answer->err == ERR_NONE, answer->reason == NULL);
	copy_text(seen->one, sizeof seen->one, one);
	text_add_bytes(&seen->body, answer->body, answer->body_size);
	if (seen->call != NULL)
		http_call_cancel(seen->call); /* as an owner that frees itself does */
	if (seen->free_client) {
		http_client_free(seen->fixture->client);
		seen->fixture->client = NULL;
	}
}

static bool
on_head(void *arg, const struct http_answer *answer)
{
	struct seen *seen = arg;

	seen->heads++;
	seen->status = answer->status;
	seen->content_length = answer->content_length;
	copy_text(seen->one, sizeof seen->one, http_answer_header(answer, "X-One"));
	assert_int_equal(seen->data_calls, 0);
	return true;
}

static bool
on_data(void *arg, const void *data, size_t size)
{
	struct seen *seen = arg;

	seen->data_calls++;
	text_add_bytes(&seen->body, data, size);
	if (seen->data_calls == seen->pause_after)
		http_call_pause(seen->call);
	if (seen->data_calls == seen->cancel_after)
		http_call_cancel(seen->call);
	return seen->data_calls != seen->refuse_after;
}

static void
start(struct fixture *fixture, struct seen *seen, struct http_call_request request,
	const char *path)
{
	char url[64];

	seen->fixture = fixture;
	request.url = raw_server_url(&fixture->server, url, path);
	seen->call = http_client_start(fixture->client, &request, on_done, seen);
	assert_int_equal(seen->done, 0);
}

static void
turn_until(struct fixture *fixture, const int *count, int wanted)
{
	for (int i = 0; i < 2000 && *count < wanted; i++)
		loop_turn(fixture->loop, 5);
	assert_int_equal(*count, wanted);
}

static void
turns(struct fixture *fixture, int count)
{
	while (count-- > 0)
		loop_turn(fixture->loop, 1);
}

static void
fetch(struct fixture *fixture, struct seen *seen, struct http_call_request request,
	const char *path)
{
	start(fixture, seen, request, path);
	turn_until(fixture, &seen->done, 1);
}

static void
each_answer_ends_as_it_should(void **state)
{
	static const struct {
		const char *path;
		struct http_call_request request;
		enum err err;
		int status;
		const char *body, *one;
	} cases[] = {
		{ "/hello", { 0 }, ERR_NONE, 200, "hello", "a" },
		{ "/hello", { .method = "HEAD" }, ERR_NONE, 200, "", "a" },
		{ "/missing", { 0 }, ERR_NONE, 404, "no", "" },
		{ "/truncated", { 0 }, ERR_UNREACHABLE, 200, "abc", "" },
		{ "/chunk-truncated", { 0 }, ERR_UNREACHABLE, 200, "ab", "" },
		{ "/hangup", { 0 }, ERR_UNREACHABLE, 0, "", "" },
		{ "/junk", { 0 }, ERR_PROTOCOL, 0, "", "" },
		{ "/early", { 0 }, ERR_NONE, 200, "ok", "yes" },
		{ "/big", { 0 }, ERR_TOO_LARGE, 200, "", "" },
		{ "/hello", { .max_body = 4 }, ERR_TOO_LARGE, 200, "", "a" },
		{ "/hello", { .max_body = 5 }, ERR_NONE, 200, "hello", "a" },
		{ "/until-close", { 0 }, ERR_NONE, 200, "abc", "" },
		{ "/until-close", { .max_body = 2 }, ERR_TOO_LARGE, 200, "", "" },
		{ "/chunked", { 0 }, ERR_NONE, 200, "abcde", "" },
		{ "/empty", { 0 }, ERR_NONE, 204, "", "e" },
		{ "/away", { 0 }, ERR_NONE, 302, "away", "" },
		{ "/away", { .follow = true }, ERR_NONE, 200, "hello", "a" },
		{ "/circle", { .follow = true }, ERR_PROTOCOL, 302, "", "" },
		{ "/to-file", { .follow = true }, ERR_PROTOCOL, 302, "", "" },
		{ "/../a/%2e/", { 0 }, ERR_NONE, 200, "", "" },
		{ "/hello", { .method = "GET\r\nX: y" }, ERR_INVALID, 0, "", "" },
	};

	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct seen seen = { 0 };
		fetch(*state, &seen, cases[i].request, cases[i].path);
		assert_int_equal(seen.err, cases[i].err);
		assert_int_equal(seen.status, cases[i].status);
		assert_string_equal(text_get(&seen.body), cases[i].body);
		assert_string_equal(seen.one, cases[i].one);
		text_fini(&seen.body);
	}
}

static void
a_request_is_sent_as_it_was_given(void **state)
{
	static const char *const headers[] = { "Authorization: MediaBrowser Token=\"x\"",
		"Accept: application/json", NULL };
	static const struct {
		struct http_call_request request;
		const char *contains[4], *lacks[2];
	} cases[] = {
		{ { 0 }, { "GET /echo?a=%2F&b=+ HTTP/1.1\r\n", "User-Agent: test\r\n" },
			{ "Expect" } },
		{ { .headers = headers },
			{ "Accept: application/json\r\n",
				"Authorization: MediaBrowser Token=\"x\"\r\n" },
			{ "*/*" } },
		{ { .method = "POST", .body = "{}", .body_size = 2 },
			{ "POST /echo", "Content-Length: 2\r\n", "\r\n\r\n{}" },
			{ "Content-Type", "Expect" } },
		{ { .method = "POST" }, { "POST /echo", "Content-Length: 0\r\n" },
			{ "Content-Type" } },
		{ { .method = "PUT", .body = "a\0b", .body_size = 3 },
			{ "PUT /echo", "Content-Length: 3\r\n" }, { "Content-Type" } },
		{ { .method = "GET", .body = "x", .body_size = 1 },
			{ "GET /echo", "\r\n\r\nx" }, { "POST" } },
		{ { .method = "DELETE" }, { "DELETE /echo" }, { "Content-Length: " } },
	};

	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct seen seen = { 0 };
		fetch(*state, &seen, cases[i].request, "/echo?a=%2F&b=+");
		assert_int_equal(seen.err, ERR_NONE);
		for (int j = 0; j < 4 && cases[i].contains[j] != NULL; j++)
			assert_non_null(strstr(text_get(&seen.body), cases[i].contains[j]));
		for (int j = 0; j < 2 && cases[i].lacks[j] != NULL; j++)
			assert_null(strstr(text_get(&seen.body), cases[i].lacks[j]));
		text_fini(&seen.body);
	}
}

static void
a_big_body_is_sent_without_waiting_for_a_100(void **state)
{
	struct seen seen = { 0 };
	char *body = xcalloc(1, BIG);

	memset(body, 'y', BIG);
	fetch(*state, &seen,
		(struct http_call_request){ .method = "POST",
			.body = body,
			.body_size = BIG,
			.max_body = BIG + 4096 },
		"/echo");
	assert_int_equal(seen.err, ERR_NONE);
	assert_true(seen.body.size > BIG);
	xfree(body);
	text_fini(&seen.body);
}

static void
connections_are_kept_and_never_more_than_allowed(void **state)
{
	struct fixture *fixture = *state;
	struct seen seen[20] = { 0 };

	for (int i = 0; i < 20; i++)
		start(fixture, &seen[i], (struct http_call_request){ 0 }, "/hello");
	for (int i = 0; i < 20; i++) {
		turn_until(fixture, &seen[i].done, 1);
		assert_int_equal(seen[i].err, ERR_NONE);
		text_fini(&seen[i].body);
	}
	assert_true(fixture->server.accepted <= 4);
	assert_int_equal(fixture->server.requests, 20);
}

static void
who_refuses_the_connection_is_unreachable(void **state)
{
	static const char *const hosts[] = { "127.0.0.1", "[::1]" };
	struct fixture *fixture = *state;
	uint16_t port = fixture->server.port;
	raw_server_close(&fixture->server);
	for (size_t i = 0; i < COUNT_OF(hosts); i++) {
		struct seen seen = { .fixture = fixture };
		char url[64];
		snprintf(url, sizeof url, "http://%s:%u/", hosts[i], (unsigned)port);
		seen.call = http_client_start(fixture->client,
			&(struct http_call_request){ .url = url }, on_done, &seen);
		turn_until(fixture, &seen.done, 1);
		assert_int_equal(seen.err, ERR_UNREACHABLE);
		text_fini(&seen.body);
	}
	raw_server_open(&fixture->server, fixture->loop, answers);
}

static void
urls_that_are_not_plain_http_are_invalid(void **state)
{
	static const char *const urls[] = { "file:///etc/passwd", "ftp://127.0.0.1/",
		"http://user:secret@127.0.0.1/", "http://", "" };
	struct fixture *fixture = *state;

	for (size_t i = 0; i < COUNT_OF(urls); i++) {
		struct seen seen = { .fixture = fixture };
		seen.call = http_client_start(fixture->client,
			&(struct http_call_request){ .url = urls[i] }, on_done, &seen);
		turn_until(fixture, &seen.done, 1);
		assert_int_equal(seen.err, ERR_INVALID);
		text_fini(&seen.body);
	}
}

static void
a_call_ends_at_its_deadline(void **state)
{
	static const char *const paths[] = { "/never", "/stuck" };
	struct fixture *fixture = *state;

	for (size_t i = 0; i < COUNT_OF(paths); i++) {
		struct seen seen = { 0 };
		int requests = fixture->server.requests;
		start(fixture, &seen, (struct http_call_request){ .timeout_ms = 7000 },
			paths[i]);
		turn_until(fixture, &fixture->server.requests, requests + 1);
		clock_advance(6000);
		turns(fixture, 20);
		assert_int_equal(seen.done, 0);
		clock_advance(1500);
		turn_until(fixture, &seen.done, 1);
		assert_int_equal(seen.err, ERR_TIMEOUT);
		text_fini(&seen.body);
	}
}

static void
a_stream_gives_its_head_once_and_then_its_bytes(void **state)
{
	static const struct {
		const char *path;
		bool follow;
		enum err err;
		int status;
		int64_t content_length;
		size_t size;
		const char *one;
	} cases[] = {
		{ "/hello", false, ERR_NONE, 200, 5, 5, "a" },
		{ "/early", false, ERR_NONE, 200, 2, 2, "yes" },
		{ "/away", true, ERR_NONE, 200, 5, 5, "a" },
		{ "/chunked", false, ERR_NONE, 200, -1, 5, "" },
		{ "/empty", false, ERR_NONE, 204, 0, 0, "e" },
		{ "/big", false, ERR_NONE, 200, BIG, BIG, "" },
		{ "/truncated", false, ERR_UNREACHABLE, 200, 10, 3, "" },
	};

	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct seen seen = { 0 };
		fetch(*state, &seen,
			(struct http_call_request){ .follow = cases[i].follow,
				.on_head = on_head,
				.on_data = on_data },
			cases[i].path);
		assert_int_equal(seen.err, cases[i].err);
		assert_int_equal(seen.heads, 1);
		assert_int_equal(seen.status, cases[i].status);
		assert_int_equal(seen.content_length, cases[i].content_length);
		assert_int_equal(seen.body.size, cases[i].size);
		assert_string_equal(seen.one, cases[i].one);
		text_fini(&seen.body);
	}
}

static void
a_refused_stream_ends_as_denied(void **state)
{
	struct seen seen = { .refuse_after = 2 };

	fetch(*state, &seen,
		(struct http_call_request){ .on_head = on_head, .on_data = on_data },
		"/endless");
	assert_int_equal(seen.err, ERR_DENIED);
	assert_int_equal(seen.data_calls, 2);
	text_fini(&seen.body);
}

static void
a_paused_stream_waits_without_a_deadline_and_loses_nothing(void **state)
{
	static const char *const paths[] = { "/big", "/chunked", "/hello" };
	static const size_t sizes[] = { BIG, 5, 5 };
	struct fixture *fixture = *state;

	for (size_t i = 0; i < COUNT_OF(paths); i++) {
		struct seen seen = { 0 };
		start(fixture, &seen,
			(struct http_call_request){
				.on_head = on_head, .on_data = on_data },
			paths[i]);
		http_call_pause(seen.call);
		turn_until(fixture, &seen.heads, 1);
		clock_advance(3600 * 1000);
		turns(fixture, 50);
		assert_int_equal(seen.data_calls, 0);
		assert_int_equal(seen.done, 0);
		/* Paused again after every single piece. */
		for (int j = 0; j < 100000 && seen.done == 0; j++) {
			seen.pause_after = seen.data_calls + 1;
			size_t before = seen.data_calls;
			http_call_resume(seen.call);
			assert_int_equal(seen.data_calls, before);
			turns(fixture, 1);
			assert_true(seen.data_calls <= before + 1);
		}
		assert_int_equal(seen.done, 1);
		assert_int_equal(seen.err, ERR_NONE);
		assert_int_equal(seen.body.size, sizes[i]);
		text_fini(&seen.body);
	}
}

static void
a_stream_that_falls_silent_ends_at_its_deadline(void **state)
{
	struct fixture *fixture = *state;
	struct seen seen = { 0 };

	start(fixture, &seen,
		(struct http_call_request){
			.timeout_ms = 1000, .on_head = on_head, .on_data = on_data },
		"/stuck");
	turn_until(fixture, &seen.heads, 1);
	clock_advance(1100);
	turn_until(fixture, &seen.done, 1);
	assert_int_equal(seen.err, ERR_TIMEOUT);
	text_fini(&seen.body);
}

static void
a_cancelled_call_is_silent_at_every_stage(void **state)
{
	struct fixture *fixture = *state;

	for (int stage = 0; stage < 60; stage++) {
		struct seen seen = { .cancel_after = SIZE_MAX };
		start(fixture, &seen,
			(struct http_call_request){
				.on_head = on_head, .on_data = on_data },
			"/big");
		for (int i = 0; i < stage && seen.done == 0; i++)
			loop_turn(fixture->loop, 0);
		if (seen.done == 0) {
			http_call_cancel(seen.call);
			seen.heads = seen.done = 0;
			seen.data_calls = 0;
			turns(fixture, 5);
			assert_int_equal(seen.done + seen.heads, 0);
			assert_int_equal(seen.data_calls, 0);
		}
		text_fini(&seen.body);
	}
}

static void
a_call_may_be_cancelled_from_its_own_data(void **state)
{
	struct fixture *fixture = *state;
	struct seen seen = { .cancel_after = 2 };

	start(fixture, &seen,
		(struct http_call_request){ .on_head = on_head, .on_data = on_data },
		"/big");
	for (int i = 0; i < 2000 && seen.data_calls < 2; i++)
		loop_turn(fixture->loop, 5);
	turns(fixture, 20);
	assert_int_equal(seen.done, 0);
	assert_int_equal(seen.data_calls, 2);
	text_fini(&seen.body);
}

static void
the_connection_of_a_cancelled_call_is_closed(void **state)
{
	struct fixture *fixture = *state;
	struct seen seen = { 0 };

	start(fixture, &seen, (struct http_call_request){ 0 }, "/never");
	turn_until(fixture, &fixture->server.requests, 1);
	assert_int_equal(fixture->server.open, 1);
	http_call_cancel(seen.call);
	for (int i = 0; i < 2000 && fixture->server.open > 0; i++)
		loop_turn(fixture->loop, 5);
	assert_int_equal(fixture->server.open, 0);
}

static void
a_client_is_freed_with_calls_under_way(void **state)
{
	struct fixture *fixture = *state;
	struct seen seen[3] = { 0 };

	start(fixture, &seen[0], (struct http_call_request){ 0 }, "/never");
	start(fixture, &seen[1],
		(struct http_call_request){ .on_head = on_head, .on_data = on_data },
		"/stuck");
	turn_until(fixture, &seen[1].heads, 1);
	start(fixture, &seen[2], (struct http_call_request){ 0 }, "/hello");
	http_client_free(fixture->client);
	fixture->client = NULL;
	turns(fixture, 5);
	for (int i = 0; i < 3; i++) {
		assert_int_equal(seen[i].done, 0);
		text_fini(&seen[i].body);
	}
}

static void
a_client_may_be_freed_by_the_end_of_its_call(void **state)
{
	struct fixture *fixture = *state;
	struct seen seen[2] = { { 0 }, { .free_client = true } };

	start(fixture, &seen[0], (struct http_call_request){ 0 }, "/never");
	fetch(fixture, &seen[1], (struct http_call_request){ 0 }, "/hello");
	assert_null(fixture->client);
	turns(fixture, 5);
	assert_int_equal(seen[0].done, 0);
	text_fini(&seen[1].body);
}

static void
on_done_fetch_again(void *arg, const struct http_answer *answer)
{
	struct seen *seen = arg;
	char url[64];

	assert_int_equal(answer->err, ERR_NONE);
	seen->done++;
	if (seen->done < 5)
		http_client_start(seen->fixture->client,
			&(struct http_call_request){
				.url = raw_server_url(
					&seen->fixture->server, url, "/hello") },
			on_done_fetch_again, seen);
}

static void
the_end_of_a_call_may_start_another(void **state)
{
	struct fixture *fixture = *state;
	struct seen seen = { .fixture = fixture };
	char url[64];

	http_client_start(fixture->client,
		&(struct http_call_request){
			.url = raw_server_url(&fixture->server, url, "/hello") },
		on_done_fetch_again, &seen);
	turn_until(fixture, &seen.done, 5);
}

static void
a_name_server_that_hangs_does_not_hang_the_loop(void **state)
{
	struct fixture *fixture = *state;
	struct seen seen[2] = { { .fixture = fixture }, { .fixture = fixture } };

	for (int i = 0; i < 2; i++)
		seen[i].call = http_client_start(fixture->client,
			&(struct http_call_request){
				.url = "http://hang.test/", .timeout_ms = 1000 },
			on_done, &seen[i]);
	for (int i = 0; i < 2000 && atomic_load(&resolving) < 2; i++)
		loop_turn(fixture->loop, 5);
	http_call_cancel(seen[0].call);
	turns(fixture, 5);
	clock_advance(1100);
	turn_until(fixture, &seen[1].done, 1);
	assert_int_equal(seen[1].err, ERR_TIMEOUT);
	/* Both still hang: nobody waited for them. */
	assert_int_equal(atomic_load(&resolving), 2);
	atomic_store(&may_resolve, true);
	while (atomic_load(&resolving) > 0)
		usleep(1000);
	text_fini(&seen[1].body);
}

static void
calls_beyond_the_bound_are_busy(void **state)
{
	struct fixture *fixture = *state;
	enum { COUNT = 4100 };
	struct seen *seen = xcalloc(COUNT, sizeof *seen);

	for (int i = 0; i < COUNT; i++)
		start(fixture, &seen[i], (struct http_call_request){ 0 }, "/never");
	turns(fixture, 50);
	for (int i = 0; i < COUNT; i++) {
		assert_int_equal(seen[i].done, i >= 4096);
		assert_int_equal(seen[i].err, i >= 4096 ? ERR_BUSY : ERR_NONE);
		text_fini(&seen[i].body);
	}
	http_client_free(fixture->client);
	fixture->client = NULL;
	xfree(seen);
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(each_answer_ends_as_it_should),
		TEST(a_request_is_sent_as_it_was_given),
		TEST(a_big_body_is_sent_without_waiting_for_a_100),
		TEST(connections_are_kept_and_never_more_than_allowed),
		TEST(who_refuses_the_connection_is_unreachable),
		TEST(urls_that_are_not_plain_http_are_invalid),
		TEST(a_call_ends_at_its_deadline),
		TEST(a_stream_gives_its_head_once_and_then_its_bytes),
		TEST(a_refused_stream_ends_as_denied),
		TEST(a_paused_stream_waits_without_a_deadline_and_loses_nothing),
		TEST(a_stream_that_falls_silent_ends_at_its_deadline),
		TEST(a_cancelled_call_is_silent_at_every_stage),
		TEST(a_call_may_be_cancelled_from_its_own_data),
		TEST(the_connection_of_a_cancelled_call_is_closed),
		TEST(a_client_is_freed_with_calls_under_way),
		TEST(a_client_may_be_freed_by_the_end_of_its_call),
		TEST(the_end_of_a_call_may_start_another),
		TEST(a_name_server_that_hangs_does_not_hang_the_loop),
		TEST(calls_beyond_the_bound_are_busy),
	};

	clock_enable_test();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
