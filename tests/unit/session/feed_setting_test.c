#include "session/feed_setting.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#define GOOD "{\"name\":\"attic\",\"url\":\"https://attic:8920/jf/\",\"apiKey\":\"k1\"}"

static void
servers_are_read_with_their_keys(void **state)
{
	struct feed_named_list list;
	char why[256];

	(void)state;
	assert_true(feed_setting_parse(&list, NULL, why, sizeof why));
	assert_int_equal(list.count, 0);
	assert_true(feed_setting_parse(&list,
		"[" GOOD ",{\"name\":\"Garden.2\",\"url\":\"http://garden\","
		"\"apiKey\":\"k2\"}]",
		why, sizeof why));
	assert_int_equal(list.count, 2);
	assert_string_equal(list.servers[0].name, "attic");
	assert_string_equal(list.servers[0].base.authority, "attic:8920");
	assert_string_equal(list.servers[0].base.base, "/jf");
	assert_true(list.servers[0].base.tls);
	assert_string_equal(list.servers[1].api_key, "k2");
}

static void
what_is_wrong_is_said_without_the_key(void **state)
{
	static const struct {
		const char *value;
		const char *why;
	} cases[] = {
		{ "{}", "must be a JSON list" },
		{ "[", "must be a JSON list" },
		{ "[7]", "server 1 must be an object" },
		{ "[{\"name\":\"a\",\"url\":\"http://a\",\"key\":\"secret\"}]",
			"server 1 must be an object of name, url and apiKey" },
		{ "[" GOOD ",{\"url\":\"http://a\",\"apiKey\":\"secret\"}]",
			"server 2 needs a name" },
		{ "[{\"name\":\"a b\",\"url\":\"http://a\",\"apiKey\":\"secret\"}]",
			"server 1 needs a name" },
		{ "[" GOOD ",{\"name\":\"ATTIC\",\"url\":\"http://a\",\"apiKey\":"
		  "\"secret\"}]",
			"server 2 has the name of another" },
		{ "[{\"name\":\"a\",\"apiKey\":\"secret\"}]", "server 1 needs a url" },
		{ "[{\"name\":\"a\",\"url\":\"ftp://a\",\"apiKey\":\"secret\"}]",
			"server 1 has no usable url: it must begin with http" },
		{ "[{\"name\":\"a\",\"url\":\"http://a\",\"apiKey\":\"secret key\"}]",
			"server 1 needs an apiKey" },
	};
	struct feed_named_list list;
	char why[256];

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		assert_false(feed_setting_parse(&list, cases[i].value, why, sizeof why));
		if (strstr(why, cases[i].why) == NULL)
			fail_msg("%s: %s", cases[i].value, why);
		assert_null(strstr(why, "secret"));
	}
}

static void
servers_have_a_bound(void **state)
{
	struct text value = { 0 };
	char why[256];

	(void)state;
	text_add_char(&value, '[');
	for (int i = 0; i <= FEED_NAMED_MOST; i++)
		text_addf(&value,
			"%s{\"name\":\"s%d\",\"url\":\"http://a\",\"apiKey\":\"k\"}",
			i > 0 ? "," : "", i);
	text_add_char(&value, ']');
	assert_false(feed_setting_check_servers(text_get(&value), why, sizeof why));
	assert_non_null(strstr(why, "more than 15"));
	text_fini(&value);
	assert_true(feed_setting_check_servers("[" GOOD "]", why, sizeof why));
}

static void
a_key_has_no_blanks_and_quotes(void **state)
{
	char why[256];

	(void)state;
	assert_true(feed_setting_check_key("0123456789abcdef", why, sizeof why));
	assert_false(feed_setting_check_key("a b", why, sizeof why));
	assert_false(feed_setting_check_key("a\"b", why, sizeof why));
	assert_false(feed_setting_check_key("a\nb", why, sizeof why));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(servers_are_read_with_their_keys),
		cmocka_unit_test(what_is_wrong_is_said_without_the_key),
		cmocka_unit_test(servers_have_a_bound),
		cmocka_unit_test(a_key_has_no_blanks_and_quotes),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
