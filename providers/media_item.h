/* Media item: a provider's media as Jellyfin's BaseItemDto, as the strictest client wants
 * it.
 *
 * The set of fields is that of a real server (10.11 and 12.0, GET /Items/{id}). Arrays are
 * never null, ids are 32 lower-case hex, dates full date-times, ServerId the real server's,
 * ImageTags only if there is a picture. What plays is in media_source.h. Pure; any thread.
 */
#ifndef PROVIDERS_MEDIA_ITEM_H
#define PROVIDERS_MEDIA_ITEM_H

#include "providers/item_case.h"
#include "providers/media_source.h"

/* A whole BaseItemDto. New. */
json_t *media_item_new(const struct media *media, const struct item_context *context);
/* A SearchHint of /Search/Hints. New. */
json_t *media_hint_new(const struct media *media, const struct item_context *context);

#endif
