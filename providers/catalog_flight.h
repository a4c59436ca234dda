/* Catalog flight: a question under way to a provider, asked once at a time in the whole
 * process for everybody who waits for it.
 *
 * Shared between workers. A flight is made and ended on the loop of the worker that asked
 * first; its list of waiters, of any worker, is guarded by the lock of all flights. What
 * the answer lacks is asked first (catalog_query_parent). Answers go into the cache.
 *
 *   waits (flight set) ----------> posted (answer in the mail) ----> on_mail on its loop
 *          |
 *          +--- left: silence
 */
#ifndef PROVIDERS_CATALOG_FLIGHT_H
#define PROVIDERS_CATALOG_FLIGHT_H

#include "providers/catalog_cache.h"
#include "providers/catalog_codes.h"
#include "providers/explicit_filter.h"
#include "providers/provider.h"

struct catalog_flights; /* shared */
struct catalog_flight;

/* Who can ask: a provider's seat on a loop. */
struct catalog_asker {
	const struct provider_ops *ops;
	void *seat;
	struct loop *loop;
};

/* Embedded in what waits. The first two are the waiter's to set; the rest is ours until the
 * answer is there. */
struct catalog_waiter {
	struct loop *loop;
	void (*on_mail)(struct message *message); /* frees `list` */
	struct message message;
	struct catalog_flight *flight;
	struct catalog_waiter *next;
	bool posted;
	enum err err;
	struct media_list *list; /* a reference, or NULL */
};

/* Both are borrowed and outlive it. */
struct catalog_flights *catalog_flights_new(
	struct catalog_cache *cache, struct catalog_codes *codes);
/* Narrows the lists that come from now on (not single items). Before anybody asks. */
void catalog_flights_filter(struct catalog_flights *flights, enum explicit_filter filter);
/* When none is under way any more. Accepts NULL. */
void catalog_flights_free(struct catalog_flights *flights);

/* Answers from the cache, or joins the flight that asks already, or starts one as `asker`
 * (borrowed until it is abandoned). Not before this has returned on_mail is called, on the
 * waiter's loop. ERR_BUSY beyond 256 flights. */
void catalog_flight_join(struct catalog_flights *flights, struct catalog_waiter *waiter,
	const struct catalog_query *query, const struct catalog_asker *asker,
	int64_t patience_ms);
/* Posts that answer without asking anybody. */
void catalog_flight_refuse(
	struct catalog_flights *flights, struct catalog_waiter *waiter, enum err err);
/* False when its answer is in the mail already: on_mail will be called. Else silence. */
MUST_CHECK bool catalog_flight_leave(
	struct catalog_flights *flights, struct catalog_waiter *waiter);
/* Ends every flight that `loop` asks; those who wait get ERR_BUSY. On that loop. */
void catalog_flights_abandon(struct catalog_flights *flights, const struct loop *loop);

#endif
