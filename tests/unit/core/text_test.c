#include "core/text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void
slices_compare_by_bytes_or_without_case(void **state)
{
	static const struct {
		struct slice a, b;
		bool equal, equal_ci;
	} cases[] = {
		{ SLICE("abc"), SLICE("abc"), true, true },
		{ SLICE("abc"), SLICE("aBC"), false, true },
		{ SLICE("abc"), SLICE("abcd"), false, false },
		{ SLICE("a[c"), SLICE("a{c"), false, false }, /* 32 apart, no letters */
		{ SLICE("a\0c"), SLICE("a\0d"), false, false },
		{ { NULL, 0 }, SLICE(""), true, true },
		{ SLICE("\xc3\x84"), SLICE("\xc3\xa4"), false, false }, /* ASCII only */
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		assert_int_equal(slice_equal(cases[i].a, cases[i].b), cases[i].equal);
		assert_int_equal(slice_equal_ci(cases[i].a, cases[i].b), cases[i].equal_ci);
	}
	assert_true(slice_equal_text(SLICE("x"), "x"));
	assert_false(slice_equal_text_ci(SLICE("x"), "XY"));
	assert_true(slice_starts_with_ci(SLICE("BeArEr x"), "bearer "));
	assert_false(slice_starts_with_ci(SLICE("bear"), "bearer"));
	assert_true(slice_equal(slice_of(NULL), slice_of("")));
}

static void
texts_compare_without_case_in_order_of_bytes(void **state)
{
	(void)state;
	assert_int_equal(text_compare_ci("ABC", "abc"), 0);
	assert_true(text_compare_ci("ab", "ABC") < 0);
	assert_true(text_compare_ci("b", "ABC") > 0);
	assert_true(text_compare_ci("\xc3", "a") > 0);
	assert_true(text_equal_ci("", ""));
	assert_false(text_equal_ci("", "a"));
}

static void
a_hash_depends_on_every_byte_and_on_the_seed(void **state)
{
	(void)state;
	assert_true(text_hash(0, "abc") == text_hash(0, "abc"));
	assert_true(text_hash(0, "") == text_hash(0, NULL));
	assert_true(text_hash(0, "abc") != text_hash(0, "abd"));
	assert_true(text_hash(0, "abc") != text_hash(0, "bac"));
	assert_true(text_hash(0, "abc") != text_hash(0, "ab"));
	assert_true(text_hash(1, "abc") != text_hash(0, "abc"));
}

static void
a_slice_is_trimmed_of_blanks_only(void **state)
{
	static const char *const cases[][2] = {
		{ " \t a b\t ", "a b" },
		{ "", "" },
		{ "  ", "" },
		{ "\na\n", "\na\n" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++)
		assert_true(
			slice_equal_text(slice_trim(slice_of(cases[i][0])), cases[i][1]));
}

static void
a_slice_is_cut_at_its_separators(void **state)
{
	static const struct {
		const char *text, *parts[4];
	} cases[] = {
		{ "a,b,c", { "a", "b", "c" } },
		{ "a", { "a" } },
		{ "", { NULL } },
		{ ",,a", { "", "", "a" } },
		{ "a,", { "a" } },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct slice rest = slice_of(cases[i].text);
		struct slice part;
		size_t count = 0;
		while (slice_next(&rest, ',', &part))
			assert_true(slice_equal_text(part, cases[i].parts[count++]));
		assert_null(cases[i].parts[count]);
	}
}

static void
only_whole_decimal_numbers_are_numbers(void **state)
{
	static const struct {
		const char *text;
		bool good;
		int64_t number;
	} cases[] = {
		{ "0", true, 0 },
		{ "-0", true, 0 },
		{ "007", true, 7 },
		{ "-12", true, -12 },
		{ "9223372036854775807", true, INT64_MAX },
		{ "9223372036854775808", false, 0 },
		{ "-9223372036854775808", true, INT64_MIN },
		{ "-9223372036854775809", false, 0 },
		{ "18446744073709551616", false, 0 },
		{ "99999999999999999999999", false, 0 },
		{ "", false, 0 },
		{ "-", false, 0 },
		{ "--1", false, 0 },
		{ "+1", false, 0 },
		{ " 1", false, 0 },
		{ "1 ", false, 0 },
		{ "0x1", false, 0 },
		{ "1.0", false, 0 },
	};
	uint64_t big;

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		int64_t number = 0;
		assert_int_equal(text_to_i64(cases[i].text, &number), cases[i].good);
		if (cases[i].good)
			assert_true(number == cases[i].number);
	}
	assert_true(slice_to_u64(SLICE("18446744073709551615"), &big));
	assert_true(big == UINT64_MAX);
	assert_false(slice_to_u64(SLICE("18446744073709551616"), &big));
	assert_false(slice_to_u64(SLICE("-1"), &big));
	assert_false(slice_to_u64((struct slice){ NULL, 0 }, &big));
}

static void
a_text_grows_and_stays_terminated(void **state)
{
	struct text text;

	(void)state;
	text_init(&text);
	assert_string_equal(text_get(&text), "");
	text_add(&text, "");
	assert_string_equal(text_get(&text), "");
	for (int i = 0; i < 1000; i++)
		text_addf(&text, "%d,", i);
	assert_int_equal(text.size, 3890);
	assert_int_equal(strlen(text_get(&text)), 3890);
	assert_string_equal(text_get(&text) + 3882, "998,999,");
	text_clear(&text);
	assert_int_equal(text.size, 0);
	assert_string_equal(text_get(&text), "");
	text_add_slice(&text, (struct slice){ NULL, 0 });
	text_add_char(&text, 'a');
	text_add_bytes(&text, "b\0c", 3);
	assert_int_equal(text.size, 4);
	assert_memory_equal(text_get(&text), "ab\0c", 5);
	text_fini(&text);
	assert_string_equal(text_get(&text), "");
}

static void
a_text_that_only_reserved_is_empty(void **state)
{
	struct text text;

	(void)state;
	text_init(&text);
	memset(text_reserve(&text, 4000), 'x', 4000);
	text_fini(&text);
	text_init(&text);
	text_reserve(&text, 4000);
	assert_string_equal(text_get(&text), "");
	memcpy(text_reserve(&text, 2), "ab", 2);
	text.size += 2;
	text_add_char(&text, 'c');
	assert_string_equal(text_get(&text), "abc");
	text_fini(&text);
}

static void
a_text_taken_is_never_null(void **state)
{
	struct text text;

	(void)state;
	text_init(&text);
	char *taken = text_take(&text);
	assert_string_equal(taken, "");
	xfree(taken);
	text_add(&text, "abc");
	taken = text_take(&text);
	assert_string_equal(taken, "abc");
	assert_string_equal(text_get(&text), "");
	xfree(taken);
}

static void
hex_goes_both_ways(void **state)
{
	static const struct slice wrong[] = { SLICE("0"), SLICE("0g12"), SLICE("00ff0"),
		SLICE("00ff00"), SLICE("") };
	unsigned char bytes[2];
	char hex[5];

	(void)state;
	hex_encode(hex, "\x00\xfe", 2);
	assert_string_equal(hex, "00fe");
	hex_encode(hex, NULL, 0);
	assert_string_equal(hex, "");
	assert_true(hex_decode(bytes, 2, SLICE("0AfF")));
	assert_int_equal(bytes[0], 0x0a);
	assert_int_equal(bytes[1], 0xff);
	for (size_t i = 0; i < COUNT_OF(wrong); i++)
		assert_false(hex_decode(bytes, 2, wrong[i]));
}

static void
a_copy_is_cut_between_characters(void **state)
{
	static const struct {
		const char *text, *copy;
		bool whole;
	} cases[] = {
		{ "abcd", "abcd", true },
		{ "abcde", "abcd", false },
		{ "abc\xc3\xa4", "abc", false },
		{ "ab\xe2\x82\xac", "ab", false },
		{ "ab\xc3\xa4", "ab\xc3\xa4", true },
		{ "", "", true },
		{ NULL, "", true },
	};
	char copy[5];

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		assert_int_equal(
			copy_text(copy, sizeof copy, cases[i].text), cases[i].whole);
		assert_string_equal(copy, cases[i].copy);
	}
}

static void
formatted_text_of_any_length_is_whole(void **state)
{
	char filling[301];

	(void)state;
	memset(filling, 'x', sizeof filling - 1);
	filling[sizeof filling - 1] = '\0';
	for (int before = 0; before < 140; before += 7) {
		for (int size = 0; size <= 300; size++) {
			struct text text;
			text_init(&text);
			text_add_bytes(&text, filling, (size_t)before);
			text_addf(&text, "%.*s.", size, filling);
			assert_int_equal(text.size, before + size + 1);
			assert_int_equal(strlen(text.data), text.size);
			assert_int_equal(text.data[text.size - 1], '.');
			text_fini(&text);
		}
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(formatted_text_of_any_length_is_whole),
		cmocka_unit_test(slices_compare_by_bytes_or_without_case),
		cmocka_unit_test(texts_compare_without_case_in_order_of_bytes),
		cmocka_unit_test(a_hash_depends_on_every_byte_and_on_the_seed),
		cmocka_unit_test(a_slice_is_trimmed_of_blanks_only),
		cmocka_unit_test(a_slice_is_cut_at_its_separators),
		cmocka_unit_test(only_whole_decimal_numbers_are_numbers),
		cmocka_unit_test(a_text_grows_and_stays_terminated),
		cmocka_unit_test(a_text_that_only_reserved_is_empty),
		cmocka_unit_test(a_text_taken_is_never_null),
		cmocka_unit_test(hex_goes_both_ways),
		cmocka_unit_test(a_copy_is_cut_between_characters),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
