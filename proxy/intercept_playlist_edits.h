/* Playlist edits: changes of Jellyfin's playlists that concern external songs.
 *
 * Who may change a playlist is Jellyfin's decision. Every edit is told to Jellyfin first,
 * in the client's own name: the local part of the same edit, or, when nothing of it is
 * local, an addition of no songs, which Jellyfin answers as it would any other and which
 * changes nothing. Only what it takes (2xx) is written here, and its answer is the
 * client's. Edits of one playlist wait for each other (providers/playlist_turns.h).
 *
 * What happens between Jellyfin's answer and our commit: when the commit fails, the client
 * is told so (500 playlist_not_saved); when the program dies, it sees the connection break;
 * when it leaves itself, it is not told anything. In all these cases the local part of the
 * edit is done and the external part may not be. The list stays in order either way, since
 * it follows whatever Jellyfin has.
 *
 * Callers without the right to external music edit the local part, as if we were not here;
 * the external part follows when it is looked at next.
 */
#ifndef PROXY_INTERCEPT_PLAYLIST_EDITS_H
#define PROXY_INTERCEPT_PLAYLIST_EDITS_H

#include "proxy/router.h"

/* POST /Playlists/{id} with Ids: the whole list anew. */
bool intercept_playlist_update(struct front_worker *worker, struct exchange *exchange,
	const struct route_match *match);
/* POST /Playlists/{id}/Items */
bool intercept_playlist_add(struct front_worker *worker, struct exchange *exchange,
	const struct route_match *match);
/* DELETE /Playlists/{id}/Items */
bool intercept_playlist_remove(struct front_worker *worker, struct exchange *exchange,
	const struct route_match *match);
/* POST /Playlists/{id}/Items/{entry}/Move/{index} */
bool intercept_playlist_move(struct front_worker *worker, struct exchange *exchange,
	const struct route_match *match);

#endif
