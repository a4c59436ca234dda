#include "providers/user_window.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

static void
each_user_has_a_window_of_their_own(void **state)
{
	struct user_window *window = user_window_new(3, 60000);

	(void)state;
	for (int64_t i = 0; i < 3; i++)
		assert_true(user_window_take(window, "ada", 1000 + i));
	assert_false(user_window_take(window, "ada", 2000));
	assert_true(user_window_take(window, "bob", 2000));
	/* It rolls. */
	assert_false(user_window_take(window, "ada", 60999));
	assert_true(user_window_take(window, "ada", 61000));
	assert_false(user_window_take(window, "ada", 61000));
	assert_true(user_window_take(window, "ada", 61001));
	user_window_free(window);
	user_window_free(NULL);
}

static void
without_a_limit_everything_is_allowed(void **state)
{
	struct user_window *window = user_window_new(0, 60000);

	(void)state;
	for (int i = 0; i < 5000; i++)
		assert_true(user_window_take(window, "ada", 1000));
	user_window_free(window);
}

static void
those_not_seen_for_long_are_forgotten(void **state)
{
	struct user_window *window = user_window_new(1, 60000);
	char name[16];

	(void)state;
	assert_true(user_window_take(window, "ada", 1000));
	assert_false(user_window_take(window, "ada", 1000));
	for (int i = 0; i < 1024; i++) {
		snprintf(name, sizeof name, "%d", i);
		assert_true(user_window_take(window, name, 1000));
	}
	assert_true(user_window_take(window, "ada", 1000));
	user_window_free(window);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_user_has_a_window_of_their_own),
		cmocka_unit_test(without_a_limit_everything_is_allowed),
		cmocka_unit_test(those_not_seen_for_long_are_forgotten),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
