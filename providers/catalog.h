/* Catalog: what providers know, cached and asked for politely.
 *
 * Shared between workers: the metadata cache (positive and negative, bounded), each
 * provider's rate window (40 calls per rolling 5 s) and circuit breaker, each behind its
 * own lock. Per worker: the HTTP client. One question about the same thing is asked once at
 * a time in the whole process (single flight); the others wait for its answer. An answer
 * that comes after its asker's deadline is cached for the next one.
 */
#ifndef PROVIDERS_CATALOG_H
#define PROVIDERS_CATALOG_H

#include "core/error.h"
#include "core/http_client.h"
#include "core/metrics.h"
#include "providers/media.h"

struct catalog;        /* shared */
struct catalog_worker; /* one per worker loop */
struct catalog_call;

struct catalog_options {
	const char *deezer_url; /* "https://api.deezer.com"; copied */
};

struct catalog *catalog_new(const struct catalog_options *options);
/* After every worker has been freed. */
void catalog_free(struct catalog *catalog);
struct catalog_worker *catalog_worker_new(
	struct catalog *catalog, struct loop *loop, struct http_client *client);
void catalog_worker_free(struct catalog_worker *worker);

enum catalog_ask {
	CATALOG_SEARCH,       /* kind + text + offset + limit */
	CATALOG_ITEM,         /* id: a list of one (an album with all its facts) */
	CATALOG_ALBUM_TRACKS, /* id of an album: all its tracks with positions and album set
			       */
	CATALOG_ARTIST_ALBUMS,
	CATALOG_ARTIST_TOP,
	/* id of a song: a list of one, asked anew unless its preview URL is good for
	 * another 60 s at least. For the moment of playing. */
	CATALOG_FRESH_SONG,
};

struct catalog_query {
	enum catalog_ask ask;
	enum provider_id provider;
	enum media_kind kind;  /* CATALOG_SEARCH */
	struct external_id id; /* the rest */
	const char *text;      /* CATALOG_SEARCH; at least 2 characters */
	int64_t offset;
	int64_t limit;
};

/* `done` fires once on the worker's loop, never before this returned; ERR_NONE with a list
 * borrowed until it returns (media_list_ref to keep it), ERR_NOT_FOUND, ERR_TIMEOUT when
 * `deadline_ms` passed first, ERR_BUSY when the breaker is open or the rate window has no
 * place before the deadline, ERR_UNREACHABLE, ERR_PROTOCOL. */
struct catalog_call *catalog_get(struct catalog_worker *worker,
	const struct catalog_query *query, int64_t deadline_ms,
	void (*done)(void *arg, enum err err, struct media_list *list), void *arg);
void catalog_cancel(struct catalog_call *call);
/* The cached answer, a new reference, or NULL. Any thread. */
struct media_list *catalog_peek(struct catalog *catalog, const struct catalog_query *query);
/* Is it worth asking (breaker not open)? Any thread. */
bool catalog_is_up(struct catalog *catalog, enum provider_id provider);

/* Where the picture of `media` is, at about `size` pixels; false when it has none. The key
 * alone suffices, so that an image request needs no metadata. */
MUST_CHECK bool catalog_image_url(struct text *url, const struct catalog *catalog,
	const struct media *media, int size);

extern const struct metric_row catalog_metrics[];
extern const size_t catalog_metric_count;

#endif
