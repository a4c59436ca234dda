#include "proxy/json_slices.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static struct arena *arena;

static int
set_up(void **state)
{
	(void)state;
	arena = arena_new();
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	arena_free(arena);
	return 0;
}

static void
elements_come_out_byte_for_byte(void **state)
{
	static const char document[] =
		"{\"Other\":[1,2], \"items\" : [ {\"a\":0.1,\"b\":\"],\\\"}\"} "
		",[1,[2]],\"x\" ,null],"
		"\"TotalRecordCount\":3}";
	struct json_slices slices;

	(void)state;
	assert_true(json_slices_read(&slices, arena, slice_of(document), "Items"));
	assert_int_equal(slices.count, 4);
	assert_true(slice_equal_text(slices.items[0], "{\"a\":0.1,\"b\":\"],\\\"}\"}"));
	assert_true(slice_equal_text(slices.items[1], "[1,[2]]"));
	assert_true(slice_equal_text(slices.items[2], "\"x\""));
	assert_true(slice_equal_text(slices.items[3], "null"));
	assert_true(slice_equal_text(slices.before, "{\"Other\":[1,2], \"items\" : ["));
	assert_true(slice_equal_text(slices.after, "],\"TotalRecordCount\":3}"));
}

static void
an_empty_array_has_no_elements(void **state)
{
	struct json_slices slices;

	(void)state;
	assert_true(json_slices_read(
		&slices, arena, slice_of("{\"Items\":[ ],\"StartIndex\":0}"), "Items"));
	assert_int_equal(slices.count, 0);
}

static void
only_a_top_level_array_counts(void **state)
{
	struct json_slices slices;

	(void)state;
	assert_false(json_slices_read(
		&slices, arena, slice_of("{\"a\":{\"Items\":[1]}}"), "Items"));
	assert_false(json_slices_read(&slices, arena, slice_of("{\"Items\":{}}"), "Items"));
	assert_false(json_slices_read(&slices, arena, slice_of("[1,2]"), "Items"));
	assert_false(json_slices_read(&slices, arena, slice_of(""), "Items"));
}

static void
a_number_is_replaced_in_both_halves(void **state)
{
	struct text text;

	(void)state;
	text_init(&text);
	json_slices_put_int(&text, slice_of("{\"TotalRecordCount\":7,\"Items\":["),
		"TotalRecordCount", 10);
	assert_string_equal(text_get(&text), "{\"TotalRecordCount\":10,\"Items\":[");
	text_clear(&text);
	json_slices_put_int(&text, slice_of("],\"totalRecordCount\": 7 ,\"StartIndex\":0}"),
		"TotalRecordCount", 12);
	assert_string_equal(
		text_get(&text), "],\"totalRecordCount\": 12 ,\"StartIndex\":0}");
	text_fini(&text);
}

/* jansson takes a zero byte behind a number; behind anything else it is no JSON. */
static void
a_zero_byte_is_no_blank(void **state)
{
	static const char document[] = "{\"Ids\":22\0 ,\"Name\":1}";
	struct text text = { 0 };

	(void)state;
	json_slices_put(&text, (struct slice){ document, sizeof document - 1 }, "Ids",
		slice_of("[]"));
	assert_int_equal(text.size, strlen("{\"Ids\":[] ,\"Name\":1}"));
	assert_string_equal(text_get(&text), "{\"Ids\":[] ,\"Name\":1}");
	text_fini(&text);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(elements_come_out_byte_for_byte),
		cmocka_unit_test(an_empty_array_has_no_elements),
		cmocka_unit_test(only_a_top_level_array_counts),
		cmocka_unit_test(a_number_is_replaced_in_both_halves),
		cmocka_unit_test(a_zero_byte_is_no_blank),
	};
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
