/* Deezer fetch: one question put to Deezer's public catalogue, through as many calls as its
 * pages take.
 *
 * Waits for a place in the rate window before each call, asks nothing while the breaker is
 * open, tells the breaker how each call went. "Quota limit exceeded" is tried once more
 * after the breaker's pause. Belongs to the loop that started it.
 */
#ifndef PROVIDERS_DEEZER_DEEZER_FETCH_H
#define PROVIDERS_DEEZER_DEEZER_FETCH_H

#include "core/http_client.h"
#include "core/loop.h"
#include "providers/breaker.h"
#include "providers/catalog_query.h"
#include "providers/media.h"
#include "providers/rate_window.h"

/* All borrowed; they outlive every fetch. */
struct deezer_source {
	struct loop *loop;
	struct http_client *client;
	const char *url;
	struct rate_window *window; /* shared between workers */
	struct breaker *breaker;    /* shared between workers */
};

struct deezer_fetch;

/* Everything but the fetch itself is copied or referenced. `parent`: the album of the
 * tracks or the artist of the albums asked for (a list of one), else NULL. `patience_ms`:
 * how long it may wait for a place in the rate window before the first call; the whole must
 * end within 20 s.
 *
 * `done` fires once, never before this has returned: ERR_NONE with a list borrowed until it
 * returns; ERR_NOT_FOUND; ERR_BUSY (breaker open, no place in the rate window in time,
 * quota); ERR_TIMEOUT; ERR_UNREACHABLE; ERR_DENIED; ERR_PROTOCOL. The fetch is gone after
 * it. */
struct deezer_fetch *deezer_fetch_start(const struct deezer_source *source,
	const struct catalog_query *query, struct media_list *parent, int64_t patience_ms,
	void (*done)(void *arg, enum err err, struct media_list *list), void *arg);
/* Silence. */
void deezer_fetch_cancel(struct deezer_fetch *fetch);

#endif
