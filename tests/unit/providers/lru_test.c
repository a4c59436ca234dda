#include "providers/lru.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

#include "core/mem.h"

static void
put(struct lru *lru, const char *key, const char *value, size_t cost, int64_t expires_ms)
{
	lru_put(lru, key, xstrdup(value), cost, expires_ms);
}

static void
what_was_put_is_found_until_it_expires(void **state)
{
	struct lru *lru = lru_new(4, 100, xfree);

	(void)state;
	put(lru, "a", "1", 1, 1000);
	assert_string_equal(lru_get(lru, "a", 999), "1");
	assert_null(lru_get(lru, "b", 999));
	assert_null(lru_get(lru, "a", 1000));
	assert_int_equal(lru_count(lru), 0);
	lru_free(lru);
	lru_free(NULL);
}

static void
a_new_value_replaces_the_old(void **state)
{
	struct lru *lru = lru_new(4, 100, xfree);

	(void)state;
	put(lru, "a", "1", 30, 1000);
	put(lru, "a", "2", 5, 2000);
	assert_string_equal(lru_get(lru, "a", 1500), "2");
	assert_int_equal(lru_count(lru), 1);
	assert_int_equal(lru_cost(lru), 5);
	lru_free(lru);
}

static void
the_one_unused_longest_goes_first(void **state)
{
	struct lru *lru = lru_new(3, 100, xfree);

	(void)state;
	put(lru, "a", "1", 1, 1000);
	put(lru, "b", "2", 1, 1000);
	put(lru, "c", "3", 1, 1000);
	assert_non_null(lru_get(lru, "a", 0));
	put(lru, "d", "4", 1, 1000);
	assert_null(lru_get(lru, "b", 0));
	assert_non_null(lru_get(lru, "a", 0));
	assert_non_null(lru_get(lru, "c", 0));
	assert_non_null(lru_get(lru, "d", 0));
	lru_free(lru);
}

static void
costs_are_bounded_too(void **state)
{
	struct lru *lru = lru_new(100, 10, xfree);

	(void)state;
	put(lru, "a", "1", 4, 1000);
	put(lru, "b", "2", 4, 1000);
	put(lru, "c", "3", 4, 1000);
	assert_null(lru_get(lru, "a", 0));
	assert_int_equal(lru_cost(lru), 8);
	put(lru, "whale", "4", 11, 1000);
	assert_int_equal(lru_count(lru), 0);
	assert_int_equal(lru_cost(lru), 0);
	lru_free(lru);
}

static void
many_keys_live_together(void **state)
{
	enum { KEYS = 3000, ROOM = 1000 };
	struct lru *lru = lru_new(ROOM, KEYS, xfree);
	char key[20];

	(void)state;
	for (int i = 0; i < KEYS; i++) {
		snprintf(key, sizeof key, "key %d", i);
		put(lru, key, key, 1, 1000);
	}
	assert_int_equal(lru_count(lru), ROOM);
	for (int i = 0; i < KEYS; i++) {
		snprintf(key, sizeof key, "key %d", i);
		const char *value = lru_get(lru, key, 0);
		if (i < KEYS - ROOM)
			assert_null(value);
		else
			assert_string_equal(value, key);
	}
	lru_free(lru);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_was_put_is_found_until_it_expires),
		cmocka_unit_test(a_new_value_replaces_the_old),
		cmocka_unit_test(the_one_unused_longest_goes_first),
		cmocka_unit_test(costs_are_bounded_too),
		cmocka_unit_test(many_keys_live_together),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
