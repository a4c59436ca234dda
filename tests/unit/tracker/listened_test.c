#include "tracker/listened.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

enum { BEGAN = 1000000, SECOND = 1000, MINUTE = 60 * SECOND };

static void
half_or_four_minutes_is_enough(void **state)
{
	static const struct {
		int64_t heard_ms, runtime_ms;
		bool enough;
	} rows[] = {
		{ 0, 200 * SECOND, false },
		{ 100 * SECOND - 1, 200 * SECOND, false },
		{ 100 * SECOND, 200 * SECOND, true },
		{ 15 * SECOND, 30 * SECOND, true }, /* a preview is as long as its bytes */
		{ 14 * SECOND, 30 * SECOND, false },
		{ 4 * MINUTE, 60 * MINUTE, true },
		{ 4 * MINUTE - 1, 60 * MINUTE, false },
		{ 4 * MINUTE, 0, true }, /* nobody knows how long it is */
		{ 4 * MINUTE - 1, 0, false },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++)
		assert_int_equal(listened_is_enough(rows[i].heard_ms, rows[i].runtime_ms),
			rows[i].enough);
}

/* A play of 200 s that is reported on: seconds after its beginning, position, paused. */
struct step {
	int64_t after_s, position_s;
	bool paused;
};

static struct play_report
report_at(const struct step *step)
{
	struct play_report report = { .kind = REPORT_PROGRESS,
		.received_ms = BEGAN + step->after_s * SECOND,
		.position_ms = step->position_s * SECOND,
		.paused = step->paused,
		.paused_said = true,
		.volume = -1 };

	report.item.runtime_ms = 200 * SECOND;
	return report;
}

static void
time_counts_and_neither_pauses_nor_seeks_do(void **state)
{
	static const struct {
		struct step steps[4];
		int64_t end_s, heard_s;
	} rows[] = {
		{ { { 0, 0, false }, { 10, 10, false } }, 40, 40 },
		/* to the end within a second */
		{ { { 0, 0, false }, { 5, 199, false } }, 6, 6 },
		/* a pause of a minute */
		{ { { 0, 0, false }, { 10, 10, true }, { 70, 10, false } }, 80, 20 },
		/* stopped while paused */
		{ { { 0, 0, false }, { 10, 10, true } }, 500, 10 },
		/* back to the beginning, and again */
		{ { { 0, 0, false }, { 60, 60, false }, { 61, 0, false } }, 90, 90 },
		/* begun in the middle */
		{ { { 0, 150, false } }, 20, 20 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct play play;
		struct play_report report = report_at(&rows[i].steps[0]);
		play_begin(&play, 1, &report);
		for (size_t j = 1; j < 4 && rows[i].steps[j].after_s > 0; j++) {
			report = report_at(&rows[i].steps[j]);
			play_apply(&play, &report);
		}
		play_end(&play, BEGAN + rows[i].end_s * SECOND, -1);
		assert_int_equal(listened_ms(&play), rows[i].heard_s * SECOND);
		play_fini(&play);
	}
}

static void
who_fell_silent_has_heard_what_they_said(void **state)
{
	const struct step first = { 0, 0, false };
	struct play_report report = report_at(&first);
	struct play play;

	(void)state;
	play_begin(&play, 1, &report);
	for (int64_t s = 10; s <= 30; s += 10) {
		const struct step step = { s, s, false };
		report = report_at(&step);
		play_apply(&play, &report);
	}
	assert_true(play.regular);
	play_end(&play, BEGAN + 30 * SECOND + PLAY_REGULAR_SILENCE_MS, -1);
	assert_int_equal(listened_ms(&play), 30 * SECOND);
	play_fini(&play);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(half_or_four_minutes_is_enough),
		cmocka_unit_test(time_counts_and_neither_pauses_nor_seeks_do),
		cmocka_unit_test(who_fell_silent_has_heard_what_they_said),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
