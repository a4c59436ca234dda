#include "core/http_check.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

enum { MOST_HEADERS = 4 };

struct request_case {
	const char *what;
	enum http_method method;
	int major, minor;
	const char *target;
	struct http_header headers[MOST_HEADERS]; /* up to the one without a name */
	const char *refusal; /* a part of the sentence, NULL: accepted */
};

#define HOST                                                                               \
	{                                                                                  \
		"Host", "h"                                                                \
	}

static const struct request_case cases[] = {
	{ "plain", HTTP_GET, 1, 1, "/", { HOST }, NULL },
	{ "raw UTF-8", HTTP_GET, 1, 1, "/caf\xc3\xa9?q=[]{}|^`", { HOST }, NULL },
	{ "1.0 without Host", HTTP_GET, 1, 0, "/", { { 0 } }, NULL },
	{ "1.1 without Host", HTTP_GET, 1, 1, "/", { { 0 } }, "no Host" },
	{ "two Hosts", HTTP_GET, 1, 1, "/", { HOST, { "hOST", "h" } },
		"more than one Host" },
	{ "HTTP/1.2", HTTP_GET, 1, 2, "/", { HOST }, "HTTP/1.0 and HTTP/1.1" },
	{ "HTTP/2.0", HTTP_GET, 2, 0, "/", { HOST }, "HTTP/1.0 and HTTP/1.1" },
	{ "HTTP/1.255", HTTP_GET, 1, 255, "/", { HOST }, "HTTP/1.0 and HTTP/1.1" },
	{ "space in target", HTTP_GET, 1, 1, "/a b", { HOST }, "target" },
	{ "control in target", HTTP_GET, 1, 1, "/a\x01", { HOST }, "target" },
	{ "DEL in target", HTTP_GET, 1, 1, "/a\x7f", { HOST }, "target" },
	{ "no slash", HTTP_GET, 1, 1, "a", { HOST }, "target" },
	{ "empty target", HTTP_GET, 1, 1, "", { HOST }, "target" },
	{ "* for OPTIONS", HTTP_OPTIONS, 1, 1, "*", { HOST }, NULL },
	{ "* for GET", HTTP_GET, 1, 1, "*", { HOST }, "target" },
	{ "space in name", HTTP_GET, 1, 1, "/", { HOST, { "a b", "" } }, "header name" },
	{ "space before colon", HTTP_POST, 1, 1, "/",
		{ HOST, { "Transfer-Encoding ", "chunked" } }, "header name" },
	{ "empty name", HTTP_GET, 1, 1, "/", { HOST, { "", "x" } }, "header name" },
	{ "control in value", HTTP_GET, 1, 1, "/", { HOST, { "a", "\x02" } }, "value" },
	{ "CR in value", HTTP_GET, 1, 1, "/", { HOST, { "a", "b\rc" } }, "value" },
	{ "control far into a value", HTTP_GET, 1, 1, "/",
		{ HOST, { "a", "0123456789abcdef\xc3\xa9\x1f" } }, "value" },
	{ "DEL far into a value", HTTP_GET, 1, 1, "/",
		{ HOST, { "a", "0123456789abc\x7f"
			       "0123456789" } },
		"value" },
	{ "all that is allowed", HTTP_GET, 1, 1, "/",
		{ HOST, { "a", " ~!\"\t\x80\x81\xa0\xff 0123456789\t "
			       "\x20\x7e\xfe~~~~~~~~" } },
		NULL },
	{ "tab in value", HTTP_GET, 1, 1, "/", { HOST, { "a", "b\tc" } }, NULL },
	{ "a length", HTTP_POST, 1, 1, "/", { HOST, { "content-length", "10" } }, NULL },
	{ "the same length twice", HTTP_POST, 1, 1, "/",
		{ HOST, { "Content-Length", "3" }, { "Content-Length", "3" } },
		"more than one Content-Length" },
	{ "a signed length", HTTP_POST, 1, 1, "/", { HOST, { "Content-Length", "+3" } },
		"not a number" },
	{ "an empty length", HTTP_POST, 1, 1, "/", { HOST, { "Content-Length", "" } },
		"not a number" },
	{ "a list of lengths", HTTP_POST, 1, 1, "/", { HOST, { "Content-Length", "3, 3" } },
		"not a number" },
	{ "chunked", HTTP_POST, 1, 1, "/", { HOST, { "Transfer-Encoding", "Chunked" } },
		NULL },
	{ "chunked and a length", HTTP_POST, 1, 1, "/",
		{ HOST, { "Transfer-Encoding", "chunked" }, { "Content-Length", "3" } },
		"both" },
	{ "another coding", HTTP_POST, 1, 1, "/",
		{ HOST, { "Transfer-Encoding", "gzip, chunked" } }, "chunked" },
	{ "nearly chunked", HTTP_POST, 1, 1, "/",
		{ HOST, { "Transfer-Encoding", "xchunked" } }, "chunked" },
	{ "chunked twice", HTTP_POST, 1, 1, "/",
		{ HOST, { "Transfer-Encoding", "chunked" },
			{ "Transfer-Encoding", "chunked" } },
		"chunked" },
	{ "chunked in 1.0", HTTP_POST, 1, 0, "/", { { "Transfer-Encoding", "chunked" } },
		"HTTP/1.0" },
	{ "HEAD with a body", HTTP_HEAD, 1, 1, "/", { HOST, { "Content-Length", "3" } },
		"HEAD" },
	{ "HEAD with chunks", HTTP_HEAD, 1, 1, "/",
		{ HOST, { "Transfer-Encoding", "chunked" } }, "HEAD" },
	{ "HEAD with length 0", HTTP_HEAD, 1, 1, "/", { HOST, { "Content-Length", "0" } },
		NULL },
	{ "GET with a body", HTTP_GET, 1, 1, "/", { HOST, { "Content-Length", "3" } },
		NULL },
};

static struct http_request
request_of(const struct request_case *wanted)
{
	struct http_request request = { .method = wanted->method,
		.minor = wanted->minor,
		.target = wanted->target,
		.headers = wanted->headers };

	while (request.header_count < MOST_HEADERS &&
		wanted->headers[request.header_count].name != NULL)
		request.header_count++;
	return request;
}

static void
requests_that_could_be_read_in_two_ways_are_refused(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		const struct http_request request = request_of(&cases[i]);
		const char *why = http_check(&request, cases[i].major);
		if ((why == NULL) != (cases[i].refusal == NULL) ||
			(why != NULL && strstr(why, cases[i].refusal) == NULL))
			fail_msg("%s: %s", cases[i].what, why != NULL ? why : "accepted");
	}
}

static void
the_origin_form_is_found_in_every_form(void **state)
{
	static const struct {
		const char *target, *origin;
	} forms[] = {
		{ "/a?b", "/a?b" },
		{ "*", "*" },
		{ "http://h/a", "/a" },
		{ "HTTPS://h:1/a?b=/c", "/a?b=/c" },
		{ "http://h", "/" },
		{ "http://h?a", NULL },
		{ "http:///a", NULL },
		{ "ftp://h/a", NULL },
		{ "h:443", NULL },
		{ "", NULL },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(forms); i++) {
		const char *origin = http_origin_form(forms[i].target);
		if (forms[i].origin == NULL)
			assert_null(origin);
		else
			assert_string_equal(origin, forms[i].origin);
	}
}

static void
the_connection_is_closed_when_a_token_or_the_version_says_so(void **state)
{
	static const struct {
		int minor;
		const char *connection;
		bool close;
	} wishes[] = {
		{ 1, NULL, false },
		{ 1, "keep-alive", false },
		{ 1, "Close", true },
		{ 1, "foo ,\tclose", true },
		{ 1, "closed, not-close", false },
		{ 1, "Upgrade", false },
		{ 0, NULL, true },
		{ 0, "Keep-Alive", false },
		{ 0, "keep-alive, close", true },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(wishes); i++) {
		const struct http_header header = { "connection", wishes[i].connection };
		const struct http_request request = { .minor = wishes[i].minor,
			.headers = &header,
			.header_count = header.value != NULL };
		assert_int_equal(http_wants_close(&request), wishes[i].close);
	}
}

static void
all_connection_headers_count(void **state)
{
	const struct http_header headers[] = { { "Connection", "keep-alive" },
		{ "Connection", "close" } };
	const struct http_request request = {
		.minor = 1, .headers = headers, .header_count = 2
	};

	(void)state;
	assert_true(http_wants_close(&request));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(requests_that_could_be_read_in_two_ways_are_refused),
		cmocka_unit_test(the_origin_form_is_found_in_every_form),
		cmocka_unit_test(
			the_connection_is_closed_when_a_token_or_the_version_says_so),
		cmocka_unit_test(all_connection_headers_count),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
