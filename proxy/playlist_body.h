/* Playlist body: the ids in the body of a request that makes or changes a playlist. Pure;
 * any thread.
 */
#ifndef PROXY_PLAYLIST_BODY_H
#define PROXY_PLAYLIST_BODY_H

#include <jansson.h>

#include "core/arena.h"

/* The member Ids of a body: an array, or a text with commas; in the arena. NULL when there
 * is none; ids that are no texts are left out, as nothing could be made of them. */
const char *const *playlist_body_ids(
	struct arena *arena, const json_t *document, size_t *count);
/* `body`, which is valid JSON, with only `ids` (joined by commas) in it and all else as it
 * was; in the arena. */
struct slice playlist_body_with(struct arena *arena, struct slice body, const char *ids);

#endif
