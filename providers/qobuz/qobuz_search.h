/* Qobuz search: several kinds of one search, asked for in one call.
 *
 * A listener who types asks for songs, albums, artists and playlists of the same words at
 * once, and Qobuz's rate is small. Who asks on one loop within a turn shares a call for all
 * kinds (catalog/search); who asks later joins it while it is under way; who asks alone
 * gets a call for that kind only. Belongs to its loop.
 */
#ifndef PROVIDERS_QOBUZ_QOBUZ_SEARCH_H
#define PROVIDERS_QOBUZ_QOBUZ_SEARCH_H

#include "providers/qobuz/qobuz_call.h"

struct qobuz_search_wait; /* one who asked */

struct qobuz_search_page {
	int64_t offset, limit;
	int64_t patience_ms; /* for a place in the rate window; of who asks first */
	int64_t deadline_ms;
};

/* `query` is a search (CATALOG_SEARCH) that qobuz_api_ask can ask. `done` fires once, never
 * before this has returned, with an answer that has the list of that kind, perhaps among
 * others. The wait is gone after it. */
struct qobuz_search_wait *qobuz_search_join(struct qobuz_seat *seat,
	const struct catalog_query *query, const struct qobuz_search_page *page,
	void (*done)(void *arg, const struct qobuz_reply *reply), void *arg);
/* Silence. The last one to leave cancels the call. */
void qobuz_search_leave(struct qobuz_search_wait *wait);

#endif
