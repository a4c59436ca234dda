#include "providers/foreign.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/mem.h"

static void
texts_lose_their_blanks_and_nothing_is_null(void **state)
{
	json_t *json =
		json_pack("{s:s,s:s,s:s,s:i}", "a", " x y ", "b", "  ", "c", "", "d", 1);
	char *text = foreign_text_new(json, "a");

	(void)state;
	assert_string_equal(text, "x y");
	xfree(text);
	assert_null(foreign_text_new(json, "b"));
	assert_null(foreign_text_new(json, "c"));
	assert_null(foreign_text_new(json, "d"));
	assert_null(foreign_text_new(json, "e"));
	assert_null(foreign_text_new(NULL, "e"));
	json_decref(json);
}

static void
numbers_outside_their_bounds_are_unknown(void **state)
{
	json_t *json = json_pack("{s:i,s:s,s:i,s:i}", "a", 10, "b", "10", "c", -1, "d", 11);

	(void)state;
	assert_int_equal(foreign_number(json, "a", 10), 10);
	assert_int_equal(foreign_number(json, "b", 10), 10);
	assert_int_equal(foreign_number(json, "c", 10), 0);
	assert_int_equal(foreign_number(json, "d", 10), 0);
	assert_int_equal(foreign_number(json, "e", 10), 0);
	json_decref(json);
}

static void
a_date_is_a_day_of_the_calendar_or_nothing(void **state)
{
	static const struct {
		const char *text, *date;
	} rows[] = {
		{ "2001-03-07", "2001-03-07" },
		{ "2001-03-07T10:00:00Z", "2001-03-07" },
		{ "2000-02-29", "2000-02-29" },
		{ "1900-02-29", "" },
		{ "2001-02-29", "" },
		{ "2001-13-01", "" },
		{ "2001-00-10", "" },
		{ "0000-00-00", "" },
		{ "2001-3-7", "" },
		{ "2001/03/07", "" },
		{ "", "" },
		{ NULL, "" },
	};
	char date[FOREIGN_DATE];

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		foreign_date(date, rows[i].text);
		assert_string_equal(date, rows[i].date);
	}
}

static void
seconds_have_a_day_in_our_centuries(void **state)
{
	char date[FOREIGN_DATE];

	(void)state;
	foreign_date_of_seconds(date, 1368741600);
	assert_string_equal(date, "2013-05-16");
	foreign_date_of_seconds(date, -1);
	assert_string_equal(date, "1969-12-31");
	foreign_date_of_seconds(date, INT64_MAX);
	assert_string_equal(date, "");
	foreign_date_of_seconds(date, INT64_MIN);
	assert_string_equal(date, "");
	foreign_date_of_seconds(date, 32503680000);
	assert_string_equal(date, "");
}

static void
addresses_are_http_and_printable(void **state)
{
	char long_one[2000] = "https://x/";

	(void)state;
	assert_true(foreign_is_url("https://x/y?z=1"));
	assert_true(foreign_is_url("HTTP://x"));
	assert_false(foreign_is_url(NULL));
	assert_false(foreign_is_url(""));
	assert_false(foreign_is_url("ftp://x"));
	assert_false(foreign_is_url("https://x/a b"));
	assert_false(foreign_is_url("https://x/\n"));
	assert_false(foreign_is_url("https://x/\xc3\xa9"));
	memset(long_one + 10, 'a', sizeof long_one - 11);
	assert_false(foreign_is_url(long_one));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(texts_lose_their_blanks_and_nothing_is_null),
		cmocka_unit_test(numbers_outside_their_bounds_are_unknown),
		cmocka_unit_test(a_date_is_a_day_of_the_calendar_or_nothing),
		cmocka_unit_test(seconds_have_a_day_in_our_centuries),
		cmocka_unit_test(addresses_are_http_and_printable),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
