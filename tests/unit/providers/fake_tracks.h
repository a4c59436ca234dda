/* Fake tracks: a provider that opens songs, and the CDN that has their bytes, over real
 * HTTP on the loop of the test. What goes wrong is set in the struct.
 */
#ifndef TESTS_UNIT_PROVIDERS_FAKE_TRACKS_H
#define TESTS_UNIT_PROVIDERS_FAKE_TRACKS_H

#include <event2/bufferevent.h>

#include "providers/track_fetch.h"
#include "tests/unit/providers/fake_deezer.h"

enum { SONG_BYTES = 700 * 1000 + 77, FAKE_BLOCK = 2048, FAKE_PIECE = 10000 };

struct fake_tracks {
	struct loop *loop;
	struct fake web;
	struct http_client *client;
	unsigned char song[SONG_BYTES];
	/* The provider. */
	struct provider_lane lane;
	enum track_quality quality; /* that comes */
	enum err open_err;
	size_t urls;         /* of a source; 0: one */
	int64_t lifetime_ms; /* of addresses; 0: for ever */
	bool ciphered, key_is_wrong, knows_formats;
	int opens, anew;
	void (*formats_done)(void *arg, enum err err, const struct track_formats *formats);
	void *formats_arg;
	void (*tell_formats)(void *arg);
	/* The CDN. */
	int refuse; /* so many answers are 403 first */
	int status; /* 0: well */
	int cuts;   /* so many answers end after `cut_bytes` */
	int stalls; /* likewise, but the connection stays */
	int cut_bytes;
	bool ignores_ranges, knows_no_head, has_changed, is_longer, sends_a_page, is_mute;
	bool holds_back; /* sends nothing but the head, until fake_tracks_go_on */
	struct evhttp_request *held[8];
	int held_from[8], held_count;
	struct evhttp_request *begun[256]; /* whose answers have no end yet */
	size_t begun_count;
	int calls;
	struct text ranges; /* of calls, a line each; "-" for none */
};

/* ---- the CDN ---- */

static inline void
fake_part(const struct fake_tracks *fake, struct evbuffer *to, long first, long last)
{
	for (long i = first; i <= last; i++) {
		unsigned char byte = i < SONG_BYTES ? fake->song[i] : 0;
		long block = i / FAKE_BLOCK;
		bool whole = (block + 1) * FAKE_BLOCK <= SONG_BYTES;
		if (fake->ciphered && block % 3 == 0 && whole)
			byte ^= 0x5a;
		if (fake->has_changed)
			byte ^= 0x01;
		evbuffer_add(to, &byte, 1);
	}
}

static inline void
fake_close_connection(void *arg)
{
	evhttp_connection_free(arg);
}

static inline void
fake_on_cut(struct evhttp_connection *connection, void *arg)
{
	struct fake_tracks *fake = arg;

	/* evhttp frees its request with it. */
	for (size_t i = 0; i < fake->begun_count; i++) {
		if (evhttp_request_get_connection(fake->begun[i]) == connection)
			fake->begun[i] = fake->begun[--fake->begun_count];
	}
	loop_later(fake->loop, fake_close_connection, connection);
}

static inline void
fake_nothing(struct evhttp_connection *connection, void *arg)
{
	(void)connection;
	(void)arg;
}

static inline void
fake_send(struct fake_tracks *fake, struct evhttp_request *request, int status, long first,
	long last)
{
	struct evkeyvalq *headers = evhttp_request_get_output_headers(request);
	struct evbuffer *buffer = evbuffer_new();
	bool cut = fake->cuts > 0, stall = !cut && fake->stalls > 0;
	char line[40];

	if (cut || stall || fake->holds_back) {
		assert_true(fake->begun_count < COUNT_OF(fake->begun));
		fake->begun[fake->begun_count++] = request;
	}
	snprintf(line, sizeof line, "%ld", last - first + 1);
	evhttp_add_header(headers, "Content-Length", line);
	if (cut || stall) {
		fake->cuts -= cut;
		fake->stalls -= stall;
		evhttp_send_reply_start(request, status, "x");
		fake_part(fake, buffer, first, first + fake->cut_bytes - 1);
		evhttp_send_reply_chunk_with_cb(
			request, buffer, cut ? fake_on_cut : fake_nothing, fake);
	} else if (fake->holds_back) {
		evhttp_send_reply_start(request, status, "x");
		evbuffer_add(buffer, "", 0);
		fake->held_from[fake->held_count] = (int)first;
		fake->held[fake->held_count++] = request;
	} else {
		fake_part(fake, buffer, first, last);
		evhttp_send_reply(request, status, "x", buffer);
	}
	evbuffer_free(buffer);
}

/* Also of a request whose client has gone: evhttp leaves those to us. */
static inline void
fake_end(struct fake_tracks *fake, struct evhttp_request *request)
{
	for (size_t i = 0; i < fake->begun_count; i++) {
		if (fake->begun[i] != request)
			continue;
		fake->begun[i] = fake->begun[--fake->begun_count];
		evhttp_send_reply_end(request);
	}
}

/* What is held back goes on: bytes up to `last`, all of them when that is the song's last.
 */
static inline void
fake_tracks_go_on(struct fake_tracks *fake, int number, long last)
{
	struct evbuffer *buffer = evbuffer_new();

	fake_part(fake, buffer, fake->held_from[number], last);
	fake->held_from[number] = (int)last + 1;
	evhttp_send_reply_chunk(fake->held[number], buffer);
	evbuffer_free(buffer);
	if (last == SONG_BYTES - 1)
		fake_end(fake, fake->held[number]);
}

static inline void
fake_range(struct fake_tracks *fake, struct evhttp_request *request, const char *range)
{
	struct evkeyvalq *headers = evhttp_request_get_output_headers(request);
	long first = 0, last = SONG_BYTES - 1, total = SONG_BYTES + fake->is_longer;
	char line[80];

	sscanf(range, "bytes=%ld-%ld", &first, &last);
	if (last >= total)
		last = total - 1;
	snprintf(line, sizeof line, "bytes %ld-%ld/%ld", first, last, total);
	evhttp_add_header(headers, "Content-Range", line);
	fake_send(fake, request, 206, first, last);
}

static inline bool
fake_cdn(struct fake *web, struct evhttp_request *request, const char *target)
{
	struct fake_tracks *fake = web->other_arg;
	struct evkeyvalq *headers = evhttp_request_get_output_headers(request);
	const char *range =
		evhttp_find_header(evhttp_request_get_input_headers(request), "Range");
	bool head = evhttp_request_get_command(request) == EVHTTP_REQ_HEAD;

	if (strncmp(target, "/cdn/", 5) != 0)
		return false;
	fake->calls++;
	text_addf(
		&fake->ranges, "%s%s\n", head ? "HEAD " : "", range != NULL ? range : "-");
	evhttp_add_header(
		headers, "Content-Type", fake->sends_a_page ? "text/html" : "audio/mpeg");
	if (fake->refuse > 0) {
		fake->refuse--;
		fake_reply(request, 403, "expired");
	} else if (fake->status != 0) {
		fake_reply(request, fake->status, "no");
	} else if (head && fake->knows_no_head) {
		fake_reply(request, 405, "");
	} else if (head) {
		char size[20];
		snprintf(size, sizeof size, "%d", (int)SONG_BYTES);
		evhttp_add_header(headers, "Content-Length", size);
		fake_reply(request, 200, "");
	} else if (range != NULL && !fake->ignores_ranges) {
		fake_range(fake, request, range);
	} else {
		fake_send(fake, request, 200, 0, SONG_BYTES - 1 + fake->is_longer);
	}
	return true;
}

/* ---- the filter ---- */

struct fake_filter {
	struct track_filter filter;
	bool key_is_wrong;
};

static inline void
fake_apply(
	const struct track_filter *filter, int64_t offset, unsigned char *data, size_t size)
{
	bool wrong = ((const struct fake_filter *)filter)->key_is_wrong;

	assert_int_equal(offset % FAKE_BLOCK, 0);
	for (size_t i = 0; i < size; i += FAKE_BLOCK) {
		bool whole = i + FAKE_BLOCK <= size;
		int64_t block = (offset + (int64_t)i) / FAKE_BLOCK;
		for (size_t k = i; whole && block % 3 == 0 && k < i + FAKE_BLOCK; k++)
			data[k] ^= wrong ? 0x77 : 0x5a;
	}
}

static inline enum err
fake_check(const struct track_filter *filter, const unsigned char *data, size_t size)
{
	(void)filter;
	assert_true(size >= 16);
	return memcmp(data, "fLaC", 4) == 0 ? ERR_NONE : ERR_DENIED;
}

static inline void
fake_filter_free(struct track_filter *filter)
{
	xfree(filter);
}

/* ---- the provider ---- */

struct fake_opening {
	struct fake_tracks *fake;
	struct timer timer;
	track_quality_set qualities;
	void (*done)(void *arg, enum err err, struct track_source *take_source);
	void *arg;
	char song[EXTERNAL_ID_KEY];
};

static inline struct track_source *
fake_source(struct fake_tracks *fake, const char *song)
{
	struct track_source *source = xcalloc(1, sizeof *source);
	struct fake_filter *filter = NULL;
	char url[200];

	source->url_count = fake->urls > 0 ? fake->urls : 1;
	for (size_t i = 0; i < source->url_count; i++) {
		snprintf(url, sizeof url, "%s/cdn/%s/%zu", fake->web.url, song, i);
		source->urls[i] = xstrdup(url);
	}
	if (fake->lifetime_ms > 0)
		source->expires_wall_ms = clock_wall_ms() + fake->lifetime_ms;
	source->format = track_format_of(fake->quality);
	if (fake->ciphered) {
		filter = xcalloc(1, sizeof *filter);
		filter->filter = (struct track_filter){ .block = FAKE_BLOCK,
			.apply = fake_apply,
			.check = fake_check,
			.free = fake_filter_free };
		filter->key_is_wrong = fake->key_is_wrong;
		source->filter = &filter->filter;
	}
	return source;
}

static inline void
fake_on_open(void *arg)
{
	struct fake_opening *opening = arg;
	struct fake_tracks *fake = opening->fake;
	bool fits = (opening->qualities & TRACK_BIT(fake->quality)) != 0;
	enum err err = fake->open_err != ERR_NONE ? fake->open_err
		       : fits                     ? ERR_NONE
						  : ERR_INVALID;

	opening->done(opening->arg, err,
		err == ERR_NONE ? fake_source(fake, opening->song) : NULL);
	xfree(opening);
}

static inline void *
fake_open_start(void *seat, const struct track_wish *wish,
	void (*done)(void *arg, enum err err, struct track_source *take_source), void *arg)
{
	struct fake_tracks *fake = seat;
	struct fake_opening *opening = xcalloc(1, sizeof *opening);

	fake->opens++;
	fake->anew += wish->anew;
	opening->fake = fake;
	opening->qualities = wish->qualities;
	opening->done = done;
	opening->arg = arg;
	copy_text(opening->song, sizeof opening->song, wish->id.key);
	timer_init(&opening->timer, fake->loop, fake_on_open, opening);
	timer_start(&opening->timer, 0);
	return opening;
}

static inline void
fake_open_cancel(void *arg)
{
	struct fake_opening *opening = arg;

	timer_stop(&opening->timer);
	xfree(opening);
}

static inline struct provider_lane
fake_lane(void *shared, const struct track_listener *listener)
{
	(void)listener;
	return ((struct fake_tracks *)shared)->lane;
}

static inline void *
fake_formats_start(void *seat, const struct track_wish *wish,
	void (*done)(void *arg, enum err err, const struct track_formats *formats),
	void *arg)
{
	struct fake_tracks *fake = seat;

	(void)wish;
	fake->formats_done = done;
	fake->formats_arg = arg;
	loop_later(fake->loop, fake->tell_formats, fake);
	return fake;
}

static inline void
fake_tell_formats(void *arg)
{
	struct fake_tracks *fake = arg;
	struct track_formats formats = { .of = { track_format_of(fake->quality) },
		.count = 1 };

	formats.of[0].size = fake->knows_formats ? SONG_BYTES : 0;
	fake->formats_done(fake->formats_arg, ERR_NONE, &formats);
}

static inline void
fake_formats_cancel(void *asking)
{
	((struct fake_tracks *)asking)->formats_done = NULL;
}

static inline void
fake_provider_free(void *shared)
{
	(void)shared;
}

static inline bool
fake_is_up(void *shared)
{
	(void)shared;
	return true;
}

static inline void *
fake_seat_new(void *shared, struct loop *loop, struct http_client *client)
{
	(void)loop;
	(void)client;
	return shared;
}

static const struct provider_ops fake_track_ops = {
	.id = PROVIDER_QOBUZ,
	.free = fake_provider_free,
	.is_up = fake_is_up,
	.seat_new = fake_seat_new,
	.seat_free = fake_provider_free,
	.formats_start = fake_formats_start,
	.formats_cancel = fake_formats_cancel,
	.lane = fake_lane,
	.open_start = fake_open_start,
	.open_cancel = fake_open_cancel,
};

static inline void
fake_tracks_open(struct fake_tracks *fake, struct loop *loop)
{
	static const struct http_client_options client = { .user_agent = "test" };

	memset(fake, 0, sizeof *fake);
	fake->loop = loop;
	fake->tell_formats = fake_tell_formats;
	fake->quality = TRACK_FLAC;
	fake->lane.qualities = TRACK_ALL_FULL;
	fake->cut_bytes = 300 * 1000;
	for (size_t i = 0; i < SONG_BYTES; i++)
		fake->song[i] = (unsigned char)(i * 31 + i / 251 + i / 65537);
	memcpy(fake->song, "fLaC", 4);
	text_init(&fake->ranges);
	fake_open(&fake->web, loop);
	fake->web.other = fake_cdn;
	fake->web.other_arg = fake;
	fake->client = http_client_new(loop, &client);
}

static inline void
fake_tracks_close(struct fake_tracks *fake)
{
	http_client_free(fake->client);
	while (fake->begun_count > 0)
		fake_end(fake, fake->begun[0]);
	fake_close(&fake->web);
	text_fini(&fake->ranges);
}

static inline struct track_place
fake_place(struct fake_tracks *fake)
{
	return (struct track_place){ &fake_track_ops, fake, fake->client, fake->loop };
}

static inline struct track_wish
fake_wish(const char *song)
{
	struct track_wish wish = { .id = { .provider = PROVIDER_QOBUZ, .kind = MEDIA_SONG },
		.listener = { "0123456789abcdef0123456789abcdef", "somebody" },
		.qualities = TRACK_ALL_FULL };

	copy_text(wish.id.key, sizeof wish.id.key, song);
	return wish;
}

#endif
