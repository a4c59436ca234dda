#include "proxy/upstream_cap.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

enum { CONNECTIONS = 2, WAITING = 3, LONG_MS = 10 * UPSTREAM_SLACK_MS };

/* Two workers, both turned by the test. */
struct fixture {
	struct upstream_cap *cap;
	struct loop *loops[2];
	struct upstream_seat *seats[2];
	int woken[2];
};

static void
on_wake(void *arg)
{
	++*(int *)arg;
}

static int
setup(void **state)
{
	struct fixture *fixture = xcalloc(1, sizeof *fixture);

	fixture->cap = upstream_cap_new(CONNECTIONS, WAITING);
	for (int i = 0; i < 2; i++) {
		fixture->loops[i] = loop_new("test");
		loop_adopt(fixture->loops[i]);
		fixture->seats[i] = upstream_seat_take(
			fixture->cap, fixture->loops[i], on_wake, &fixture->woken[i]);
	}
	*state = fixture;
	return 0;
}

static int
teardown(void **state)
{
	struct fixture *fixture = *state;

	for (int i = 0; i < 2; i++) {
		upstream_seat_leave(fixture->seats[i]);
		loop_free(fixture->loops[i]);
	}
	upstream_cap_free(fixture->cap);
	xfree(fixture);
	return 0;
}

static void
turn(struct fixture *fixture)
{
	for (int i = 0; i < 2; i++) {
		fixture->woken[i] = 0;
		loop_turn(fixture->loops[i], 0);
	}
}

static void
fill(struct fixture *fixture, int seat)
{
	for (int i = 0; i < CONNECTIONS; i++)
		assert_true(upstream_seat_open(fixture->seats[seat], 0));
}

static void
empty(struct fixture *fixture, int seat)
{
	for (int i = 0; i < CONNECTIONS; i++)
		upstream_seat_close(fixture->seats[seat]);
}

static void
the_cap_is_that_of_all(void **state)
{
	struct fixture *fixture = *state;

	assert_true(upstream_seat_open(fixture->seats[0], 0));
	assert_true(upstream_seat_open(fixture->seats[1], 0));
	assert_false(upstream_seat_open(fixture->seats[0], 0));
	assert_false(upstream_seat_open(fixture->seats[1], 0));
	upstream_seat_close(fixture->seats[0]);
	assert_true(upstream_seat_open(fixture->seats[1], 0));
	empty(fixture, 1);
}

static void
the_queue_is_bounded_for_all(void **state)
{
	struct fixture *fixture = *state;

	assert_true(upstream_seat_enter(fixture->seats[0]));
	assert_true(upstream_seat_enter(fixture->seats[0]));
	assert_true(upstream_seat_enter(fixture->seats[1]));
	assert_false(upstream_seat_enter(fixture->seats[0]));
	assert_false(upstream_seat_enter(fixture->seats[1]));
	upstream_seat_exit(fixture->seats[0]);
	assert_true(upstream_seat_enter(fixture->seats[1]));
	upstream_seat_exit(fixture->seats[0]);
	upstream_seat_exit(fixture->seats[1]);
	upstream_seat_exit(fixture->seats[1]);
}

static void
who_waits_hears_of_a_close_elsewhere(void **state)
{
	struct fixture *fixture = *state;

	fill(fixture, 0);
	assert_true(upstream_seat_enter(fixture->seats[1]));
	upstream_seat_set_oldest(fixture->seats[1], 5);
	upstream_seat_close(fixture->seats[0]);
	turn(fixture);
	assert_int_equal(fixture->woken[0], 0);
	assert_int_equal(fixture->woken[1], 1);
	upstream_seat_set_oldest(fixture->seats[1], -1);
	upstream_seat_exit(fixture->seats[1]);
	upstream_seat_close(fixture->seats[0]);
	turn(fixture);
	assert_int_equal(fixture->woken[1], 0); /* it does not wait any more */
}

static void
who_waits_has_idle_ones_closed(void **state)
{
	struct fixture *fixture = *state;

	fill(fixture, 0);
	upstream_seat_set_idle(fixture->seats[0], 1);
	assert_false(upstream_seat_must_yield(fixture->seats[0]));
	assert_true(upstream_seat_enter(fixture->seats[1]));
	upstream_seat_set_oldest(fixture->seats[1], 5);
	upstream_seat_beg(fixture->seats[1]);
	turn(fixture);
	assert_int_equal(fixture->woken[0], 1);
	assert_true(upstream_seat_must_yield(fixture->seats[0]));
	/* Nothing to beg for while there is room. */
	upstream_seat_close(fixture->seats[0]);
	turn(fixture);
	upstream_seat_beg(fixture->seats[1]);
	turn(fixture);
	assert_int_equal(fixture->woken[0], 0);
	assert_false(upstream_seat_must_yield(fixture->seats[0]));
	upstream_seat_exit(fixture->seats[1]);
	upstream_seat_close(fixture->seats[0]);
}

static void
who_has_waited_longest_is_first(void **state)
{
	struct fixture *fixture = *state;

	fill(fixture, 0);
	for (int i = 0; i < 2; i++)
		assert_true(upstream_seat_enter(fixture->seats[i]));
	upstream_seat_set_oldest(fixture->seats[0], LONG_MS);
	upstream_seat_set_oldest(fixture->seats[1], 1);
	assert_true(upstream_seat_must_yield(fixture->seats[0]));
	assert_false(upstream_seat_must_yield(fixture->seats[1]));
	upstream_seat_close(fixture->seats[0]);
	turn(fixture);
	/* Whoever is quicker: the older one gets it. */
	assert_false(upstream_seat_open(fixture->seats[0], LONG_MS));
	assert_true(upstream_seat_open(fixture->seats[1], 1));
	for (int i = 0; i < 2; i++)
		upstream_seat_exit(fixture->seats[i]);
	empty(fixture, 0);
}

static void
within_the_slack_a_worker_prefers_its_own(void **state)
{
	struct fixture *fixture = *state;

	fill(fixture, 0);
	for (int i = 0; i < 2; i++)
		assert_true(upstream_seat_enter(fixture->seats[i]));
	upstream_seat_set_oldest(fixture->seats[0], 1 + UPSTREAM_SLACK_MS);
	upstream_seat_set_oldest(fixture->seats[1], 1);
	assert_false(upstream_seat_must_yield(fixture->seats[0]));
	for (int i = 0; i < 2; i++)
		upstream_seat_exit(fixture->seats[i]);
	empty(fixture, 0);
}

static void
what_is_still_free_is_passed_on(void **state)
{
	struct fixture *fixture = *state;

	assert_true(upstream_seat_enter(fixture->seats[1]));
	upstream_seat_set_oldest(fixture->seats[1], 1);
	upstream_seat_pass_on(fixture->seats[0]);
	turn(fixture);
	assert_int_equal(fixture->woken[1], 1);
	fill(fixture, 0);
	turn(fixture);
	upstream_seat_pass_on(fixture->seats[0]);
	turn(fixture);
	assert_int_equal(fixture->woken[1], 0);
	upstream_seat_exit(fixture->seats[1]);
	empty(fixture, 0);
}

static void
a_seat_that_was_left_is_not_woken(void **state)
{
	struct fixture *fixture = *state;

	fill(fixture, 0);
	assert_true(upstream_seat_enter(fixture->seats[1]));
	upstream_seat_set_oldest(fixture->seats[1], 1);
	upstream_seat_close(fixture->seats[0]); /* its message is under way */
	upstream_seat_exit(fixture->seats[1]);
	upstream_seat_leave(fixture->seats[1]);
	turn(fixture);
	assert_int_equal(fixture->woken[1], 0);
	upstream_seat_close(fixture->seats[0]);
}

#define WITH(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		WITH(the_cap_is_that_of_all),
		WITH(the_queue_is_bounded_for_all),
		WITH(who_waits_hears_of_a_close_elsewhere),
		WITH(who_waits_has_idle_ones_closed),
		WITH(who_has_waited_longest_is_first),
		WITH(within_the_slack_a_worker_prefers_its_own),
		WITH(what_is_still_free_is_passed_on),
		WITH(a_seat_that_was_left_is_not_woken),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
