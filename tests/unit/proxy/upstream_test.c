#include "proxy/upstream.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "core/clock.h"
#include "proxy/metrics.h"

enum { CONNECTIONS = 2, WAITING = 2, WAITING_MS = 1000, IDLE_MS = 60000, TURNS = 2000 };

struct fixture {
	struct loop *loop;
	struct upstream_cap *cap;
	struct upstream_pool *pool;
	/* Another worker's, turned along. */
	struct loop *other_loop;
	struct upstream_pool *other_pool;
	struct sockaddr_in address;
	int listener;
	bool known;       /* where it is */
	unsigned changes; /* of where it is */
	bool moved;       /* the address is its own no more */
};

/* Who asks for a connection. */
struct asker {
	struct upstream_ticket ticket;
	struct upstream *upstream;
	int ready;
	enum err err;
};

static void
on_ready(void *arg, enum err err, struct upstream *take_upstream)
{
	struct asker *asker = arg;

	asker->ready++;
	asker->err = err;
	asker->upstream = take_upstream;
}

static bool
find_address(void *arg, struct sockaddr_storage *address)
{
	struct fixture *fixture = arg;

	memset(address, 0, sizeof *address);
	memcpy(address, &fixture->address, sizeof fixture->address);
	return fixture->known;
}

static unsigned
count_changes(void *arg)
{
	return ((struct fixture *)arg)->changes;
}

static bool
is_known(void *arg, const struct sockaddr_storage *address)
{
	const struct fixture *fixture = arg;

	(void)address;
	return !fixture->moved;
}

static int
setup(void **state)
{
	struct fixture *fixture = xcalloc(1, sizeof *fixture);
	socklen_t size = sizeof fixture->address;

	fixture->loop = loop_new("test");
	loop_adopt(fixture->loop);
	fixture->known = true;
	fixture->address = (struct sockaddr_in){ .sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	fixture->listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
	assert_int_equal(
		bind(fixture->listener, (struct sockaddr *)&fixture->address, size), 0);
	assert_int_equal(listen(fixture->listener, 16), 0);
	getsockname(fixture->listener, (struct sockaddr *)&fixture->address, &size);
	fixture->cap = upstream_cap_new(CONNECTIONS, WAITING);
	const struct upstream_options options = {
		.address = find_address,
		.address_changes = count_changes,
		.address_is_known = is_known,
		.address_arg = fixture,
		.idle_max = 1,
		.cap = fixture->cap,
		.connect_timeout_ms = 5000,
		.waiting_timeout_ms = WAITING_MS,
		.idle_timeout_ms = IDLE_MS,
	};
	fixture->pool = upstream_pool_new(fixture->loop, &options);
	fixture->other_loop = loop_new("other");
	loop_adopt(fixture->other_loop);
	fixture->other_pool = upstream_pool_new(fixture->other_loop, &options);
	*state = fixture;
	return 0;
}

static int
teardown(void **state)
{
	struct fixture *fixture = *state;

	upstream_pool_free(fixture->pool);
	upstream_pool_free(fixture->other_pool);
	assert_int_equal(metric_read(&proxy_metric_upstream_connections, METRIC_GAUGE), 0);
	loop_free(fixture->loop);
	loop_free(fixture->other_loop);
	upstream_cap_free(fixture->cap);
	close(fixture->listener);
	xfree(fixture);
	return 0;
}

static void
ask_of(struct upstream_pool *pool, struct asker *asker, bool fresh)
{
	*asker = (struct asker){ 0 };
	upstream_ticket_init(&asker->ticket, pool, on_ready, asker);
	upstream_ask(&asker->ticket, fresh);
	assert_int_equal(asker->ready, 0);
}

static void
ask(struct fixture *fixture, struct asker *asker, bool fresh)
{
	ask_of(fixture->pool, asker, fresh);
}

static void
turn(struct fixture *fixture)
{
	loop_turn(fixture->loop, 1);
	loop_turn(fixture->other_loop, 1);
}

static void
expect_ready(struct fixture *fixture, struct asker *asker, enum err err)
{
	for (int i = 0; i < TURNS && asker->ready == 0; i++)
		turn(fixture);
	assert_int_equal(asker->ready, 1);
	assert_int_equal(asker->err, err);
	assert_true((asker->upstream != NULL) == (err == ERR_NONE));
}

static void
expect_waiting(struct fixture *fixture, struct asker *asker)
{
	for (int i = 0; i < 20; i++)
		turn(fixture);
	assert_int_equal(asker->ready, 0);
}

static void
a_given_back_connection_is_taken_again(void **state)
{
	struct fixture *fixture = *state;
	struct asker asker;

	assert_null(upstream_take_idle(fixture->pool, false));
	ask(fixture, &asker, false);
	expect_ready(fixture, &asker, ERR_NONE);
	assert_false(upstream_is_used(asker.upstream));
	upstream_give_back(asker.upstream);
	assert_ptr_equal(upstream_take_idle(fixture->pool, true), asker.upstream);
	assert_true(upstream_is_used(asker.upstream));
	upstream_close(asker.upstream);
}

static void
only_so_many_idle_ones_are_kept(void **state)
{
	struct fixture *fixture = *state;
	struct asker one, two;

	ask(fixture, &one, false);
	ask(fixture, &two, false);
	expect_ready(fixture, &one, ERR_NONE);
	expect_ready(fixture, &two, ERR_NONE);
	upstream_give_back(one.upstream);
	upstream_give_back(two.upstream);
	assert_ptr_equal(upstream_take_idle(fixture->pool, false), one.upstream);
	assert_null(upstream_take_idle(fixture->pool, false));
	upstream_close(one.upstream);
}

static void
a_careful_taker_gets_no_dead_connection(void **state)
{
	struct fixture *fixture = *state;
	struct asker asker;

	ask(fixture, &asker, false);
	expect_ready(fixture, &asker, ERR_NONE);
	int other = accept(fixture->listener, NULL, NULL);
	assert_true(other >= 0);
	upstream_give_back(asker.upstream);
	close(other);
	/* The loop has had no turn to notice. */
	assert_null(upstream_take_idle(fixture->pool, true));
}

static void
who_waits_is_served_in_order(void **state)
{
	struct fixture *fixture = *state;
	struct asker one, two, three, four;

	ask(fixture, &one, false);
	ask(fixture, &two, false);
	ask(fixture, &three, false);
	ask(fixture, &four, false);
	expect_ready(fixture, &one, ERR_NONE);
	expect_ready(fixture, &two, ERR_NONE);
	expect_waiting(fixture, &three);
	upstream_give_back(two.upstream);
	assert_int_equal(three.ready, 0);
	expect_ready(fixture, &three, ERR_NONE);
	assert_ptr_equal(three.upstream, two.upstream);
	expect_waiting(fixture, &four);
	upstream_close(one.upstream); /* makes room for a new one */
	expect_ready(fixture, &four, ERR_NONE);
	assert_false(upstream_is_used(four.upstream));
	upstream_close(three.upstream);
	upstream_close(four.upstream);
}

static void
who_wants_a_new_one_takes_the_place_of_an_idle_one(void **state)
{
	struct fixture *fixture = *state;
	struct asker one, two, fresh;

	ask(fixture, &one, false);
	ask(fixture, &two, false);
	expect_ready(fixture, &one, ERR_NONE);
	expect_ready(fixture, &two, ERR_NONE);
	ask(fixture, &fresh, true);
	expect_waiting(fixture, &fresh);
	upstream_give_back(one.upstream);
	expect_ready(fixture, &fresh, ERR_NONE);
	assert_false(upstream_is_used(fresh.upstream));
	upstream_close(two.upstream);
	upstream_close(fresh.upstream);
}

static void
nobody_overtakes_who_waits(void **state)
{
	struct fixture *fixture = *state;
	struct asker one, two, waiting;

	ask(fixture, &one, false);
	ask(fixture, &two, false);
	ask(fixture, &waiting, false);
	expect_ready(fixture, &one, ERR_NONE);
	expect_ready(fixture, &two, ERR_NONE);
	upstream_give_back(one.upstream);
	assert_null(upstream_take_idle(fixture->pool, false));
	expect_ready(fixture, &waiting, ERR_NONE);
	assert_ptr_equal(waiting.upstream, one.upstream);
	upstream_close(two.upstream);
	upstream_close(waiting.upstream);
}

static void
what_is_idle_at_one_worker_makes_room_at_another(void **state)
{
	struct fixture *fixture = *state;
	struct asker one, two, other;

	ask(fixture, &one, false);
	ask(fixture, &two, false);
	expect_ready(fixture, &one, ERR_NONE);
	expect_ready(fixture, &two, ERR_NONE);
	upstream_give_back(one.upstream);
	ask_of(fixture->other_pool, &other, false);
	expect_ready(fixture, &other, ERR_NONE);
	assert_null(upstream_take_idle(fixture->pool, false));
	upstream_close(two.upstream);
	upstream_close(other.upstream);
}

/* The first worker has a queue of its own that never ends. */
static void
no_worker_starves_another(void **state)
{
	struct fixture *fixture = *state;
	struct asker one, two, other, own;

	ask(fixture, &one, false);
	ask(fixture, &two, false);
	expect_ready(fixture, &one, ERR_NONE);
	expect_ready(fixture, &two, ERR_NONE);
	ask_of(fixture->other_pool, &other, false);
	expect_waiting(fixture, &other);
	clock_advance(2 * UPSTREAM_SLACK_MS);
	ask(fixture, &own, false);
	upstream_give_back(one.upstream);
	expect_ready(fixture, &other, ERR_NONE);
	assert_int_equal(own.ready, 0);
	/* And back again when the other is done. */
	upstream_give_back(other.upstream);
	expect_ready(fixture, &own, ERR_NONE);
	upstream_close(two.upstream);
	upstream_close(own.upstream);
}

static void
what_is_idle_at_an_old_address_is_closed(void **state)
{
	struct fixture *fixture = *state;
	struct asker idle, taken;

	ask(fixture, &idle, false);
	ask(fixture, &taken, false);
	expect_ready(fixture, &idle, ERR_NONE);
	expect_ready(fixture, &taken, ERR_NONE);
	upstream_give_back(idle.upstream);
	/* A change that leaves the address its own. */
	fixture->changes++;
	assert_ptr_equal(upstream_take_idle(fixture->pool, false), idle.upstream);
	upstream_give_back(idle.upstream);
	fixture->changes++;
	fixture->moved = true;
	assert_null(upstream_take_idle(fixture->pool, false));
	/* What was under way goes on, and is not kept. */
	upstream_give_back(taken.upstream);
	assert_null(upstream_take_idle(fixture->pool, false));
	assert_int_equal(metric_read(&proxy_metric_upstream_connections, METRIC_GAUGE), 0);
}

static void
too_many_and_too_long_are_busy(void **state)
{
	struct fixture *fixture = *state;
	struct asker taken[CONNECTIONS], waiting[WAITING], refused;

	for (size_t i = 0; i < CONNECTIONS; i++)
		ask(fixture, &taken[i], false);
	for (size_t i = 0; i < WAITING; i++)
		ask(fixture, &waiting[i], false);
	ask(fixture, &refused, false);
	expect_ready(fixture, &refused, ERR_BUSY);
	for (size_t i = 0; i < CONNECTIONS; i++)
		expect_ready(fixture, &taken[i], ERR_NONE);
	clock_advance(WAITING_MS + 1);
	for (size_t i = 0; i < WAITING; i++)
		expect_ready(fixture, &waiting[i], ERR_BUSY);
	for (size_t i = 0; i < CONNECTIONS; i++)
		upstream_close(taken[i].upstream);
}

static void
a_cancelled_ticket_is_silent_in_every_state(void **state)
{
	struct fixture *fixture = *state;
	struct asker connecting, failed, taken[CONNECTIONS], waiting;

	ask(fixture, &connecting, false);
	upstream_ticket_cancel(&connecting.ticket);
	fixture->known = false;
	ask(fixture, &failed, false);
	upstream_ticket_cancel(&failed.ticket);
	fixture->known = true;
	for (size_t i = 0; i < CONNECTIONS; i++)
		ask(fixture, &taken[i], false);
	ask(fixture, &waiting, false);
	upstream_ticket_cancel(&waiting.ticket);
	upstream_ticket_cancel(&waiting.ticket);
	for (size_t i = 0; i < CONNECTIONS; i++) {
		expect_ready(fixture, &taken[i], ERR_NONE);
		upstream_close(taken[i].upstream);
	}
	expect_waiting(fixture, &waiting);
	assert_int_equal(connecting.ready + failed.ready, 0);
}

static void
without_an_address_it_is_unreachable(void **state)
{
	struct fixture *fixture = *state;
	struct asker asker;

	fixture->known = false;
	ask(fixture, &asker, false);
	expect_ready(fixture, &asker, ERR_UNREACHABLE);
	fixture->known = true;
	close(fixture->listener);
	ask(fixture, &asker, false);
	expect_ready(fixture, &asker, ERR_UNREACHABLE);
	fixture->listener = -1;
}

static void
a_detached_stream_counts_no_more(void **state)
{
	struct fixture *fixture = *state;
	struct asker asker;

	ask(fixture, &asker, true);
	expect_ready(fixture, &asker, ERR_NONE);
	struct stream *stream = upstream_detach(asker.upstream);
	assert_int_equal(metric_read(&proxy_metric_upstream_connections, METRIC_GAUGE), 0);
	stream_free(stream);
}

#define WITH(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		WITH(a_given_back_connection_is_taken_again),
		WITH(only_so_many_idle_ones_are_kept),
		WITH(a_careful_taker_gets_no_dead_connection),
		WITH(who_waits_is_served_in_order),
		WITH(who_wants_a_new_one_takes_the_place_of_an_idle_one),
		WITH(nobody_overtakes_who_waits),
		WITH(what_is_idle_at_one_worker_makes_room_at_another),
		WITH(no_worker_starves_another),
		WITH(what_is_idle_at_an_old_address_is_closed),
		WITH(too_many_and_too_long_are_busy),
		WITH(a_cancelled_ticket_is_silent_in_every_state),
		WITH(without_an_address_it_is_unreachable),
		WITH(a_detached_stream_counts_no_more),
	};
	clock_enable_test();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
