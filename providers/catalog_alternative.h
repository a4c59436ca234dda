/* Catalog alternative: the same recording at another provider, for when a song cannot be
 * opened where it was found.
 *
 * By ISRC: what lists have told, else the song's own provider and then the others are
 * asked. Belongs to the loop of its worker.
 */
#ifndef PROVIDERS_CATALOG_ALTERNATIVE_H
#define PROVIDERS_CATALOG_ALTERNATIVE_H

#include "providers/catalog.h"

struct catalog_alternative;

/* Looks for one at a provider that is up and gives the listener one of `qualities`, in the
 * order of preference. `done` fires once, never before this returned: ERR_NONE with the
 * song, ERR_NOT_FOUND, ERR_TIMEOUT after `deadline_ms`. It is gone then. */
struct catalog_alternative *catalog_alternative_find(struct catalog_worker *worker,
	const struct external_id *song, const struct track_listener *listener,
	track_quality_set qualities, int64_t deadline_ms,
	void (*done)(void *arg, enum err err, const struct external_id *song), void *arg);
/* Silence. */
void catalog_alternative_cancel(struct catalog_alternative *alternative);

#endif
