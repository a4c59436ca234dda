#include "proxy/upstream_cap.h"

#include <stdatomic.h>

enum { CACHE_LINE_BYTES = 64, NOBODY = -1 };

struct upstream_seat {
	_Atomic int64_t oldest_ms; /* NOBODY: nobody waits */
	_Atomic size_t idle_count;
	size_t waiting_count; /* its own loop's business */
	struct upstream_cap *cap;
	struct loop *loop;
	void (*wake)(void *arg); /* NULL: left */
	void *arg;
	atomic_bool woken; /* `message` is under way */
	struct message message;
	char apart[CACHE_LINE_BYTES]; /* from what another core writes */
};

struct upstream_cap {
	size_t connections_max;
	size_t waiting_max;
	_Atomic size_t waiting_count; /* seldom written, often read */
	_Atomic size_t open_count;
	_Atomic size_t seat_count;
	char apart[CACHE_LINE_BYTES];
	struct upstream_seat seats[UPSTREAM_SEATS_MAX];
};

/* ---- waking ---- */

static void
on_message(struct message *message)
{
	struct upstream_seat *seat = CONTAINER_OF(message, struct upstream_seat, message);

	atomic_store(&seat->woken, false);
	if (seat->wake != NULL)
		seat->wake(seat->arg);
}

static void
wake(struct upstream_seat *seat)
{
	if (seat != NULL && !atomic_exchange(&seat->woken, true))
		loop_post(seat->loop, &seat->message, on_message);
}

/* ---- looking at the others ---- */

static bool
others_wait(const struct upstream_seat *seat)
{
	return atomic_load(&seat->cap->waiting_count) > seat->waiting_count;
}

static bool
is_full(struct upstream_cap *cap)
{
	return atomic_load(&cap->open_count) >= cap->connections_max;
}

/* Who waits longest, except `self`; NULL: nobody. */
static struct upstream_seat *
find_oldest(struct upstream_cap *cap, const struct upstream_seat *self, int64_t *since_ms)
{
	size_t count = atomic_load(&cap->seat_count);
	struct upstream_seat *oldest = NULL;

	for (size_t i = 0; i < count; i++) {
		struct upstream_seat *seat = &cap->seats[i];
		int64_t its_ms = atomic_load(&seat->oldest_ms);
		if (seat == self || its_ms == NOBODY)
			continue;
		if (oldest != NULL && its_ms >= *since_ms)
			continue;
		oldest = seat;
		*since_ms = its_ms;
	}
	return oldest;
}

static struct upstream_seat *
find_most_idle(struct upstream_cap *cap, const struct upstream_seat *self)
{
	size_t count = atomic_load(&cap->seat_count);
	struct upstream_seat *most = NULL;
	size_t most_count = 0;

	for (size_t i = 0; i < count; i++) {
		struct upstream_seat *seat = &cap->seats[i];
		size_t idle_count = atomic_load(&seat->idle_count);
		if (seat != self && idle_count > most_count) {
			most = seat;
			most_count = idle_count;
		}
	}
	return most;
}

/* Somebody elsewhere who has waited clearly longer than since then; NULL: nobody has. */
static struct upstream_seat *
find_older(const struct upstream_seat *seat, int64_t since_ms)
{
	int64_t its_ms;

	if (!others_wait(seat))
		return NULL;
	struct upstream_seat *oldest = find_oldest(seat->cap, seat, &its_ms);
	return oldest != NULL && its_ms + UPSTREAM_SLACK_MS < since_ms ? oldest : NULL;
}

/* ---- connections ---- */

bool
upstream_seat_open(struct upstream_seat *seat, int64_t since_ms)
{
	struct upstream_cap *cap = seat->cap;
	struct upstream_seat *older = find_older(seat, since_ms);

	if (older != NULL) {
		wake(older);
		return false;
	}
	size_t count = atomic_load(&cap->open_count);
	while (count < cap->connections_max) {
		if (atomic_compare_exchange_weak(&cap->open_count, &count, count + 1))
			return true;
	}
	return false;
}

void
upstream_seat_close(struct upstream_seat *seat)
{
	int64_t since_ms;

	atomic_fetch_sub(&seat->cap->open_count, 1);
	if (others_wait(seat))
		wake(find_oldest(seat->cap, seat, &since_ms));
}

/* ---- waiting ---- */

bool
upstream_seat_enter(struct upstream_seat *seat)
{
	struct upstream_cap *cap = seat->cap;
	size_t count = atomic_load(&cap->waiting_count);

	while (count < cap->waiting_max) {
		if (atomic_compare_exchange_weak(&cap->waiting_count, &count, count + 1)) {
			seat->waiting_count++;
			return true;
		}
	}
	return false;
}

void
upstream_seat_exit(struct upstream_seat *seat)
{
	assert(seat->waiting_count > 0);
	seat->waiting_count--;
	atomic_fetch_sub(&seat->cap->waiting_count, 1);
}

void
upstream_seat_set_oldest(struct upstream_seat *seat, int64_t since_ms)
{
	atomic_store(&seat->oldest_ms, since_ms);
}

void
upstream_seat_set_idle(struct upstream_seat *seat, size_t count)
{
	atomic_store(&seat->idle_count, count);
}

bool
upstream_seat_must_yield(const struct upstream_seat *seat)
{
	if (!others_wait(seat) || !is_full(seat->cap))
		return false;
	int64_t own_ms = atomic_load(&seat->oldest_ms);
	return own_ms == NOBODY || find_older(seat, own_ms) != NULL;
}

void
upstream_seat_beg(struct upstream_seat *seat)
{
	if (is_full(seat->cap))
		wake(find_most_idle(seat->cap, seat));
}

void
upstream_seat_pass_on(struct upstream_seat *seat)
{
	int64_t since_ms;

	if (others_wait(seat) && !is_full(seat->cap))
		wake(find_oldest(seat->cap, seat, &since_ms));
}

/* ---- life ---- */

struct upstream_cap *
upstream_cap_new(size_t connections, size_t waiting)
{
	struct upstream_cap *cap = xcalloc(1, sizeof *cap);

	cap->connections_max = connections;
	cap->waiting_max = waiting;
	return cap;
}

void
upstream_cap_free(struct upstream_cap *cap)
{
	if (cap == NULL)
		return;
	assert(atomic_load(&cap->open_count) == 0 && atomic_load(&cap->waiting_count) == 0);
	xfree(cap);
}

struct upstream_seat *
upstream_seat_take(
	struct upstream_cap *cap, struct loop *loop, void (*run)(void *arg), void *arg)
{
	size_t place = atomic_load(&cap->seat_count);

	assert(place < UPSTREAM_SEATS_MAX);
	struct upstream_seat *seat = &cap->seats[place];
	atomic_init(&seat->oldest_ms, NOBODY);
	seat->cap = cap;
	seat->loop = loop;
	seat->wake = run;
	seat->arg = arg;
	atomic_store(&cap->seat_count, place + 1);
	return seat;
}

void
upstream_seat_leave(struct upstream_seat *seat)
{
	assert(seat->waiting_count == 0);
	upstream_seat_set_idle(seat, 0);
	seat->wake = NULL;
}
