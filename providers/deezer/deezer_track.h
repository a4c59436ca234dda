/* Deezer track: a song for a listener: whole through the account that pays for them, else
 * its half minute. As the members of provider_ops; calls belong to the seat's loop.
 *
 * What an account may not have (rights, plan, an ARL or a secret that is no good) comes as
 * a preview when the wish accepts one, and the source says that it is one. What merely
 * failed is told, and once in ten minutes that the secret is wrong: ERR_DENIED.
 */
#ifndef PROVIDERS_DEEZER_DEEZER_TRACK_H
#define PROVIDERS_DEEZER_DEEZER_TRACK_H

#include "providers/deezer/deezer_parts.h"
#include "providers/provider.h"

struct deezer_track; /* one call */

struct deezer_track *deezer_track_open(struct deezer_seat *seat,
	const struct track_wish *wish,
	void (*done)(void *arg, enum err err, struct track_source *take_source), void *arg);
struct deezer_track *deezer_track_formats(struct deezer_seat *seat,
	const struct track_wish *wish,
	void (*done)(void *arg, enum err err, const struct track_formats *formats),
	void *arg);
/* Silence. */
void deezer_track_cancel(struct deezer_track *track);

#endif
