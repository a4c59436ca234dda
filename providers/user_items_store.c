#include "providers/user_items_store.h"

#include "core/sql.h"

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

static void
read_item(struct user_item *item, sqlite3_stmt *rows)
{
	*item = (struct user_item){
		.favourite = sql_int(rows, 0) != 0,
		.favourite_since_ms = sql_int(rows, 1),
		.played = sql_int(rows, 2) != 0,
		.play_count = sql_int(rows, 3),
		.last_played_ms = sql_int(rows, 4),
		.position_ticks = sql_int(rows, 5),
		.rated = !sql_is_null(rows, 6),
		.rating = sql_real(rows, 6),
		.version = sql_int(rows, 7),
	};
}

/* ---- changing ---- */

/* Zeroed when there is no row. */
static bool
find_item(
	sqlite3 *database, const char *user_id, const char *item_id, struct user_item *item)
{
	sqlite3_stmt *rows = sql_prepare(database,
		"SELECT " STATE " FROM user_items WHERE user_id = ? AND item_id = ?",
		SQL_VALUES(SQL_TEXT(user_id), SQL_TEXT(item_id)));

	*item = (struct user_item){ 0 };
	if (sql_next(rows))
		read_item(item, rows);
	return sql_end(rows);
}

static bool
write_item(sqlite3 *database, const char *user_id, const char *item_id,
	const struct user_item *item, int64_t now_ms)
{
	struct external_id id;

	return external_id_parse(&id, slice_of(item_id)) &&
	       sql_run(database,
		       "INSERT OR REPLACE INTO user_items (" STATE
		       ", user_id, item_id, kind, "
		       "changed_ms) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
		       SQL_VALUES(SQL_INT(item->favourite),
			       SQL_INT(item->favourite_since_ms), SQL_INT(item->played),
			       SQL_INT(item->play_count), SQL_INT(item->last_played_ms),
			       SQL_INT(item->position_ticks),
			       item->rated ? SQL_REAL(item->rating) : SQL_NULL,
			       SQL_INT(item->version), SQL_TEXT(user_id), SQL_TEXT(item_id),
			       SQL_INT(id.kind), SQL_INT(now_ms)));
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
	return sql_run(database,
		"INSERT INTO external_media VALUES (?, ?, ?) ON CONFLICT (item_id) DO "
		"UPDATE SET seen_ms = excluded.seen_ms, snapshot = excluded.snapshot "
		"WHERE excluded.seen_ms >= seen_ms",
		SQL_VALUES(SQL_TEXT(item_id), SQL_INT(seen_ms), SQL_SLICE(snapshot)));
}

/* ---- reading ---- */

static bool
each_row(sqlite3_stmt *rows, bool snapshots,
	void (*each)(void *arg, const struct user_items_row *row), void *arg)
{
	while (sql_next(rows)) {
		struct user_items_row row = { .item_id = sql_text(rows, STATE_COLUMNS) };
		read_item(&row.item, rows);
		if (snapshots)
			row.snapshot = sql_slice(rows, STATE_COLUMNS + 1);
		each(arg, &row);
	}
	return sql_end(rows);
}

bool
user_items_store_load(sqlite3 *database, const char *user_id, size_t most,
	void (*each)(void *arg, const struct user_items_row *row), void *arg)
{
	sqlite3_stmt *rows = sql_prepare(database,
		"SELECT " STATE ", item_id FROM user_items WHERE user_id = ? "
		"ORDER BY changed_ms DESC LIMIT ?",
		SQL_VALUES(SQL_TEXT(user_id), SQL_INT((int64_t)most)));

	return each_row(rows, false, each, arg);
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
	sqlite3_stmt *rows = sql_prepare(database, text_get(&sql),
		SQL_VALUES(SQL_TEXT(filter->user_id), SQL_INT(filter->kinds),
			SQL_INT((int64_t)filter->most)));
	text_fini(&sql);
	return each_row(rows, true, each, arg);
}

/* ---- forgetting ---- */

bool
user_items_store_erase(sqlite3 *database, const char *user_id)
{
	return sql_run(database, "DELETE FROM user_items WHERE user_id = ?",
		       SQL_VALUES(SQL_TEXT(user_id))) &&
	       sql_run(database,
		       "DELETE FROM external_media WHERE item_id NOT IN "
		       "(SELECT item_id FROM user_items)",
		       NULL, 0);
}
