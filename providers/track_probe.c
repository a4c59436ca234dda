#include "providers/track_probe.h"

#include "providers/track_answer.h"
#include "providers/track_metrics.h"

enum {
	PROBE_MAGIC = 0x54524b50,
	ANSWER_MS = 8 * 1000,
	CONNECT_MS = 5 * 1000,
	HTTP_OK = 200,
	HTTP_PARTIAL = 206,
	HTTP_METHOD_NOT_ALLOWED = 405,
	HTTP_NOT_IMPLEMENTED = 501,
};

/* Asks for formats, then opens, then asks the source: one at a time. */
struct track_probe {
	unsigned magic;
	struct track_place place;
	struct track_kept_wish kept;
	void (*done)(void *arg, enum err err, const struct track_format *format);
	void *arg;
	void *asking;
	void *opening;
	struct http_call *http;
	struct track_source *source;
	struct track_format format;
	int status;   /* of the source's answer */
	bool by_byte; /* it knows no HEAD: a GET of one byte instead */
};

static void
probe_free(void *arg)
{
	struct track_probe *probe = arg;

	probe->magic = 0;
	track_source_free(probe->source);
	xfree(probe);
}

void
track_probe_cancel(struct track_probe *probe)
{
	const struct provider_ops *ops = probe->place.ops;

	if (probe->asking != NULL)
		ops->formats_cancel(probe->asking);
	if (probe->opening != NULL)
		ops->open_cancel(probe->opening);
	if (probe->http != NULL)
		http_call_cancel(probe->http);
	loop_later(probe->place.loop, probe_free, probe);
}

static void
finish(struct track_probe *probe, enum err err)
{
	loop_later(probe->place.loop, probe_free, probe);
	probe->done(probe->arg, err, err == ERR_NONE ? &probe->format : NULL);
}

/* ---- the source ---- */

static bool
on_http_head(void *arg, const struct http_answer *answer)
{
	struct track_probe *probe = CAST(arg, PROBE_MAGIC);
	struct track_extent extent;

	probe->status = answer->status;
	if ((answer->status == HTTP_OK || answer->status == HTTP_PARTIAL) &&
		track_answer_is_sound(http_answer_header(answer, "Content-Type")) &&
		track_answer_extent(&extent, answer))
		probe->format.size = extent.total;
	return false;
}

static bool
on_http_data(void *arg, const void *data, size_t size)
{
	(void)arg;
	(void)data;
	(void)size;
	return false;
}

static void call(struct track_probe *probe);
static void open_song(struct track_probe *probe);

static void
on_http_done(void *arg, const struct http_answer *answer)
{
	struct track_probe *probe = CAST(arg, PROBE_MAGIC);
	int status = probe->status;
	/* Some know no HEAD, and some answer it without a length. */
	bool is_about_head = status == HTTP_METHOD_NOT_ALLOWED ||
			     status == HTTP_NOT_IMPLEMENTED || status == HTTP_OK;

	probe->http = NULL;
	if (probe->format.size > 0) {
		finish(probe, ERR_NONE);
	} else if (is_about_head && !probe->by_byte) {
		probe->by_byte = true;
		call(probe);
	} else if (track_answer_is_refusal(status) && !probe->kept.wish.anew) {
		metric_add(&track_metric_retried, 1);
		probe->kept.wish.anew = true;
		open_song(probe);
	} else if (status == 0) {
		finish(probe, answer->err != ERR_NONE ? answer->err : ERR_UNREACHABLE);
	} else {
		finish(probe, track_answer_err(status));
	}
}

static void
call(struct track_probe *probe)
{
	enum { HEADERS_MOST = 32 };
	const char *headers[HEADERS_MOST + 1] = { "Accept-Encoding: identity" };
	size_t count = 1;

	for (char **header = probe->source->headers;
		header != NULL && *header != NULL && count < HEADERS_MOST - 1; header++)
		headers[count++] = *header;
	if (probe->by_byte)
		headers[count++] = "Range: bytes=0-0";
	struct http_call_request request = { .method = probe->by_byte ? "GET" : "HEAD",
		.url = probe->source->urls[0],
		.headers = headers,
		.timeout_ms = ANSWER_MS,
		.connect_timeout_ms = CONNECT_MS,
		.follow = true,
		.on_head = on_http_head,
		.on_data = on_http_data };
	probe->status = 0;
	probe->http = http_client_start(probe->place.client, &request, on_http_done, probe);
}

/* ---- the provider ---- */

static void
on_open(void *arg, enum err err, struct track_source *take_source)
{
	struct track_probe *probe = CAST(arg, PROBE_MAGIC);

	probe->opening = NULL;
	track_source_free(probe->source);
	probe->source = take_source;
	if (err == ERR_NONE && (take_source == NULL || take_source->url_count == 0))
		err = ERR_PROTOCOL;
	if (err != ERR_NONE) {
		finish(probe, err);
		return;
	}
	probe->format = take_source->format;
	probe->format.size = 0;
	call(probe);
}

static void
open_song(struct track_probe *probe)
{
	probe->opening = probe->place.ops->open_start(
		probe->place.seat, &probe->kept.wish, on_open, probe);
}

static void
on_formats(void *arg, enum err err, const struct track_formats *formats)
{
	struct track_probe *probe = CAST(arg, PROBE_MAGIC);

	probe->asking = NULL;
	for (size_t i = 0; err == ERR_NONE && i < formats->count; i++) {
		const struct track_format *format = &formats->of[i];
		if ((probe->kept.wish.qualities & TRACK_BIT(format->quality)) == 0)
			continue;
		if (format->size <= 0)
			break; /* it would come, and nobody knows how long it is */
		probe->format = *format;
		finish(probe, ERR_NONE);
		return;
	}
	open_song(probe);
}

struct track_probe *
track_probe_start(const struct track_place *place, const struct track_wish *wish,
	void (*done)(void *arg, enum err err, const struct track_format *format), void *arg)
{
	struct track_probe *probe = xcalloc(1, sizeof *probe);

	probe->magic = PROBE_MAGIC;
	probe->place = *place;
	track_keep_wish(&probe->kept, wish);
	probe->done = done;
	probe->arg = arg;
	if (place->ops->formats_start != NULL)
		probe->asking = place->ops->formats_start(
			place->seat, &probe->kept.wish, on_formats, probe);
	else
		open_song(probe);
	return probe;
}
