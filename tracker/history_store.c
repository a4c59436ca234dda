#include "tracker/history_store.h"

#include "core/sql.h"
#include "tracker/player.h"
#include "tracker/viewing.h"

/* What a segment refers to. */
struct references {
	int64_t user, item, player, place;
};

/* ---- what repeats ---- */

static bool
find_user(sqlite3 *database, const struct segment *segment, int64_t *id)
{
	return sql_get_int(database,
		"INSERT INTO users (server, user_id, name, first_seen_ms, last_seen_ms) "
		"VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT (server, user_id) DO UPDATE SET "
		"name = iif(excluded.name = '', name, excluded.name), "
		"last_seen_ms = max(last_seen_ms, excluded.last_seen_ms) RETURNING id",
		SQL_VALUES(SQL_TEXT(segment->key.server), SQL_TEXT(segment->key.user_id),
			SQL_TEXT(segment->user_name), SQL_INT(segment->started_ms),
			SQL_INT(segment->stopped_ms)),
		id);
}

/* What is known of an item grows while it plays, and may be corrected in Jellyfin. */
static bool
find_item(sqlite3 *database, const struct segment *segment, int64_t *id)
{
	const struct play_item *item = &segment->item;
	bool episode = segment->kind == SEGMENT_EPISODE;

	return sql_get_int(database,
		"INSERT INTO items (server, item_id, kind, type, provider, name, "
		"series_id, "
		"series, season, episode, album_id, album, artist, library_id, year, "
		"runtime_ms) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, "
		"?13, "
		"'', ?14, ?15) ON CONFLICT (server, item_id) DO UPDATE SET "
		"kind = iif(excluded.type = '', kind, excluded.kind), "
		"type = iif(excluded.type = '', type, excluded.type), "
		"name = iif(excluded.name = '', name, excluded.name), "
		"series_id = iif(excluded.series_id = '', series_id, excluded.series_id), "
		"series = iif(excluded.series = '', series, excluded.series), "
		"season = iif(excluded.season = 0, season, excluded.season), "
		"episode = iif(excluded.episode = 0, episode, excluded.episode), "
		"album_id = iif(excluded.album_id = '', album_id, excluded.album_id), "
		"album = iif(excluded.album = '', album, excluded.album), "
		"artist = iif(excluded.artist = '', artist, excluded.artist), "
		"year = iif(excluded.year = 0, year, excluded.year), "
		"runtime_ms = iif(excluded.runtime_ms = 0, runtime_ms, "
		"excluded.runtime_ms) "
		"RETURNING id",
		SQL_VALUES(SQL_TEXT(segment->key.server), SQL_TEXT(item->id),
			SQL_INT(segment->kind), SQL_TEXT(item->type),
			SQL_TEXT(item->provider), SQL_TEXT(item->name),
			SQL_TEXT(item->series_id), SQL_TEXT(episode ? item->album : ""),
			SQL_INT(item->season), SQL_INT(item->episode),
			SQL_TEXT(item->album_id), SQL_TEXT(episode ? "" : item->album),
			SQL_TEXT(item->artist), SQL_INT(item->year),
			SQL_INT(item->runtime_ms)),
		id);
}

static bool
find_player(sqlite3 *database, const struct segment *segment, int64_t *id)
{
	const char *client = segment->key.client;

	return sql_get_int(database,
		"INSERT INTO players (client, device, device_id, version, platform, "
		"device_type) VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT (device_id, "
		"client, "
		"device, version) DO UPDATE SET platform = excluded.platform, "
		"device_type = excluded.device_type RETURNING id",
		SQL_VALUES(SQL_TEXT(client), SQL_TEXT(segment->device),
			SQL_TEXT(segment->key.device_id), SQL_TEXT(segment->version),
			SQL_TEXT(player_platform(client, segment->device)),
			SQL_TEXT(player_device_type(client, segment->device))),
		id);
}

static struct sql_value
real_or_null(bool known, double value)
{
	return known ? SQL_REAL(value) : SQL_NULL;
}

/* What the database of places says may have changed since. */
static bool
find_place(sqlite3 *database, const struct segment *segment, const struct geo *geo,
	int64_t *id)
{
	struct geo_place place = geo_find(geo, segment->address);

	return sql_get_int(database,
		"INSERT INTO places (address, local, country, region, city, latitude, "
		"longitude) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT (address) DO "
		"UPDATE SET country = excluded.country, region = excluded.region, "
		"city = excluded.city, latitude = excluded.latitude, "
		"longitude = excluded.longitude RETURNING id",
		SQL_VALUES(SQL_TEXT(segment->address), SQL_INT(place.local),
			SQL_TEXT(place.country), SQL_TEXT(place.region),
			SQL_TEXT(place.city), real_or_null(place.located, place.latitude),
			real_or_null(place.located, place.longitude)),
		id);
}

static bool
find_references(sqlite3 *database, const struct segment *segment, const struct geo *geo,
	struct references *references)
{
	return find_user(database, segment, &references->user) &&
	       find_item(database, segment, &references->item) &&
	       find_player(database, segment, &references->player) &&
	       find_place(database, segment, geo, &references->place);
}

/* ---- the segment ---- */

#define NEXT_CHANGE "(SELECT coalesce(max(changed), 0) + 1 FROM segments)"

/* `*viewing` stays 0 when it begins one of its own. */
static bool
find_viewing(sqlite3 *database, const struct segment *segment,
	const struct references *references, int64_t window_ms, int64_t *viewing)
{
	sqlite3_stmt *rows = sql_prepare(database,
		"SELECT viewing, stopped_ms, position_ms, watched FROM segments "
		"WHERE user = ?1 AND item = ?2 ORDER BY stopped_ms DESC LIMIT 1",
		SQL_VALUES(SQL_INT(references->user), SQL_INT(references->item)));

	if (rows == NULL)
		return false;
	if (sql_next(rows)) {
		const struct viewing_last last = { .stopped_ms = sql_int(rows, 1),
			.position_ms = sql_int(rows, 2),
			.watched = sql_int(rows, 3) != 0 };
		if (viewing_continues(&last, segment->started_ms,
			    segment->first_position_ms, window_ms))
			*viewing = sql_int(rows, 0);
	}
	return sql_end(rows);
}

static bool
add(sqlite3 *database, const struct segment *segment, const struct references *references,
	int64_t window_ms)
{
	int64_t viewing = 0;

	if (!find_viewing(database, segment, references, window_ms, &viewing) ||
		!sql_run(database,
			"INSERT INTO segments (viewing, user, item, player, place, "
			"session_id, "
			"open, started_ms, stopped_ms, played_ms, paused_ms, position_ms, "
			"watched, forced, ended_by, category, bitrate, details, "
			"changed) VALUES "
			"(?1, ?2, "
			"?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, "
			"?17, "
			"?18, " NEXT_CHANGE ")",
			SQL_VALUES(SQL_INT(viewing), SQL_INT(references->user),
				SQL_INT(references->item), SQL_INT(references->player),
				SQL_INT(references->place), SQL_TEXT(segment->session_id),
				SQL_INT(segment->open), SQL_INT(segment->started_ms),
				SQL_INT(segment->stopped_ms), SQL_INT(segment->played_ms),
				SQL_INT(segment->paused_ms), SQL_INT(segment->position_ms),
				SQL_INT(segment->watched), SQL_INT(segment->forced),
				SQL_TEXT(segment->ended_by), SQL_INT(segment->category),
				SQL_INT(segment->bitrate), SQL_TEXT(segment->details))))
		return false;
	return viewing != 0 ||
	       sql_run(database, "UPDATE segments SET viewing = id WHERE id = ?1",
		       SQL_VALUES(SQL_INT(sqlite3_last_insert_rowid(database))));
}

/* Times and positions of what plays are told again and again; that it is watched is told
 * once. */
static bool
update(sqlite3 *database, const struct segment *segment,
	const struct references *references, int64_t id)
{
	return sql_run(database,
		"UPDATE segments SET player = ?2, place = ?3, session_id = ?4, open = ?5, "
		"stopped_ms = max(stopped_ms, ?6), played_ms = ?7, paused_ms = ?8, "
		"position_ms = ?9, watched = max(watched, ?10), forced = ?11, ended_by = "
		"?12, "
		"category = ?13, bitrate = ?14, details = ?15, changed = " NEXT_CHANGE
		" WHERE id = ?1",
		SQL_VALUES(SQL_INT(id), SQL_INT(references->player),
			SQL_INT(references->place), SQL_TEXT(segment->session_id),
			SQL_INT(segment->open), SQL_INT(segment->stopped_ms),
			SQL_INT(segment->played_ms), SQL_INT(segment->paused_ms),
			SQL_INT(segment->position_ms), SQL_INT(segment->watched),
			SQL_INT(segment->forced), SQL_TEXT(segment->ended_by),
			SQL_INT(segment->category), SQL_INT(segment->bitrate),
			SQL_TEXT(segment->details)));
}

bool
history_store_write(
	sqlite3 *database, const struct segment *segment, const struct history_rules *rules)
{
	struct references references = { 0 };
	int64_t id = 0;

	if (!find_references(database, segment, rules->geo, &references) ||
		!sql_get_int(database,
			"SELECT s.id FROM segments s JOIN players p ON p.id = s.player "
			"WHERE s.open AND s.user = ?1 AND s.item = ?2 AND p.device_id = ?3 "
			"AND s.stopped_ms >= ?4",
			SQL_VALUES(SQL_INT(references.user), SQL_INT(references.item),
				SQL_TEXT(segment->key.device_id),
				SQL_INT(segment->started_ms)),
			&id))
		return false;
	if (id != 0)
		return update(database, segment, &references, id);
	return add(database, segment, &references, rules->window_ms);
}

bool
history_store_close_lost(sqlite3 *database, int64_t before_ms)
{
	return sql_run(database,
		"UPDATE segments SET open = 0, forced = 1, ended_by = 'lost', "
		"changed = " NEXT_CHANGE " WHERE open AND stopped_ms < ?1",
		SQL_VALUES(SQL_INT(before_ms)));
}

/* ---- forgetting ---- */

static bool
count_deletion(sqlite3 *database)
{
	return sql_run(
		database, "UPDATE history_state SET deletions = deletions + 1", NULL, 0);
}

static bool
forget_unreferred(sqlite3 *database)
{
	static const char *const statements[] = {
		"DELETE FROM items WHERE id NOT IN (SELECT item FROM segments)",
		"DELETE FROM players WHERE id NOT IN (SELECT player FROM segments)",
		"DELETE FROM places WHERE id NOT IN (SELECT place FROM segments)",
	};

	for (size_t i = 0; i < COUNT_OF(statements); i++) {
		if (!sql_run(database, statements[i], NULL, 0))
			return false;
	}
	return true;
}

bool
history_store_forget(sqlite3 *database, int64_t before_ms, int64_t most, int64_t *forgotten)
{
	if (!sql_run(database,
		    "DELETE FROM segments WHERE id IN (SELECT id FROM segments "
		    "WHERE started_ms < ?1 AND NOT open ORDER BY started_ms LIMIT ?2)",
		    SQL_VALUES(SQL_INT(before_ms), SQL_INT(most))))
		return false;
	*forgotten = sqlite3_changes64(database);
	if (*forgotten == 0)
		return true;
	/* Only when the last of them has gone: it looks at everything. */
	return count_deletion(database) &&
	       (*forgotten == most || forget_unreferred(database));
}

bool
history_store_erase(
	sqlite3 *database, const char *server, const char *user_id, int64_t *erased)
{
	if (!sql_run(database,
		    "DELETE FROM segments WHERE user IN (SELECT id FROM users "
		    "WHERE server = ?1 AND user_id = ?2)",
		    SQL_VALUES(SQL_TEXT(server), SQL_TEXT(user_id))))
		return false;
	*erased = sqlite3_changes64(database);
	return sql_run(database, "DELETE FROM users WHERE server = ?1 AND user_id = ?2",
		       SQL_VALUES(SQL_TEXT(server), SQL_TEXT(user_id))) &&
	       count_deletion(database) && forget_unreferred(database);
}
