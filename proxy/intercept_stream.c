#include "proxy/intercept_stream.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "core/http_answer.h"
#include "core/log.h"
#include "core/loop.h"
#include "providers/byte_range.h"
#include "providers/download_name.h"
#include "providers/track_stream.h"
#include "proxy/gather.h"
#include "proxy/intercept_list.h"

enum {
	STREAMING_MAGIC = 0x57ea3001,
	HEADERS_MOST = 6,
	NAME_MS = 2000, /* how long a download waits for its name */
};

/* A stream under way. On the heap: it outlives the exchange by a turn. */
struct streaming {
	unsigned magic;
	struct front_worker *worker;
	struct external_id id;
	struct track_range range;
	enum play_route route;
	const char *extension; /* of the path, in the arena; NULL: none */
	bool download;
	struct gather_item song; /* of a download: what it is called */
	/* What the client can play of what its listener may get. */
	track_quality_set accepted;
	struct track_stream *stream; /* NULL before it is opened and once it is done */
	/* One of the two: before the head the intercept has the exchange, then we do. */
	struct intercept *intercept;
	struct exchange *exchange;
	size_t hold;
	struct running_stream running;
};

static void
streaming_end(struct streaming *streaming)
{
	if (streaming->stream != NULL)
		track_stream_cancel(streaming->stream);
	streaming->stream = NULL;
	running_streams_remove(
		streaming->worker->services->running_streams, &streaming->running);
	loop_later(streaming->worker->loop, xfree, streaming);
}

/* The client left, or the intercept has answered something else. */
static void
on_job_end(void *operation)
{
	streaming_end(CAST(operation, STREAMING_MAGIC));
}

/* ---- the bytes ---- */

static void
on_gone(void *arg)
{
	streaming_end(CAST(arg, STREAMING_MAGIC));
}

static void
on_drained(void *arg)
{
	struct streaming *streaming = CAST(arg, STREAMING_MAGIC);

	if (streaming->stream != NULL)
		track_stream_resume(streaming->stream);
}

static const struct exchange_owner owner = { .gone = on_gone, .drained = on_drained };

static size_t
stream_headers(const struct streaming *streaming, const struct track_head *head, int status,
	const char *disposition, struct http_header headers[HEADERS_MOST], char *range,
	size_t range_size)
{
	size_t count = 0;

	headers[count++] = (struct http_header){ "Accept-Ranges", "bytes" };
	headers[count++] = (struct http_header){ "Content-Type", head->content_type };
	headers[count++] = (struct http_header){ "ETag", head->etag };
	if (status == 206)
		snprintf(range, range_size, "bytes %" PRId64 "-%" PRId64 "/%" PRId64,
			head->first, head->last, head->format.size);
	else
		snprintf(range, range_size, "bytes */%" PRId64, head->format.size);
	if (status != 200)
		headers[count++] = (struct http_header){ "Content-Range", range };
	if (disposition != NULL)
		headers[count++] =
			(struct http_header){ "Content-Disposition", disposition };
	return intercept_add_cors(streaming->exchange, headers, count);
}

/* In the exchange's arena, since the song is gone with the job; NULL: no download. */
static const char *
disposition_of(const struct streaming *streaming, enum track_quality quality)
{
	const struct media_list *list = streaming->song.list;
	struct text header;

	if (!streaming->download)
		return NULL;
	text_init(&header);
	download_name_add(&header, list == NULL ? NULL : &list->items[0], quality);
	const char *copy = arena_strdup(intercept_arena(streaming->intercept), header.data);
	text_fini(&header);
	return copy;
}

static void
on_ready(void *arg, const struct track_head *head)
{
	struct streaming *streaming = CAST(arg, STREAMING_MAGIC);
	int status = !head->satisfiable ? 416 : head->is_part ? 206 : 200;
	int64_t length = head->satisfiable ? head->last - head->first + 1 : 0;
	struct http_header headers[HEADERS_MOST];
	char range[80];
	const char *disposition = disposition_of(streaming, head->format.quality);

	http_job_release(streaming->intercept->job, streaming->hold);
	streaming->exchange = http_job_take(streaming->intercept->job);
	streaming->intercept = NULL;
	exchange_own(streaming->exchange, &owner, streaming);
	size_t count = stream_headers(
		streaming, head, status, disposition, headers, range, sizeof range);
	exchange_begin(streaming->exchange, status, headers, count, length);
}

static void
on_data(void *arg, const void *data, size_t size)
{
	struct streaming *streaming = CAST(arg, STREAMING_MAGIC);

	exchange_write(streaming->exchange, data, size);
	if (exchange_is_full(streaming->exchange))
		track_stream_pause(streaming->stream);
}

/* What a stream that never began means to a client. */
struct told {
	int status;
	const char *code;
	const char *message;
};

static struct told
told_of(const struct track_end *end)
{
	if (end->refusal == TRACK_TOO_MANY_STREAMS)
		return (struct told){ 429, "too_many_streams",
			"You listen to as many songs at once as you may." };
	if (end->refusal == TRACK_TOO_MANY_DOWNLOADS)
		return (struct told){ 429, "too_many_downloads",
			"You have had as many new songs today as you may." };
	if (end->err == ERR_BUSY)
		return (struct told){ 503, "provider_busy",
			"The music provider or its account is busy. Try again shortly." };
	if (end->err == ERR_DENIED)
		return (struct told){ 403, "provider_denied",
			"The music provider does not give this song to the account that is "
			"set up here, or the account's settings are wrong." };
	return (struct told){ 406, "no_compatible_stream",
		"This song does not come in any form that the player can play." };
}

static void
reply_end(struct intercept *intercept, const struct track_end *end)
{
	struct told told = told_of(end);
	char retry_after[24];
	size_t size;

	if (end->err != ERR_BUSY && end->err != ERR_DENIED && end->err != ERR_INVALID) {
		intercept_reply_err(intercept, end->err);
		return;
	}
	snprintf(retry_after, sizeof retry_after, "%" PRId64, end->retry_after_s);
	const struct http_header headers[] = { { "Content-Type", "application/json" },
		{ "Retry-After", retry_after } };
	char *body = http_error_json(told.code, told.message, &size);
	exchange_reply_with(http_job_take(intercept->job), told.status, headers,
		end->retry_after_s > 0 ? 2 : 1, body, size);
	xfree(body);
}

static void
on_done(void *arg, const struct track_end *end)
{
	struct streaming *streaming = CAST(arg, STREAMING_MAGIC);

	streaming->stream = NULL;
	if (streaming->intercept != NULL) {
		/* Ends the job, which ends us. */
		reply_end(streaming->intercept, end);
		return;
	}
	if (end->err == ERR_NONE) {
		exchange_finish(streaming->exchange, false);
	} else {
		log_warn_limited("stream_broken_off", LOG_TEXT("err", err_name(end->err)),
			LOG_NUMBER("exchange", exchange_id(streaming->exchange)));
		exchange_abort(streaming->exchange, false);
	}
	streaming_end(streaming);
}

static const struct track_callbacks callbacks = { on_ready, on_data, on_done };

/* ---- who may ---- */

/* Somebody else has stopped it. */
static void
on_cut(void *arg)
{
	struct streaming *streaming = CAST(arg, STREAMING_MAGIC);

	if (streaming->intercept != NULL) {
		intercept_play_refuse_stopped(
			streaming->intercept); /* ends the job, which ends us */
		return;
	}
	exchange_abort(streaming->exchange, true);
	streaming_end(streaming);
}

/* False: it was stopped. */
static bool
register_stream(struct streaming *streaming)
{
	struct intercept *intercept = streaming->intercept;
	struct play_session_key key = { 0 };
	char hex[EXTERNAL_ID_HEX];

	if (!external_id_format(hex, &streaming->id))
		return true;
	if (intercept->caller != NULL)
		key = caller_session_key(intercept->caller);
	struct running_what what = { .key = &key,
		.item_id = hex,
		.play_session_id = query_get(
			exchange_query(intercept_exchange(intercept)), "PlaySessionId") };
	return running_streams_add(streaming->worker->services->running_streams,
		&streaming->running, streaming->worker->loop, &what, on_cut, streaming);
}

static void
open_stream(struct intercept *intercept)
{
	struct streaming *streaming = intercept->state;

	const struct play_choice choice = intercept_play_choose(
		intercept, &streaming->id, streaming->route, streaming->extension);
	streaming->accepted = choice.qualities;
	if (choice.way == PLAY_MP3_SEGMENTS)
		intercept_list_reply_master(intercept, &streaming->id, &choice);
	if (choice.way == PLAY_NOT || choice.way == PLAY_MP3_SEGMENTS)
		return;
	if (!register_stream(streaming)) {
		intercept_play_refuse_stopped(intercept);
		return;
	}
	const struct track_request request = { .id = streaming->id,
		.listener = intercept_listener(intercept),
		.qualities = streaming->accepted,
		.range = streaming->range,
		.if_range = exchange_header(intercept_exchange(intercept), "If-Range") };
	streaming->stream = track_stream_open(
		intercept->worker->streams, &request, &callbacks, streaming);
}

static void
on_named(void *arg)
{
	struct streaming *streaming = arg;

	open_stream(streaming->intercept);
}

/* A download wants a name; one that cannot be found out in time keeps nobody waiting. */
static void
open_download(struct intercept *intercept)
{
	struct streaming *streaming = intercept->state;

	if (!intercept->caller->facts.downloading) {
		intercept_reply_status(intercept, 403);
		return;
	}
	streaming->song.query = (struct catalog_query){
		.ask = CATALOG_ITEM, .provider = streaming->id.provider, .id = streaming->id
	};
	gather_start(intercept, &streaming->song, 1, NAME_MS, on_named, streaming);
}

static void
read_range(struct streaming *streaming, struct exchange *exchange)
{
	struct byte_range range = byte_range_parse(exchange_header(exchange, "Range"));

	streaming->range = (struct track_range){
		.first = range.first,
		.last = range.last,
		.head_only = exchange_request(exchange)->method == HTTP_HEAD,
		.asked = range.asked,
	};
}

static bool
start(struct front_worker *worker, struct exchange *exchange,
	const struct route_match *match, enum play_route route, const char *extension,
	bool download)
{
	struct external_id id;

	if (!intercept_external_id(&id, match, "id"))
		return false;
	struct streaming *streaming = xcalloc(1, sizeof *streaming);
	streaming->magic = STREAMING_MAGIC;
	streaming->worker = worker;
	streaming->id = id;
	streaming->route = route;
	streaming->extension = extension;
	streaming->download = download;
	read_range(streaming, exchange);
	streaming->intercept = intercept_start(worker, exchange, match);
	streaming->intercept->state = streaming;
	streaming->hold = http_job_hold(streaming->intercept->job, on_job_end, streaming);
	/* A pass is no right to download. */
	if (download)
		intercept_guard_only(streaming->intercept, open_download, NULL);
	else
		intercept_play_guard(streaming->intercept, &streaming->id, open_stream);
	return true;
}

bool
intercept_stream(struct front_worker *worker, struct exchange *exchange,
	const struct route_match *match)
{
	return start(worker, exchange, match, PLAY_ROUTE_STREAM, NULL, false);
}

bool
intercept_stream_as(struct front_worker *worker, struct exchange *exchange,
	const struct route_match *match)
{
	const char *extension = route_value(match, "ext");

	return start(worker, exchange, match, PLAY_ROUTE_STREAM, extension, false);
}

bool
intercept_universal(struct front_worker *worker, struct exchange *exchange,
	const struct route_match *match)
{
	return start(worker, exchange, match, PLAY_ROUTE_UNIVERSAL, NULL, false);
}

bool
intercept_file(struct front_worker *worker, struct exchange *exchange,
	const struct route_match *match)
{
	return start(worker, exchange, match, PLAY_ROUTE_FILE, NULL, false);
}

bool
intercept_download(struct front_worker *worker, struct exchange *exchange,
	const struct route_match *match)
{
	return start(worker, exchange, match, PLAY_ROUTE_FILE, NULL, true);
}
