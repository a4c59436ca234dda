#include "tracker/history_store.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "core/sql.h"
#include "tracker/viewing.h"

#define MINUTE ((int64_t)60 * 1000)
#define HOUR   (60 * MINUTE)
#define START  ((int64_t)1790000000 * 1000)

static char no_details[] = "{}";
static const struct history_rules rules = { .window_ms = VIEWING_WINDOW_MS };

static int
set_up(void **state)
{
	sqlite3 *database;

	assert_int_equal(sqlite3_open(":memory:", &database), SQLITE_OK);
	for (size_t i = 0; i < history_migration_count; i++)
		assert_int_equal(
			sqlite3_exec(database, history_migrations[i].sql, NULL, NULL, NULL),
			SQLITE_OK);
	*state = database;
	return 0;
}

static int
tear_down(void **state)
{
	return sqlite3_close(*state);
}

/* alice's film on her phone, from minute to minute and from there to there in it. */
static struct segment
segment_of(int64_t from, int64_t to, int64_t first_position, int64_t position)
{
	struct segment segment = { .kind = SEGMENT_MOVIE,
		.started_ms = START + from * MINUTE,
		.stopped_ms = START + to * MINUTE,
		.played_ms = (to - from) * MINUTE,
		.first_position_ms = first_position * MINUTE,
		.position_ms = position * MINUTE,
		.details = no_details };

	copy_text(segment.key.device_id, sizeof segment.key.device_id, "phone");
	copy_text(segment.key.client, sizeof segment.key.client, "Jellyfin Android");
	copy_text(segment.key.user_id, sizeof segment.key.user_id, "alice");
	copy_text(segment.user_name, sizeof segment.user_name, "Alice");
	copy_text(segment.item.id, sizeof segment.item.id, "film");
	copy_text(segment.item.type, sizeof segment.item.type, "Movie");
	copy_text(segment.item.name, sizeof segment.item.name, "The Film");
	copy_text(segment.address, sizeof segment.address, "192.168.1.7");
	segment.item.runtime_ms = 60 * MINUTE;
	segment.watched = viewing_is_watched(
		segment.position_ms, segment.played_ms, segment.item.runtime_ms);
	return segment;
}

static void
put(sqlite3 *database, const struct segment *segment)
{
	assert_true(history_store_write(database, segment, &rules));
}

static int64_t
number(sqlite3 *database, const char *sql)
{
	int64_t result = -1;

	assert_true(sql_get_int(database, sql, NULL, 0, &result));
	return result;
}

#define ROWS(database)     number(database, "SELECT count(*) FROM segments")
#define VIEWINGS(database) number(database, "SELECT count(DISTINCT viewing) FROM segments")

static void
sittings_chain_into_one_viewing(void **state)
{
	struct segment first = segment_of(0, 20, 0, 20);
	struct segment second = segment_of(200, 220, 20, 40);
	struct segment third = segment_of(220 + 30 * 60, 240 + 30 * 60, 40, 60);

	put(*state, &first);
	put(*state, &second);
	put(*state, &third);
	assert_int_equal(ROWS(*state), 3);
	assert_int_equal(VIEWINGS(*state), 2);
	assert_int_equal(number(*state, "SELECT viewing FROM segments WHERE id = 2"), 1);
}

static void
one_that_was_rewound_is_a_new_viewing(void **state)
{
	struct segment first = segment_of(0, 20, 0, 20);
	struct segment second = segment_of(200, 220, 20, 40);

	second.first_position_ms -= 1000;
	put(*state, &first);
	put(*state, &second);
	assert_int_equal(VIEWINGS(*state), 2);
}

/* Scenario S9. */
static void
one_that_was_watched_is_over(void **state)
{
	struct segment first = segment_of(0, 52, 0, 52);
	struct segment second = segment_of(53, 60, 52, 59);

	put(*state, &first);
	put(*state, &second);
	assert_int_equal(VIEWINGS(*state), 2);
}

static void
another_user_or_item_is_another_viewing(void **state)
{
	struct segment first = segment_of(0, 20, 0, 20);
	struct segment second = segment_of(30, 40, 20, 30);

	put(*state, &first);
	copy_text(second.key.user_id, sizeof second.key.user_id, "bob");
	put(*state, &second);
	second = segment_of(50, 60, 20, 30);
	copy_text(second.item.id, sizeof second.item.id, "sequel");
	put(*state, &second);
	second = segment_of(70, 80, 20, 30);
	copy_text(second.key.server, sizeof second.key.server, "other");
	put(*state, &second);
	assert_int_equal(VIEWINGS(*state), 4);
	assert_int_equal(number(*state, "SELECT count(*) FROM users"), 3);
}

static void
what_goes_on_is_brought_up_to_date(void **state)
{
	struct segment segment = segment_of(0, 1, 0, 1);

	segment.open = true;
	put(*state, &segment);
	segment = segment_of(0, 55, 0, 55);
	segment.open = true;
	copy_text(segment.item.name, sizeof segment.item.name, "The Film (1999)");
	put(*state, &segment);
	/* Rewound, but it was watched once. */
	segment = segment_of(0, 56, 0, 2);
	segment.watched = false;
	segment.user_name[0] = segment.item.name[0] = '\0';
	copy_text(segment.ended_by, sizeof segment.ended_by, "stop");
	put(*state, &segment);
	assert_int_equal(ROWS(*state), 1);
	assert_int_equal(number(*state, "SELECT changed FROM segments"), 3);
	assert_int_equal(number(*state, "SELECT watched FROM segments"), 1);
	assert_int_equal(number(*state, "SELECT open FROM segments"), 0);
	assert_int_equal(number(*state, "SELECT position_ms FROM segments"), 2 * MINUTE);
	assert_int_equal(number(*state, "SELECT name = 'The Film (1999)' FROM items"), 1);
	assert_int_equal(number(*state, "SELECT name = 'Alice' FROM users"), 1);
	assert_int_equal(number(*state, "SELECT local FROM places"), 1);
	assert_int_equal(number(*state, "SELECT platform = 'android' FROM players"), 1);
}

/* Scenario S6. */
static void
the_same_item_on_two_devices_is_two_segments(void **state)
{
	struct segment phone = segment_of(0, 1, 0, 1);
	struct segment tv = segment_of(0, 1, 0, 1);

	phone.open = tv.open = true;
	copy_text(tv.key.device_id, sizeof tv.key.device_id, "tv");
	put(*state, &phone);
	put(*state, &tv);
	put(*state, &phone);
	assert_int_equal(ROWS(*state), 2);
}

static void
what_nobody_writes_any_more_is_closed(void **state)
{
	struct segment lost = segment_of(0, 20, 0, 20);
	struct segment lasts = segment_of(0, 40, 0, 40);

	lost.open = lasts.open = true;
	copy_text(lasts.key.device_id, sizeof lasts.key.device_id, "tv");
	put(*state, &lost);
	put(*state, &lasts);
	assert_true(history_store_close_lost(*state, START + 30 * MINUTE));
	assert_int_equal(number(*state, "SELECT count(*) FROM segments WHERE open"), 1);
	assert_int_equal(number(*state, "SELECT count(*) FROM segments WHERE forced AND "
					"ended_by = 'lost'"),
		1);
}

static void
what_is_old_is_forgotten_a_part_at_a_time(void **state)
{
	int64_t forgotten = -1;

	for (int64_t i = 0; i < 5; i++) {
		struct segment segment = segment_of(i * 2000, i * 2000 + 30, 0, 30);
		segment.item.id[0] = (char)('a' + i);
		put(*state, &segment);
	}
	assert_true(history_store_forget(*state, START + 7000 * MINUTE, 3, &forgotten));
	assert_int_equal(forgotten, 3);
	assert_true(history_store_forget(*state, START + 7000 * MINUTE, 3, &forgotten));
	assert_int_equal(forgotten, 1);
	assert_int_equal(ROWS(*state), 1);
	assert_int_equal(number(*state, "SELECT deletions FROM history_state"), 2);
	assert_int_equal(number(*state, "SELECT count(*) FROM items"), 1);
	assert_int_equal(number(*state, "SELECT count(*) FROM users"), 1);
}

static void
a_user_can_be_erased(void **state)
{
	struct segment segment = segment_of(0, 20, 0, 20);
	int64_t erased = -1;

	put(*state, &segment);
	copy_text(segment.key.user_id, sizeof segment.key.user_id, "bob");
	copy_text(segment.address, sizeof segment.address, "8.8.8.8");
	put(*state, &segment);
	assert_true(history_store_erase(*state, "", "bob", &erased));
	assert_int_equal(erased, 1);
	assert_int_equal(ROWS(*state), 1);
	assert_int_equal(number(*state, "SELECT count(*) FROM users"), 1);
	assert_int_equal(number(*state, "SELECT count(*) FROM places"), 1);
	assert_true(history_store_erase(*state, "", "nobody", &erased));
	assert_int_equal(erased, 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(sittings_chain_into_one_viewing),
		TEST(one_that_was_rewound_is_a_new_viewing),
		TEST(one_that_was_watched_is_over),
		TEST(another_user_or_item_is_another_viewing),
		TEST(what_goes_on_is_brought_up_to_date),
		TEST(the_same_item_on_two_devices_is_two_segments),
		TEST(what_nobody_writes_any_more_is_closed),
		TEST(what_is_old_is_forgotten_a_part_at_a_time),
		TEST(a_user_can_be_erased),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
