/* Upstream cap: how many connections to Jellyfin all workers have together, and whose turn
 * it is when there are no more.
 *
 * Each worker's pool has a seat. Who waits longest is first, whichever worker it is at,
 * with a slack of 100 ms in which a worker may prefer its own (that saves new connections).
 * A seat publishes since when its oldest request waits and how many idle connections it
 * has; whoever closes a connection wakes the seat that waits longest, and a seat that waits
 * wakes the one with the most idle connections, to have one closed. All of it is atomics:
 * nothing is locked, and while nobody waits a request costs two stores and a load.
 *
 * A seat's functions are called on its own loop.
 */
#ifndef PROXY_UPSTREAM_CAP_H
#define PROXY_UPSTREAM_CAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/loop.h"

enum { UPSTREAM_SEATS_MAX = 64, UPSTREAM_SLACK_MS = 100 };

struct upstream_cap;
struct upstream_seat;

/* At most `connections` at one time, and `waiting` requests that wait for one. */
struct upstream_cap *upstream_cap_new(size_t connections, size_t waiting);
/* After every seat was left and the loops of all of them are gone. Accepts NULL. */
void upstream_cap_free(struct upstream_cap *cap);

/* `wake` is called on `loop` when something may have changed: serve who waits, and close
 * what upstream_seat_must_yield. */
struct upstream_seat *upstream_seat_take(
	struct upstream_cap *cap, struct loop *loop, void (*wake)(void *arg), void *arg);
/* Nothing is open and nobody waits any more; `wake` is not called after. */
void upstream_seat_leave(struct upstream_seat *seat);

/* A connection may be opened, for a request that waits since then; it counts from now on.
 * False: there are enough, or somebody elsewhere has waited longer. */
MUST_CHECK bool upstream_seat_open(struct upstream_seat *seat, int64_t since_ms);
/* One that counted is closed. */
void upstream_seat_close(struct upstream_seat *seat);

/* One more request waits. False: too many do, everywhere. */
MUST_CHECK bool upstream_seat_enter(struct upstream_seat *seat);
/* It waits no more. */
void upstream_seat_exit(struct upstream_seat *seat);
/* Since when the oldest of those that wait does; -1: nobody waits. */
void upstream_seat_set_oldest(struct upstream_seat *seat, int64_t since_ms);
void upstream_seat_set_idle(struct upstream_seat *seat, size_t count);

/* Should a connection that could be kept be closed, for somebody elsewhere? */
bool upstream_seat_must_yield(const struct upstream_seat *seat);
/* Somebody waits here in vain: may others close what they do not use. */
void upstream_seat_beg(struct upstream_seat *seat);
/* Whoever waits elsewhere may take what is still free. */
void upstream_seat_pass_on(struct upstream_seat *seat);

#endif
