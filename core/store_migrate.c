#include "core/store_migrate.h"

#include <stdio.h>
#include <stdlib.h>

#include "core/clock.h"
#include "core/log.h"

static int
compare_versions(const void *a, const void *b)
{
	const struct store_migration *const *left = a;
	const struct store_migration *const *right = b;

	return ((*left)->version > (*right)->version) -
	       ((*left)->version < (*right)->version);
}

/* Every row of every table in order of version; caller xfree()s. */
static const struct store_migration **
sort_rows(const struct store_migration_table *tables, size_t count, size_t *row_count)
{
	size_t rows = 0;

	for (size_t i = 0; i < count; i++)
		rows += tables[i].count;
	const struct store_migration **sorted = xcalloc(rows, sizeof(void *));
	*row_count = 0;
	for (size_t i = 0; i < count; i++) {
		for (size_t j = 0; j < tables[i].count; j++)
			sorted[(*row_count)++] = &tables[i].rows[j];
	}
	qsort(sorted, rows, sizeof *sorted, compare_versions);
	return sorted;
}

/* The first number of the first row; false when there is none or it failed. */
static bool
query_number(sqlite3 *database, const char *sql, int parameter, int *number)
{
	sqlite3_stmt *statement = NULL;
	bool found = false;

	if (sqlite3_prepare_v2(database, sql, -1, &statement, NULL) == SQLITE_OK &&
		sqlite3_bind_int(statement, 1, parameter) == SQLITE_OK &&
		sqlite3_step(statement) == SQLITE_ROW) {
		*number = sqlite3_column_int(statement, 0);
		found = true;
	}
	sqlite3_finalize(statement);
	return found;
}

static bool
remember(sqlite3 *database, const struct store_migration *row)
{
	sqlite3_stmt *statement = NULL;
	bool good = sqlite3_prepare_v2(database,
			    "INSERT INTO migrations (version, name, applied_ms) "
			    "VALUES (?, ?, ?)",
			    -1, &statement, NULL) == SQLITE_OK;

	if (good) {
		sqlite3_bind_int(statement, 1, row->version);
		sqlite3_bind_text(statement, 2, row->name, -1, SQLITE_STATIC);
		sqlite3_bind_int64(statement, 3, clock_wall_ms());
		good = sqlite3_step(statement) == SQLITE_DONE;
	}
	sqlite3_finalize(statement);
	return good;
}

static bool
apply(sqlite3 *database, const struct store_migration *row, char *why, size_t why_size)
{
	if (sqlite3_exec(database, "BEGIN IMMEDIATE", NULL, NULL, NULL) == SQLITE_OK &&
		sqlite3_exec(database, row->sql, NULL, NULL, NULL) == SQLITE_OK &&
		remember(database, row) &&
		sqlite3_exec(database, "COMMIT", NULL, NULL, NULL) == SQLITE_OK) {
		log_info("migration_applied", LOG_NUMBER("version", row->version),
			LOG_TEXT("name", row->name));
		return true;
	}
	snprintf(why, why_size, "cannot be migrated to version %d (%s): %s", row->version,
		row->name, sqlite3_errmsg(database));
	sqlite3_exec(database, "ROLLBACK", NULL, NULL, NULL);
	return false;
}

bool
store_migrate(sqlite3 *database, const struct store_migration_table *tables, size_t count,
	char *why, size_t why_size)
{
	size_t row_count;
	const struct store_migration **rows = sort_rows(tables, count, &row_count);
	int newest = row_count > 0 ? rows[row_count - 1]->version : 0;
	bool good = sqlite3_exec(database,
			    "CREATE TABLE IF NOT EXISTS migrations ("
			    "version INTEGER PRIMARY KEY, name TEXT NOT NULL, "
			    "applied_ms INTEGER NOT NULL)",
			    NULL, NULL, NULL) == SQLITE_OK;
	int found;

	if (!good)
		snprintf(why, why_size, "cannot be used: %s", sqlite3_errmsg(database));
	if (good && query_number(database,
			    "SELECT version FROM migrations WHERE version > ? LIMIT 1",
			    newest, &found)) {
		snprintf(why, why_size,
			"was written by a newer version of this program (migration %d)",
			found);
		good = false;
	}
	for (size_t i = 1; good && i < row_count; i++) {
		if (rows[i]->version == rows[i - 1]->version) {
			snprintf(why, why_size, "has two migrations of version %d: %s, %s",
				rows[i]->version, rows[i - 1]->name, rows[i]->name);
			good = false;
		}
	}
	for (size_t i = 0; good && i < row_count; i++) {
		if (!query_number(database,
			    "SELECT version FROM migrations WHERE version = ?",
			    rows[i]->version, &found))
			good = apply(database, rows[i], why, why_size);
	}
	xfree(rows);
	return good;
}
