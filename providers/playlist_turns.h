/* Playlist turns: who edits a playlist waits until those before have written what they did.
 *
 * An edit asks Jellyfin, changes Jellyfin's part, then ours; two of them at once, from any
 * workers, would each start from what the other is about to change. First come, first
 * served; at most PLAYLIST_TURNS_MOST wait for one playlist.
 */
#ifndef PROVIDERS_PLAYLIST_TURNS_H
#define PROVIDERS_PLAYLIST_TURNS_H

#include "core/error.h"
#include "core/loop.h"

enum { PLAYLIST_TURNS_MOST = 64 };

struct playlist_turns; /* shared by all workers, behind a lock of its own */
struct playlist_turn;

struct playlist_turns *playlist_turns_new(void);
/* After the last turn was left. Accepts NULL. */
void playlist_turns_free(struct playlist_turns *turns);

/* `done` fires once on `loop`, never before this returned: ERR_NONE when it is this one's
 * turn, which lasts until playlist_turn_leave; ERR_BUSY when too many wait already, or when
 * `deadline_ms` from now have passed. The turn is to be left in either case. */
struct playlist_turn *playlist_turn_wait(struct playlist_turns *turns, struct loop *loop,
	const char *playlist, int64_t deadline_ms, void (*done)(void *arg, enum err err),
	void *arg);
/* The next one's turn. Silence when it still waited. On its loop. Accepts NULL. */
void playlist_turn_leave(struct playlist_turn *turn);

#endif
