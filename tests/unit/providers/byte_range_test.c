#include "providers/byte_range.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static void
one_range_is_understood_and_the_rest_is_ignored(void **state)
{
	static const struct {
		const char *header;
		struct byte_range range;
	} rows[] = {
		{ NULL, { false, 0, -1 } },
		{ "", { false, 0, -1 } },
		{ "bytes=0-", { true, 0, -1 } },
		{ "bytes=0-0", { true, 0, 0 } },
		{ "bytes=100-199", { true, 100, 199 } },
		{ "BYTES=100-", { true, 100, -1 } },
		{ " bytes= 5-9 ", { true, 5, 9 } },
		{ "bytes=-500", { true, -1, 500 } },
		{ "bytes=-0", { true, -1, 0 } },
		{ "bytes=0-99999999999999999999999", { true, 0, INT64_MAX } },
		{ "bytes=9-5", { false, 0, -1 } },
		{ "bytes=", { false, 0, -1 } },
		{ "bytes=-", { false, 0, -1 } },
		{ "bytes=5", { false, 0, -1 } },
		{ "bytes=0-1,5-9", { false, 0, -1 } },
		{ "bytes=a-b", { false, 0, -1 } },
		{ "bytes=1-2x", { false, 0, -1 } },
		{ "bytes=--5", { false, 0, -1 } },
		{ "bytes 0-5", { false, 0, -1 } },
		{ "items=0-5", { false, 0, -1 } },
		{ "bytes", { false, 0, -1 } },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct byte_range range = byte_range_parse(rows[i].header);
		assert_int_equal(range.asked, rows[i].range.asked);
		assert_int_equal(range.first, rows[i].range.first);
		assert_int_equal(range.last, rows[i].range.last);
	}
}

static void
a_range_is_fitted_to_what_there_is(void **state)
{
	static const struct {
		const char *header;
		int64_t total;
		enum byte_range_fit fit;
		int64_t first, last; /* when it fits */
	} rows[] = {
		{ NULL, 1000, BYTE_RANGE_WHOLE, 0, 999 },
		{ NULL, 0, BYTE_RANGE_WHOLE, 0, -1 },
		{ "bytes=0-", 1000, BYTE_RANGE_PART, 0, 999 },
		{ "bytes=0-99", 1000, BYTE_RANGE_PART, 0, 99 },
		{ "bytes=999-", 1000, BYTE_RANGE_PART, 999, 999 },
		{ "bytes=500-5000", 1000, BYTE_RANGE_PART, 500, 999 },
		{ "bytes=0-99999999999999999999", 1000, BYTE_RANGE_PART, 0, 999 },
		{ "bytes=-1", 1000, BYTE_RANGE_PART, 999, 999 },
		{ "bytes=-1000", 1000, BYTE_RANGE_PART, 0, 999 },
		{ "bytes=-5000", 1000, BYTE_RANGE_PART, 0, 999 },
		{ "bytes=-0", 1000, BYTE_RANGE_UNSATISFIABLE, 0, 0 },
		{ "bytes=1000-", 1000, BYTE_RANGE_UNSATISFIABLE, 0, 0 },
		{ "bytes=99999999999999999999-", 1000, BYTE_RANGE_UNSATISFIABLE, 0, 0 },
		{ "bytes=0-", 0, BYTE_RANGE_UNSATISFIABLE, 0, 0 },
		{ "bytes=-5", 0, BYTE_RANGE_UNSATISFIABLE, 0, 0 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct byte_range range = byte_range_parse(rows[i].header);
		int64_t first, last;
		assert_int_equal(
			byte_range_fit(&range, rows[i].total, &first, &last), rows[i].fit);
		if (rows[i].fit == BYTE_RANGE_UNSATISFIABLE)
			continue;
		assert_int_equal(first, rows[i].first);
		assert_int_equal(last, rows[i].last);
	}
}

static void
content_ranges_are_read(void **state)
{
	static const struct {
		const char *header;
		bool valid;
		int64_t first, last, total;
	} rows[] = {
		{ "bytes 0-99/480748", true, 0, 99, 480748 },
		{ "bytes 5-5/6", true, 5, 5, 6 },
		{ "bytes */480748", true, -1, -1, 480748 },
		{ "bytes 0-99/*", true, 0, 99, -1 },
		{ "bytes */*", false, 0, 0, 0 },
		{ "bytes 99-0/100", false, 0, 0, 0 },
		{ "bytes 0-100/100", false, 0, 0, 0 },
		{ "bytes 0-99/480748x", false, 0, 0, 0 },
		{ "bytes=0-99/100", false, 0, 0, 0 },
		{ "bytes -99/100", false, 0, 0, 0 },
		{ "bytes 0-99", false, 0, 0, 0 },
		{ "", false, 0, 0, 0 },
		{ NULL, false, 0, 0, 0 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		int64_t first, last, total;
		assert_int_equal(content_range_parse(rows[i].header, &first, &last, &total),
			rows[i].valid);
		if (!rows[i].valid)
			continue;
		assert_int_equal(first, rows[i].first);
		assert_int_equal(last, rows[i].last);
		assert_int_equal(total, rows[i].total);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_range_is_understood_and_the_rest_is_ignored),
		cmocka_unit_test(a_range_is_fitted_to_what_there_is),
		cmocka_unit_test(content_ranges_are_read),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
