#include "session/vault_store.h"

#include <string.h>

#include "core/clock.h"
#include "core/log.h"
#include "core/sql.h"
#include "session/metrics.h"

enum {
	MOST = 20000,
	READ_DEADLINE_MS = 10 * 1000,
	OLD_MS = 5 * 3600 * 1000, /* longer than anything may last unheard of */
};

const struct store_migration vault_store_migrations[] = {
	{ 1, "sessions",
		"CREATE TABLE sessions (id TEXT PRIMARY KEY, saved_ms INTEGER NOT NULL, "
		"sealed BLOB NOT NULL) WITHOUT ROWID" },
};
const size_t vault_store_migration_count = COUNT_OF(vault_store_migrations);

struct vault_store {
	struct loop *loop;
	struct store *store;
	const struct seal *seal;
};

/* ---- writing ---- */

/* One statement about one row. */
struct row {
	char id[RECORD_ID_SIZE];
	int64_t saved_ms;
	struct text sealed; /* empty: delete */
};

static void
free_row(void *arg)
{
	struct row *row = arg;

	text_fini(&row->sealed);
	xfree(row);
}

static bool
run_row(sqlite3 *database, void *arg)
{
	const struct row *row = arg;

	if (row->sealed.size == 0)
		return sql_run(database, "DELETE FROM sessions WHERE id = ?",
			SQL_VALUES(SQL_TEXT(row->id)));
	struct slice sealed = { row->sealed.data, row->sealed.size };
	return sql_run(database, "INSERT OR REPLACE INTO sessions VALUES (?, ?, ?)",
		SQL_VALUES(SQL_TEXT(row->id), SQL_INT(row->saved_ms), SQL_BLOB(sealed)));
}

static void
on_written(void *arg, enum err err)
{
	const struct row *row = arg;

	if (err == ERR_NONE)
		return;
	metric_add(&session_metric_not_saved, 1);
	log_warn_limited("record_not_saved", LOG_TEXT("id", row->id),
		LOG_TEXT("reason", err_name(err)));
}

static void
write_row(struct vault_store *vault, const char *id, struct slice sealed)
{
	struct row *row = xcalloc(1, sizeof *row);

	copy_text(row->id, sizeof row->id, id);
	row->saved_ms = clock_wall_ms();
	text_add_slice(&row->sealed, sealed);
	store_write(vault->store, vault->loop, run_row, on_written, row, free_row);
}

static void
save(void *arg, const struct keeper_place *place, struct slice sealed_record)
{
	write_row(arg, place->session, sealed_record);
}

static void
forget(void *arg, const struct keeper_place *place)
{
	write_row(arg, place->session, (struct slice){ 0 });
}

struct keeper_vault
vault_store_keeper_vault(struct vault_store *vault)
{
	return (struct keeper_vault){ save, forget, vault };
}

/* ---- reading ---- */

struct loading {
	struct vault_store *vault;
	struct keeper *keeper;
	void (*done)(void *arg);
	void *arg;
	struct record_time time;
	struct record *records;
	size_t count;
	char (*broken)[RECORD_ID_SIZE];
	size_t broken_count;
};

static void
free_loading(void *arg)
{
	struct loading *loading = arg;

	for (size_t i = 0; i < loading->count; i++)
		record_fini(&loading->records[i]);
	xfree(loading->records);
	xfree(loading->broken);
	xfree(loading);
}

/* Store thread. */
static void
read_row(struct loading *loading, const char *id, struct slice sealed)
{
	struct text json = { 0 };
	enum seal_state state = seal_open(
		loading->vault->seal, &json, RECORD_VERSION, slice_of(id), sealed);

	if (state == SEAL_GOOD &&
		record_read(&loading->records[loading->count],
			(struct slice){ json.data, json.size }, loading->time)) {
		loading->count++;
	} else {
		bool broken = state == SEAL_GOOD || state == SEAL_BROKEN;
		log_warn("record_not_read", LOG_TEXT("id", id),
			LOG_TEXT("why", broken ? "broken" : seal_state_name(state)),
			LOG_TEXT("result", broken ? "deleted" : "left alone"));
		if (broken)
			copy_text(loading->broken[loading->broken_count++], RECORD_ID_SIZE,
				id);
	}
	if (json.data != NULL)
		explicit_bzero(json.data, json.capacity);
	text_fini(&json);
}

static bool
run_load(sqlite3 *database, void *arg)
{
	struct loading *loading = arg;
	sqlite3_stmt *statement = sql_prepare(database,
		"SELECT id, sealed FROM sessions ORDER BY saved_ms DESC LIMIT ?",
		SQL_VALUES(SQL_INT(MOST)));

	for (size_t rows = 0; sql_next(statement); rows++) {
		if (rows % 1024 == 0) {
			loading->records = xrealloc(
				loading->records, (rows + 1024) * sizeof *loading->records);
			loading->broken = xrealloc(
				loading->broken, (rows + 1024) * sizeof *loading->broken);
		}
		read_row(loading, sql_text(statement, 0), sql_slice(statement, 1));
	}
	return sql_end(statement);
}

static bool
run_delete_old(sqlite3 *database, void *arg)
{
	(void)arg;
	return sql_run(database, "DELETE FROM sessions WHERE saved_ms < ?",
		SQL_VALUES(SQL_INT(clock_wall_ms() - OLD_MS)));
}

static void
on_loaded(void *arg, enum err err)
{
	struct loading *loading = arg;
	size_t restored = 0;

	if (err != ERR_NONE)
		log_error("records_not_read", LOG_TEXT("reason", err_name(err)));
	for (size_t i = 0; i < loading->count; i++)
		restored += keeper_restore(loading->keeper, &loading->records[i]);
	for (size_t i = 0; i < loading->broken_count; i++)
		write_row(loading->vault, loading->broken[i], (struct slice){ 0 });
	store_write(loading->vault->store, NULL, run_delete_old, NULL, NULL, NULL);
	if (loading->count > 0)
		log_info("sessions_restored", LOG_NUMBER("records", loading->count),
			LOG_NUMBER("restored", restored));
	loading->done(loading->arg);
}

void
vault_store_restore(struct vault_store *vault, struct keeper *keeper,
	void (*done)(void *arg), void *arg)
{
	struct loading *loading = xcalloc(1, sizeof *loading);

	*loading = (struct loading){ .vault = vault,
		.keeper = keeper,
		.done = done,
		.arg = arg,
		.time = record_time_now() };
	store_read(vault->store, vault->loop, READ_DEADLINE_MS, run_load, on_loaded,
		loading, free_loading);
}

/* ---- life ---- */

struct vault_store *
vault_store_new(struct loop *loop, struct store *store, const struct seal *seal)
{
	struct vault_store *vault = xcalloc(1, sizeof *vault);

	*vault = (struct vault_store){ loop, store, seal };
	return vault;
}

void
vault_store_free(struct vault_store *vault)
{
	xfree(vault);
}
