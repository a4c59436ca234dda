#include "core/resolve.h"

#include <dlfcn.h>
#include <netdb.h>
#include <netinet/in.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "core/clock.h"

/* "moody.test" is at 127.0.0.`mood`, at .1 and .2 while that is 9, at .2 and .1 while it is
 * 8, does not exist while it is 0, and hangs while it is below. */
static atomic_int mood, look_ups, hanging;

int
getaddrinfo(const char *node, const char *service, const struct addrinfo *hints,
	struct addrinfo **found)
{
	int (*real)(
		const char *, const char *, const struct addrinfo *, struct addrinfo **);
	char numeric[] = "127.0.0.0";

	*(void **)&real = dlsym(RTLD_NEXT, "getaddrinfo");
	if (strcmp(node, "moody.test") != 0 || (hints->ai_flags & AI_NUMERICHOST) != 0)
		return real(node, service, hints, found);
	atomic_fetch_add(&look_ups, 1);
	atomic_fetch_add(&hanging, 1);
	while (atomic_load(&mood) < 0)
		poll(NULL, 0, 1);
	atomic_fetch_sub(&hanging, 1);
	if (atomic_load(&mood) == 0)
		return EAI_AGAIN;
	bool forwards = atomic_load(&mood) == 9;
	if (forwards || atomic_load(&mood) == 8)
		return real(forwards ? "127.0.0.1" : "127.0.0.2", service, hints, found) !=
			       0 ||
		       real(forwards ? "127.0.0.2" : "127.0.0.1", service, hints,
			       &(*found)->ai_next) != 0;
	numeric[8] = (char)('0' + atomic_load(&mood));
	return real(numeric, service, hints, found);
}

static void
wait_for(atomic_int *number, int wanted)
{
	for (int i = 0; i < 5000 && atomic_load(number) < wanted; i++)
		poll(NULL, 0, 1);
	assert_true(atomic_load(number) >= wanted);
}

static void
assert_address(struct resolve *resolve, const char *expected)
{
	char text[64] = "";

	for (int i = 0; i < 5000 && strcmp(text, expected) != 0; i++) {
		if (!resolve_text(resolve, text, sizeof text))
			text[0] = '\0';
		poll(NULL, 0, 1);
	}
	assert_string_equal(text, expected);
}

static void
a_doubt_brings_a_new_look_and_a_failure_keeps_the_last_answer(void **state)
{
	struct sockaddr_storage address = { .ss_family = AF_INET };
	struct resolve *resolve;

	(void)state;
	atomic_store(&look_ups, 0);
	atomic_store(&mood, 1);
	resolve = resolve_start("moody.test", 80);
	assert_address(resolve, "127.0.0.1");
	atomic_store(&mood, 0);
	for (int i = 0; i < 100; i++)
		resolve_doubt(resolve, &address);
	wait_for(&look_ups, 2);
	assert_address(resolve, "127.0.0.1");
	atomic_store(&mood, 2);
	resolve_doubt(resolve, &address);
	assert_address(resolve, "127.0.0.2");
	assert_int_equal(atomic_load(&look_ups), 3);
	resolve_stop(resolve);
}

static void
a_failed_address_gives_way_to_the_next_once(void **state)
{
	struct sockaddr_storage first, second;
	struct resolve *resolve;

	(void)state;
	atomic_store(&mood, 9);
	resolve = resolve_start("moody.test", 80);
	assert_address(resolve, "127.0.0.1");
	assert_true(resolve_address(resolve, &first));
	assert_true(resolve_doubt(resolve, &first));
	assert_address(resolve, "127.0.0.2");
	/* Others that had tried the first one too change nothing. */
	assert_true(resolve_doubt(resolve, &first));
	assert_address(resolve, "127.0.0.2");
	assert_true(resolve_address(resolve, &second));
	assert_true(resolve_doubt(resolve, &second));
	assert_address(resolve, "127.0.0.1");
	resolve_stop(resolve);
}

static void
a_preferred_address_stays_it_in_whatever_order(void **state)
{
	struct sockaddr_storage first, second;
	struct resolve *resolve;

	(void)state;
	atomic_store(&look_ups, 0);
	atomic_store(&mood, 9);
	resolve = resolve_start("moody.test", 80);
	assert_address(resolve, "127.0.0.1");
	unsigned changes = resolve_changes(resolve);
	assert_true(resolve_address(resolve, &first));
	assert_true(resolve_doubt(resolve, &first));
	assert_true(resolve_address(resolve, &second));
	atomic_store(&mood, 8);
	wait_for(&look_ups, 2);
	atomic_store(&mood, 9);
	assert_true(resolve_doubt(resolve, &first));
	wait_for(&look_ups, 3);
	assert_address(resolve, "127.0.0.2");
	assert_int_equal(resolve_changes(resolve), changes);
	assert_true(resolve_knows(resolve, &first));
	assert_true(resolve_knows(resolve, &second));
	resolve_stop(resolve);
}

static void
a_move_is_counted_and_the_old_address_forgotten(void **state)
{
	struct sockaddr_storage old;
	struct resolve *resolve;

	(void)state;
	atomic_store(&mood, 1);
	resolve = resolve_start("moody.test", 80);
	assert_address(resolve, "127.0.0.1");
	unsigned changes = resolve_changes(resolve);
	assert_true(resolve_address(resolve, &old));
	atomic_store(&mood, 2);
	clock_advance(30 * 1000);
	assert_address(resolve, "127.0.0.2");
	assert_int_equal(resolve_changes(resolve), changes + 1);
	assert_false(resolve_knows(resolve, &old));
	resolve_stop(resolve);
}

static void
a_name_that_was_never_found_is_looked_up_again_soon(void **state)
{
	struct resolve *resolve;

	(void)state;
	atomic_store(&look_ups, 0);
	atomic_store(&mood, 0);
	resolve = resolve_start("moody.test", 80);
	wait_for(&look_ups, 1);
	atomic_store(&mood, 1);
	assert_address(resolve, "127.0.0.1");
	resolve_stop(resolve);
}

static void
a_look_up_that_hangs_does_not_hang_the_stop(void **state)
{
	struct resolve *resolve;

	(void)state;
	atomic_store(&mood, -1);
	resolve = resolve_start("moody.test", 80);
	wait_for(&hanging, 1);
	resolve_stop(resolve);
	assert_int_equal(atomic_load(&hanging), 1);
	atomic_store(&mood, 1);
	while (atomic_load(&hanging) > 0)
		poll(NULL, 0, 1);
	poll(NULL, 0, 50); /* for LeakSanitizer: the thread frees what is left */
}

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
		assert_true(resolve_address(resolve, &address));
		assert_int_equal(address.ss_family, rows[i].family);
		assert_int_equal(ntohs(((struct sockaddr_in *)&address)->sin_port), 8096);
		assert_true(resolve_text(resolve, text, sizeof text));
		assert_string_equal(text, rows[i].host);
		resolve_doubt(resolve, &address);
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
		known = resolve_address(resolve, &address);
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
	assert_false(resolve_address(resolve, &address));
	resolve_doubt(resolve, &address);
	resolve_stop(resolve);
	resolve_stop(NULL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_numeric_host_is_known_at_once),
		cmocka_unit_test(a_name_becomes_known_after_a_while),
		cmocka_unit_test(
			a_doubt_brings_a_new_look_and_a_failure_keeps_the_last_answer),
		cmocka_unit_test(a_failed_address_gives_way_to_the_next_once),
		cmocka_unit_test(a_preferred_address_stays_it_in_whatever_order),
		cmocka_unit_test(a_move_is_counted_and_the_old_address_forgotten),
		cmocka_unit_test(a_name_that_was_never_found_is_looked_up_again_soon),
		cmocka_unit_test(a_look_up_that_hangs_does_not_hang_the_stop),
		cmocka_unit_test(a_name_that_does_not_exist_stays_unknown),
	};
	clock_enable_test();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
