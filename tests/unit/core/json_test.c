#include "core/json.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static json_t *
parse(const char *text)
{
	return json_parse_new(text, strlen(text));
}

static void
whole_json_values_are_parsed_and_nothing_else(void **state)
{
	static const struct {
		const char *text;
		bool good;
	} cases[] = {
		{ "{}", true },
		{ " [1] \n", true },
		{ "\"a\\u0000b\"", true },
		{ "null", true },
		{ "12", true },
		{ "", false },
		{ "{", false },
		{ "{} x", false },
		{ "{\"a\":1,}", false },
		{ "NaN", false },
		{ "\"\xff\"", false },
		{ "1e999", false },
		{ "99999999999999999999", false },
	};
	char deep[3000];

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		json_t *value = parse(cases[i].text);
		assert_int_equal(value != NULL, cases[i].good);
		json_decref(value);
	}
	memset(deep, '[', sizeof deep);
	assert_null(json_parse_new(deep, sizeof deep));
	assert_null(json_parse_new(NULL, 0));
}

static void
integers_come_from_what_is_one(void **state)
{
	static const struct {
		const char *value;
		int64_t number;
	} cases[] = {
		{ "7", 7 },
		{ "-9223372036854775808", INT64_MIN },
		{ "7.0", 7 },
		{ "-7.0", -7 },
		{ "7.5", -1 },
		{ "0.9", -1 },
		{ "1e300", -1 },
		{ "\"12\"", 12 },
		{ "\"-12\"", -12 },
		{ "\"12.0\"", -1 },
		{ "\"\"", -1 },
		{ "true", -1 },
		{ "null", -1 },
		{ "[7]", -1 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		json_t *value = parse(cases[i].value);
		json_t *object = json_object();
		json_put_new(object, "n", value);
		assert_true(json_value_int(value, -1) == cases[i].number);
		assert_true(json_int(object, "n", -1) == cases[i].number);
		json_decref(object);
	}
	assert_int_equal(json_int(NULL, "n", 5), 5);
	assert_int_equal(json_value_int(NULL, 5), 5);
}

static void
doubles_come_from_numbers_and_numeric_texts(void **state)
{
	static const struct {
		const char *value;
		double number;
	} cases[] = {
		{ "2", 2 },
		{ "2.5", 2.5 },
		{ "\"2.5\"", 2.5 },
		{ "\"2.5x\"", -1 },
		{ "\"inf\"", -1 },
		{ "\"nan\"", -1 },
		{ "\"\"", -1 },
		{ "false", -1 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		json_t *object = json_object();
		json_put_new(object, "n", parse(cases[i].value));
		assert_true(json_double(object, "n", -1) == cases[i].number);
		json_decref(object);
	}
}

static void
a_wrong_type_gives_what_a_missing_member_gives(void **state)
{
	json_t *object =
		parse("{\"Name\": 5, \"On\": \"true\", \"Text\": \"\", \"id\": \"x\","
		      " \"ID\": \"y\", \"Yes\": true}");

	(void)state;
	assert_null(json_text(object, "Name"));
	assert_null(json_text(object, "none"));
	assert_null(json_text(NULL, "none"));
	assert_string_equal(json_text(object, "Text"), "");
	assert_string_equal(json_text_or(object, "Name", "other"), "other");
	assert_true(json_bool(object, "Yes", false));
	assert_true(json_bool(object, "On", true));
	assert_false(json_bool(object, "On", false));
	assert_null(json_member(object, "name"));
	assert_int_equal(json_integer_value(json_member_ci(object, "nAME")), 5);
	/* The exact name wins. */
	assert_string_equal(json_string_value(json_member_ci(object, "ID")), "y");
	assert_null(json_member_ci(object, "none"));
	assert_null(json_member_ci(NULL, "none"));
	assert_null(json_member_ci(json_member(object, "Name"), "none"));
	json_decref(object);
}

static void
what_is_put_is_dumped(void **state)
{
	json_t *object = json_object();
	size_t size;

	(void)state;
	json_put_text(object, "a", "x");
	json_put_text(object, "b", NULL);
	json_put_text(object, "c", "\xff");
	json_put_int(object, "d", -1);
	json_put_bool(object, "e", true);
	json_put_new(object, "f", json_array());
	char *text = json_dump_new(object, &size);
	assert_string_equal(text, "{\"a\":\"x\",\"c\":\"\",\"d\":-1,\"e\":true,\"f\":[]}");
	assert_int_equal(size, strlen(text));
	xfree(text);
	json_decref(object);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(whole_json_values_are_parsed_and_nothing_else),
		cmocka_unit_test(integers_come_from_what_is_one),
		cmocka_unit_test(doubles_come_from_numbers_and_numeric_texts),
		cmocka_unit_test(a_wrong_type_gives_what_a_missing_member_gives),
		cmocka_unit_test(what_is_put_is_dumped),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
