#include "proxy/intercept_stream.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "core/log.h"
#include "core/loop.h"
#include "providers/byte_range.h"
#include "providers/catalog_alternative.h"
#include "providers/download_name.h"
#include "providers/metrics.h"
#include "providers/track_stream.h"
#include "proxy/gather.h"
#include "proxy/intercept_list.h"

enum {
	STREAMING_MAGIC = 0x57ea3001,
	HEADERS_MOST = 6,
	NAME_MS = 2000,      /* how long a download waits for its name */
	ELSEWHERE_MS = 5000, /* to find a song in the place of another */
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
	struct external_id played;   /* `id`, or what is played in its place */
	struct track_stream *stream; /* NULL before it is opened and once it is done */
	struct catalog_alternative *search; /* for something in its place */
	struct track_end failure;           /* why */
	bool went_elsewhere;
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
	if (streaming->search != NULL)
		catalog_alternative_cancel(streaming->search);
	streaming->search = NULL;
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

/* Once, and only from the start on: the bytes of two providers do not fit together. */
static bool
may_go_elsewhere(const struct streaming *streaming, const struct track_end *end)
{
	struct exchange *exchange = intercept_exchange(streaming->intercept);

	return !streaming->went_elsewhere && end->err != ERR_INVALID &&
	       end->refusal == TRACK_ALLOWED && streaming->range.first == 0 &&
	       exchange_header(exchange, "If-Range") == NULL;
}

static void go_elsewhere(struct streaming *streaming, const struct track_end *end);

static void
on_done(void *arg, const struct track_end *end)
{
	struct streaming *streaming = CAST(arg, STREAMING_MAGIC);

	streaming->stream = NULL;
	if (streaming->intercept != NULL && may_go_elsewhere(streaming, end)) {
		go_elsewhere(streaming, end);
		return;
	}
	if (streaming->intercept != NULL) {
		/* Ends the job, which ends us. */
		intercept_play_reply_end(streaming->intercept, end);
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

static void
open_played(struct streaming *streaming)
{
	struct intercept *intercept = streaming->intercept;
	const struct track_request request = { .id = streaming->played,
		.listener = intercept_listener(intercept),
		.qualities = streaming->accepted,
		.range = streaming->range,
		.if_range = exchange_header(intercept_exchange(intercept), "If-Range") };

	streaming->stream = track_stream_open(
		intercept->worker->streams, &request, &callbacks, streaming);
}

/* ---- another provider in its place ---- */

/* A preview is no substitute for a song, nor a song for a preview. */
static track_quality_set
of_one_kind(track_quality_set qualities)
{
	return (qualities & TRACK_ALL_FULL) != 0 ? TRACK_ALL_FULL
						 : TRACK_BIT(TRACK_PREVIEW);
}

/* Opens another song in the place of the one that failed. False: that cannot come either,
 * and the intercept has been answered. */
static bool
play_instead(struct streaming *streaming, const struct external_id *song)
{
	struct intercept *intercept = streaming->intercept;
	track_quality_set kind = of_one_kind(streaming->accepted);
	const struct play_choice choice = intercept_play_choose(
		intercept, song, streaming->route, streaming->extension);

	if (choice.way == PLAY_NOT)
		return false;
	streaming->accepted = choice.qualities & kind;
	if (choice.way == PLAY_MP3_SEGMENTS || streaming->accepted == 0) {
		intercept_play_reply_end(intercept, &streaming->failure);
		return false;
	}
	streaming->played = *song;
	open_played(streaming);
	return true;
}

static void
on_elsewhere(void *arg, enum err err, const struct external_id *song)
{
	struct streaming *streaming = CAST(arg, STREAMING_MAGIC);
	struct intercept *intercept = streaming->intercept;
	const struct track_listener listener = intercept_listener(intercept);

	streaming->search = NULL;
	if (err != ERR_NONE) {
		intercept_play_reply_end(intercept, &streaming->failure);
		return;
	}
	if (!play_instead(streaming, song))
		return;
	substitutes_put(
		intercept->worker->services->substitutes, &listener, &streaming->id, song);
	metric_add(&catalog_metric_substituted, 1);
	log_info("song_substituted",
		LOG_TEXT("provider", provider_name(streaming->id.provider)),
		LOG_TEXT("by", provider_name(song->provider)),
		LOG_TEXT("err", err_name(streaming->failure.err)),
		LOG_NUMBER("exchange", exchange_id(intercept_exchange(intercept))));
}

/* Where a substitute failed, its original is well again perhaps. */
static void
go_elsewhere(struct streaming *streaming, const struct track_end *end)
{
	struct intercept *intercept = streaming->intercept;
	const struct track_listener listener = intercept_listener(intercept);

	streaming->went_elsewhere = true;
	streaming->failure = *end;
	if (external_id_equal(&streaming->played, &streaming->id)) {
		streaming->search = catalog_alternative_find(intercept->worker->catalog,
			&streaming->id, &listener, of_one_kind(streaming->accepted),
			ELSEWHERE_MS, on_elsewhere, streaming);
		return;
	}
	substitutes_forget(
		intercept->worker->services->substitutes, &listener, &streaming->id);
	(void)play_instead(streaming, &streaming->id);
}

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

/* What was begun as another provider's song goes on as that. */
static void
find_played(struct streaming *streaming)
{
	const struct track_listener listener = intercept_listener(streaming->intercept);

	streaming->played = streaming->id;
	substitutes_get(
		streaming->worker->services->substitutes, &listener, &streaming->played);
}

/* Segments are always the song's own: their addresses name it. */
static struct play_choice
choose_played(struct streaming *streaming)
{
	struct intercept *intercept = streaming->intercept;
	struct play_choice choice = intercept_play_choose(
		intercept, &streaming->played, streaming->route, streaming->extension);

	if (choice.way == PLAY_MP3_SEGMENTS &&
		!external_id_equal(&streaming->played, &streaming->id)) {
		streaming->played = streaming->id;
		choice = intercept_play_choose(
			intercept, &streaming->id, streaming->route, streaming->extension);
	}
	return choice;
}

static const struct track_end given_nothing = { .err = ERR_NOT_FOUND };

/* Its provider gives this listener nothing, as one that has metadata only: another may. */
static bool
begins_elsewhere(const struct streaming *streaming)
{
	return external_id_equal(&streaming->played, &streaming->id) &&
	       intercept_offered(streaming->intercept, streaming->id.provider) == 0 &&
	       may_go_elsewhere(streaming, &given_nothing);
}

static void
open_stream(struct intercept *intercept)
{
	struct streaming *streaming = intercept->state;

	find_played(streaming);
	if (begins_elsewhere(streaming)) {
		streaming->accepted = TRACK_ALL_FULL;
		if (register_stream(streaming))
			go_elsewhere(streaming, &given_nothing);
		else
			intercept_play_refuse_stopped(intercept);
		return;
	}
	const struct play_choice choice = choose_played(streaming);
	streaming->accepted = choice.qualities;
	if (choice.way == PLAY_MP3_SEGMENTS)
		intercept_list_reply_master(intercept, &streaming->id, &choice);
	if (choice.way == PLAY_NOT || choice.way == PLAY_MP3_SEGMENTS)
		return;
	if (!register_stream(streaming)) {
		intercept_play_refuse_stopped(intercept);
		return;
	}
	open_played(streaming);
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
