/* Seen media: what external items looked like that somebody came across lately, as JSON
 * (providers/media_snapshot), should something be done with one. A few thousand, in memory.
 * Shared between threads behind a lock of its own.
 */
#ifndef PROVIDERS_SEEN_MEDIA_H
#define PROVIDERS_SEEN_MEDIA_H

#include "core/text.h"

struct seen_media;

struct seen_media *seen_media_new(void);
/* Accepts NULL. */
void seen_media_free(struct seen_media *seen);

/* `seen_ms`: when its provider said so. `kept`: the database has a snapshot of it as well;
 * then this is true once a day: it is time to renew that. */
MUST_CHECK bool seen_media_put(struct seen_media *seen, const char *item_id,
	int64_t seen_ms, struct slice json, bool kept);
/* Adds what it looked like; false: it was not seen lately. */
MUST_CHECK bool seen_media_get(
	struct seen_media *seen, const char *item_id, struct text *json, int64_t *seen_ms);

#endif
