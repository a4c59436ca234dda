#include "tracker/ledger.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "core/sql.h"
#include "tracker/history_store.h"
#include "tracker/viewing.h"

#define MINUTE ((int64_t)60 * 1000)
#define START  ((int64_t)1790000000 * 1000)

static char no_details[] = "{}";
static const struct history_rules rules = { .window_ms = VIEWING_WINDOW_MS };

struct fixture {
	sqlite3 *database;
	struct ledger *ledger;
};

static int
set_up(void **state)
{
	struct fixture *fixture = xcalloc(1, sizeof *fixture);

	assert_int_equal(sqlite3_open(":memory:", &fixture->database), SQLITE_OK);
	for (size_t i = 0; i < history_migration_count; i++)
		assert_int_equal(sqlite3_exec(fixture->database, history_migrations[i].sql,
					 NULL, NULL, NULL),
			SQLITE_OK);
	fixture->ledger = ledger_new();
	*state = fixture;
	return 0;
}

static int
tear_down(void **state)
{
	struct fixture *fixture = *state;

	ledger_free(fixture->ledger);
	assert_int_equal(sqlite3_close(fixture->database), SQLITE_OK);
	xfree(fixture);
	return 0;
}

/* `user` plays `item`, from minute to minute. */
static void
put(struct fixture *fixture, const char *user, const char *item, int64_t from, int64_t to,
	bool open)
{
	struct segment segment = { .kind = SEGMENT_TRACK,
		.open = open,
		.started_ms = START + from * MINUTE,
		.stopped_ms = START + to * MINUTE,
		.played_ms = (to - from) * MINUTE,
		.first_position_ms = from * MINUTE,
		.position_ms = to * MINUTE,
		.bitrate = 320000,
		.details = no_details };

	copy_text(segment.key.device_id, sizeof segment.key.device_id, "phone");
	copy_text(segment.key.client, sizeof segment.key.client, "Finamp");
	copy_text(segment.key.user_id, sizeof segment.key.user_id, user);
	copy_text(segment.item.id, sizeof segment.item.id, item);
	copy_text(segment.item.type, sizeof segment.item.type, "Audio");
	copy_text(segment.item.artist, sizeof segment.item.artist, "The Band");
	copy_text(segment.item.provider, sizeof segment.item.provider, "deezer");
	assert_true(history_store_write(fixture->database, &segment, &rules));
}

static void
segments_are_columns(void **state)
{
	struct fixture *fixture = *state;
	struct ledger_columns columns;

	put(fixture, "alice", "a", 0, 3, false);
	put(fixture, "bob", "b", 1, 4, false);
	put(fixture, "alice", "a", 5, 9, false);
	assert_true(ledger_open(fixture->ledger, fixture->database, &columns));
	assert_int_equal(columns.count, 3);
	assert_true(columns.started_ms[2] == START + 5 * MINUTE);
	assert_int_equal(columns.played_ms[2], 4 * MINUTE);
	assert_int_equal(columns.previous[0], LEDGER_NONE);
	assert_int_equal(columns.previous[1], LEDGER_NONE);
	assert_int_equal(columns.previous[2], 0);
	assert_int_equal(columns.bitrate_kbps[1], 320);
	const struct ledger_item *item = &columns.items[columns.item[1]];
	assert_int_equal(item->kind, SEGMENT_TRACK);
	assert_string_equal(ledger_text(fixture->ledger, item->artist), "The Band");
	assert_string_equal(ledger_text(fixture->ledger, item->provider), "deezer");
	assert_string_equal(
		ledger_text(fixture->ledger, columns.players[columns.player[0]].client),
		"Finamp");
	ledger_close(fixture->ledger);
}

static void
what_has_changed_is_read_and_nothing_else(void **state)
{
	struct fixture *fixture = *state;
	struct ledger_columns columns;

	put(fixture, "alice", "a", 0, 3, false);
	put(fixture, "bob", "b", 1, 2, true);
	assert_true(ledger_open(fixture->ledger, fixture->database, &columns));
	assert_int_equal(columns.count, 2);
	assert_int_equal(columns.open[1], 1);
	ledger_close(fixture->ledger);
	/* Past the numbering: nobody may notice. */
	assert_true(sql_run(fixture->database,
		"UPDATE segments SET played_ms = 1 WHERE id = 1", NULL, 0));
	put(fixture, "bob", "b", 1, 8, false);
	put(fixture, "carol", "c", 8, 9, false);
	assert_true(ledger_open(fixture->ledger, fixture->database, &columns));
	assert_int_equal(columns.count, 3);
	assert_int_equal(columns.played_ms[0], 3 * MINUTE);
	assert_int_equal(columns.played_ms[1], 7 * MINUTE);
	assert_int_equal(columns.open[1], 0);
	ledger_close(fixture->ledger);
}

static void
deletions_are_noticed(void **state)
{
	struct fixture *fixture = *state;
	struct ledger_columns columns;
	int64_t erased;

	put(fixture, "alice", "a", 0, 3, false);
	put(fixture, "bob", "b", 1, 2, false);
	assert_true(ledger_open(fixture->ledger, fixture->database, &columns));
	ledger_close(fixture->ledger);
	assert_true(history_store_erase(fixture->database, "", "alice", &erased));
	assert_true(ledger_open(fixture->ledger, fixture->database, &columns));
	assert_int_equal(columns.count, 1);
	assert_int_equal(columns.played_ms[0], MINUTE);
	ledger_close(fixture->ledger);
}

static void
it_grows_with_what_there_is(void **state)
{
	enum { SEGMENTS = 3000 };
	struct fixture *fixture = *state;
	struct ledger_columns columns;
	char item[33];

	for (int i = 0; i < SEGMENTS; i++) {
		snprintf(item, sizeof item, "item%d", i);
		put(fixture, "alice", item, i, i + 1, false);
	}
	assert_true(ledger_open(fixture->ledger, fixture->database, &columns));
	assert_int_equal(columns.count, SEGMENTS);
	for (int i = 0; i < SEGMENTS; i++) {
		assert_true(columns.started_ms[i] == START + i * MINUTE);
		assert_int_equal(columns.previous[i], LEDGER_NONE);
	}
	ledger_close(fixture->ledger);
}

static void
a_database_that_cannot_be_read_is_a_failure(void **state)
{
	struct fixture *fixture = *state;
	struct ledger_columns columns;

	put(fixture, "alice", "a", 0, 3, false);
	assert_true(sql_run(fixture->database, "DROP TABLE places", NULL, 0));
	assert_false(ledger_open(fixture->ledger, fixture->database, &columns));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(segments_are_columns),
		TEST(what_has_changed_is_read_and_nothing_else),
		TEST(deletions_are_noticed),
		TEST(it_grows_with_what_there_is),
		TEST(a_database_that_cannot_be_read_is_a_failure),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
