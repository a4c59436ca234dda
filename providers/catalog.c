#include "providers/catalog.h"

#include "core/loop.h"
#include "providers/catalog_cache.h"
#include "providers/catalog_codes.h"
#include "providers/catalog_flight.h"

enum { CALL_MAGIC = 0x43414c4c };

struct catalog {
	struct provider_list providers; /* their shared parts are ours */
	struct catalog_cache *cache;
	struct catalog_codes *codes;
	struct catalog_flights *flights;
};

struct catalog_worker {
	struct catalog *catalog;
	struct loop *loop;
	struct catalog_asker seats[PROVIDERS_MOST]; /* in the order of the providers */
	struct catalog_call *calls; /* of this loop, waiting or with their answer posted */
};

struct catalog_call {
	unsigned magic;
	struct catalog_waiter waiter;
	struct catalog_worker *worker; /* NULL: cancelled */
	struct catalog_call *next, *previous;
	struct timer deadline;
	void (*done)(void *arg, enum err err, struct media_list *list);
	void *arg;
};

/* ---- life ---- */

struct catalog *
catalog_new(const struct provider_list *take_providers)
{
	struct catalog *catalog = xcalloc(1, sizeof *catalog);

	catalog->providers = *take_providers;
	catalog->cache = catalog_cache_new();
	catalog->codes = catalog_codes_new();
	catalog->flights = catalog_flights_new(catalog->cache, catalog->codes);
	return catalog;
}

void
catalog_filter_explicit(struct catalog *catalog, enum explicit_filter filter)
{
	catalog_flights_filter(catalog->flights, filter);
}

void
catalog_free(struct catalog *catalog)
{
	if (catalog == NULL)
		return;
	catalog_flights_free(catalog->flights);
	catalog_codes_free(catalog->codes);
	catalog_cache_free(catalog->cache);
	for (size_t i = 0; i < catalog->providers.count; i++)
		catalog->providers.of[i].ops->free(catalog->providers.of[i].shared);
	xfree(catalog);
}

const struct provider_list *
catalog_providers(const struct catalog *catalog)
{
	return &catalog->providers;
}

struct catalog_worker *
catalog_worker_new(struct catalog *catalog, struct loop *loop, struct http_client *client)
{
	struct catalog_worker *worker = xcalloc(1, sizeof *worker);

	worker->catalog = catalog;
	worker->loop = loop;
	for (size_t i = 0; i < catalog->providers.count; i++) {
		const struct provider *provider = &catalog->providers.of[i];
		worker->seats[i] = (struct catalog_asker){ .ops = provider->ops,
			.seat = provider->ops->seat_new(provider->shared, loop, client),
			.loop = loop };
	}
	return worker;
}

void
catalog_worker_free(struct catalog_worker *worker)
{
	if (worker == NULL)
		return;
	while (worker->calls != NULL)
		catalog_cancel(worker->calls);
	catalog_flights_abandon(worker->catalog->flights, worker->loop);
	for (size_t i = 0; i < worker->catalog->providers.count; i++)
		worker->seats[i].ops->seat_free(worker->seats[i].seat);
	xfree(worker);
}

struct catalog *
catalog_of(struct catalog_worker *worker)
{
	return worker->catalog;
}

struct loop *
catalog_worker_loop(struct catalog_worker *worker)
{
	return worker->loop;
}

static const struct catalog_asker *
find_seat(const struct catalog_worker *worker, enum provider_id id)
{
	for (size_t i = 0; i < worker->catalog->providers.count; i++) {
		if (worker->seats[i].ops->id == id)
			return &worker->seats[i];
	}
	return NULL;
}

void *
catalog_seat(
	struct catalog_worker *worker, enum provider_id id, const struct provider_ops **ops)
{
	const struct catalog_asker *seat = find_seat(worker, id);

	*ops = seat != NULL ? seat->ops : NULL;
	return seat != NULL ? seat->seat : NULL;
}

/* ---- calls ---- */

/* From here on nothing of it reaches its asker. */
static void
call_detach(struct catalog_call *call)
{
	timer_stop(&call->deadline);
	if (call->previous != NULL)
		call->previous->next = call->next;
	else
		call->worker->calls = call->next;
	if (call->next != NULL)
		call->next->previous = call->previous;
	call->worker = NULL;
}

static void
call_free(void *arg)
{
	struct catalog_call *call = arg;

	call->magic = 0;
	media_list_unref(call->waiter.list);
	xfree(call);
}

static void
on_mail(struct message *message)
{
	struct catalog_call *call =
		CONTAINER_OF(message, struct catalog_call, waiter.message);

	if (call->worker != NULL) {
		call_detach(call);
		call->done(call->arg, call->waiter.err, call->waiter.list);
	}
	call_free(call);
}

static void
on_deadline(void *arg)
{
	struct catalog_call *call = CAST(arg, CALL_MAGIC);
	struct loop *loop = call->worker->loop;

	if (!catalog_flight_leave(call->worker->catalog->flights, &call->waiter))
		return;
	call_detach(call);
	call->done(call->arg, ERR_TIMEOUT, NULL);
	loop_later(loop, call_free, call);
}

void
catalog_cancel(struct catalog_call *call)
{
	struct loop *loop = call->worker->loop;
	bool waits = catalog_flight_leave(call->worker->catalog->flights, &call->waiter);

	call_detach(call);
	if (waits)
		loop_later(loop, call_free, call);
}

static struct catalog_call *
call_new(struct catalog_worker *worker,
	void (*done)(void *arg, enum err err, struct media_list *list), void *arg)
{
	struct catalog_call *call = xcalloc(1, sizeof *call);

	call->magic = CALL_MAGIC;
	call->waiter.loop = worker->loop;
	call->waiter.on_mail = on_mail;
	call->worker = worker;
	call->done = done;
	call->arg = arg;
	timer_init(&call->deadline, worker->loop, on_deadline, call);
	call->next = worker->calls;
	if (worker->calls != NULL)
		worker->calls->previous = call;
	worker->calls = call;
	return call;
}

struct catalog_call *
catalog_get(struct catalog_worker *worker, const struct catalog_query *query,
	int64_t deadline_ms, void (*done)(void *arg, enum err err, struct media_list *list),
	void *arg)
{
	const struct catalog_asker *seat = find_seat(worker, query->provider);
	struct catalog_call *call = call_new(worker, done, arg);

	if (seat == NULL || !catalog_query_is_valid(query)) {
		catalog_flight_refuse(worker->catalog->flights, &call->waiter, ERR_INVALID);
		return call;
	}
	timer_start(&call->deadline, deadline_ms);
	catalog_flight_join(
		worker->catalog->flights, &call->waiter, query, seat, deadline_ms);
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
catalog_is_up(struct catalog *catalog, enum provider_id id)
{
	const struct provider *provider = provider_find(&catalog->providers, id);

	return provider != NULL && provider->ops->is_up(provider->shared);
}

/* ---- pictures and sizes ---- */

static bool
add_image_url(struct text *url, const struct catalog *catalog, enum provider_id id,
	const char *base, int size)
{
	const struct provider *provider = provider_find(&catalog->providers, id);

	if (provider != NULL)
		provider->ops->image_url(url, base, size);
	return provider != NULL;
}

bool
catalog_image_url(struct text *url, const struct catalog *catalog,
	const struct media *media, int size)
{
	return media->image_base != NULL &&
	       add_image_url(url, catalog, media->id.provider, media->image_base, size);
}

bool
catalog_image_url_by_id(
	struct text *url, struct catalog *catalog, const struct external_id *id, int size)
{
	struct text base;

	text_init(&base);
	bool known = catalog_cache_image(catalog->cache, &base, id) &&
		     add_image_url(url, catalog, id->provider, text_get(&base), size);
	text_fini(&base);
	return known;
}

struct catalog_codes *
catalog_codes(struct catalog *catalog)
{
	return catalog->codes;
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
