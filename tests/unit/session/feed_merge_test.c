/* The feed and the tracker together, on random days of a server whose clients speak through
 * us, past us, or first one and then the other. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "core/clock.h"
#include "session/feed_diff.h"
#include "tracker/tracker.h"

enum {
	DEVICES = 5,
	STEP_MS = 10,
	DAY_MS = 8 * 60 * 1000,
	POLL_MS = 3000,
	LATENCY_MS = 200, /* at most, of anything */
	SWITCH_MS = 3500, /* without a word before a client speaks past us */
	MOST_EVENTS = 4096,
	MOST_PLAYS = 512,
};

/* What Jellyfin knows of a device. */
struct shown {
	int item; /* a number; 0: nothing */
	bool paused;
	int64_t position_ms, checked_in_ms; /* our clock */
};

/* A client and what it really does. */
struct client {
	struct shown real;
	bool past_us;
	int64_t spoke_ms, acts_ms;
};

/* A play as it really was, and as the tracker told of it. */
struct play_truth {
	int64_t paused_ms, pause_began_ms; /* 0: not paused */
	int pauses;
	int64_t stopped_ms;
	bool stopped_past_us, stopped_paused;
	int started, ended; /* how often it was told */
	int64_t told_paused_ms, told_stop_ms;
};

/* Something on its way: to Jellyfin, to the tracker, or a list of sessions to us. */
struct event {
	int64_t at_ms;
	int device;
	struct play_report *report; /* for the tracker; owned */
	bool to_jellyfin;
	struct shown shown;
	struct shown *list; /* owned */
	int64_t asked_ms;
};

struct day {
	unsigned seed;
	int64_t now_ms, lead_ms, polls_ms;
	struct client clients[DEVICES];
	struct shown jellyfin[DEVICES];
	struct play_truth plays[MOST_PLAYS];
	int play_count;
	struct event events[MOST_EVENTS];
	size_t event_count;
	struct loop *loop;
	struct tracker *tracker;
	struct feed_diff *diff;
	struct server_clock clock;
};

static unsigned
pick(struct day *day, unsigned bound)
{
	day->seed = day->seed * 1103515245u + 12345u;
	return (day->seed >> 16) % bound;
}

static int64_t
latency(struct day *day)
{
	return 1 + pick(day, LATENCY_MS - 1);
}

static struct event *
post(struct day *day, int64_t at_ms, int device)
{
	struct event *event = &day->events[day->event_count++];

	assert_true(day->event_count <= MOST_EVENTS);
	*event = (struct event){ .at_ms = at_ms, .device = device };
	return event;
}

/* ---- what clients do ---- */

static void
name_item(char id[33], int item)
{
	snprintf(id, 33, "%032x", (unsigned)item);
}

static int
item_of(const char *id)
{
	unsigned item = 0;

	sscanf(id, "%x", &item);
	return (int)item;
}

static void
set_key(struct play_session_key *key, int device)
{
	char device_id[16];

	snprintf(device_id, sizeof device_id, "device-%d", device);
	play_session_key_set(key, "Web", device_id, "alice");
}

/* The client says how it is: to Jellyfin, and through us to the tracker, which hears after
 * Jellyfin has answered. */
static void
say(struct day *day, int device, enum report_kind kind, int item)
{
	struct client *client = &day->clients[device];
	int64_t arrives_ms = day->now_ms + latency(day);
	struct event *event = post(day, arrives_ms, device);

	client->spoke_ms = day->now_ms;
	event->to_jellyfin = true;
	event->shown = client->real;
	event->shown.checked_in_ms = arrives_ms;
	if (client->past_us)
		return;
	struct play_report *report = xcalloc(1, sizeof *report);
	*report = (struct play_report){ .kind = kind,
		.source = REPORT_NATIVE,
		.received_ms = day->now_ms,
		.position_ms = client->real.position_ms,
		.paused = client->real.paused,
		.paused_said = kind != REPORT_STOP,
		.volume = -1 };
	set_key(&report->key, device);
	name_item(report->item.id, item);
	post(day, arrives_ms + latency(day), device)->report = report;
}

static void
end_pause(struct day *day, int item)
{
	struct play_truth *truth = &day->plays[item];

	if (truth->pause_began_ms != 0)
		truth->paused_ms += day->now_ms - truth->pause_began_ms;
	truth->pause_began_ms = 0;
}

static void
leave_item(struct day *day, int device)
{
	struct client *client = &day->clients[device];
	int item = client->real.item;

	if (item == 0)
		return;
	end_pause(day, item);
	day->plays[item].stopped_paused = client->real.paused;
	day->plays[item].stopped_ms = day->now_ms;
	day->plays[item].stopped_past_us = client->past_us;
	client->real = (struct shown){ 0 };
}

static void
toggle_pause(struct day *day, int device)
{
	struct client *client = &day->clients[device];
	struct play_truth *truth = &day->plays[client->real.item];

	client->real.paused = !client->real.paused;
	if (client->real.paused) {
		truth->pause_began_ms = day->now_ms;
		truth->pauses++;
	} else {
		end_pause(day, client->real.item);
	}
	say(day, device, REPORT_PROGRESS, client->real.item);
}

static void
start_item(struct day *day, int device)
{
	struct client *client = &day->clients[device];

	leave_item(day, device);
	client->real.item = ++day->play_count;
	assert_true(day->play_count < MOST_PLAYS);
	say(day, device, REPORT_START, client->real.item);
}

static void
stop_item(struct day *day, int device)
{
	int item = day->clients[device].real.item;

	leave_item(day, device);
	say(day, device, REPORT_STOP, item);
}

/* A client never does two things within four seconds, so that nothing is too short to be
 * seen. Through us it may speak at any time; past us first with a Progress, after a while
 * of silence. */
static void
act(struct day *day, int device)
{
	struct client *client = &day->clients[device];
	unsigned what = pick(day, 10);

	client->acts_ms = day->now_ms + 4000 + pick(day, 6000);
	if (client->real.item == 0) {
		if (day->now_ms - client->spoke_ms > SWITCH_MS)
			client->past_us = pick(day, 2);
		start_item(day, device);
	} else if (what < 2) {
		stop_item(day, device);
	} else if (what < 4) {
		start_item(day, device);
	} else if (what < 7) {
		toggle_pause(day, device);
	} else {
		if (client->past_us)
			client->past_us = pick(day, 3) > 0;
		else if (day->now_ms - client->spoke_ms > SWITCH_MS)
			client->past_us = pick(day, 2);
		say(day, device, REPORT_PROGRESS, client->real.item);
	}
}

/* ---- what is seen ---- */

/* The list as it is now; it comes a little later. */
static void
send_list(struct day *day, int64_t asked_ms)
{
	struct event *event = post(day, day->now_ms + latency(day), 0);

	event->asked_ms = asked_ms;
	event->list = xcalloc(DEVICES, sizeof *event->list);
	memcpy(event->list, day->jellyfin, sizeof day->jellyfin);
	for (int i = 0; i < DEVICES; i++) {
		struct shown *shown = &event->list[i];
		if (!shown->paused)
			shown->position_ms +=
				(day->now_ms - shown->checked_in_ms) / 1000 * 1000;
	}
}

static void
take_list(struct day *day, const struct event *event)
{
	struct feed_sessions *sessions =
		xcalloc(1, sizeof *sessions + DEVICES * sizeof sessions->rows[0]);
	const struct feed_look look = { .asked_ms = event->asked_ms,
		.came_ms = day->now_ms,
		.came_wall_ms = day->now_ms };

	for (int i = 0; i < DEVICES; i++) {
		const struct shown *shown = &event->list[i];
		struct feed_row *row = &sessions->rows[sessions->count];
		if (shown->item == 0)
			continue;
		row->checked_in_wall_ms = shown->checked_in_ms + day->lead_ms;
		row->paused_wall_ms = -1;
		row->report.position_ms = shown->position_ms;
		row->report.paused = shown->paused;
		row->report.paused_said = true;
		row->report.volume = -1;
		set_key(&row->report.key, i);
		name_item(row->report.item.id, shown->item);
		sessions->count++;
	}
	server_clock_hear(&day->clock, (day->now_ms + day->lead_ms) / 1000 * 1000,
		event->asked_ms, day->now_ms);
	feed_diff_apply(day->diff, sessions, &day->clock, &look);
	xfree(sessions);
}

static void
take_event(struct day *day, struct event *event)
{
	if (event->to_jellyfin) {
		day->jellyfin[event->device] = event->shown;
		if (pick(day, 2) == 0)
			send_list(day, day->now_ms); /* pushed */
	} else if (event->report != NULL) {
		tracker_report(day->tracker, event->report);
		xfree(event->report);
	} else {
		take_list(day, event);
		xfree(event->list);
	}
}

static void
on_changed(void *arg, const struct play *play, enum play_change change)
{
	struct day *day = arg;
	struct play_truth *truth = &day->plays[item_of(play->last.item.id)];

	if (change == PLAY_STARTED)
		truth->started++;
	if (change != PLAY_ENDED)
		return;
	truth->ended++;
	truth->told_paused_ms = play->paused_total_ms;
	truth->told_stop_ms = day->now_ms;
}

static void
on_report(void *arg, const struct play_report *report)
{
	struct day *day = arg;

	tracker_report(day->tracker, report);
}

/* ---- a day ---- */

static void
pass(struct day *day)
{
	day->now_ms += STEP_MS;
	for (size_t i = 0; i < day->event_count;) {
		struct event event = day->events[i];
		if (event.at_ms > day->now_ms) {
			i++;
			continue;
		}
		/* In order: what was posted first for a time comes first. */
		memmove(&day->events[i], &day->events[i + 1],
			(--day->event_count - i) * sizeof day->events[0]);
		take_event(day, &event);
	}
	if (day->now_ms >= day->polls_ms) {
		day->polls_ms = day->now_ms + POLL_MS;
		send_list(day, day->now_ms);
	}
	loop_turn(day->loop, 0);
}

static void
pass_until(struct day *day, int64_t until_ms)
{
	while (day->now_ms < until_ms)
		pass(day);
}

static void
check(const struct day *day, unsigned seed)
{
	for (int i = 1; i <= day->play_count; i++) {
		const struct play_truth *truth = &day->plays[i];
		/* Past us: a look, its grace, and another look; dates within a second. */
		int64_t late_ms = truth->stopped_past_us ? 2 * POLL_MS + 2500 : 0;
		int64_t off_ms = truth->told_paused_ms - truth->paused_ms;
		int64_t most_off_ms = truth->pauses * (1000 + 3 * LATENCY_MS);
		/* It may have been paused until it was seen to be gone. */
		int64_t overrun_ms =
			truth->stopped_paused ? truth->told_stop_ms - truth->stopped_ms : 0;
		if (truth->started != 1 || truth->ended != 1)
			fail_msg("seed %u: play %d started %d times, ended %d times", seed,
				i, truth->started, truth->ended);
		assert_in_range(truth->told_stop_ms - truth->stopped_ms, 0,
			late_ms + 3 * LATENCY_MS);
		if (off_ms > most_off_ms + overrun_ms || off_ms < -most_off_ms)
			fail_msg("seed %u: play %d paused %lld ms, not %lld", seed, i,
				(long long)truth->told_paused_ms,
				(long long)truth->paused_ms);
	}
}

static void
run_day(unsigned seed, struct day *day)
{
	const struct feed_diff_options options = {
		.server = "", .report = on_report, .report_arg = day
	};
	int64_t end_ms;

	*day = (struct day){ .seed = seed, .now_ms = clock_now_ms() };
	day->lead_ms = (int64_t)1795226400 * 1000 + pick(day, 1000);
	day->loop = loop_new("test");
	loop_adopt(day->loop);
	day->tracker = tracker_new(day->loop);
	day->diff = feed_diff_new(&options);
	tracker_observe(day->tracker, (struct tracker_observer){ on_changed, day });
	end_ms = day->now_ms + DAY_MS;
	while (day->now_ms < end_ms) {
		for (int i = 0; i < DEVICES; i++) {
			if (day->now_ms >= day->clients[i].acts_ms)
				act(day, i);
		}
		pass(day);
	}
	pass_until(day, end_ms + 4000); /* their last words have arrived */
	for (int i = 0; i < DEVICES; i++) {
		if (day->clients[i].real.item != 0)
			stop_item(day, i);
	}
	pass_until(day, end_ms + 30 * 1000);
	check(day, seed);
	assert_true(day->play_count > 50);
	assert_int_equal(tracker_count(day->tracker), 0);
	for (size_t i = 0; i < day->event_count; i++)
		xfree(day->events[i].list);
	feed_diff_free(day->diff);
	tracker_free(day->tracker);
	loop_free(day->loop);
}

static void
every_play_is_counted_once_whichever_way_it_is_told(void **state)
{
	struct day *day = xcalloc(1, sizeof *day);

	(void)state;
	clock_enable_test();
	for (unsigned seed = 1; seed <= 100; seed++)
		run_day(seed, day);
	xfree(day);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_play_is_counted_once_whichever_way_it_is_told),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
