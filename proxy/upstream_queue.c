#include "proxy/upstream_pool.h"

#include "core/clock.h"
#include "proxy/metrics.h"

static void
publish_oldest(struct upstream_pool *pool)
{
	const struct upstream_ticket *oldest = TAILQ_FIRST(&pool->waiting);

	upstream_seat_set_oldest(pool->seat, oldest != NULL ? oldest->since_ms : -1);
}

static void
leave_queue(struct upstream_ticket *ticket)
{
	struct upstream_pool *pool = ticket->pool;

	TAILQ_REMOVE(&pool->waiting, ticket, place);
	pool->waiting_count--;
	publish_oldest(pool);
	upstream_seat_exit(pool->seat);
	metric_add(&proxy_metric_upstream_waiting, -1);
	ticket->state = TICKET_OUT;
	timer_stop(&ticket->timer);
}

static void
fail_later(struct upstream_ticket *ticket, enum err err)
{
	ticket->state = TICKET_FAILED;
	ticket->err = err;
	timer_start(&ticket->timer, 0);
}

static void
on_ticket_timer(void *arg)
{
	struct upstream_ticket *ticket = arg;
	enum err err = ticket->err;

	if (ticket->state == TICKET_WAITING) {
		leave_queue(ticket);
		err = ERR_BUSY;
	}
	ticket->state = TICKET_OUT;
	ticket->ready(ticket->arg, err, NULL);
}

/* A place for a new connection, if need be that of an idle one of our own. */
static bool
find_place(struct upstream_pool *pool, int64_t since_ms)
{
	if (upstream_seat_open(pool->seat, since_ms))
		return true;
	struct upstream *oldest = TAILQ_LAST(&pool->idle, upstream_list);
	if (oldest == NULL)
		return false;
	upstream_close(oldest);
	return upstream_seat_open(pool->seat, since_ms);
}

/* A ticket that wants a new connection waits for room. */
void
upstream_queue_serve(void *arg)
{
	struct upstream_pool *pool = CAST(arg, POOL_MAGIC);
	struct upstream_ticket *ticket = TAILQ_FIRST(&pool->waiting);

	upstream_follow_moves(pool);
	while (ticket != NULL) {
		struct upstream *upstream =
			ticket->fresh ? NULL : upstream_take_first_idle(pool);
		if (upstream == NULL && !find_place(pool, ticket->since_ms)) {
			upstream_seat_beg(pool->seat);
			return;
		}
		leave_queue(ticket);
		if (upstream != NULL)
			ticket->ready(ticket->arg, ERR_NONE, upstream);
		else if (!upstream_connect_for(pool, ticket))
			fail_later(ticket, ERR_UNREACHABLE);
		ticket = TAILQ_FIRST(&pool->waiting);
	}
	upstream_seat_pass_on(pool->seat);
}

void
upstream_queue_wake(void *arg)
{
	struct upstream_pool *pool = CAST(arg, POOL_MAGIC);

	if (pool->idle_count > 0 && upstream_seat_must_yield(pool->seat))
		upstream_close(TAILQ_LAST(&pool->idle, upstream_list));
	upstream_queue_serve(pool);
}

void
upstream_ticket_init(struct upstream_ticket *ticket, struct upstream_pool *pool,
	void (*ready)(void *arg, enum err err, struct upstream *take_upstream), void *arg)
{
	*ticket = (struct upstream_ticket){
		.pool = pool, .state = TICKET_OUT, .ready = ready, .arg = arg
	};
	timer_init(&ticket->timer, pool->loop, on_ticket_timer, ticket);
}

void
upstream_ask(struct upstream_ticket *ticket, bool fresh)
{
	struct upstream_pool *pool = ticket->pool;

	assert(ticket->state == TICKET_OUT);
	ticket->fresh = fresh;
	ticket->tried = false;
	ticket->since_ms = clock_now_ms();
	if (pool->waiting_count == 0 && upstream_seat_open(pool->seat, ticket->since_ms)) {
		if (!upstream_connect_for(pool, ticket))
			fail_later(ticket, ERR_UNREACHABLE);
		return;
	}
	if (!upstream_seat_enter(pool->seat)) {
		fail_later(ticket, ERR_BUSY);
		return;
	}
	ticket->state = TICKET_WAITING;
	TAILQ_INSERT_TAIL(&pool->waiting, ticket, place);
	pool->waiting_count++;
	publish_oldest(pool);
	metric_add(&proxy_metric_upstream_waiting, 1);
	timer_start(&ticket->timer, pool->options.waiting_timeout_ms);
	/* What became free before others could see that we wait. */
	timer_start(&pool->serve, 0);
}

void
upstream_ticket_cancel(struct upstream_ticket *ticket)
{
	if (ticket->state == TICKET_WAITING)
		leave_queue(ticket);
	timer_stop(&ticket->timer);
	if (ticket->connecting != NULL) {
		struct upstream *upstream = ticket->connecting;
		ticket->connecting = NULL;
		upstream->ticket = NULL;
		upstream_close(upstream);
	}
	ticket->state = TICKET_OUT;
}
