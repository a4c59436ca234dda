/* Track probe: in which form a song would come, and how many bytes it has, without fetching
 * it: from what the provider knows, else from what its source says of itself. Belongs to
 * its loop.
 */
#ifndef PROVIDERS_TRACK_PROBE_H
#define PROVIDERS_TRACK_PROBE_H

#include "providers/track_fetch.h"

struct track_probe;

/* `done` fires once, never before this has returned: ERR_NONE with a format whose size is
 * known, else as track_fetch. The wish is copied. */
struct track_probe *track_probe_start(const struct track_place *place,
	const struct track_wish *wish,
	void (*done)(void *arg, enum err err, const struct track_format *format),
	void *arg);
/* Silence. */
void track_probe_cancel(struct track_probe *probe);

#endif
