#include "core/address_count.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "core/mem.h"

union address {
	struct sockaddr any;
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;
};

static union address
address_of(const char *text)
{
	union address address = { 0 };

	if (inet_pton(AF_INET, text, &address.v4.sin_addr) == 1) {
		address.any.sa_family = AF_INET;
		return address;
	}
	address.v6.sin6_family = AF_INET6;
	assert_int_equal(inet_pton(AF_INET6, text, &address.v6.sin6_addr), 1);
	return address;
}

static struct address_count *
enter(struct address_counts *counts, const char *text)
{
	const union address address = address_of(text);

	return address_counts_enter(counts, &address.any);
}

static void
addresses_are_counted_apart(void **state)
{
	struct address_counts *counts = address_counts_new();

	(void)state;
	struct address_count *one = enter(counts, "192.0.2.1");
	struct address_count *two = enter(counts, "192.0.2.2");
	assert_ptr_not_equal(one, two);
	assert_ptr_equal(enter(counts, "192.0.2.1"), one);
	assert_int_equal(address_count_of(one), 2);
	assert_int_equal(address_count_of(two), 1);
	address_counts_leave(counts, one);
	assert_int_equal(address_count_of(one), 1);
	address_counts_leave(counts, one);
	address_counts_leave(counts, two);
	one = enter(counts, "192.0.2.1");
	assert_int_equal(address_count_of(one), 1);
	address_counts_leave(counts, one);
	address_counts_free(counts);
}

static void
an_ipv6_network_counts_as_one(void **state)
{
	struct address_counts *counts = address_counts_new();

	(void)state;
	struct address_count *one = enter(counts, "2001:db8:0:1::1");
	assert_ptr_equal(enter(counts, "2001:db8:0:1:ffff::2"), one);
	struct address_count *two = enter(counts, "2001:db8:0:2::1");
	assert_ptr_not_equal(two, one);
	for (int i = 0; i < 2; i++)
		address_counts_leave(counts, one);
	address_counts_leave(counts, two);
	address_counts_free(counts);
}

static void
an_ipv4_client_is_the_same_on_both_listeners(void **state)
{
	struct address_counts *counts = address_counts_new();

	(void)state;
	struct address_count *one = enter(counts, "192.0.2.1");
	assert_ptr_equal(enter(counts, "::ffff:192.0.2.1"), one);
	struct address_count *two = enter(counts, "::ffff:192.0.2.2");
	assert_ptr_not_equal(two, one);
	for (int i = 0; i < 2; i++)
		address_counts_leave(counts, one);
	address_counts_leave(counts, two);
	address_counts_free(counts);
}

static void
many_addresses_keep_their_counts(void **state)
{
	enum { MANY = 5000 };
	struct address_counts *counts = address_counts_new();
	struct address_count **entries = xcalloc(MANY, sizeof(struct address_count *));
	union address address = address_of("10.0.0.0");

	(void)state;
	for (int round = 1; round <= 2; round++) {
		for (uint32_t i = 0; i < MANY; i++) {
			address.v4.sin_addr.s_addr = htonl(0x0a000000 + i);
			entries[i] = address_counts_enter(counts, &address.any);
			assert_int_equal(address_count_of(entries[i]), round);
		}
	}
	for (int i = 0; i < MANY; i++) {
		address_counts_leave(counts, entries[i]);
		address_counts_leave(counts, entries[i]);
	}
	address_counts_free(counts);
	xfree(entries);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(addresses_are_counted_apart),
		cmocka_unit_test(an_ipv6_network_counts_as_one),
		cmocka_unit_test(an_ipv4_client_is_the_same_on_both_listeners),
		cmocka_unit_test(many_addresses_keep_their_counts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
