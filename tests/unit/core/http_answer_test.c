#include "core/http_answer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void
a_head_says_how_the_body_ends(void **state)
{
	static const struct {
		struct http_own_answer answer;
		const char *text;
	} heads[] = {
		{ { .status = 200, .framing = HTTP_FRAMING_LENGTH, .content_length = 5 },
			"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n" },
		{ { .status = 404, .framing = HTTP_FRAMING_CHUNKED, .date = "today" },
			"HTTP/1.1 404 Not Found\r\nDate: today\r\n"
			"Transfer-Encoding: chunked\r\n\r\n" },
		{ { .status = 204, .close = true },
			"HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n" },
		{ { .status = 299,
			  .framing = HTTP_FRAMING_UNTIL_CLOSE,
			  .close = true,
			  .keep_alive = true },
			"HTTP/1.1 299 \r\nConnection: close\r\n\r\n" },
		{ { .status = 505, .close = true },
			"HTTP/1.1 505 HTTP Version Not Supported\r\n"
			"Connection: close\r\n\r\n" },
		{ { .status = 204, .exchange = 4711 },
			"HTTP/1.1 204 No Content\r\nX-Sidetrack-Exchange: 4711\r\n\r\n" },
		{ { .status = 304, .keep_alive = true },
			"HTTP/1.1 304 Not Modified\r\nConnection: keep-alive\r\n\r\n" },
	};
	struct text head;

	(void)state;
	text_init(&head);
	for (size_t i = 0; i < COUNT_OF(heads); i++) {
		text_clear(&head);
		assert_int_equal(http_answer_head(&head, &heads[i].answer), 0);
		assert_string_equal(text_get(&head), heads[i].text);
	}
	text_fini(&head);
}

static void
headers_cannot_forge_others(void **state)
{
	const struct http_header headers[] = {
		{ "Good", "caf\xc3\xa9; \"x\": 1" },
		{ "Bad", "a\r\nSet-Cookie: b" },
		{ "Bad\r\nName", "x" },
		{ "Bad: name", "x" },
		{ "", "x" },
		{ "content-length", "7" },
		{ "Connection", "keep-alive" },
		{ "Transfer-Encoding", "chunked" },
	};
	const struct http_own_answer answer = { .status = 200,
		.headers = headers,
		.header_count = COUNT_OF(headers),
		.framing = HTTP_FRAMING_LENGTH };
	struct text head;

	(void)state;
	text_init(&head);
	assert_int_equal(http_answer_head(&head, &answer), 4);
	assert_string_equal(text_get(&head),
		"HTTP/1.1 200 OK\r\nGood: caf\xc3\xa9; \"x\": 1\r\n"
		"Content-Length: 0\r\n\r\n");
	text_fini(&head);
}

static void
dates_are_those_of_http(void **state)
{
	char date[HTTP_DATE_SIZE];

	(void)state;
	http_format_date(date, 784111777999);
	assert_string_equal(date, "Sun, 06 Nov 1994 08:49:37 GMT");
}

static void
errors_are_escaped(void **state)
{
	size_t size;
	char *json = http_error_json("c", "a \"b\"\n", &size);

	(void)state;
	assert_string_equal(
		json, "{\"error\":{\"code\":\"c\",\"message\":\"a \\\"b\\\"\\n\"}}");
	assert_int_equal(size, strlen(json));
	xfree(json);
}

static void
some_statuses_have_no_body(void **state)
{
	(void)state;
	assert_false(http_status_has_body(101));
	assert_false(http_status_has_body(204));
	assert_false(http_status_has_body(304));
	assert_true(http_status_has_body(200));
	assert_true(http_status_has_body(500));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_head_says_how_the_body_ends),
		cmocka_unit_test(headers_cannot_forge_others),
		cmocka_unit_test(dates_are_those_of_http),
		cmocka_unit_test(errors_are_escaped),
		cmocka_unit_test(some_statuses_have_no_body),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
