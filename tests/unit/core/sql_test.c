#include "core/sql.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static int
set_up(void **state)
{
	sqlite3 *database;

	assert_int_equal(sqlite3_open(":memory:", &database), SQLITE_OK);
	assert_true(sql_run(
		database, "CREATE TABLE t (a INTEGER UNIQUE, b TEXT, c REAL)", NULL, 0));
	*state = database;
	return 0;
}

static int
tear_down(void **state)
{
	return sqlite3_close(*state);
}

static void
values_go_in_and_rows_come_out(void **state)
{
	sqlite3 *database = *state;

	assert_true(sql_run(database, "INSERT INTO t VALUES (?, ?, ?)",
		SQL_VALUES(SQL_INT(7), SQL_TEXT("it's"), SQL_REAL(0.5))));
	assert_true(sql_run(database, "INSERT INTO t VALUES (?, ?, ?)",
		SQL_VALUES(SQL_INT(8), SQL_TEXT(NULL), SQL_NULL)));
	sqlite3_stmt *rows = sql_prepare(database,
		"SELECT b, c, a FROM t WHERE a >= ? ORDER BY a", SQL_VALUES(SQL_INT(7)));
	assert_non_null(rows);
	assert_true(sql_next(rows));
	assert_string_equal(sql_text(rows, 0), "it's");
	assert_true(sql_real(rows, 1) > 0.4);
	assert_true(sql_next(rows));
	assert_string_equal(sql_text(rows, 0), "");
	assert_int_equal(sql_int(rows, 2), 8);
	assert_false(sql_next(rows));
	assert_true(sql_end(rows));
}

static void
slices_end_where_they_end(void **state)
{
	static const char bytes[] = { 'a', '\0', 'b', 'c' };
	sqlite3 *database = *state;

	assert_true(sql_run(database, "INSERT INTO t (a, b) VALUES (?, ?), (?, ?)",
		SQL_VALUES(SQL_INT(1), SQL_SLICE(((struct slice){ "text", 2 })), SQL_INT(2),
			SQL_BLOB(((struct slice){ bytes, 3 })))));
	sqlite3_stmt *rows =
		sql_prepare(database, "SELECT b, typeof(b), c FROM t ORDER BY a", NULL, 0);
	assert_true(sql_next(rows));
	assert_string_equal(sql_text(rows, 0), "te");
	assert_string_equal(sql_text(rows, 1), "text");
	assert_true(sql_is_null(rows, 2));
	assert_true(sql_next(rows));
	struct slice blob = sql_slice(rows, 0);
	assert_int_equal(blob.size, 3);
	assert_memory_equal(blob.data, bytes, 3);
	assert_string_equal(sql_text(rows, 1), "blob");
	assert_false(sql_is_null(rows, 1));
	assert_true(sql_end(rows));
}

static void
a_number_that_is_not_there_changes_nothing(void **state)
{
	sqlite3 *database = *state;
	int64_t number = 5;

	assert_true(sql_get_int(database, "SELECT a FROM t", NULL, 0, &number));
	assert_int_equal(number, 5);
	assert_true(
		sql_run(database, "INSERT INTO t (a) VALUES (?)", SQL_VALUES(SQL_INT(9))));
	assert_true(sql_get_int(database, "SELECT a FROM t", NULL, 0, &number));
	assert_int_equal(number, 9);
}

static void
what_sqlite_refuses_is_a_failure(void **state)
{
	sqlite3 *database = *state;
	int64_t number = 5;

	assert_false(sql_run(database, "DELETE FROM nowhere", NULL, 0));
	assert_false(sql_run(
		database, "DELETE FROM t WHERE a = ?", SQL_VALUES(SQL_INT(1), SQL_INT(2))));
	assert_true(sql_run(database, "INSERT INTO t (a) VALUES (1)", NULL, 0));
	assert_false(sql_run(database, "INSERT INTO t (a) VALUES (1)", NULL, 0));
	assert_false(sql_get_int(database, "SELECT", NULL, 0, &number));
	assert_int_equal(number, 5);
	assert_false(sql_next(NULL));
	assert_false(sql_end(NULL));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(values_go_in_and_rows_come_out),
		TEST(slices_end_where_they_end),
		TEST(a_number_that_is_not_there_changes_nothing),
		TEST(what_sqlite_refuses_is_a_failure),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
