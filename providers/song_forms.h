/* Song forms: in which exact forms a listener gets a song, remembered for a while.
 *
 * Asks the song's provider (formats of providers/provider.h) when items and PlaybackInfo
 * state what will be played. An answer is kept for ten minutes, that there are none for
 * one, per account: two listeners of one account share them. What could not be found out is
 * not kept. Belongs to the loop of its worker.
 */
#ifndef PROVIDERS_SONG_FORMS_H
#define PROVIDERS_SONG_FORMS_H

#include "providers/catalog.h"

enum { SONG_FORMS_MOST = 2048 };

struct song_forms; /* one per worker */
struct song_forms_call;

/* Both borrowed; they outlive it. */
struct song_forms *song_forms_new(struct catalog_worker *catalog, struct loop *loop);
/* Every call is over or was cancelled. Accepts NULL. */
void song_forms_free(struct song_forms *forms);

/* `done` fires once, never before this has returned: ERR_NONE with the forms, best first,
 * borrowed until it returns; ERR_NOT_FOUND, ERR_DENIED: this listener gets none;
 * ERR_TIMEOUT after `deadline_ms` (from now); ERR_INVALID when its provider is not set up
 * or does not say before it opens a song; else what kept it from finding out. */
struct song_forms_call *song_forms_get(struct song_forms *forms,
	const struct external_id *id, const struct track_listener *listener,
	int64_t deadline_ms,
	void (*done)(void *arg, enum err err, const struct track_formats *found),
	void *arg);
/* Silence. */
void song_forms_cancel(struct song_forms_call *call);

#endif
