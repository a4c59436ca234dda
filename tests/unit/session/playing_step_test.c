#include "session/playing_step.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "core/mem.h"

struct step_case {
	const char *text;
	struct playing_view view;
	enum playing_step step;
	int64_t wait_ms;
};

/* Jellyfin shows play 7. */
#define SHOWN .told_id = 7, .announced_id = 7, .capabilities_told = true

static const struct step_case cases[] = {
	{ "nothing plays", { 0 }, PLAYING_NOTHING, -1 },
	{ "a play, capabilities unknown", { .play_id = 7 }, PLAYING_LOOK, -1 },
	{ "looked, none posted", { .play_id = 7, .capabilities_known = true },
		PLAYING_CAPABILITIES, -1 },
	{ "ready", { .play_id = 7, .capabilities_told = true }, PLAYING_START, -1 },
	{ "announced, forgotten since",
		{ .play_id = 7, .announced_id = 7, .capabilities_told = true },
		PLAYING_PROGRESS, -1 },
	{ "shown, quiet", { SHOWN, .play_id = 7, .since_told_ms = 24000 }, PLAYING_NOTHING,
		1000 },
	{ "shown, heartbeat", { SHOWN, .play_id = 7, .since_told_ms = 25000 },
		PLAYING_PROGRESS, -1 },
	{ "shown, reported lately",
		{ SHOWN, .play_id = 7, .reported = true, .since_told_ms = 4000 },
		PLAYING_NOTHING, 6000 },
	{ "shown, reported, due",
		{ SHOWN, .play_id = 7, .reported = true, .since_told_ms = 10000 },
		PLAYING_PROGRESS, -1 },
	{ "shown, changed", { SHOWN, .play_id = 7, .changed = true }, PLAYING_PROGRESS,
		-1 },
	{ "another play", { SHOWN, .play_id = 8 }, PLAYING_START, -1 },
	{ "rejected", { SHOWN, .play_id = 8, .rejected_id = 8 }, PLAYING_NOTHING, -1 },
	{ "ended", { SHOWN }, PLAYING_STOPPED, -1 },
	{ "ended by a native one", { SHOWN, .native = true, .replaced = true },
		PLAYING_WITHDRAW, -1 },
	{ "ended by a native one while down",
		{ SHOWN, .native = true, .replaced = true, .down = true }, PLAYING_WITHDRAW,
		-1 },
	{ "ended, and the device has changed hands", { SHOWN, .replaced = true },
		PLAYING_WITHDRAW, -1 },
	{ "native, maybe overwritten",
		{ .native = true, .replaced = true, .restate = true }, PLAYING_RESTATE,
		-1 },
	{ "overwritten, but it has ended", { .restate = true }, PLAYING_NOTHING, -1 },
	{ "a call is under way", { SHOWN, .play_id = 8, .calling = true }, PLAYING_NOTHING,
		-1 },
	{ "down", { SHOWN, .play_id = 8, .down = true }, PLAYING_NOTHING, -1 },
};

static void
the_next_step_follows_from_what_is_told_and_what_is_true(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		int64_t wait_ms;
		enum playing_step step = playing_next(&cases[i].view, &wait_ms);
		if (step != cases[i].step || wait_ms != cases[i].wait_ms)
			fail_msg("%s: %s, wait %lld", cases[i].text,
				playing_step_name(step), (long long)wait_ms);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_next_step_follows_from_what_is_told_and_what_is_true),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
