/* Provider: a catalogue of music outside Jellyfin, behind one interface.
 *
 * providers/<name>/<name>.c fills the ops; providers/catalog asks them questions and
 * providers/track_stream opens songs with them. A provider has one shared part (addresses,
 * rate window, breaker, the accounts with their tokens: whatever workers share, behind its
 * own locks) and a seat on every worker's loop (its HTTP calls).
 *
 * Rules for every member that starts something: `done` fires exactly once on the seat's
 * loop, never before start has returned; cancel is silence and the pointer is dead; what is
 * given is copied; what `done` gets is borrowed until it returns, unless it says otherwise.
 * Every call ends by itself within 20 s. Secrets never reach a log, an error, a metric.
 */
#ifndef PROVIDERS_PROVIDER_H
#define PROVIDERS_PROVIDER_H

#include <jansson.h>

#include "core/http_client.h"
#include "core/loop.h"
#include "providers/catalog_query.h"
#include "providers/lyrics.h"
#include "providers/media.h"
#include "providers/track_source.h"

/* For whom: a Jellyfin user. "" when a pass of ours opened it and nobody is known. */
struct track_listener {
	const char *user_id; /* 32 lower-case hex */
	const char *user_name;
};

/* What a listener gets from a provider, known without asking anybody. */
struct provider_lane {
	track_quality_set
		qualities; /* may come; TRACK_PREVIEW among them or alone; 0: nothing */
	/* Names the account that pays, for limits; "" without one. No secret. */
	char account[33];
	int downloads; /* that account may run at a time; 0: no limit */
};

struct track_wish {
	struct external_id id; /* a song's */
	struct track_listener listener;
	track_quality_set qualities; /* the client can play; the best that comes is taken */
	bool anew; /* what was given last time has been refused or has expired */
};

struct provider_ops {
	enum provider_id id;

	/* ---- the shared part ---- */
	void (*free)(void *shared);
	/* Is it worth asking (breaker closed)? Any thread. */
	bool (*is_up)(void *shared);
	/* Any thread; takes no lock for long. */
	struct provider_lane (*lane)(void *shared, const struct track_listener *listener);
	/* Adds the address of a picture at about `size` pixels. `base` is media's
	 * image_base. Pure. */
	void (*image_url)(struct text *url, const char *base, int size);
	/* For /sidetrack/api/providers: {"name", "up", "lanes": [{"account", "full",
	 * "reason"}], …}. New. Any thread. */
	json_t *(*status)(void *shared);

	/* ---- a seat; loop and client are borrowed and outlive it ---- */
	void *(*seat_new)(void *shared, struct loop *loop, struct http_client *client);
	/* Cancels what runs. */
	void (*seat_free)(void *seat);

	/* One question of the catalogue. `parent`: the album of the tracks or the artist of
	 * the albums asked for (a list of one), else NULL. `patience_ms`: how long it may
	 * wait for its turn. ERR_NONE with a list that nobody else holds yet, which the
	 * catalog may still narrow; ERR_NOT_FOUND; ERR_BUSY; ERR_TIMEOUT;
	 * ERR_UNREACHABLE; ERR_DENIED; ERR_PROTOCOL; ERR_INVALID: it cannot be asked that.
	 */
	void *(*fetch_start)(void *seat, const struct catalog_query *query,
		struct media_list *parent, int64_t patience_ms,
		void (*done)(void *arg, enum err err, struct media_list *list), void *arg);
	void (*fetch_cancel)(void *fetch);

	/* Which forms a song has for that listener, sizes included where they can be known:
	 * ERR_NONE with at least one, else as open. NULL: not known before open. */
	void *(*formats_start)(void *seat, const struct track_wish *wish,
		void (*done)(void *arg, enum err err, const struct track_formats *formats),
		void *arg);
	void (*formats_cancel)(void *asking);

	/* Where a song's bytes are. `done` takes the source. ERR_NOT_FOUND: no such song,
	 * or nobody may play it here; ERR_DENIED: the account may not (plan, rights, a bad
	 * token or secret); ERR_INVALID: none of the wished qualities; ERR_BUSY,
	 * ERR_TIMEOUT, ERR_UNREACHABLE, ERR_PROTOCOL. */
	void *(*open_start)(void *seat, const struct track_wish *wish,
		void (*done)(void *arg, enum err err, struct track_source *take_source),
		void *arg);
	void (*open_cancel)(void *opening);

	/* ERR_NOT_FOUND: it has none. NULL: this provider has no lyrics. */
	void *(*lyrics_start)(void *seat, const struct track_wish *wish,
		void (*done)(void *arg, enum err err, const struct lyrics *lyrics),
		void *arg);
	void (*lyrics_cancel)(void *asking);
};

/* A provider that is set up. */
struct provider {
	const struct provider_ops *ops;
	void *shared;
};

enum { PROVIDERS_MOST = 2 };

/* In the order of preference. */
struct provider_list {
	struct provider of[PROVIDERS_MOST];
	size_t count;
};

/* NULL when it is not among them. */
const struct provider *provider_find(const struct provider_list *list, enum provider_id id);

#endif
