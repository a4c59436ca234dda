/* Flights: one question about the same thing is asked once at a time in the whole process.
 *
 * Whoever asks first leads: it starts the real work on its own loop and lands the flight
 * with what came of it. Everybody who joined meanwhile, on whichever loop, gets the same
 * result by mail. Shared between workers behind a lock of its own.
 */
#ifndef PROVIDERS_FLIGHTS_H
#define PROVIDERS_FLIGHTS_H

#include "core/error.h"
#include "core/loop.h"

struct flights;
struct flight;      /* under way; of the loop that leads it */
struct flight_wait; /* one who waits for it; of the loop that joined */

/* What results are: shared by reference count, any thread. NULL is a result too. */
struct flights_options {
	void *(*ref)(void *result);
	void (*unref)(void *result);
	size_t most; /* under way at a time; beyond, ERR_BUSY */
};

struct flights *flights_new(const struct flights_options *options);
/* Every flight has landed. Accepts NULL. */
void flights_free(struct flights *flights);

/* Joins the flight of that key. `done` fires once on `loop`, never before this returned,
 * with the result borrowed until it returns; ERR_TIMEOUT when `deadline_ms` (from now)
 * passed first. Nobody under way: `*lead` is a new flight, which the caller must land;
 * else it is NULL. */
struct flight_wait *flights_join(struct flights *flights, struct loop *loop,
	const char *key, int64_t deadline_ms,
	void (*done)(void *arg, enum err err, void *result), void *arg,
	struct flight **lead);
/* Silence. On the loop that joined. The flight goes on. */
void flight_leave(struct flight_wait *wait);
/* Borrowed until it has landed. */
const char *flight_key(const struct flight *flight);
/* All who wait are told; `result` is borrowed. The flight is gone. */
void flight_land(struct flight *flight, enum err err, void *result);
/* Under way now. Any thread. */
size_t flights_count(struct flights *flights);

#endif
