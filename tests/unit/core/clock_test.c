#include "core/clock.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/mem.h"

static void
wall_time_is_written_as_iso_8601(void **state)
{
	static const struct {
		int64_t wall_ms;
		const char *iso;
	} cases[] = {
		{ 0, "1970-01-01T00:00:00.000Z" },
		{ 999, "1970-01-01T00:00:00.999Z" },
		{ 951782400123, "2000-02-29T00:00:00.123Z" },
		{ 253402300799999, "9999-12-31T23:59:59.999Z" },
		{ -1, "1969-12-31T23:59:59.999Z" },
		{ -1000, "1969-12-31T23:59:59.000Z" },
	};
	char iso[CLOCK_ISO_SIZE];

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		clock_format_iso(iso, cases[i].wall_ms);
		assert_string_equal(iso, cases[i].iso);
	}
}

static void
an_advance_moves_both_clocks(void **state)
{
	int64_t now_ms = clock_now_ms();
	int64_t wall_ms = clock_wall_ms();

	(void)state;
	assert_true(clock_now_us() / 1000 >= now_ms);
	clock_advance(3600 * 1000);
	assert_in_range(clock_now_ms() - now_ms, 3600 * 1000, 3610 * 1000);
	assert_in_range(clock_wall_ms() - wall_ms, 3600 * 1000, 3610 * 1000);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(wall_time_is_written_as_iso_8601),
		cmocka_unit_test(an_advance_moves_both_clocks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
