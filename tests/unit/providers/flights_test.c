#include "providers/flights.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>

#include <cmocka.h>

#include "core/clock.h"
#include "core/mem.h"

struct counted {
	atomic_int references; /* results travel between threads */
};

struct fixture {
	struct loop *loop;
	struct flights *flights;
};

struct seen {
	int done;
	enum err err;
	void *result;
};

static void *
ref(void *result)
{
	atomic_fetch_add(&((struct counted *)result)->references, 1);
	return result;
}

static void
unref(void *result)
{
	atomic_fetch_sub(&((struct counted *)result)->references, 1);
}

static int
setup(void **state)
{
	static const struct flights_options options = {
		.ref = ref, .unref = unref, .most = 2
	};
	struct fixture *fixture = xcalloc(1, sizeof *fixture);

	clock_enable_test();
	fixture->loop = loop_new("test");
	loop_adopt(fixture->loop);
	fixture->flights = flights_new(&options);
	*state = fixture;
	return 0;
}

static int
teardown(void **state)
{
	struct fixture *fixture = *state;

	loop_free(fixture->loop);
	flights_free(fixture->flights);
	xfree(fixture);
	return 0;
}

static void
on_done(void *arg, enum err err, void *result)
{
	struct seen *seen = arg;

	seen->done++;
	seen->err = err;
	seen->result = result;
}

static struct flight_wait *
join(struct fixture *fixture, const char *key, struct seen *seen, struct flight **lead)
{
	return flights_join(
		fixture->flights, fixture->loop, key, 1000, on_done, seen, lead);
}

static void
turn(struct fixture *fixture)
{
	for (int i = 0; i < 3; i++)
		loop_turn(fixture->loop, 25);
}

static void
turn_until(struct fixture *fixture, const int *done)
{
	for (int i = 0; i < 1000 && *done == 0; i++)
		loop_turn(fixture->loop, 5);
	assert_int_equal(*done, 1);
}

static void
who_asks_first_leads_and_all_get_the_same(void **state)
{
	struct fixture *fixture = *state;
	struct counted result = { 1 };
	struct seen first = { 0 }, second = { 0 }, other = { 0 };
	struct flight *lead, *none, *other_lead;

	join(fixture, "a", &first, &lead);
	assert_non_null(lead);
	assert_string_equal(flight_key(lead), "a");
	join(fixture, "a", &second, &none);
	assert_null(none);
	join(fixture, "b", &other, &other_lead);
	assert_non_null(other_lead);
	assert_int_equal(flights_count(fixture->flights), 2);
	flight_land(lead, ERR_NONE, &result);
	assert_int_equal(first.done, 0);
	turn(fixture);
	assert_int_equal(first.done + second.done, 2);
	assert_ptr_equal(first.result, &result);
	assert_ptr_equal(second.result, &result);
	assert_int_equal(other.done, 0);
	assert_int_equal(result.references, 1);
	flight_land(other_lead, ERR_NOT_FOUND, NULL);
	turn(fixture);
	assert_int_equal(other.err, ERR_NOT_FOUND);
	assert_int_equal(flights_count(fixture->flights), 0);
}

static void
a_landed_flight_can_be_asked_for_anew(void **state)
{
	struct fixture *fixture = *state;
	struct seen seen = { 0 };
	struct flight *lead;

	for (int i = 0; i < 2; i++) {
		join(fixture, "a", &seen, &lead);
		assert_non_null(lead);
		flight_land(lead, ERR_NONE, NULL);
	}
	turn(fixture);
	assert_int_equal(seen.done, 2);
}

static void
who_leaves_hears_nothing_and_the_flight_goes_on(void **state)
{
	struct fixture *fixture = *state;
	struct counted result = { 1 };
	struct seen gone = { 0 }, late = { 0 }, stays = { 0 };
	struct flight *lead, *none;

	flight_leave(join(fixture, "a", &gone, &lead));
	join(fixture, "a", &stays, &none);
	struct flight_wait *wait = join(fixture, "a", &late, &none);
	assert_null(none);
	flight_land(lead, ERR_NONE, &result);
	flight_leave(wait); /* its answer is in the mail */
	turn(fixture);
	assert_int_equal(gone.done + late.done, 0);
	assert_int_equal(stays.done, 1);
	assert_int_equal(result.references, 1);
}

static void
a_deadline_ends_the_waiting_alone(void **state)
{
	struct fixture *fixture = *state;
	struct seen seen = { 0 }, patient = { 0 };
	struct flight *lead, *none;

	join(fixture, "a", &seen, &lead);
	clock_advance(500);
	turn(fixture);
	assert_int_equal(seen.done, 0);
	join(fixture, "a", &patient, &none);
	clock_advance(501);
	turn_until(fixture, &seen.done);
	assert_int_equal(seen.err, ERR_TIMEOUT);
	assert_int_equal(patient.done, 0);
	flight_land(lead, ERR_NONE, NULL);
	turn(fixture);
	assert_int_equal(seen.done, 1);
	assert_int_equal(patient.done, 1);
}

static void
beyond_the_bound_nobody_leads(void **state)
{
	struct fixture *fixture = *state;
	struct seen seen[4] = { { 0 } };
	struct flight *lead[4];

	join(fixture, "a", &seen[0], &lead[0]);
	join(fixture, "b", &seen[1], &lead[1]);
	join(fixture, "c", &seen[2], &lead[2]);
	assert_null(lead[2]);
	join(fixture, "b", &seen[3], &lead[3]);
	turn(fixture);
	assert_int_equal(seen[2].err, ERR_BUSY);
	assert_int_equal(seen[3].done, 0);
	flight_land(lead[0], ERR_NONE, NULL);
	flight_land(lead[1], ERR_NONE, NULL);
	turn(fixture);
	assert_int_equal(seen[3].done, 1);
}

/* ---- two loops ---- */

struct other {
	struct fixture *fixture;
	struct loop *loop;
	struct seen seen;
};

static void
on_other_done(void *arg, enum err err, void *result)
{
	struct other *other = arg;

	on_done(&other->seen, err, result);
	loop_stop(other->loop);
}

static void *
run_other(void *arg)
{
	struct other *other = arg;

	loop_run(other->loop);
	return NULL;
}

static void
an_answer_travels_to_another_thread(void **state)
{
	struct fixture *fixture = *state;
	struct other other = { .fixture = fixture, .loop = loop_new("other") };
	struct counted result = { 1 };
	struct seen seen = { 0 };
	struct flight *lead, *none;
	pthread_t thread;

	join(fixture, "a", &seen, &lead);
	flights_join(
		fixture->flights, other.loop, "a", 60000, on_other_done, &other, &none);
	assert_null(none);
	assert_int_equal(pthread_create(&thread, NULL, run_other, &other), 0);
	flight_land(lead, ERR_NONE, &result);
	pthread_join(thread, NULL);
	turn(fixture);
	assert_int_equal(other.seen.done, 1);
	assert_ptr_equal(other.seen.result, &result);
	assert_int_equal(seen.done, 1);
	loop_free(other.loop);
	loop_adopt(fixture->loop);
	assert_int_equal(result.references, 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(who_asks_first_leads_and_all_get_the_same),
		TEST(a_landed_flight_can_be_asked_for_anew),
		TEST(who_leaves_hears_nothing_and_the_flight_goes_on),
		TEST(a_deadline_ends_the_waiting_alone),
		TEST(beyond_the_bound_nobody_leads),
		TEST(an_answer_travels_to_another_thread),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
