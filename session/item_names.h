/* Item names: what native plays are about. A client's report names only an id; Jellyfin is
 * asked once per play, in the client's own name, what the item is called and how long it
 * is.
 *
 * Observes the tracker; the answer goes to tracker_describe. Control thread.
 */
#ifndef SESSION_ITEM_NAMES_H
#define SESSION_ITEM_NAMES_H

#include "session/jellyfin.h"
#include "tracker/tracker.h"

struct item_names;

/* Adds itself to the tracker's observers. `base` is copied. At most 64 questions are under
 * way: beyond, plays stay without a name. */
struct item_names *item_names_new(struct loop *loop, const struct base_url *base,
	struct jellyfin_transport transport, struct tracker *tracker);
/* Accepts NULL. Before the tracker is freed. */
void item_names_free(struct item_names *names);

/* Pure: what GET /Items/{id} says; false when it is no item. Fills all but id, external and
 * item_json. */
MUST_CHECK bool item_names_parse(struct play_item *item, const void *body, size_t size);

#endif
