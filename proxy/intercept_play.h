/* Play: what the handlers of a song's bytes share: who may have them, and in which forms.
 */
#ifndef PROXY_INTERCEPT_PLAY_H
#define PROXY_INTERCEPT_PLAY_H

#include "providers/play_request.h"
#include "providers/track_stream.h"
#include "proxy/intercept.h"

/* A PlaySessionId of ours opens its own song without a token: cast receivers cannot send
 * headers. Without one it is intercept_guard. `allowed` is called in either case, with
 * intercept->pass set in the first, and intercept->caller in the second only. */
void intercept_play_guard(struct intercept *intercept, const struct external_id *song,
	void (*allowed)(struct intercept *intercept));

/* How the song may come, by what the request says of its player, what its listener gets and
 * what PlaybackInfo has found out. PLAY_NOT: the intercept has been answered, with 404 for
 * who gets nothing at all, and 406 with a sentence for a player that plays none of it. */
struct play_choice intercept_play_choose(struct intercept *intercept,
	const struct external_id *song, enum play_route route, const char *extension);
/* 406, counted. */
void intercept_play_refuse(struct intercept *intercept);
/* 403: somebody has stopped this playback from afar (proxy/running_streams.h). */
void intercept_play_refuse_stopped(struct intercept *intercept);
/* Why a stream ended before its head: a limit (429), who is busy (503), denied (403), a
 * form that cannot come (406), else as intercept_reply_err. */
void intercept_play_reply_end(struct intercept *intercept, const struct track_end *end);

#endif
