#include "proxy/upstream.h"

#include "core/clock.h"
#include "core/resolve.h"
#include "proxy/metrics.h"
#include "proxy/upstream_pool.h"

/* ---- connections ---- */

static void
leave_idle(struct upstream *upstream)
{
	struct upstream_pool *pool = upstream->pool;

	TAILQ_REMOVE(&pool->idle, upstream, place);
	upstream_seat_set_idle(pool->seat, --pool->idle_count);
	metric_add(&proxy_metric_upstream_idle, -1);
	upstream->idle = false;
}

static void
forget(struct upstream *upstream)
{
	struct upstream_pool *pool = upstream->pool;

	if (upstream->idle)
		leave_idle(upstream);
	pool->count--;
	if (upstream->counted)
		upstream_seat_close(pool->seat);
	metric_add(&proxy_metric_upstream_connections, -1);
	if (pool->waiting_count > 0)
		timer_start(&pool->serve, 0);
	upstream->magic = 0;
	xfree(upstream);
}

void
upstream_close(struct upstream *take_upstream)
{
	assert(take_upstream->magic == UPSTREAM_MAGIC);
	stream_free(take_upstream->stream);
	forget(take_upstream);
}

struct stream *
upstream_detach(struct upstream *take_upstream)
{
	struct stream *stream = take_upstream->stream;

	forget(take_upstream);
	return stream;
}

/* An idle connection says something or ends: nobody asked. */
static void
on_idle_readable(void *arg)
{
	upstream_close(CAST(arg, UPSTREAM_MAGIC));
}

static void on_connected(void *arg, enum err err);

static const struct stream_handler pool_handler = {
	.connected = on_connected,
	.readable = on_idle_readable,
	.writable = on_idle_readable,
};

static struct stream *
open_stream(struct upstream_pool *pool, const struct sockaddr_storage *address,
	struct upstream *upstream)
{
	const struct sockaddr *to = (const struct sockaddr *)address;
	socklen_t size = resolve_address_size(address);
	int64_t timeout_ms = pool->options.connect_timeout_ms;

	if (pool->sessions == NULL)
		return stream_connect(
			pool->loop, to, size, timeout_ms, &pool_handler, upstream);
	return stream_tls_connect(
		pool->sessions, pool->loop, to, size, timeout_ms, &pool_handler, upstream);
}

bool
upstream_connect_for(struct upstream_pool *pool, struct upstream_ticket *ticket)
{
	struct sockaddr_storage address;

	if (!pool->options.address(pool->options.address_arg, &address)) {
		upstream_seat_close(pool->seat);
		return false;
	}
	struct upstream *upstream = xcalloc(1, sizeof *upstream);
	upstream->magic = UPSTREAM_MAGIC;
	upstream->pool = pool;
	upstream->ticket = ticket;
	upstream->counted = true;
	upstream->changes = pool->changes;
	upstream->address = address;
	upstream->stream = open_stream(pool, &address, upstream);
	pool->count++;
	metric_add(&proxy_metric_upstream_connections, 1);
	metric_add(&proxy_metric_upstream_connects, 1);
	ticket->connecting = upstream;
	ticket->state = TICKET_CONNECTING;
	return true;
}

/* The host has several addresses and only one of them has failed. */
static bool
try_another(const struct upstream *upstream, struct upstream_ticket *ticket)
{
	const struct upstream_options *options = &upstream->pool->options;
	bool first = !ticket->tried;

	ticket->tried = true;
	return options->failed != NULL &&
	       options->failed(options->address_arg, &upstream->address) && first;
}

static void
on_connected(void *arg, enum err err)
{
	struct upstream *upstream = CAST(arg, UPSTREAM_MAGIC);
	struct upstream_ticket *ticket = upstream->ticket;

	upstream->ticket = NULL;
	ticket->connecting = NULL;
	ticket->state = TICKET_OUT;
	if (err != ERR_NONE) {
		bool again = try_another(upstream, ticket);
		upstream->counted = !again; /* else its place is the next one's */
		upstream_close(upstream);
		upstream = NULL;
		if (again && upstream_connect_for(ticket->pool, ticket))
			return;
	}
	ticket->ready(ticket->arg, err, upstream);
}

struct stream *
upstream_stream(struct upstream *upstream)
{
	return upstream->stream;
}

bool
upstream_is_used(const struct upstream *upstream)
{
	return upstream->used;
}

/* ---- idle ones ---- */

static void
start_trim(struct upstream_pool *pool)
{
	struct upstream *oldest = TAILQ_LAST(&pool->idle, upstream_list);

	if (oldest == NULL || timer_is_started(&pool->trim))
		return;
	int64_t left_ms =
		oldest->idle_since_ms + pool->options.idle_timeout_ms - clock_now_ms();
	timer_start(&pool->trim, left_ms > 0 ? left_ms : 0);
}

static void
on_trim(void *arg)
{
	struct upstream_pool *pool = CAST(arg, POOL_MAGIC);
	int64_t before_ms = clock_now_ms() - pool->options.idle_timeout_ms;
	struct upstream *oldest = TAILQ_LAST(&pool->idle, upstream_list);

	while (oldest != NULL && oldest->idle_since_ms <= before_ms) {
		upstream_close(oldest);
		oldest = TAILQ_LAST(&pool->idle, upstream_list);
	}
	start_trim(pool);
}

struct upstream *
upstream_take_first_idle(struct upstream_pool *pool)
{
	struct upstream *upstream = TAILQ_FIRST(&pool->idle);

	if (upstream != NULL)
		leave_idle(upstream);
	return upstream;
}

/* Has Jellyfin left its address since this was looked at last? */
static bool
has_moved_away(struct upstream *upstream)
{
	const struct upstream_pool *pool = upstream->pool;
	const struct upstream_options *options = &pool->options;

	if (upstream->changes == pool->changes)
		return false;
	upstream->changes = pool->changes;
	return !options->address_is_known(options->address_arg, &upstream->address);
}

void
upstream_follow_moves(struct upstream_pool *pool)
{
	const struct upstream_options *options = &pool->options;
	unsigned changes = 0;
	struct upstream *upstream, *next;

	if (options->address_changes != NULL)
		changes = options->address_changes(options->address_arg);
	if (changes == pool->changes)
		return;
	pool->changes = changes;
	for (upstream = TAILQ_FIRST(&pool->idle); upstream != NULL; upstream = next) {
		next = TAILQ_NEXT(upstream, place);
		if (has_moved_away(upstream))
			upstream_close(upstream);
	}
}

struct upstream *
upstream_take_idle(struct upstream_pool *pool, bool careful)
{
	/* Who waits comes first. */
	if (pool->waiting_count > 0)
		return NULL;
	upstream_follow_moves(pool);
	struct upstream *upstream = upstream_take_first_idle(pool);
	while (upstream != NULL && careful && !stream_is_quiet(upstream->stream)) {
		upstream_close(upstream);
		upstream = upstream_take_first_idle(pool);
	}
	return upstream;
}

void
upstream_give_back(struct upstream *take_upstream)
{
	struct upstream_pool *pool = take_upstream->pool;

	assert(take_upstream->magic == UPSTREAM_MAGIC && !take_upstream->idle);
	upstream_follow_moves(pool);
	if ((pool->idle_count >= pool->options.idle_max && pool->waiting_count == 0) ||
		has_moved_away(take_upstream) || upstream_seat_must_yield(pool->seat)) {
		upstream_close(take_upstream);
		return;
	}
	take_upstream->used = true;
	take_upstream->idle = true;
	take_upstream->idle_since_ms = clock_now_ms();
	stream_set_handler(take_upstream->stream, &pool_handler, take_upstream);
	stream_want(take_upstream->stream, true, false);
	TAILQ_INSERT_HEAD(&pool->idle, take_upstream, place);
	upstream_seat_set_idle(pool->seat, ++pool->idle_count);
	metric_add(&proxy_metric_upstream_idle, 1);
	start_trim(pool);
	if (pool->waiting_count > 0)
		timer_start(&pool->serve, 0);
}

/* ---- life ---- */

struct upstream_pool *
upstream_pool_new(struct loop *loop, const struct upstream_options *options)
{
	struct upstream_pool *pool = xcalloc(1, sizeof *pool);

	pool->magic = POOL_MAGIC;
	pool->loop = loop;
	pool->options = *options;
	if (options->tls != NULL)
		pool->sessions = stream_tls_sessions_new(options->tls);
	if (options->address_changes != NULL)
		pool->changes = options->address_changes(options->address_arg);
	pool->seat = upstream_seat_take(options->cap, loop, upstream_queue_wake, pool);
	TAILQ_INIT(&pool->idle);
	TAILQ_INIT(&pool->waiting);
	timer_init(&pool->serve, loop, upstream_queue_serve, pool);
	timer_init(&pool->trim, loop, on_trim, pool);
	return pool;
}

void
upstream_pool_free(struct upstream_pool *pool)
{
	if (pool == NULL)
		return;
	while (!TAILQ_EMPTY(&pool->idle))
		upstream_close(TAILQ_FIRST(&pool->idle));
	assert(pool->count == 0 && pool->waiting_count == 0);
	upstream_seat_leave(pool->seat);
	timer_stop(&pool->serve);
	timer_stop(&pool->trim);
	stream_tls_sessions_free(pool->sessions);
	pool->magic = 0;
	xfree(pool);
}

void
upstream_pool_set_connect_timeout(struct upstream_pool *pool, int64_t timeout_ms)
{
	pool->options.connect_timeout_ms = timeout_ms;
}

struct loop *
upstream_pool_loop(const struct upstream_pool *pool)
{
	return pool->loop;
}

char *
upstream_pool_buffer(struct upstream_pool *pool)
{
	return pool->buffer;
}
