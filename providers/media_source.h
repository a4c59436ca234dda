/* Media source: how a provider's song is played, as Jellyfin's MediaSourceInfo: one MP3
 * stream of 128 kbit/s, played directly. Fields: facts on providers §4. Pure; any thread.
 */
#ifndef PROVIDERS_MEDIA_SOURCE_H
#define PROVIDERS_MEDIA_SOURCE_H

#include "providers/media_facts.h"

/* One MediaSourceInfo of a song, for items and PlaybackInfo. New. */
json_t *media_source_new(const struct media *media, const struct item_context *context);
/* Its MediaStreams: an array of one. New. */
json_t *media_source_streams_new(void);

#endif
