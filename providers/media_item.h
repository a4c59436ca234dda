/* Media item: a provider's media as Jellyfin's BaseItemDto, as the strictest client wants
 * it.
 *
 * Field map and the non-null list: facts on providers §4. Arrays are never null, ids are 32
 * lower-case hex, dates full date-times, ServerId the real server's, ImageTags only if
 * there is a picture. A preview is named "(preview)" and its RunTimeTicks are the 30 s
 * served. Pure; any thread.
 */
#ifndef PROVIDERS_MEDIA_ITEM_H
#define PROVIDERS_MEDIA_ITEM_H

#include <jansson.h>

#include "providers/media.h"

struct item_context {
	const char *server_id;
	const char *user_id;
	int64_t preview_ms;    /* how long a preview is: 30 000 */
	int64_t preview_bytes; /* exact size when known, else 0: Size is left out */
};

/* A whole BaseItemDto. New. */
json_t *media_item_new(const struct media *media, const struct item_context *context);
/* A SearchHint of /Search/Hints. New. */
json_t *media_hint_new(const struct media *media, const struct item_context *context);
/* One MediaSourceInfo, for PlaybackInfo. New. */
json_t *media_source_new(const struct media *media, const struct item_context *context);
/* Renames every key of the document to camelCase (Accept: …; profile="CamelCase"), except
 * keys of dictionaries (ImageTags, ProviderIds, ImageBlurHashes, RequiredHttpHeaders). New.
 */
json_t *item_camel_case_new(const json_t *document);

#endif
