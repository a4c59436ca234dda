/* Track stream: the bytes of an external song, for one request of one listener.
 *
 * They come from the file on the disk, else from the download that somebody's listening has
 * begun, else from one that this begins (providers/track_cache, track_download); bytes that
 * are not there yet and not near either are fetched from the source meanwhile, past the
 * cache. The first ones go out as soon as the source gives them; a slow listener delays
 * nobody but himself. A song whose copy turns out to be damaged is fetched anew at the
 * byte. Addresses never reach logs: they carry signatures.
 *
 * Belongs to the loop of its worker. A callback may pause, resume or cancel its own stream.
 */
#ifndef PROVIDERS_TRACK_STREAM_H
#define PROVIDERS_TRACK_STREAM_H

#include "providers/catalog.h"
#include "providers/track_cache.h"
#include "providers/track_head.h"
#include "providers/track_limits.h"
#include "providers/track_slots.h"

struct track_streams; /* one per worker loop */
struct track_stream;

/* What the workers share; outlives them. */
struct track_shared {
	struct track_cache *cache;
	struct track_slots *slots;
	struct track_limits *limits;
};

/* All borrowed; they outlive it. */
struct track_streams *track_streams_new(struct catalog_worker *catalog,
	struct http_client *client, struct loop *loop, const struct track_shared *shared);
/* Cancels what runs, downloads included. Accepts NULL. */
void track_streams_free(struct track_streams *streams);
struct loop *track_streams_loop(const struct track_streams *streams);

/* Copied. */
struct track_request {
	struct external_id id; /* a song's */
	struct track_listener listener;
	track_quality_set qualities; /* that the client can play; the best that comes */
	struct track_range range;
	/* The range counts only if this is the song's ETag (If-Range); NULL: it counts. */
	const char *if_range;
};

enum track_refusal {
	TRACK_ALLOWED,
	TRACK_TOO_MANY_STREAMS,   /* of the user, just now */
	TRACK_TOO_MANY_DOWNLOADS, /* of the user, in a day */
};

struct track_end {
	enum err err;
	enum track_refusal refusal; /* a limit: err is ERR_BUSY */
	int64_t retry_after_s;      /* with ERR_BUSY */
};

struct track_callbacks {
	/* At most once, before any data. */
	void (*on_ready)(void *arg, const struct track_head *head);
	/* Exactly last - first + 1 bytes in all, unless on_done tells of an error. */
	void (*on_data)(void *arg, const void *data, size_t size);
	/* Once, and the stream is gone after it. Before on_ready: ERR_NOT_FOUND (no such
	 * song, or nobody may play it here), ERR_DENIED (the account may not, or its secret
	 * is wrong), ERR_INVALID (no song, or none of the qualities can come), ERR_BUSY,
	 * ERR_TIMEOUT, ERR_UNREACHABLE, ERR_PROTOCOL. After it: ERR_NONE when every byte
	 * came, else the listener's transfer must be broken off. */
	void (*on_done)(void *arg, const struct track_end *end);
};

/* None of the callbacks fires before this has returned. At most 512 streams run per worker:
 * beyond, ERR_BUSY. */
struct track_stream *track_stream_open(struct track_streams *streams,
	const struct track_request *request, const struct track_callbacks *callbacks,
	void *arg);
/* Back-pressure. A paused stream that waits for its first bytes still becomes ready. */
void track_stream_pause(struct track_stream *stream);
void track_stream_resume(struct track_stream *stream);
/* Silence. */
void track_stream_cancel(struct track_stream *stream);

#endif
