/* Play info: what a question for PlaybackInfo asks, and its answer.
 *
 * As Jellyfin 12.0 (MediaInfoController, MediaInfoHelper): each value may be in the query,
 * which counts first, or in the body. Without a DeviceProfile nothing is known of the
 * client, and it is told how the song comes. AutoOpenLiveStream, EnableDirectStream
 * and StartTimeTicks change nothing: no song has to be opened, none is repacked on the way,
 * and every address brings it from its beginning, with ranges to seek in. Pure; any
 * thread.
 */
#ifndef PROVIDERS_PLAY_INFO_H
#define PROVIDERS_PLAY_INFO_H

#include "core/url.h"
#include "providers/media_source.h"
#include "providers/play_profile.h"

/* Everything borrowed from query and body. */
struct play_info_ask {
	struct play_wish wish;
	const char *media_source_id; /* NULL: any */
};

/* `body` may be NULL, or no object. */
void play_info_read(
	struct play_info_ask *ask, const struct query *query, const json_t *body);
/* Is it about this song's one source? */
bool play_info_is_about(const struct play_info_ask *ask, const struct external_id *id);

/* What goes into the answer's addresses. */
struct play_info_links {
	const char *session_id; /* PlaySessionId */
	const char *device_id;  /* NULL or "" is left out */
};

/* PlaybackInfoResponse with the song's source. `context->offered` is everything that the
 * user gets, `choice` what of it plays, and how; not PLAY_NOT. New. */
json_t *play_info_new(const struct media *song, const struct item_context *context,
	const struct play_info_ask *ask, const struct play_choice *choice,
	const struct play_info_links *links);
/* One that says why there is none: "NoCompatibleStream", "NotAllowed". New. */
json_t *play_info_error_new(const char *code);

#endif
