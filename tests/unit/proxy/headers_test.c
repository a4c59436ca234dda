#include "proxy/headers.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static const struct headers_target target = {
	.base = "/jf",
	.authority = "media.example:8096",
};

static struct http_request
client_of(const char *address, const struct http_header *headers, size_t count)
{
	return (struct http_request){
		.method = HTTP_GET,
		.method_name = "GET",
		.minor = 1,
		.target = "/Items?a=%2F&b=[x]",
		.headers = headers,
		.header_count = count,
		.client_address = address,
	};
}

static char *
write_request(const struct http_request *client, size_t body_size, bool upgrade)
{
	struct text text;
	const struct headers_request request = {
		.method = client->method_name,
		.target = client->target,
		.headers = client->headers,
		.header_count = client->header_count,
		.body_size = body_size,
		.client = client,
		.upgrade = upgrade,
	};

	text_init(&text);
	headers_write_request(&text, &target, &request);
	return text_take(&text);
}

static void
expect_request(const struct http_request *client, size_t body_size, bool upgrade,
	const char *expected)
{
	char *head = write_request(client, body_size, upgrade);
	assert_string_equal(head, expected);
	xfree(head);
}

static void
order_and_spelling_are_the_clients(void **state)
{
	static const struct http_header headers[] = {
		{ "hOST", "jf.example" },
		{ "Accept", "*/*" },
		{ "X-Emby-Token", "t" },
		{ "x-empty", "" },
		{ "Accept", "a/b" },
	};
	struct http_request client = client_of("192.0.2.7", headers, COUNT_OF(headers));

	(void)state;
	expect_request(&client, 0, false,
		"GET /jf/Items?a=%2F&b=[x] HTTP/1.1\r\n"
		"hOST: jf.example\r\nAccept: */*\r\nX-Emby-Token: t\r\nx-empty: \r\n"
		"Accept: a/b\r\nX-Forwarded-For: 192.0.2.7\r\nX-Forwarded-Proto: http\r\n"
		"X-Forwarded-Host: jf.example\r\n\r\n");
}

static void
hop_by_hop_and_listed_headers_end_here(void **state)
{
	static const struct http_header headers[] = {
		{ "Host", "h" },
		{ "Connection", "X-One, keep-alive" },
		{ "Keep-Alive", "timeout=5" },
		{ "TE", "trailers" },
		{ "Upgrade", "h2c" },
		{ "Proxy-Connection", "keep-alive" },
		{ "Expect", "100-continue" },
		{ "Trailer", "X-Sum" },
		{ "x-one", "1" },
		{ "X-Two", "2" },
		{ "connection", "host, content-length" },
	};
	struct http_request client = client_of("192.0.2.7", headers, COUNT_OF(headers));

	(void)state;
	expect_request(&client, 0, false,
		"GET /jf/Items?a=%2F&b=[x] HTTP/1.1\r\nHost: h\r\nX-Two: 2\r\n"
		"X-Forwarded-For: 192.0.2.7\r\nX-Forwarded-Proto: http\r\n"
		"X-Forwarded-Host: h\r\n\r\n");
}

static void
the_length_is_that_of_the_body_we_hold(void **state)
{
	static const struct http_header sized[] = { { "Host", "h" },
		{ "content-length", "5" }, { "Content-Type", "a/b" } };
	static const struct http_header chunked[] = { { "Host", "h" },
		{ "Transfer-Encoding", "chunked" } };
	struct http_request client = client_of("192.0.2.7", sized, COUNT_OF(sized));

	(void)state;
	client.method = HTTP_POST;
	client.method_name = "POST";
	client.target = "/a";
	expect_request(&client, 5, false,
		"POST /jf/a HTTP/1.1\r\nHost: h\r\ncontent-length: 5\r\n"
		"Content-Type: a/b\r\nX-Forwarded-For: 192.0.2.7\r\n"
		"X-Forwarded-Proto: http\r\nX-Forwarded-Host: h\r\n\r\n");
	client.headers = chunked;
	client.header_count = COUNT_OF(chunked);
	expect_request(&client, 7, false,
		"POST /jf/a HTTP/1.1\r\nHost: h\r\nX-Forwarded-For: 192.0.2.7\r\n"
		"X-Forwarded-Proto: http\r\nX-Forwarded-Host: h\r\n"
		"Content-Length: 7\r\n\r\n");
	client.header_count = 1;
	char *head = write_request(&client, 0, false);
	assert_non_null(strstr(head, "Content-Length: 0\r\n"));
	xfree(head);
}

static void
forwarded_headers_of_strangers_are_replaced(void **state)
{
	static const struct http_header headers[] = { { "Host", "h" },
		{ "X-Forwarded-For", "203.0.113.9" }, { "x-forwarded-proto", "https" },
		{ "X-Forwarded-Prefix", "/x" } };
	struct http_request client = client_of("192.0.2.7", headers, COUNT_OF(headers));

	(void)state;
	client.target = "/";
	expect_request(&client, 0, false,
		"GET /jf/ HTTP/1.1\r\nHost: h\r\nX-Forwarded-For: 192.0.2.7\r\n"
		"X-Forwarded-Proto: http\r\nX-Forwarded-Host: h\r\n\r\n");
}

static void
a_trusted_peer_says_for_whom_it_forwards(void **state)
{
	static const struct http_header headers[] = { { "Host", "h" },
		{ "x-forwarded-for", "8.8.8.8, 203.0.113.9" },
		{ "X-Forwarded-For", "10.0.0.2" }, { "X-Forwarded-Proto", "https" } };
	struct http_request client = client_of("203.0.113.9", headers, COUNT_OF(headers));

	(void)state;
	client.peer_trusted = true;
	client.target = "/";
	expect_request(&client, 0, false,
		"GET /jf/ HTTP/1.1\r\nHost: h\r\n"
		"X-Forwarded-For: 203.0.113.9\r\n"
		"X-Forwarded-Proto: https\r\nX-Forwarded-Host: h\r\n\r\n");
}

static void
a_request_without_host_gets_the_servers(void **state)
{
	struct http_request client = client_of("192.0.2.7", NULL, 0);

	(void)state;
	client.target = "*";
	client.method_name = "OPTIONS";
	expect_request(&client, 0, false,
		"OPTIONS * HTTP/1.1\r\nHost: media.example:8096\r\n"
		"X-Forwarded-For: 192.0.2.7\r\nX-Forwarded-Proto: http\r\n"
		"X-Forwarded-Host: media.example:8096\r\n\r\n");
}

static void
an_upgrade_goes_on_without_its_extensions(void **state)
{
	static const struct http_header headers[] = { { "Host", "h" },
		{ "Connection", "keep-alive, Upgrade" }, { "Upgrade", "websocket" },
		{ "Sec-WebSocket-Key", "k" },
		{ "Sec-WebSocket-Extensions", "permessage-deflate" } };
	struct http_request client = client_of("192.0.2.7", headers, COUNT_OF(headers));

	(void)state;
	client.target = "/socket";
	assert_true(headers_want_socket(&client));
	expect_request(&client, 0, true,
		"GET /jf/socket HTTP/1.1\r\nHost: h\r\nUpgrade: websocket\r\n"
		"Sec-WebSocket-Key: k\r\nX-Forwarded-For: 192.0.2.7\r\n"
		"X-Forwarded-Proto: http\r\nX-Forwarded-Host: h\r\n"
		"Connection: Upgrade\r\n\r\n");
	client.header_count = 2;
	assert_false(headers_want_socket(&client));
}

static void
the_base_is_put_in_front_once(void **state)
{
	static const struct {
		const char *target, *sent, *below;
	} rows[] = {
		{ "/Items", "/jf/Items", "/Items" },
		{ "/jf/Items", "/jf/Items", "/Items" },
		{ "/JF/Items?a", "/JF/Items?a", "/Items?a" },
		{ "/jf", "/jf", "" },
		{ "/jf?a", "/jf?a", "?a" },
		{ "/jf/", "/jf/", "/" },
		{ "/jfx", "/jf/jfx", "/jfx" },
		{ "/j", "/jf/j", "/j" },
		{ "/", "/jf/", "/" },
		{ "*", "*", "*" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct http_request client = client_of("192.0.2.7", NULL, 0);
		char line[64];
		client.target = rows[i].target;
		char *head = write_request(&client, 0, false);
		snprintf(line, sizeof line, "GET %s HTTP/1.1\r\n", rows[i].sent);
		assert_memory_equal(head, line, strlen(line));
		xfree(head);
		struct slice below =
			headers_below_base(target.base, slice_of(rows[i].target));
		assert_true(slice_equal_text(below, rows[i].below));
	}
}

static void
an_upgrade_needs_its_connection_line_and_no_body(void **state)
{
	static const struct {
		struct http_header headers[3];
		enum http_method method;
		int minor;
		bool wants;
	} rows[] = {
		{ { { "Upgrade", "websocket" }, { "Connection", "keep-alive, Upgrade" } },
			HTTP_GET, 1, true },
		{ { { "Upgrade", "h2c, WebSocket" }, { "Connection", "upgrade" },
			  { "Content-Length", "0" } },
			HTTP_GET, 1, true },
		{ { { "Upgrade", "websocket" }, { "Connection", "close" },
			  { "Connection", "upgrade" } },
			HTTP_GET, 1, true },
		{ { { "Upgrade", "websocket" } }, HTTP_GET, 1, false },
		{ { { "Upgrade", "websocket" }, { "Connection", "keep-alive" } }, HTTP_GET,
			1, false },
		{ { { "Upgrade", "h2c" }, { "Connection", "upgrade" } }, HTTP_GET, 1,
			false },
		{ { { "Upgrade", "websocket" }, { "Connection", "upgrade" },
			  { "Content-Length", "5" } },
			HTTP_GET, 1, false },
		{ { { "Upgrade", "websocket" }, { "Connection", "upgrade" },
			  { "Transfer-Encoding", "chunked" } },
			HTTP_GET, 1, false },
		{ { { "Upgrade", "websocket" }, { "Connection", "upgrade" } }, HTTP_POST, 1,
			false },
		{ { { "Upgrade", "websocket" }, { "Connection", "upgrade" } }, HTTP_GET, 0,
			false },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		size_t count = 0;
		while (count < COUNT_OF(rows[i].headers) &&
			rows[i].headers[count].name != NULL)
			count++;
		struct http_request client = client_of("192.0.2.7", rows[i].headers, count);
		client.method = rows[i].method;
		client.minor = rows[i].minor;
		if (headers_want_socket(&client) != rows[i].wants)
			fail_msg("row %zu", i);
	}
}

static void
a_request_of_our_own_names_no_client(void **state)
{
	static const struct http_header headers[] = { { "Accept-Encoding", "gzip" },
		{ "Authorization", "MediaBrowser Token=\"t\"" } };
	const struct headers_request request = { .method = "GET",
		.target = "/System/Info",
		.headers = headers,
		.header_count = COUNT_OF(headers),
		.identity = true };
	struct text text;

	(void)state;
	text_init(&text);
	headers_write_request(&text, &target, &request);
	assert_string_equal(text_get(&text),
		"GET /jf/System/Info HTTP/1.1\r\nAuthorization: MediaBrowser "
		"Token=\"t\"\r\n"
		"Host: media.example:8096\r\nAccept-Encoding: identity\r\n\r\n");
	text_fini(&text);
}

/* ---- answers ---- */

struct answer_case {
	const char *upstream;
	int client_minor;
	bool close;
	const char *expected;
};

static const struct answer_case answers[] = {
	{ "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nServer: Kestrel\r\n\r\n", 1, false,
		"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nServer: Kestrel\r\n\r\n" },
	{ "HTTP/1.0 418 Kein Kaffee\r\nContent-Length: 5\r\n\r\n", 1, false,
		"HTTP/1.1 418 Kein Kaffee\r\nContent-Length: 5\r\n\r\n" },
	{ "HTTP/1.1 200 OK\r\nSet-Cookie: a\r\nConnection: X-Hop\r\nx-hop: 1\r\n"
	  "Set-Cookie: b\r\nKeep-Alive: timeout=5\r\nE:\r\nContent-Length: 1\r\n\r\n",
		1, false,
		"HTTP/1.1 200 OK\r\nSet-Cookie: a\r\nSet-Cookie: b\r\nE:\r\n"
		"Content-Length: 1\r\n\r\n" },
	{ "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: X\r\n\r\n", 1, true,
		"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: X\r\n"
		"Connection: close\r\n\r\n" },
	{ "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nA: b\r\n\r\n", 0, true,
		"HTTP/1.1 200 OK\r\nA: b\r\nConnection: close\r\n\r\n" },
	{ "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n", 0, false,
		"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nConnection: keep-alive\r\n\r\n" },
	{ "HTTP/1.1 200 OK\r\nContent-Length: 1\r\ncontent-length: 1\r\n\r\n", 1, false,
		"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n" },
	{ "HTTP/1.1 204 No Content\r\nTransfer-Encoding: chunked\r\n\r\n", 1, false,
		"HTTP/1.1 204 No Content\r\n\r\n" },
	{ "HTTP/1.1 304 Not Modified\r\nContent-Length: 9\r\nConnection: close\r\n\r\n", 1,
		false, "HTTP/1.1 304 Not Modified\r\nContent-Length: 9\r\n\r\n" },
	{ "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\n"
	  "Upgrade: websocket\r\nSec-WebSocket-Accept: a\r\n\r\n",
		1, false,
		"HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\n"
		"Upgrade: websocket\r\nSec-WebSocket-Accept: a\r\n\r\n" },
};

static void
answers_are_upstreams_own_bytes_minus_its_connection(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(answers); i++) {
		const struct answer_case *c = &answers[i];
		const struct headers_answer answer = { c->client_minor, c->close, 0 };
		struct http_head head;
		struct text text;

		text_init(&text);
		assert_true(http_head_parse(
			&head, c->upstream, strlen(c->upstream), false, NULL));
		headers_write_answer(&text, &head, &answer);
		assert_string_equal(text_get(&text), c->expected);
		text_fini(&text);
	}
}

static void
an_answer_names_its_exchange_when_asked_for(void **state)
{
	static const char upstream[] = "HTTP/1.1 204 No Content\r\n\r\n";
	const struct headers_answer answer = { .client_minor = 1, .exchange = 4711 };
	struct http_head head;
	struct text text;

	(void)state;
	text_init(&text);
	assert_true(http_head_parse(&head, upstream, strlen(upstream), false, NULL));
	headers_write_answer(&text, &head, &answer);
	assert_string_equal(text_get(&text),
		"HTTP/1.1 204 No Content\r\nX-Sidetrack-Exchange: 4711\r\n\r\n");
	text_fini(&text);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(order_and_spelling_are_the_clients),
		cmocka_unit_test(hop_by_hop_and_listed_headers_end_here),
		cmocka_unit_test(the_length_is_that_of_the_body_we_hold),
		cmocka_unit_test(forwarded_headers_of_strangers_are_replaced),
		cmocka_unit_test(a_trusted_peer_says_for_whom_it_forwards),
		cmocka_unit_test(a_request_without_host_gets_the_servers),
		cmocka_unit_test(an_upgrade_goes_on_without_its_extensions),
		cmocka_unit_test(the_base_is_put_in_front_once),
		cmocka_unit_test(an_upgrade_needs_its_connection_line_and_no_body),
		cmocka_unit_test(a_request_of_our_own_names_no_client),
		cmocka_unit_test(answers_are_upstreams_own_bytes_minus_its_connection),
		cmocka_unit_test(an_answer_names_its_exchange_when_asked_for),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
