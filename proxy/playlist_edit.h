/* Playlist edit: the steps that every change of a mixed playlist takes.
 *
 *   turn ─> read ours ─> [see Jellyfin's part] ─> plan ─> tell Jellyfin ─> keep ─> answer
 *
 * Any step may answer and end it; nothing of ours is changed before Jellyfin has said 2xx.
 * A plan decides what Jellyfin is told and what the list is to be. Lives in the intercept's
 * arena.
 */
#ifndef PROXY_PLAYLIST_EDIT_H
#define PROXY_PLAYLIST_EDIT_H

#include "proxy/playlist_view.h"

struct playlist_edit;

/* What a plan decided. */
enum playlist_plan {
	PLAYLIST_PLAN_GOOD,
	PLAYLIST_PLAN_UNCHANGED, /* Jellyfin is told, the list stays */
	PLAYLIST_PLAN_RELAY,     /* it is Jellyfin's affair alone */
	PLAYLIST_PLAN_FULL,      /* more than a playlist may have */
};

/* How much of Jellyfin's part has to be known. */
enum playlist_sight {
	PLAYLIST_SIGHT_NONE,
	PLAYLIST_SIGHT_ENTRIES, /* all entries */
	PLAYLIST_SIGHT_OWN,     /* those that the caller sees: places are counted in them */
};

struct playlist_edit {
	struct intercept *intercept;
	struct playlist_view *view; /* ->order: of now; a plan makes it what it is to be */
	enum playlist_sight sight;
	/* May change what follows as well. */
	enum playlist_plan (*plan)(struct playlist_edit *edit);
	void *state; /* the plan's */
	/* ---- by the plan ---- */
	struct local_request request; /* what Jellyfin is told */
	const struct user_playlist_song *songs;
	size_t song_count;
	/* ---- private ---- */
	char owner[33];
	struct playlist_turn *turn;
	size_t turn_hold, write_hold;
	const struct local_answer *answer; /* Jellyfin's to the request */
};

/* `id` as of playlist_id_read. */
struct playlist_edit *playlist_edit_new(struct intercept *intercept, const char *id);
/* Ends the intercept. */
void playlist_edit_start(struct playlist_edit *edit);

/* Request of an edit that changes nothing in Jellyfin, and fails as any other would. */
struct local_request playlist_edit_nothing(const struct playlist_edit *edit);

/* The last steps alone: `answer` is Jellyfin's, the list is to be what edit->view has. */
void playlist_edit_keep(
	struct playlist_edit *edit, const char *owner, const struct local_answer *answer);

#endif
