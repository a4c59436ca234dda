/* Playlist view: a playlist as one list, made of what we keep and of what Jellyfin says.
 *
 * Jellyfin is asked in the client's own name: who may not see the playlist gets Jellyfin's
 * own answer and nothing of ours. Lives in the intercept's arena.
 */
#ifndef PROXY_PLAYLIST_VIEW_H
#define PROXY_PLAYLIST_VIEW_H

#include "providers/user_playlists.h"
#include "proxy/local.h"

struct playlist_view {
	struct intercept *intercept;
	char id[PLAYLIST_ID_HEX];
	struct playlist_order order; /* freed when the exchange ends */
	/* Why there is no order of ours: ERR_NOT_FOUND, nothing of it is external. */
	enum err err;
	const struct local_answer *local; /* Jellyfin's, once asked for */
	/* ---- private ---- */
	size_t hold;
	void (*done)(void *arg);
	void *arg;
};

/* `id` as of playlist_id_read. */
struct playlist_view *playlist_view_new(struct intercept *intercept, const char *id);
/* Ours as it was written last. `done` fires once, in a later turn, unless the exchange ends
 * before. */
void playlist_view_read(struct playlist_view *view, void (*done)(void *arg), void *arg);
/* Which entries Jellyfin has now, in order, those the caller cannot see among them
 * (GET /Playlists/{id}, Jellyfin 10.10 and later). When it says so, view->local->is_list,
 * and the order follows, here and in what we keep. */
void playlist_view_ask(struct playlist_view *view, void (*done)(void *arg), void *arg);

/* Jellyfin's part, as far as the caller sees it, is what this array names: ids, or items.
 * False when it does not; `changed` (may be NULL): it was another before. */
MUST_CHECK bool playlist_view_follow(
	struct playlist_view *view, const json_t *array, bool *changed);
/* Jellyfin's answer was this one: when it says to the playlist's owner that there is no
 * such playlist, what we keep of it is forgotten. (Others may only have lost sight of it.)
 */
void playlist_view_heed(struct playlist_view *view, const struct local_answer *answer);

#endif
