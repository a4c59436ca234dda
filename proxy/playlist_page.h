/* Playlist page: a part of a mixed playlist as a list of items.
 *
 * Jellyfin is asked for exactly the local entries that stand on the page; they go to the
 * client as Jellyfin wrote them. Which those are follows from the ids of all local entries
 * (both are asked for at once, by the order of before), unless the caller cannot see some
 * of them, or Jellyfin shows doubles once (below /Items): then its total differs, and its
 * whole list is asked for instead.
 */
#ifndef PROXY_PLAYLIST_PAGE_H
#define PROXY_PLAYLIST_PAGE_H

#include "proxy/intercept.h"

struct playlist_page_request {
	const char *playlist; /* as of playlist_id_read */
	struct intercept_page page;
	/* Jellyfin lists in an order of its own: ours stand behind it, or, when it
	 * shuffles, anywhere. */
	bool sorted;
	bool shuffled;
};

/* Answers and ends the intercept, whose caller may have external music. */
void playlist_page_reply(
	struct intercept *intercept, const struct playlist_page_request *request);

#endif
