/* Deezer probe: tries a secret that has not been right yet on the first block of a track.
 *
 * Reading may begin anywhere, and only the beginning tells music from noise: so nothing is
 * given away before the secret has been right once. Belongs to the seat's loop.
 */
#ifndef PROVIDERS_DEEZER_DEEZER_PROBE_H
#define PROVIDERS_DEEZER_DEEZER_PROBE_H

#include "providers/deezer/deezer_parts.h"
#include "providers/track_source.h"

struct deezer_probe;

/* `source` is borrowed until the end, and has a filter, which the secret learns from. Its
 * addresses are tried in turn. `done` fires once, never before this has returned: ERR_NONE;
 * ERR_DENIED: it is no music; ERR_TIMEOUT, ERR_UNREACHABLE: no address gave it by `end_ms`
 * (clock_now_ms). */
struct deezer_probe *deezer_probe_start(struct deezer_seat *seat,
	const struct track_source *source, int64_t end_ms,
	void (*done)(void *arg, enum err err), void *arg);
/* Silence. */
void deezer_probe_cancel(struct deezer_probe *probe);

#endif
