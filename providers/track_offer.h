/* Track offer: who has a song, what its listener may have of it, and whose account pays.
 * Worker thread.
 */
#ifndef PROVIDERS_TRACK_OFFER_H
#define PROVIDERS_TRACK_OFFER_H

#include "providers/catalog.h"
#include "providers/track_cache.h"
#include "providers/track_fetch.h"

struct track_offer {
	struct track_place place;
	int downloads; /* of the account at a time; 0: no limit */
	/* In the cache; its key's account names the account for limits, too. */
	struct track_want want;
};

/* `own`: the worker's client and loop. ERR_INVALID: no song, or in none of the forms that
 * are wished; ERR_NOT_FOUND: nobody here has it, or nothing of it for this listener. */
enum err track_offer_find(struct track_offer *offer, struct catalog_worker *catalog,
	const struct track_place *own, const struct track_wish *wish);

#endif
