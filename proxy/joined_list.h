/* Joined list: Jellyfin's own items and, behind them, external ones, as one list in pages.
 * Jellyfin's are pasted as it wrote them. */
#ifndef PROXY_JOINED_LIST_H
#define PROXY_JOINED_LIST_H

#include "proxy/local.h"

/* The external ones. */
struct joined_externals {
	size_t count;
	/* Makes the item with that number, a BaseItemDto. New. */
	json_t *(*item_new)(void *arg, size_t i, const struct item_context *context);
	void *arg;
};

/* Answers the intercept with the page that its client asked for. `local` is the whole list
 * (asked for without StartIndex and Limit), or NULL: none. */
void joined_list_reply(struct intercept *intercept, const struct local_answer *local,
	const struct joined_externals *externals);

#endif
