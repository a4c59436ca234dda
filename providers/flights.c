#include "providers/flights.h"

#include <pthread.h>
#include <string.h>

#include "core/mem.h"

enum { FLIGHT_MAGIC = 0x464c4754, WAIT_MAGIC = 0x57414954 };

struct flights {
	struct flights_options options;
	pthread_mutex_t mutex; /* guards the rest, and of waits: flight, next, posted */
	struct flight *first;
	size_t count;
};

struct flight {
	unsigned magic;
	struct flights *flights;
	struct flight *next;
	char *key;
	struct flight_wait *waits; /* of any loop */
};

/* Waits for a flight, or has its answer in the mail (posted). */
struct flight_wait {
	unsigned magic;
	struct message message;
	struct flights *flights;
	struct loop *loop;
	struct flight *flight;
	struct flight_wait *next;
	struct timer deadline;
	bool posted;
	bool left; /* its loop's */
	enum err err;
	void *result; /* a reference, or NULL */
	void (*done)(void *arg, enum err err, void *result);
	void *arg;
};

struct flights *
flights_new(const struct flights_options *options)
{
	struct flights *flights = xcalloc(1, sizeof *flights);

	flights->options = *options;
	pthread_mutex_init(&flights->mutex, NULL);
	return flights;
}

void
flights_free(struct flights *flights)
{
	if (flights == NULL)
		return;
	assert(flights->first == NULL);
	pthread_mutex_destroy(&flights->mutex);
	xfree(flights);
}

/* ---- waiting ---- */

static void
wait_free(void *arg)
{
	struct flight_wait *wait = CAST(arg, WAIT_MAGIC);

	if (wait->result != NULL)
		wait->flights->options.unref(wait->result);
	wait->magic = 0;
	xfree(wait);
}

static void
on_mail(struct message *message)
{
	struct flight_wait *wait = CONTAINER_OF(message, struct flight_wait, message);

	timer_stop(&wait->deadline);
	if (!wait->left)
		wait->done(wait->arg, wait->err, wait->result);
	wait_free(wait);
}

/* Under the mutex, so that who waits, and with it its loop, cannot go meanwhile. */
static void
post_locked(struct flight_wait *wait, enum err err, void *result)
{
	wait->flight = NULL;
	wait->posted = true;
	wait->err = err;
	wait->result = result != NULL ? wait->flights->options.ref(result) : NULL;
	loop_post(wait->loop, &wait->message, on_mail);
}

/* Takes it out of its flight; false when its answer is in the mail already. */
static bool
leave(struct flight_wait *wait)
{
	struct flights *flights = wait->flights;

	pthread_mutex_lock(&flights->mutex);
	bool waits = !wait->posted;
	if (waits) {
		struct flight_wait **link = &wait->flight->waits;
		while (*link != wait)
			link = &(*link)->next;
		*link = wait->next;
	}
	pthread_mutex_unlock(&flights->mutex);
	return waits;
}

void
flight_leave(struct flight_wait *wait)
{
	assert(wait->magic == WAIT_MAGIC);
	timer_stop(&wait->deadline);
	if (leave(wait))
		loop_later(wait->loop, wait_free, wait);
	else
		wait->left = true;
}

static void
on_deadline(void *arg)
{
	struct flight_wait *wait = CAST(arg, WAIT_MAGIC);

	if (!leave(wait))
		return;
	wait->done(wait->arg, ERR_TIMEOUT, NULL);
	loop_later(wait->loop, wait_free, wait);
}

/* ---- flying ---- */

static struct flight *
find_locked(const struct flights *flights, const char *key)
{
	struct flight *flight = flights->first;

	while (flight != NULL && strcmp(flight->key, key) != 0)
		flight = flight->next;
	return flight;
}

static struct flight *
add_locked(struct flights *flights, const char *key)
{
	struct flight *flight = xcalloc(1, sizeof *flight);

	flight->magic = FLIGHT_MAGIC;
	flight->flights = flights;
	flight->key = xstrdup(key);
	flight->next = flights->first;
	flights->first = flight;
	flights->count++;
	return flight;
}

struct flight_wait *
flights_join(struct flights *flights, struct loop *loop, const char *key,
	int64_t deadline_ms, void (*done)(void *arg, enum err err, void *result), void *arg,
	struct flight **lead)
{
	struct flight_wait *wait = xcalloc(1, sizeof *wait);

	*wait = (struct flight_wait){ .magic = WAIT_MAGIC,
		.flights = flights,
		.loop = loop,
		.done = done,
		.arg = arg };
	*lead = NULL;
	timer_init(&wait->deadline, loop, on_deadline, wait);
	timer_start(&wait->deadline, deadline_ms);
	pthread_mutex_lock(&flights->mutex);
	struct flight *flight = find_locked(flights, key);
	if (flight == NULL && flights->count < flights->options.most)
		flight = *lead = add_locked(flights, key);
	if (flight == NULL) {
		post_locked(wait, ERR_BUSY, NULL);
	} else {
		wait->flight = flight;
		wait->next = flight->waits;
		flight->waits = wait;
	}
	pthread_mutex_unlock(&flights->mutex);
	return wait;
}

const char *
flight_key(const struct flight *flight)
{
	return flight->key;
}

void
flight_land(struct flight *flight, enum err err, void *result)
{
	struct flights *flights = flight->flights;
	struct flight **link = &flights->first;

	assert(flight->magic == FLIGHT_MAGIC);
	pthread_mutex_lock(&flights->mutex);
	while (*link != flight)
		link = &(*link)->next;
	*link = flight->next;
	flights->count--;
	while (flight->waits != NULL) {
		struct flight_wait *wait = flight->waits;
		flight->waits = wait->next;
		post_locked(wait, err, result);
	}
	pthread_mutex_unlock(&flights->mutex);
	flight->magic = 0;
	xfree(flight->key);
	xfree(flight);
}

size_t
flights_count(struct flights *flights)
{
	pthread_mutex_lock(&flights->mutex);
	size_t count = flights->count;
	pthread_mutex_unlock(&flights->mutex);
	return count;
}
