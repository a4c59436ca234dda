/* Track stream: the bytes of an external song, for one listener.
 *
 * A song's preview is opened when it is played: its address is asked for anew unless it is
 * still good, then the bytes come from the provider's CDN, range by range, with
 * back-pressure and an exact length. An address that is refused is renewed once. Nothing is
 * stored. Addresses never reach logs: they carry signatures.
 *
 * Belongs to the loop of its worker. A callback may pause, resume or cancel its own stream.
 */
#ifndef PROVIDERS_TRACK_STREAM_H
#define PROVIDERS_TRACK_STREAM_H

#include "providers/catalog.h"

struct track_streams; /* one per worker loop */
struct track_stream;

/* All borrowed; they outlive it. */
struct track_streams *track_streams_new(
	struct catalog_worker *catalog, struct http_client *client, struct loop *loop);
/* Cancels what runs. Accepts NULL. */
void track_streams_free(struct track_streams *streams);
struct loop *track_streams_loop(const struct track_streams *streams);

/* As in byte_range.h: the whole is { 0, -1 }. */
struct track_range {
	int64_t first;  /* -1: the last `last` bytes */
	int64_t last;   /* inclusive; -1: to the end */
	bool head_only; /* no bytes: on_ready, then on_done */
};

/* Borrowed until on_ready returns. */
struct track_head {
	int64_t total;            /* of the whole track */
	const char *content_type; /* "audio/mpeg" */
	/* The bytes that will come. Whether that is a 200 or a 206 depends on whether a
	 * range was asked for. */
	int64_t first, last;
	bool satisfiable; /* false: 416 with `total`; no bytes will come */
};

struct track_callbacks {
	/* At most once, before any data. */
	void (*on_ready)(void *arg, const struct track_head *head);
	/* Exactly last - first + 1 bytes in all, unless on_done tells of an error. */
	void (*on_data)(void *arg, const void *data, size_t size);
	/* Once, and the stream is gone after it. Before on_ready: ERR_NOT_FOUND (no such
	 * song, or it has no preview), ERR_DENIED, ERR_BUSY, ERR_TIMEOUT, ERR_UNREACHABLE,
	 * ERR_PROTOCOL, ERR_INVALID (no song). After it: ERR_NONE when every byte came,
	 * else the listener's transfer must be broken off. */
	void (*on_done)(void *arg, enum err err);
};

/* None of the callbacks fires before this has returned. At most 512 streams run per worker:
 * beyond, ERR_BUSY. */
struct track_stream *track_stream_open(struct track_streams *streams,
	const struct external_id *id, const struct track_range *range,
	const struct track_callbacks *callbacks, void *arg);
/* Back-pressure. A paused stream that waits for its first bytes still becomes ready. */
void track_stream_pause(struct track_stream *stream);
void track_stream_resume(struct track_stream *stream);
/* Silence. */
void track_stream_cancel(struct track_stream *stream);

#endif
