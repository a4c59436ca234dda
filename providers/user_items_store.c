#include "providers/user_items_store.h"

const struct store_migration user_items_migrations[] = {
	{ 10, "user_items",
		"CREATE TABLE user_items ("
		"user_id TEXT NOT NULL, item_id TEXT NOT NULL, kind INTEGER NOT NULL, "
		"favourite INTEGER NOT NULL, favourite_since_ms INTEGER NOT NULL, "
		"played INTEGER NOT NULL, play_count INTEGER NOT NULL, "
		"last_played_ms INTEGER NOT NULL, position_ticks INTEGER NOT NULL, "
		"rating REAL, changed_ms INTEGER NOT NULL, version INTEGER NOT NULL, "
		"PRIMARY KEY (user_id, item_id)) WITHOUT ROWID; "
		"CREATE INDEX user_items_favourite ON user_items "
		"(user_id, favourite_since_ms) WHERE favourite = 1; "
		"CREATE INDEX user_items_played ON user_items "
		"(user_id, last_played_ms) WHERE played = 1" },
	{ 11, "external_media",
		"CREATE TABLE external_media (item_id TEXT PRIMARY KEY, "
		"seen_ms INTEGER NOT NULL, snapshot TEXT NOT NULL) WITHOUT ROWID" },
};
const size_t user_items_migration_count = COUNT_OF(user_items_migrations);

/* The state's columns, in the order of read_item. */
#define STATE                                                                              \
	"favourite, favourite_since_ms, played, play_count, last_played_ms, "              \
	"position_ticks, rating, version"

enum { STATE_COLUMNS = 8 };

static sqlite3_stmt *
prepare(sqlite3 *database, const char *sql)
{
	sqlite3_stmt *statement = NULL;

	if (sqlite3_prepare_v2(database, sql, -1, &statement, NULL) != SQLITE_OK)
		return NULL;
	return statement;
}

static void
bind_text(sqlite3_stmt *statement, int at, const char *text)
{
	sqlite3_bind_text(statement, at, text, -1, SQLITE_STATIC);
}

/* Runs a statement without rows, and ends it. */
static bool
finish(sqlite3_stmt *statement)
{
	bool good = sqlite3_step(statement) == SQLITE_DONE;

	sqlite3_finalize(statement);
	return good;
}

static void
read_item(struct user_item *item, sqlite3_stmt *statement, int at)
{
	*item = (struct user_item){
		.favourite = sqlite3_column_int(statement, at) != 0,
		.favourite_since_ms = sqlite3_column_int64(statement, at + 1),
		.played = sqlite3_column_int(statement, at + 2) != 0,
		.play_count = sqlite3_column_int64(statement, at + 3),
		.last_played_ms = sqlite3_column_int64(statement, at + 4),
		.position_ticks = sqlite3_column_int64(statement, at + 5),
		.rated = sqlite3_column_type(statement, at + 6) != SQLITE_NULL,
		.rating = sqlite3_column_double(statement, at + 6),
		.version = sqlite3_column_int64(statement, at + 7),
	};
}

/* ---- changing ---- */

/* Zeroed when there is no row. */
static bool
find_item(
	sqlite3 *database, const char *user_id, const char *item_id, struct user_item *item)
{
	sqlite3_stmt *statement = prepare(database,
		"SELECT " STATE " FROM user_items WHERE user_id = ? AND item_id = ?");

	*item = (struct user_item){ 0 };
	if (statement == NULL)
		return false;
	bind_text(statement, 1, user_id);
	bind_text(statement, 2, item_id);
	int step = sqlite3_step(statement);
	if (step == SQLITE_ROW)
		read_item(item, statement, 0);
	sqlite3_finalize(statement);
	return step == SQLITE_ROW || step == SQLITE_DONE;
}

static bool
write_item(sqlite3 *database, const char *user_id, const char *item_id,
	const struct user_item *item, int64_t now_ms)
{
	struct external_id id;
	sqlite3_stmt *statement;

	if (!external_id_parse(&id, slice_of(item_id)))
		return false;
	statement = prepare(database,
		"INSERT OR REPLACE INTO user_items (" STATE ", user_id, item_id, kind, "
		"changed_ms) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
	if (statement == NULL)
		return false;
	sqlite3_bind_int(statement, 1, item->favourite);
	sqlite3_bind_int64(statement, 2, item->favourite_since_ms);
	sqlite3_bind_int(statement, 3, item->played);
	sqlite3_bind_int64(statement, 4, item->play_count);
	sqlite3_bind_int64(statement, 5, item->last_played_ms);
	sqlite3_bind_int64(statement, 6, item->position_ticks);
	if (item->rated)
		sqlite3_bind_double(statement, 7, item->rating);
	sqlite3_bind_int64(statement, 8, item->version);
	bind_text(statement, 9, user_id);
	bind_text(statement, 10, item_id);
	sqlite3_bind_int(statement, 11, (int)id.kind);
	sqlite3_bind_int64(statement, 12, now_ms);
	return finish(statement);
}

bool
user_items_store_change(sqlite3 *database, const char *user_id, const char *item_id,
	const struct user_item_change *change, struct user_item *item)
{
	if (!find_item(database, user_id, item_id, item))
		return false;
	user_item_apply(item, change);
	return write_item(database, user_id, item_id, item, change->now_ms);
}

bool
user_items_store_keep_media(
	sqlite3 *database, const char *item_id, int64_t seen_ms, struct slice snapshot)
{
	sqlite3_stmt *statement = prepare(database,
		"INSERT INTO external_media VALUES (?, ?, ?) ON CONFLICT (item_id) DO "
		"UPDATE SET seen_ms = excluded.seen_ms, snapshot = excluded.snapshot "
		"WHERE excluded.seen_ms >= seen_ms");

	if (statement == NULL)
		return false;
	bind_text(statement, 1, item_id);
	sqlite3_bind_int64(statement, 2, seen_ms);
	sqlite3_bind_text(statement, 3, snapshot.data, (int)snapshot.size, SQLITE_STATIC);
	return finish(statement);
}

/* ---- reading ---- */

static bool
each_row(sqlite3_stmt *statement, bool snapshots,
	void (*each)(void *arg, const struct user_items_row *row), void *arg)
{
	int step;

	while ((step = sqlite3_step(statement)) == SQLITE_ROW) {
		struct user_items_row row = { .item_id = (const char *)sqlite3_column_text(
						      statement, STATE_COLUMNS) };
		read_item(&row.item, statement, 0);
		if (snapshots) {
			row.snapshot.data = (const char *)sqlite3_column_text(
				statement, STATE_COLUMNS + 1);
			row.snapshot.size =
				(size_t)sqlite3_column_bytes(statement, STATE_COLUMNS + 1);
		}
		each(arg, &row);
	}
	sqlite3_finalize(statement);
	return step == SQLITE_DONE;
}

bool
user_items_store_load(sqlite3 *database, const char *user_id, size_t most,
	void (*each)(void *arg, const struct user_items_row *row), void *arg)
{
	sqlite3_stmt *statement = prepare(database,
		"SELECT " STATE ", item_id FROM user_items WHERE user_id = ? "
		"ORDER BY changed_ms DESC LIMIT ?");

	if (statement == NULL)
		return false;
	bind_text(statement, 1, user_id);
	sqlite3_bind_int64(statement, 2, (sqlite3_int64)most);
	return each_row(statement, false, each, arg);
}

static const char *
order_of(const struct user_items_filter *filter)
{
	switch (filter->by) {
	case USER_ITEMS_LATEST_LIKED:
		return "favourite_since_ms";
	case USER_ITEMS_LATEST_PLAYED:
		return "last_played_ms";
	case USER_ITEMS_MOST_PLAYED:
		break;
	}
	return "play_count";
}

bool
user_items_store_list(sqlite3 *database, const struct user_items_filter *filter,
	void (*each)(void *arg, const struct user_items_row *row), void *arg)
{
	struct text sql = { 0 };

	text_addf(&sql,
		"SELECT " STATE ", user_items.item_id, snapshot FROM user_items "
		"JOIN external_media ON external_media.item_id = user_items.item_id "
		"WHERE user_id = ? AND ((1 << kind) & ?) != 0%s%s%s "
		"ORDER BY %s DESC, user_items.item_id LIMIT ?",
		filter->favourite ? " AND favourite = 1" : "",
		filter->played ? " AND played = 1" : "",
		filter->unplayed ? " AND played = 0" : "", order_of(filter));
	sqlite3_stmt *statement = prepare(database, text_get(&sql));
	text_fini(&sql);
	if (statement == NULL)
		return false;
	bind_text(statement, 1, filter->user_id);
	sqlite3_bind_int64(statement, 2, filter->kinds);
	sqlite3_bind_int64(statement, 3, (sqlite3_int64)filter->most);
	return each_row(statement, true, each, arg);
}

/* ---- forgetting ---- */

bool
user_items_store_erase(sqlite3 *database, const char *user_id)
{
	sqlite3_stmt *statement =
		prepare(database, "DELETE FROM user_items WHERE user_id = ?");

	if (statement == NULL)
		return false;
	bind_text(statement, 1, user_id);
	if (!finish(statement))
		return false;
	statement = prepare(database, "DELETE FROM external_media WHERE item_id NOT IN "
				      "(SELECT item_id FROM user_items)");
	return statement != NULL && finish(statement);
}
