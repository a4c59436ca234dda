#include "tracker/segment.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "core/mem.h"

enum { START_MS = 1000 * 1000, MINUTE = 60 * 1000 };

static struct play_report
report_at(enum report_kind kind, int64_t minute)
{
	struct play_report report = { .kind = kind,
		.received_ms = START_MS + minute * MINUTE,
		.received_wall_ms = 5000 + minute * MINUTE,
		.position_ms = -1,
		.volume = -1 };

	copy_text(report.item.id, sizeof report.item.id, "a");
	copy_text(report.item.type, sizeof report.item.type, "Episode");
	report.item.runtime_ms = 60 * MINUTE;
	return report;
}

static void
pause_at(struct play *play, int64_t minute, bool paused)
{
	struct play_report report = report_at(REPORT_PROGRESS, minute);

	report.paused = paused;
	report.paused_said = true;
	play_apply(play, &report);
}

static void
pauses_are_no_time_played(void **state)
{
	struct play_report report = report_at(REPORT_START, 0);
	struct play play;
	struct segment *segment;

	(void)state;
	play_begin(&play, 1, &report);
	pause_at(&play, 10, true);
	pause_at(&play, 13, false);
	pause_at(&play, 20, true);
	segment = segment_new(&play, START_MS + 22 * MINUTE + MINUTE / 2);
	assert_true(segment->open);
	assert_int_equal(segment->paused_ms, 5 * MINUTE + MINUTE / 2);
	assert_int_equal(segment->played_ms, 17 * MINUTE);
	segment_free(segment);
	pause_at(&play, 25, false);
	play_end(&play, START_MS + 25 * MINUTE, -1);
	segment = segment_new(&play, START_MS + 99 * MINUTE);
	assert_false(segment->open);
	assert_int_equal(segment->paused_ms, 8 * MINUTE);
	assert_int_equal(segment->played_ms, 17 * MINUTE);
	assert_int_equal(segment->stopped_ms - segment->started_ms, 25 * MINUTE);
	assert_int_equal(segment->started_ms, 5000);
	assert_int_equal(segment->kind, SEGMENT_EPISODE);
	segment_free(segment);
	play_fini(&play);
}

static void
it_says_how_it_ended_and_where_it_began(void **state)
{
	struct play_report report = report_at(REPORT_START, 0);
	struct play play;

	(void)state;
	play_begin(&play, 1, &report);
	report = report_at(REPORT_PROGRESS, 1);
	report.position_ms = 41 * MINUTE;
	play_apply(&play, &report);
	play_end(&play, START_MS + 11 * MINUTE, 51 * MINUTE);
	copy_text(play.ended_by, sizeof play.ended_by, "silence");
	struct segment *segment = segment_new(&play, START_MS + 11 * MINUTE);
	assert_int_equal(segment->first_position_ms, 41 * MINUTE);
	assert_int_equal(segment->position_ms, 51 * MINUTE);
	assert_true(segment->watched);
	assert_true(segment->forced);
	assert_string_equal(segment->ended_by, "silence");
	assert_non_null(strstr(segment->details, "directplay"));
	segment_free(segment);
	play_fini(&play);
}

static void
silence_ends_a_play_when_it_was_last_heard_of(void **state)
{
	struct play_report report = report_at(REPORT_START, 0);
	struct play play;

	(void)state;
	play_begin(&play, 1, &report);
	play.heard_ms = START_MS;
	/* start and stop only: its runtime passes */
	assert_int_equal(play_silent_since_ms(&play, START_MS + 70 * MINUTE),
		START_MS + 60 * MINUTE);
	assert_int_equal(play_silent_since_ms(&play, START_MS + 40 * MINUTE),
		START_MS + 40 * MINUTE);
	play.regular = true;
	assert_int_equal(play_silent_since_ms(&play, START_MS + 3 * MINUTE), START_MS);
	play_fini(&play);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pauses_are_no_time_played),
		cmocka_unit_test(it_says_how_it_ended_and_where_it_began),
		cmocka_unit_test(silence_ends_a_play_when_it_was_last_heard_of),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
