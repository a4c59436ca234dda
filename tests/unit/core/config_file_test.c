#include "core/config_file.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void
each_line_gives_its_name_and_value(void **state)
{
	static const struct {
		const char *line, *name, *value;
	} cases[] = {
		{ "A=b", "A", "b" },
		{ "  A_1 \t= b c  ", "A_1", "b c" },
		{ "A=", "A", "" },
		{ "A=b=c", "A", "b=c" },
		{ "A=b#c", "A", "b#c" },
		{ "A=b #c", "A", "b" },
		{ "A=#c", "A", "" },
		{ "A=\" b # c \"  # d", "A", " b # c " },
		{ "A='b\"c'", "A", "b\"c" },
		{ "A=''", "A", "" },
		{ "A=b\r", "A", "b" },
	};
	char why[96];

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct config_file file = { .rest = slice_of(cases[i].line) };
		assert_int_equal(
			config_file_next(&file, why, sizeof why), CONFIG_FILE_SETTING);
		assert_true(slice_equal_text(file.name, cases[i].name));
		assert_true(slice_equal_text(file.value, cases[i].value));
		assert_int_equal(file.line, 1);
		assert_int_equal(config_file_next(&file, why, sizeof why), CONFIG_FILE_END);
	}
}

static void
lines_that_say_nothing_are_passed_over_and_counted(void **state)
{
	struct config_file file = { .rest = slice_of("\n# A=b\n \t\n  #\nA=b\n\n") };
	char why[96];

	(void)state;
	assert_int_equal(config_file_next(&file, why, sizeof why), CONFIG_FILE_SETTING);
	assert_int_equal(file.line, 5);
	assert_int_equal(config_file_next(&file, why, sizeof why), CONFIG_FILE_END);
}

static void
a_line_that_is_no_setting_is_broken(void **state)
{
	static const struct slice cases[] = {
		SLICE("A"),
		SLICE("=b"),
		SLICE("1A=b"),
		SLICE("A B=c"),
		SLICE("A=\""),
		SLICE("A='b\""),
		SLICE("A=\"b\"c"),
		SLICE("A=b\0c"),
		SLICE("\0"),
	};
	char why[96];

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct config_file file = { .rest = cases[i] };
		assert_int_equal(
			config_file_next(&file, why, sizeof why), CONFIG_FILE_BROKEN);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_line_gives_its_name_and_value),
		cmocka_unit_test(lines_that_say_nothing_are_passed_over_and_counted),
		cmocka_unit_test(a_line_that_is_no_setting_is_broken),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
