/* SQL: a statement with its values in one call, for what core/store runs on its threads.
 *
 *	if (!sql_run(database, "DELETE FROM users WHERE id = ?", SQL_VALUES(SQL_INT(id))))
 *		return false;
 *
 * What SQLite refuses is logged with its reason, never with values.
 */
#ifndef CORE_SQL_H
#define CORE_SQL_H

#include <sqlite3.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/text.h"

enum sql_kind {
	SQL_KIND_NULL,
	SQL_KIND_INT,
	SQL_KIND_REAL,
	SQL_KIND_TEXT,
	SQL_KIND_SLICE,
	SQL_KIND_BLOB,
};

/* Texts and bytes are borrowed until the statement is finalized. */
struct sql_value {
	enum sql_kind kind;
	union {
		int64_t number;
		double real;
		const char *text; /* NULL: NULL */
		struct slice slice;
	};
};

#define SQL_INT(value)  ((struct sql_value){ .kind = SQL_KIND_INT, .number = (value) })
#define SQL_REAL(value) ((struct sql_value){ .kind = SQL_KIND_REAL, .real = (value) })
#define SQL_TEXT(value) ((struct sql_value){ .kind = SQL_KIND_TEXT, .text = (value) })
/* Text that no 0 ends; bytes. */
#define SQL_SLICE(value) ((struct sql_value){ .kind = SQL_KIND_SLICE, .slice = (value) })
#define SQL_BLOB(value)  ((struct sql_value){ .kind = SQL_KIND_BLOB, .slice = (value) })
#define SQL_NULL         ((struct sql_value){ .kind = SQL_KIND_NULL })

/* Values and their number, as two arguments. */
#define SQL_VALUES(...)                                                                    \
	(const struct sql_value[]){ __VA_ARGS__ },                                         \
		sizeof((const struct sql_value[]){ __VA_ARGS__ }) /                        \
			sizeof(struct sql_value)

/* Ready for sqlite3_step; NULL when SQLite refuses it. Caller finalizes. */
sqlite3_stmt *sql_prepare(
	sqlite3 *database, const char *sql, const struct sql_value *values, size_t count);
/* The next row; false at the end, and when it failed: sql_end tells. Accepts NULL. */
bool sql_next(sqlite3_stmt *statement);
/* Finalizes; true unless a step has failed. Accepts NULL: false. */
bool sql_end(sqlite3_stmt *statement);
/* Of the row that sql_next has found. 0 for NULL. */
int64_t sql_int(sqlite3_stmt *statement, int column);
double sql_real(sqlite3_stmt *statement, int column);
bool sql_is_null(sqlite3_stmt *statement, int column);
/* "" for NULL. Borrowed until the next step. */
const char *sql_text(sqlite3_stmt *statement, int column);
/* The bytes of a text or a blob, borrowed until the next step. */
struct slice sql_slice(sqlite3_stmt *statement, int column);

/* Without rows. */
MUST_CHECK bool sql_run(
	sqlite3 *database, const char *sql, const struct sql_value *values, size_t count);
/* The first number of the first row; `*number` stays as it is when there is no row. */
MUST_CHECK bool sql_get_int(sqlite3 *database, const char *sql,
	const struct sql_value *values, size_t count, int64_t *number);

#endif
