#include "session/lease.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "core/mem.h"

enum { UP = 1, SOLO = 2, HOLD_MS = LEASE_MS - LEASE_MARGIN_MS };

struct step {
	enum lease_event event;
	int64_t now_ms, sent_ms;
	int flags;
	enum lease_action action;
	enum lease_state state;
};

static void
walk(const struct step *steps, size_t count)
{
	struct lease lease = { 0 };

	for (size_t i = 0; i < count; i++) {
		const struct step *step = &steps[i];
		const struct lease_news news = { step->now_ms, step->sent_ms,
			step->flags & UP, step->flags & SOLO };
		enum lease_action action = lease_step(&lease, step->event, &news);
		if (action != step->action || lease.state != step->state)
			fail_msg("step %zu: action %d, state %s", i, action,
				lease_state_name(lease.state));
	}
}

#define WALK(...)                                                                          \
	do {                                                                               \
		static const struct step steps[] = { __VA_ARGS__ };                        \
		(void)state;                                                               \
		walk(steps, COUNT_OF(steps));                                              \
	} while (0)

static void
what_is_granted_is_taken_once_and_renewed(void **state)
{
	WALK({ LEASE_WANTED, 0, 0, UP, LEASE_ASK, LEASE_ASKED },
		{ LEASE_WANTED, 5, 0, UP, LEASE_NOTHING, LEASE_ASKED },
		{ LEASE_GRANTED, 10, 0, UP, LEASE_TAKE, LEASE_HELD },
		{ LEASE_WANTED, 20, 0, UP, LEASE_NOTHING, LEASE_HELD },
		{ LEASE_GRANTED, 1010, 1000, UP, LEASE_NOTHING, LEASE_HELD },
		{ LEASE_TICK, 1000 + HOLD_MS - 1, 0, UP, LEASE_NOTHING, LEASE_HELD },
		{ LEASE_TICK, 1000 + HOLD_MS, 0, UP, LEASE_LEAVE, LEASE_FREE });
}

static void
it_is_left_before_redis_can_forget_it_counted_from_the_sending(void **state)
{
	WALK({ LEASE_WANTED, 0, 0, UP, LEASE_ASK, LEASE_ASKED },
		{ LEASE_GRANTED, 2000, 0, UP, LEASE_TAKE, LEASE_HELD },
		{ LEASE_FAILED, 2500, 0, 0, LEASE_NOTHING, LEASE_HELD },
		{ LEASE_TICK, HOLD_MS - 1, 0, 0, LEASE_NOTHING, LEASE_HELD },
		{ LEASE_TICK, HOLD_MS, 0, 0, LEASE_LEAVE, LEASE_FREE },
		{ LEASE_WANTED, HOLD_MS + 1, 0, 0, LEASE_NOTHING, LEASE_FREE },
		{ LEASE_WANTED, HOLD_MS + 2, 0, UP, LEASE_ASK, LEASE_ASKED });
}

static void
an_answer_that_came_too_late_grants_nothing(void **state)
{
	WALK({ LEASE_WANTED, 0, 0, UP, LEASE_ASK, LEASE_ASKED },
		{ LEASE_GRANTED, HOLD_MS, 0, UP, LEASE_NOTHING, LEASE_FREE },
		{ LEASE_GRANTED, 9000, 8990, UP, LEASE_TAKE, LEASE_HELD },
		/* answers about renewals may overtake each other */
		{ LEASE_GRANTED, 9100, 5900, UP, LEASE_NOTHING, LEASE_HELD },
		{ LEASE_TICK, 8990 + HOLD_MS - 1, 0, UP, LEASE_NOTHING, LEASE_HELD },
		{ LEASE_TICK, 8990 + HOLD_MS, 0, UP, LEASE_LEAVE, LEASE_FREE });
}

static void
what_another_one_holds_is_left_to_it_and_asked_for_again(void **state)
{
	WALK({ LEASE_WANTED, 0, 0, UP, LEASE_ASK, LEASE_ASKED },
		{ LEASE_DENIED, 10, 0, UP, LEASE_NOTHING, LEASE_FOREIGN },
		{ LEASE_TICK, 10 + LEASE_FOREIGN_MS - 1, 0, UP, LEASE_NOTHING,
			LEASE_FOREIGN },
		{ LEASE_WANTED, 100, 0, UP, LEASE_ASK, LEASE_ASKED },
		{ LEASE_DENIED, 110, 0, UP, LEASE_NOTHING, LEASE_FOREIGN },
		{ LEASE_TICK, 110 + LEASE_FOREIGN_MS, 0, UP, LEASE_NOTHING, LEASE_FREE },
		{ LEASE_GRANTED, 8000, 7990, UP, LEASE_TAKE, LEASE_HELD },
		{ LEASE_DENIED, 8100, 0, UP, LEASE_LEAVE, LEASE_FOREIGN });
}

static void
what_nobody_wants_any_more_is_released(void **state)
{
	WALK({ LEASE_UNWANTED, 0, 0, UP, LEASE_NOTHING, LEASE_FREE },
		{ LEASE_WANTED, 0, 0, UP, LEASE_ASK, LEASE_ASKED },
		{ LEASE_UNWANTED, 1, 0, UP, LEASE_NOTHING, LEASE_ASKED },
		{ LEASE_GRANTED, 10, 0, UP, LEASE_TAKE, LEASE_HELD },
		{ LEASE_UNWANTED, 20, 0, UP, LEASE_RELEASE, LEASE_FREE });
}

static void
without_redis_only_solo_keeps_anything(void **state)
{
	WALK({ LEASE_WANTED, 0, 0, 0, LEASE_NOTHING, LEASE_FREE },
		{ LEASE_WANTED, 0, 0, SOLO, LEASE_TAKE, LEASE_ALONE },
		{ LEASE_TICK, 99999, 0, SOLO, LEASE_NOTHING, LEASE_ALONE },
		{ LEASE_UNWANTED, 99999, 0, SOLO, LEASE_RELEASE, LEASE_FREE });
	WALK({ LEASE_WANTED, 0, 0, UP | SOLO, LEASE_ASK, LEASE_ASKED },
		{ LEASE_FAILED, 10, 0, SOLO, LEASE_TAKE, LEASE_ALONE });
	WALK({ LEASE_WANTED, 0, 0, UP, LEASE_ASK, LEASE_ASKED },
		{ LEASE_FAILED, 10, 0, 0, LEASE_NOTHING, LEASE_FREE });
	WALK({ LEASE_WANTED, 0, 0, UP | SOLO, LEASE_ASK, LEASE_ASKED },
		{ LEASE_GRANTED, 10, 0, UP | SOLO, LEASE_TAKE, LEASE_HELD },
		{ LEASE_TICK, HOLD_MS, 0, SOLO, LEASE_NOTHING, LEASE_ALONE });
}

static void
solo_asks_when_redis_is_back_and_yields_to_whoever_holds_it(void **state)
{
	WALK({ LEASE_WANTED, 0, 0, SOLO, LEASE_TAKE, LEASE_ALONE },
		{ LEASE_TICK, 10, 0, UP | SOLO, LEASE_ASK, LEASE_ALONE },
		{ LEASE_FAILED, 20, 0, SOLO, LEASE_NOTHING, LEASE_ALONE },
		{ LEASE_TICK, 30, 0, UP | SOLO, LEASE_ASK, LEASE_ALONE },
		{ LEASE_GRANTED, 40, 30, UP | SOLO, LEASE_NOTHING, LEASE_HELD });
	WALK({ LEASE_WANTED, 0, 0, SOLO, LEASE_TAKE, LEASE_ALONE },
		{ LEASE_TICK, 10, 0, UP | SOLO, LEASE_ASK, LEASE_ALONE },
		{ LEASE_DENIED, 20, 0, UP | SOLO, LEASE_LEAVE, LEASE_FOREIGN });
}

static void
what_is_free_or_anothers_is_given_up_but_not_what_is_asked_for(void **state)
{
	static const bool given_up[] = { [LEASE_FREE] = true,
		[LEASE_ASKED] = false,
		[LEASE_HELD] = false,
		[LEASE_FOREIGN] = true,
		[LEASE_ALONE] = false };

	(void)state;
	for (size_t i = 0; i < COUNT_OF(given_up); i++) {
		const struct lease lease = { .state = (enum lease_state)i };
		assert_int_equal(lease_is_given_up(&lease), given_up[i]);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_granted_is_taken_once_and_renewed),
		cmocka_unit_test(
			it_is_left_before_redis_can_forget_it_counted_from_the_sending),
		cmocka_unit_test(an_answer_that_came_too_late_grants_nothing),
		cmocka_unit_test(what_another_one_holds_is_left_to_it_and_asked_for_again),
		cmocka_unit_test(what_nobody_wants_any_more_is_released),
		cmocka_unit_test(without_redis_only_solo_keeps_anything),
		cmocka_unit_test(
			solo_asks_when_redis_is_back_and_yields_to_whoever_holds_it),
		cmocka_unit_test(
			what_is_free_or_anothers_is_given_up_but_not_what_is_asked_for),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
