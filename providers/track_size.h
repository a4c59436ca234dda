/* Track size: how many bytes a song's stream has, for items and PlaybackInfo that state it.
 *
 * Remembered as long as the song's address is good (catalog_track_bytes); else asked from
 * the CDN without its bytes. Belongs to the loop of its worker.
 */
#ifndef PROVIDERS_TRACK_SIZE_H
#define PROVIDERS_TRACK_SIZE_H

#include "providers/track_stream.h"

struct track_size;

/* `done` fires once, never before this has returned: ERR_NONE with the size, else the
 * errors of a stream, or ERR_TIMEOUT when `deadline_ms` (from now) passed first. */
struct track_size *track_size_get(struct track_streams *streams,
	const struct external_id *id, const struct track_listener *listener,
	int64_t deadline_ms, void (*done)(void *arg, enum err err, int64_t bytes),
	void *arg);
/* Silence. */
void track_size_cancel(struct track_size *size);

#endif
