#include "core/http_chunk.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

struct chunk_case {
	const char *text;
	enum http_scan scan;
	const char *payload;
	size_t behind; /* bytes that do not belong to the body */
};

static const struct chunk_case cases[] = {
	{ "0\r\n\r\n", HTTP_SCAN_DONE, "", 0 },
	{ "5\r\nhello\r\n0\r\n\r\n", HTTP_SCAN_DONE, "hello", 0 },
	{ "5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n", HTTP_SCAN_DONE, "hello world", 0 },
	{ "A\r\n0123456789\r\n000\r\n\r\n", HTTP_SCAN_DONE, "0123456789", 0 },
	{ "1;name=value;x=\"y\"\r\na\r\n0;z\r\n\r\n", HTTP_SCAN_DONE, "a", 0 },
	{ "1 \r\na\r\n0\t;z\r\n\r\n", HTTP_SCAN_DONE, "a", 0 },
	{ "1\r\na\r\n0\r\nX-Sum: 1\r\nY: 2\r\n\r\n", HTTP_SCAN_DONE, "a", 0 },
	{ "1\r\na\r\n0\r\n\r\nHTTP/1.1", HTTP_SCAN_DONE, "a", 8 },
	{ "000000000000000a\r\n0123456789\r\n0\r\n\r\n", HTTP_SCAN_DONE, "0123456789", 0 },
	{ "", HTTP_SCAN_MORE, "", 0 },
	{ "5\r\nhel", HTTP_SCAN_MORE, "hel", 0 },
	{ "5\r\nhello\r\n0\r\n", HTTP_SCAN_MORE, "hello", 0 },
	{ "7fffffffffffffff\r\nabc", HTTP_SCAN_MORE, "abc", 0 },

	{ "\r\n", HTTP_SCAN_BAD, "", 0 },
	{ ";x\r\n", HTTP_SCAN_BAD, "", 0 },
	{ " 5\r\n", HTTP_SCAN_BAD, "", 0 },
	{ "0x5\r\n", HTTP_SCAN_BAD, "", 0 },
	{ "-5\r\n", HTTP_SCAN_BAD, "", 0 },
	{ "+5\r\n", HTTP_SCAN_BAD, "", 0 },
	{ "5 5\r\n", HTTP_SCAN_BAD, "", 0 },
	{ "5\nhello\r\n0\r\n\r\n", HTTP_SCAN_BAD, "", 0 },
	{ "5\rhello", HTTP_SCAN_BAD, "", 0 },
	{ "5;a\nhello", HTTP_SCAN_BAD, "", 0 },
	{ "5\r\nhello!\r\n", HTTP_SCAN_BAD, "hello", 0 },
	{ "5\r\nhello\n0\r\n\r\n", HTTP_SCAN_BAD, "hello", 0 },
	{ "5\r\nhello\r0\r\n\r\n", HTTP_SCAN_BAD, "hello", 0 },
	{ "0\r\nX: 1\n\r\n", HTTP_SCAN_BAD, "", 0 },
	{ "0\r\n\n", HTTP_SCAN_BAD, "", 0 },
	{ "0\r\nX: \x01\r\n\r\n", HTTP_SCAN_BAD, "", 0 },
	{ "8000000000000000\r\n", HTTP_SCAN_BAD, "", 0 },
	{ "ffffffffffffffff\r\n", HTTP_SCAN_BAD, "", 0 },
	{ "10000000000000005\r\nhello", HTTP_SCAN_BAD, "", 0 },
	{ "00000000000000005\r\nhello", HTTP_SCAN_BAD, "", 0 },
};

/* Feeds `step` bytes at a time, taking the framing out in place. */
static void
check_case(const struct chunk_case *c, size_t step)
{
	struct http_chunk chunk;
	char buffer[128];
	char payload[128];
	size_t total = strlen(c->text);
	size_t at = 0;
	size_t payload_size = 0;
	enum http_scan scan = HTTP_SCAN_MORE;

	http_chunk_init(&chunk);
	while (scan == HTTP_SCAN_MORE && at < total) {
		size_t size = total - at < step ? total - at : step;
		size_t used, part;
		memcpy(buffer, c->text + at, size);
		scan = http_chunk_scan(&chunk, buffer, size, &used, buffer, &part);
		assert_true(used <= size && part <= used);
		assert_true(scan != HTTP_SCAN_MORE || used == size);
		memcpy(payload + payload_size, buffer, part);
		payload_size += part;
		at += used;
	}
	if (scan != c->scan)
		fail_msg("%s (step %zu)", c->text, step);
	assert_int_equal(payload_size, strlen(c->payload));
	assert_memory_equal(payload, c->payload, payload_size);
	if (scan == HTTP_SCAN_DONE)
		assert_int_equal(total - at, c->behind);
}

static void
every_body_of_the_table_is_read_however_it_is_cut(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		for (size_t step = 1; step <= strlen(cases[i].text) + 1; step++)
			check_case(&cases[i], step);
	}
}

static void
without_a_payload_buffer_only_the_end_is_found(void **state)
{
	const char text[] = "3;x\r\nabc\r\n0\r\n\r\nnext";
	struct http_chunk chunk;
	size_t used;

	(void)state;
	http_chunk_init(&chunk);
	assert_int_equal(http_chunk_scan(&chunk, text, sizeof text - 1, &used, NULL, NULL),
		HTTP_SCAN_DONE);
	assert_int_equal(used, sizeof text - 1 - 4);
	assert_int_equal(
		http_chunk_scan(&chunk, "more", 4, &used, NULL, NULL), HTTP_SCAN_DONE);
	assert_int_equal(used, 0);
}

static enum http_scan
scan_repeated(const char *start, size_t count)
{
	struct http_chunk chunk;
	size_t used;

	http_chunk_init(&chunk);
	enum http_scan scan =
		http_chunk_scan(&chunk, start, strlen(start), &used, NULL, NULL);
	for (size_t i = 0; i < count && scan == HTTP_SCAN_MORE; i++)
		scan = http_chunk_scan(&chunk, "x", 1, &used, NULL, NULL);
	return scan;
}

static void
extensions_and_trailers_are_bounded(void **state)
{
	(void)state;
	assert_int_equal(scan_repeated("5;", HTTP_CHUNK_LINE_BYTES - 2), HTTP_SCAN_MORE);
	assert_int_equal(scan_repeated("5;", HTTP_CHUNK_LINE_BYTES - 1), HTTP_SCAN_BAD);
	assert_int_equal(scan_repeated("0\r\n", HTTP_CHUNK_TRAILER_BYTES), HTTP_SCAN_MORE);
	assert_int_equal(
		scan_repeated("0\r\n", HTTP_CHUNK_TRAILER_BYTES + 1), HTTP_SCAN_BAD);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_body_of_the_table_is_read_however_it_is_cut),
		cmocka_unit_test(without_a_payload_buffer_only_the_end_is_found),
		cmocka_unit_test(extensions_and_trailers_are_bounded),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
