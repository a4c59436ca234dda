#include "core/store.h"

#include <dirent.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "core/log.h"

static const struct store_migration first_rows[] = {
	{ 1, "first", "CREATE TABLE plays (id INTEGER PRIMARY KEY, title TEXT NOT NULL)" },
	{ 3, "third",
		"INSERT INTO plays (title) VALUES ('three'); "
		"UPDATE plays SET title = title || tail" },
};
static const struct store_migration second_rows[] = {
	{ 2, "second", "ALTER TABLE plays ADD COLUMN tail TEXT DEFAULT '!'" },
};
static const struct store_migration_table tables[] = {
	{ first_rows, COUNT_OF(first_rows) },
	{ second_rows, COUNT_OF(second_rows) },
};

struct fixture {
	char folder[64];
	struct loop *loop;
	struct store *store;
	int done, failed;
	enum err err;
	int freed;
	atomic_int found; /* by any of the readers */
};

static int
setup(void **state)
{
	struct fixture *fixture = xcalloc(1, sizeof *fixture);
	char why[256];

	copy_text(fixture->folder, sizeof fixture->folder, "/tmp/store_test_XXXXXX");
	assert_non_null(mkdtemp(fixture->folder));
	fixture->loop = loop_new("test");
	loop_adopt(fixture->loop);
	fixture->store = store_start(fixture->folder, tables, 2, why, sizeof why);
	assert_non_null(fixture->store);
	*state = fixture;
	return 0;
}

static void
remove_folder(const char *folder)
{
	DIR *directory = opendir(folder);
	struct dirent *entry;

	while (directory != NULL && (entry = readdir(directory)) != NULL) {
		if (entry->d_name[0] != '.')
			unlinkat(dirfd(directory), entry->d_name, 0);
	}
	closedir(directory);
	rmdir(folder);
}

static int
teardown(void **state)
{
	struct fixture *fixture = *state;

	store_stop(fixture->store);
	loop_free(fixture->loop);
	remove_folder(fixture->folder);
	xfree(fixture);
	return 0;
}

static void
on_done(void *arg, enum err err)
{
	struct fixture *fixture = arg;

	assert_true(loop_is_mine(fixture->loop));
	fixture->done++;
	fixture->failed += err != ERR_NONE;
	fixture->err = err;
}

static void
turn_until_done(struct fixture *fixture, int wanted)
{
	for (int i = 0; i < 4000 && fixture->done < wanted; i++)
		loop_turn(fixture->loop, 5);
	assert_int_equal(fixture->done, wanted);
}

static bool
insert(sqlite3 *database, void *arg)
{
	(void)arg;
	return sqlite3_exec(database, "INSERT INTO plays (title) VALUES ('a')", NULL, NULL,
		       NULL) == SQLITE_OK;
}

static bool
insert_and_fail(sqlite3 *database, void *arg)
{
	assert_true(insert(database, arg));
	return false;
}

/* What SQLite does by itself when the disk is full. */
static bool
insert_and_lose_all(sqlite3 *database, void *arg)
{
	(void)arg;
	assert_true(insert(database, arg));
	sqlite3_exec(database, "ROLLBACK", NULL, NULL, NULL);
	return false;
}

static bool
count_plays(sqlite3 *database, void *arg)
{
	struct fixture *fixture = arg;
	sqlite3_stmt *statement;

	if (sqlite3_prepare_v2(database, "SELECT count(*) FROM plays WHERE title = 'a'", -1,
		    &statement, NULL) != SQLITE_OK)
		return false;
	bool good = sqlite3_step(statement) == SQLITE_ROW;
	fixture->found = sqlite3_column_int(statement, 0);
	sqlite3_finalize(statement);
	return good;
}

static bool
count_forever(sqlite3 *database, void *arg)
{
	(void)arg;
	return sqlite3_exec(database,
		       "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) "
		       "SELECT count(*) FROM n",
		       NULL, NULL, NULL) == SQLITE_OK;
}

static int
read_count(struct fixture *fixture)
{
	fixture->done = 0;
	store_read(
		fixture->store, fixture->loop, 5000, count_plays, on_done, fixture, NULL);
	turn_until_done(fixture, 1);
	assert_int_equal(fixture->err, ERR_NONE);
	return fixture->found;
}

static void
migrations_run_in_order_of_version_and_once(void **state)
{
	struct fixture *fixture = *state;
	char why[256];

	for (int i = 0; i < 2; i++) {
		store_stop(fixture->store);
		fixture->store = store_start(fixture->folder, tables, 2, why, sizeof why);
		assert_non_null(fixture->store);
	}
	sqlite3 *database;
	sqlite3_stmt *statement;
	char path[96];
	snprintf(path, sizeof path, "%s/sidetrack.db", fixture->folder);
	assert_int_equal(sqlite3_open(path, &database), SQLITE_OK);
	assert_int_equal(
		sqlite3_prepare_v2(database,
			"SELECT group_concat(title), "
			"(SELECT group_concat(version) FROM migrations) FROM plays",
			-1, &statement, NULL),
		SQLITE_OK);
	assert_int_equal(sqlite3_step(statement), SQLITE_ROW);
	assert_string_equal((const char *)sqlite3_column_text(statement, 0), "three!");
	assert_string_equal((const char *)sqlite3_column_text(statement, 1), "1,2,3");
	sqlite3_finalize(statement);
	sqlite3_close(database);
}

static void
the_file_is_readable_by_us_only(void **state)
{
	struct fixture *fixture = *state;
	struct stat status;
	char path[96];

	snprintf(path, sizeof path, "%s/sidetrack.db", fixture->folder);
	assert_int_equal(stat(path, &status), 0);
	assert_int_equal(status.st_mode & 0777, 0600);
}

static void
a_write_that_fails_takes_back_its_own_part_only(void **state)
{
	struct fixture *fixture = *state;

	store_write(fixture->store, fixture->loop, insert, on_done, fixture, NULL);
	store_write(fixture->store, fixture->loop, insert_and_fail, NULL, fixture, NULL);
	store_write(fixture->store, fixture->loop, insert, on_done, fixture, NULL);
	turn_until_done(fixture, 2);
	assert_int_equal(fixture->err, ERR_NONE);
	assert_int_equal(read_count(fixture), 2);
	fixture->done = 0;
	store_write(fixture->store, fixture->loop, insert_and_fail, on_done, fixture, NULL);
	turn_until_done(fixture, 1);
	assert_int_equal(fixture->err, ERR_IO);
}

static void
a_lost_transaction_is_told_to_all_of_its_writes(void **state)
{
	struct fixture *fixture = *state;

	store_write(
		fixture->store, fixture->loop, insert_and_lose_all, on_done, fixture, NULL);
	turn_until_done(fixture, 1);
	assert_int_equal(fixture->err, ERR_IO);
	store_write(fixture->store, fixture->loop, insert, on_done, fixture, NULL);
	turn_until_done(fixture, 2);
	assert_int_equal(fixture->err, ERR_NONE);
	assert_int_equal(read_count(fixture), 1);
}

static void
a_reader_cannot_write(void **state)
{
	struct fixture *fixture = *state;

	store_read(fixture->store, fixture->loop, 5000, insert, on_done, fixture, NULL);
	turn_until_done(fixture, 1);
	assert_int_equal(fixture->err, ERR_IO);
	assert_int_equal(read_count(fixture), 0);
}

static void
a_read_above_its_deadline_is_interrupted(void **state)
{
	struct fixture *fixture = *state;

	for (int i = 0; i < STORE_READERS; i++)
		store_read(fixture->store, fixture->loop, 30, count_forever, on_done,
			fixture, NULL);
	/* Its time is over before its turn comes. */
	store_read(fixture->store, fixture->loop, 1, count_plays, on_done, fixture, NULL);
	turn_until_done(fixture, STORE_READERS + 1);
	assert_int_equal(fixture->failed, STORE_READERS + 1);
	assert_int_equal(fixture->err, ERR_TIMEOUT);
	assert_int_equal(read_count(fixture), 0);
}

static void
count_freed(void *arg)
{
	struct fixture *fixture = arg;

	fixture->freed++;
}

static bool
wait_for_go(sqlite3 *database, void *arg)
{
	atomic_int *go = arg;

	(void)database;
	atomic_store(go, 1);
	while (atomic_load(go) != 2)
		usleep(1000);
	return true;
}

static void
writes_beyond_the_bound_are_busy_and_never_run(void **state)
{
	struct fixture *fixture = *state;
	atomic_int go = 0;

	store_write(fixture->store, NULL, wait_for_go, NULL, &go, NULL);
	while (atomic_load(&go) != 1)
		usleep(1000);
	for (int i = 0; i < 4096; i++)
		store_write(fixture->store, NULL, insert, NULL, NULL, NULL);
	store_write(fixture->store, fixture->loop, insert, on_done, fixture, count_freed);
	assert_int_equal(fixture->done, 0);
	store_write(fixture->store, NULL, insert, NULL, fixture, count_freed);
	assert_int_equal(fixture->freed, 1);
	turn_until_done(fixture, 1);
	assert_int_equal(fixture->err, ERR_BUSY);
	assert_int_equal(fixture->freed, 2);
	atomic_store(&go, 2);
	store_stop(fixture->store);
	char why[256];
	fixture->store = store_start(fixture->folder, tables, 2, why, sizeof why);
	assert_int_equal(read_count(fixture), 4096);
}

static void
a_stop_writes_what_is_queued_and_ends_reads(void **state)
{
	struct fixture *fixture = *state;
	char why[256];

	for (int i = 0; i < 1000; i++)
		store_write(fixture->store, fixture->loop, insert, on_done, fixture,
			count_freed);
	store_read(fixture->store, fixture->loop, 3600 * 1000, count_forever, on_done,
		fixture, count_freed);
	store_read(fixture->store, fixture->loop, 3600 * 1000, count_forever, on_done,
		fixture, count_freed);
	store_stop(fixture->store);
	loop_turn(fixture->loop, 0);
	assert_int_equal(fixture->done, 1002);
	assert_int_equal(fixture->freed, 1002);
	fixture->store = store_start(fixture->folder, tables, 2, why, sizeof why);
	assert_int_equal(read_count(fixture), 1000);
}

static void *
run_user(void *arg)
{
	struct fixture own = { .store = arg, .loop = loop_new("user") };

	loop_adopt(own.loop);
	for (int i = 0; i < 200; i++) {
		store_write(own.store, own.loop, insert, on_done, &own, count_freed);
		store_read(
			own.store, own.loop, 5000, count_plays, on_done, &own, count_freed);
		if (i % 10 == 0)
			turn_until_done(&own, 2 * i + 2);
	}
	turn_until_done(&own, 400);
	assert_int_equal(own.freed, 400);
	loop_free(own.loop);
	return NULL;
}

static void
many_threads_write_and_read_at_once(void **state)
{
	struct fixture *fixture = *state;
	pthread_t threads[4];

	for (int i = 0; i < 4; i++)
		assert_int_equal(
			pthread_create(&threads[i], NULL, run_user, fixture->store), 0);
	for (int i = 0; i < 4; i++)
		pthread_join(threads[i], NULL);
	assert_int_equal(read_count(fixture), 800);
}

static void
what_cannot_be_opened_is_told_with_the_name_of_the_file(void **state)
{
	static const struct store_migration broken[] = { { 4, "bad", "CREATE NONSENSE" } };
	static const struct store_migration twice[] = { { 2, "again", "" } };
	const struct store_migration_table more[] = { tables[0], tables[1], { broken, 1 } };
	const struct store_migration_table double_rows[] = { tables[0], tables[1],
		{ twice, 1 } };
	struct fixture *fixture = *state;
	char why[256], path[96], expected[256];

	store_stop(fixture->store);
	fixture->store = NULL;
	assert_null(store_start("/none/there", tables, 2, why, sizeof why));
	assert_string_equal(
		why, "the folder /none/there cannot be made: No such file or directory");
	snprintf(path, sizeof path, "%s/sidetrack.db", fixture->folder);
	assert_null(store_start(path, tables, 2, why, sizeof why));
	snprintf(expected, sizeof expected,
		"the folder %s cannot be written to: Not a directory", path);
	assert_string_equal(why, expected);
	assert_null(store_start(fixture->folder, more, 3, why, sizeof why));
	snprintf(expected, sizeof expected,
		"%s cannot be migrated to version 4 (bad): ", path);
	assert_memory_equal(why, expected, strlen(expected));
	assert_null(store_start(fixture->folder, double_rows, 3, why, sizeof why));
	snprintf(expected, sizeof expected, "%s has two migrations of version 2: ", path);
	assert_memory_equal(why, expected, strlen(expected));
	assert_null(store_start(fixture->folder, &tables[1], 1, why, sizeof why));
	snprintf(expected, sizeof expected,
		"%s was written by a newer version of this program (migration 3)", path);
	assert_string_equal(why, expected);
	int fd = open(path, O_WRONLY | O_TRUNC);
	assert_int_equal(write(fd, "no database, surely not one at all", 34), 34);
	close(fd);
	assert_null(store_start(fixture->folder, tables, 2, why, sizeof why));
	snprintf(expected, sizeof expected,
		"%s cannot be opened for writing: file is not a database", path);
	assert_string_equal(why, expected);
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(migrations_run_in_order_of_version_and_once),
		TEST(the_file_is_readable_by_us_only),
		TEST(a_write_that_fails_takes_back_its_own_part_only),
		TEST(a_lost_transaction_is_told_to_all_of_its_writes),
		TEST(a_reader_cannot_write),
		TEST(a_read_above_its_deadline_is_interrupted),
		TEST(writes_beyond_the_bound_are_busy_and_never_run),
		TEST(a_stop_writes_what_is_queued_and_ends_reads),
		TEST(many_threads_write_and_read_at_once),
		TEST(what_cannot_be_opened_is_told_with_the_name_of_the_file),
	};

	log_set_level(LOG_LEVEL_ERROR);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
