#include "core/loop.h"

#include <event2/event.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "core/clock.h"
#include "core/text.h"

struct bell {
	struct timer timer;
	int id;
	int rung;
	struct timer *stops, *restarts;
	int64_t again_ms; /* -1: once */
};

/* The order in which bells rang. */
static int order[64];
static int order_count;

static int
setup(void **state)
{
	struct loop *loop = loop_new("test");

	loop_adopt(loop);
	order_count = 0;
	*state = loop;
	return 0;
}

static int
teardown(void **state)
{
	loop_free(*state);
	return 0;
}

static void
ring(void *arg)
{
	struct bell *bell = arg;

	bell->rung++;
	if (order_count < (int)COUNT_OF(order))
		order[order_count++] = bell->id;
	assert_false(timer_is_started(&bell->timer));
	if (bell->stops != NULL)
		timer_stop(bell->stops);
	if (bell->restarts != NULL)
		timer_start(bell->restarts, 1000);
	if (bell->again_ms >= 0)
		timer_start(&bell->timer, bell->again_ms);
}

static void
bell_init(struct bell *bell, struct loop *loop, int id)
{
	*bell = (struct bell){ .id = id, .again_ms = -1 };
	timer_init(&bell->timer, loop, ring, bell);
}

static void
timers_ring_in_order_of_their_time_and_once(void **state)
{
	static const int delays_s[] = { 5, 3, 9, 1, 7, 3, 2, 8, 6, 4 };
	static const int expected[] = { 3, 6, 1, 5, 9, 0, 8, 4, 7, 2 };
	struct bell bells[10];

	for (int i = 0; i < 10; i++) {
		bell_init(&bells[i], *state, i);
		assert_false(timer_is_started(&bells[i].timer));
		timer_start(&bells[i].timer, delays_s[i] * 1000);
		assert_true(timer_is_started(&bells[i].timer));
	}
	loop_turn(*state, 0);
	assert_int_equal(order_count, 0);
	clock_advance(20 * 1000);
	loop_turn(*state, 0);
	assert_int_equal(order_count, 10);
	for (int i = 0; i < 10; i++) {
		/* The two of 3 s may ring either way round. */
		if (delays_s[order[i]] != 3)
			assert_int_equal(order[i], expected[i]);
		assert_false(timer_is_started(&bells[i].timer));
	}
}

static void
a_timer_may_be_moved_and_stopped(void **state)
{
	struct bell bells[3];

	for (int i = 0; i < 3; i++) {
		bell_init(&bells[i], *state, i);
		timer_start(&bells[i].timer, 1000);
	}
	timer_start(&bells[0].timer, 5000);
	timer_stop(&bells[1].timer);
	timer_stop(&bells[1].timer);
	clock_advance(2000);
	loop_turn(*state, 0);
	assert_int_equal(bells[0].rung, 0);
	assert_int_equal(bells[1].rung, 0);
	assert_int_equal(bells[2].rung, 1);
	clock_advance(4000);
	loop_turn(*state, 0);
	assert_int_equal(bells[0].rung, 1);
}

static void
a_timer_may_stop_and_start_others_that_are_due(void **state)
{
	struct bell bells[3];

	for (int i = 0; i < 3; i++) {
		bell_init(&bells[i], *state, i);
		timer_start(&bells[i].timer, 1000 + i);
	}
	bells[0].stops = &bells[1].timer;
	bells[0].restarts = &bells[2].timer;
	bells[0].again_ms = 500;
	clock_advance(1200);
	loop_turn(*state, 0);
	assert_int_equal(bells[0].rung, 1);
	assert_int_equal(bells[1].rung, 0);
	assert_int_equal(bells[2].rung, 0);
	bells[0].again_ms = -1;
	bells[0].restarts = NULL;
	clock_advance(1200);
	loop_turn(*state, 0);
	assert_int_equal(bells[0].rung, 2);
	assert_int_equal(bells[1].rung, 0);
	assert_int_equal(bells[2].rung, 1);
}

/* Against a plain list: whatever is started, moved and stopped, the heap rings all that is
 * due, in order. */
static void
many_timers_ring_like_a_sorted_list(void **state)
{
	enum { COUNT = 200 };
	struct bell *bells = xcalloc(COUNT, sizeof *bells);
	unsigned seed = 7;

	for (int i = 0; i < COUNT; i++)
		bell_init(&bells[i], *state, i);
	for (int step = 0; step < 5000; step++) {
		struct bell *bell = &bells[rand_r(&seed) % COUNT];
		if (rand_r(&seed) % 3 == 0)
			timer_stop(&bell->timer);
		else
			timer_start(&bell->timer, rand_r(&seed) % 100000);
		if (step % 50 != 0)
			continue;
		clock_advance(3000);
		order_count = 0;
		loop_turn(*state, 0);
		for (int i = 1; i < order_count; i++)
			assert_true(bells[order[i - 1]].timer.due_ms <=
				    bells[order[i]].timer.due_ms);
		for (int i = 0; i < COUNT; i++)
			assert_true(!timer_is_started(&bells[i].timer) ||
				    bells[i].timer.due_ms > clock_now_ms() - 1000);
	}
	for (int i = 0; i < COUNT; i++)
		timer_stop(&bells[i].timer);
	xfree(bells);
}

static void
a_timer_of_no_delay_does_not_keep_others_waiting(void **state)
{
	struct bell busy, other;

	bell_init(&busy, *state, 0);
	bell_init(&other, *state, 1);
	busy.again_ms = 0;
	timer_start(&busy.timer, 0);
	timer_start(&other.timer, 20);
	for (int i = 0; i < 1000 && other.rung == 0; i++)
		loop_turn(*state, 1);
	assert_int_equal(other.rung, 1);
	timer_stop(&busy.timer);
}

/* ---- later ---- */

struct chain {
	struct loop *loop;
	int steps, more;
	bool *flag;
};

static void
step_chain(void *arg)
{
	struct chain *chain = arg;

	chain->steps++;
	if (chain->flag != NULL)
		assert_true(*chain->flag);
	if (chain->more-- > 0)
		loop_later(chain->loop, step_chain, chain);
}

struct later_test {
	struct chain chain;
	struct timer timer;
	bool returned;
};

static void
on_timer_later(void *arg)
{
	struct later_test *test = arg;

	loop_later(test->chain.loop, step_chain, &test->chain);
	assert_int_equal(test->chain.steps, 0);
	test->returned = true;
}

static void
later_runs_after_the_callback_and_within_the_turn(void **state)
{
	struct later_test test = { .chain = { .loop = *state, .more = 100 } };

	test.chain.flag = &test.returned;
	timer_init(&test.timer, *state, on_timer_later, &test);
	timer_start(&test.timer, 0);
	for (int i = 0; i < 1000 && !test.returned; i++)
		loop_turn(*state, 1);
	assert_int_equal(test.chain.steps, 101);
}

static void
later_wakes_a_loop_that_has_nothing_else_to_do(void **state)
{
	struct chain chain = { .loop = *state };
	int64_t began_ms = clock_now_ms();

	loop_later(*state, step_chain, &chain);
	assert_int_equal(chain.steps, 0);
	loop_turn(*state, 5000);
	assert_int_equal(chain.steps, 1);
	assert_true(clock_now_ms() - began_ms < 4000);
}

static void
a_loop_that_is_freed_runs_what_was_left_for_later(void **state)
{
	struct loop *loop = loop_new("other");
	struct chain chain = { .loop = loop, .more = 3 };

	(void)state;
	loop_later(loop, step_chain, &chain);
	loop_free(loop);
	assert_int_equal(chain.steps, 4);
	loop_free(NULL);
}

/* ---- threads ---- */

struct post {
	struct message message;
	struct loop *to, *back;
	int left;
};

static void
bounce(struct message *message)
{
	struct post *post = CONTAINER_OF(message, struct post, message);
	struct loop *here = post->to;

	assert_true(loop_is_mine(here));
	if (post->left-- == 0) {
		loop_stop(post->to);
		loop_stop(post->back);
		return;
	}
	post->to = post->back;
	post->back = here;
	loop_post(post->to, message, bounce);
}

static void *
run_loop(void *arg)
{
	struct loop *loop = arg;
	char name[16];

	loop_run(loop);
	pthread_getname_np(pthread_self(), name, sizeof name);
	assert_string_equal(name, "other");
	return NULL;
}

static void
messages_go_between_loops_until_they_stop(void **state)
{
	struct loop *other = loop_new("other");
	struct post post = { .to = other, .back = *state, .left = 20000 };
	pthread_t thread;

	assert_int_equal(pthread_create(&thread, NULL, run_loop, other), 0);
	loop_post(other, &post.message, bounce);
	loop_run(*state);
	pthread_join(thread, NULL);
	assert_int_equal(post.left, -1);
	loop_free(other);
}

static atomic_int mail_read;

static void
read_mail(struct message *message)
{
	(void)message;
	atomic_fetch_add(&mail_read, 1);
}

static void
a_stop_before_the_run_ends_it_after_the_mail_is_read(void **state)
{
	struct message messages[3];

	atomic_store(&mail_read, 0);
	for (int i = 0; i < 3; i++)
		loop_post(*state, &messages[i], read_mail);
	loop_stop(*state);
	loop_run(*state);
	assert_int_equal(atomic_load(&mail_read), 3);
}

static void
stop_loop(void *arg)
{
	loop_stop(arg);
}

static void
a_loop_that_waits_notices_that_a_test_moved_the_clock(void **state)
{
	struct loop *other = loop_new("other");
	struct message message;
	struct timer timer;
	pthread_t thread;

	(void)state;
	atomic_store(&mail_read, 0);
	timer_init(&timer, other, stop_loop, other);
	timer_start(&timer, 3600 * 1000);
	loop_post(other, &message, read_mail);
	assert_int_equal(pthread_create(&thread, NULL, run_loop, other), 0);
	while (atomic_load(&mail_read) == 0)
		usleep(1000);
	clock_advance(3600 * 1000);
	pthread_join(thread, NULL);
	loop_free(other);
}

static void
be_slow(void *arg)
{
	(void)arg;
	clock_advance(51);
}

static void
read_slowly(struct message *message)
{
	(void)message;
	clock_advance(51);
}

static void
be_quick(void *arg)
{
	(void)arg;
	clock_advance(20);
}

/* Turns the loop once and returns what went to the log meanwhile. */
static struct text
log_of_a_turn(struct loop *loop)
{
	int log[2], before = dup(STDERR_FILENO);
	struct text lines;

	assert_int_equal(pipe(log), 0);
	dup2(log[1], STDERR_FILENO);
	loop_turn(loop, 0);
	dup2(before, STDERR_FILENO);
	close(before);
	close(log[1]);
	text_init(&lines);
	for (ssize_t got = 1; got > 0;) {
		got = read(log[0], text_reserve(&lines, 4096), 4096);
		lines.size += got > 0 ? (size_t)got : 0;
	}
	text_add(&lines, "");
	close(log[0]);
	return lines;
}

static void
a_handler_that_keeps_its_loop_is_named_in_the_log(void **state)
{
	struct timer slow, quick;
	struct message message;

	timer_init(&slow, *state, be_slow, NULL);
	timer_init(&quick, *state, be_quick, NULL);
	timer_start(&quick, 0);
	struct text lines = log_of_a_turn(*state);
	assert_string_equal(text_get(&lines), "");
	text_fini(&lines);
	timer_start(&slow, 0);
	loop_post(*state, &message, read_slowly);
	lines = log_of_a_turn(*state);
	assert_non_null(strstr(text_get(&lines), "loop=test handler=be_slow took_ms=51"));
	assert_non_null(
		strstr(text_get(&lines), "loop=test handler=read_slowly took_ms=51"));
	text_fini(&lines);
	loop_later(*state, be_slow, NULL);
	lines = log_of_a_turn(*state);
	assert_non_null(strstr(text_get(&lines), "handler=be_slow took_ms=51"));
	text_fini(&lines);
}

static void
a_loop_that_is_there_to_block_is_left_alone(void **state)
{
	struct timer slow;

	loop_allow_blocking(*state);
	timer_init(&slow, *state, be_slow, NULL);
	timer_start(&slow, 0);
	struct text lines = log_of_a_turn(*state);
	assert_string_equal(text_get(&lines), "");
	text_fini(&lines);
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(a_handler_that_keeps_its_loop_is_named_in_the_log),
		TEST(a_loop_that_is_there_to_block_is_left_alone),
		TEST(timers_ring_in_order_of_their_time_and_once),
		TEST(a_timer_may_be_moved_and_stopped),
		TEST(a_timer_may_stop_and_start_others_that_are_due),
		TEST(many_timers_ring_like_a_sorted_list),
		TEST(a_timer_of_no_delay_does_not_keep_others_waiting),
		TEST(later_runs_after_the_callback_and_within_the_turn),
		TEST(later_wakes_a_loop_that_has_nothing_else_to_do),
		TEST(a_loop_that_is_freed_runs_what_was_left_for_later),
		TEST(messages_go_between_loops_until_they_stop),
		TEST(a_stop_before_the_run_ends_it_after_the_mail_is_read),
		TEST(a_loop_that_waits_notices_that_a_test_moved_the_clock),
	};

	clock_enable_test();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
