/* More query: is a list request one of those that external things may complete? Pure; any
 * thread. */
#ifndef PROXY_MORE_QUERY_H
#define PROXY_MORE_QUERY_H

#include "core/url.h"

enum more_kind {
	MORE_NOTHING,
	MORE_ALBUMS,    /* the albums of one local artist */
	MORE_PLAYLISTS, /* playlists, of no folder in particular */
};

/* `*artist_id`: of MORE_ALBUMS, as the client spells it; in the query. */
enum more_kind more_query_read(
	struct arena *arena, const struct query *query, const char **artist_id);

#endif
