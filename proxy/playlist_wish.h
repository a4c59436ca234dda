/* Playlist wish: the ids a client wants in a playlist, told apart.
 *
 * Local ones go to Jellyfin as they came; external ones become songs: a song itself, all
 * songs of an album or of a provider's playlist, an artist's best known. What a provider
 * does not know is left out, as Jellyfin leaves out what it does not know; a provider that
 * cannot be asked fails the whole wish, before anything is changed. Lives in the
 * intercept's arena.
 */
#ifndef PROXY_PLAYLIST_WISH_H
#define PROXY_PLAYLIST_WISH_H

#include "providers/user_playlists.h"
#include "proxy/gather.h"

enum {
	PLAYLIST_WISH_SONGS =
		500, /* external ones of one wish; what is beyond is left out */
};

struct playlist_wish;

/* Is any of them external? */
bool playlist_wish_is_external(const char *const *ids, size_t count);
/* `ids` live as long as the exchange. NULL when more than GATHER_MAX of them would have to
 * be asked for. Songs that `known` (NULL: none) has already are not. */
struct playlist_wish *playlist_wish_new(struct intercept *intercept, const char *const *ids,
	size_t count, const struct playlist_order *known);
/* What is answered then; ends the intercept. */
void playlist_wish_refuse(struct intercept *intercept);
/* Asks for them. `done` fires once, in a later turn, unless the exchange ends before. */
void playlist_wish_ask(
	struct playlist_wish *wish, void (*done)(void *arg, enum err err), void *arg);

/* The local ids, joined by commas; in the arena. */
const char *playlist_wish_locals(const struct playlist_wish *wish);
/* The members to be, in the arena, and which of their songs are new. Of the entries in
 * `known` (NULL: none) those of the same songs are used again. */
struct playlist_wish_members {
	struct playlist_member *members;
	size_t count;
	struct user_playlist_song *songs;
	size_t song_count;
};
struct playlist_wish_members playlist_wish_members(
	struct playlist_wish *wish, const struct playlist_order *known);

#endif
