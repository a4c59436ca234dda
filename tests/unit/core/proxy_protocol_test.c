#include "core/proxy_protocol.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define BYTES(literal) (literal), sizeof(literal) - 1
#define SIGNED         "\r\n\r\n\0\r\nQUIT\n"

struct header_case {
	const char *what;
	const char *data;
	size_t size;
	enum http_scan result;
	const char *address; /* NULL: none */
	size_t left;         /* bytes that are not the header's */
};

static const struct header_case cases[] = {
	{ "TCP4", BYTES("PROXY TCP4 203.0.113.9 192.0.2.1 5 80\r\nGET"), HTTP_SCAN_DONE,
		"203.0.113.9", 3 },
	{ "TCP6", BYTES("PROXY TCP6 2001:db8::1 2001:db8::2 65535 0\r\n"), HTTP_SCAN_DONE,
		"2001:db8::1", 0 },
	{ "TCP6 with a mapped address", BYTES("PROXY TCP6 ::ffff:192.0.2.7 ::1 1 2\r\n"),
		HTTP_SCAN_DONE, "192.0.2.7", 0 },
	{ "unknown", BYTES("PROXY UNKNOWN\r\n"), HTTP_SCAN_DONE, NULL, 0 },
	{ "unknown with more", BYTES("PROXY UNKNOWN ffff:: x 1 2\r\n"), HTTP_SCAN_DONE,
		NULL, 0 },
	{ "a part of the line", BYTES("PROXY TCP4 203.0"), HTTP_SCAN_MORE, NULL, 0 },
	{ "the first letter", BYTES("P"), HTTP_SCAN_MORE, NULL, 0 },
	{ "HTTP", BYTES("GET / HTTP/1.1\r\n"), HTTP_SCAN_BAD, NULL, 0 },
	{ "a request that begins alike", BYTES("PROPFIND"), HTTP_SCAN_BAD, NULL, 0 },
	{ "nothing more", BYTES("PROXY \r\n"), HTTP_SCAN_BAD, NULL, 0 },
	{ "bare newline", BYTES("PROXY UNKNOWN\n"), HTTP_SCAN_BAD, NULL, 0 },
	{ "another protocol", BYTES("PROXY UDP4 192.0.2.1 192.0.2.2 1 2\r\n"),
		HTTP_SCAN_BAD, NULL, 0 },
	{ "no port", BYTES("PROXY TCP4 192.0.2.1 192.0.2.2 1\r\n"), HTTP_SCAN_BAD, NULL,
		0 },
	{ "a word too many", BYTES("PROXY TCP4 192.0.2.1 192.0.2.2 1 2 3\r\n"),
		HTTP_SCAN_BAD, NULL, 0 },
	{ "a blank behind", BYTES("PROXY TCP4 192.0.2.1 192.0.2.2 1 2 \r\n"), HTTP_SCAN_BAD,
		NULL, 0 },
	{ "two blanks", BYTES("PROXY TCP4  192.0.2.1 192.0.2.2 1 2\r\n"), HTTP_SCAN_BAD,
		NULL, 0 },
	{ "a port beyond", BYTES("PROXY TCP4 192.0.2.1 192.0.2.2 1 65536\r\n"),
		HTTP_SCAN_BAD, NULL, 0 },
	{ "a port with a zero", BYTES("PROXY TCP4 192.0.2.1 192.0.2.2 01 2\r\n"),
		HTTP_SCAN_BAD, NULL, 0 },
	{ "the wrong family", BYTES("PROXY TCP4 ::1 ::1 1 2\r\n"), HTTP_SCAN_BAD, NULL, 0 },
	{ "a zero byte", BYTES("PROXY TCP4 192.0.2.1\0x 192.0.2.2 1 2\r\n"), HTTP_SCAN_BAD,
		NULL, 0 },
	{ "no end",
		BYTES("PROXY UNKNOWN 0123456789 0123456789 0123456789 0123456789 "
		      "0123456789 0123456789 0123456789 0123456789 0123456789\r\n"),
		HTTP_SCAN_BAD, NULL, 0 },

	{ "binary over IPv4",
		BYTES(SIGNED "\x21\x11\0\x0c\xcb\0\x71\x09\xc0\0\2\1\0\5\0\x50GET"),
		HTTP_SCAN_DONE, "203.0.113.9", 3 },
	{ "binary over IPv6 with more to say",
		BYTES(SIGNED "\x21\x21\0\x26\x20\1\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\1"
			     "\x20\1\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\2\0\5\0\x50\4\0GET"),
		HTTP_SCAN_DONE, "2001:db8::1", 3 },
	{ "the proxy for itself", BYTES(SIGNED "\x20\0\0\0"), HTTP_SCAN_DONE, NULL, 0 },
	{ "a Unix socket", BYTES(SIGNED "\x21\x31\0\1x"), HTTP_SCAN_DONE, NULL, 0 },
	{ "a part of the signature", BYTES("\r\n\r\n\0\r"), HTTP_SCAN_MORE, NULL, 0 },
	{ "the signature only", BYTES(SIGNED), HTTP_SCAN_MORE, NULL, 0 },
	{ "a part of the addresses", BYTES(SIGNED "\x21\x11\0\x0c\xcb\0"), HTTP_SCAN_MORE,
		NULL, 0 },
	{ "another signature", BYTES("\r\n\r\n\0\r\nQUIX\n"), HTTP_SCAN_BAD, NULL, 0 },
	{ "an empty line", BYTES("\r\nGET"), HTTP_SCAN_BAD, NULL, 0 },
	{ "version 3", BYTES(SIGNED "\x31"), HTTP_SCAN_BAD, NULL, 0 },
	{ "another command", BYTES(SIGNED "\x22"), HTTP_SCAN_BAD, NULL, 0 },
	{ "too short for its addresses", BYTES(SIGNED "\x21\x11\0\x0b"), HTTP_SCAN_BAD,
		NULL, 0 },
	{ "too much to say", BYTES(SIGNED "\x21\x11\x08\x01"), HTTP_SCAN_BAD, NULL, 0 },
};

static void
headers_are_read_as_the_specification_says(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		const struct header_case *row = &cases[i];
		struct proxy_protocol header;
		if (proxy_protocol_read(&header, row->data, row->size) != row->result)
			fail_msg("%s", row->what);
		if (row->result != HTTP_SCAN_DONE)
			continue;
		if (header.size + row->left != row->size ||
			header.has_client != (row->address != NULL) ||
			(row->address != NULL && strcmp(header.address, row->address) != 0))
			fail_msg("%s: %zu %s", row->what, header.size, header.address);
	}
}

static void
the_result_does_not_depend_on_how_bytes_arrive(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		const struct header_case *row = &cases[i];
		struct proxy_protocol header;
		enum http_scan result = HTTP_SCAN_MORE;
		for (size_t given = 1; given <= row->size && result == HTTP_SCAN_MORE;
			given++)
			result = proxy_protocol_read(&header, row->data, given);
		if (result != row->result)
			fail_msg("%s", row->what);
	}
}

static void
the_address_is_there_for_counting_too(void **state)
{
	struct proxy_protocol header;

	(void)state;
	assert_int_equal(proxy_protocol_read(&header,
				 BYTES("PROXY TCP4 203.0.113.9 192.0.2.1 5 80\r\n")),
		HTTP_SCAN_DONE);
	assert_int_equal(header.socket.any.sa_family, AF_INET);
	assert_int_equal(header.socket.v4.sin_addr.s_addr, inet_addr("203.0.113.9"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(headers_are_read_as_the_specification_says),
		cmocka_unit_test(the_result_does_not_depend_on_how_bytes_arrive),
		cmocka_unit_test(the_address_is_there_for_counting_too),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
