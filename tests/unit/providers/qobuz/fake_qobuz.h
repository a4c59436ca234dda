/* Fake Qobuz: what a test lets it answer, over real HTTP on the loop of the test.
 *
 * Answers stand in a row: each question takes the next. Who asked stands in `app` and
 * `token`.
 */
#ifndef TESTS_UNIT_PROVIDERS_QOBUZ_FAKE_QOBUZ_H
#define TESTS_UNIT_PROVIDERS_QOBUZ_FAKE_QOBUZ_H

#include <arpa/inet.h>
#include <event2/buffer.h>
#include <event2/http.h>
#include <event2/listener.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
/* After what it needs. */
#include <cmocka.h>

#include "core/clock.h"
#include "core/http_client.h"
#include "core/loop.h"
#include "core/text.h"
#include "providers/qobuz/qobuz.h"

enum { FAKE_ANSWERS = 16 };

#define FAKE_APP    "100000000"
#define FAKE_SECRET "0123456789abcdef0123456789abcdef"
#define FAKE_TOKEN  "tok-3n_of-the-household"

#define FAKE_SAYS(code, message)                                                           \
	"{\"status\":\"error\",\"code\":" #code ",\"message\":\"" message "\"}"

struct fake_answer {
	int status;
	const char *body; /* "%s" stands for the fake's own address */
	const char *retry_after;
};

struct fake_qobuz {
	struct loop *loop;
	struct http_client *client;
	struct evhttp *http;
	char url[64];
	struct fake_answer answers[FAKE_ANSWERS];
	int answer_count;
	int count;               /* questions */
	struct text all;         /* each one's method and target, a line each */
	char app[64], token[64]; /* of the last */
	struct provider provider;
	void *seat;
};

static inline void
fake_on_question(struct evhttp_request *request, void *arg)
{
	struct fake_qobuz *fake = arg;
	const struct evkeyvalq *headers = evhttp_request_get_input_headers(request);
	const char *app = evhttp_find_header(headers, "X-App-Id");
	const char *token = evhttp_find_header(headers, "X-User-Auth-Token");
	bool head = evhttp_request_get_command(request) == EVHTTP_REQ_HEAD;
	struct fake_answer answer = { 500, "no answer left", NULL };
	struct evbuffer *buffer = evbuffer_new();

	if (fake->count < fake->answer_count)
		answer = fake->answers[fake->count];
	fake->count++;
	copy_text(fake->app, sizeof fake->app, app);
	copy_text(fake->token, sizeof fake->token, token);
	text_addf(
		&fake->all, "%s%s\n", head ? "HEAD " : "", evhttp_request_get_uri(request));
	const char *mark = strstr(answer.body, "%s");
	if (mark != NULL) {
		evbuffer_add(buffer, answer.body, (size_t)(mark - answer.body));
		evbuffer_add(buffer, fake->url, strlen(fake->url));
		evbuffer_add(buffer, mark + 2, strlen(mark + 2));
	} else {
		evbuffer_add(buffer, answer.body, strlen(answer.body));
	}
	if (answer.retry_after != NULL)
		evhttp_add_header(evhttp_request_get_output_headers(request), "Retry-After",
			answer.retry_after);
	if (head) {
		char size[24];
		snprintf(size, sizeof size, "%zu", evbuffer_get_length(buffer));
		struct evkeyvalq *output = evhttp_request_get_output_headers(request);
		evhttp_add_header(output, "Content-Length", size);
		evhttp_add_header(output, "Content-Type", "audio/flac");
		evbuffer_drain(buffer, evbuffer_get_length(buffer));
	}
	evhttp_send_reply(request, answer.status, "x", buffer);
	evbuffer_free(buffer);
}

static inline void
fake_will_answer(struct fake_qobuz *fake, int status, const char *body)
{
	assert_true(fake->answer_count < FAKE_ANSWERS);
	fake->answers[fake->answer_count++] = (struct fake_answer){ status, body, NULL };
}

/* `credentials` NULL: everything, for the household. */
static inline struct fake_qobuz *
fake_qobuz_new(const struct qobuz_credentials *credentials)
{
	static const struct qobuz_credentials usual = { FAKE_APP, FAKE_SECRET, FAKE_TOKEN,
		TRACK_FLAC_192, 2 };
	static const struct http_client_options client = { .user_agent = "test" };
	struct fake_qobuz *fake = xcalloc(1, sizeof *fake);
	struct evhttp_bound_socket *bound;
	struct sockaddr_in address;
	socklen_t size = sizeof address;

	clock_enable_test();
	fake->loop = loop_new("test");
	loop_adopt(fake->loop);
	text_init(&fake->all);
	fake->http = evhttp_new(loop_base(fake->loop));
	evhttp_set_allowed_methods(fake->http, EVHTTP_REQ_GET | EVHTTP_REQ_HEAD);
	bound = evhttp_bind_socket_with_handle(fake->http, "127.0.0.1", 0);
	assert_non_null(bound);
	getsockname(evconnlistener_get_fd(evhttp_bound_socket_get_listener(bound)),
		(struct sockaddr *)&address, &size);
	snprintf(fake->url, sizeof fake->url, "http://127.0.0.1:%d",
		(int)ntohs(address.sin_port));
	evhttp_set_gencb(fake->http, fake_on_question, fake);
	fake->client = http_client_new(fake->loop, &client);
	const struct qobuz_options options = { .url = fake->url,
		.credentials = credentials != NULL ? *credentials : usual };
	fake->provider = qobuz_new(&options);
	fake->seat = fake->provider.ops->seat_new(
		fake->provider.shared, fake->loop, fake->client);
	return fake;
}

static inline void
fake_qobuz_free(struct fake_qobuz *fake)
{
	fake->provider.ops->seat_free(fake->seat);
	http_client_free(fake->client);
	evhttp_free(fake->http);
	loop_turn(fake->loop, 0);
	loop_free(fake->loop);
	fake->provider.ops->free(fake->provider.shared);
	text_fini(&fake->all);
	xfree(fake);
}

/* Turns the loop until `*what` is at least `wanted`; the test fails after 5 s. */
static inline void
fake_wait(struct fake_qobuz *fake, const int *what, int wanted)
{
	for (int i = 0; i < 2500 && *what < wanted; i++)
		loop_turn(fake->loop, 2);
	assert_true(*what >= wanted);
}

/* Some turns, for what should not happen. */
static inline void
fake_rest(struct fake_qobuz *fake)
{
	for (int i = 0; i < 15; i++)
		loop_turn(fake->loop, 2);
}

/* The reason that the status gives for the first lane, or for there being none; "" when it
 * is full. */
static inline const char *
fake_reason(struct fake_qobuz *fake, char reason[200])
{
	json_t *status = fake->provider.ops->status(fake->provider.shared);
	const json_t *lane = json_array_get(json_object_get(status, "lanes"), 0);

	copy_text(reason, 200,
		json_string_value(json_object_get(lane != NULL ? lane : status, "reason")));
	assert_int_equal(json_is_true(json_object_get(lane, "full")), reason[0] == '\0');
	json_decref(status);
	return reason;
}

#endif
