/* Playing told: what a report says about a play, kept to see what has changed since. Pure;
 * any thread.
 */
#ifndef SESSION_PLAYING_TOLD_H
#define SESSION_PLAYING_TOLD_H

#include "tracker/play.h"

struct playing_told {
	uint64_t play_id; /* 0: nothing */
	int64_t at_ms;
	int64_t position_ms;
	bool paused, muted;
	int64_t volume;
	uint64_t player_hash; /* of repeat mode, order, play method, entry of the queue */
	uint64_t item_hash;
	uint64_t queue_hash;
};

struct playing_told playing_told_of(const struct play *play, int64_t now_ms);
/* Whether `now` is more than `told` and the time since: a pause, a seek, the volume, … */
bool playing_told_differs(const struct playing_told *told, const struct playing_told *now);

#endif
