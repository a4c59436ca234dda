#include "tracker/history_schema.h"

#include "core/mem.h"

const struct store_migration history_migrations[] = {
	{ 40, "history",
		"CREATE TABLE users (id INTEGER PRIMARY KEY, server TEXT NOT NULL, "
		"user_id TEXT NOT NULL, name TEXT NOT NULL, first_seen_ms INTEGER NOT "
		"NULL, "
		"last_seen_ms INTEGER NOT NULL, UNIQUE (server, user_id));"

		/* A track has its artist and album, an episode its series and numbers. */
		"CREATE TABLE items (id INTEGER PRIMARY KEY, server TEXT NOT NULL, "
		"item_id TEXT NOT NULL, kind INTEGER NOT NULL, type TEXT NOT NULL, "
		"provider TEXT NOT NULL, name TEXT NOT NULL, series_id TEXT NOT NULL, "
		"series TEXT NOT NULL, season INTEGER NOT NULL, episode INTEGER NOT NULL, "
		"album_id TEXT NOT NULL, album TEXT NOT NULL, artist TEXT NOT NULL, "
		"library_id TEXT NOT NULL, year INTEGER NOT NULL, "
		"runtime_ms INTEGER NOT NULL, UNIQUE (server, item_id));"

		"CREATE TABLE players (id INTEGER PRIMARY KEY, client TEXT NOT NULL, "
		"device TEXT NOT NULL, device_id TEXT NOT NULL, version TEXT NOT NULL, "
		"platform TEXT NOT NULL, device_type TEXT NOT NULL, "
		"UNIQUE (device_id, client, device, version));"

		"CREATE TABLE places (id INTEGER PRIMARY KEY, address TEXT NOT NULL "
		"UNIQUE, "
		"local INTEGER NOT NULL, country TEXT NOT NULL, region TEXT NOT NULL, "
		"city TEXT NOT NULL, latitude REAL, longitude REAL);"

		/* `open`: it may still grow; stopped_ms is then when it was last written.
		 * `category` is enum peak_category's. `details`: tracker/play_stream as
		 * JSON. */
		"CREATE TABLE segments (id INTEGER PRIMARY KEY, viewing INTEGER NOT NULL, "
		"user INTEGER NOT NULL REFERENCES users, item INTEGER NOT NULL REFERENCES "
		"items, "
		"player INTEGER NOT NULL REFERENCES players, "
		"place INTEGER NOT NULL REFERENCES places, session_id TEXT NOT NULL, "
		"open INTEGER NOT NULL, started_ms INTEGER NOT NULL, "
		"stopped_ms INTEGER NOT NULL, played_ms INTEGER NOT NULL, "
		"paused_ms INTEGER NOT NULL, position_ms INTEGER NOT NULL, "
		"watched INTEGER NOT NULL, forced INTEGER NOT NULL, ended_by TEXT NOT "
		"NULL, "
		"category INTEGER NOT NULL, bitrate INTEGER NOT NULL, details TEXT NOT "
		"NULL, changed INTEGER NOT NULL);"
		"CREATE INDEX segments_started ON segments (started_ms);"
		"CREATE INDEX segments_viewing ON segments (viewing);"
		/* The latest of an item by a user, which the next one may continue. */
		"CREATE INDEX segments_latest ON segments (user, item, stopped_ms);"
		"CREATE INDEX segments_item ON segments (item);"
		/* Each write gives its row the next number: what has changed since. */
		"CREATE INDEX segments_changed ON segments (changed);"
		"CREATE INDEX segments_open ON segments (user, item) WHERE open;"

		/* Counts deletions, after which everything must be read anew. */
		"CREATE TABLE history_state (id INTEGER PRIMARY KEY CHECK (id = 1), "
		"deletions INTEGER NOT NULL);"
		"INSERT INTO history_state VALUES (1, 0)" },
};
const size_t history_migration_count = COUNT_OF(history_migrations);
