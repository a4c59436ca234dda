#include "providers/playlist_turns.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "core/clock.h"

#define LIST  "00000000000000000000000000000001"
#define OTHER "00000000000000000000000000000002"

enum { MANY = PLAYLIST_TURNS_MOST + 2, DEADLINE_MS = 1000 };

struct waiter {
	struct playlist_turn *turn;
	int done;
	enum err err;
};

struct fixture {
	struct loop *loop;
	struct playlist_turns *turns;
	struct waiter waiters[MANY];
};

static int
setup(void **state)
{
	struct fixture *fixture = xcalloc(1, sizeof *fixture);

	fixture->loop = loop_new("test");
	loop_adopt(fixture->loop);
	fixture->turns = playlist_turns_new();
	*state = fixture;
	return 0;
}

static int
teardown(void **state)
{
	struct fixture *fixture = *state;

	for (size_t i = 0; i < MANY; i++)
		playlist_turn_leave(fixture->waiters[i].turn);
	loop_free(fixture->loop);
	playlist_turns_free(fixture->turns);
	xfree(fixture);
	return 0;
}

static void
on_done(void *arg, enum err err)
{
	struct waiter *waiter = arg;

	waiter->done++;
	waiter->err = err;
}

static void
wait_turn(struct fixture *fixture, size_t number, const char *playlist)
{
	struct waiter *waiter = &fixture->waiters[number];

	waiter->turn = playlist_turn_wait(
		fixture->turns, fixture->loop, playlist, DEADLINE_MS, on_done, waiter);
	assert_int_equal(waiter->done, 0);
}

static void
leave(struct fixture *fixture, size_t number)
{
	playlist_turn_leave(fixture->waiters[number].turn);
	fixture->waiters[number].turn = NULL;
}

static void
turn(struct fixture *fixture)
{
	for (int i = 0; i < 3; i++)
		loop_turn(fixture->loop, 0);
}

static void
turns_of_a_playlist_come_one_after_the_other(void **state)
{
	struct fixture *fixture = *state;
	struct waiter *waiters = fixture->waiters;

	for (size_t i = 0; i < 3; i++)
		wait_turn(fixture, i, LIST);
	wait_turn(fixture, 3, OTHER);
	turn(fixture);
	assert_int_equal(waiters[0].done, 1);
	assert_int_equal(waiters[1].done, 0);
	assert_int_equal(waiters[3].done, 1);
	leave(fixture, 0);
	turn(fixture);
	assert_int_equal(waiters[1].done, 1);
	assert_int_equal(waiters[2].done, 0);
	leave(fixture, 1);
	turn(fixture);
	assert_int_equal(waiters[2].done, 1);
	assert_int_equal(waiters[2].err, ERR_NONE);
	assert_int_equal(waiters[0].done + waiters[1].done, 2);
}

static void
who_leaves_while_waiting_hears_nothing_and_holds_up_nobody(void **state)
{
	struct fixture *fixture = *state;
	struct waiter *waiters = fixture->waiters;

	for (size_t i = 0; i < 4; i++)
		wait_turn(fixture, i, LIST);
	leave(fixture, 1); /* in the middle */
	leave(fixture, 0); /* its mail is on the way */
	leave(fixture, 2); /* so is its */
	turn(fixture);
	assert_int_equal(waiters[0].done + waiters[1].done + waiters[2].done, 0);
	assert_int_equal(waiters[3].done, 1);
	assert_int_equal(waiters[3].err, ERR_NONE);
}

static void
nobody_waits_longer_than_the_deadline(void **state)
{
	struct fixture *fixture = *state;
	struct waiter *waiters = fixture->waiters;

	for (size_t i = 0; i < 3; i++)
		wait_turn(fixture, i, LIST);
	turn(fixture);
	clock_advance(DEADLINE_MS + 1);
	turn(fixture);
	assert_int_equal(waiters[0].done, 1); /* it has its turn: for as long as it takes */
	assert_int_equal(waiters[1].err, ERR_BUSY);
	leave(fixture, 1);
	leave(fixture, 2);
	wait_turn(fixture, 3, LIST);
	leave(fixture, 0);
	turn(fixture);
	assert_int_equal(waiters[3].err, ERR_NONE);
	assert_int_equal(waiters[3].done, 1);
}

static void
so_many_wait_and_no_more(void **state)
{
	struct fixture *fixture = *state;
	struct waiter *waiters = fixture->waiters;

	for (size_t i = 0; i < MANY; i++)
		wait_turn(fixture, i, LIST);
	turn(fixture);
	assert_int_equal(waiters[MANY - 1].done, 1);
	assert_int_equal(waiters[MANY - 1].err, ERR_BUSY);
	assert_int_equal(waiters[MANY - 2].done, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			turns_of_a_playlist_come_one_after_the_other, setup, teardown),
		cmocka_unit_test_setup_teardown(
			who_leaves_while_waiting_hears_nothing_and_holds_up_nobody, setup,
			teardown),
		cmocka_unit_test_setup_teardown(
			nobody_waits_longer_than_the_deadline, setup, teardown),
		cmocka_unit_test_setup_teardown(so_many_wait_and_no_more, setup, teardown),
	};

	clock_enable_test();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
