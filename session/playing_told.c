#include "session/playing_told.h"

enum { SEEK_FROM_MS = 2000 }; /* a position further off than this was a seek */

struct playing_told
playing_told_of(const struct play *play, int64_t now_ms)
{
	struct playing_told told = { .play_id = play->id,
		.at_ms = now_ms,
		.position_ms = play_position_now_ms(play, now_ms),
		.paused = play->state == PLAY_PAUSED,
		.muted = play->last.muted,
		.volume = play->last.volume,
		.item_hash = text_hash(0, play->last.item.item_json),
		.queue_hash = text_hash(0, play->last.queue_json) };

	told.player_hash = text_hash(0, play->last.repeat_mode);
	told.player_hash = text_hash(told.player_hash, play->last.playback_order);
	told.player_hash = text_hash(told.player_hash, play->last.play_method);
	told.player_hash = text_hash(told.player_hash, play->last.playlist_item_id);
	return told;
}

bool
playing_told_differs(const struct playing_told *told, const struct playing_told *now)
{
	int64_t expected_ms =
		told->position_ms + (told->paused ? 0 : now->at_ms - told->at_ms);
	int64_t off_ms = now->position_ms - expected_ms;

	return told->paused != now->paused || told->muted != now->muted ||
	       told->volume != now->volume || told->item_hash != now->item_hash ||
	       told->queue_hash != now->queue_hash ||
	       told->player_hash != now->player_hash || off_ms > SEEK_FROM_MS ||
	       off_ms < -SEEK_FROM_MS;
}
