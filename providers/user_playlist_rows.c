#include "providers/user_playlist_rows.h"

#include <stdlib.h>
#include <string.h>

#include "core/sql.h"
#include "providers/media_facts.h"
#include "providers/media_snapshot.h"

const struct store_migration user_playlists_migrations[] = {
	{ 20, "user_playlists",
		"CREATE TABLE user_playlists (id TEXT PRIMARY KEY, owner TEXT NOT NULL, "
		"songs INTEGER NOT NULL, duration_ms INTEGER NOT NULL, "
		"picture TEXT NOT NULL, picture_song TEXT NOT NULL, "
		"members TEXT NOT NULL) WITHOUT ROWID;"
		"CREATE TABLE user_playlist_songs (playlist TEXT NOT NULL, "
		"entry TEXT NOT NULL, duration_ms INTEGER NOT NULL, media TEXT NOT NULL, "
		"PRIMARY KEY (playlist, entry)) WITHOUT ROWID" },
	{ 21, "user_playlist_parts",
		"CREATE TABLE user_playlist_parts (playlist TEXT NOT NULL, "
		"provider INTEGER NOT NULL, songs INTEGER NOT NULL, "
		"duration_ms INTEGER NOT NULL, PRIMARY KEY (playlist, provider)) "
		"WITHOUT ROWID; ALTER TABLE user_playlists DROP COLUMN duration_ms" },
};
const size_t user_playlists_migration_count = COUNT_OF(user_playlists_migrations);

/* ---- reading ---- */

static bool
read_parts(sqlite3 *database, const char *playlist, struct user_playlist_facts *facts)
{
	sqlite3_stmt *statement = sql_prepare(database,
		"SELECT provider, songs, duration_ms FROM user_playlist_parts "
		"WHERE playlist = ?",
		SQL_VALUES(SQL_TEXT(playlist)));

	while (sql_next(statement)) {
		int64_t provider = sql_int(statement, 0);
		if (provider > 0 && provider < PROVIDER_IDS)
			facts->parts[provider] =
				(struct user_playlist_part){ sql_int(statement, 1),
					sql_int(statement, 2) };
	}
	return sql_end(statement);
}

bool
user_playlist_rows_each(sqlite3 *database,
	void (*row)(
		void *arg, const char *playlist, const struct user_playlist_facts *facts),
	void *arg)
{
	sqlite3_stmt *statement = sql_prepare(database,
		"SELECT id, owner, songs, picture, picture_song FROM user_playlists", NULL,
		0);
	bool good = true;

	while (good && sql_next(statement)) {
		struct user_playlist_facts facts = {
			.songs = (size_t)sql_int(statement, 2),
		};
		copy_text(facts.owner, sizeof facts.owner, sql_text(statement, 1));
		copy_text(facts.picture, sizeof facts.picture, sql_text(statement, 3));
		copy_text(facts.picture_song, sizeof facts.picture_song,
			sql_text(statement, 4));
		good = read_parts(database, sql_text(statement, 0), &facts);
		if (good)
			row(arg, sql_text(statement, 0), &facts);
	}
	return sql_end(statement) && good;
}

bool
user_playlist_rows_read(
	sqlite3 *database, const char *playlist, struct playlist_order *order)
{
	sqlite3_stmt *statement =
		sql_prepare(database, "SELECT members FROM user_playlists WHERE id = ?",
			SQL_VALUES(SQL_TEXT(playlist)));
	bool good = true;

	*order = (struct playlist_order){ 0 };
	if (sql_next(statement))
		good = playlist_order_read(order, slice_of(sql_text(statement, 0)));
	return sql_end(statement) && good;
}

bool
user_playlist_rows_song(sqlite3 *database, const char *playlist, const char *entry,
	struct media_list *list, size_t *found)
{
	sqlite3_stmt *statement = sql_prepare(database,
		"SELECT media FROM user_playlist_songs WHERE playlist = ? AND entry = ?",
		SQL_VALUES(SQL_TEXT(playlist), SQL_TEXT(entry)));

	*found = SIZE_MAX;
	if (sql_next(statement) &&
		media_snapshot_read(list, slice_of(sql_text(statement, 0))) != NULL)
		*found = list->count - 1;
	return sql_end(statement);
}

/* ---- writing ---- */

static bool
add_song(sqlite3 *database, const char *playlist, const struct user_playlist_row_song *song)
{
	return sql_run(database,
		"INSERT OR REPLACE INTO user_playlist_songs "
		"(playlist, entry, duration_ms, media) VALUES (?, ?, ?, ?)",
		SQL_VALUES(SQL_TEXT(playlist), SQL_TEXT(song->entry),
			SQL_INT(song->duration_ms), SQL_TEXT(text_get(&song->media))));
}

/* An external member, for looking it up by its entry. */
struct seat {
	char entry[PLAYLIST_ID_HEX];
	enum provider_id provider;
};

static int
compare_seats(const void *left, const void *right)
{
	const struct seat *a = left, *b = right;

	return strcmp(a->entry, b->entry);
}

/* The external members, sorted. Caller xfree()s. */
static struct seat *
seats_new(const struct playlist_order *order, size_t *count)
{
	struct seat *seats = xcalloc(order->count + 1, sizeof *seats);
	struct external_id id;

	*count = 0;
	for (size_t i = 0; i < order->count; i++) {
		const struct playlist_member *member = &order->members[i];
		if (!member->external || !external_id_parse(&id, slice_of(member->song)))
			continue;
		seats[*count].provider = id.provider;
		copy_text(seats[(*count)++].entry, PLAYLIST_ID_HEX, member->id);
	}
	qsort(seats, *count, sizeof *seats, compare_seats);
	return seats;
}

/* Of the songs that are kept, forgets those that are not in the order, and counts the
 * others. */
static bool
sweep(sqlite3 *database, const char *playlist, const struct playlist_order *order,
	struct user_playlist_facts *facts)
{
	sqlite3_stmt *statement = sql_prepare(database,
		"SELECT entry, duration_ms FROM user_playlist_songs WHERE playlist = ?",
		SQL_VALUES(SQL_TEXT(playlist)));
	size_t count;
	struct seat *seats = seats_new(order, &count);
	bool good = true;

	while (good && sql_next(statement)) {
		struct seat wanted;
		copy_text(wanted.entry, sizeof wanted.entry, sql_text(statement, 0));
		const struct seat *seat =
			bsearch(&wanted, seats, count, sizeof *seats, compare_seats);
		if (seat != NULL) {
			facts->songs++;
			facts->parts[seat->provider].songs++;
			facts->parts[seat->provider].duration_ms += sql_int(statement, 1);
		} else {
			good = sql_run(database,
				"DELETE FROM user_playlist_songs "
				"WHERE playlist = ? AND entry = ?",
				SQL_VALUES(SQL_TEXT(playlist), SQL_TEXT(wanted.entry)));
		}
	}
	xfree(seats);
	return sql_end(statement) && good;
}

/* The first song that has a picture. */
static bool
find_picture(sqlite3 *database, const char *playlist, const struct playlist_order *order,
	struct user_playlist_facts *facts)
{
	struct media_list *list = media_list_new(1);
	bool good = true;
	size_t found;

	for (size_t i = 0; good && i < order->count && facts->picture[0] == '\0'; i++) {
		const struct playlist_member *member = &order->members[i];
		if (!member->external)
			continue;
		good = user_playlist_rows_song(
			database, playlist, member->id, list, &found);
		if (!good || found == SIZE_MAX || list->items[found].image_key == NULL)
			continue;
		media_image_tag(facts->picture, list->items[found].image_key);
		copy_text(facts->picture_song, sizeof facts->picture_song, member->song);
	}
	media_list_unref(list);
	return good;
}

static bool
put_parts(sqlite3 *database, const char *playlist, const struct user_playlist_facts *facts)
{
	bool good = true;

	for (int64_t i = 1; good && i < PROVIDER_IDS; i++)
		good = sql_run(database,
			"INSERT OR REPLACE INTO user_playlist_parts "
			"(playlist, provider, songs, duration_ms) VALUES (?, ?, ?, ?)",
			SQL_VALUES(SQL_TEXT(playlist), SQL_INT(i),
				SQL_INT(facts->parts[i].songs),
				SQL_INT(facts->parts[i].duration_ms)));
	return good;
}

static bool
put_playlist(sqlite3 *database, const char *playlist, const struct playlist_order *order,
	const struct user_playlist_facts *facts)
{
	struct text members = { 0 };

	playlist_order_write(&members, order);
	bool good = sql_run(database,
		"INSERT INTO user_playlists (id, owner, songs, picture, picture_song, "
		"members) VALUES (?, ?, ?, ?, ?, ?) "
		"ON CONFLICT (id) DO UPDATE SET owner = CASE excluded.owner WHEN '' "
		"THEN owner ELSE excluded.owner END, songs = excluded.songs, "
		"picture = excluded.picture, "
		"picture_song = excluded.picture_song, members = excluded.members",
		SQL_VALUES(SQL_TEXT(playlist), SQL_TEXT(facts->owner),
			SQL_INT((int64_t)facts->songs), SQL_TEXT(facts->picture),
			SQL_TEXT(facts->picture_song), SQL_TEXT(text_get(&members))));
	text_fini(&members);
	return good;
}

bool
user_playlist_rows_write(sqlite3 *database, const char *playlist,
	const struct playlist_order *order, const struct user_playlist_row_song *songs,
	size_t song_count, struct user_playlist_facts *facts)
{
	bool good = true;

	facts->songs = 0;
	memset(facts->parts, 0, sizeof facts->parts);
	facts->picture[0] = '\0';
	facts->picture_song[0] = '\0';
	for (size_t i = 0; good && i < song_count; i++)
		good = add_song(database, playlist, &songs[i]);
	if (!good || !sweep(database, playlist, order, facts) ||
		!find_picture(database, playlist, order, facts))
		return false;
	if (facts->songs == 0)
		return user_playlist_rows_drop(database, playlist);
	return put_playlist(database, playlist, order, facts) &&
	       put_parts(database, playlist, facts);
}

bool
user_playlist_rows_settle(
	sqlite3 *database, const char *playlist, const char *before, const char *after)
{
	return sql_run(database,
		"UPDATE user_playlists SET members = ? WHERE id = ? AND members = ?",
		SQL_VALUES(SQL_TEXT(after), SQL_TEXT(playlist), SQL_TEXT(before)));
}

bool
user_playlist_rows_drop(sqlite3 *database, const char *playlist)
{
	return sql_run(database, "DELETE FROM user_playlists WHERE id = ?",
		       SQL_VALUES(SQL_TEXT(playlist))) &&
	       sql_run(database, "DELETE FROM user_playlist_parts WHERE playlist = ?",
		       SQL_VALUES(SQL_TEXT(playlist))) &&
	       sql_run(database, "DELETE FROM user_playlist_songs WHERE playlist = ?",
		       SQL_VALUES(SQL_TEXT(playlist)));
}
