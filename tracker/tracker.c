#include "tracker/tracker.h"

#include <stdatomic.h>
#include <string.h>

#include "core/clock.h"
#include "core/log.h"
#include "tracker/live.h"
#include "tracker/metrics.h"

enum {
	CREDITS = 1024,
	SWEEP_MS = 60 * 1000,
	/* What the feed tells was said past us when it is so much newer than all that came
	 * through us: a relayed report reaches Jellyfin a little later than us. */
	FEED_LEAD_MS = 2000,
};

struct posted {
	struct message message;
	struct tracker *tracker;
	struct play_report *report;
};

static void
on_sweep(void *arg)
{
	struct tracker *tracker = arg;

	tracked_sweep(&tracker->sessions, clock_now_ms());
	if (tracker->sessions.count > 0)
		timer_start(&tracker->sweep, SWEEP_MS);
}

/* ---- reports ---- */

static bool
play_session_ids_differ(const struct play_report *a, const struct play_report *b)
{
	return a->play_session_id[0] != '\0' && b->play_session_id[0] != '\0' &&
	       strcmp(a->play_session_id, b->play_session_id) != 0;
}

static bool
is_same_item(struct live *live, const struct play_report *report)
{
	return live != NULL && strcmp(report->item.id, live_play(live)->last.item.id) == 0;
}

static void
on_stop(struct tracker *tracker, struct tracked *tracked, const struct play_report *report)
{
	struct live *live = tracked->live;
	bool same =
		live != NULL && (report->item.id[0] == '\0' || is_same_item(live, report));

	/* A Stop may overtake or be overtaken: it ends what began before it. */
	if (report->item.id[0] == '\0' && report->received_ms > tracked->newest_ms)
		tracked->newest_ms = report->received_ms;
	if (same && report->received_ms >= tracked->start_ms &&
		report->received_ms >= live_play(live)->started_ms &&
		!play_session_ids_differ(report, &live_play(live)->last)) {
		int64_t now_ms = report->received_ms > live_play(live)->updated_ms
					 ? report->received_ms
					 : live_play(live)->updated_ms;
		live_end_and_bury(tracker, live, now_ms, report->position_ms, "stop");
	} else if (report->item.id[0] != '\0') {
		tracked_bury(tracked, report->item.id, report->play_session_id,
			report->received_ms);
	}
}

/* What came through us may be told with an earlier time than what the feed saw of it. */
static void
note_newest(struct tracked *tracked, const struct play_report *report)
{
	int64_t lead_ms = report->source == REPORT_FEED ? FEED_LEAD_MS : 0;
	int64_t said_ms = report->received_ms - lead_ms;

	if (said_ms > tracked->newest_ms)
		tracked->newest_ms = said_ms;
	if (report->kind == REPORT_START)
		tracked->start_ms = said_ms;
}

static void
on_start_or_progress(
	struct tracker *tracker, struct tracked *tracked, const struct play_report *report)
{
	struct live *live = tracked->live;
	bool same = is_same_item(live, report);

	if (report->received_ms < tracked->newest_ms ||
		tracked_is_buried(tracked, report)) {
		metric_add(&tracker_metric_late, 1);
		return;
	}
	note_newest(tracked, report);
	if (report->kind == REPORT_START)
		tracked_unbury(tracked, report);
	if (same && report->kind == REPORT_START &&
		play_session_ids_differ(report, &live_play(live)->last))
		same = false; /* the same item once more */
	if (same) {
		enum play_change change = play_apply(live_play(live), report);
		live_arm_silence(live, false);
		live_tell(tracker, live_play(live), change);
		return;
	}
	if (live != NULL)
		live_end_and_bury(tracker, live, report->received_ms, -1, "track_change");
	struct tracked *rival = tracked_find_rival(&tracker->sessions, &tracked->key);
	if (rival != NULL)
		live_end_and_bury(tracker, rival->live, report->received_ms, -1,
			"device_changed_hands");
	live_begin(tracker, tracked, report);
}

/* ---- what the feed says ---- */

static bool
was_said_past_us(struct live *live, const struct play_report *report)
{
	return live == NULL || live_play(live)->heard_ms == 0 ||
	       report->received_ms > live_play(live)->heard_ms + FEED_LEAD_MS;
}

static void
on_fed(struct tracker *tracker, struct tracked *tracked, const struct play_report *report)
{
	struct live *live = tracked->live;

	if (was_said_past_us(live, report)) {
		on_start_or_progress(tracker, tracked, report);
	} else if (is_same_item(live, report)) {
		play_describe(live_play(live), report);
		live_tell(tracker, live_play(live), PLAY_PROGRESSED);
	}
}

/* Gone from /Sessions. */
static void
on_fed_stop(
	struct tracker *tracker, struct tracked *tracked, const struct play_report *report)
{
	struct live *live = tracked->live;

	if (!is_same_item(live, report))
		return;
	if (live_play(live)->last.source == REPORT_FEED)
		on_stop(tracker, tracked, report);
	else
		live_play(live)->fed_ms = 0;
}

static void
on_sign_of_life(
	struct tracker *tracker, struct tracked *tracked, const struct play_report *report)
{
	struct live *live = tracked->live;

	(void)tracker;
	if (live == NULL || play_session_ids_differ(report, &live_play(live)->last) ||
		(report->item.id[0] != '\0' &&
			strcmp(report->item.id, live_play(live)->last.item.id) != 0))
		return;
	if (report->source == REPORT_FEED)
		live_play(live)->fed_ms = report->received_ms;
	play_touch(live_play(live), report->received_ms);
	live_arm_silence(live, false);
}

static void
dispatch(struct tracker *tracker, struct tracked *tracked, const struct play_report *report)
{
	bool fed = report->source == REPORT_FEED;

	if (report->kind == REPORT_STOP)
		(fed ? on_fed_stop : on_stop)(tracker, tracked, report);
	else if (report->item.id[0] != '\0')
		(fed ? on_fed : on_start_or_progress)(tracker, tracked, report);
}

void
tracker_report(struct tracker *tracker, const struct play_report *report)
{
	if (tracker->admits == NULL || tracker->admits(tracker->admits_arg, report))
		tracker_admit(tracker, report);
}

void
tracker_set_door(struct tracker *tracker,
	bool (*admits)(void *arg, const struct play_report *report), void *arg)
{
	tracker->admits = admits;
	tracker->admits_arg = arg;
}

void
tracker_admit(struct tracker *tracker, const struct play_report *report)
{
	bool life_only = report->kind == REPORT_PING || report->source == REPORT_BYTES;
	struct tracked *tracked =
		life_only ? tracked_find(&tracker->sessions, &report->key)
			  : tracked_find_or_add(&tracker->sessions, &report->key);

	assert(loop_is_mine(tracker->loop));
	metric_add(&tracker_metric_reports, 1);
	if (tracked == NULL) {
		if (!life_only)
			log_warn_limited(
				"report_dropped", LOG_TEXT("why", "too many sessions"));
		return;
	}
	if (!timer_is_started(&tracker->sweep))
		timer_start(&tracker->sweep, SWEEP_MS);
	if (tracked->key.client[0] == '\0')
		tracked->key = report->key;
	if (report->received_ms > tracked->touched_ms)
		tracked->touched_ms = report->received_ms;
	if (life_only)
		on_sign_of_life(tracker, tracked, report);
	else
		dispatch(tracker, tracked, report);
	if (tracked->live != NULL)
		live_review_pending(tracked->live, report->received_ms);
	if (!life_only && report->source == REPORT_NATIVE && tracked->live != NULL &&
		tracked->live->external)
		live_tell(tracker, live_play(tracked->live), PLAY_OVERWRITTEN);
}

static void
on_posted(struct message *message)
{
	struct posted *posted = CONTAINER_OF(message, struct posted, message);
	struct tracker *tracker = posted->tracker;

	if (!tracker->freed)
		tracker_report(tracker, posted->report);
	bool last = atomic_fetch_sub(&tracker->under_way, 1) == 1;
	if (tracker->freed && last)
		xfree(tracker);
	play_report_fini(posted->report);
	xfree(posted->report);
	xfree(posted);
}

bool
tracker_post(struct tracker *tracker, struct play_report *take_report)
{
	if (atomic_fetch_add(&tracker->under_way, 1) >= CREDITS) {
		atomic_fetch_sub(&tracker->under_way, 1);
		metric_add(&tracker_metric_refused, 1);
		return false;
	}
	struct posted *posted = xcalloc(1, sizeof *posted);
	posted->tracker = tracker;
	posted->report = take_report;
	loop_post(tracker->loop, &posted->message, on_posted);
	return true;
}

/* ---- life ---- */

struct tracker *
tracker_new(struct loop *loop)
{
	struct tracker *tracker = xcalloc(1, sizeof *tracker);

	tracker->loop = loop;
	timer_init(&tracker->sweep, loop, on_sweep, tracker);
	live_init(tracker);
	return tracker;
}

void
tracker_free(struct tracker *tracker)
{
	if (tracker == NULL)
		return;
	timer_stop(&tracker->sweep);
	live_drop_all(tracker);
	tracked_table_fini(&tracker->sessions);
	tracker->freed = true;
	if (atomic_load(&tracker->under_way) == 0)
		xfree(tracker);
}

void
tracker_observe(struct tracker *tracker, struct tracker_observer observer)
{
	assert(!tracker->telling && tracker->observer_count < LIVE_OBSERVERS_MOST);
	tracker->observers[tracker->observer_count++] = observer;
}

void
tracker_set_alive(struct tracker *tracker,
	bool (*alive)(void *arg, const struct play_session_key *key), void *arg)
{
	tracker->alive = alive;
	tracker->alive_arg = arg;
}

void
tracker_end_session(struct tracker *tracker, const struct play_session_key *key)
{
	struct tracked *tracked = tracked_find(&tracker->sessions, key);

	if (tracked != NULL && tracked->live != NULL)
		live_end_and_bury(
			tracker, tracked->live, clock_now_ms(), -1, "session_ended");
}

void
tracker_stop_session(struct tracker *tracker, const struct play_session_key *key)
{
	struct tracked *tracked = tracked_find(&tracker->sessions, key);

	if (tracked == NULL || tracked->live == NULL)
		return;
	char item_id[33];
	copy_text(item_id, sizeof item_id, live_play(tracked->live)->last.item.id);
	live_end_and_bury(tracker, tracked->live, clock_now_ms(), -1, "stopped_from_afar");
	tracked_hold(tracked, item_id);
}

/* ---- plays that others have followed, or will ---- */

bool
tracker_restore(struct tracker *tracker, const struct play *play)
{
	const struct play_report *last = &play->last;
	struct tracked *tracked = tracked_find_or_add(&tracker->sessions, &last->key);

	assert(loop_is_mine(tracker->loop) && !tracker->telling);
	if (tracked == NULL || tracked->live != NULL ||
		last->received_ms < tracked->newest_ms ||
		tracked_is_buried(tracked, last) ||
		tracked_find_rival(&tracker->sessions, &last->key) != NULL)
		return false;
	if (!timer_is_started(&tracker->sweep))
		timer_start(&tracker->sweep, SWEEP_MS);
	tracked->newest_ms = last->received_ms;
	tracked->start_ms = play->started_ms;
	tracked->touched_ms = clock_now_ms();
	live_restore(tracker, tracked, play);
	return true;
}

void
tracker_leave(struct tracker *tracker, const char *device_id)
{
	struct play_session_key key = { 0 };

	copy_text(key.device_id, sizeof key.device_id, device_id);
	struct tracked *tracked = tracked_first(&tracker->sessions, &key);
	for (; tracked != NULL; tracked = tracked->next) {
		if (tracked->live == NULL ||
			!text_equal_ci(tracked->key.device_id, device_id))
			continue;
		/* From here on the other one knows the order. */
		tracked->newest_ms = INT64_MIN;
		tracked->start_ms = INT64_MIN;
		live_leave(tracker, tracked->live);
	}
}

/* ---- asking ---- */

void
tracker_each(const struct tracker *tracker,
	void (*each)(void *arg, const struct play *play), void *arg)
{
	for (struct live *live = tracker->first; live != NULL; live = live->next)
		live_show(live, each, arg);
}

size_t
tracker_count(const struct tracker *tracker)
{
	return tracker->live_count;
}

const struct play *
tracker_find(const struct tracker *tracker, uint64_t id)
{
	for (struct live *live = tracker->first; live != NULL; live = live->next) {
		if (live->id == id)
			return live_play(live);
	}
	return NULL;
}

void
tracker_describe(struct tracker *tracker, uint64_t id, const struct play_item *item)
{
	struct live *live = tracker->first;

	while (live != NULL && live->id != id)
		live = live->next;
	if (live == NULL)
		return;
	play_item_fill(&live_play(live)->last.item, item);
	live_arm_silence(live, false);
	live_tell(tracker, live_play(live), PLAY_PROGRESSED);
}

bool
tracker_device_has_other_user(
	const struct tracker *tracker, const struct play_session_key *key)
{
	return tracked_find_rival(&tracker->sessions, key) != NULL;
}

const struct play *
tracker_find_in_session(
	const struct tracker *tracker, const struct play_session_key *key, bool external)
{
	const struct tracked *tracked = tracked_find(&tracker->sessions, key);

	if (tracked == NULL || tracked->live == NULL || tracked->live->external != external)
		return NULL;
	return live_play(tracked->live);
}
