#include "core/bell.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

struct ringing {
	struct loop *loop;
	struct bell *bell;
	int rung;
	bool frees_itself;
};

static void
on_ring(void *arg)
{
	struct ringing *ringing = arg;

	ringing->rung++;
	if (ringing->frees_itself)
		bell_free(ringing->bell);
}

static void
turn(struct ringing *ringing)
{
	for (int i = 0; i < 5; i++)
		loop_turn(ringing->loop, 1);
}

static int
setup(void **state)
{
	struct ringing *ringing = xcalloc(1, sizeof *ringing);

	ringing->loop = loop_new("test");
	loop_adopt(ringing->loop);
	ringing->bell = bell_new(ringing->loop, on_ring, ringing);
	*state = ringing;
	return 0;
}

static int
teardown(void **state)
{
	struct ringing *ringing = *state;

	loop_free(ringing->loop);
	xfree(ringing);
	return 0;
}

static void
rings_before_it_has_run_are_one(void **state)
{
	struct ringing *ringing = *state;

	for (int i = 0; i < 3; i++)
		bell_ring(ringing->bell);
	assert_int_equal(ringing->rung, 0);
	turn(ringing);
	assert_int_equal(ringing->rung, 1);
	bell_ring(ringing->bell);
	turn(ringing);
	assert_int_equal(ringing->rung, 2);
	bell_free(ringing->bell);
}

static void
a_freed_bell_is_silent(void **state)
{
	struct ringing *ringing = *state;

	bell_ring(ringing->bell);
	bell_free(ringing->bell);
	turn(ringing);
	assert_int_equal(ringing->rung, 0);
	bell_free(NULL);
}

static void
a_bell_may_be_freed_while_it_rings(void **state)
{
	struct ringing *ringing = *state;

	ringing->frees_itself = true;
	bell_ring(ringing->bell);
	turn(ringing);
	assert_int_equal(ringing->rung, 1);
}

static void *
ring_often(void *arg)
{
	for (int i = 0; i < 10000; i++)
		bell_ring(arg);
	return NULL;
}

static void
any_thread_may_ring(void **state)
{
	struct ringing *ringing = *state;
	pthread_t threads[2];

	for (int i = 0; i < 2; i++)
		assert_int_equal(
			pthread_create(&threads[i], NULL, ring_often, ringing->bell), 0);
	turn(ringing);
	for (int i = 0; i < 2; i++)
		pthread_join(threads[i], NULL);
	turn(ringing);
	assert_true(ringing->rung >= 1 && ringing->rung <= 20000);
	bell_free(ringing->bell);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
		TEST(rings_before_it_has_run_are_one),
		TEST(a_freed_bell_is_silent),
		TEST(a_bell_may_be_freed_while_it_rings),
		TEST(any_thread_may_ring),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
