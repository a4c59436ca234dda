#include "proxy/intercept_system.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static const struct {
	const char *body;
	const char *public_url;
	const char *expected;
} rows[] = {
	{ "{\"LocalAddress\":\"http://10.0.0.2:8096\",\"Id\":\"\\u0041\",\"N\":1.50}",
		"https://m.example",
		"{\"LocalAddress\":\"https://m.example\",\"Id\":\"\\u0041\",\"N\":1.50}" },
	{ "{ \"a\" : 1 , \"localAddress\" : null }", "http://m/jf/",
		"{ \"a\" : 1 , \"localAddress\" : \"http://m/jf\" }" },
	/* Not ours to add, and not below the top. */
	{ "{\"a\":{\"LocalAddress\":\"x\"}}", "http://m",
		"{\"a\":{\"LocalAddress\":\"x\"}}" },
	{ "{\"Id\":\"LocalAddress\"}", "http://m", "{\"Id\":\"LocalAddress\"}" },
	{ "{}", "http://m", "{}" },
	/* No JSON object. */
	{ "", "http://m", "" },
	{ "Error", "http://m", "Error" },
	{ "{\"LocalAddress\":\"x\"", "http://m", "{\"LocalAddress\":\"x\"" },
	{ "[\"LocalAddress\",\"x\"]", "http://m", "[\"LocalAddress\",\"x\"]" },
};

static void
the_address_alone_is_replaced(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct text text;
		text_init(&text);
		intercept_system_write(&text, slice_of(rows[i].body), rows[i].public_url);
		assert_string_equal(text_get(&text), rows[i].expected);
		text_fini(&text);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_address_alone_is_replaced),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
