/* Store: SQLite (WAL) in the data folder. One writer thread that batches; three
 * threads that read, each question with a deadline. No loop ever touches SQLite.
 */
#ifndef CORE_STORE_H
#define CORE_STORE_H

#include <sqlite3.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/error.h"
#include "core/loop.h"

struct store;

/* A long question holds up no short one. */
enum { STORE_READERS = 3 };

/* Migrations are rows that each folder exports; applied in order of `version`, each in a
 * transaction of its own, remembered in the table `migrations`. */
struct store_migration {
	int version; /* unique in the program, ascending */
	const char *name;
	const char *sql;
};
struct store_migration_table {
	const struct store_migration *rows;
	size_t count;
};

/* Opens FOLDER/sidetrack.db (makes both, readable by us only), migrates, starts the
 * threads. On failure writes a sentence that names the file; a database with migrations
 * this program does not know is refused. */
MUST_CHECK struct store *store_start(const char *folder,
	const struct store_migration_table *tables, size_t count, char *why,
	size_t why_size);
/* Writes what is queued, ends reads (those not yet begun: ERR_BUSY) and joins the threads.
 * The loops given as `from` are freed after this, so that every `done` fires. Accepts NULL.
 */
void store_stop(struct store *store);

/* Any loop. `run` is called on the writer thread inside a transaction shared with its
 * neighbours in the queue; returning false rolls back its own part only (savepoint;
 * ERR_IO). `done` fires on `from` exactly once, after the commit; NULL when nobody cares
 * (`from` may be NULL then). `arg` is freed with `free_arg` (may be NULL) after `done`,
 * without `done` on a thread of the store. At most 4096 writes are queued: beyond, done
 * gets ERR_BUSY and `run` is never called. */
void store_write(struct store *store, struct loop *from,
	bool (*run)(sqlite3 *database, void *arg), void (*done)(void *arg, enum err err),
	void *arg, void (*free_arg)(void *arg));
/* The same on a read-only connection, with one view of the database for all that `run`
 * does. What is not through `deadline_ms` after this call is interrupted (ERR_TIMEOUT);
 * `run` then sees SQLITE_INTERRUPT and returns false. At most 1024 are queued. */
void store_read(struct store *store, struct loop *from, int64_t deadline_ms,
	bool (*run)(sqlite3 *database, void *arg), void (*done)(void *arg, enum err err),
	void *arg, void (*free_arg)(void *arg));

#endif
