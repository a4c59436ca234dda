#include "providers/seen_media.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "core/clock.h"

enum { HOUR = 3600 * 1000 };

static void
what_was_seen_last_is_remembered(void **state)
{
	struct seen_media *seen = seen_media_new();
	struct text json = { 0 };
	int64_t seen_ms = 0;

	(void)state;
	assert_false(seen_media_get(seen, "a", &json, &seen_ms));
	assert_int_equal(json.size, 0);
	assert_false(seen_media_put(seen, "a", 10, SLICE("one"), false));
	assert_false(seen_media_put(seen, "a", 20, SLICE("two"), false));
	assert_true(seen_media_get(seen, "a", &json, &seen_ms));
	assert_string_equal(text_get(&json), "two");
	assert_int_equal(seen_ms, 20);
	text_fini(&json);
	seen_media_free(seen);
}

static void
what_is_kept_is_renewed_once_a_day(void **state)
{
	struct seen_media *seen = seen_media_new();

	(void)state;
	clock_enable_test();
	assert_false(seen_media_put(seen, "a", 10, SLICE("one"), false));
	assert_true(seen_media_put(seen, "a", 10, SLICE("one"), true));
	assert_false(seen_media_put(seen, "a", 10, SLICE("one"), true));
	assert_true(seen_media_put(seen, "b", 10, SLICE("one"), true));
	clock_advance(23 * HOUR);
	assert_false(seen_media_put(seen, "a", 10, SLICE("one"), true));
	clock_advance(HOUR);
	assert_false(seen_media_put(seen, "a", 10, SLICE("one"), false));
	assert_true(seen_media_put(seen, "a", 10, SLICE("one"), true));
	seen_media_free(seen);
}

static void
it_is_bounded(void **state)
{
	struct seen_media *seen = seen_media_new();
	struct text json = { 0 };
	int64_t seen_ms;
	char id[16];

	(void)state;
	for (int i = 0; i < 10000; i++) {
		snprintf(id, sizeof id, "%d", i);
		assert_false(seen_media_put(seen, id, 10, SLICE("one"), false));
	}
	assert_false(seen_media_get(seen, "0", &json, &seen_ms));
	assert_true(seen_media_get(seen, "9999", &json, &seen_ms));
	text_fini(&json);
	seen_media_free(seen);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_was_seen_last_is_remembered),
		cmocka_unit_test(what_is_kept_is_renewed_once_a_day),
		cmocka_unit_test(it_is_bounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
