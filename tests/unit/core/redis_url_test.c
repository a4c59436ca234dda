#include "core/redis_url.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static void
urls_are_taken_apart(void **state)
{
	static const struct {
		const char *text, *host;
		int port;
		const char *user, *password;
		int database;
	} rows[] = {
		{ "redis://r", "r", 6379, "", "", 0 },
		{ "redis://r/", "r", 6379, "", "", 0 },
		{ "REDIS://r:1/3", "r", 1, "", "", 3 },
		{ "redis://:p%40ss@r", "r", 6379, "", "p@ss", 0 },
		{ "redis://pw@r", "r", 6379, "", "pw", 0 },
		{ "redis://u:p:q@r:7/15", "r", 7, "u", "p:q", 15 },
		{ "redis://u:p@q@[::1]:7", "::1", 7, "u", "p@q", 0 },
		{ "redis://[fd00::2]/1", "fd00::2", 6379, "", "", 1 },
	};
	struct redis_url url;
	char why[200];

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		if (!redis_url_parse(&url, rows[i].text, why, sizeof why))
			fail_msg("%s %s", rows[i].text, why);
		assert_string_equal(url.host, rows[i].host);
		assert_int_equal(url.port, rows[i].port);
		assert_string_equal(url.user, rows[i].user);
		assert_string_equal(url.password, rows[i].password);
		assert_int_equal(url.database, rows[i].database);
	}
}

static void
what_cannot_be_used_is_refused_in_a_sentence_without_the_password(void **state)
{
	static const char *const rows[] = { "", "r:6379", "http://:secret@r",
		"rediss://:secret@r", "unix:///secret", "redis://", "redis://:secret@",
		"redis://:secret@r:0", "redis://:secret@r:70000", "redis://:secret@r:x",
		"redis://:secret@r/x", "redis://:secret@r/99999", "redis://:secret@[::1",
		"redis://:secret@[::1]x:1" };
	struct redis_url url;

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		char why[200] = "";
		if (redis_url_parse(&url, rows[i], why, sizeof why))
			fail_msg("taken: %s", rows[i]);
		assert_true(strlen(why) > 10);
		assert_null(strstr(why, "secret"));
	}
	char why[200];
	assert_false(redis_url_parse(&url, "rediss://r", why, sizeof why));
	assert_non_null(strstr(why, "TLS (rediss://)"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(urls_are_taken_apart),
		cmocka_unit_test(
			what_cannot_be_used_is_refused_in_a_sentence_without_the_password),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
