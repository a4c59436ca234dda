#include "proxy/user_data_body.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void
dates_are_read_as_clients_write_them(void **state)
{
	static const struct {
		const char *text;
		int64_t wall_ms; /* 0: no date */
	} rows[] = {
		{ "2026-11-21T02:00:09.297Z", 1795226409297 },
		{ "2026-11-21T02:00:09.2978425Z", 1795226409297 },
		{ "2026-11-21T02:00:09", 1795226409000 },
		{ "2026-11-21T04:00:09.297+02:00", 1795226409297 },
		{ "2026-11-20T21:30:09-04:30", 1795226409000 },
		{ "20261121020009", 1795226409000 },
		{ "", 0 },
		{ "yesterday", 0 },
		{ "2026-11-21", 0 },
		{ "2026-11-21T04:00:09+0x:00", 0 },
		{ "2026-13-21T04:00:09Z", 0 },
		{ "2026112102000x", 0 },
		{ "0001-01-01T00:00:00.0000000Z", 0 },
		{ "2026-11-21T02:00:09.29784250000000000000000000000000Z", 0 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		int64_t wall_ms = 0;
		assert_int_equal(
			user_data_read_date(&wall_ms, rows[i].text), rows[i].wall_ms != 0);
		if (rows[i].wall_ms != 0)
			assert_int_equal(wall_ms, rows[i].wall_ms);
	}
}

static void
only_what_is_said_is_set(void **state)
{
	static const char all[] =
		"{\"isfavorite\":true,\"Played\":false,\"PlayCount\":\"7\","
		"\"PlaybackPositionTicks\":12345678901,\"LastPlayedDate\":"
		"\"2026-11-21T02:00:09Z\",\"Rating\":7.5,\"Likes\":false,\"Key\":\"x\"}";
	static const char none[] =
		"{\"IsFavorite\":null,\"Rating\":null,\"PlayCount\":null,\"Other\":[]}";
	struct user_item_set set;

	(void)state;
	assert_true(user_data_read_body(&set, all, sizeof all - 1));
	assert_true(set.favourite_said && set.favourite);
	assert_true(set.played_said && !set.played);
	assert_true(set.count_said && set.play_count == 7);
	assert_true(set.position_said && set.position_ticks == 12345678901);
	assert_true(set.date_said && set.last_played_ms == 1795226409000);
	assert_true(set.rating_said);
	assert_float_equal(set.rating, 7.5, 0);
	assert_true(user_data_read_body(&set, none, sizeof none - 1));
	assert_false(set.favourite_said || set.played_said || set.count_said ||
		     set.position_said || set.date_said || set.rating_said);
}

static void
a_thumb_is_a_rating(void **state)
{
	struct user_item_set set;

	(void)state;
	assert_true(user_data_read_body(&set, "{\"Likes\":true}", 14));
	assert_true(set.rating_said);
	assert_float_equal(set.rating, 10, 0);
	assert_true(user_data_read_body(&set, "{\"Likes\":false}", 15));
	assert_float_equal(set.rating, 1, 0);
}

static void
what_jellyfin_refuses_is_refused(void **state)
{
	static const char *const bodies[] = { "", "7", "[]", "{", "null",
		"{\"IsFavorite\":\"true\"}", "{\"PlayCount\":2147483648}",
		"{\"PlayCount\":1.5}", "{\"PlayCount\":\"many\"}", "{\"Rating\":11}",
		"{\"Rating\":-1}", "{\"Rating\":\"ten\"}", "{\"LastPlayedDate\":7}",
		"{\"LastPlayedDate\":\"soon\"}", "{\"Likes\":1}",
		"{\"PlaybackPositionTicks\":{}}" };
	struct user_item_set set;

	(void)state;
	for (size_t i = 0; i < COUNT_OF(bodies); i++)
		assert_false(user_data_read_body(&set, bodies[i], strlen(bodies[i])));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(dates_are_read_as_clients_write_them),
		cmocka_unit_test(only_what_is_said_is_set),
		cmocka_unit_test(a_thumb_is_a_rating),
		cmocka_unit_test(what_jellyfin_refuses_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
