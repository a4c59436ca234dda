#include "session/playing_step.h"

static enum playing_step
next_without_play(const struct playing_view *view)
{
	if (view->replaced && view->told_id != 0)
		return PLAYING_WITHDRAW;
	if (view->native && view->restate)
		return PLAYING_RESTATE;
	return view->told_id != 0 ? PLAYING_STOPPED : PLAYING_NOTHING;
}

static enum playing_step
next_of_play(const struct playing_view *view, int64_t *wait_ms)
{
	int64_t every_ms = view->reported ? PLAYING_EVERY_MS : PLAYING_HEARTBEAT_MS;

	if (view->rejected_id == view->play_id)
		return PLAYING_NOTHING;
	if (!view->capabilities_told)
		return view->capabilities_known ? PLAYING_CAPABILITIES : PLAYING_LOOK;
	if (view->announced_id != view->play_id)
		return PLAYING_START;
	/* Told once, forgotten by Jellyfin since: Progress writes no line into its log. */
	if (view->told_id != view->play_id || view->changed ||
		view->since_told_ms >= every_ms)
		return PLAYING_PROGRESS;
	*wait_ms = every_ms - view->since_told_ms;
	return PLAYING_NOTHING;
}

enum playing_step
playing_next(const struct playing_view *view, int64_t *wait_ms)
{
	*wait_ms = -1;
	if (view->calling)
		return PLAYING_NOTHING;
	/* Withdrawing is forgetting: it needs no Jellyfin. */
	if (view->down && !(view->play_id == 0 && view->replaced && view->told_id != 0))
		return PLAYING_NOTHING;
	return view->play_id != 0 ? next_of_play(view, wait_ms) : next_without_play(view);
}

const char *
playing_step_name(enum playing_step step)
{
	static const char *const names[] = { "nothing", "look", "capabilities", "start",
		"progress", "stopped", "withdraw", "restate" };
	return names[step];
}
