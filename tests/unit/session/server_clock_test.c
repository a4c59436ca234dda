#include "session/server_clock.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

struct date_case {
	const char *text;
	int64_t wall_ms; /* -1: no date */
};

static const struct date_case http_dates[] = {
	{ "Sat, 21 Nov 2026 02:00:09 GMT", 1795226409000 },
	{ "Thu, 01 Jan 1970 00:00:00 GMT", 0 },
	{ "Tue, 29 Feb 2028 23:59:60 GMT", 1835481600000 },
	{ "Mon, 01 Mar 2100 00:00:00 GMT", 4107542400000 },
	{ "Sat, 21 Nov 2026 02:00:09 UTC", -1 },
	{ "Sat, 21 Nov 2026 24:00:09 GMT", -1 },
	{ "Sat, 21 Nix 2026 02:00:09 GMT", -1 },
	{ "Sat, 1 Nov 2026 02:00:09 GMT", -1 },
	{ "Saturday, 21-Nov-26 02:00:09 GMT", -1 },
	{ "", -1 },
	{ NULL, -1 },
};

static const struct date_case iso_dates[] = {
	{ "2026-11-21T02:00:09.2936799Z", 1795226409293 },
	{ "2026-11-21T02:00:09Z", 1795226409000 },
	{ "2026-11-21T02:00:09.5", 1795226409500 },
	{ "0001-01-01T00:00:00.0000000Z", -1 },
	{ "2026-11-21T02:00:09+02:00", -1 },
	{ "2026-11-21 02:00:09Z", -1 },
	{ "2026-13-21T02:00:09Z", -1 },
	{ "2026-11-21T02:00", -1 },
	{ NULL, -1 },
};

static void
dates_are_read_as_servers_write_them(void **state)
{
	int64_t wall_ms;

	(void)state;
	for (size_t i = 0; i < COUNT_OF(http_dates); i++) {
		bool ok = server_clock_parse_http(&wall_ms, http_dates[i].text);
		if (ok != (http_dates[i].wall_ms >= 0) ||
			(ok && wall_ms != http_dates[i].wall_ms))
			fail_msg("http date %zu: %d %lld", i, ok, (long long)wall_ms);
	}
	for (size_t i = 0; i < COUNT_OF(iso_dates); i++) {
		bool ok = server_clock_parse_iso(&wall_ms, iso_dates[i].text);
		if (ok != (iso_dates[i].wall_ms >= 0) ||
			(ok && wall_ms != iso_dates[i].wall_ms))
			fail_msg("iso date %zu: %d %lld", i, ok, (long long)wall_ms);
	}
}

static void
an_unknown_clock_or_time_is_the_latest_possible(void **state)
{
	struct server_clock clock = { 0 };

	(void)state;
	assert_int_equal(server_clock_to_ours(&clock, 123456, 700), 700);
	server_clock_hear(&clock, 100000, 0, 10);
	assert_int_equal(server_clock_to_ours(&clock, -1, 700), 700);
	assert_int_equal(server_clock_to_ours(&clock, 200000, 700), 700);
}

/* The server's clock is `lead` ahead; it is asked at `at` and answers at once. */
static void
hear(struct server_clock *clock, int64_t lead_ms, int64_t at_ms)
{
	server_clock_hear(clock, (at_ms + lead_ms) / 1000 * 1000, at_ms, at_ms + 5);
}

static void
a_converted_time_is_never_late_and_soon_exact(void **state)
{
	struct server_clock clock = { 0 };

	(void)state;
	for (int64_t i = 0; i < 200; i++) {
		int64_t at_ms = 5000 + i * 3618;
		hear(&clock, 1000123, at_ms);
		int64_t ours_ms = server_clock_to_ours(&clock, at_ms + 1000123, at_ms);
		assert_in_range(at_ms - ours_ms, 0, i < 60 ? 1001 : 100);
	}
}

static void
a_clock_that_is_set_is_followed(void **state)
{
	struct server_clock clock = { 0 };

	(void)state;
	hear(&clock, 50000, 5000);
	hear(&clock, 90000, 8000); /* forward */
	assert_in_range(server_clock_to_ours(&clock, 98000, 9000), 7000, 8000);
	hear(&clock, 20000, 11000); /* back */
	assert_in_range(server_clock_to_ours(&clock, 31000, 12000), 10000, 11000);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(dates_are_read_as_servers_write_them),
		cmocka_unit_test(an_unknown_clock_or_time_is_the_latest_possible),
		cmocka_unit_test(a_converted_time_is_never_late_and_soon_exact),
		cmocka_unit_test(a_clock_that_is_set_is_followed),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
