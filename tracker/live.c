#include "tracker/live.h"

#include <string.h>

#include "core/clock.h"
#include "core/log.h"
#include "core/squeeze.h"
#include "tracker/metrics.h"

#define LIVE_MAGIC 0x6c697665u

enum { ALIVE_RECHECK_MS = 60 * 1000 };

void
live_tell(struct tracker *tracker, const struct play *play, enum play_change change)
{
	assert(!tracker->telling);
	tracker->telling = true;
	for (size_t i = 0; i < tracker->observer_count; i++)
		tracker->observers[i].changed(tracker->observers[i].arg, play, change);
	tracker->telling = false;
}

/* ---- plays, squeezed and not: they hold tokens, so what is left of them is wiped ---- */

static void
squeeze(struct live *live)
{
	live->squeezed = squeeze_new(live->play, sizeof *live->play);
	LIST_REMOVE(live, place);
	explicit_bzero(live->play, sizeof *live->play);
	xfree(live->play);
	live->play = NULL;
}

static void
on_squeeze(void *arg)
{
	struct tracker *tracker = arg;

	while (!LIST_EMPTY(&tracker->loose))
		squeeze(LIST_FIRST(&tracker->loose));
}

static void
loosen(struct live *live)
{
	live->play = xcalloc(1, sizeof *live->play);
	LIST_INSERT_HEAD(&live->tracker->loose, live, place);
	if (!timer_is_started(&live->tracker->squeeze))
		timer_start(&live->tracker->squeeze, 0);
}

struct play *
live_play(struct live *live)
{
	if (live->play != NULL)
		return live->play;
	loosen(live);
	squeeze_restore(live->play, sizeof *live->play, live->squeezed);
	explicit_bzero(live->squeezed, squeeze_size(live->squeezed, sizeof *live->play));
	xfree(live->squeezed);
	live->squeezed = NULL;
	return live->play;
}

void
live_show(struct live *live, void (*show)(void *arg, const struct play *play), void *arg)
{
	bool squeezed = live->play == NULL;

	show(arg, live_play(live));
	if (squeezed)
		squeeze(live);
}

void
live_init(struct tracker *tracker)
{
	LIST_INIT(&tracker->loose);
	timer_init(&tracker->squeeze, tracker->loop, on_squeeze, tracker);
}

static void
free_live(void *arg)
{
	struct live *live = CAST(arg, LIVE_MAGIC);

	play_fini(live->play);
	explicit_bzero(live->play, sizeof *live->play);
	xfree(live->play);
	live->magic = 0;
	xfree(live);
}

/* It is over: whoever holds the play may look at it until free_live. */
static void
retire(struct live *live)
{
	(void)live_play(live);
	LIST_REMOVE(live, place);
}

static void
link_live(struct tracker *tracker, struct live *live)
{
	live->previous = tracker->last;
	if (tracker->last != NULL)
		tracker->last->next = live;
	else
		tracker->first = live;
	tracker->last = live;
	metric_set(&tracker_metric_plays, (int64_t)++tracker->live_count);
}

static void
unlink_live(struct tracker *tracker, struct live *live)
{
	if (live->previous != NULL)
		live->previous->next = live->next;
	else
		tracker->first = live->next;
	if (live->next != NULL)
		live->next->previous = live->previous;
	else
		tracker->last = live->previous;
	live->tracked->live = NULL;
	timer_stop(&live->silence);
	timer_stop(&live->pending);
	metric_set(&tracker_metric_plays, (int64_t)--tracker->live_count);
}

void
live_review_pending(struct live *live, int64_t seen_ms)
{
	struct play *play = live_play(live);

	if (play->confirmed || !play_is_due(play, seen_ms))
		return;
	timer_stop(&live->pending);
	play->confirmed = true;
	live_tell(live->tracker, play, PLAY_CONFIRMED);
}

void
live_end(struct tracker *tracker, struct live *live, int64_t now_ms, int64_t position_ms,
	const char *why)
{
	if (live_play(live)->heard_ms > 0)
		live_review_pending(live, now_ms); /* its timer may be late */
	play_end(live_play(live), now_ms, position_ms);
	copy_text(live_play(live)->ended_by, sizeof live_play(live)->ended_by, why);
	unlink_live(tracker, live);
	metric_add(&tracker_metric_ended, 1);
	log_info("play_ended", LOG_NUMBER("play", live_play(live)->id),
		LOG_TEXT("user", live_play(live)->last.user_name),
		LOG_TEXT("item", live_play(live)->last.item.name), LOG_TEXT("why", why),
		LOG_NUMBER("position_ms", live_play(live)->position_ms));
	live_tell(tracker, live_play(live), PLAY_ENDED);
	retire(live);
	loop_later(tracker->loop, free_live, live);
}

void
live_end_and_bury(struct tracker *tracker, struct live *live, int64_t now_ms,
	int64_t position_ms, const char *why)
{
	tracked_bury(live->tracked, live_play(live)->last.item.id,
		live_play(live)->last.play_session_id, now_ms);
	live_end(tracker, live, now_ms, position_ms, why);
}

void
live_arm_silence(struct live *live, bool alive)
{
	int64_t wait_ms = play_silence_due_ms(live_play(live), alive) - clock_now_ms();

	if (alive && wait_ms > ALIVE_RECHECK_MS)
		wait_ms = ALIVE_RECHECK_MS;
	timer_start(&live->silence, wait_ms > 0 ? wait_ms : 0);
}

static void
on_silence(void *arg)
{
	struct live *live = CAST(arg, LIVE_MAGIC);
	struct tracker *tracker = live->tracker;
	int64_t now_ms = clock_now_ms();
	bool alive = tracker->alive != NULL &&
		     tracker->alive(tracker->alive_arg, &live->tracked->key);

	if (play_silence_due_ms(live_play(live), alive) > now_ms) {
		live_arm_silence(live, alive);
		return;
	}
	metric_add(&tracker_metric_silent, 1);
	live_end(tracker, live, play_silent_since_ms(live_play(live), now_ms), -1,
		"silence");
}

static void
on_pending(void *arg)
{
	live_review_pending(CAST(arg, LIVE_MAGIC), clock_now_ms());
}

/* What comes through us lasts until we hear otherwise; what only the feed shows must be
 * seen once more. */
static void
arm_pending(struct live *live)
{
	const struct play *play = live_play(live);
	int64_t wait_ms = play->started_ms + PLAY_PENDING_MS + 1 - clock_now_ms();

	if (!play->confirmed && play->heard_ms > 0)
		timer_start(&live->pending, wait_ms > 0 ? wait_ms : 0);
}

/* The caller fills in the play. */
static struct live *
add_live(struct tracker *tracker, struct tracked *tracked, bool external)
{
	struct live *live = xcalloc(1, sizeof *live);

	live->magic = LIVE_MAGIC;
	live->tracker = tracker;
	live->tracked = tracked;
	live->id = ++tracker->next_id;
	live->external = external;
	timer_init(&live->silence, tracker->loop, on_silence, live);
	timer_init(&live->pending, tracker->loop, on_pending, live);
	loosen(live);
	tracked->live = live;
	link_live(tracker, live);
	return live;
}

void
live_begin(
	struct tracker *tracker, struct tracked *tracked, const struct play_report *report)
{
	struct live *live = add_live(tracker, tracked, report->item.external);

	play_begin(live_play(live), live->id, report);
	live_arm_silence(live, false);
	arm_pending(live);
	metric_add(&tracker_metric_started, 1);
	log_info("play_started", LOG_NUMBER("play", live_play(live)->id),
		LOG_TEXT("user", report->user_name), LOG_TEXT("client", report->key.client),
		LOG_TEXT("item", report->item.name), LOG_TEXT("item_id", report->item.id));
	live_tell(tracker, live_play(live), PLAY_STARTED);
}

void
live_restore(struct tracker *tracker, struct tracked *tracked, const struct play *play)
{
	struct live *live = add_live(tracker, tracked, play->last.item.external);
	const struct play_report *last = &live_play(live)->last;

	play_copy(live_play(live), play);
	live_play(live)->id = live->id;
	live_play(live)->confirmed = play->confirmed || play_is_due(play, clock_now_ms());
	live_arm_silence(live, false);
	arm_pending(live);
	log_info("play_restored", LOG_NUMBER("play", live_play(live)->id),
		LOG_TEXT("user", last->user_name), LOG_TEXT("client", last->key.client),
		LOG_TEXT("item", last->item.name), LOG_TEXT("item_id", last->item.id));
	live_tell(tracker, live_play(live), PLAY_RESTORED);
}

void
live_leave(struct tracker *tracker, struct live *live)
{
	unlink_live(tracker, live);
	log_info("play_left", LOG_NUMBER("play", live_play(live)->id),
		LOG_TEXT("user", live_play(live)->last.user_name),
		LOG_TEXT("item", live_play(live)->last.item.name));
	live_tell(tracker, live_play(live), PLAY_LEFT);
	retire(live);
	loop_later(tracker->loop, free_live, live);
}

void
live_drop_all(struct tracker *tracker)
{
	while (tracker->first != NULL) {
		struct live *live = tracker->first;
		unlink_live(tracker, live);
		retire(live);
		free_live(live);
	}
	timer_stop(&tracker->squeeze);
}
