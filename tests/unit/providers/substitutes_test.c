#include "providers/substitutes.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "core/clock.h"

static const struct track_listener alice = { "0123456789abcdef0123456789abcdef", "alice" };
static const struct track_listener bob = { "fedcba9876543210fedcba9876543210", "bob" };

static const struct external_id song = { PROVIDER_DEEZER, MEDIA_SONG, "3" };
static const struct external_id other = { PROVIDER_QOBUZ, MEDIA_SONG, "3" };

static bool
gets_the_other(struct substitutes *substitutes, const struct track_listener *listener)
{
	struct external_id played = song;

	substitutes_get(substitutes, listener, &played);
	assert_true(
		external_id_equal(&played, &song) || external_id_equal(&played, &other));
	return external_id_equal(&played, &other);
}

static void
who_was_given_a_substitute_gets_it_until_an_hour_of_silence(void **state)
{
	struct substitutes *substitutes = substitutes_new();

	(void)state;
	clock_enable_test();
	assert_false(gets_the_other(substitutes, &alice));
	substitutes_put(substitutes, &alice, &song, &other);
	for (int i = 0; i < 3; i++) {
		assert_true(gets_the_other(substitutes, &alice));
		clock_advance(3599 * 1000);
	}
	assert_false(gets_the_other(substitutes, &bob));
	clock_advance(2000);
	assert_false(gets_the_other(substitutes, &alice));
	substitutes_free(substitutes);
	substitutes_free(NULL);
}

static void
a_substitute_that_fails_is_forgotten(void **state)
{
	struct substitutes *substitutes = substitutes_new();
	struct external_id played = other;

	(void)state;
	substitutes_put(substitutes, &alice, &song, &other);
	substitutes_put(substitutes, &bob, &song, &other);
	substitutes_forget(substitutes, &alice, &song);
	assert_false(gets_the_other(substitutes, &alice));
	assert_true(gets_the_other(substitutes, &bob));
	/* It has none itself. */
	substitutes_get(substitutes, &bob, &played);
	assert_true(external_id_equal(&played, &other));
	substitutes_free(substitutes);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			who_was_given_a_substitute_gets_it_until_an_hour_of_silence),
		cmocka_unit_test(a_substitute_that_fails_is_forgotten),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
