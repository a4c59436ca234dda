#include "providers/track_fetch.h"

#include <stdio.h>
#include <string.h>

#include "core/clock.h"
#include "core/log.h"
#include "providers/track_answer.h"
#include "providers/track_metrics.h"

enum {
	FETCH_MAGIC = 0x54524b46,
	SILENCE_MS = 15 * 1000, /* between bytes */
	CONNECT_MS = 5 * 1000,
	TAIL_BYTES = 1024,        /* how much of what was given is compared on resuming */
	PROGRESS_BYTES = 1 << 16, /* so many bytes make up for what failed before */
	TRIES_BEFORE = 3,         /* in a row, while a client waits for the head */
	TRIES_AMID = 6,
	TRIES_EVER = 40,
	BACKOFF_MS = 250,
	BUSY_MS = 1000, /* a source that wants to be left alone, is */
	BACKOFF_MOST_MS = 4000,
	EXPIRY_ROOM_MS = 2000,
	HTTP_OK = 200,
	HTTP_PARTIAL = 206,
};

/* Opens, calls, or waits for the timer: one of the three at a time. */
struct track_fetch {
	unsigned magic;
	struct track_place place;
	struct track_kept_wish kept;
	struct track_fetch_callbacks callbacks;
	void *arg;
	struct timer timer;
	void *opening;
	struct http_call *http;
	struct track_source *source;
	size_t url; /* of the source's, in use */
	struct track_format format;
	int64_t at;    /* the next byte to give */
	int64_t last;  /* the last one; -1 until the total is known */
	int64_t total; /* 0: not known */
	/* What the source's answer brings next, and what of it is no whole block yet. */
	int64_t arriving;
	struct text blocks;
	unsigned char tail[TAIL_BYTES]; /* the last bytes that were given */
	size_t tail_size;
	int64_t given; /* since the last failure */
	int tries;     /* in a row */
	int tries_ever;
	int refused;      /* the status of an answer that is none we can use */
	enum err failure; /* what ends the fetch for good */
	bool opened_anew; /* the source is from an open after a refusal */
	bool told;        /* on_head was called */
	bool paused, gone;
};

void
track_keep_wish(struct track_kept_wish *kept, const struct track_wish *wish)
{
	kept->wish = *wish;
	copy_text(kept->user_id, sizeof kept->user_id, wish->listener.user_id);
	copy_text(kept->user_name, sizeof kept->user_name, wish->listener.user_name);
	kept->wish.listener = (struct track_listener){ kept->user_id, kept->user_name };
}

/* ---- the end ---- */

static void
fetch_free(void *arg)
{
	struct track_fetch *fetch = arg;

	fetch->magic = 0;
	track_source_free(fetch->source);
	text_fini(&fetch->blocks);
	xfree(fetch);
}

/* Nothing under way; freed when the stack is unwound. */
static void
retire(struct track_fetch *fetch)
{
	fetch->gone = true;
	timer_stop(&fetch->timer);
	if (fetch->opening != NULL)
		fetch->place.ops->open_cancel(fetch->opening);
	if (fetch->http != NULL)
		http_call_cancel(fetch->http);
	fetch->opening = NULL;
	fetch->http = NULL;
	loop_later(fetch->place.loop, fetch_free, fetch);
}

void
track_fetch_cancel(struct track_fetch *fetch)
{
	retire(fetch);
}

static void
finish(struct track_fetch *fetch, enum err err)
{
	retire(fetch);
	fetch->callbacks.on_done(fetch->arg, err);
}

/* ---- once more ---- */

/* Another address, when there is one; else the timer will ask for new ones. */
static void
drop_url(struct track_fetch *fetch)
{
	if (++fetch->url < fetch->source->url_count)
		return;
	track_source_free(fetch->source);
	fetch->source = NULL;
	fetch->kept.wish.anew = true;
}

static bool
may_try_again(struct track_fetch *fetch, enum err err)
{
	fetch->tries = fetch->given >= PROGRESS_BYTES ? 1 : fetch->tries + 1;
	if (err == ERR_TIMEOUT && !fetch->told)
		fetch->tries++; /* clients do not wait for three of these */
	fetch->tries_ever++;
	return fetch->tries < (fetch->told ? TRIES_AMID : TRIES_BEFORE) &&
	       fetch->tries_ever < TRIES_EVER;
}

static void
try_again(struct track_fetch *fetch, enum err err)
{
	bool refused = track_answer_is_refusal(fetch->refused);
	int64_t delay_ms = 0;

	/* What an address that is brand-new refuses, is refused. */
	bool is_final = refused && fetch->opened_anew && fetch->given == 0 &&
			fetch->url + 1 == fetch->source->url_count;
	if (!may_try_again(fetch, err) || is_final) {
		finish(fetch, err);
		return;
	}
	metric_add(fetch->told ? &track_metric_resumed : &track_metric_retried, 1);
	log_debug("track_source_failed", LOG_TEXT("err", err_name(err)),
		LOG_NUMBER("status", fetch->refused), LOG_NUMBER("at", fetch->at),
		LOG_NUMBER("try", fetch->tries));
	if (fetch->source != NULL && (refused || fetch->given == 0))
		drop_url(fetch);
	for (int i = 1; i < fetch->tries && delay_ms < BACKOFF_MOST_MS; i++)
		delay_ms = delay_ms == 0 ? BACKOFF_MS : delay_ms * 2;
	if (err == ERR_BUSY && delay_ms < BUSY_MS)
		delay_ms = BUSY_MS;
	/* An address that expired is no fault of anybody's. */
	timer_start(&fetch->timer, refused ? 0 : delay_ms);
}

/* ---- bytes ---- */

static void
remember_tail(struct track_fetch *fetch, const unsigned char *data, size_t size)
{
	size_t kept = fetch->tail_size;

	if (size >= TAIL_BYTES) {
		memcpy(fetch->tail, data + size - TAIL_BYTES, TAIL_BYTES);
		fetch->tail_size = TAIL_BYTES;
		return;
	}
	if (kept + size > TAIL_BYTES) {
		size_t less = kept + size - TAIL_BYTES;
		memmove(fetch->tail, fetch->tail + less, kept - less);
		kept -= less;
	}
	memcpy(fetch->tail + kept, data, size);
	fetch->tail_size = kept + size;
}

/* Does what was given before stand here, too? `size` bytes before fetch->at. */
static bool
is_same_song(const struct track_fetch *fetch, const unsigned char *data, size_t size)
{
	size_t compared = size < fetch->tail_size ? size : fetch->tail_size;

	return memcmp(data + size - compared, fetch->tail + fetch->tail_size - compared,
		       compared) == 0;
}

static bool
fail(struct track_fetch *fetch, enum err err, const char *event)
{
	fetch->failure = err;
	log_warn_limited(event,
		LOG_TEXT("provider", provider_name(fetch->kept.wish.id.provider)),
		LOG_TEXT("song", fetch->kept.wish.id.key), LOG_NUMBER("at", fetch->at));
	return false;
}

static void
tell_head(struct track_fetch *fetch)
{
	fetch->told = true;
	fetch->callbacks.on_head(fetch->arg, fetch->total, &fetch->format);
	if (fetch->paused && !fetch->gone)
		http_call_pause(fetch->http);
}

static bool
has_check(const struct track_fetch *fetch)
{
	return fetch->source->filter != NULL && fetch->source->filter->check != NULL;
}

/* Gives the song's bytes from `offset` on, but for those it has given. False: the call is
 * over. */
static bool
take(struct track_fetch *fetch, int64_t offset, const unsigned char *data, size_t size)
{
	if (offset < fetch->at) {
		int64_t known = fetch->at - offset;
		size_t skipped = (int64_t)size < known ? size : (size_t)known;
		/* Compared once, when all of it up to where we were has come. */
		if ((int64_t)skipped == known && !is_same_song(fetch, data, skipped))
			return fail(fetch, ERR_PROTOCOL, "track_changed");
		data += skipped;
		size -= skipped;
	}
	if (size == 0)
		return true;
	if (fetch->at == 0 && has_check(fetch) &&
		fetch->source->filter->check(fetch->source->filter, data, size) != ERR_NONE)
		return fail(fetch, ERR_DENIED, "track_key_wrong");
	if (!fetch->told)
		tell_head(fetch);
	if (fetch->gone)
		return false;
	int64_t left = fetch->last - fetch->at + 1;
	if ((int64_t)size > left)
		size = (size_t)left;
	remember_tail(fetch, data, size);
	fetch->at += (int64_t)size;
	fetch->given += (int64_t)size;
	metric_add(&track_metric_source_bytes, (int64_t)size);
	fetch->callbacks.on_data(fetch->arg, data, size);
	return !fetch->gone && fetch->at <= fetch->last;
}

/* Whole blocks of what has come, and at the song's end the rest. */
static bool
take_blocks(struct track_fetch *fetch)
{
	const struct track_filter *filter = fetch->source->filter;
	struct text *blocks = &fetch->blocks;
	int64_t offset = fetch->arriving - (int64_t)blocks->size;
	size_t size = blocks->size - blocks->size % filter->block;

	if (fetch->arriving == fetch->total)
		size = blocks->size;
	if (size == 0)
		return true;
	filter->apply(filter, offset, (unsigned char *)blocks->data, size);
	bool more = take(fetch, offset, (unsigned char *)blocks->data, size);
	blocks->size -= size;
	memmove(blocks->data, blocks->data + size, blocks->size);
	return more;
}

static bool
on_http_data(void *arg, const void *data, size_t size)
{
	struct track_fetch *fetch = CAST(arg, FETCH_MAGIC);
	int64_t offset = fetch->arriving;

	fetch->arriving += (int64_t)size;
	if (fetch->source->filter == NULL)
		return take(fetch, offset, data, size);
	text_add_bytes(&fetch->blocks, data, size);
	return take_blocks(fetch);
}

/* ---- the head ---- */

static bool
refuse(struct track_fetch *fetch, int status)
{
	fetch->refused = status;
	return false;
}

/* Where does what comes begin, and does it fit to what is known? */
static bool
read_head(struct track_fetch *fetch, const struct http_answer *answer)
{
	struct track_extent extent;
	size_t block = fetch->source->filter != NULL ? fetch->source->filter->block : 1;

	if (!track_answer_is_sound(http_answer_header(answer, "Content-Type")))
		return fail(fetch, ERR_PROTOCOL, "track_is_no_sound");
	if (!track_answer_extent(&extent, answer)) {
		if (answer->status != HTTP_OK || fetch->format.size <= 0)
			return fail(fetch, ERR_PROTOCOL, "track_without_length");
		extent = (struct track_extent){ .total = fetch->format.size };
	}
	if (fetch->total != 0 && extent.total != fetch->total)
		return fail(fetch, ERR_PROTOCOL, "track_changed");
	if (extent.first > fetch->at || extent.first % (int64_t)block != 0 ||
		fetch->at >= extent.total)
		return fail(fetch, ERR_PROTOCOL, "track_range_wrong");
	fetch->total = extent.total;
	fetch->format.size = extent.total;
	if (fetch->last < 0 || fetch->last >= extent.total)
		fetch->last = extent.total - 1;
	fetch->arriving = extent.first;
	return true;
}

static bool
on_http_head(void *arg, const struct http_answer *answer)
{
	struct track_fetch *fetch = CAST(arg, FETCH_MAGIC);

	if (answer->status != HTTP_OK && answer->status != HTTP_PARTIAL)
		return refuse(fetch, answer->status);
	if (!read_head(fetch, answer))
		return false;
	if (!fetch->told && (fetch->at > 0 || !has_check(fetch)))
		tell_head(fetch);
	else if (fetch->told && fetch->paused)
		http_call_pause(fetch->http);
	if (fetch->gone)
		return false;
	return true;
}

static void
on_http_done(void *arg, const struct http_answer *answer)
{
	struct track_fetch *fetch = CAST(arg, FETCH_MAGIC);
	enum err err = answer->err;

	fetch->http = NULL;
	if (fetch->failure != ERR_NONE)
		finish(fetch, fetch->failure);
	else if (fetch->total > 0 && fetch->at > fetch->last)
		finish(fetch, ERR_NONE);
	else if (fetch->refused != 0)
		try_again(fetch, track_answer_err(fetch->refused));
	else if (err == ERR_INVALID || err == ERR_PROTOCOL)
		finish(fetch, err == ERR_INVALID ? ERR_PROTOCOL : err);
	else
		try_again(fetch, err != ERR_NONE ? err : ERR_UNREACHABLE);
}

/* ---- the call ---- */

/* "Range: bytes=…"; false when the whole is wanted. */
static bool
format_range(char *line, size_t size, const struct track_fetch *fetch)
{
	int64_t block =
		fetch->source->filter != NULL ? (int64_t)fetch->source->filter->block : 1;
	int64_t first = fetch->at - (int64_t)fetch->tail_size;
	int64_t last = fetch->last;

	first -= first % block;
	if (last >= 0) {
		last += block - 1 - last % block;
		if (fetch->total > 0 && last >= fetch->total)
			last = fetch->total - 1;
	}
	if (first == 0 && (last < 0 || (fetch->total > 0 && last == fetch->total - 1)))
		return false;
	if (last < 0)
		snprintf(line, size, "Range: bytes=%lld-", (long long)first);
	else
		snprintf(line, size, "Range: bytes=%lld-%lld", (long long)first,
			(long long)last);
	return true;
}

static void
call(struct track_fetch *fetch)
{
	enum { FIXED = 2, HEADERS_MOST = 32 };
	const char *headers[HEADERS_MOST + 1] = { "Accept-Encoding: identity" };
	char range[80];
	size_t count = 1;

	for (char **header = fetch->source->headers;
		header != NULL && *header != NULL && count < HEADERS_MOST - FIXED; header++)
		headers[count++] = *header;
	if (format_range(range, sizeof range, fetch))
		headers[count++] = range;
	struct http_call_request request = { .method = "GET",
		.url = fetch->source->urls[fetch->url],
		.headers = headers,
		.timeout_ms = SILENCE_MS,
		.connect_timeout_ms = CONNECT_MS,
		.follow = true,
		.on_head = on_http_head,
		.on_data = on_http_data };
	fetch->refused = 0;
	fetch->given = 0;
	text_clear(&fetch->blocks);
	fetch->http = http_client_start(fetch->place.client, &request, on_http_done, fetch);
}

/* ---- opening ---- */

static void
on_open(void *arg, enum err err, struct track_source *take_source)
{
	struct track_fetch *fetch = CAST(arg, FETCH_MAGIC);
	bool is_final = err == ERR_NOT_FOUND || err == ERR_DENIED || err == ERR_INVALID;

	fetch->opening = NULL;
	fetch->source = take_source;
	fetch->url = 0;
	fetch->opened_anew = fetch->kept.wish.anew;
	if (err == ERR_NONE && (take_source == NULL || take_source->url_count == 0))
		err = ERR_PROTOCOL;
	if (err != ERR_NONE) {
		fetch->refused = 0;
		fetch->given = 0;
		if (is_final || !fetch->told)
			finish(fetch, err);
		else
			try_again(fetch, err);
		return;
	}
	fetch->format = take_source->format;
	/* The rest has to be of the same form. */
	fetch->kept.wish.qualities = TRACK_BIT(fetch->format.quality);
	call(fetch);
}

static bool
has_expired(const struct track_source *source)
{
	return source->expires_wall_ms != 0 &&
	       clock_wall_ms() + EXPIRY_ROOM_MS >= source->expires_wall_ms;
}

static void
on_timer(void *arg)
{
	struct track_fetch *fetch = CAST(arg, FETCH_MAGIC);

	if (fetch->source != NULL && has_expired(fetch->source)) {
		track_source_free(fetch->source);
		fetch->source = NULL;
		fetch->kept.wish.anew = true;
	}
	if (fetch->source != NULL)
		call(fetch);
	else
		fetch->opening = fetch->place.ops->open_start(
			fetch->place.seat, &fetch->kept.wish, on_open, fetch);
}

struct track_fetch *
track_fetch_start(const struct track_place *place, const struct track_wish *wish,
	const struct track_fetch_part *part, const struct track_fetch_callbacks *callbacks,
	void *arg)
{
	struct track_fetch *fetch = xcalloc(1, sizeof *fetch);

	fetch->magic = FETCH_MAGIC;
	fetch->place = *place;
	track_keep_wish(&fetch->kept, wish);
	fetch->at = part->first;
	fetch->last = part->last;
	fetch->total = part->total;
	fetch->callbacks = *callbacks;
	fetch->arg = arg;
	text_init(&fetch->blocks);
	timer_init(&fetch->timer, place->loop, on_timer, fetch);
	fetch->opening =
		place->ops->open_start(place->seat, &fetch->kept.wish, on_open, fetch);
	return fetch;
}

void
track_fetch_pause(struct track_fetch *fetch)
{
	fetch->paused = true;
	/* Before the head there is nothing to hold back yet. */
	if (fetch->http != NULL && fetch->told)
		http_call_pause(fetch->http);
}

void
track_fetch_resume(struct track_fetch *fetch)
{
	fetch->paused = false;
	if (fetch->http != NULL)
		http_call_resume(fetch->http);
}
