#include "providers/catalog_flight.h"

#include <pthread.h>
#include <string.h>

#include "core/loop.h"
#include "providers/metrics.h"

enum {
	FLIGHT_MAGIC = 0x464c5947,
	MAX_FLIGHTS = 256,
	/* What an answer needs first (an album before its tracks) may take this long. */
	PARENT_PATIENCE_MS = 10 * 1000,
};

struct catalog_flights {
	struct catalog_cache *cache;
	struct catalog_codes *codes;
	enum explicit_filter filter;
	pthread_mutex_t mutex; /* guards the list, and of waiters all but loop, on_mail */
	struct catalog_flight *first;
	size_t count;
};

struct catalog_flight {
	unsigned magic;
	struct catalog_flight *next;
	struct catalog_flights *flights;
	struct catalog_asker asker;
	char *key;
	struct catalog_query query;
	char *text; /* what query.text points at */
	int64_t patience_ms;
	void *fetch; /* NULL once it has answered */
	struct catalog_waiter *waiters;
};

/* ---- life ---- */

struct catalog_flights *
catalog_flights_new(struct catalog_cache *cache, struct catalog_codes *codes)
{
	struct catalog_flights *flights = xcalloc(1, sizeof *flights);

	flights->cache = cache;
	flights->codes = codes;
	pthread_mutex_init(&flights->mutex, NULL);
	return flights;
}

void
catalog_flights_filter(struct catalog_flights *flights, enum explicit_filter filter)
{
	flights->filter = filter;
}

void
catalog_flights_free(struct catalog_flights *flights)
{
	if (flights == NULL)
		return;
	assert(flights->first == NULL);
	pthread_mutex_destroy(&flights->mutex);
	xfree(flights);
}

static void
flight_free(void *arg)
{
	struct catalog_flight *flight = arg;

	flight->magic = 0;
	xfree(flight->key);
	xfree(flight->text);
	xfree(flight);
}

static struct catalog_flight *
find_locked(const struct catalog_flights *flights, const char *key)
{
	struct catalog_flight *flight = flights->first;

	while (flight != NULL && strcmp(flight->key, key) != 0)
		flight = flight->next;
	return flight;
}

static struct catalog_flight *
add_locked(struct catalog_flights *flights, const char *key,
	const struct catalog_query *query, const struct catalog_asker *asker,
	int64_t patience_ms)
{
	struct catalog_flight *flight = xcalloc(1, sizeof *flight);

	flight->magic = FLIGHT_MAGIC;
	flight->flights = flights;
	flight->asker = *asker;
	flight->key = xstrdup(key);
	flight->query = *query;
	flight->text = xstrdup_or_null(query->text);
	flight->query.text = flight->text;
	flight->patience_ms = patience_ms;
	flight->next = flights->first;
	flights->first = flight;
	flights->count++;
	return flight;
}

static void
remove_locked(struct catalog_flights *flights, struct catalog_flight *flight)
{
	struct catalog_flight **link = &flights->first;

	while (*link != flight)
		link = &(*link)->next;
	*link = flight->next;
	flights->count--;
}

/* ---- answers ---- */

/* Under the mutex, so that the waiter's worker, and with it its loop, cannot go meanwhile.
 */
static void
post_locked(struct catalog_waiter *waiter, enum err err, struct media_list *list)
{
	waiter->flight = NULL;
	waiter->posted = true;
	waiter->err = err;
	waiter->list = list != NULL ? media_list_ref(list) : NULL;
	loop_post(waiter->loop, &waiter->message, waiter->on_mail);
}

static void
answer_locked(struct catalog_flight *flight, enum err err, struct media_list *list)
{
	while (flight->waiters != NULL) {
		struct catalog_waiter *waiter = flight->waiters;
		flight->waiters = waiter->next;
		post_locked(waiter, err, list);
	}
}

static void
land(struct catalog_flight *flight, enum err err, struct media_list *list)
{
	struct catalog_flights *flights = flight->flights;

	if (list != NULL)
		catalog_codes_learn(flights->codes, list);
	/* Cached before the flight is gone from the list, so that nobody asks again. */
	pthread_mutex_lock(&flights->mutex);
	catalog_cache_put(flights->cache, &flight->query, err, list);
	remove_locked(flights, flight);
	answer_locked(flight, err, list);
	pthread_mutex_unlock(&flights->mutex);
	loop_later(flight->asker.loop, flight_free, flight);
}

static void
on_fetched(void *arg, enum err err, struct media_list *list)
{
	struct catalog_flight *flight = CAST(arg, FLIGHT_MAGIC);

	flight->fetch = NULL;
	if (err == ERR_NONE && !catalog_query_is_item(&flight->query))
		explicit_filter_apply(flight->flights->filter, list);
	land(flight, err, list);
}

static void
on_parent_fetched(void *arg, enum err err, struct media_list *list)
{
	struct catalog_flight *flight = CAST(arg, FLIGHT_MAGIC);
	const struct catalog_asker *asker = &flight->asker;
	struct catalog_query parent;

	flight->fetch = NULL;
	if (catalog_query_parent(&parent, &flight->query))
		catalog_cache_put(flight->flights->cache, &parent, err, list);
	if (err != ERR_NONE) {
		land(flight, err, NULL);
		return;
	}
	flight->fetch = asker->ops->fetch_start(
		asker->seat, &flight->query, list, PARENT_PATIENCE_MS, on_fetched, flight);
}

static void
take_off(struct catalog_flight *flight)
{
	const struct catalog_asker *asker = &flight->asker;
	struct catalog_query parent;
	struct media_list *list = NULL;
	enum err err = ERR_NONE;
	bool needs_parent = catalog_query_parent(&parent, &flight->query);

	if (needs_parent &&
		!catalog_cache_get(flight->flights->cache, &parent, &err, &list)) {
		flight->fetch = asker->ops->fetch_start(asker->seat, &parent, NULL,
			flight->patience_ms, on_parent_fetched, flight);
		return;
	}
	if (err != ERR_NONE)
		land(flight, err, NULL);
	else
		flight->fetch = asker->ops->fetch_start(asker->seat, &flight->query, list,
			flight->patience_ms, on_fetched, flight);
	media_list_unref(list);
}

/* ---- waiting ---- */

/* Under the mutex: the flight to wait for, and whether it has to take off. */
static struct catalog_flight *
board_locked(struct catalog_flights *flights, const char *key,
	const struct catalog_query *query, const struct catalog_asker *asker,
	int64_t patience_ms, bool *is_new)
{
	struct catalog_flight *flight = find_locked(flights, key);

	*is_new = flight == NULL;
	if (flight == NULL && flights->count == MAX_FLIGHTS)
		return NULL;
	metric_add(flight != NULL ? &catalog_metric_joined : &catalog_metric_misses, 1);
	if (flight == NULL)
		flight = add_locked(flights, key, query, asker, patience_ms);
	return flight;
}

void
catalog_flight_join(struct catalog_flights *flights, struct catalog_waiter *waiter,
	const struct catalog_query *query, const struct catalog_asker *asker,
	int64_t patience_ms)
{
	struct catalog_flight *flight = NULL;
	struct media_list *list = NULL;
	enum err err = ERR_NONE;
	bool is_new = false;
	struct text key;

	text_init(&key);
	catalog_query_key(&key, query);
	pthread_mutex_lock(&flights->mutex);
	bool cached = catalog_cache_get(flights->cache, query, &err, &list);
	if (cached) {
		metric_add(&catalog_metric_hits, 1);
		post_locked(waiter, err, list);
	} else {
		flight =
			board_locked(flights, key.data, query, asker, patience_ms, &is_new);
		if (flight == NULL)
			post_locked(waiter, ERR_BUSY, NULL);
	}
	if (flight != NULL) {
		waiter->flight = flight;
		waiter->next = flight->waiters;
		flight->waiters = waiter;
	}
	pthread_mutex_unlock(&flights->mutex);
	if (flight != NULL && is_new)
		take_off(flight);
	media_list_unref(list);
	text_fini(&key);
}

void
catalog_flight_refuse(
	struct catalog_flights *flights, struct catalog_waiter *waiter, enum err err)
{
	pthread_mutex_lock(&flights->mutex);
	post_locked(waiter, err, NULL);
	pthread_mutex_unlock(&flights->mutex);
}

bool
catalog_flight_leave(struct catalog_flights *flights, struct catalog_waiter *waiter)
{
	pthread_mutex_lock(&flights->mutex);
	bool waits = !waiter->posted;
	if (waits) {
		struct catalog_waiter **link = &waiter->flight->waiters;
		while (*link != waiter)
			link = &(*link)->next;
		*link = waiter->next;
	}
	pthread_mutex_unlock(&flights->mutex);
	return waits;
}

/* The first flight of that loop, out of the list, its waiters answered. */
static struct catalog_flight *
abandon_one(struct catalog_flights *flights, const struct loop *loop)
{
	pthread_mutex_lock(&flights->mutex);
	struct catalog_flight *flight = flights->first;
	while (flight != NULL && flight->asker.loop != loop)
		flight = flight->next;
	if (flight != NULL) {
		remove_locked(flights, flight);
		answer_locked(flight, ERR_BUSY, NULL);
	}
	pthread_mutex_unlock(&flights->mutex);
	return flight;
}

void
catalog_flights_abandon(struct catalog_flights *flights, const struct loop *loop)
{
	struct catalog_flight *flight = abandon_one(flights, loop);

	for (; flight != NULL; flight = abandon_one(flights, loop)) {
		if (flight->fetch != NULL)
			flight->asker.ops->fetch_cancel(flight->fetch);
		flight_free(flight);
	}
}
