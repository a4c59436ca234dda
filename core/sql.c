#include "core/sql.h"

#include "core/log.h"

static bool
bind(sqlite3_stmt *statement, int place, const struct sql_value *value)
{
	switch (value->kind) {
	case SQL_KIND_NULL:
		return sqlite3_bind_null(statement, place) == SQLITE_OK;
	case SQL_KIND_INT:
		return sqlite3_bind_int64(statement, place, value->number) == SQLITE_OK;
	case SQL_KIND_REAL:
		return sqlite3_bind_double(statement, place, value->real) == SQLITE_OK;
	case SQL_KIND_TEXT:
		return sqlite3_bind_text(statement, place, value->text, -1,
			       SQLITE_STATIC) == SQLITE_OK;
	case SQL_KIND_SLICE:
		return sqlite3_bind_text(statement, place, value->slice.data,
			       (int)value->slice.size, SQLITE_STATIC) == SQLITE_OK;
	case SQL_KIND_BLOB:
		return sqlite3_bind_blob(statement, place, value->slice.data,
			       (int)value->slice.size, SQLITE_STATIC) == SQLITE_OK;
	}
	return false;
}

static void
log_refusal(sqlite3 *database)
{
	int code = sqlite3_errcode(database);

	/* A deadline is no fault of the statement. */
	if (code == SQLITE_OK || code == SQLITE_DONE || code == SQLITE_ROW ||
		code == SQLITE_INTERRUPT)
		return;
	log_warn_limited("sql_failed", LOG_TEXT("why", sqlite3_errmsg(database)));
}

sqlite3_stmt *
sql_prepare(
	sqlite3 *database, const char *sql, const struct sql_value *values, size_t count)
{
	sqlite3_stmt *statement = NULL;
	bool good = sqlite3_prepare_v2(database, sql, -1, &statement, NULL) == SQLITE_OK;

	for (size_t i = 0; good && i < count; i++)
		good = bind(statement, (int)i + 1, &values[i]);
	if (good)
		return statement;
	log_refusal(database);
	sqlite3_finalize(statement);
	return NULL;
}

bool
sql_next(sqlite3_stmt *statement)
{
	return statement != NULL && sqlite3_step(statement) == SQLITE_ROW;
}

bool
sql_end(sqlite3_stmt *statement)
{
	if (statement == NULL)
		return false;
	sqlite3 *database = sqlite3_db_handle(statement);
	bool good = sqlite3_finalize(statement) == SQLITE_OK;
	if (!good)
		log_refusal(database);
	return good;
}

int64_t
sql_int(sqlite3_stmt *statement, int column)
{
	return sqlite3_column_int64(statement, column);
}

double
sql_real(sqlite3_stmt *statement, int column)
{
	return sqlite3_column_double(statement, column);
}

bool
sql_is_null(sqlite3_stmt *statement, int column)
{
	return sqlite3_column_type(statement, column) == SQLITE_NULL;
}

const char *
sql_text(sqlite3_stmt *statement, int column)
{
	const char *text = (const char *)sqlite3_column_text(statement, column);

	return text != NULL ? text : "";
}

struct slice
sql_slice(sqlite3_stmt *statement, int column)
{
	const char *data = sqlite3_column_blob(statement, column);

	return (struct slice){ data, (size_t)sqlite3_column_bytes(statement, column) };
}

bool
sql_run(sqlite3 *database, const char *sql, const struct sql_value *values, size_t count)
{
	sqlite3_stmt *statement = sql_prepare(database, sql, values, count);

	if (statement == NULL)
		return false;
	while (sql_next(statement))
		continue;
	return sql_end(statement);
}

bool
sql_get_int(sqlite3 *database, const char *sql, const struct sql_value *values,
	size_t count, int64_t *number)
{
	sqlite3_stmt *statement = sql_prepare(database, sql, values, count);

	if (statement == NULL)
		return false;
	if (sql_next(statement))
		*number = sqlite3_column_int64(statement, 0);
	return sql_end(statement);
}
