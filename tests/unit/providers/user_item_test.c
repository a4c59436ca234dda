#include "providers/user_item.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/json.h"

#define ID "657874011100000000000000002fd844"

enum { NOW = 5000, EARLIER = 3000, LATER = 8000 };

/* Version 1 before is 2 after, always. */
#define WAS(...)                                                                           \
	{                                                                                  \
		.version = 1, __VA_ARGS__                                                  \
	}
#define IS(...)                                                                            \
	{                                                                                  \
		.version = 2, __VA_ARGS__                                                  \
	}

static const struct {
	struct user_item before;
	struct user_item_change change;
	struct user_item after;
} rows[] = {
	/* a heart knows since when, and keeps it when it is given again */
	{ WAS(.played = true), { USER_ITEM_FAVOURITE, .on = true, .now_ms = NOW },
		IS(.played = true, .favourite = true, .favourite_since_ms = NOW) },
	{ WAS(.favourite = true, .favourite_since_ms = EARLIER),
		{ USER_ITEM_FAVOURITE, .on = true, .now_ms = NOW },
		IS(.favourite = true, .favourite_since_ms = EARLIER) },
	{ WAS(.favourite = true, .favourite_since_ms = EARLIER),
		{ USER_ITEM_FAVOURITE, .on = false, .now_ms = NOW }, IS() },
	/* marked played: once at least, now unless it has a date */
	{ WAS(), { USER_ITEM_MARK_PLAYED, .now_ms = NOW },
		IS(.played = true, .play_count = 1, .last_played_ms = NOW) },
	{ WAS(.play_count = 4, .last_played_ms = EARLIER, .position_ticks = 9),
		{ USER_ITEM_MARK_PLAYED, .now_ms = NOW },
		IS(.played = true, .play_count = 4, .last_played_ms = EARLIER) },
	/* … with a date one more */
	{ WAS(.play_count = 4, .last_played_ms = LATER),
		{ USER_ITEM_MARK_PLAYED, .now_ms = NOW, .date_ms = EARLIER },
		IS(.played = true, .play_count = 5, .last_played_ms = EARLIER) },
	/* unplayed: all of it, but neither the heart nor the rating */
	{ WAS(.played = true, .play_count = 3, .last_played_ms = 7, .position_ticks = 7,
		  .favourite = true, .favourite_since_ms = 1, .rated = true, .rating = 3),
		{ USER_ITEM_MARK_UNPLAYED, .now_ms = NOW },
		IS(.favourite = true, .favourite_since_ms = 1, .rated = true,
			.rating = 3) },
	/* thumbs */
	{ WAS(), { USER_ITEM_RATE, .on = true }, IS(.rated = true, .rating = 10) },
	{ WAS(), { USER_ITEM_RATE, .on = false }, IS(.rated = true, .rating = 1) },
	{ WAS(.rated = true, .rating = 10), { USER_ITEM_UNRATE, .on = false }, IS() },
	/* only what was said */
	{ WAS(.favourite = true, .favourite_since_ms = EARLIER, .play_count = 2),
		{ USER_ITEM_SET, .now_ms = NOW },
		IS(.favourite = true, .favourite_since_ms = EARLIER, .play_count = 2) },
	{ WAS(.play_count = 2),
		{ USER_ITEM_SET, .now_ms = NOW,
			.set = { .favourite_said = true,
				.favourite = true,
				.played_said = true,
				.played = true,
				.count_said = true,
				.play_count = 7,
				.position_said = true,
				.position_ticks = 11,
				.date_said = true,
				.last_played_ms = LATER,
				.rating_said = true,
				.rating = 0 } },
		IS(.favourite = true, .favourite_since_ms = NOW, .played = true,
			.play_count = 7, .position_ticks = 11, .last_played_ms = LATER,
			.rated = true, .rating = 0) },
	/* listened to: the later of two devices stands, whoever is first to say so */
	{ WAS(.play_count = 2, .last_played_ms = EARLIER),
		{ USER_ITEM_LISTEN, .now_ms = LATER, .date_ms = NOW },
		IS(.played = true, .play_count = 3, .last_played_ms = NOW) },
	{ WAS(.play_count = 2, .last_played_ms = LATER),
		{ USER_ITEM_LISTEN, .now_ms = LATER, .date_ms = NOW },
		IS(.played = true, .play_count = 3, .last_played_ms = LATER) },
	/* … and one play counts once */
	{ WAS(.play_count = 2, .played = true, .last_played_ms = NOW),
		{ USER_ITEM_LISTEN, .date_ms = LATER, .since_ms = NOW },
		IS(.play_count = 2, .played = true, .last_played_ms = NOW) },
	{ WAS(.play_count = 2, .played = true, .last_played_ms = EARLIER),
		{ USER_ITEM_LISTEN, .date_ms = LATER, .since_ms = NOW },
		IS(.play_count = 3, .played = true, .last_played_ms = LATER) },
	/* a count is an int of theirs */
	{ WAS(.play_count = INT32_MAX), { USER_ITEM_LISTEN, .date_ms = NOW },
		IS(.played = true, .play_count = INT32_MAX, .last_played_ms = NOW) },
};

static void
each_change_does_what_jellyfin_does(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct user_item item = rows[i].before;
		const struct user_item *want = &rows[i].after;
		user_item_apply(&item, &rows[i].change);
		assert_int_equal(item.favourite, want->favourite);
		assert_int_equal(item.favourite_since_ms, want->favourite_since_ms);
		assert_int_equal(item.played, want->played);
		assert_int_equal(item.play_count, want->play_count);
		assert_int_equal(item.last_played_ms, want->last_played_ms);
		assert_int_equal(item.position_ticks, want->position_ticks);
		assert_int_equal(item.rated, want->rated);
		assert_float_equal(item.rating, want->rating, 0);
		assert_int_equal(item.version, want->version);
	}
}

static void
it_is_told_as_jellyfin_tells_it(void **state)
{
	static const struct {
		struct user_item item;
		int64_t runtime_ticks;
		const char *json;
	} told[] = {
		{ { 0 }, 0,
			"{\"PlaybackPositionTicks\":0,\"PlayCount\":0,\"IsFavorite\":false,"
			"\"Played\":false,\"Key\":\"" ID "\",\"ItemId\":\"" ID "\"}" },
		{ { .favourite = true,
			  .played = true,
			  .play_count = 2,
			  .rated = true,
			  .rating = 6.5,
			  .position_ticks = 25,
			  .last_played_ms = 1795226409297 },
			100,
			"{\"Rating\":6.5,\"PlayedPercentage\":25.0,"
			"\"PlaybackPositionTicks\":25,\"PlayCount\":2,\"IsFavorite\":true,"
			"\"Likes\":true,\"LastPlayedDate\":\"2026-11-21T02:00:09."
			"2970000Z\","
			"\"Played\":true,\"Key\":\"" ID "\",\"ItemId\":\"" ID "\"}" },
		{ { .rated = true, .rating = 1, .position_ticks = 25 }, 0,
			"{\"Rating\":1.0,\"PlaybackPositionTicks\":25,\"PlayCount\":0,"
			"\"IsFavorite\":false,\"Likes\":false,\"Played\":false,"
			"\"Key\":\"" ID "\",\"ItemId\":\"" ID "\"}" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(told); i++) {
		json_t *data = user_item_data_new(&told[i].item, ID, told[i].runtime_ticks);
		char *json = json_dump_new(data, NULL);
		assert_string_equal(json, told[i].json);
		xfree(json);
		json_decref(data);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_change_does_what_jellyfin_does),
		cmocka_unit_test(it_is_told_as_jellyfin_tells_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
