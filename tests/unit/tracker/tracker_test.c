#include "tracker/tracker.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "core/clock.h"

enum { MINUTE = 60 * 1000 };

/* What the observer heard, as text: "+a" started, "a" progressed, "|a" pause began, ">a"
 * pause ended, "-a" ended, "^a" restored, "~a" left. From when on it counts is kept apart.
 */
struct fixture {
	struct loop *loop;
	struct tracker *tracker;
	struct text heard;
	struct text confirmed;
	bool alive;
};

static void
on_changed(void *arg, const struct play *play, enum play_change change)
{
	static const char *const signs[] = { "+", "", "|", ">", "!", NULL, "-", "^", "~" };
	struct fixture *fixture = arg;

	if (change == PLAY_CONFIRMED)
		text_addf(&fixture->confirmed, "%s ", play->last.item.id);
	else
		text_addf(&fixture->heard, "%s%s ", signs[change], play->last.item.id);
}

static bool
is_alive(void *arg, const struct play_session_key *key)
{
	(void)key;
	return ((struct fixture *)arg)->alive;
}

static int
set_up(void **state)
{
	struct fixture *fixture = xcalloc(1, sizeof *fixture);

	clock_enable_test();
	fixture->loop = loop_new("test");
	loop_adopt(fixture->loop);
	fixture->tracker = tracker_new(fixture->loop);
	tracker_observe(fixture->tracker, (struct tracker_observer){ on_changed, fixture });
	tracker_set_alive(fixture->tracker, is_alive, fixture);
	*state = fixture;
	return 0;
}

static int
tear_down(void **state)
{
	struct fixture *fixture = *state;

	tracker_free(fixture->tracker);
	loop_free(fixture->loop);
	text_fini(&fixture->heard);
	text_fini(&fixture->confirmed);
	xfree(fixture);
	return 0;
}

/* A report of alice's phone; `offset_ms` from now. Real time passes between two calls:
 * offsets that go back do so by seconds. */
static struct play_report
report_of(enum report_kind kind, const char *item, int64_t offset_ms)
{
	struct play_report report = { .kind = kind,
		.received_ms = clock_now_ms() + offset_ms,
		.position_ms = -1,
		.volume = -1 };

	play_session_key_set(&report.key, "Finamp", "phone", "alice");
	copy_text(report.item.id, sizeof report.item.id, item);
	report.item.external = item[0] < 'n';
	report.item.runtime_ms = 4 * MINUTE;
	return report;
}

static void
say(struct fixture *fixture, enum report_kind kind, const char *item, int64_t offset_ms)
{
	struct play_report report = report_of(kind, item, offset_ms);
	tracker_report(fixture->tracker, &report);
}

static void
expect(struct fixture *fixture, const char *heard)
{
	assert_string_equal(text_get(&fixture->heard), heard);
	text_clear(&fixture->heard);
}

static void
pass(struct fixture *fixture, int64_t ms)
{
	clock_advance(ms);
	loop_turn(fixture->loop, 30);
}

static void
a_play_starts_progresses_and_stops(void **state)
{
	struct fixture *fixture = *state;

	say(fixture, REPORT_START, "a", 0);
	say(fixture, REPORT_PROGRESS, "a", 1);
	assert_int_equal(tracker_count(fixture->tracker), 1);
	struct play_report pause = report_of(REPORT_PROGRESS, "a", 2);
	pause.paused = pause.paused_said = true;
	tracker_report(fixture->tracker, &pause);
	pause.paused = false;
	tracker_report(fixture->tracker, &pause);
	say(fixture, REPORT_STOP, "a", 3);
	expect(fixture, "+a a |a >a -a ");
	assert_int_equal(tracker_count(fixture->tracker), 0);
}

static void
a_progress_without_a_start_begins_a_play(void **state)
{
	say(*state, REPORT_PROGRESS, "a", 0);
	expect(*state, "+a ");
}

static void
a_stop_without_an_item_stops_what_the_device_plays(void **state)
{
	say(*state, REPORT_START, "a", 0);
	say(*state, REPORT_STOP, "", 1);
	expect(*state, "+a -a ");
}

static void
a_second_start_of_the_same_play_is_no_second_play(void **state)
{
	say(*state, REPORT_START, "a", 0);
	say(*state, REPORT_START, "a", 5);
	expect(*state, "+a a ");
}

static void
a_start_with_another_play_session_id_is_the_item_once_more(void **state)
{
	struct fixture *fixture = *state;
	struct play_report first = report_of(REPORT_START, "a", 0);
	struct play_report second = report_of(REPORT_START, "a", 5);

	copy_text(first.play_session_id, sizeof first.play_session_id, "p1");
	copy_text(second.play_session_id, sizeof second.play_session_id, "p2");
	tracker_report(fixture->tracker, &first);
	tracker_report(fixture->tracker, &second);
	first.kind = REPORT_STOP; /* the first one's, late */
	first.received_ms += 6;
	tracker_report(fixture->tracker, &first);
	expect(fixture, "+a -a +a ");
}

/* Stop, then the same song once more, and a pause at once: with the PlaySessionIds of the
 * two plays, "" for none. */
static void
repeat_and_pause(
	struct fixture *fixture, const char *first, const char *second, const char *pausing)
{
	static const enum report_kind kinds[] = { REPORT_START, REPORT_STOP, REPORT_START,
		REPORT_PROGRESS };
	const char *const ids[] = { first, first, second, pausing };

	for (size_t i = 0; i < COUNT_OF(kinds); i++) {
		struct play_report report = report_of(kinds[i], "a", (int64_t)i);
		copy_text(report.play_session_id, sizeof report.play_session_id, ids[i]);
		report.paused_said = report.paused = kinds[i] == REPORT_PROGRESS;
		tracker_report(fixture->tracker, &report);
	}
	say(fixture, REPORT_STOP, "", 10);
}

static void
a_song_that_is_repeated_progresses_at_once(void **state)
{
	repeat_and_pause(*state, "", "", "");
	expect(*state, "+a -a +a |a -a ");
}

/* Some clients have one id for all plays of a song. */
static void
a_song_that_is_repeated_may_keep_its_play_session_id(void **state)
{
	repeat_and_pause(*state, "p1", "p1", "p1");
	expect(*state, "+a -a +a |a -a ");
}

static void
a_straggler_of_the_play_before_is_dropped_by_its_id(void **state)
{
	repeat_and_pause(*state, "p1", "p2", "p1");
	expect(*state, "+a -a +a -a ");
}

static void
another_item_in_the_session_ends_the_old_one(void **state)
{
	say(*state, REPORT_START, "a", 0);
	say(*state, REPORT_START, "b", 1);
	say(*state, REPORT_STOP, "a", 2);
	say(*state, REPORT_PROGRESS, "a", 3);
	say(*state, REPORT_PROGRESS, "b", 4);
	expect(*state, "+a -a +b b ");
}

static void
a_native_item_ends_the_external_one(void **state)
{
	struct fixture *fixture = *state;
	struct play_report report = report_of(REPORT_START, "a", 0);

	say(fixture, REPORT_START, "a", 0);
	assert_non_null(tracker_find_in_session(fixture->tracker, &report.key, true));
	assert_null(tracker_find_in_session(fixture->tracker, &report.key, false));
	say(fixture, REPORT_START, "n", 1);
	assert_null(tracker_find_in_session(fixture->tracker, &report.key, true));
	assert_non_null(tracker_find_in_session(fixture->tracker, &report.key, false));
	expect(fixture, "+a -a +n ");
}

static void
a_late_progress_does_not_revive_a_stopped_play(void **state)
{
	say(*state, REPORT_START, "a", 0);
	say(*state, REPORT_STOP, "a", 100);
	say(*state, REPORT_PROGRESS, "a", 50);   /* received before the stop */
	say(*state, REPORT_PROGRESS, "a", 5000); /* a straggler */
	expect(*state, "+a -a ");
	say(*state, REPORT_PROGRESS, "a", 11000);
	expect(*state, "+a ");
}

static void
the_play_session_id_holds_stragglers_back_longer(void **state)
{
	struct fixture *fixture = *state;
	struct play_report report = report_of(REPORT_START, "a", 0);
	int64_t from_ms = report.received_ms;

	copy_text(report.play_session_id, sizeof report.play_session_id, "p1");
	tracker_report(fixture->tracker, &report);
	report.kind = REPORT_STOP;
	report.received_ms = from_ms + 100;
	tracker_report(fixture->tracker, &report);
	report.kind = REPORT_PROGRESS;
	report.received_ms = from_ms + 4 * MINUTE;
	tracker_report(fixture->tracker, &report);
	expect(fixture, "+a -a ");
	copy_text(report.play_session_id, sizeof report.play_session_id, "p2");
	tracker_report(fixture->tracker, &report);
	expect(fixture, "+a ");
}

static void
a_start_that_was_overtaken_by_its_stop_stays_dead(void **state)
{
	say(*state, REPORT_STOP, "a", 20000);
	say(*state, REPORT_START, "a", 10000);
	expect(*state, "");
	say(*state, REPORT_START, "a", 30000);
	expect(*state, "+a ");
}

static void
a_stop_that_was_overtaken_by_the_next_start_stops_nothing(void **state)
{
	say(*state, REPORT_START, "a", 0);
	say(*state, REPORT_START, "a", 20000);
	say(*state, REPORT_STOP, "a", 10000);
	say(*state, REPORT_START, "b", 40000);
	say(*state, REPORT_STOP, "", 30000);
	expect(*state, "+a a -a +b ");
}

static void
a_start_that_the_stop_of_the_former_item_overtook_still_starts(void **state)
{
	say(*state, REPORT_START, "a", 0);
	say(*state, REPORT_STOP, "a", 20000);
	say(*state, REPORT_START, "b", 10000);
	expect(*state, "+a -a +b ");
}

static void
a_report_older_than_the_newest_of_its_session_is_dropped(void **state)
{
	say(*state, REPORT_START, "b", 30000);
	say(*state, REPORT_PROGRESS, "a", 10000);
	say(*state, REPORT_PROGRESS, "b", 20000);
	expect(*state, "+b ");
}

static void
the_same_item_on_two_devices_is_two_plays(void **state)
{
	struct fixture *fixture = *state;
	struct play_report other = report_of(REPORT_START, "a", 1);

	say(fixture, REPORT_START, "a", 0);
	copy_text(other.key.device_id, sizeof other.key.device_id, "tablet");
	tracker_report(fixture->tracker, &other);
	assert_int_equal(tracker_count(fixture->tracker), 2);
	say(fixture, REPORT_STOP, "a", 2);
	expect(fixture, "+a +a -a ");
	assert_int_equal(tracker_count(fixture->tracker), 1);
}

static void
native_reports_that_jellyfin_took_beside_an_external_play_are_told(void **state)
{
	struct fixture *fixture = *state;
	struct play_report late = report_of(REPORT_STOP, "n", -1);
	struct play_report nothing = report_of(REPORT_PROGRESS, "", 10000);
	struct play_report ping = report_of(REPORT_PING, "", 10001);

	say(fixture, REPORT_START, "n", -2);
	say(fixture, REPORT_START, "a", 0);
	expect(fixture, "+n -n +a ");
	late.source = nothing.source = ping.source = REPORT_NATIVE;
	tracker_report(fixture->tracker, &late);
	tracker_report(fixture->tracker, &nothing);
	tracker_report(fixture->tracker, &ping);
	expect(fixture, "!a !a ");
}

static void
a_device_that_changed_hands_plays_for_its_new_user_only(void **state)
{
	struct fixture *fixture = *state;
	struct play_report bob = report_of(REPORT_START, "b", 10000);
	struct play_report nobody = report_of(REPORT_START, "c", 10000);

	say(fixture, REPORT_START, "a", 0);
	copy_text(bob.key.user_id, sizeof bob.key.user_id, "bob");
	tracker_report(fixture->tracker, &bob);
	expect(fixture, "+a -a +b ");
	struct play_session_key alice = report_of(REPORT_START, "a", 0).key;
	assert_true(tracker_device_has_other_user(fixture->tracker, &alice));
	assert_false(tracker_device_has_other_user(fixture->tracker, &bob.key));
	say(fixture, REPORT_PROGRESS, "a", 10003); /* a straggler of alice's */
	expect(fixture, "");
	/* Without a device id there is nobody to take it from. */
	nobody.key.device_id[0] = '\0';
	tracker_report(fixture->tracker, &nobody);
	copy_text(nobody.key.user_id, sizeof nobody.key.user_id, "bob");
	tracker_report(fixture->tracker, &nobody);
	expect(fixture, "+c +c ");
}

static void
a_regular_client_that_falls_silent_for_three_minutes_has_stopped(void **state)
{
	struct fixture *fixture = *state;

	fixture->alive = true; /* an open socket does not help */
	say(fixture, REPORT_START, "a", 0);
	pass(fixture, 10000);
	say(fixture, REPORT_PROGRESS, "a", 0);
	pass(fixture, 10000);
	say(fixture, REPORT_PROGRESS, "a", 0);
	expect(fixture, "+a a a ");
	pass(fixture, 3 * MINUTE - 1000);
	expect(fixture, "");
	pass(fixture, 1100);
	expect(fixture, "-a ");
}

static void
a_silent_client_has_stopped_when_its_runtime_and_grace_are_over(void **state)
{
	struct fixture *fixture = *state;

	say(fixture, REPORT_START, "a", 0);
	pass(fixture, 4 * MINUTE + 49000);
	expect(fixture, "+a ");
	struct play_report bytes = report_of(REPORT_PROGRESS, "a", 0);
	bytes.source = REPORT_BYTES;
	tracker_report(fixture->tracker, &bytes);
	pass(fixture, 49000);
	expect(fixture, "");
	pass(fixture, 1100);
	expect(fixture, "-a ");
}

static void
an_open_socket_keeps_a_silent_clients_play(void **state)
{
	struct fixture *fixture = *state;

	fixture->alive = true;
	say(fixture, REPORT_START, "a", 0);
	pass(fixture, 5 * MINUTE);
	expect(fixture, "+a ");
	fixture->alive = false;
	pass(fixture, MINUTE);
	expect(fixture, "-a ");
}

static void
a_paused_play_lasts_four_hours_at_most(void **state)
{
	struct fixture *fixture = *state;
	struct play_report pause = report_of(REPORT_START, "a", 0);

	fixture->alive = true;
	pause.paused = pause.paused_said = true;
	tracker_report(fixture->tracker, &pause);
	for (int i = 0; i < 239; i++)
		pass(fixture, MINUTE);
	expect(fixture, "+a ");
	pass(fixture, MINUTE + 100);
	expect(fixture, "-a ");
}

static void
pings_and_bytes_begin_nothing_and_bytes_of_another_item_prove_nothing(void **state)
{
	struct fixture *fixture = *state;
	struct play_report bytes = report_of(REPORT_PROGRESS, "b", 0);

	say(fixture, REPORT_PING, "", 0);
	bytes.source = REPORT_BYTES;
	tracker_report(fixture->tracker, &bytes);
	expect(fixture, "");
	say(fixture, REPORT_START, "a", 0);
	clock_advance(4 * MINUTE);
	bytes.received_ms = clock_now_ms(); /* the next item, loaded ahead */
	tracker_report(fixture->tracker, &bytes);
	pass(fixture, 51000);
	expect(fixture, "+a -a ");
}

static void
a_session_can_be_ended_from_outside(void **state)
{
	struct fixture *fixture = *state;
	struct play_report report = report_of(REPORT_START, "a", 0);

	tracker_report(fixture->tracker, &report);
	tracker_end_session(fixture->tracker, &report.key);
	tracker_end_session(fixture->tracker, &report.key);
	expect(fixture, "+a -a ");
}

static void
what_was_stopped_from_afar_begins_again_by_a_start_only(void **state)
{
	struct fixture *fixture = *state;
	struct play_report report = report_of(REPORT_START, "a", 0);

	tracker_report(fixture->tracker, &report);
	tracker_stop_session(fixture->tracker, &report.key);
	tracker_stop_session(fixture->tracker, &report.key);
	expect(fixture, "+a -a ");
	say(fixture, REPORT_PROGRESS, "a", 11000);
	say(fixture, REPORT_PROGRESS, "a", 60000);
	expect(fixture, "");
	say(fixture, REPORT_PROGRESS, "b", 61000);
	expect(fixture, "+b ");
	say(fixture, REPORT_START, "a", 62000);
	expect(fixture, "-b +a ");
}

/* ---- posting ---- */

static struct play_report *
posted_report(int64_t offset_ms)
{
	struct play_report *report = xcalloc(1, sizeof *report);
	struct play_report value = report_of(REPORT_PROGRESS, "a", offset_ms);

	play_report_copy(report, &value);
	report->item.item_json = xstrdup("{}");
	return report;
}

/* What the feed tells of alice's phone, `offset_ms` from now. */
static void
feed(struct fixture *fixture, enum report_kind kind, const char *item, int64_t offset_ms)
{
	struct play_report report = report_of(kind, item, offset_ms);

	report.source = REPORT_FEED;
	tracker_report(fixture->tracker, &report);
}

static const struct play *
only_play(struct fixture *fixture)
{
	struct play_report report = report_of(REPORT_START, "n", 0);
	return tracker_find_in_session(fixture->tracker, &report.key, false);
}

static void
what_only_the_feed_sees_starts_moves_and_ends_by_it(void **state)
{
	struct fixture *fixture = *state;
	int64_t before_ms = clock_now_ms();

	feed(fixture, REPORT_START, "n", -5000);
	assert_in_range(
		only_play(fixture)->started_ms, before_ms - 5000, clock_now_ms() - 5000);
	feed(fixture, REPORT_PROGRESS, "n", 1000);
	feed(fixture, REPORT_PING, "n", 1500);
	assert_int_equal(only_play(fixture)->heard_ms, 0);
	feed(fixture, REPORT_STOP, "n", 6000);
	expect(fixture, "+n n -n ");
}

static void
what_the_feed_repeats_of_a_report_moves_nothing(void **state)
{
	struct fixture *fixture = *state;
	struct play_report told = report_of(REPORT_PROGRESS, "n", 1500);

	say(fixture, REPORT_START, "n", 0);
	told.source = REPORT_FEED;
	told.paused = told.paused_said = true;
	copy_text(told.item.name, sizeof told.item.name, "Sunrise");
	copy_text(told.session_id, sizeof told.session_id, "s1");
	tracker_report(fixture->tracker, &told);
	expect(fixture, "+n n ");
	assert_int_equal(only_play(fixture)->state, PLAY_PLAYING);
	assert_string_equal(only_play(fixture)->last.item.name, "Sunrise");
	assert_string_equal(only_play(fixture)->last.session_id, "s1");
	feed(fixture, REPORT_START, "o", 1600); /* an answer that was under way */
	expect(fixture, "");
}

static void
the_feed_may_be_first_to_tell_of_a_play_that_comes_through_us(void **state)
{
	struct fixture *fixture = *state;

	feed(fixture, REPORT_START, "n", 900);
	say(fixture, REPORT_START, "n", 0); /* received before Jellyfin was told */
	expect(fixture, "+n n ");
	assert_true(only_play(fixture)->heard_ms > 0);
	say(fixture, REPORT_STOP, "n", 3000);
	expect(fixture, "-n ");
	feed(fixture, REPORT_PROGRESS, "n", 900);
	expect(fixture, "");
}

static void
a_client_that_speaks_past_us_is_believed_by_the_feed(void **state)
{
	struct fixture *fixture = *state;

	say(fixture, REPORT_START, "n", 0);
	feed(fixture, REPORT_PROGRESS, "n", 2001);
	feed(fixture, REPORT_START, "o", 5000);
	expect(fixture, "+n n -n +o ");
	feed(fixture, REPORT_STOP, "o", 9000);
	expect(fixture, "-o ");
}

static void
the_feed_does_not_end_what_is_heard_through_us(void **state)
{
	struct fixture *fixture = *state;

	say(fixture, REPORT_START, "n", 0);
	feed(fixture, REPORT_PING, "n", 10);
	assert_true(only_play(fixture)->fed_ms > 0);
	feed(fixture, REPORT_STOP, "n", 6000);
	feed(fixture, REPORT_STOP, "o", 6000);
	expect(fixture, "+n ");
	assert_int_equal(only_play(fixture)->fed_ms, 0);
}

static void
a_client_that_falls_silent_goes_on_while_the_feed_sees_it(void **state)
{
	struct fixture *fixture = *state;

	say(fixture, REPORT_START, "n", 0);
	for (int minute = 0; minute < 9; minute++) {
		feed(fixture, REPORT_PING, "n", 0);
		pass(fixture, MINUTE);
	}
	expect(fixture, "+n ");
	pass(fixture, 4 * MINUTE + 1);
	expect(fixture, "-n ");
}

static void
what_the_feed_alone_has_seen_ends_five_minutes_after_it_was_seen(void **state)
{
	struct fixture *fixture = *state;

	feed(fixture, REPORT_START, "n", 0);
	pass(fixture, 5 * MINUTE - 1000);
	expect(fixture, "+n ");
	pass(fixture, 1001);
	expect(fixture, "-n ");
}

static void
another_servers_play_of_the_same_device_is_another_play(void **state)
{
	struct fixture *fixture = *state;
	struct play_report report = report_of(REPORT_START, "n", 0);

	feed(fixture, REPORT_START, "n", 0);
	copy_text(report.key.server, sizeof report.key.server, "attic");
	report.source = REPORT_FEED;
	tracker_report(fixture->tracker, &report);
	expect(fixture, "+n +n ");
	assert_int_equal(tracker_count(fixture->tracker), 2);
}

static void
posting_needs_a_credit_that_comes_back_when_handled(void **state)
{
	struct fixture *fixture = *state;

	for (int i = 0; i < 1024; i++)
		assert_true(tracker_post(fixture->tracker, posted_report(i)));
	struct play_report *refused = posted_report(2000);
	assert_false(tracker_post(fixture->tracker, refused));
	loop_turn(fixture->loop, 10);
	assert_true(tracker_post(fixture->tracker, refused));
	loop_turn(fixture->loop, 10);
	assert_int_equal(tracker_count(fixture->tracker), 1);
}

static void *
post_many(void *arg)
{
	struct fixture *fixture = arg;

	for (int i = 0; i < 200; i++) {
		struct play_report *report = posted_report(i);
		if (!tracker_post(fixture->tracker, report)) {
			play_report_fini(report);
			xfree(report);
		}
	}
	return NULL;
}

static void
any_thread_may_post(void **state)
{
	struct fixture *fixture = *state;
	pthread_t threads[4];

	for (size_t i = 0; i < COUNT_OF(threads); i++)
		pthread_create(&threads[i], NULL, post_many, fixture);
	for (size_t i = 0; i < COUNT_OF(threads); i++)
		pthread_join(threads[i], NULL);
	while (tracker_count(fixture->tracker) == 0)
		loop_turn(fixture->loop, 10);
	loop_turn(fixture->loop, 10);
	assert_int_equal(tracker_count(fixture->tracker), 1);
}

static void
what_was_posted_and_not_handled_is_dropped_with_the_tracker(void **state)
{
	struct fixture *fixture = *state;

	assert_true(tracker_post(fixture->tracker, posted_report(0)));
	assert_true(tracker_post(fixture->tracker, posted_report(1)));
	tracker_free(fixture->tracker);
	fixture->tracker = NULL;
	loop_turn(fixture->loop, 10);
	expect(fixture, "");
}

/* Item `item` as another process would have left it, `ago_ms` after its last report. */
static struct play
former_play(const char *item, int64_t ago_ms)
{
	struct play_report report = report_of(REPORT_PROGRESS, item, -ago_ms);
	struct play play;

	report.position_ms = MINUTE;
	play_begin(&play, 77, &report);
	return play;
}

static void
a_restored_play_goes_on_where_it_was_and_is_no_beginning(void **state)
{
	struct fixture *fixture = *state;
	struct play play = former_play("a", 5000);

	assert_true(tracker_restore(fixture->tracker, &play));
	const struct play *found = tracker_find_in_session(
		fixture->tracker, &play.last.key, play.last.item.external);
	assert_non_null(found);
	assert_in_range(
		play_position_now_ms(found, clock_now_ms()), MINUTE + 5000, MINUTE + 15000);
	say(fixture, REPORT_PROGRESS, "a", 1);
	say(fixture, REPORT_STOP, "a", 2);
	expect(fixture, "^a a -a ");
	play_fini(&play);
}

static void
a_restored_play_ends_by_silence_like_any_other(void **state)
{
	struct fixture *fixture = *state;
	struct play play = former_play("a", 5000);

	assert_true(tracker_restore(fixture->tracker, &play));
	pass(fixture, 3 * MINUTE + PLAY_RUNTIME_GRACE_MS - 15000);
	expect(fixture, "^a ");
	pass(fixture, 11000);
	expect(fixture, "-a ");
	play_fini(&play);
}

static void
nothing_is_restored_over_what_was_heard_since(void **state)
{
	struct fixture *fixture = *state;
	struct play play = former_play("a", 5000);

	say(fixture, REPORT_START, "b", 0);
	assert_false(tracker_restore(fixture->tracker, &play)); /* it plays something */
	say(fixture, REPORT_STOP, "b", 1);
	assert_false(tracker_restore(fixture->tracker, &play)); /* … or has since */
	play_fini(&play);
	play = former_play("c", 5000);
	play_session_key_set(&play.last.key, "Finamp", "tablet", "alice");
	struct play_report stop = report_of(REPORT_STOP, "c", 0);
	stop.key = play.last.key;
	tracker_report(fixture->tracker, &stop);
	assert_false(tracker_restore(fixture->tracker, &play)); /* it was stopped */
	expect(fixture, "+b -b ");
	play_fini(&play);
}

static void
a_session_that_is_left_ends_nothing_and_can_come_back(void **state)
{
	struct fixture *fixture = *state;
	struct play play = former_play("a", 0);

	say(fixture, REPORT_START, "a", -10000);
	tracker_leave(fixture->tracker, "tablet");
	tracker_leave(fixture->tracker, "PHONE");
	tracker_leave(fixture->tracker, "phone");
	assert_int_equal(tracker_count(fixture->tracker), 0);
	assert_true(tracker_restore(fixture->tracker, &play));
	expect(fixture, "+a ~a ^a ");
	play_fini(&play);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

static void
a_play_counts_when_it_is_older_than_thirty_seconds_paused_or_not(void **state)
{
	struct fixture *fixture = *state;
	struct play_report report = report_of(REPORT_START, "a", 0);
	struct play_report later = report;

	report.paused = report.paused_said = true;
	tracker_report(fixture->tracker, &report);
	later.kind = REPORT_PROGRESS;
	later.received_ms = report.received_ms + PLAY_PENDING_MS;
	tracker_report(fixture->tracker, &later);
	assert_string_equal(text_get(&fixture->confirmed), "");
	later.received_ms++;
	tracker_report(fixture->tracker, &later);
	assert_string_equal(text_get(&fixture->confirmed), "a ");
	pass(fixture, 2 * MINUTE);
	assert_string_equal(text_get(&fixture->confirmed), "a ");
}

static void
a_play_counts_in_time_without_a_further_report(void **state)
{
	struct fixture *fixture = *state;

	say(fixture, REPORT_START, "a", 0);
	pass(fixture, PLAY_PENDING_MS - 1000);
	assert_string_equal(text_get(&fixture->confirmed), "");
	pass(fixture, 1002);
	assert_string_equal(text_get(&fixture->confirmed), "a ");
}

static void
what_is_skipped_never_counts(void **state)
{
	struct fixture *fixture = *state;

	say(fixture, REPORT_START, "a", 0);
	pass(fixture, 29000);
	say(fixture, REPORT_STOP, "a", 0);
	pass(fixture, MINUTE);
	expect(fixture, "+a -a ");
	assert_string_equal(text_get(&fixture->confirmed), "");
}

static void
a_play_that_only_the_feed_saw_counts_when_it_is_seen_again(void **state)
{
	struct fixture *fixture = *state;

	feed(fixture, REPORT_START, "z", 0);
	pass(fixture, 299 * 1000);
	assert_int_equal(tracker_count(fixture->tracker), 1);
	assert_string_equal(text_get(&fixture->confirmed), "");
	pass(fixture, 1001);
	expect(fixture, "+z -z ");
	assert_string_equal(text_get(&fixture->confirmed), "");
	feed(fixture, REPORT_START, "y", 0);
	pass(fixture, 31000);
	feed(fixture, REPORT_PING, "y", 0);
	assert_string_equal(text_get(&fixture->confirmed), "y ");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_play_starts_progresses_and_stops),
		TEST(a_progress_without_a_start_begins_a_play),
		TEST(a_stop_without_an_item_stops_what_the_device_plays),
		TEST(a_second_start_of_the_same_play_is_no_second_play),
		TEST(a_start_with_another_play_session_id_is_the_item_once_more),
		TEST(a_song_that_is_repeated_progresses_at_once),
		TEST(a_song_that_is_repeated_may_keep_its_play_session_id),
		TEST(a_straggler_of_the_play_before_is_dropped_by_its_id),
		TEST(another_item_in_the_session_ends_the_old_one),
		TEST(a_native_item_ends_the_external_one),
		TEST(a_late_progress_does_not_revive_a_stopped_play),
		TEST(the_play_session_id_holds_stragglers_back_longer),
		TEST(a_start_that_was_overtaken_by_its_stop_stays_dead),
		TEST(a_stop_that_was_overtaken_by_the_next_start_stops_nothing),
		TEST(a_start_that_the_stop_of_the_former_item_overtook_still_starts),
		TEST(a_report_older_than_the_newest_of_its_session_is_dropped),
		TEST(the_same_item_on_two_devices_is_two_plays),
		TEST(native_reports_that_jellyfin_took_beside_an_external_play_are_told),
		TEST(a_device_that_changed_hands_plays_for_its_new_user_only),
		TEST(a_regular_client_that_falls_silent_for_three_minutes_has_stopped),
		TEST(a_silent_client_has_stopped_when_its_runtime_and_grace_are_over),
		TEST(an_open_socket_keeps_a_silent_clients_play),
		TEST(a_paused_play_lasts_four_hours_at_most),
		TEST(pings_and_bytes_begin_nothing_and_bytes_of_another_item_prove_nothing),
		TEST(a_session_can_be_ended_from_outside),
		TEST(what_was_stopped_from_afar_begins_again_by_a_start_only),
		TEST(a_restored_play_goes_on_where_it_was_and_is_no_beginning),
		TEST(a_restored_play_ends_by_silence_like_any_other),
		TEST(nothing_is_restored_over_what_was_heard_since),
		TEST(a_session_that_is_left_ends_nothing_and_can_come_back),
		TEST(what_only_the_feed_sees_starts_moves_and_ends_by_it),
		TEST(what_the_feed_repeats_of_a_report_moves_nothing),
		TEST(the_feed_may_be_first_to_tell_of_a_play_that_comes_through_us),
		TEST(a_client_that_speaks_past_us_is_believed_by_the_feed),
		TEST(the_feed_does_not_end_what_is_heard_through_us),
		TEST(a_client_that_falls_silent_goes_on_while_the_feed_sees_it),
		TEST(what_the_feed_alone_has_seen_ends_five_minutes_after_it_was_seen),
		TEST(another_servers_play_of_the_same_device_is_another_play),
		TEST(posting_needs_a_credit_that_comes_back_when_handled),
		TEST(any_thread_may_post),
		TEST(what_was_posted_and_not_handled_is_dropped_with_the_tracker),
		TEST(a_play_counts_when_it_is_older_than_thirty_seconds_paused_or_not),
		TEST(a_play_counts_in_time_without_a_further_report),
		TEST(what_is_skipped_never_counts),
		TEST(a_play_that_only_the_feed_saw_counts_when_it_is_seen_again),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
