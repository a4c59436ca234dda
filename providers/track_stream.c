#include "providers/track_stream.h"

#include <stdio.h>
#include <string.h>

#include "core/log.h"
#include "core/loop.h"
#include "providers/byte_range.h"
#include "providers/metrics.h"

enum {
	STREAM_MAGIC = 0x54524b53,
	MAX_STREAMS = 512,
	SONG_MS = 8 * 1000,     /* to learn the address */
	SILENCE_MS = 15 * 1000, /* between bytes */
	CONNECT_MS = 5 * 1000,
	HTTP_OK = 200,
	HTTP_PARTIAL = 206,
	HTTP_METHOD_NOT_ALLOWED = 405,
	HTTP_UNSATISFIABLE = 416,
	HTTP_NOT_IMPLEMENTED = 501,
};

#define DEFAULT_TYPE "audio/mpeg"

struct track_streams {
	struct catalog_worker *catalog;
	struct http_client *client;
	struct loop *loop;
	struct track_stream *streams;
	size_t count;
};

/* Asks the catalog (call), then the CDN (http): one of the two runs at a time. The timer
 * stands in for them when the answer is known at once. */
struct track_stream {
	unsigned magic;
	struct track_streams *streams;
	struct track_stream *next, *previous;
	struct external_id id;
	struct track_range range;
	struct track_callbacks callbacks;
	void *arg;
	struct timer timer;
	struct catalog_call *call;
	struct http_call *http;
	struct media_list *song; /* whose address is used; a reference */
	int refused_status;      /* of the CDN's answer, when it is none we can use */
	enum err failure;
	int64_t known_total; /* remembered from before; 0: not */
	int64_t skip, left;  /* bytes to leave out, then to pass on */
	bool ready;          /* on_ready was called */
	bool renewed;        /* the address was asked for anew */
	bool probing;        /* the CDN knows no HEAD: a GET of one byte instead */
	bool paused;
	bool gone; /* cancelled or done: tells nothing any more */
};

/* ---- life ---- */

struct track_streams *
track_streams_new(
	struct catalog_worker *catalog, struct http_client *client, struct loop *loop)
{
	struct track_streams *streams = xcalloc(1, sizeof *streams);

	streams->catalog = catalog;
	streams->client = client;
	streams->loop = loop;
	return streams;
}

void
track_streams_free(struct track_streams *streams)
{
	if (streams == NULL)
		return;
	while (streams->streams != NULL)
		track_stream_cancel(streams->streams);
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
	media_list_unref(stream->song);
	xfree(stream);
}

/* Out of the list, nothing under way; freed when the stack is unwound. */
static void
retire(struct track_stream *stream)
{
	struct track_streams *streams = stream->streams;

	stream->gone = true;
	timer_stop(&stream->timer);
	if (stream->call != NULL)
		catalog_cancel(stream->call);
	if (stream->http != NULL)
		http_call_cancel(stream->http);
	stream->call = NULL;
	stream->http = NULL;
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
	if (err != ERR_NONE) {
		metric_add(&track_metric_failed, 1);
		if (!external_id_format(hex, &stream->id))
			copy_text(hex, sizeof hex, "unknown");
		log_warn_limited("track_failed", LOG_TEXT("item", hex),
			LOG_TEXT("err", err_name(err)),
			LOG_NUMBER("status", stream->refused_status),
			LOG_TEXT("after", stream->ready ? "ready" : "nothing"));
	}
	stream->callbacks.on_done(stream->arg, err);
}

/* ---- the CDN's head ---- */

static void
tell_ready(struct track_stream *stream, const char *type, int64_t total, int64_t first,
	int64_t last)
{
	struct track_head head = { .total = total,
		.content_type = type,
		.first = first,
		.last = last,
		.satisfiable = first >= 0 };

	stream->ready = true;
	stream->callbacks.on_ready(stream->arg, &head);
}

/* The type to pass on; NULL when what came is no sound (a page of a captive portal). */
static const char *
sound_type(const struct http_answer *answer)
{
	const char *type = http_answer_header(answer, "Content-Type");

	if (type == NULL ||
		slice_starts_with_ci(slice_of(type), "application/octet-stream") ||
		slice_starts_with_ci(slice_of(type), "binary/octet-stream"))
		return DEFAULT_TYPE;
	return slice_starts_with_ci(slice_of(type), "audio/") ? type : NULL;
}

/* What the CDN's answer says of the whole: total, and which bytes it brings. */
static bool
read_extent(const struct http_answer *answer, int64_t *total, int64_t *first, int64_t *last)
{
	if (answer->status == HTTP_OK) {
		*total = answer->content_length;
		*first = 0;
		*last = *total - 1;
		return *total > 0;
	}
	return content_range_parse(
		       http_answer_header(answer, "Content-Range"), first, last, total) &&
	       *total > 0;
}

static bool
fail(struct track_stream *stream, enum err err)
{
	stream->failure = err;
	return false;
}

static void
remember_size(struct track_stream *stream, int64_t total)
{
	catalog_put_track_bytes(catalog_of(stream->streams->catalog), &stream->id, total,
		stream->song->items[0].preview_expires_ms);
}

/* Whether the call goes on: false ends it, and on_http_done looks at why. */
static bool
on_http_head(void *arg, const struct http_answer *answer)
{
	struct track_stream *stream = CAST(arg, STREAM_MAGIC);
	struct byte_range wanted = { true, stream->range.first, stream->range.last };
	const char *type = sound_type(answer);
	int64_t total, has_first, has_last, first, last;
	int status = answer->status;

	if (status != HTTP_OK && status != HTTP_PARTIAL && status != HTTP_UNSATISFIABLE) {
		stream->refused_status = status;
		return false;
	}
	if (!read_extent(answer, &total, &has_first, &has_last)) {
		/* Some answer HEAD without a length. */
		if (stream->range.head_only && !stream->probing)
			stream->refused_status = HTTP_METHOD_NOT_ALLOWED;
		return fail(stream, ERR_PROTOCOL);
	}
	remember_size(stream, total);
	enum byte_range_fit fit = byte_range_fit(&wanted, total, &first, &last);
	if (fit == BYTE_RANGE_UNSATISFIABLE) {
		tell_ready(stream, DEFAULT_TYPE, total, -1, -1);
		return false;
	}
	if (status == HTTP_UNSATISFIABLE || type == NULL)
		return fail(stream, ERR_PROTOCOL);
	bool enough = has_first <= first && has_last >= last;
	if (!enough && !stream->range.head_only)
		return fail(stream, ERR_PROTOCOL);
	stream->skip = first - has_first;
	stream->left = stream->range.head_only ? 0 : last - first + 1;
	tell_ready(stream, type, total, first, last);
	if (stream->gone || stream->probing)
		return false;
	if (stream->paused)
		http_call_pause(stream->http);
	return true;
}

/* ---- the CDN's bytes ---- */

static bool
on_http_data(void *arg, const void *data, size_t size)
{
	struct track_stream *stream = CAST(arg, STREAM_MAGIC);
	const char *bytes = data;

	if (stream->skip > 0) {
		size_t skipped = (int64_t)size < stream->skip ? size : (size_t)stream->skip;
		stream->skip -= (int64_t)skipped;
		bytes += skipped;
		size -= skipped;
	}
	/* A CDN that ignored the range sends more than was asked for. */
	bool surplus = (int64_t)size > stream->left;
	if (surplus)
		size = (size_t)stream->left;
	if (size > 0) {
		stream->left -= (int64_t)size;
		metric_add(&track_metric_bytes, (int64_t)size);
		stream->callbacks.on_data(stream->arg, bytes, size);
	}
	return !stream->gone && !surplus;
}

static enum err
err_of_status(int status)
{
	if (status == 404 || status == 410)
		return ERR_NOT_FOUND;
	if (status == 401 || status == 403)
		return ERR_DENIED;
	if (status == 429 || status == 503)
		return ERR_BUSY;
	return status >= 500 ? ERR_UNREACHABLE : ERR_PROTOCOL;
}

/* An address that was good once and is refused has expired or was withdrawn. */
static bool
may_renew(const struct track_stream *stream)
{
	enum err err = err_of_status(stream->refused_status);

	return !stream->renewed && (err == ERR_DENIED || err == ERR_NOT_FOUND);
}

static bool
may_probe(const struct track_stream *stream)
{
	return stream->range.head_only && !stream->probing &&
	       (stream->refused_status == HTTP_METHOD_NOT_ALLOWED ||
		       stream->refused_status == HTTP_NOT_IMPLEMENTED);
}

static void start_http(struct track_stream *stream);
static void ask_song(struct track_stream *stream, bool anew);

static void
on_http_done(void *arg, const struct http_answer *answer)
{
	struct track_stream *stream = CAST(arg, STREAM_MAGIC);

	stream->http = NULL;
	if (stream->ready) {
		enum err err = answer->err != ERR_NONE ? answer->err : ERR_UNREACHABLE;
		finish(stream, stream->left == 0 ? ERR_NONE : err);
	} else if (may_probe(stream)) {
		stream->probing = true;
		start_http(stream);
	} else if (stream->failure != ERR_NONE) {
		finish(stream, stream->failure);
	} else if (stream->refused_status == 0) {
		finish(stream, answer->err != ERR_NONE ? answer->err : ERR_PROTOCOL);
	} else if (may_renew(stream)) {
		stream->renewed = true;
		metric_add(&track_metric_renewed, 1);
		ask_song(stream, true);
	} else {
		finish(stream, err_of_status(stream->refused_status));
	}
}

/* "Range: bytes=…"; false when the whole is wanted. */
static bool
format_range(char *line, size_t size, const struct track_stream *stream)
{
	const struct track_range *range = &stream->range;

	if (stream->probing)
		snprintf(line, size, "Range: bytes=0-0");
	else if (range->head_only || (range->first == 0 && range->last < 0))
		return false;
	else if (range->first < 0)
		snprintf(line, size, "Range: bytes=-%lld", (long long)range->last);
	else if (range->last < 0)
		snprintf(line, size, "Range: bytes=%lld-", (long long)range->first);
	else
		snprintf(line, size, "Range: bytes=%lld-%lld", (long long)range->first,
			(long long)range->last);
	return true;
}

static void
start_http(struct track_stream *stream)
{
	char line[64];
	const char *headers[] = { "Accept-Encoding: identity", NULL, NULL };
	bool head = stream->range.head_only && !stream->probing;

	stream->refused_status = 0;
	stream->failure = ERR_NONE;
	if (format_range(line, sizeof line, stream))
		headers[1] = line;
	struct http_call_request request = { .method = head ? "HEAD" : "GET",
		.url = stream->song->items[0].preview_url,
		.headers = headers,
		.timeout_ms = SILENCE_MS,
		.connect_timeout_ms = CONNECT_MS,
		.follow = true,
		.on_head = on_http_head,
		.on_data = on_http_data };
	stream->http =
		http_client_start(stream->streams->client, &request, on_http_done, stream);
}

/* ---- the song's address ---- */

static void
on_song(void *arg, enum err err, struct media_list *list)
{
	struct track_stream *stream = CAST(arg, STREAM_MAGIC);

	stream->call = NULL;
	if (err == ERR_NONE && list->items[0].preview_url == NULL)
		err = ERR_NOT_FOUND;
	if (err != ERR_NONE) {
		finish(stream, err);
		return;
	}
	media_list_unref(stream->song);
	stream->song = media_list_ref(list);
	start_http(stream);
}

static void
ask_song(struct track_stream *stream, bool anew)
{
	const struct catalog_query query = { .ask = CATALOG_FRESH_SONG,
		.provider = stream->id.provider,
		.id = stream->id,
		.anew = anew };

	stream->call =
		catalog_get(stream->streams->catalog, &query, SONG_MS, on_song, stream);
}

/* ---- opening ---- */

/* What could be told from within open, but must not. */
static void
on_timer(void *arg)
{
	struct track_stream *stream = CAST(arg, STREAM_MAGIC);
	struct byte_range wanted = { true, stream->range.first, stream->range.last };
	int64_t total = stream->known_total, first, last;

	if (stream->failure != ERR_NONE) {
		finish(stream, stream->failure);
		return;
	}
	if (byte_range_fit(&wanted, total, &first, &last) == BYTE_RANGE_UNSATISFIABLE)
		first = last = -1;
	tell_ready(stream, DEFAULT_TYPE, total, first, last);
	if (!stream->gone)
		finish(stream, ERR_NONE);
}

struct track_stream *
track_stream_open(struct track_streams *streams, const struct external_id *id,
	const struct track_range *range, const struct track_callbacks *callbacks, void *arg)
{
	struct track_stream *stream = xcalloc(1, sizeof *stream);

	stream->magic = STREAM_MAGIC;
	stream->streams = streams;
	stream->id = *id;
	stream->range = *range;
	stream->callbacks = *callbacks;
	stream->arg = arg;
	timer_init(&stream->timer, streams->loop, on_timer, stream);
	stream->next = streams->streams;
	if (streams->streams != NULL)
		streams->streams->previous = stream;
	streams->streams = stream;
	metric_add(&track_metric_streams, 1);
	if (id->kind != MEDIA_SONG)
		stream->failure = ERR_INVALID;
	else if (streams->count == MAX_STREAMS)
		stream->failure = ERR_BUSY;
	streams->count++;
	if (range->head_only)
		stream->known_total = catalog_track_bytes(catalog_of(streams->catalog), id);
	if (stream->known_total > 0 || stream->failure != ERR_NONE)
		timer_start(&stream->timer, 0);
	else
		ask_song(stream, false);
	return stream;
}

void
track_stream_pause(struct track_stream *stream)
{
	stream->paused = true;
	/* Before the head there is nothing to hold back yet. */
	if (stream->http != NULL && stream->ready)
		http_call_pause(stream->http);
}

void
track_stream_resume(struct track_stream *stream)
{
	stream->paused = false;
	if (stream->http != NULL && stream->ready)
		http_call_resume(stream->http);
}
