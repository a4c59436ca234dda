/* User playlists: the external part of Jellyfin's playlists, in our database.
 *
 * A playlist stays Jellyfin's: its name, its picture, who may see and change it, and its
 * local entries. Ours is the order of the whole (providers/playlist_order.h says how it
 * follows what happens past us) and, for every external entry, what its song looked like
 * when it was added, so that the list shows while the provider is away. What is asked of
 * everything (is this playlist one of those?) is answered from memory.
 *
 * Shared between workers. The database belongs to one instance: of several, each knows what
 * was done through it (docs/ARCHITECTURE.md).
 */
#ifndef PROVIDERS_USER_PLAYLISTS_H
#define PROVIDERS_USER_PLAYLISTS_H

#include "core/store.h"
#include "providers/media_facts.h"
#include "providers/playlist_order.h"
#include "providers/playlist_turns.h"

enum {
	USER_PLAYLIST_MOST = 5000, /* external entries of one playlist */
};

struct user_playlists;
struct user_playlist_call;

/* What is known of a playlist without asking. */
struct user_playlist_facts {
	char owner[33]; /* the user whose it is; "" unknown */
	size_t songs;   /* external */
	struct user_playlist_part {
		int64_t songs;
		int64_t duration_ms;
	} parts[PROVIDER_IDS];              /* of them */
	char picture[MEDIA_IMAGE_TAG_SIZE]; /* tag of its picture; "": none */
	char picture_song[EXTERNAL_ID_HEX]; /* whose picture that is */
};

/* `store` outlives what is asked. */
struct user_playlists *user_playlists_new(struct store *store);
/* After the store was stopped and the loops that asked are gone. Accepts NULL. */
void user_playlists_free(struct user_playlists *playlists);
/* Reads what is kept, then says `done` on `loop`, also when it could not be read. Once,
 * before anybody asks. */
void user_playlists_load(struct user_playlists *playlists, struct loop *loop,
	void (*done)(void *arg), void *arg);

/* False: nothing of it is external. `facts` may be NULL. Any thread. */
bool user_playlists_facts(struct user_playlists *playlists, const char *playlist,
	struct user_playlist_facts *facts);
/* Is there any? Any thread. */
bool user_playlists_any(struct user_playlists *playlists);
/* Whose turn it is to change a playlist. */
struct playlist_turns *user_playlists_turns(struct user_playlists *playlists);

/* The calls below: `done` fires once on `loop`, never before they returned; what it gets is
 * borrowed until it returns. */

/* Its order; ERR_NOT_FOUND, ERR_TIMEOUT, ERR_BUSY, ERR_IO. */
struct user_playlist_call *user_playlists_read(struct user_playlists *playlists,
	struct loop *loop, const char *playlist,
	void (*done)(void *arg, enum err err, const struct playlist_order *order),
	void *arg);

/* What the songs of some entries look like. found[i] is the place in `list` of the i-th
 * entry asked for, SIZE_MAX when there is none. */
struct user_playlist_call *user_playlists_songs(struct user_playlists *playlists,
	struct loop *loop, const char *playlist, const char (*entries)[PLAYLIST_ID_HEX],
	size_t count,
	void (*done)(void *arg, enum err err, struct media_list *list, const size_t *found),
	void *arg);

/* A song that is new to a playlist. */
struct user_playlist_song {
	char entry[PLAYLIST_ID_HEX];
	const struct media *media;
};
/* From now on the playlist has this order (copied); entries that are not in it are
 * forgotten, and the playlist is when none is left. `owner` "" leaves what is known.
 * `take_turn` is left when it is written, whether or not the call was cancelled. */
struct user_playlist_call *user_playlists_write(struct user_playlists *playlists,
	struct loop *loop, const char *playlist, const char *owner,
	const struct playlist_order *order, const struct user_playlist_song *songs,
	size_t song_count, struct playlist_turn *take_turn,
	void (*done)(void *arg, enum err err), void *arg);

/* What is shown is where others start from: the order, unless it has been changed
 * meanwhile; `before` is how it was read. */
struct user_playlist_call *user_playlists_settle(struct user_playlists *playlists,
	struct loop *loop, const char *playlist, const struct playlist_order *before,
	const struct playlist_order *after, void (*done)(void *arg, enum err err),
	void *arg);

/* Silence; what was to be written is. Accepts NULL. */
void user_playlists_cancel(struct user_playlist_call *call);

/* It is gone in Jellyfin: forgets it. Any thread. */
void user_playlists_drop(struct user_playlists *playlists, const char *playlist);

/* An id for a new entry, of the space of external ids, never given before. */
void user_playlist_entry_id(char id[PLAYLIST_ID_HEX]);

extern const struct store_migration user_playlists_migrations[];
extern const size_t user_playlists_migration_count;

#endif
