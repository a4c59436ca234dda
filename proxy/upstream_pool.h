/* Upstream pool: what proxy/upstream.c (connections) and proxy/upstream_queue.c (who waits
 * for one) share. Part of the pool; others use proxy/upstream.h.
 */
#ifndef PROXY_UPSTREAM_POOL_H
#define PROXY_UPSTREAM_POOL_H

#include "proxy/upstream.h"

enum { POOL_MAGIC = 0x0b5e0001, UPSTREAM_MAGIC = 0x0b5e0002 };

struct upstream {
	unsigned magic;
	struct upstream_pool *pool;
	struct stream *stream;
	struct upstream_ticket *ticket;  /* while connecting */
	struct sockaddr_storage address; /* where it goes */
	unsigned changes;                /* of Jellyfin's addresses before this one */
	bool counted;                    /* by the cap */
	bool used;
	bool idle;
	int64_t idle_since_ms;
	TAILQ_ENTRY(upstream) place; /* among the idle ones */
};

TAILQ_HEAD(upstream_list, upstream);
TAILQ_HEAD(ticket_list, upstream_ticket);

struct upstream_pool {
	unsigned magic;
	struct loop *loop;
	struct upstream_options options;
	struct stream_tls_sessions *sessions; /* NULL: plain TCP */
	struct upstream_seat *seat;
	struct upstream_list idle; /* used last: first */
	size_t idle_count;
	size_t count;
	unsigned changes; /* of Jellyfin's addresses, as far as they have been followed */
	struct ticket_list waiting;
	size_t waiting_count;
	struct timer serve; /* gives connections to waiting tickets, in a turn of its own */
	struct timer trim;  /* closes what was idle for too long */
	char buffer[UPSTREAM_BUFFER_BYTES];
};

/* Connects for a ticket, on a place that the cap has given. False when nobody knows where
 * to; the place has been given back. */
MUST_CHECK bool upstream_connect_for(
	struct upstream_pool *pool, struct upstream_ticket *ticket);
/* The one used last, NULL when there is none. */
struct upstream *upstream_take_first_idle(struct upstream_pool *pool);
/* Jellyfin may have moved: what is idle at addresses that are no more its own is closed. */
void upstream_follow_moves(struct upstream_pool *pool);

/* Serves who waits, first come first; `arg` is the pool. */
void upstream_queue_serve(void *arg);
/* Something has changed at another worker (proxy/upstream_cap.h). */
void upstream_queue_wake(void *arg);

#endif
