/* User playlist rows: the statements of providers/user_playlists, on the store's threads.
 */
#ifndef PROVIDERS_USER_PLAYLIST_ROWS_H
#define PROVIDERS_USER_PLAYLIST_ROWS_H

#include "providers/user_playlists.h"

/* Any row: a playlist's id with its facts. */
MUST_CHECK bool user_playlist_rows_each(sqlite3 *database,
	void (*row)(
		void *arg, const char *playlist, const struct user_playlist_facts *facts),
	void *arg);

/* `order` stays empty when there is no such playlist. */
MUST_CHECK bool user_playlist_rows_read(
	sqlite3 *database, const char *playlist, struct playlist_order *order);

/* Adds what is kept of an entry's song to `list`; *found is its place, SIZE_MAX when there
 * is none. */
MUST_CHECK bool user_playlist_rows_song(sqlite3 *database, const char *playlist,
	const char *entry, struct media_list *list, size_t *found);

struct user_playlist_row_song {
	char entry[PLAYLIST_ID_HEX];
	int64_t duration_ms;
	struct text media; /* a snapshot */
};
/* Adds songs, forgets those that `order` lacks, keeps the order and sums it up in *facts.
 * Without external members the playlist is forgotten. facts->owner "" leaves the owner. */
MUST_CHECK bool user_playlist_rows_write(sqlite3 *database, const char *playlist,
	const struct playlist_order *order, const struct user_playlist_row_song *songs,
	size_t song_count, struct user_playlist_facts *facts);
/* Only the order, if it is `before` still. */
MUST_CHECK bool user_playlist_rows_settle(
	sqlite3 *database, const char *playlist, const char *before, const char *after);
MUST_CHECK bool user_playlist_rows_drop(sqlite3 *database, const char *playlist);

#endif
