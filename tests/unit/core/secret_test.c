#include "core/secret.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static void
equal_texts_are_equal_and_no_others(void **state)
{
	(void)state;
	assert_true(secret_equal("abc", "abc"));
	assert_true(secret_equal("", ""));
	assert_false(secret_equal("abc", "abd"));
	assert_false(secret_equal("ab", "abab"));
	assert_false(secret_equal("abab", "ab"));
	assert_false(secret_equal("", "a"));
	assert_false(secret_equal("a", ""));
}

static char *
read_content(const char *content, size_t size, char *why, size_t why_size)
{
	char path[] = "/tmp/secret_test_XXXXXX";
	int fd = mkstemp(path);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, content, size), size);
	close(fd);
	char *secret = secret_read_file(path, why, why_size);
	assert_true(secret != NULL || strstr(why, path) != NULL);
	unlink(path);
	return secret;
}

static void
one_line_end_is_dropped_and_nothing_else(void **state)
{
	static const char *const cases[][2] = {
		{ "abc", "abc" },
		{ "abc\n", "abc" },
		{ "abc\r\n", "abc" },
		{ " abc \n\n", " abc \n" },
	};
	char why[256];

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		char *secret =
			read_content(cases[i][0], strlen(cases[i][0]), why, sizeof why);
		assert_string_equal(secret, cases[i][1]);
		xfree(secret);
	}
}

static void
what_cannot_be_a_secret_is_refused_with_the_name_of_the_file(void **state)
{
	char why[256];
	char *large = xcalloc(1, 70000);

	(void)state;
	memset(large, 'a', 70000);
	assert_null(read_content("", 0, why, sizeof why));
	assert_non_null(strstr(why, "is empty"));
	assert_null(read_content("\n", 1, why, sizeof why));
	assert_null(read_content("a\0b", 3, why, sizeof why));
	assert_non_null(strstr(why, "is not a text file"));
	assert_null(read_content(large, 70000, why, sizeof why));
	assert_non_null(strstr(why, "is larger than 64 KB"));
	assert_null(secret_read_file("/none/there", why, sizeof why));
	assert_string_equal(why, "/none/there cannot be read: No such file or directory");
	xfree(large);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(equal_texts_are_equal_and_no_others),
		cmocka_unit_test(one_line_end_is_dropped_and_nothing_else),
		cmocka_unit_test(
			what_cannot_be_a_secret_is_refused_with_the_name_of_the_file),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
