/* Media source: how a provider's song is played, as Jellyfin's MediaSourceInfo: one file of
 * MP3 or FLAC, played directly, in the form of media_facts_form. What is not known of it
 * (the size, FLAC's bit rate) is left out. Pure; any thread.
 */
#ifndef PROVIDERS_MEDIA_SOURCE_H
#define PROVIDERS_MEDIA_SOURCE_H

#include "providers/media_facts.h"

/* One MediaSourceInfo of a song, for items and PlaybackInfo. New. */
json_t *media_source_new(const struct media *media, const struct item_context *context);
/* The ETag of a song's source in one form: another form is another file. `song` is 32 hex.
 * Players that build the address themselves put it into Tag. */
void media_source_etag(
	char etag[EXTERNAL_ID_HEX], const char *song, enum track_quality quality);
/* Its MediaStreams: the audio, and the lyrics when it is known to have some. New. */
json_t *media_source_streams_new(
	const struct media *media, const struct item_context *context);

#endif
