#include "core/url.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static void
everything_but_unreserved_characters_is_encoded(void **state)
{
	struct text text;

	(void)state;
	text_init(&text);
	url_encode(&text, SLICE("aZ09-._~ /?#&=+%\"\xc3\xa4\0"));
	assert_string_equal(
		text_get(&text), "aZ09-._~%20%2F%3F%23%26%3D%2B%25%22%C3%A4%00");
	text_fini(&text);
}

static void
what_is_encoded_is_decoded_and_broken_escapes_stay(void **state)
{
	static const struct {
		const char *text, *plain, *query;
	} cases[] = {
		{ "abc", "abc", "abc" },
		{ "a+b", "a+b", "a b" },
		{ "%41%7a", "Az", "Az" },
		{ "%2B", "+", "+" },
		{ "%", "%", "%" },
		{ "%4", "%4", "%4" },
		{ "%4g%41", "%4gA", "%4gA" },
		{ "%%41", "%A", "%A" },
		{ "%2541", "%41", "%41" },
		{ "%00", "%00", "%00" },
		{ "%c3%a4", "\xc3\xa4", "\xc3\xa4" },
		{ "", "", "" },
	};
	struct arena *arena = arena_new();

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct slice text = slice_of(cases[i].text);
		assert_string_equal(url_decode(arena, text, false), cases[i].plain);
		assert_string_equal(url_decode(arena, text, true), cases[i].query);
	}
	arena_free(arena);
}

static void
a_query_is_read_by_name_without_case(void **state)
{
	struct arena *arena = arena_new();
	struct query query = query_parse(arena,
		SLICE("&userId=u%201&&Limit=20&flag&limit=30&No=&b=True&c=1&=x&d=a=b&"));

	(void)state;
	assert_string_equal(query_get(&query, "USERID"), "u 1");
	assert_string_equal(query_get(&query, "flag"), "");
	assert_string_equal(query_get(&query, "no"), "");
	assert_string_equal(query_get(&query, ""), "x");
	assert_string_equal(query_get(&query, "d"), "a=b");
	assert_null(query_get(&query, "none"));
	assert_int_equal(query_int(&query, "limit", 5), 20);
	assert_int_equal(query_int(&query, "flag", 5), 5);
	assert_int_equal(query_int(&query, "none", 5), 5);
	assert_true(query_bool(&query, "B", false));
	assert_false(query_bool(&query, "c", true));
	assert_true(query_bool(&query, "none", true));
	struct query empty = query_parse(arena, (struct slice){ NULL, 0 });
	assert_null(query_get(&empty, "a"));
	arena_free(arena);
}

static void
a_list_is_given_repeated_or_joined(void **state)
{
	static const struct {
		const char *query, *list[5];
	} cases[] = {
		{ "ids=a,b&Ids=c", { "a", "b", "c" } },
		{ "ids=%2Ca%2C%20b%20,,", { "a", "b" } },
		{ "ids=", { NULL } },
		{ "x=1", { NULL } },
		{ "", { NULL } },
	};
	struct arena *arena = arena_new();

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct query query = query_parse(arena, slice_of(cases[i].query));
		size_t count, expected = 0;
		const char **list = query_list(arena, &query, "ids", &count);
		while (cases[i].list[expected] != NULL) {
			assert_string_equal(list[expected], cases[i].list[expected]);
			expected++;
		}
		assert_int_equal(count, expected);
		assert_null(list[count]);
	}
	arena_free(arena);
}

static void
too_many_items_are_left_out(void **state)
{
	struct arena *arena = arena_new();
	struct text text;
	size_t count;

	(void)state;
	text_init(&text);
	for (int i = 0; i < 5000; i++)
		text_addf(&text, "%sn%d=a,b,c,d,e,f", i > 0 ? "&" : "", i % 2);
	struct query query = query_parse(arena, (struct slice){ text.data, text.size });
	assert_int_equal(query.count, 512);
	assert_non_null(query_list(arena, &query, "n0", &count));
	assert_int_equal(count, 256 * 6);
	text_clear(&text);
	text_add(&text, "ids=");
	for (int i = 0; i < 5000; i++)
		text_add(&text, "a,");
	query = query_parse(arena, (struct slice){ text.data, text.size });
	assert_non_null(query_list(arena, &query, "ids", &count));
	assert_int_equal(count, 2047);
	text_fini(&text);
	arena_free(arena);
}

static void
a_query_is_written_encoded(void **state)
{
	struct text text;

	(void)state;
	text_init(&text);
	text_add(&text, "/Items?");
	query_add(&text, "a b", "c&d");
	query_add(&text, "e", "");
	assert_string_equal(text_get(&text), "/Items?a%20b=c%26d&e=");
	text_clear(&text);
	query_add(&text, "a", "1");
	query_add(&text, "b", "2");
	assert_string_equal(text_get(&text), "a=1&b=2");
	text_fini(&text);
}

static void
a_base_url_is_taken_apart(void **state)
{
	static const struct {
		const char *text, *host;
		uint16_t port;
		bool tls;
		const char *base, *authority;
	} cases[] = {
		{ "http://jelly", "jelly", 80, false, "", "jelly" },
		{ "http://jelly/", "jelly", 80, false, "", "jelly" },
		{ "HTTPS://jelly:443/jf//", "jelly", 443, true, "/jf", "jelly" },
		{ "https://jelly:80/a/b", "jelly", 80, true, "/a/b", "jelly:80" },
		{ "http://10.0.0.1:8096", "10.0.0.1", 8096, false, "", "10.0.0.1:8096" },
		{ "http://[::1]:8096/x", "::1", 8096, false, "/x", "[::1]:8096" },
		{ "http://[fe80::1]", "fe80::1", 80, false, "", "[fe80::1]" },
	};
	char why[128];

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct base_url url;
		assert_true(base_url_parse(&url, cases[i].text, why, sizeof why));
		assert_string_equal(url.host, cases[i].host);
		assert_int_equal(url.port, cases[i].port);
		assert_int_equal(url.tls, cases[i].tls);
		assert_string_equal(url.base, cases[i].base);
		assert_string_equal(url.authority, cases[i].authority);
	}
}

static void
what_is_no_base_url_is_refused_without_its_secrets(void **state)
{
	static const char *const cases[] = { "", "jelly:8096", "ftp://jelly", "http://",
		"http:///x", "http://:80", "http://jelly:", "http://jelly:0",
		"http://jelly:65536", "http://jelly:8o", "http://s3cret:pw@jelly",
		"http://[::1", "http://[::1]x", "http://[::1]x:80", "http://[]",
		"http://je lly", "http://jelly\r\nX: y", "http://jelly/?s3cret=1",
		"http://jelly/#s3cret", "http://::1:80" };
	struct base_url url;
	char why[128], large[600];

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		copy_text(why, sizeof why, "");
		if (base_url_parse(&url, cases[i], why, sizeof why))
			fail_msg("%s was accepted", cases[i]);
		assert_memory_equal(why, "it", 2);
		assert_null(strstr(why, "s3cret"));
	}
	snprintf(large, sizeof large, "http://%0500d", 0);
	assert_false(base_url_parse(&url, large, why, sizeof why));
	snprintf(large, sizeof large, "http://a/%0500d", 0);
	assert_false(base_url_parse(&url, large, why, sizeof why));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(everything_but_unreserved_characters_is_encoded),
		cmocka_unit_test(what_is_encoded_is_decoded_and_broken_escapes_stay),
		cmocka_unit_test(a_query_is_read_by_name_without_case),
		cmocka_unit_test(a_list_is_given_repeated_or_joined),
		cmocka_unit_test(too_many_items_are_left_out),
		cmocka_unit_test(a_query_is_written_encoded),
		cmocka_unit_test(a_base_url_is_taken_apart),
		cmocka_unit_test(what_is_no_base_url_is_refused_without_its_secrets),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
