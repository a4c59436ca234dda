#include "proxy/trusted_proxies.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "core/text.h"

static const struct {
	const char *list, *address;
	bool trusted;
} cases[] = {
	{ NULL, "127.0.0.1", false },
	{ "", "127.0.0.1", false },
	{ "192.168.1.5", "192.168.1.5", true },
	{ "192.168.1.5", "192.168.1.6", false },
	{ "192.168.1.5", "::ffff:192.168.1.5", true },
	{ "::ffff:192.168.1.5", "192.168.1.5", true },
	{ "10.0.0.0/8", "10.255.1.2", true },
	{ "10.0.0.0/8", "11.0.0.1", false },
	{ "10.0.0.0/8", "a00::1", false },
	{ "172.16.0.0/12", "172.31.255.255", true },
	{ "172.16.0.0/12", "172.32.0.0", false },
	{ "0.0.0.0/0", "8.8.8.8", true },
	{ "0.0.0.0/0", "2001:db8::1", false },
	{ "::/0", "2001:db8::1", true },
	{ "fd00::/8", "fdab::1", true },
	{ "fd00::/8", "fe80::1", false },
	{ "2001:db8::1/127", "2001:db8::", true },
	{ "2001:db8::1/127", "2001:db8::2", false },
	{ "2001:db8::1", "2001:db8::1", true },
	{ " 10.1.1.1 ,, 10.2.2.2/32,", "10.2.2.2", true },
	{ "10.1.1.1", "no address", false },
};

static void
peers_are_trusted_by_address_and_network(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct trusted_proxies proxies;
		char why[160];
		assert_true(trusted_proxies_read(&proxies, cases[i].list, why, sizeof why));
		if (trusted_proxies_have(&proxies, cases[i].address) != cases[i].trusted)
			fail_msg("%s in %s", cases[i].address, cases[i].list);
	}
}

static void
this_host_and_trusted_proxies_may_hold_any_number_of_connections(void **state)
{
	struct trusted_proxies proxies;
	char why[160];

	(void)state;
	assert_true(trusted_proxies_read(&proxies, "10.0.0.0/8", why, sizeof why));
	assert_true(trusted_proxies_are_unlimited(&proxies, "127.0.0.1"));
	assert_true(trusted_proxies_are_unlimited(&proxies, "127.8.9.10"));
	assert_true(trusted_proxies_are_unlimited(&proxies, "::1"));
	assert_true(trusted_proxies_are_unlimited(&proxies, "10.1.2.3"));
	assert_false(trusted_proxies_are_unlimited(&proxies, "128.0.0.1"));
	assert_false(trusted_proxies_are_unlimited(&proxies, "::2"));
}

static void
what_is_no_network_is_refused_by_name(void **state)
{
	static const char *const lists[] = { "proxy", "10.0.0.0/33", "10.0.0.0/",
		"10.0.0/8", "::/129", "10.0.0.0/-1", "10.0.0.1;10.0.0.2",
		"10.0.0.1 10.0.0.2",
		"1111:2222:3333:4444:5555:6666:7777:8888:9999:aaaa:bbbb" };

	(void)state;
	for (size_t i = 0; i < COUNT_OF(lists); i++) {
		struct trusted_proxies proxies;
		char why[160] = "";
		if (trusted_proxies_read(&proxies, lists[i], why, sizeof why))
			fail_msg("%s was accepted", lists[i]);
		assert_non_null(strstr(why, "this is none: "));
	}
}

static void
there_is_an_end_to_the_list(void **state)
{
	struct trusted_proxies proxies;
	struct text list;
	char why[160];

	(void)state;
	text_init(&list);
	for (int i = 0; i < TRUSTED_PROXIES_MAX; i++)
		text_addf(&list, "10.0.0.%d,", i);
	assert_true(trusted_proxies_read(&proxies, text_get(&list), why, sizeof why));
	assert_true(trusted_proxies_have(&proxies, "10.0.0.63"));
	text_add(&list, "10.0.0.200");
	assert_false(trusted_proxies_read(&proxies, text_get(&list), why, sizeof why));
	assert_string_equal(why, "lists more than 64 networks");
	text_fini(&list);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(peers_are_trusted_by_address_and_network),
		cmocka_unit_test(
			this_host_and_trusted_proxies_may_hold_any_number_of_connections),
		cmocka_unit_test(what_is_no_network_is_refused_by_name),
		cmocka_unit_test(there_is_an_end_to_the_list),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
