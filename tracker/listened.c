#include "tracker/listened.h"

int64_t
listened_ms(const struct play *play)
{
	int64_t until_ms = play->updated_ms;

	if (play->state == PLAY_STOPPED && play->regular &&
		until_ms - play->last.received_ms >= PLAY_REGULAR_SILENCE_MS)
		until_ms = play->last.received_ms;
	int64_t heard_ms = until_ms - play->started_ms - play_paused_ms(play, until_ms);
	return heard_ms > 0 ? heard_ms : 0;
}

bool
listened_is_enough(int64_t heard_ms, int64_t runtime_ms)
{
	int64_t enough_ms = LISTENED_ENOUGH_MS;

	if (runtime_ms > 0 && runtime_ms / 2 < enough_ms)
		enough_ms = runtime_ms / 2;
	return heard_ms >= enough_ms;
}
