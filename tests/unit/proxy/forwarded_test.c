#include "proxy/forwarded.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define TRUSTED "10.0.0.0/8, 127.0.0.1, fd00::/8"

/* Whom we believe to be the client; NULL: the peer is not trusted. */
static const struct {
	const char *peer;
	const char *name, *value;
	const char *name2, *value2;
	const char *client;
} cases[] = {
	{ "192.0.2.7", "X-Forwarded-For", "203.0.113.9", NULL, NULL, NULL },
	{ "10.0.0.1", NULL, NULL, NULL, NULL, "10.0.0.1" },
	{ "10.0.0.1", "X-Forwarded-For", "", NULL, NULL, "10.0.0.1" },
	{ "10.0.0.1", "x-forwarded-for", "203.0.113.9", NULL, NULL, "203.0.113.9" },
	{ "fd00::1", "X-Forwarded-For", "203.0.113.9", NULL, NULL, "203.0.113.9" },
	/* The right-most that is no proxy of ours; what is left of it is hearsay. */
	{ "10.0.0.1", "X-Forwarded-For", "8.8.8.8, 203.0.113.9", NULL, NULL,
		"203.0.113.9" },
	{ "10.0.0.1", "X-Forwarded-For", "8.8.8.8, 203.0.113.9, 10.0.0.2", NULL, NULL,
		"203.0.113.9" },
	{ "10.0.0.1", "X-Forwarded-For", "203.0.113.9,10.0.0.3,10.0.0.2,", NULL, NULL,
		"203.0.113.9" },
	{ "10.0.0.1", "X-Forwarded-For", "8.8.8.8", "X-Forwarded-For",
		"203.0.113.9, 10.0.0.2", "203.0.113.9" },
	/* A client inside the trusted networks. */
	{ "10.0.0.1", "X-Forwarded-For", "10.0.0.9, 10.0.0.2", NULL, NULL, "10.0.0.9" },
	/* Spellings. */
	{ "10.0.0.1", "X-Forwarded-For", "203.0.113.9:4711", NULL, NULL, "203.0.113.9" },
	{ "10.0.0.1", "X-Forwarded-For", "2001:DB8::1", NULL, NULL, "2001:db8::1" },
	{ "10.0.0.1", "X-Forwarded-For", "[2001:db8::1]:4711", NULL, NULL, "2001:db8::1" },
	{ "10.0.0.1", "X-Forwarded-For", "::ffff:203.0.113.9", NULL, NULL, "203.0.113.9" },
	{ "10.0.0.1", "X-Forwarded-For", "\"203.0.113.9\"", NULL, NULL, "203.0.113.9" },
	/* What is no address is nobody we could name: the proxy before it is. */
	{ "10.0.0.1", "X-Forwarded-For", "unknown", NULL, NULL, "10.0.0.1" },
	{ "10.0.0.1", "X-Forwarded-For", "203.0.113.9, unknown", NULL, NULL, "10.0.0.1" },
	{ "10.0.0.1", "X-Forwarded-For", "8.8.8.8, _hidden, 10.0.0.2", NULL, NULL,
		"10.0.0.2" },
	{ "10.0.0.1", "X-Forwarded-For", "203.0.113.9.evil.example", NULL, NULL,
		"10.0.0.1" },
	{ "10.0.0.1", "X-Forwarded-For", "fe80::1%eth0", NULL, NULL, "10.0.0.1" },
	{ "10.0.0.1", "X-Forwarded-For", "[2001:db8::1", NULL, NULL, "10.0.0.1" },
	{ "10.0.0.1", "X-Forwarded-For",
		"1111:2222:3333:4444:5555:6666:7777:8888:9999:aaaa:bbbb", NULL, NULL,
		"10.0.0.1" },
	/* RFC 7239. */
	{ "10.0.0.1", "Forwarded", "for=203.0.113.9", NULL, NULL, "203.0.113.9" },
	{ "10.0.0.1", "Forwarded", "proto=https; For=\"[2001:db8:cafe::17]:4711\"", NULL,
		NULL, "2001:db8:cafe::17" },
	{ "10.0.0.1", "Forwarded", "for=8.8.8.8, for=203.0.113.9;by=10.0.0.2, for=10.0.0.2",
		NULL, NULL, "203.0.113.9" },
	{ "10.0.0.1", "Forwarded", "for=8.8.8.8;host=\"a,for=9.9.9.9\"", NULL, NULL,
		"8.8.8.8" },
	{ "10.0.0.1", "Forwarded", "for=8.8.8.8;host=\"a\\\",for=9.9.9.9\"", NULL, NULL,
		"8.8.8.8" },
	{ "10.0.0.1", "Forwarded", "for=203.0.113.9, proto=https", NULL, NULL, "10.0.0.1" },
	{ "10.0.0.1", "Forwarded", "for=_gazonk", NULL, NULL, "10.0.0.1" },
	{ "10.0.0.1", "Forwarded", "for=unknown", NULL, NULL, "10.0.0.1" },
	{ "10.0.0.1", "Forwarded", ",;,=,for", NULL, NULL, "10.0.0.1" },
	/* The one that proxies set counts where both are. */
	{ "10.0.0.1", "Forwarded", "for=8.8.8.8", "X-Forwarded-For", "203.0.113.9",
		"203.0.113.9" },
};

static struct trusted_proxies
trusted_new(void)
{
	struct trusted_proxies trusted;
	char why[160];

	assert_true(trusted_proxies_read(&trusted, TRUSTED, why, sizeof why));
	return trusted;
}

static void
the_client_is_the_last_that_is_no_proxy_of_ours(void **state)
{
	struct trusted_proxies trusted = trusted_new();

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		const struct http_header headers[] = {
			{ cases[i].name, cases[i].value },
			{ cases[i].name2, cases[i].value2 },
		};
		const struct http_request request = { .headers = headers,
			.header_count = (cases[i].name != NULL) + (cases[i].name2 != NULL),
			.peer_address = cases[i].peer };
		char client[FORWARDED_ADDRESS_SIZE] = "";
		bool trusts = forwarded_client(client, &request, &trusted);
		if (trusts != (cases[i].client != NULL) ||
			(trusts && strcmp(client, cases[i].client) != 0))
			fail_msg("%s: %s %s: \"%s\"", cases[i].peer, cases[i].name,
				cases[i].value, client);
	}
}

static void
of_an_endless_list_only_the_end_is_read(void **state)
{
	struct trusted_proxies trusted = trusted_new();
	char client[FORWARDED_ADDRESS_SIZE];
	struct text list;

	(void)state;
	text_init(&list);
	text_add(&list, "203.0.113.9");
	for (int i = 0; i < 5000; i++)
		text_addf(&list, ", 10.0.%d.%d", i / 250, i % 250);
	const struct http_header header = { "X-Forwarded-For", text_get(&list) };
	const struct http_request request = {
		.headers = &header, .header_count = 1, .peer_address = "127.0.0.1"
	};
	assert_true(forwarded_client(client, &request, &trusted));
	assert_string_equal(client, "10.0.19.218");
	text_fini(&list);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_client_is_the_last_that_is_no_proxy_of_ours),
		cmocka_unit_test(of_an_endless_list_only_the_end_is_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
