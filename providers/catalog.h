/* Catalog: what providers know, cached and asked for politely.
 *
 * Shared between workers: the providers' shared parts, the cache (positive and negative,
 * bounded) and the questions under way, each behind its own lock. Per worker: a seat of
 * every provider (providers/provider.h). One question about the same thing is asked once at
 * a time in the whole process (catalog_flight) by the worker that asked first; the others
 * wait for its answer, which comes to their loops by mail. An answer that comes after its
 * asker's deadline is cached for the next one.
 */
#ifndef PROVIDERS_CATALOG_H
#define PROVIDERS_CATALOG_H

#include "core/metrics.h"
#include "providers/explicit_filter.h"
#include "providers/provider.h"

struct catalog;        /* shared */
struct catalog_worker; /* one per worker loop */
struct catalog_call;

/* The shared parts of the providers are its own from now on. */
struct catalog *catalog_new(const struct provider_list *take_providers);
/* What lists leave out from now on; EXPLICIT_ALL, nothing, if it is not called. Before the
 * first worker. */
void catalog_filter_explicit(struct catalog *catalog, enum explicit_filter filter);
/* After every worker has been freed. Accepts NULL. */
void catalog_free(struct catalog *catalog);
/* Lives as long as the catalog. Any thread. */
const struct provider_list *catalog_providers(const struct catalog *catalog);
/* `client` and `loop` are borrowed and outlive the worker. */
struct catalog_worker *catalog_worker_new(
	struct catalog *catalog, struct loop *loop, struct http_client *client);
/* On its loop. Cancels its calls; those of other workers that waited for what it asked get
 * ERR_BUSY. Accepts NULL. */
void catalog_worker_free(struct catalog_worker *worker);
struct catalog *catalog_of(struct catalog_worker *worker);
struct loop *catalog_worker_loop(struct catalog_worker *worker);
/* The provider's seat on this loop, for what the catalog itself does not ask (formats,
 * open, lyrics), and its ops; NULL and NULL when the provider is not set up. Lives as long
 * as the worker; cancel what runs on it before. */
void *catalog_seat(struct catalog_worker *worker, enum provider_id id,
	const struct provider_ops **ops);

/* `done` fires once on the worker's loop, never before this returned; ERR_NONE with a list
 * borrowed until it returns (media_list_ref to keep it), ERR_NOT_FOUND, ERR_TIMEOUT when
 * `deadline_ms` (from now) passed first, ERR_BUSY when the breaker is open or the rate
 * window has no place before the deadline (told at once), ERR_UNREACHABLE, ERR_DENIED,
 * ERR_PROTOCOL, ERR_INVALID when the query makes no sense or the provider is not set up.
 * The call is gone after it. */
struct catalog_call *catalog_get(struct catalog_worker *worker,
	const struct catalog_query *query, int64_t deadline_ms,
	void (*done)(void *arg, enum err err, struct media_list *list), void *arg);
/* Silence. */
void catalog_cancel(struct catalog_call *call);
/* The cached answer, a new reference, or NULL. Any thread. */
struct media_list *catalog_peek(struct catalog *catalog, const struct catalog_query *query);
/* Is it set up and worth asking (breaker not open)? Any thread. */
bool catalog_is_up(struct catalog *catalog, enum provider_id id);

/* Where the picture of `media` is, at about `size` pixels; false when it has none. */
MUST_CHECK bool catalog_image_url(struct text *url, const struct catalog *catalog,
	const struct media *media, int size);
/* The same by its id alone, without asking anybody: known for whatever was seen in a list
 * lately (a search, the tracks of an album). False: ask for the item first. Any thread. */
MUST_CHECK bool catalog_image_url_by_id(
	struct text *url, struct catalog *catalog, const struct external_id *id, int size);

/* Which songs are one recording, as lists have told. Any thread. */
struct catalog_codes *catalog_codes(struct catalog *catalog);

/* How many bytes a song's stream has (track_stream tells); 0 while nobody has asked or the
 * address that told has expired. Any thread. */
int64_t catalog_track_bytes(struct catalog *catalog, const struct external_id *id);
/* `expires_wall_ms` is that of the address, 0 when it does not say. Any thread. */
void catalog_put_track_bytes(struct catalog *catalog, const struct external_id *id,
	int64_t bytes, int64_t expires_wall_ms);

extern const struct metric_row catalog_metrics[];
extern const size_t catalog_metric_count;

#endif
