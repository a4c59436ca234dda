#include "proxy/splice.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

/* A source with `fill` to write into, and a sink with `take` to read from. */
struct ends {
	int fill, source, sink, take;
};

static void
open_ends(struct ends *ends)
{
	int pair[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, pair), 0);
	ends->fill = pair[0];
	ends->source = pair[1];
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, pair), 0);
	ends->sink = pair[0];
	ends->take = pair[1];
}

static void
close_ends(struct ends *ends)
{
	close(ends->fill);
	close(ends->source);
	close(ends->sink);
	close(ends->take);
}

/* Fills until the sink takes no more: the pipe holds bytes then. */
static void
block(struct splice *body, const struct ends *ends)
{
	static char block[65536];
	enum splice_result result = SPLICE_TURN;
	uint64_t taken, sent;

	for (int i = 0; i < 1000 && result != SPLICE_BLOCKED; i++) {
		(void)!write(ends->fill, block, sizeof block);
		result = splice_pump(
			body, ends->source, ends->sink, UINT32_MAX, &taken, &sent);
	}
	assert_int_equal(result, SPLICE_BLOCKED);
}

static void
bytes_arrive_as_they_were_sent(void **state)
{
	struct splice_budget budget = { 2 };
	struct splice_pool *pool = splice_pool_new(&budget);
	struct splice body = { 0 };
	struct ends ends;
	char buffer[16];
	uint64_t taken, sent;

	(void)state;
	open_ends(&ends);
	assert_true(splice_open(&body, pool, -1, 1 << 20));
	assert_int_equal(splice_pump(&body, ends.source, ends.sink, 10, &taken, &sent),
		SPLICE_STARVED);
	assert_int_equal(taken, 0);
	assert_int_equal(write(ends.fill, "hello more", 10), 10);
	assert_int_equal(
		splice_pump(&body, ends.source, ends.sink, 7, &taken, &sent), SPLICE_DONE);
	assert_int_equal(taken, 7);
	assert_int_equal(sent, 7);
	assert_int_equal(read(ends.take, buffer, sizeof buffer), 7);
	assert_memory_equal(buffer, "hello m", 7);
	/* What is behind the body stays in the source. */
	assert_int_equal(read(ends.source, buffer, sizeof buffer), 3);
	splice_close(&body);
	close_ends(&ends);
	splice_pool_free(pool);
}

static void
a_sink_that_takes_nothing_blocks(void **state)
{
	struct splice_budget budget = { 2 };
	struct splice_pool *pool = splice_pool_new(&budget);
	struct splice body = { 0 };
	struct ends ends;
	static char buffer[65536];
	uint64_t taken, sent;

	(void)state;
	open_ends(&ends);
	assert_true(splice_open(&body, pool, -1, 1 << 20));
	block(&body, &ends);
	assert_true(body.held > 0);
	while (read(ends.take, buffer, sizeof buffer) > 0)
		continue;
	assert_int_not_equal(
		splice_pump(&body, ends.source, ends.sink, UINT32_MAX, &taken, &sent),
		SPLICE_BLOCKED);
	assert_true(sent > 0);
	splice_close(&body);
	close_ends(&ends);
	splice_pool_free(pool);
}

static void
an_end_before_its_time_is_told(void **state)
{
	struct splice_budget budget = { 2 };
	struct splice_pool *pool = splice_pool_new(&budget);
	struct splice body = { 0 };
	struct ends ends;
	uint64_t taken, sent;

	(void)state;
	open_ends(&ends);
	assert_true(splice_open(&body, pool, -1, 1 << 20));
	assert_int_equal(write(ends.fill, "half", 4), 4);
	shutdown(ends.fill, SHUT_WR);
	assert_int_equal(
		splice_pump(&body, ends.source, ends.sink, 10, &taken, &sent), SPLICE_TURN);
	assert_int_equal(sent, 4);
	assert_int_equal(
		splice_pump(&body, ends.source, ends.sink, 6, &taken, &sent), SPLICE_ENDED);
	splice_close(&body);
	close_ends(&ends);
	splice_pool_free(pool);
}

static void
pipes_are_bounded_and_kept(void **state)
{
	struct splice_budget budget = { 2 };
	struct splice_pool *pool = splice_pool_new(&budget);
	struct splice one = { 0 }, two = { 0 }, three = { 0 };

	(void)state;
	assert_true(splice_open(&one, pool, -1, 1 << 20));
	assert_true(splice_open(&two, pool, -1, 1 << 20));
	assert_false(splice_open(&three, pool, -1, 1 << 20));
	int kept = one.pipe[0];
	splice_close(&one);
	splice_close(&one);
	assert_true(splice_open(&three, pool, -1, 1 << 20));
	assert_int_equal(three.pipe[0], kept);
	splice_close(&two);
	splice_close(&three);
	splice_pool_free(pool);
	assert_int_equal(atomic_load(&budget.left), 2);
}

static void
pools_share_a_budget(void **state)
{
	struct splice_budget budget = { 1 };
	struct splice_pool *one = splice_pool_new(&budget);
	struct splice_pool *two = splice_pool_new(&budget);
	struct splice body = { 0 };

	(void)state;
	assert_true(splice_open(&body, one, -1, 1 << 20));
	splice_close(&body);
	assert_false(splice_open(&body, two, -1, 1 << 20)); /* kept by the first */
	splice_pool_free(one);
	assert_true(splice_open(&body, two, -1, 1 << 20));
	splice_close(&body);
	splice_pool_free(two);
}

static void
without_a_budget_there_are_no_pipes(void **state)
{
	struct splice_pool *pool = splice_pool_new(NULL);
	struct splice body = { 0 };

	(void)state;
	assert_false(splice_open(&body, pool, -1, 1 << 20));
	splice_pool_free(pool);
}

static void
a_body_holds_a_pipe_only_while_bytes_lie_in_it(void **state)
{
	struct splice_budget budget = { 1 };
	struct splice_pool *pool = splice_pool_new(&budget);
	struct splice slow = { 0 }, quick = { 0 };
	struct ends stalled, flowing;
	char buffer[8];
	uint64_t taken, sent;

	(void)state;
	open_ends(&stalled);
	open_ends(&flowing);
	assert_true(splice_open(&slow, pool, stalled.sink, 1 << 20));
	assert_int_equal(splice_pump(&slow, stalled.source, stalled.sink, 9, &taken, &sent),
		SPLICE_STARVED);
	/* Now the other may have it. */
	assert_true(splice_open(&quick, pool, flowing.sink, 1 << 20));
	assert_int_equal(write(flowing.fill, "one", 3), 3);
	assert_int_equal(
		splice_pump(&quick, flowing.source, flowing.sink, 6, &taken, &sent),
		SPLICE_TURN);
	assert_int_equal(read(flowing.take, buffer, sizeof buffer), 3);
	block(&slow, &stalled);
	assert_int_equal(write(flowing.fill, "two", 3), 3);
	assert_int_equal(
		splice_pump(&quick, flowing.source, flowing.sink, 3, &taken, &sent),
		SPLICE_NO_PIPE);
	assert_int_equal(taken, 0);
	splice_close(&slow);
	assert_int_equal(
		splice_pump(&quick, flowing.source, flowing.sink, 3, &taken, &sent),
		SPLICE_DONE);
	splice_close(&quick);
	close_ends(&stalled);
	close_ends(&flowing);
	splice_pool_free(pool);
}

/* Each still gets on, one piece at a time. */
static void
many_bodies_take_turns(void **state)
{
	enum { BODIES = 20 };
	static char buffer[1 << 20];
	struct splice_budget budget = { 1 };
	struct splice_pool *pool = splice_pool_new(&budget);
	struct splice bodies[BODIES] = { 0 };
	struct ends ends;
	uint64_t taken, sent, alone;

	(void)state;
	open_ends(&ends);
	assert_true(splice_open(&bodies[0], pool, ends.sink, 1 << 30));
	bodies[0].piece = 4096;
	ssize_t filled = write(ends.fill, buffer, sizeof buffer);
	assert_true(filled >= 20 * 4096);
	assert_int_equal(splice_pump(&bodies[0], ends.source, ends.sink, (uint64_t)filled,
				 &alone, &sent),
		SPLICE_TURN);
	splice_close(&bodies[0]);
	for (int i = 0; i < BODIES; i++) {
		assert_true(splice_open(&bodies[i], pool, ends.sink, 1 << 30));
		bodies[i].piece = 4096;
		assert_int_equal(splice_pump(&bodies[i], ends.source, ends.sink,
					 (uint64_t)filled, &taken, &sent),
			SPLICE_TURN);
		assert_true(taken > 0 && taken <= alone);
		while (read(ends.take, buffer, sizeof buffer) > 0)
			continue;
	}
	assert_true(taken < alone);
	for (int i = 0; i < BODIES; i++)
		splice_close(&bodies[i]);
	close_ends(&ends);
	splice_pool_free(pool);
}

static void
a_pipe_with_bytes_in_it_is_not_used_again(void **state)
{
	struct splice_budget budget = { 1 };
	struct splice_pool *pool = splice_pool_new(&budget);
	struct splice body = { 0 };
	struct ends ends;
	char buffer[8];

	(void)state;
	open_ends(&ends);
	assert_true(splice_open(&body, pool, ends.sink, 1 << 20));
	block(&body, &ends);
	splice_close(&body);
	assert_true(splice_open(&body, pool, ends.sink, 1 << 20));
	assert_int_equal(read(body.pipe[0], buffer, sizeof buffer), -1);
	splice_close(&body);
	close_ends(&ends);
	splice_pool_free(pool);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bytes_arrive_as_they_were_sent),
		cmocka_unit_test(a_sink_that_takes_nothing_blocks),
		cmocka_unit_test(an_end_before_its_time_is_told),
		cmocka_unit_test(pipes_are_bounded_and_kept),
		cmocka_unit_test(pools_share_a_budget),
		cmocka_unit_test(without_a_budget_there_are_no_pipes),
		cmocka_unit_test(a_body_holds_a_pipe_only_while_bytes_lie_in_it),
		cmocka_unit_test(many_bodies_take_turns),
		cmocka_unit_test(a_pipe_with_bytes_in_it_is_not_used_again),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
