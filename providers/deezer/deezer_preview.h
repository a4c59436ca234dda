/* Deezer preview: half a minute of a song, for listeners without an account.
 *
 * Where it lies is asked for with the song, and good for a quarter of an hour: addresses
 * are remembered (at most 4,096, behind a lock of their own) until a minute before they
 * expire, so that seeking does not use up the rate window. Calls belong to their loop.
 */
#ifndef PROVIDERS_DEEZER_DEEZER_PREVIEW_H
#define PROVIDERS_DEEZER_DEEZER_PREVIEW_H

#include "providers/deezer/deezer_parts.h"
#include "providers/provider.h"

struct deezer_preview; /* one call */

struct deezer_previews *deezer_previews_new(void);
/* Accepts NULL. */
void deezer_previews_free(struct deezer_previews *previews);

/* As the members of provider_ops: the wish must accept TRACK_PREVIEW. */
struct deezer_preview *deezer_preview_open(struct deezer_seat *seat,
	const struct track_wish *wish,
	void (*done)(void *arg, enum err err, struct track_source *take_source), void *arg);
struct deezer_preview *deezer_preview_formats(struct deezer_seat *seat,
	const struct track_wish *wish,
	void (*done)(void *arg, enum err err, const struct track_formats *formats),
	void *arg);
/* Silence. */
void deezer_preview_cancel(struct deezer_preview *preview);

#endif
