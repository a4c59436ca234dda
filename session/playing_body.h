/* Playing body: the JSON that Jellyfin gets about external plays. Pure; any thread.
 *
 * Measured: ItemId must be absent and Item whole in every report, Item.Id a GUID; a Stopped
 * needs no item.
 */
#ifndef SESSION_PLAYING_BODY_H
#define SESSION_PLAYING_BODY_H

#include "core/text.h"
#include "tracker/play.h"

/* POST /Sessions/Playing and /Progress of an external play. The queue goes along when
 * `with_queue`. `server_id` is for an Item made here because the play brought none. */
void playing_body_of(struct text *to, const struct play *play, int64_t now_ms,
	const char *server_id, bool with_queue);
/* /Progress of a native play, as its client would send it. */
void playing_body_of_native(struct text *to, const struct play *play, int64_t now_ms);
/* /Stopped of a play that has ended. With its queue: Jellyfin 12 shows a queue only once
 * the song it came with has stopped (measured). */
void playing_body_stopped(struct text *to, const struct play *play);
/* … of which nothing is known any more. */
const char *playing_body_stopped_plain(void);
/* Our own capabilities, for clients that posted none: without a socket of its own a client
 * obeys Stop, by us, and nothing else. */
const char *playing_body_capabilities(void);

#endif
