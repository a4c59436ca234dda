#include "providers/track_slots.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "core/clock.h"

/* Two loops of one thread, as two workers. */
struct fixture {
	struct loop *loops[2];
	struct track_slots *slots;
};

struct asker {
	struct track_slot *slot;
	int granted, refused, wanted;
};

static int
setup(void **state)
{
	struct fixture *fixture = xcalloc(1, sizeof *fixture);

	clock_enable_test();
	for (int i = 0; i < 2; i++) {
		fixture->loops[i] = loop_new("test");
		loop_adopt(fixture->loops[i]);
	}
	fixture->slots = track_slots_new();
	*state = fixture;
	return 0;
}

static int
teardown(void **state)
{
	struct fixture *fixture = *state;

	for (int i = 0; i < 2; i++)
		loop_free(fixture->loops[i]);
	track_slots_free(fixture->slots);
	track_slots_free(NULL);
	xfree(fixture);
	return 0;
}

static void
on_done(void *arg, enum err err)
{
	struct asker *asker = arg;

	asker->granted += err == ERR_NONE;
	asker->refused += err == ERR_BUSY;
}

static void
on_wanted(void *arg)
{
	((struct asker *)arg)->wanted++;
}

static void
turn(struct fixture *fixture)
{
	for (int i = 0; i < 8; i++)
		loop_turn(fixture->loops[i % 2], 0);
}

static void
ask(struct fixture *fixture, struct asker *asker, uint64_t account, int most)
{
	const struct track_slot_asked asked = { account, most, 1000, on_done, on_wanted,
		asker };

	asker->slot = track_slot_ask(
		fixture->slots, fixture->loops[(uintptr_t)asker / 64 % 2], &asked);
	assert_int_equal(asker->granted + asker->refused, 0);
}

static void
who_asks_first_has_the_place_first(void **state)
{
	struct fixture *fixture = *state;
	struct asker askers[4] = { 0 };

	for (int i = 0; i < 4; i++)
		ask(fixture, &askers[i], 7, 2);
	turn(fixture);
	for (int i = 0; i < 4; i++)
		assert_int_equal(askers[i].granted, i < 2);
	/* Those who hold one hear that it is wanted. */
	assert_true(askers[0].wanted > 0 && askers[1].wanted > 0);
	assert_int_equal(askers[2].wanted, 0);
	assert_true(track_slot_is_wanted(askers[0].slot));
	track_slot_free(askers[1].slot);
	turn(fixture);
	assert_int_equal(askers[2].granted, 1);
	assert_int_equal(askers[3].granted, 0);
	/* Who stops waiting is passed over. */
	track_slot_free(askers[3].slot);
	assert_false(track_slot_is_wanted(askers[0].slot));
	track_slot_free(askers[0].slot);
	track_slot_free(askers[2].slot);
	turn(fixture);
	assert_int_equal(askers[3].granted + askers[3].refused, 0);
}

static void
nobody_waits_longer_than_he_wished(void **state)
{
	struct fixture *fixture = *state;
	struct asker holder = { 0 }, waiter = { 0 };

	ask(fixture, &holder, 7, 1);
	turn(fixture);
	clock_advance(500);
	ask(fixture, &waiter, 7, 1);
	clock_advance(600);
	turn(fixture);
	assert_int_equal(waiter.refused, 0);
	clock_advance(401);
	turn(fixture);
	assert_int_equal(waiter.refused, 1);
	assert_int_equal(holder.refused, 0);
	track_slot_free(waiter.slot);
	track_slot_free(holder.slot);
	track_slot_free(NULL);
}

static void
accounts_do_not_wait_for_each_other(void **state)
{
	struct fixture *fixture = *state;
	struct asker askers[3] = { 0 };

	for (int i = 0; i < 3; i++)
		ask(fixture, &askers[i], (uint64_t)i, 1);
	turn(fixture);
	for (int i = 0; i < 3; i++) {
		assert_int_equal(askers[i].granted, 1);
		assert_int_equal(askers[i].wanted, 0);
		track_slot_free(askers[i].slot);
	}
}

static void
a_place_given_at_the_last_moment_is_given_back(void **state)
{
	struct fixture *fixture = *state;
	struct asker holder = { 0 }, waiter = { 0 }, next = { 0 };

	ask(fixture, &holder, 7, 1);
	turn(fixture);
	ask(fixture, &waiter, 7, 1);
	ask(fixture, &next, 7, 1);
	track_slot_free(holder.slot);
	track_slot_free(waiter.slot); /* before it has heard of it */
	turn(fixture);
	assert_int_equal(waiter.granted, 0);
	assert_int_equal(next.granted, 1);
	track_slot_free(next.slot);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
		TEST(who_asks_first_has_the_place_first),
		TEST(nobody_waits_longer_than_he_wished),
		TEST(accounts_do_not_wait_for_each_other),
		TEST(a_place_given_at_the_last_moment_is_given_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
