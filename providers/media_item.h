/* Media item: a provider's media as Jellyfin's BaseItemDto, as the strictest client wants
 * it.
 *
 * Field map and the non-null list: facts on providers §4; the set of fields is that of a
 * real server (10.11 and 12.0, GET /Items/{id}). Arrays are never null, ids are 32
 * lower-case hex, dates full date-times, ServerId the real server's, ImageTags only if
 * there is a picture. A preview is named "(preview)" and its RunTimeTicks are the 30 s
 * served. Pure; any thread.
 */
#ifndef PROVIDERS_MEDIA_ITEM_H
#define PROVIDERS_MEDIA_ITEM_H

#include <jansson.h>

#include "providers/item_case.h"
#include "providers/media.h"

struct item_context {
	const char *server_id;
	const char *user_id;    /* whom it is made for */
	const char *library_id; /* ParentId of artists and playlists; NULL: none */
	/* How long a preview is: 30 000. 0 when whole songs are served. */
	int64_t preview_ms;
	int64_t preview_bytes; /* exact size when known, else 0: Size is left out */
	bool can_download;     /* the user's policy: CanDownload of songs */
};

/* A whole BaseItemDto. New. */
json_t *media_item_new(const struct media *media, const struct item_context *context);
/* A SearchHint of /Search/Hints. New. */
json_t *media_hint_new(const struct media *media, const struct item_context *context);
/* One MediaSourceInfo of a song, for PlaybackInfo. New. */
json_t *media_source_new(const struct media *media, const struct item_context *context);
/* What ImageTags says for that picture: at most 64 characters. */
enum { MEDIA_IMAGE_TAG_SIZE = 65 };
void media_image_tag(char tag[MEDIA_IMAGE_TAG_SIZE], const char *image_key);

#endif
