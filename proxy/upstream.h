/* Upstream: one worker's connections to Jellyfin.
 *
 *   connecting ──> taken ──> idle ──> taken …        closed from anywhere
 *
 * Idle ones are watched: a byte or an end while nobody asked closes them, and so does an
 * address that is Jellyfin's no more. There is a cap on idle ones; that on all of them, and
 * on requests that wait for one, is shared by all workers (proxy/upstream_cap.h). Within a
 * worker who waits is served in order. All on the worker's loop.
 */
#ifndef PROXY_UPSTREAM_H
#define PROXY_UPSTREAM_H

#include <sys/queue.h>

#include "core/stream_tls.h"
#include "proxy/upstream_cap.h"

struct upstream;
struct upstream_pool;

struct upstream_options {
	/* Where Jellyfin is now; false: not known (yet). Called for every connect. */
	bool (*address)(void *arg, struct sockaddr_storage *address);
	/* That address could not be connected; returns whether `address` now has another
	 * one, which is tried at once. May be NULL. */
	bool (*failed)(void *arg, const struct sockaddr_storage *address);
	/* Counts how often Jellyfin's addresses have changed. May be NULL: never. */
	unsigned (*address_changes)(void *arg);
	/* Is that still one of them? Asked after a change. */
	bool (*address_is_known)(void *arg, const struct sockaddr_storage *address);
	void *address_arg;            /* of all */
	const struct stream_tls *tls; /* NULL: plain TCP; borrowed */
	struct upstream_cap *cap;     /* of idle, taken and connecting ones; borrowed */
	size_t idle_max;
	int64_t connect_timeout_ms;
	int64_t waiting_timeout_ms;
	/* Shorter than Jellyfin's own (130 s), so that we close first. */
	int64_t idle_timeout_ms;
};

/* `options` is copied. */
struct upstream_pool *upstream_pool_new(
	struct loop *loop, const struct upstream_options *options);
/* Closes the idle ones. Nothing may be taken or waited for any more. Accepts NULL. */
void upstream_pool_free(struct upstream_pool *pool);
/* For connects from now on. */
void upstream_pool_set_connect_timeout(struct upstream_pool *pool, int64_t timeout_ms);
struct loop *upstream_pool_loop(const struct upstream_pool *pool);
/* A read buffer for whoever reads at the moment: its contents do not outlast the callback.
 */
enum { UPSTREAM_BUFFER_BYTES = 16 * 1024 };
char *upstream_pool_buffer(struct upstream_pool *pool);

/* An idle connection, the one used last; NULL when there is none. `careful`: look once more
 * whether it is still there, for requests that cannot be sent twice. */
struct upstream *upstream_take_idle(struct upstream_pool *pool, bool careful);

/* A place in the queue, embedded in who waits. */
struct upstream_ticket {
	struct upstream_pool *pool;
	enum { TICKET_OUT, TICKET_WAITING, TICKET_CONNECTING, TICKET_FAILED } state;
	bool fresh;
	bool tried;                  /* one address has failed already */
	int64_t since_ms;            /* when it was asked for */
	struct upstream *connecting; /* being connected for this ticket */
	struct timer timer;          /* of the wait; of telling a failure */
	enum err err;
	void (*ready)(void *arg, enum err err, struct upstream *take_upstream);
	void *arg;
	TAILQ_ENTRY(upstream_ticket) place;
};

void upstream_ticket_init(struct upstream_ticket *ticket, struct upstream_pool *pool,
	void (*ready)(void *arg, enum err err, struct upstream *take_upstream), void *arg);
/* Asks for a connection: a new one, or (unless `fresh`) one that others give back while we
 * wait. `ready` fires once, not before this returned: with a connection, or
 * ERR_UNREACHABLE, ERR_TIMEOUT, ERR_BUSY. */
void upstream_ask(struct upstream_ticket *ticket, bool fresh);
/* Silence after. Harmless when nothing was asked. */
void upstream_ticket_cancel(struct upstream_ticket *ticket);

/* A taken connection is its taker's: its handler, its bytes. */
struct stream *upstream_stream(struct upstream *upstream);
/* Has it carried a request before? Then it may turn out stale. */
bool upstream_is_used(const struct upstream *upstream);
/* After a whole answer, nothing left over in either direction. */
void upstream_give_back(struct upstream *take_upstream);
void upstream_close(struct upstream *take_upstream);
/* The stream without the pool, for tunnels. */
struct stream *upstream_detach(struct upstream *take_upstream);

#endif
