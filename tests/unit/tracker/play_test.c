#include "tracker/play.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "core/json.h"

enum { MINUTE = 60 * 1000 };

static struct play_report
report_at(enum report_kind kind, int64_t at_ms, int64_t position_ms)
{
	struct play_report report = { .kind = kind,
		.received_ms = at_ms,
		.position_ms = position_ms,
		.volume = -1,
		.item = { .id = "a", .runtime_ms = 60 * MINUTE } };
	return report;
}

static enum play_change
progress(struct play *play, int64_t at_ms, int64_t position_ms, bool paused)
{
	struct play_report report = report_at(REPORT_PROGRESS, at_ms, position_ms);
	report.paused_said = true;
	report.paused = paused;
	return play_apply(play, &report);
}

static struct play
begin_at(int64_t at_ms, int64_t position_ms)
{
	struct play play;
	struct play_report report = report_at(REPORT_START, at_ms, position_ms);
	play_begin(&play, 1, &report);
	return play;
}

static void
pauses_add_up_and_a_running_one_counts(void **state)
{
	struct play play = begin_at(0, 0);

	(void)state;
	assert_int_equal(progress(&play, 10 * MINUTE, 10 * MINUTE, true), PLAY_PAUSE_BEGAN);
	assert_int_equal(progress(&play, 11 * MINUTE, 10 * MINUTE, true), PLAY_PROGRESSED);
	assert_int_equal(
		progress(&play, 13 * MINUTE, 10 * MINUTE, false), PLAY_PAUSE_ENDED);
	assert_int_equal(progress(&play, 20 * MINUTE, 17 * MINUTE, true), PLAY_PAUSE_BEGAN);
	assert_int_equal(play_paused_ms(&play, 22 * MINUTE + 30000), 5 * MINUTE + 30000);
	assert_int_equal(play.paused_since_ms, 20 * MINUTE);
	play_end(&play, 25 * MINUTE, -1);
	assert_int_equal(play.state, PLAY_STOPPED);
	assert_int_equal(play_paused_ms(&play, 99 * MINUTE), 8 * MINUTE);
	assert_int_equal(play.position_ms, 17 * MINUTE);
}

static void
a_play_that_is_first_seen_paused_counts_its_pause_from_then(void **state)
{
	struct play play;
	struct play_report report = report_at(REPORT_PROGRESS, 5000, 100);

	(void)state;
	report.paused = report.paused_said = true;
	play_begin(&play, 1, &report);
	assert_int_equal(play.state, PLAY_PAUSED);
	assert_int_equal(play_paused_ms(&play, 6000), 1000);
	assert_int_equal(play_position_now_ms(&play, 90000), 100);
}

static void
the_position_runs_with_the_clock_to_the_end_of_the_item(void **state)
{
	struct play play = begin_at(1000, 500);

	(void)state;
	assert_int_equal(play_position_now_ms(&play, 900), 500);
	assert_int_equal(play_position_now_ms(&play, 3000), 2500);
	assert_int_equal(play_position_now_ms(&play, 100 * MINUTE), 60 * MINUTE);
	progress(&play, 2000, 61 * MINUTE, false);
	assert_int_equal(play_position_now_ms(&play, 3000), 61 * MINUTE);
	progress(&play, 4000, 7000, false);
	play.last.item.runtime_ms = 0;
	assert_int_equal(play_position_now_ms(&play, 100 * MINUTE), 100 * MINUTE + 3000);
}

static void
a_report_without_a_position_keeps_the_extrapolated_one(void **state)
{
	struct play play = begin_at(0, 0);

	(void)state;
	assert_int_equal(progress(&play, 7000, -1, true), PLAY_PAUSE_BEGAN);
	assert_int_equal(play.position_ms, 7000);
	assert_int_equal(play_position_now_ms(&play, 9000), 7000);
}

static void
what_a_later_report_does_not_say_stays(void **state)
{
	struct play play;
	struct play_report start = report_at(REPORT_START, 0, 0);
	struct play_report more = report_at(REPORT_PROGRESS, 10, 10);

	(void)state;
	copy_text(start.item.name, sizeof start.item.name, "Song");
	copy_text(start.play_session_id, sizeof start.play_session_id, "p1");
	copy_text(start.play_method, sizeof start.play_method, "DirectPlay");
	start.item.item_json = xstrdup("{}");
	start.volume = 40;
	play_begin(&play, 1, &start);
	more.item.runtime_ms = 0;
	play_apply(&play, &more);
	assert_string_equal(play.last.item.name, "Song");
	assert_string_equal(play.last.play_session_id, "p1");
	assert_string_equal(play.last.play_method, "DirectPlay");
	assert_string_equal(play.last.item.item_json, "{}");
	assert_int_equal(play.last.item.runtime_ms, 60 * MINUTE);
	assert_int_equal(play.last.volume, 40);
	play_report_fini(&start);
	play_fini(&play);
}

static void
only_reports_that_time_caused_make_a_client_regular(void **state)
{
	struct play play = begin_at(0, 0);

	(void)state;
	progress(&play, 1000, 1000, true);         /* pause */
	progress(&play, 2000, 1000, false);        /* unpause */
	progress(&play, 3000, 30 * MINUTE, false); /* seek */
	struct play_report volume = report_at(REPORT_PROGRESS, 3500, 30 * MINUTE + 500);
	copy_text(volume.event_name, sizeof volume.event_name, "volumechange");
	play_apply(&play, &volume);
	assert_false(play.regular);
	progress(&play, 4000, 30 * MINUTE + 1000, false);
	assert_false(play.regular);
	progress(&play, 14000, 30 * MINUTE + 11000, false);
	assert_true(play.regular);
}

struct silence_case {
	const char *text;
	bool regular, paused, alive;
	int64_t runtime_ms, position_ms, updated_ms, paused_since_ms;
	int64_t due_ms;
};

static const struct silence_case silence_cases[] = {
	{ "regular", true, false, false, 4 * MINUTE, MINUTE, 1000, -1, 1000 + 3 * MINUTE },
	{ "regular, socket open", true, false, true, 4 * MINUTE, MINUTE, 1000, -1,
		1000 + 3 * MINUTE },
	{ "start and stop only", false, false, false, 4 * MINUTE, MINUTE, 1000, -1,
		1000 + 3 * MINUTE + 50000 },
	{ "at its end, bytes lately", false, false, false, 4 * MINUTE, 4 * MINUTE, 1000, -1,
		1000 + 50000 },
	{ "start and stop only, socket open", false, false, true, 4 * MINUTE, MINUTE, 1000,
		-1, 1000 + 240 * MINUTE },
	{ "runtime unknown", false, false, false, 0, MINUTE, 1000, -1,
		1000 + 240 * MINUTE },
	{ "paused", true, true, false, 4 * MINUTE, MINUTE, 1000, 1000, 1000 + 30 * MINUTE },
	{ "paused, socket open", true, true, true, 4 * MINUTE, MINUTE, 1000, 1000,
		1000 + 240 * MINUTE },
	{ "paused for almost 4 hours", true, true, false, 4 * MINUTE, MINUTE, 230 * MINUTE,
		0, 240 * MINUTE },
};

static void
silence_ends_a_play_by_how_its_client_reports(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(silence_cases); i++) {
		const struct silence_case *row = &silence_cases[i];
		struct play play = { .state = row->paused ? PLAY_PAUSED : PLAY_PLAYING,
			.regular = row->regular,
			.updated_ms = row->updated_ms,
			.position_ms = row->position_ms,
			.paused_since_ms = row->paused_since_ms };
		play.last.item.runtime_ms = row->runtime_ms;
		int64_t due_ms = play_silence_due_ms(&play, row->alive);
		if (due_ms != row->due_ms)
			fail_msg("%s: due at %lld", row->text, (long long)due_ms);
	}
}

static void
what_the_feed_sees_ends_by_silence_of_the_feed(void **state)
{
	struct play play = begin_at(1, 0);

	(void)state;
	play.regular = true;
	play.fed_ms = 2 * MINUTE;
	assert_int_equal(play_silence_due_ms(&play, false), 7 * MINUTE);
	play.updated_ms = 6 * MINUTE; /* heard of after that */
	assert_int_equal(play_silence_due_ms(&play, false), 9 * MINUTE);
	play.heard_ms = 0; /* seen by the feed alone */
	assert_int_equal(play_silence_due_ms(&play, false), 7 * MINUTE);
	play.state = PLAY_PAUSED;
	play.fed_ms = 300 * MINUTE;
	assert_int_equal(play_silence_due_ms(&play, false), 305 * MINUTE);
}

static void
a_report_told_late_counts_from_when_it_was_said(void **state)
{
	struct play play = begin_at(0, 0);

	(void)state;
	play_touch(&play, 10000);
	progress(&play, 8000, 100000, false); /* a seek, told 2 s later */
	assert_int_equal(play_position_now_ms(&play, 10000), 102000);
	play_touch(&play, 13000);
	assert_int_equal(progress(&play, 12000, 104000, true), PLAY_PAUSE_BEGAN);
	assert_int_equal(play_position_now_ms(&play, 20000), 104000);
	assert_int_equal(play_paused_ms(&play, 20000), 8000);
}

static void
a_pause_counts_from_when_it_is_said_to_have_begun(void **state)
{
	struct play play = begin_at(1000, 0);
	struct play_report report = report_at(REPORT_PROGRESS, 60000, 20000);

	(void)state;
	report.paused = report.paused_said = true;
	report.paused_at_ms = 20000;
	assert_int_equal(play_apply(&play, &report), PLAY_PAUSE_BEGAN);
	assert_int_equal(play_paused_ms(&play, 60000), 40000);
	progress(&play, 61000, 20000, false);
	report.received_ms = 70000;
	report.paused_at_ms = 500; /* before the play: no clock of ours */
	play_apply(&play, &report);
	assert_int_equal(play_paused_ms(&play, 70000), 41000);
}

static void
jellyfin_knows_better_than_a_client_how_it_serves_it(void **state)
{
	struct play play = begin_at(0, 0);
	struct play_report fed = report_at(REPORT_PROGRESS, 10, 0);
	struct play_report told = report_at(REPORT_PROGRESS, 20, 0);

	(void)state;
	copy_text(fed.play_method, sizeof fed.play_method, "DirectPlay");
	copy_text(told.play_method, sizeof told.play_method, "Transcode");
	fed.stream.known = true;
	fed.stream.source.height = 1080;
	play_describe(&play, &fed);
	play_apply(&play, &told);
	assert_string_equal(play.last.play_method, "DirectPlay");
	assert_int_equal(play.last.stream.source.height, 1080);
}

static void
the_json_of_a_play_holds_no_token(void **state)
{
	struct play play = begin_at(0, 1000);

	(void)state;
	copy_text(play.last.token, sizeof play.last.token, "verysecret");
	copy_text(play.last.user_name, sizeof play.last.user_name, "alice");
	json_t *json = play_json_new(&play, 2000);
	char *text = json_dump_new(json, NULL);
	assert_null(strstr(text, "verysecret"));
	assert_int_equal(json_int(json, "positionMs", 0), 3000);
	assert_string_equal(json_text(json_member(json, "user"), "name"), "alice");
	assert_string_equal(json_text(json, "state"), "playing");
	xfree(text);
	json_decref(json);
}

static void
session_keys_compare_as_jellyfin_compares_them(void **state)
{
	struct play_session_key a, b;

	(void)state;
	play_session_key_set(&a, "Finamp", "dev-1", "465B8B78-1605-47CA-A083-82AC0958D34A");
	play_session_key_set(&b, "finamp", "DEV-1", "465b8b78160547caa08382ac0958d34a");
	assert_string_equal(a.user_id, "465b8b78160547caa08382ac0958d34a");
	assert_true(play_session_key_equal(&a, &b));
	assert_true(play_session_key_hash(&a) == play_session_key_hash(&b));
	copy_text(b.client, sizeof b.client, "");
	assert_true(play_session_key_equal(&a, &b));
	assert_true(play_session_key_hash(&a) == play_session_key_hash(&b));
	copy_text(b.client, sizeof b.client, "Other");
	assert_false(play_session_key_equal(&a, &b));
	assert_false(play_session_key_rivals(&a, &b));
	play_session_key_set(&b, "Finamp", "dev-1", a.user_id);
	copy_text(b.server, sizeof b.server, "attic");
	assert_false(play_session_key_equal(&a, &b));
	play_session_key_set(&b, "Finamp", "dev-1", "other");
	assert_false(play_session_key_equal(&a, &b));
	assert_true(play_session_key_rivals(&a, &b));
	play_session_key_set(&b, "Finamp", "dev-1", "");
	assert_false(play_session_key_rivals(&a, &b));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pauses_add_up_and_a_running_one_counts),
		cmocka_unit_test(
			a_play_that_is_first_seen_paused_counts_its_pause_from_then),
		cmocka_unit_test(the_position_runs_with_the_clock_to_the_end_of_the_item),
		cmocka_unit_test(a_report_without_a_position_keeps_the_extrapolated_one),
		cmocka_unit_test(what_a_later_report_does_not_say_stays),
		cmocka_unit_test(only_reports_that_time_caused_make_a_client_regular),
		cmocka_unit_test(silence_ends_a_play_by_how_its_client_reports),
		cmocka_unit_test(what_the_feed_sees_ends_by_silence_of_the_feed),
		cmocka_unit_test(a_report_told_late_counts_from_when_it_was_said),
		cmocka_unit_test(a_pause_counts_from_when_it_is_said_to_have_begun),
		cmocka_unit_test(jellyfin_knows_better_than_a_client_how_it_serves_it),
		cmocka_unit_test(the_json_of_a_play_holds_no_token),
		cmocka_unit_test(session_keys_compare_as_jellyfin_compares_them),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
