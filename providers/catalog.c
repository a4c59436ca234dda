#include "providers/catalog.h"

#include <pthread.h>
#include <string.h>

#include "core/clock.h"
#include "core/crypto.h"
#include "core/log.h"
#include "core/loop.h"
#include "providers/catalog_cache.h"
#include "providers/deezer/deezer_fetch.h"
#include "providers/deezer/deezer_media.h"
#include "providers/metrics.h"

enum {
	CALL_MAGIC = 0x43414c4c,
	FLIGHT_MAGIC = 0x464c5947,
	/* Deezer allows 50 in 5 s per address; others behind it may ask too. */
	RATE_CALLS = 40,
	RATE_WINDOW_MS = 5000,
	MAX_FLIGHTS = 256,
	/* What an answer needs first (an album before its tracks) may take this long. */
	PARENT_PATIENCE_MS = 10 * 1000,
};

struct catalog {
	char *deezer_url;
	struct catalog_cache *cache;
	struct rate_window *window;
	struct breaker breaker;
	pthread_mutex_t
		mutex; /* guards flights, and of calls: flight, neighbours, posted */
	struct flight *flights;
	size_t flight_count;
};

struct catalog_worker {
	struct catalog *catalog;
	struct deezer_source deezer;
	struct catalog_call *calls; /* of this loop, waiting or with their answer posted */
};

/* A question under way. Made and ended on the loop of its worker; its list of waiters is
 * everybody's, under the catalog's mutex. */
struct flight {
	unsigned magic;
	struct flight *next;
	struct catalog_worker *worker;
	char *key;
	struct catalog_query query;
	char *text; /* what query.text points at */
	int64_t patience_ms;
	struct deezer_fetch *fetch;   /* NULL once it has answered */
	struct catalog_call *waiters; /* of any worker */
};

/* Waits for a flight (flight set), or has its answer in the mail (posted). */
struct catalog_call {
	unsigned magic;
	struct message message;
	struct catalog_worker *worker; /* NULL: cancelled */
	struct catalog_call *next_of_worker, *previous_of_worker;
	struct flight *flight;
	struct catalog_call *next_waiter;
	struct timer deadline;
	bool posted;
	enum err err;
	struct media_list *list; /* a reference, or NULL */
	void (*done)(void *arg, enum err err, struct media_list *list);
	void *arg;
};

/* ---- life ---- */

struct catalog *
catalog_new(const struct catalog_options *options)
{
	struct catalog *catalog = xcalloc(1, sizeof *catalog);
	uint64_t seed;

	crypto_random(&seed, sizeof seed);
	catalog->deezer_url = xstrdup(options->deezer_url);
	catalog->cache = catalog_cache_new();
	catalog->window = rate_window_new(RATE_CALLS, RATE_WINDOW_MS);
	breaker_init(&catalog->breaker, "deezer", seed);
	pthread_mutex_init(&catalog->mutex, NULL);
	return catalog;
}

void
catalog_free(struct catalog *catalog)
{
	if (catalog == NULL)
		return;
	assert(catalog->flights == NULL);
	pthread_mutex_destroy(&catalog->mutex);
	breaker_fini(&catalog->breaker);
	rate_window_free(catalog->window);
	catalog_cache_free(catalog->cache);
	xfree(catalog->deezer_url);
	xfree(catalog);
}

struct catalog_worker *
catalog_worker_new(struct catalog *catalog, struct loop *loop, struct http_client *client)
{
	struct catalog_worker *worker = xcalloc(1, sizeof *worker);

	worker->catalog = catalog;
	worker->deezer = (struct deezer_source){ .loop = loop,
		.client = client,
		.url = catalog->deezer_url,
		.window = catalog->window,
		.breaker = &catalog->breaker };
	return worker;
}

struct catalog *
catalog_of(struct catalog_worker *worker)
{
	return worker->catalog;
}

/* ---- calls ---- */

static struct catalog_call *
call_new(struct catalog_worker *worker,
	void (*done)(void *arg, enum err err, struct media_list *list), void *arg)
{
	struct catalog_call *call = xcalloc(1, sizeof *call);

	call->magic = CALL_MAGIC;
	call->worker = worker;
	call->done = done;
	call->arg = arg;
	call->next_of_worker = worker->calls;
	if (worker->calls != NULL)
		worker->calls->previous_of_worker = call;
	worker->calls = call;
	return call;
}

/* From here on nothing of it reaches its asker. */
static void
call_detach(struct catalog_call *call)
{
	timer_stop(&call->deadline);
	if (call->previous_of_worker != NULL)
		call->previous_of_worker->next_of_worker = call->next_of_worker;
	else
		call->worker->calls = call->next_of_worker;
	if (call->next_of_worker != NULL)
		call->next_of_worker->previous_of_worker = call->previous_of_worker;
	call->worker = NULL;
}

static void
call_free(void *arg)
{
	struct catalog_call *call = arg;

	call->magic = 0;
	media_list_unref(call->list);
	xfree(call);
}

static void
on_mail(struct message *message)
{
	struct catalog_call *call = CONTAINER_OF(message, struct catalog_call, message);

	if (call->worker != NULL) {
		call_detach(call);
		call->done(call->arg, call->err, call->list);
	}
	call_free(call);
}

/* Under the mutex, so that the asker's worker, and with it its loop, cannot go meanwhile.
 */
static void
post_locked(struct catalog_call *call, enum err err, struct media_list *list)
{
	call->flight = NULL;
	call->posted = true;
	call->err = err;
	call->list = list != NULL ? media_list_ref(list) : NULL;
	loop_post(call->worker->deezer.loop, &call->message, on_mail);
}

/* Takes it out of its flight; false when its answer is in the mail already. */
static bool
leave_flight(struct catalog *catalog, struct catalog_call *call)
{
	pthread_mutex_lock(&catalog->mutex);
	bool waits = !call->posted;
	if (waits) {
		struct catalog_call **link = &call->flight->waiters;
		while (*link != call)
			link = &(*link)->next_waiter;
		*link = call->next_waiter;
	}
	pthread_mutex_unlock(&catalog->mutex);
	return waits;
}

static void
on_deadline(void *arg)
{
	struct catalog_call *call = CAST(arg, CALL_MAGIC);
	struct loop *loop = call->worker->deezer.loop;

	if (!leave_flight(call->worker->catalog, call))
		return;
	call_detach(call);
	call->done(call->arg, ERR_TIMEOUT, NULL);
	loop_later(loop, call_free, call);
}

void
catalog_cancel(struct catalog_call *call)
{
	struct loop *loop = call->worker->deezer.loop;
	bool waits = leave_flight(call->worker->catalog, call);

	call_detach(call);
	if (waits)
		loop_later(loop, call_free, call);
}

/* ---- flights ---- */

static void
flight_free(void *arg)
{
	struct flight *flight = arg;

	flight->magic = 0;
	xfree(flight->key);
	xfree(flight->text);
	xfree(flight);
}

static struct flight *
find_locked(const struct catalog *catalog, const char *key)
{
	struct flight *flight = catalog->flights;

	while (flight != NULL && strcmp(flight->key, key) != 0)
		flight = flight->next;
	return flight;
}

static struct flight *
add_locked(struct catalog_worker *worker, const char *key,
	const struct catalog_query *query, int64_t patience_ms)
{
	struct catalog *catalog = worker->catalog;
	struct flight *flight = xcalloc(1, sizeof *flight);

	flight->magic = FLIGHT_MAGIC;
	flight->worker = worker;
	flight->key = xstrdup(key);
	flight->query = *query;
	flight->text = xstrdup_or_null(query->text);
	flight->query.text = flight->text;
	flight->patience_ms = patience_ms;
	flight->next = catalog->flights;
	catalog->flights = flight;
	catalog->flight_count++;
	return flight;
}

static void
remove_locked(struct catalog *catalog, struct flight *flight)
{
	struct flight **link = &catalog->flights;

	while (*link != flight)
		link = &(*link)->next;
	*link = flight->next;
	catalog->flight_count--;
}

static void
answer_locked(struct flight *flight, enum err err, struct media_list *list)
{
	while (flight->waiters != NULL) {
		struct catalog_call *call = flight->waiters;
		flight->waiters = call->next_waiter;
		post_locked(call, err, list);
	}
}

static void
land(struct flight *flight, enum err err, struct media_list *list)
{
	struct catalog *catalog = flight->worker->catalog;

	/* Cached before the flight is gone from the list, so that nobody asks again. */
	pthread_mutex_lock(&catalog->mutex);
	catalog_cache_put(catalog->cache, &flight->query, err, list);
	remove_locked(catalog, flight);
	answer_locked(flight, err, list);
	pthread_mutex_unlock(&catalog->mutex);
	loop_later(flight->worker->deezer.loop, flight_free, flight);
}

static void
on_fetched(void *arg, enum err err, struct media_list *list)
{
	struct flight *flight = CAST(arg, FLIGHT_MAGIC);

	flight->fetch = NULL;
	land(flight, err, list);
}

static void
on_parent_fetched(void *arg, enum err err, struct media_list *list)
{
	struct flight *flight = CAST(arg, FLIGHT_MAGIC);
	struct catalog_query parent;

	flight->fetch = NULL;
	if (catalog_query_parent(&parent, &flight->query))
		catalog_cache_put(flight->worker->catalog->cache, &parent, err, list);
	if (err != ERR_NONE) {
		land(flight, err, NULL);
		return;
	}
	flight->fetch = deezer_fetch_start(&flight->worker->deezer, &flight->query, list,
		PARENT_PATIENCE_MS, on_fetched, flight);
}

static void
take_off(struct flight *flight)
{
	struct catalog_worker *worker = flight->worker;
	struct catalog_query parent;
	struct media_list *list = NULL;
	enum err err = ERR_NONE;
	bool needs_parent = catalog_query_parent(&parent, &flight->query);

	if (needs_parent &&
		!catalog_cache_get(worker->catalog->cache, &parent, &err, &list)) {
		flight->fetch = deezer_fetch_start(&worker->deezer, &parent, NULL,
			flight->patience_ms, on_parent_fetched, flight);
		return;
	}
	if (err != ERR_NONE)
		land(flight, err, NULL);
	else
		flight->fetch = deezer_fetch_start(&worker->deezer, &flight->query, list,
			flight->patience_ms, on_fetched, flight);
	media_list_unref(list);
}

/* ---- asking ---- */

/* Gives the call its answer or a flight to wait for; returns a new flight to take off. */
static struct flight *
place_call(
	struct catalog_call *call, const struct catalog_query *query, int64_t deadline_ms)
{
	struct catalog *catalog = call->worker->catalog;
	struct flight *flight = NULL, *new_flight = NULL;
	struct media_list *list = NULL;
	enum err err = ERR_NONE;
	struct text key;

	text_init(&key);
	catalog_query_key(&key, query);
	pthread_mutex_lock(&catalog->mutex);
	bool cached = catalog_cache_get(catalog->cache, query, &err, &list);
	if (!cached)
		flight = find_locked(catalog, key.data);
	if (cached) {
		metric_add(&catalog_metric_hits, 1);
		post_locked(call, err, list);
	} else if (flight == NULL && catalog->flight_count == MAX_FLIGHTS) {
		post_locked(call, ERR_BUSY, NULL);
	} else {
		metric_add(flight != NULL ? &catalog_metric_joined : &catalog_metric_misses,
			1);
		if (flight == NULL)
			flight = new_flight =
				add_locked(call->worker, key.data, query, deadline_ms);
		call->flight = flight;
		call->next_waiter = flight->waiters;
		flight->waiters = call;
	}
	pthread_mutex_unlock(&catalog->mutex);
	media_list_unref(list);
	text_fini(&key);
	return new_flight;
}

struct catalog_call *
catalog_get(struct catalog_worker *worker, const struct catalog_query *query,
	int64_t deadline_ms, void (*done)(void *arg, enum err err, struct media_list *list),
	void *arg)
{
	struct catalog_call *call = call_new(worker, done, arg);
	struct flight *flight = NULL;

	timer_init(&call->deadline, worker->deezer.loop, on_deadline, call);
	if (!catalog_query_is_valid(query) || query->provider != PROVIDER_DEEZER) {
		pthread_mutex_lock(&worker->catalog->mutex);
		post_locked(call, ERR_INVALID, NULL);
		pthread_mutex_unlock(&worker->catalog->mutex);
		return call;
	}
	timer_start(&call->deadline, deadline_ms);
	flight = place_call(call, query, deadline_ms);
	if (flight != NULL)
		take_off(flight);
	return call;
}

struct media_list *
catalog_peek(struct catalog *catalog, const struct catalog_query *query)
{
	struct media_list *list = NULL;
	enum err err;

	if (!catalog_query_is_valid(query) ||
		!catalog_cache_get(catalog->cache, query, &err, &list))
		return NULL;
	return list;
}

bool
catalog_is_up(struct catalog *catalog, enum provider_id provider)
{
	return provider == PROVIDER_DEEZER &&
	       !breaker_is_open(&catalog->breaker, clock_now_ms());
}

/* The first flight of the worker, out of the list, its waiters answered. */
static struct flight *
abandon_flight(struct catalog_worker *worker)
{
	struct catalog *catalog = worker->catalog;

	pthread_mutex_lock(&catalog->mutex);
	struct flight *flight = catalog->flights;
	while (flight != NULL && flight->worker != worker)
		flight = flight->next;
	if (flight != NULL) {
		remove_locked(catalog, flight);
		answer_locked(flight, ERR_BUSY, NULL);
	}
	pthread_mutex_unlock(&catalog->mutex);
	return flight;
}

void
catalog_worker_free(struct catalog_worker *worker)
{
	struct flight *flight;

	if (worker == NULL)
		return;
	while (worker->calls != NULL)
		catalog_cancel(worker->calls);
	for (flight = abandon_flight(worker); flight != NULL;
		flight = abandon_flight(worker)) {
		if (flight->fetch != NULL)
			deezer_fetch_cancel(flight->fetch);
		flight_free(flight);
	}
	xfree(worker);
}

/* ---- pictures and sizes ---- */

bool
catalog_image_url(struct text *url, const struct media *media, int size)
{
	if (media->image_base == NULL)
		return false;
	deezer_media_image_url(url, media->image_base, size);
	return true;
}

bool
catalog_image_url_by_id(
	struct text *url, struct catalog *catalog, const struct external_id *id, int size)
{
	struct text base;

	text_init(&base);
	bool known = catalog_cache_image(catalog->cache, &base, id);
	if (known)
		deezer_media_image_url(url, text_get(&base), size);
	text_fini(&base);
	return known;
}

int64_t
catalog_track_bytes(struct catalog *catalog, const struct external_id *id)
{
	return catalog_cache_bytes(catalog->cache, id);
}

void
catalog_put_track_bytes(struct catalog *catalog, const struct external_id *id,
	int64_t bytes, int64_t expires_wall_ms)
{
	catalog_cache_put_bytes(catalog->cache, id, bytes, expires_wall_ms);
}
