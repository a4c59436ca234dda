/* Catalog cache: what providers have told, and that they have no such thing.
 *
 * Shared between workers behind its own lock; any thread. Bounded: 4,096 answers with
 * 40,000 items in all (some 40 MB), 16,384 addresses of pictures and as many sizes of
 * tracks. "No such thing" is
 * remembered for 5 minutes, answers as long as catalog_query says.
 */
#ifndef PROVIDERS_CATALOG_CACHE_H
#define PROVIDERS_CATALOG_CACHE_H

#include "core/error.h"
#include "providers/catalog_query.h"
#include "providers/media.h"

struct catalog_cache;

struct catalog_cache *catalog_cache_new(void);
/* Accepts NULL. */
void catalog_cache_free(struct catalog_cache *cache);
/* False when nothing is known, or nothing fresh enough. Else `*err` is ERR_NONE with a new
 * reference in `*list`, or ERR_NOT_FOUND. */
MUST_CHECK bool catalog_cache_get(struct catalog_cache *cache,
	const struct catalog_query *query, enum err *err, struct media_list **list);
/* Keeps ERR_NONE with `list` (a reference is taken) and ERR_NOT_FOUND; nothing else. */
void catalog_cache_put(struct catalog_cache *cache, const struct catalog_query *query,
	enum err err, struct media_list *list);
/* Adds the image_base of anything ever seen in a list; false when that is forgotten or it
 * has no picture. */
MUST_CHECK bool catalog_cache_image(
	struct catalog_cache *cache, struct text *base, const struct external_id *id);
/* How many bytes a song's stream has, good until that wall time (0: a quarter of an hour).
 */
void catalog_cache_put_bytes(struct catalog_cache *cache, const struct external_id *id,
	int64_t bytes, int64_t expires_wall_ms);
/* 0: unknown. */
int64_t catalog_cache_bytes(struct catalog_cache *cache, const struct external_id *id);

#endif
