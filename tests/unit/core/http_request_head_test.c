#include "core/http_request_head.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define GET  "GET / HTTP/1.1\r\n"
#define POST "POST / HTTP/1.1\r\nHost: h\r\n"
#define HOST "Host: h\r\n"
#define END  "\r\n"

/* Finds and reads the head at the front of `data`, given in pieces of `step` bytes. Returns
 * the refusal's status, 200 for a head that is accepted, 0 for one that goes on. */
struct reading {
	struct http_request_head head;
	struct http_request_scan scan;
	struct http_header headers[HTTP_REQUEST_HEAD_LINES];
	char text[HTTP_REQUEST_HEAD_BYTES + 1];
	const char *why;
};

static int
read_bytes(struct reading *reading, const char *data, size_t size, size_t step)
{
	enum http_scan result = HTTP_SCAN_MORE;
	const struct http_refusal *refusal = NULL;

	memset(&reading->scan, 0, sizeof reading->scan);
	for (size_t given = 0; given < size && result == HTTP_SCAN_MORE;) {
		given = size - given < step ? size : given + step;
		result = http_request_head_find(&reading->scan, data, given);
	}
	reading->why = "";
	if (result == HTTP_SCAN_MORE)
		return 0;
	refusal = reading->scan.refusal;
	if (result == HTTP_SCAN_DONE) {
		size_t head_size = reading->scan.size - reading->scan.start;
		memcpy(reading->text, data + reading->scan.start, head_size);
		refusal = http_request_head_parse(
			&reading->head, reading->text, head_size, reading->headers);
	}
	if (refusal == NULL)
		return 200;
	reading->why = refusal->message;
	assert_true(refusal->code[0] != '\0' && refusal->message[0] != '\0');
	return refusal->status;
}

static int
read_text(struct reading *reading, const char *text)
{
	return read_bytes(reading, text, strlen(text), SIZE_MAX);
}

struct head_case {
	const char *what;
	const char *text;
	int status;
};

static const struct head_case cases[] = {
	{ "plain", GET HOST END, 200 },
	{ "raw UTF-8", "GET /caf\xc3\xa9?q=[]{}|^` HTTP/1.1\r\n" HOST END, 200 },
	{ "1.0 without Host", "GET / HTTP/1.0\r\n" END, 200 },
	{ "an empty line before", "\r\n\r\n" GET HOST END, 200 },
	{ "a body that nobody must expect", GET HOST "Content-Length: 3\r\n" END, 200 },
	{ "no end", GET HOST, 0 },
	{ "empty lines and no more", "\r\n\r\n", 0 },

	{ "TLS", "\x16\x03\x01\x02", 400 },
	{ "a blank before", " GET / HTTP/1.1\r\n" HOST END, 400 },
	{ "two words", "GET /\r\n" END, 400 },
	{ "HTTP/0.9, which has no headers", "GET /\r\n", 400 },
	{ "one word", "nonsense\r\n" END, 400 },
	{ "no version", "GET / \r\n" END, 400 },
	{ "a word too many", "GET / x HTTP/1.1\r\n" HOST END, 400 },
	{ "two blanks before the target", "GET  / HTTP/1.1\r\n" HOST END, 400 },
	{ "two blanks behind it", "GET /  HTTP/1.1\r\n" HOST END, 400 },
	{ "a tab for a blank", "GET\t/ HTTP/1.1\r\n" HOST END, 400 },
	{ "a blank behind the version", "GET / HTTP/1.1 \r\n" HOST END, 400 },
	{ "the version in small letters", "GET / http/1.1\r\n" HOST END, 400 },
	{ "two digits", "GET / HTTP/1.10\r\n" HOST END, 400 },
	{ "bare newline behind the request line", "GET / HTTP/1.1\n" HOST END, 400 },
	{ "bare newline behind a header", GET "Host: h\n" END, 400 },
	{ "bare newline for the empty line", GET HOST "\n", 400 },
	{ "bare newline before", "\n" GET HOST END, 400 },
	{ "bare return in the request line", "GET /\r HTTP/1.1\r\n" HOST END, 400 },
	{ "bare return before", "\r" GET HOST END, 400 },

	{ "HTTP/1.2", "GET / HTTP/1.2\r\n" HOST END, 505 },
	{ "HTTP/0.9", "GET / HTTP/0.9\r\n" HOST END, 505 },
	{ "HTTP/2.0", "PRI * HTTP/2.0\r\n\r\n", 505 },

	{ "an unknown method", "PROPFIND / HTTP/1.1\r\n" HOST END, 501 },
	{ "a method in small letters", "get / HTTP/1.1\r\n" HOST END, 501 },
	{ "CONNECT", "CONNECT h:443 HTTP/1.1\r\n" HOST END, 501 },
	{ "TRACE", "TRACE / HTTP/1.1\r\n" HOST END, 501 },
	{ "no method's name", "GE(T / HTTP/1.1\r\n" HOST END, 400 },

	{ "no slash", "GET a HTTP/1.1\r\n" HOST END, 400 },
	{ "a control character", "GET /a\x01 HTTP/1.1\r\n" HOST END, 400 },
	{ "DEL", "GET /a\x7f HTTP/1.1\r\n" HOST END, 400 },
	{ "a tab in the target", "GET /a\tb HTTP/1.1\r\n" HOST END, 400 },
	{ "* for OPTIONS", "OPTIONS * HTTP/1.1\r\n" HOST END, 200 },
	{ "* for GET", "GET * HTTP/1.1\r\n" HOST END, 400 },
	{ "absolute", "GET http://h/a HTTP/1.1\r\n" HOST END, 200 },
	{ "absolute with the usual port", "GET http://h:80/ HTTP/1.1\r\n" HOST END, 200 },
	{ "absolute, the port in Host", "GET HTTPS://h/ HTTP/1.1\r\nHost: H:443\r\n" END,
		200 },
	{ "absolute for another host", "GET http://x/ HTTP/1.1\r\n" HOST END, 400 },
	{ "absolute for another port", "GET http://h:81/ HTTP/1.1\r\n" HOST END, 400 },
	{ "absolute with a user", "GET http://u@h/ HTTP/1.1\r\n" HOST END, 400 },
	{ "absolute without a host", "GET http:///a HTTP/1.1\r\n" HOST END, 400 },
	{ "absolute with a query only", "GET http://h?a HTTP/1.1\r\n" HOST END, 400 },
	{ "another scheme", "GET ftp://h/a HTTP/1.1\r\n" HOST END, 400 },
	{ "authority", "GET h:443 HTTP/1.1\r\n" HOST END, 400 },

	{ "no Host", GET END, 400 },
	{ "two Hosts", GET HOST "hOST: h\r\n" END, 400 },
	{ "an empty Host", GET "Host:\r\n" END, 200 },
	{ "an IPv6 Host", GET "Host: [::1]:8096\r\n" END, 200 },
	{ "an empty port", GET "Host: a:\r\n" END, 200 },
	{ "a port of letters", GET "Host: a:b\r\n" END, 400 },
	{ "two ports", GET "Host: a:1:2\r\n" END, 400 },
	{ "an address without brackets", GET "Host: ::1\r\n" END, 400 },
	{ "an open bracket", GET "Host: [::1\r\n" END, 400 },
	{ "an address in a name", GET "Host: [::1]a\r\n" END, 400 },
	{ "a name behind an address", GET "Host: [::1]:1a\r\n" END, 400 },
	{ "a name in brackets", GET "Host: [host]\r\n" END, 400 },
	{ "two hosts in one", GET "Host: a, b\r\n" END, 400 },
	{ "a path in Host", GET "Host: a/b\r\n" END, 400 },
	{ "a user in Host", GET "Host: u@a\r\n" END, 400 },

	{ "an empty value", GET HOST "X:\r\n" END, 200 },
	{ "blanks around a value", GET HOST "X: \t b \t\r\n" END, 200 },
	{ "a colon in a value", GET HOST "X: a:b\r\n" END, 200 },
	{ "no colon", GET HOST "X\r\n" END, 400 },
	{ "blank before the colon", GET HOST "Transfer-Encoding : chunked\r\n" END, 400 },
	{ "blank in a name", GET HOST "a b: c\r\n" END, 400 },
	{ "no name", GET HOST ": c\r\n" END, 400 },
	{ "a quote in a name", GET HOST "\"a\": c\r\n" END, 400 },
	{ "UTF-8 in a name", GET HOST "\xc3\xa9: c\r\n" END, 400 },
	{ "bare return in a value", GET HOST "a: b\rc\r\n" END, 400 },
	{ "a control character", GET HOST "a: \x02\r\n" END, 400 },
	{ "one far into a value", GET HOST "a: 0123456789abcdef\xc3\xa9\x1f\r\n" END, 400 },
	{ "DEL far into a value",
		GET HOST "a: 0123456789abc\x7f"
			 "0123456789\r\n" END,
		400 },
	{ "all that is allowed",
		GET HOST
		"a: ~!\"\t\x80\x81\xa0\xff 0123456789\t \x20\x7e\xfe~~~~~~~~\r\n" END,
		200 },

	{ "a folded line", GET HOST "a: b\r\n c\r\n" END, 200 },
	{ "a fold before all headers", GET " a: b\r\n" HOST END, 400 },
	{ "a folded Host", GET "Host:\r\n h\r\n" END, 400 },
	{ "a folded length", POST "Content-Length:\r\n 3\r\n" END, 400 },
	{ "a folded coding", POST "Transfer-Encoding:\r\n chunked\r\n" END, 400 },
	{ "a control character in a fold", GET HOST "a: b\r\n \x01\r\n" END, 400 },

	{ "a length", POST "content-length: 10\r\n" END, 200 },
	{ "a length with blanks", POST "content-length:  10 \r\n" END, 200 },
	{ "the same length twice", POST "Content-Length: 3\r\nContent-Length: 3\r\n" END,
		400 },
	{ "two lengths", POST "Content-Length: 3\r\nContent-Length: 4\r\n" END, 400 },
	{ "a signed length", POST "Content-Length: +3\r\n" END, 400 },
	{ "a negative length", POST "Content-Length: -3\r\n" END, 400 },
	{ "a hexadecimal length", POST "Content-Length: 0x3\r\n" END, 400 },
	{ "a length with a fraction", POST "Content-Length: 3.0\r\n" END, 400 },
	{ "an empty length", POST "Content-Length:\r\n" END, 400 },
	{ "a list of lengths", POST "Content-Length: 3, 3\r\n" END, 400 },
	{ "a length of two words", POST "Content-Length: 3 3\r\n" END, 400 },
	{ "more than a number holds", POST "Content-Length: 18446744073709551619\r\n" END,
		413 },
	{ "more than a signed one", POST "Content-Length: 9223372036854775808\r\n" END,
		413 },

	{ "chunked", POST "Transfer-Encoding: Chunked\r\n" END, 200 },
	{ "chunked and a length",
		POST "Transfer-Encoding: chunked\r\nContent-Length: 3\r\n" END, 400 },
	{ "a length and chunked",
		POST "Content-Length: 3\r\nTransfer-Encoding: chunked\r\n" END, 400 },
	{ "two codings", POST "Transfer-Encoding: gzip, chunked\r\n" END, 400 },
	{ "chunked not last", POST "Transfer-Encoding: chunked, identity\r\n" END, 400 },
	{ "nearly chunked", POST "Transfer-Encoding: xchunked\r\n" END, 400 },
	{ "chunked with a parameter", POST "Transfer-Encoding: chunked;q=1\r\n" END, 400 },
	{ "chunked in quotes", POST "Transfer-Encoding: \"chunked\"\r\n" END, 400 },
	{ "an empty coding", POST "Transfer-Encoding:\r\n" END, 400 },
	{ "chunked twice",
		POST "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n" END,
		400 },
	{ "chunked in 1.0", "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n" END, 400 },
	{ "HEAD with a body", "HEAD / HTTP/1.1\r\n" HOST "Content-Length: 3\r\n" END, 400 },
	{ "HEAD with chunks",
		"HEAD / HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\n" END, 400 },
	{ "HEAD with length 0", "HEAD / HTTP/1.1\r\n" HOST "Content-Length: 0\r\n" END,
		200 },

	{ "an expectation", POST "Content-Length: 1\r\nExpect: 100-Continue\r\n" END, 200 },
	{ "another", POST "Content-Length: 1\r\nExpect: pears\r\n" END, 417 },
	{ "two", POST "Expect: 100-continue\r\nExpect: 100-continue\r\n" END, 417 },
	{ "another in 1.0", "POST / HTTP/1.0\r\nExpect: pears\r\n" END, 200 },
};

static void
requests_that_could_be_read_in_two_ways_are_refused(void **state)
{
	struct reading *reading = *state;

	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		int status = read_text(reading, cases[i].text);
		if (status != cases[i].status)
			fail_msg("%s: %d %s", cases[i].what, status, reading->why);
	}
}

static void
the_verdict_does_not_depend_on_how_bytes_arrive(void **state)
{
	struct reading *reading = *state;

	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		size_t size = strlen(cases[i].text);
		for (size_t step = 1; step < 8; step += 3) {
			int status = read_bytes(reading, cases[i].text, size, step);
			if (status != cases[i].status)
				fail_msg("%s: %d %s", cases[i].what, status, reading->why);
		}
	}
}

static void
a_zero_byte_is_refused_wherever_it_stands(void **state)
{
	static const char request[] = "GET /path HTTP/1.1\r\nHost: h\r\nX: value\r\n\r\n";
	struct reading *reading = *state;
	char copy[sizeof request];

	/* Not the first byte of the empty line: that makes a line of it, and no end. */
	for (size_t at = 0; at + 5 < sizeof request; at++) {
		memcpy(copy, request, sizeof request);
		copy[at] = '\0';
		if (read_bytes(reading, copy, sizeof request - 1, SIZE_MAX) != 400)
			fail_msg("a zero byte at %zu is accepted", at);
	}
}

static void
what_was_read_is_what_was_said(void **state)
{
	struct reading *reading = *state;
	const struct http_request *request = &reading->head.request;
	const char *text = "\r\nPOST /a%20b?c=1?d HTTP/1.1\r\nhOst: h\r\nX-Fold:  one \r\n"
			   "\t two\r\n \r\nEmpty:\r\nContent-Length: 003\r\n\r\nabc";

	assert_int_equal(read_text(reading, text), 200);
	assert_int_equal(reading->scan.size, strlen(text) - 3);
	assert_int_equal(request->method, HTTP_POST);
	assert_string_equal(request->method_name, "POST");
	assert_int_equal(request->minor, 1);
	assert_string_equal(request->target, "/a%20b?c=1?d");
	assert_true(slice_equal_text(request->path, "/a%20b"));
	assert_true(slice_equal_text(request->query_text, "c=1?d"));
	assert_int_equal(request->header_count, 4);
	assert_string_equal(request->headers[0].name, "hOst");
	assert_string_equal(request->headers[0].value, "h");
	assert_string_equal(request->headers[1].name, "X-Fold");
	assert_string_equal(request->headers[1].value, "one two");
	assert_string_equal(request->headers[2].value, "");
	assert_int_equal(reading->head.framing, HTTP_FRAMING_LENGTH);
	assert_int_equal(reading->head.length, 3);
	assert_false(reading->head.wants_close);
	assert_false(reading->head.expects_continue);
}

static void
absolute_form_is_reduced_to_its_path(void **state)
{
	static const struct {
		const char *request, *target, *query;
	} forms[] = {
		{ "GET http://h/a HTTP/1.1\r\n" HOST END, "/a", "" },
		{ "GET HTTPS://h/a?b=/c HTTP/1.1\r\n" HOST END, "/a?b=/c", "b=/c" },
		{ "GET http://h HTTP/1.0\r\n" END, "/", "" },
	};
	struct reading *reading = *state;

	for (size_t i = 0; i < COUNT_OF(forms); i++) {
		assert_int_equal(read_text(reading, forms[i].request), 200);
		assert_string_equal(reading->head.request.target, forms[i].target);
		assert_true(
			slice_equal_text(reading->head.request.query_text, forms[i].query));
	}
}

static void
what_the_client_wants_of_the_connection_is_read(void **state)
{
	static const struct {
		const char *request;
		bool close;
	} wishes[] = {
		{ GET HOST END, false },
		{ GET HOST "Connection: keep-alive\r\n" END, false },
		{ GET HOST "connection: Close\r\n" END, true },
		{ GET HOST "Connection: foo ,\tclose\r\n" END, true },
		{ GET HOST "Connection: closed, not-close\r\n" END, false },
		{ GET HOST "Connection: keep-alive\r\nConnection: close\r\n" END, true },
		{ "GET / HTTP/1.0\r\n" END, true },
		{ "GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n" END, false },
		{ "GET / HTTP/1.0\r\nConnection: keep-alive, close\r\n" END, true },
	};
	struct reading *reading = *state;

	for (size_t i = 0; i < COUNT_OF(wishes); i++) {
		assert_int_equal(read_text(reading, wishes[i].request), 200);
		assert_int_equal(reading->head.wants_close, wishes[i].close);
	}
}

static void
only_a_body_is_waited_for_with_100(void **state)
{
	struct reading *reading = *state;

	assert_int_equal(read_text(reading, POST "Expect: 100-continue\r\n" END), 200);
	assert_false(reading->head.expects_continue);
	assert_int_equal(read_text(reading, POST "Transfer-Encoding: chunked\r\n"
						 "Expect: 100-continue\r\n" END),
		200);
	assert_true(reading->head.expects_continue);
	assert_int_equal(read_text(reading, "POST / HTTP/1.0\r\nContent-Length: 1\r\n"
					    "Expect: 100-continue\r\n" END),
		200);
	assert_false(reading->head.expects_continue);
}

static void
write_head_of(struct text *text, size_t size)
{
	text_clear(text);
	text_add(text, GET HOST);
	while (text->size < size - 1100)
		text_addf(text, "X: %01000d\r\n", 0);
	text_addf(text, "X: %0*d\r\n\r\n", (int)(size - text->size - 7), 0);
	assert_int_equal(text->size, size);
}

static void
heads_have_a_bound(void **state)
{
	static const size_t steps[] = { SIZE_MAX, 1000, HTTP_REQUEST_HEAD_BYTES - 1 };
	struct reading *reading = *state;
	struct text text;

	text_init(&text);
	for (size_t i = 0; i < COUNT_OF(steps); i++) {
		write_head_of(&text, HTTP_REQUEST_HEAD_BYTES);
		assert_int_equal(read_bytes(reading, text.data, text.size, steps[i]), 200);
		write_head_of(&text, HTTP_REQUEST_HEAD_BYTES + 1);
		assert_int_equal(read_bytes(reading, text.data, text.size, steps[i]), 431);
		text_clear(&text);
		text_addf(&text, "GET /%0*d", HTTP_REQUEST_HEAD_BYTES, 0);
		assert_int_equal(read_bytes(reading, text.data, text.size, steps[i]), 414);
	}
	text_fini(&text);
}

static void
a_request_has_at_most_256_headers(void **state)
{
	struct reading *reading = *state;
	struct text text;

	text_init(&text);
	text_add(&text, GET HOST);
	for (int i = 1; i < 256; i++)
		text_add(&text, "a: b\r\n");
	size_t size = text.size;
	text_add(&text, END);
	assert_int_equal(read_text(reading, text.data), 200);
	assert_int_equal(reading->head.request.header_count, 256);
	text.size = size;
	text_add(&text, "a: b\r\n" END);
	assert_int_equal(read_text(reading, text.data), 431);
	text_fini(&text);
}

static void
the_method_is_known_even_when_the_rest_is_bad(void **state)
{
	struct reading *reading = *state;

	assert_int_equal(read_text(reading, "HEAD / HTTP/1.2\r\n" HOST END), 505);
	assert_int_equal(reading->head.request.method, HTTP_HEAD);
	assert_int_equal(read_text(reading, "HEAD / HTTP/1.1\r\n" END), 400);
	assert_int_equal(reading->head.request.method, HTTP_HEAD);
}

static int
setup(void **state)
{
	*state = xcalloc(1, sizeof(struct reading));
	return 0;
}

static int
teardown(void **state)
{
	xfree(*state);
	return 0;
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(requests_that_could_be_read_in_two_ways_are_refused),
		TEST(the_verdict_does_not_depend_on_how_bytes_arrive),
		TEST(a_zero_byte_is_refused_wherever_it_stands),
		TEST(what_was_read_is_what_was_said),
		TEST(absolute_form_is_reduced_to_its_path),
		TEST(what_the_client_wants_of_the_connection_is_read),
		TEST(only_a_body_is_waited_for_with_100),
		TEST(heads_have_a_bound),
		TEST(a_request_has_at_most_256_headers),
		TEST(the_method_is_known_even_when_the_rest_is_bad),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
