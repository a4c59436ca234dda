#include "providers/track_stream.h"

#include <string.h>

#include "core/clock.h"
#include "core/log.h"
#include "providers/track_download.h"
#include "providers/track_metrics.h"
#include "providers/track_offer.h"
#include "providers/track_probe.h"
#include "providers/track_reader.h"

enum {
	STREAM_MAGIC = 0x54524b53,
	MAX_STREAMS = 512,
	TURN_BYTES = 256 * 1024, /* to one listener, before others have their turn */
	COPIES_MOST = 4,         /* one after the other, where files are damaged */
	RETRY_AFTER_S = 5,
	SIZE_GOOD_MS = 15 * 60 * 1000, /* as long as the address of a preview */
};

struct track_streams {
	struct catalog_worker *catalog;
	struct http_client *client;
	struct loop *loop;
	struct track_shared shared;
	struct track_stream *streams;
	size_t count;
	struct track_download *downloads[MAX_STREAMS];
	size_t download_count;
};

/* Begins by timer; then it probes, or reads from a copy, or fetches past it. */
struct track_stream {
	unsigned magic;
	struct track_streams *streams;
	struct track_stream *next, *previous;
	struct track_kept_wish kept;
	struct track_range range;
	char if_range[TRACK_ETAG_SIZE]; /* "" : the range counts */
	struct track_callbacks callbacks;
	void *arg;
	struct timer timer;
	struct track_offer offer;
	struct track_probe *probe;
	struct track_copy *copy; /* a use of it */
	struct track_reader *reader;
	struct track_fetch *direct; /* past the copy */
	int copies;
	struct track_end end;       /* why it fails */
	struct track_format format; /* since it is ready */
	int64_t at, last;           /* the next byte to pass on, and the last one */
	bool entered;               /* the user's limit knows of it */
	bool ready;                 /* on_ready was called */
	bool paused;
	bool gone; /* cancelled or done: tells nothing any more */
};

/* ---- life ---- */

struct track_streams *
track_streams_new(struct catalog_worker *catalog, struct http_client *client,
	struct loop *loop, const struct track_shared *shared)
{
	struct track_streams *streams = xcalloc(1, sizeof *streams);

	streams->catalog = catalog;
	streams->client = client;
	streams->loop = loop;
	streams->shared = *shared;
	return streams;
}

void
track_streams_free(struct track_streams *streams)
{
	if (streams == NULL)
		return;
	while (streams->streams != NULL)
		track_stream_cancel(streams->streams);
	while (streams->download_count > 0)
		track_download_cancel(streams->downloads[--streams->download_count]);
	xfree(streams);
}

struct loop *
track_streams_loop(const struct track_streams *streams)
{
	return streams->loop;
}

static void
stream_free(void *arg)
{
	struct track_stream *stream = arg;

	stream->magic = 0;
	xfree(stream);
}

static void
leave_copy(struct track_stream *stream)
{
	track_reader_free(stream->reader);
	stream->reader = NULL;
	if (stream->copy != NULL)
		track_cache_give_back(stream->streams->shared.cache, stream->copy);
	stream->copy = NULL;
}

static void
stop_direct(struct track_stream *stream)
{
	if (stream->direct != NULL)
		track_fetch_cancel(stream->direct);
	stream->direct = NULL;
}

/* Out of the list, nothing under way; freed when the stack is unwound. */
static void
retire(struct track_stream *stream)
{
	struct track_streams *streams = stream->streams;

	stream->gone = true;
	timer_stop(&stream->timer);
	if (stream->probe != NULL)
		track_probe_cancel(stream->probe);
	stream->probe = NULL;
	stop_direct(stream);
	leave_copy(stream);
	if (stream->entered)
		track_limits_leave(streams->shared.limits, stream->kept.user_id,
			&stream->kept.wish.id);
	if (stream->previous != NULL)
		stream->previous->next = stream->next;
	else
		streams->streams = stream->next;
	if (stream->next != NULL)
		stream->next->previous = stream->previous;
	streams->count--;
	loop_later(streams->loop, stream_free, stream);
}

void
track_stream_cancel(struct track_stream *stream)
{
	retire(stream);
}

static void
finish(struct track_stream *stream, enum err err)
{
	char hex[EXTERNAL_ID_HEX];

	retire(stream);
	stream->end.err = err;
	if (err == ERR_BUSY && stream->end.retry_after_s == 0)
		stream->end.retry_after_s = RETRY_AFTER_S;
	if (err != ERR_NONE && stream->end.refusal == TRACK_ALLOWED) {
		if (!external_id_format(hex, &stream->kept.wish.id))
			copy_text(hex, sizeof hex, "unknown");
		metric_add(&track_metric_broken, 1);
		log_warn_limited("track_stream_failed", LOG_TEXT("item", hex),
			LOG_TEXT("err", err_name(err)),
			LOG_TEXT("after", stream->ready ? "ready" : "nothing"));
	}
	stream->callbacks.on_done(stream->arg, &stream->end);
}

/* ---- the head ---- */

/* Whoever shows the song may want its size before anybody plays it again. */
static void
remember_size(struct track_stream *stream)
{
	if (stream->format.quality == TRACK_PREVIEW)
		catalog_put_track_bytes(catalog_of(stream->streams->catalog),
			&stream->kept.wish.id, stream->format.size,
			clock_wall_ms() + SIZE_GOOD_MS);
}

/* Afterwards the stream may be gone. */
static void
tell_ready(struct track_stream *stream, const struct track_format *format)
{
	const struct track_head head = track_head_of(
		&stream->kept.wish.id, format, &stream->range, stream->if_range);

	stream->format = *format;
	stream->at = head.satisfiable ? head.first : 0;
	stream->last = head.satisfiable ? head.last : -1;
	stream->ready = true;
	remember_size(stream);
	stream->callbacks.on_ready(stream->arg, &head);
}

/* ---- bytes ---- */

static void
pass_on(struct track_stream *stream, const void *data, size_t size, struct metric *from)
{
	int64_t left = stream->last - stream->at + 1;

	if ((int64_t)size > left)
		size = (size_t)left;
	stream->at += (int64_t)size;
	metric_add(from, (int64_t)size);
	stream->callbacks.on_data(stream->arg, data, size);
}

/* ---- past the copy ---- */

static void
on_direct_head(void *arg, int64_t total, const struct track_format *format)
{
	(void)arg;
	(void)total; /* the fetch has compared it */
	(void)format;
}

static void
on_direct_data(void *arg, const void *data, size_t size)
{
	struct track_stream *stream = CAST(arg, STREAM_MAGIC);

	pass_on(stream, data, size, &track_metric_direct_bytes);
	if (stream->gone || stream->at > stream->last || stream->reader == NULL ||
		!track_reader_may(stream->reader, stream->at))
		return;
	/* The copy has come as far. */
	stop_direct(stream);
	track_reader_yield(stream->reader);
}

static void
on_direct_done(void *arg, enum err err)
{
	struct track_stream *stream = CAST(arg, STREAM_MAGIC);

	stream->direct = NULL;
	finish(stream, err);
}

static void
go_direct(struct track_stream *stream)
{
	static const struct track_fetch_callbacks callbacks = { on_direct_head,
		on_direct_data, on_direct_done };
	const struct track_fetch_part part = { stream->at, stream->last,
		stream->format.size };
	struct track_wish wish = stream->kept.wish;

	wish.qualities = TRACK_BIT(stream->format.quality);
	metric_add(&track_metric_direct, 1);
	stream->direct =
		track_fetch_start(&stream->offer.place, &wish, &part, &callbacks, stream);
}

/* ---- from the copy ---- */

static void attach(struct track_stream *stream);

static void
on_copy_failed(struct track_stream *stream, enum err err)
{
	/* The file was damaged, or the download given up: somebody else's bytes will do. */
	if (err == ERR_IO && ++stream->copies < COPIES_MOST) {
		leave_copy(stream);
		attach(stream);
		return;
	}
	finish(stream, err);
}

/* A step of what can go on at once. False: wait, or the stream has come to its end. */
static bool
step(struct track_stream *stream, size_t *budget)
{
	struct track_format format;
	struct track_part part;

	if (!stream->ready && track_copy_head(stream->copy, &format)) {
		tell_ready(stream, &format);
		return !stream->gone;
	}
	if (stream->ready && stream->at > stream->last) {
		finish(stream, ERR_NONE);
		return false;
	}
	if (stream->ready && stream->paused)
		return false;
	enum track_step next = track_reader_next(stream->reader, stream->at, &part);
	if (next == TRACK_STEP_FAILED) {
		on_copy_failed(stream, part.err);
		return false;
	}
	if (next == TRACK_STEP_WAIT)
		return false;
	if (!stream->ready) { /* the head has come in between */
		track_part_free(&part);
		return true;
	}
	if (next == TRACK_STEP_ELSEWHERE) {
		go_direct(stream);
		return false;
	}
	*budget -= part.size < *budget ? part.size : *budget;
	pass_on(stream, part.data, part.size,
		part.block != NULL ? &track_metric_memory_bytes : &track_metric_file_bytes);
	track_part_free(&part);
	return !stream->gone;
}

/* Of a copy that took the place of another one: is it the same song? */
static bool
is_same(struct track_stream *stream)
{
	struct track_format format;

	return !stream->ready || !track_copy_head(stream->copy, &format) ||
	       (format.size == stream->format.size &&
		       format.quality == stream->format.quality);
}

static void
on_wake(void *arg)
{
	struct track_stream *stream = CAST(arg, STREAM_MAGIC);
	size_t budget = TURN_BYTES;

	if (stream->direct != NULL)
		return;
	if (!is_same(stream)) {
		finish(stream, ERR_PROTOCOL);
		return;
	}
	while (step(stream, &budget)) {
		if (budget == 0) {
			track_reader_yield(stream->reader);
			return;
		}
	}
}

static void
on_download_ended(void *arg, struct track_download *download)
{
	struct track_streams *streams = arg;
	size_t i = 0;

	while (streams->downloads[i] != download)
		i++;
	streams->downloads[i] = streams->downloads[--streams->download_count];
}

static void
start_download(struct track_stream *stream)
{
	struct track_streams *streams = stream->streams;
	const struct track_download_options options = { .place = stream->offer.place,
		.cache = streams->shared.cache,
		.slots = streams->shared.slots,
		.account = stream->offer.want.key.account,
		.downloads = stream->offer.downloads,
		.ended = on_download_ended,
		.arg = streams };

	streams->downloads[streams->download_count++] =
		track_download_start(&options, &stream->kept.wish, stream->copy);
}

static bool
may_download(struct track_stream *stream)
{
	struct track_streams *streams = stream->streams;

	if (streams->download_count == MAX_STREAMS)
		return false;
	if ((stream->kept.wish.qualities & TRACK_ALL_FULL) == 0 ||
		track_limits_download(streams->shared.limits, stream->kept.user_id,
			&stream->kept.wish.id, &stream->end.retry_after_s))
		return true;
	stream->end.refusal = TRACK_TOO_MANY_DOWNLOADS;
	return false;
}

static void
attach(struct track_stream *stream)
{
	struct track_cache *cache = stream->streams->shared.cache;
	const struct track_want *want = &stream->offer.want;
	bool fresh;

	stream->copy = track_cache_take(cache, want, &fresh);
	if (fresh && !may_download(stream)) {
		track_cache_forget(cache, stream->copy);
		/* Who has come to it meanwhile tries for himself. */
		track_copy_end(stream->copy, ERR_IO);
		finish(stream, ERR_BUSY);
		return;
	}
	if (fresh)
		start_download(stream);
	stream->reader =
		track_reader_new(stream->copy, stream->streams->loop, on_wake, stream);
}

/* ---- the head alone ---- */

static void
tell_head_only(struct track_stream *stream, const struct track_format *format)
{
	tell_ready(stream, format);
	if (!stream->gone)
		finish(stream, ERR_NONE);
}

static void
on_probed(void *arg, enum err err, const struct track_format *format)
{
	struct track_stream *stream = CAST(arg, STREAM_MAGIC);

	stream->probe = NULL;
	if (err == ERR_NONE)
		tell_head_only(stream, format);
	else
		finish(stream, err);
}

static bool
is_known(struct track_stream *stream, struct track_format *format)
{
	const struct track_want *want = &stream->offer.want;
	bool preview = want->qualities == TRACK_BIT(TRACK_PREVIEW);

	if (track_cache_peek(stream->streams->shared.cache, want, format))
		return true;
	*format = track_format_of(TRACK_PREVIEW);
	if (preview)
		format->size = catalog_track_bytes(
			catalog_of(stream->streams->catalog), &stream->kept.wish.id);
	return preview && format->size > 0;
}

static void
look_at_head(struct track_stream *stream)
{
	struct track_format format;

	if (is_known(stream, &format))
		tell_head_only(stream, &format);
	else
		stream->probe = track_probe_start(
			&stream->offer.place, &stream->kept.wish, on_probed, stream);
}

/* ---- opening ---- */

static void
on_begin(void *arg)
{
	struct track_stream *stream = CAST(arg, STREAM_MAGIC);
	struct track_streams *streams = stream->streams;
	const struct track_place place = { .client = streams->client,
		.loop = streams->loop };
	enum err err = track_offer_find(
		&stream->offer, streams->catalog, &place, &stream->kept.wish);

	stream->kept.wish.qualities = stream->offer.want.qualities;
	if (err == ERR_NONE && streams->count > MAX_STREAMS)
		err = ERR_BUSY;
	if (err != ERR_NONE) {
		finish(stream, err);
		return;
	}
	if (stream->range.head_only) {
		look_at_head(stream);
		return;
	}
	stream->entered = track_limits_enter(
		streams->shared.limits, stream->kept.user_id, &stream->kept.wish.id);
	if (stream->entered) {
		attach(stream);
		return;
	}
	stream->end.refusal = TRACK_TOO_MANY_STREAMS;
	finish(stream, ERR_BUSY);
}

struct track_stream *
track_stream_open(struct track_streams *streams, const struct track_request *request,
	const struct track_callbacks *callbacks, void *arg)
{
	struct track_stream *stream = xcalloc(1, sizeof *stream);
	const struct track_wish wish = { .id = request->id,
		.listener = request->listener,
		.qualities = request->qualities };

	stream->magic = STREAM_MAGIC;
	stream->streams = streams;
	track_keep_wish(&stream->kept, &wish);
	stream->range = request->range;
	/* One that is too long is none of ours. */
	if (request->if_range != NULL &&
		(request->if_range[0] == '\0' ||
			!copy_text(stream->if_range, sizeof stream->if_range,
				request->if_range)))
		copy_text(stream->if_range, sizeof stream->if_range, "other");
	stream->callbacks = *callbacks;
	stream->arg = arg;
	timer_init(&stream->timer, streams->loop, on_begin, stream);
	timer_start(&stream->timer, 0);
	stream->next = streams->streams;
	if (streams->streams != NULL)
		streams->streams->previous = stream;
	streams->streams = stream;
	streams->count++;
	metric_add(&track_metric_streams, 1);
	return stream;
}

void
track_stream_pause(struct track_stream *stream)
{
	stream->paused = true;
	if (stream->direct != NULL)
		track_fetch_pause(stream->direct);
}

void
track_stream_resume(struct track_stream *stream)
{
	if (!stream->paused)
		return;
	stream->paused = false;
	if (stream->direct != NULL)
		track_fetch_resume(stream->direct);
	else if (stream->reader != NULL)
		track_reader_yield(stream->reader);
}
