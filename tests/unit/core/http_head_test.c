#include "core/http_head.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#define OK "HTTP/1.1 200 OK\r\n"

struct head_case {
	const char *text;
	bool to_head;
	bool good;
	int status;
	enum http_framing framing;
	uint64_t length;
	bool keep_alive;
};

static const struct head_case cases[] = {
	{ OK "Content-Length: 5\r\n\r\n", false, true, 200, HTTP_FRAMING_LENGTH, 5, true },
	{ OK "Content-Length: 0\r\n\r\n", false, true, 200, HTTP_FRAMING_LENGTH, 0, true },
	{ OK "content-length:5\r\nCONTENT-LENGTH: 5\r\n\r\n", false, true, 200,
		HTTP_FRAMING_LENGTH, 5, true },
	{ OK "Transfer-Encoding: Chunked\r\n\r\n", false, true, 200, HTTP_FRAMING_CHUNKED,
		0, true },
	{ OK "\r\n", false, true, 200, HTTP_FRAMING_UNTIL_CLOSE, 0, false },
	{ OK "Connection: keep-alive\r\n\r\n", false, true, 200, HTTP_FRAMING_UNTIL_CLOSE,
		0, false },
	{ OK "Content-Length: 5\r\n\r\n", true, true, 200, HTTP_FRAMING_NONE, 0, true },
	{ "HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n", false, true, 304,
		HTTP_FRAMING_NONE, 0, true },
	{ "HTTP/1.1 204 No Content\r\n\r\n", false, true, 204, HTTP_FRAMING_NONE, 0, true },
	{ "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n", false, true, 103,
		HTTP_FRAMING_NONE, 0, true },
	{ "HTTP/1.1 206 Teil\r\nContent-Length: 7\r\n\r\n", false, true, 206,
		HTTP_FRAMING_LENGTH, 7, true },
	{ "HTTP/1.0 200 OK\r\nContent-Length: 5\r\n\r\n", false, true, 200,
		HTTP_FRAMING_LENGTH, 5, false },
	{ "HTTP/1.0 200 OK\r\nConnection: Keep-Alive\r\nContent-Length: 5\r\n\r\n", false,
		true, 200, HTTP_FRAMING_LENGTH, 5, true },
	{ OK "Connection: foo, Close\r\nContent-Length: 5\r\n\r\n", false, true, 200,
		HTTP_FRAMING_LENGTH, 5, false },
	{ OK "Connection: foo\r\nConnection: close\r\nContent-Length: 1\r\n\r\n", false,
		true, 200, HTTP_FRAMING_LENGTH, 1, false },
	{ "HTTP/1.1 200\r\nContent-Length: 0\r\n\r\n", false, true, 200,
		HTTP_FRAMING_LENGTH, 0, true },
	{ "HTTP/1.1 200 \r\nContent-Length: 0\r\n\r\n", false, true, 200,
		HTTP_FRAMING_LENGTH, 0, true },
	{ OK "X-Empty:\r\nX-Name: \xc3\xbc\r\nContent-Length: 0\r\n\r\n", false, true, 200,
		HTTP_FRAMING_LENGTH, 0, true },

	{ "\r\n", .good = false },
	{ "HTTP/1.1\r\n\r\n", .good = false },
	{ "HTTP/2.0 200 OK\r\n\r\n", .good = false },
	{ "HTTP/1.2 200 OK\r\n\r\n", .good = false },
	{ "HTTP/1.1  200 OK\r\n\r\n", .good = false },
	{ "HTTP/1.1 20 OK\r\n\r\n", .good = false },
	{ "HTTP/1.1 2000 OK\r\n\r\n", .good = false },
	{ "HTTP/1.1 600 OK\r\n\r\n", .good = false },
	{ "HTTP/1.1 099 OK\r\n\r\n", .good = false },
	{ "HTTP/1.1 +20 OK\r\n\r\n", .good = false },
	{ "HTTP/1.1 200 O\x01K\r\n\r\n", .good = false },
	{ "ICY 200 OK\r\n\r\n", .good = false },
	{ OK "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n", .good = false },
	{ OK "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n", true,
		.good = false },
	{ OK "Content-Length: 5\r\nContent-Length: 6\r\n\r\n", .good = false },
	{ OK "Content-Length: 5, 5\r\n\r\n", .good = false },
	{ OK "Content-Length: +5\r\n\r\n", .good = false },
	{ OK "Content-Length: -5\r\n\r\n", .good = false },
	{ OK "Content-Length: 0x5\r\n\r\n", .good = false },
	{ OK "Content-Length: \r\n\r\n", .good = false },
	{ OK "Content-Length: 9223372036854775808\r\n\r\n", .good = false },
	{ OK "Content-Length: 99999999999999999999\r\n\r\n", .good = false },
	{ OK "Transfer-Encoding: gzip, chunked\r\n\r\n", .good = false },
	{ OK "Transfer-Encoding: xchunked\r\n\r\n", .good = false },
	{ OK "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n",
		.good = false },
	{ "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", .good = false },
	{ OK "Transfer-Encoding : chunked\r\n\r\n", .good = false },
	{ OK ": nameless\r\n\r\n", .good = false },
	{ OK "no colon\r\n\r\n", .good = false },
	{ OK "X-A: 1\r\n folded\r\n\r\n", .good = false },
	{ OK "X-A: 1\rX-B: 2\r\n\r\n", .good = false },
	{ OK "X A: 1\r\n\r\n", .good = false },
	{ OK "X-A: \x7f\r\n\r\n", .good = false },
};

static void
every_head_of_the_table_is_read_as_expected(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		const struct head_case *c = &cases[i];
		struct http_head head;
		const char *why;
		size_t scanned = 0;
		size_t size = 0;

		assert_int_equal(
			http_head_find_end(c->text, strlen(c->text), &scanned, &size),
			HTTP_SCAN_DONE);
		assert_int_equal(size, strlen(c->text));
		bool good = http_head_parse(&head, c->text, size, c->to_head, &why);
		if (good != c->good)
			fail_msg("%s%s", c->text, why != NULL ? why : "was accepted");
		assert_true(good == (why == NULL));
		if (!good)
			continue;
		assert_int_equal(head.status, c->status);
		assert_int_equal(head.framing, c->framing);
		assert_int_equal(head.length, c->length);
		assert_int_equal(head.keep_alive, c->keep_alive);
		assert_int_equal(head.size, size);
	}
}

static void
the_end_is_found_wherever_the_bytes_are_cut(void **state)
{
	const char text[] = OK "A: b\r\nC: d\r\n\r\nbody\r\n\r\n";
	const size_t expected = strlen(OK "A: b\r\nC: d\r\n\r\n");

	(void)state;
	for (size_t step = 1; step < sizeof text; step++) {
		size_t scanned = 0;
		size_t head_size = 0;
		size_t size = 0;
		enum http_scan scan = HTTP_SCAN_MORE;
		while (scan == HTTP_SCAN_MORE) {
			size += step;
			if (size > sizeof text - 1)
				size = sizeof text - 1;
			scan = http_head_find_end(text, size, &scanned, &head_size);
		}
		assert_int_equal(scan, HTTP_SCAN_DONE);
		assert_int_equal(head_size, expected);
	}
}

static void
a_line_that_ends_in_a_bare_lf_is_refused(void **state)
{
	static const char *const texts[] = { "\n", "HTTP/1.1 200 OK\n\r\n",
		OK "A: b\n\r\n\r\n", OK "A: b\r\n\n" };

	(void)state;
	for (size_t i = 0; i < COUNT_OF(texts); i++) {
		size_t scanned = 0;
		size_t size;
		assert_int_equal(
			http_head_find_end(texts[i], strlen(texts[i]), &scanned, &size),
			HTTP_SCAN_BAD);
	}
}

static void
a_head_beyond_the_limit_is_refused(void **state)
{
	size_t size = HTTP_HEAD_MAX_BYTES + 1;
	char *text = xmalloc(size);
	size_t scanned = 0;
	size_t head_size = 0;

	(void)state;
	memset(text, 'a', size);
	assert_int_equal(
		http_head_find_end(text, HTTP_HEAD_MAX_BYTES - 1, &scanned, &head_size),
		HTTP_SCAN_MORE);
	assert_int_equal(
		http_head_find_end(text, HTTP_HEAD_MAX_BYTES, &scanned, &head_size),
		HTTP_SCAN_BAD);
	memcpy(text + HTTP_HEAD_MAX_BYTES - 4, "\r\n\r\n", 4);
	scanned = 0;
	assert_int_equal(
		http_head_find_end(text, size, &scanned, &head_size), HTTP_SCAN_DONE);
	assert_int_equal(head_size, HTTP_HEAD_MAX_BYTES);
	memcpy(text + HTTP_HEAD_MAX_BYTES - 4, "a\r\n\r\n", 5);
	scanned = 0;
	assert_int_equal(
		http_head_find_end(text, size, &scanned, &head_size), HTTP_SCAN_BAD);
	xfree(text);
}

static void
lines_come_out_in_order_and_byte_for_byte(void **state)
{
	const char text[] = OK "Set-Cookie: a=1\r\nset-cookie:  b=2 \r\nX:\r\n\r\n";
	struct http_head head;
	struct http_line line;
	struct slice value;

	(void)state;
	assert_true(http_head_parse(&head, text, sizeof text - 1, false, NULL));
	assert_true(slice_equal_text(head.line, "200 OK"));
	struct slice rest = head.lines;
	assert_true(http_head_next(&rest, &line));
	assert_true(slice_equal_text(line.line, "Set-Cookie: a=1\r\n"));
	assert_true(http_head_next(&rest, &line));
	assert_true(slice_equal_text(line.name, "set-cookie"));
	assert_true(slice_equal_text(line.value, "b=2"));
	assert_true(http_head_next(&rest, &line));
	assert_int_equal(line.value.size, 0);
	assert_false(http_head_next(&rest, &line));
	assert_true(http_head_get(&head, "SET-COOKIE", &value));
	assert_true(slice_equal_text(value, "a=1"));
	assert_false(http_head_get(&head, "Cookie", &value));
}

static void
names_listed_by_connection_are_known(void **state)
{
	const char text[] = OK "Connection: X-One ,keep-alive\r\nConnection: x-two\r\n\r\n";
	struct http_head head;

	(void)state;
	assert_true(http_head_parse(&head, text, sizeof text - 1, false, NULL));
	assert_true(http_head_connection_lists(&head, SLICE("x-one")));
	assert_true(http_head_connection_lists(&head, SLICE("X-Two")));
	assert_false(http_head_connection_lists(&head, SLICE("x")));
	assert_false(http_head_connection_lists(&head, SLICE("")));
}

static void
lines_that_no_proxy_has_to_look_at_are_counted(void **state)
{
	static const struct {
		const char *plain, *rest;
	} rows[] = {
		{ "Server: a\r\nContent-Length: 2\r\nDate: b\r\n", "" },
		{ "Server: a\r\n", "Transfer-Encoding: chunked\r\nDate: b\r\n" },
		{ "Content-Length: 2\r\n", "connection: close\r\nDate: b\r\n" },
		{ "", "Keep-Alive: 1\r\nContent-Length: 2\r\n" },
		{ "", "Content-Length: 2\r\nContent-Length: 2\r\n" },
		{ "", "Content-Length: 2\r\nX-A: 1\r\nConnection: x-a\r\n" },
		{ "", "" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct http_head head;
		struct text text;
		text_init(&text);
		text_addf(&text, "%s%s%s\r\n", OK, rows[i].plain, rows[i].rest);
		assert_true(http_head_parse(&head, text.data, text.size, false, NULL));
		assert_int_equal(head.plain_size, strlen(rows[i].plain));
		text_fini(&text);
	}
}

static void
fields_have_their_meaning_in_any_case(void **state)
{
	static const struct {
		const char *name;
		enum http_field field;
	} names[] = {
		{ "TE", HTTP_FIELD_HOP },
		{ "te", HTTP_FIELD_HOP },
		{ "Upgrade", HTTP_FIELD_UPGRADE },
		{ "connection", HTTP_FIELD_CONNECTION },
		{ "Keep-Alive", HTTP_FIELD_HOP },
		{ "CONTENT-LENGTH", HTTP_FIELD_CONTENT_LENGTH },
		{ "Proxy-Connection", HTTP_FIELD_HOP },
		{ "Transfer-encoding", HTTP_FIELD_TRANSFER_ENCODING },
		{ "Content-Type", HTTP_FIELD_OTHER },
		{ "Trailer", HTTP_FIELD_OTHER },
		{ "", HTTP_FIELD_OTHER },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(names); i++)
		assert_int_equal(http_field_of(slice_of(names[i].name)), names[i].field);
}

static void
exactly_the_token_characters_make_a_token(void **state)
{
	static const char tokens[] = "!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyz"
				     "ABCDEFGHIJKLMNOPQRSTUVWXYZ";

	(void)state;
	assert_false(http_is_token(SLICE("")));
	for (int c = 0; c < 256; c++) {
		char text[2] = { 'a', (char)c };
		bool expected = c != 0 && strchr(tokens, c) != NULL;
		assert_int_equal(http_is_token((struct slice){ text, 2 }), expected);
	}
}

static void
only_1xx_other_than_101_is_interim(void **state)
{
	(void)state;
	for (int status = 100; status < 600; status++) {
		struct http_head head = { .status = status };
		assert_int_equal(
			http_head_is_interim(&head), status < 200 && status != 101);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_head_of_the_table_is_read_as_expected),
		cmocka_unit_test(the_end_is_found_wherever_the_bytes_are_cut),
		cmocka_unit_test(a_line_that_ends_in_a_bare_lf_is_refused),
		cmocka_unit_test(a_head_beyond_the_limit_is_refused),
		cmocka_unit_test(lines_come_out_in_order_and_byte_for_byte),
		cmocka_unit_test(names_listed_by_connection_are_known),
		cmocka_unit_test(lines_that_no_proxy_has_to_look_at_are_counted),
		cmocka_unit_test(fields_have_their_meaning_in_any_case),
		cmocka_unit_test(exactly_the_token_characters_make_a_token),
		cmocka_unit_test(only_1xx_other_than_101_is_interim),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
