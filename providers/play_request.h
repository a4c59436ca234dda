/* Play request: what a request for a song's bytes says of the client that asks, by its
 * route and its query, and which forms of the song may answer it.
 *
 * The queries are Jellyfin's (UniversalAudioController, AudioController, 12.0): names of
 * any case, lists repeated or with commas. Pure; any thread.
 */
#ifndef PROVIDERS_PLAY_REQUEST_H
#define PROVIDERS_PLAY_REQUEST_H

#include "core/url.h"
#include "providers/play_profile.h"

enum play_route {
	/* /Items/{id}/File, /Items/{id}/Download: whatever there is. */
	PLAY_ROUTE_FILE,
	/* /Audio/{id}/stream[.ext]: whatever there is with static=true, in the form whose
	 * ETag is in Tag, else in the container of the extension if it comes in that; else
	 * what the extension, container and audioCodec name. */
	PLAY_ROUTE_STREAM,
	/* /Audio/{id}/universal: what Container lists, else what the Transcoding… names
	 * ask for: PLAY_MP3_FILE or PLAY_MP3_SEGMENTS. */
	PLAY_ROUTE_UNIVERSAL,
	/* /Audio/{id}/main.m3u8 and master.m3u8: MP3, which whoever plays such lists
	 * takes in segments (RFC 8216 §3.4), whatever codec it would have liked. */
	PLAY_ROUTE_LIST,
};

struct play_request {
	enum play_route route;
	const char *song;      /* 32 hex */
	const char *extension; /* of stream.{ext}; NULL: none */
	const struct query *query;
};

/* Chooses among the qualities in `offered`. */
struct play_choice play_request_choose(
	const struct play_request *request, struct arena *arena, track_quality_set offered);

#endif
