#include "core/resolve.h"

#include <netinet/in.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void
a_numeric_host_is_known_at_once(void **state)
{
	static const struct {
		const char *host;
		int family;
	} rows[] = { { "127.0.0.1", AF_INET }, { "::1", AF_INET6 } };

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct resolve *resolve = resolve_start(rows[i].host, 8096);
		struct sockaddr_storage address;
		char text[64];
		assert_true(resolve_address(resolve, 3, &address));
		assert_int_equal(address.ss_family, rows[i].family);
		assert_int_equal(ntohs(((struct sockaddr_in *)&address)->sin_port), 8096);
		assert_true(resolve_text(resolve, 0, text, sizeof text));
		assert_string_equal(text, rows[i].host);
		resolve_doubt(resolve);
		resolve_stop(resolve);
	}
}

static void
a_name_becomes_known_after_a_while(void **state)
{
	struct resolve *resolve = resolve_start("localhost", 80);
	struct sockaddr_storage address;
	bool known = false;

	(void)state;
	for (int i = 0; i < 2000 && !known; i++) {
		known = resolve_address(resolve, 0, &address);
		if (!known)
			poll(NULL, 0, 5);
	}
	assert_true(known);
	resolve_stop(resolve);
}

static void
a_name_that_does_not_exist_stays_unknown(void **state)
{
	struct resolve *resolve = resolve_start("no such host", 80);
	struct sockaddr_storage address;

	(void)state;
	assert_false(resolve_address(resolve, 0, &address));
	resolve_doubt(resolve);
	resolve_stop(resolve);
	resolve_stop(NULL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_numeric_host_is_known_at_once),
		cmocka_unit_test(a_name_becomes_known_after_a_while),
		cmocka_unit_test(a_name_that_does_not_exist_stays_unknown),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
