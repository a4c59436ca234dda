#include "providers/deezer/deezer_fetch.h"

#include "core/clock.h"
#include "core/log.h"
#include "providers/deezer/deezer_api.h"
#include "providers/deezer/deezer_media.h"
#include "providers/metrics.h"

enum {
	FETCH_MAGIC = 0x44465443,
	TOTAL_MS = 20 * 1000,
	CALL_MS = 10 * 1000,
	CONNECT_MS = 3 * 1000,
	MAX_BODY = 4 * 1024 * 1024,
	/* Of the rate window: kept for what is opened and played while people type. */
	SPARE_PLACES = 10,
	/* A search that cannot be asked by then is outdated by the next keystroke. */
	SEARCH_PATIENCE_MS = 1000,
};

#define METRICS (&provider_metrics[PROVIDER_DEEZER])

struct deezer_fetch {
	unsigned magic;
	struct deezer_source source;
	struct catalog_query query;
	char *text;                /* what query.text points at */
	struct media_list *parent; /* a reference, or NULL */
	int64_t end_ms;
	int64_t wait_until_ms;    /* for a place in the rate window */
	int64_t index, index_end; /* of the next page, and where to stop */
	struct media_list *list;  /* so far */
	/* Waits for the call's time, for the end of a quota, or to tell `failure`. */
	struct timer timer;
	enum err failure;
	bool planned; /* a place is booked: the timer starts the call */
	bool retried;
	struct http_call *call;
	int64_t called_ms;
	void (*done)(void *arg, enum err err, struct media_list *list);
	void *arg;
};

static void
fetch_free(void *arg)
{
	struct deezer_fetch *fetch = arg;

	fetch->magic = 0;
	xfree(fetch->text);
	media_list_unref(fetch->parent);
	media_list_unref(fetch->list);
	xfree(fetch);
}

static void
finish(struct deezer_fetch *fetch, enum err err)
{
	timer_stop(&fetch->timer);
	fetch->done(fetch->arg, err, err == ERR_NONE ? fetch->list : NULL);
	loop_later(fetch->source.loop, fetch_free, fetch);
}

/* ---- what is asked ---- */

/* Questions with a list for an answer, by enum catalog_ask. */
static const struct list {
	const char *name; /* the end of the path, where it starts with an item */
	enum media_kind kind;
	int most;
} lists[] = {
	[CATALOG_ALBUM_TRACKS] = { "tracks", MEDIA_SONG, 500 },
	[CATALOG_ARTIST_ALBUMS] = { "albums", MEDIA_ALBUM, 500 },
	[CATALOG_ARTIST_TOP] = { "top", MEDIA_SONG, 50 },
	[CATALOG_PLAYLIST_TRACKS] = { "tracks", MEDIA_SONG, 500 },
	[CATALOG_ARTIST_RELATED] = { "related", MEDIA_ARTIST, 50 },
	[CATALOG_ARTIST_RADIO] = { "radio", MEDIA_SONG, 100 },
	[CATALOG_ARTIST_PLAYLISTS] = { "playlists", MEDIA_PLAYLIST, 50 },
	[CATALOG_SONG_RADIO] = { "radio", MEDIA_SONG, 100 },
	[CATALOG_CHART] = { NULL, 0, 100 },
	[CATALOG_NEW_ALBUMS] = { NULL, MEDIA_ALBUM, 100 },
	[CATALOG_GENRES] = { NULL, MEDIA_GENRE, 100 },
	[CATALOG_GENRE_ARTISTS] = { "artists", MEDIA_ARTIST, 100 },
	[CATALOG_SONGS_OF_ISRC] = { NULL, MEDIA_SONG, 1 },
};

/* Is the answer one thing and no list? */
static bool
is_item(const struct catalog_query *query)
{
	return catalog_query_is_item(query) || query->ask == CATALOG_SONGS_OF_ISRC;
}

static const struct media *
parent_of(const struct deezer_fetch *fetch)
{
	return fetch->parent != NULL ? fetch->parent->items : NULL;
}

/* How far to read, from query->offset on. */
static int64_t
wanted_count(const struct catalog_query *query)
{
	return query->ask == CATALOG_SEARCH ? query->limit : lists[query->ask].most;
}

/* Whose list it is. A song's radio is its artist's. */
static const struct external_id *
owner_of(const struct deezer_fetch *fetch)
{
	return fetch->query.ask == CATALOG_SONG_RADIO ? &parent_of(fetch)->artists[0].id
						      : &fetch->query.id;
}

static void
add_url(struct text *url, const struct deezer_fetch *fetch)
{
	const struct catalog_query *query = &fetch->query;
	const char *base = fetch->source.url;
	int64_t index = fetch->index, limit = fetch->index_end - fetch->index;

	if (query->ask == CATALOG_SONGS_OF_ISRC)
		deezer_api_isrc(url, base, query->text);
	else if (catalog_query_is_item(query))
		deezer_api_item(url, base, &query->id);
	else if (query->ask == CATALOG_SEARCH)
		deezer_api_search(url, base, query->kind, query->text, index, limit);
	else if (query->ask == CATALOG_CHART)
		deezer_api_chart(url, base, query->id.key, query->kind, index, limit);
	else if (query->ask == CATALOG_NEW_ALBUMS)
		deezer_api_releases(url, base, query->id.key, index, limit);
	else if (query->ask == CATALOG_GENRES)
		deezer_api_genres(url, base);
	else
		deezer_api_list(
			url, base, owner_of(fetch), lists[query->ask].name, index, limit);
}

static struct deezer_context
context_of(const struct deezer_fetch *fetch)
{
	const struct catalog_query *query = &fetch->query;
	struct deezer_context context = { .kind = lists[query->ask].kind,
		.offset = fetch->index,
		.seen_ms = clock_wall_ms() };

	if (query->ask == CATALOG_SEARCH || query->ask == CATALOG_CHART)
		context.kind = query->kind;
	else if (catalog_query_is_item(query))
		context.kind = query->id.kind;
	if (query->ask == CATALOG_ALBUM_TRACKS)
		context.album = parent_of(fetch);
	if (query->ask == CATALOG_ARTIST_ALBUMS)
		context.artist = parent_of(fetch);
	return context;
}

/* A radio is its artist's, and a song may name one without an id. */
static bool
can_ask(const struct deezer_fetch *fetch)
{
	const struct media *parent = parent_of(fetch);

	return fetch->query.ask != CATALOG_SONG_RADIO ||
	       (parent != NULL && parent->artist_count > 0 &&
		       parent->artists[0].id.key[0] != '\0');
}

/* ---- the course of calls ---- */

/* From within start nothing may be told yet, so failures wait for the timer too. */
static void
fail_later(struct deezer_fetch *fetch, enum err err)
{
	fetch->failure = err;
	timer_start(&fetch->timer, 0);
}

static void
plan_call(struct deezer_fetch *fetch)
{
	int64_t now_ms = clock_now_ms();
	int64_t at_ms = -1;
	size_t spare = fetch->query.ask == CATALOG_SEARCH ? SPARE_PLACES : 0;

	if (!breaker_is_open(fetch->source.breaker, now_ms))
		at_ms = rate_window_book(
			fetch->source.window, spare, now_ms, fetch->wait_until_ms);
	if (at_ms < 0) {
		metric_add(&METRICS->refused, 1);
		fail_later(fetch, ERR_BUSY);
		return;
	}
	fetch->planned = true;
	timer_start(&fetch->timer, at_ms - now_ms);
}

static void
take_page(struct deezer_fetch *fetch, struct media_list *take_page)
{
	int64_t received = take_page->received;
	int64_t total = take_page->total;

	if (fetch->list == NULL) {
		fetch->list = take_page;
	} else {
		media_list_append(fetch->list, take_page);
		media_list_unref(take_page);
	}
	fetch->index += received;
	bool whole = is_item(&fetch->query) || fetch->query.ask == CATALOG_GENRES ||
		     received == 0 || fetch->index >= total ||
		     fetch->index >= fetch->index_end;
	/* The first page is awaited by a person; the others only by the whole. */
	fetch->wait_until_ms = fetch->end_ms;
	fetch->retried = false;
	if (whole)
		finish(fetch, ERR_NONE);
	else
		plan_call(fetch);
}

static void
on_quota(struct deezer_fetch *fetch, int64_t now_ms)
{
	int64_t until_ms = breaker_on_quota(fetch->source.breaker, now_ms);

	metric_add(&METRICS->calls_quota, 1);
	if (fetch->retried || until_ms > fetch->end_ms) {
		finish(fetch, ERR_BUSY);
		return;
	}
	fetch->retried = true;
	fetch->wait_until_ms = fetch->end_ms;
	timer_start(&fetch->timer, until_ms - now_ms);
}

static void
on_failed(struct deezer_fetch *fetch, enum err err, const char *why)
{
	bool answered = err == ERR_NOT_FOUND || err == ERR_INVALID || err == ERR_DENIED;

	metric_add(answered ? &METRICS->calls_ok : &METRICS->calls_failed, 1);
	if (answered) {
		breaker_on_success(fetch->source.breaker);
		log_debug("deezer_call_refused", LOG_TEXT("err", err_name(err)),
			LOG_TEXT("why", why));
	} else {
		breaker_on_failure(fetch->source.breaker, clock_now_ms());
		log_warn_limited("deezer_call_failed", LOG_TEXT("err", err_name(err)),
			LOG_TEXT("why", why));
	}
	/* Asked for what cannot be. */
	finish(fetch, err == ERR_INVALID ? ERR_NOT_FOUND : err);
}

static void
on_answer(void *arg, const struct http_answer *answer)
{
	struct deezer_fetch *fetch = CAST(arg, FETCH_MAGIC);
	struct deezer_answer body = { answer->status, answer->body, answer->body_size };
	struct deezer_context context = context_of(fetch);
	struct media_list *page = NULL;
	int64_t now_ms = clock_now_ms();
	char why[200] = "";
	enum err err = answer->err;

	fetch->call = NULL;
	metric_observe_ms(&METRICS->call_ms, now_ms - fetch->called_ms);
	if (err != ERR_NONE)
		copy_text(why, sizeof why, answer->reason);
	else if (is_item(&fetch->query))
		err = deezer_media_parse_item(&page, &body, &context, why, sizeof why);
	else
		err = deezer_media_parse_list(&page, &body, &context, why, sizeof why);
	if (err == ERR_NONE) {
		metric_add(&METRICS->calls_ok, 1);
		breaker_on_success(fetch->source.breaker);
		take_page(fetch, page);
	} else if (err == ERR_BUSY) {
		on_quota(fetch, now_ms);
	} else {
		on_failed(fetch, err, why);
	}
}

static void
start_call(struct deezer_fetch *fetch)
{
	static const char *const headers[] = { "Accept: application/json", NULL };
	int64_t left_ms;
	struct text url;

	fetch->called_ms = clock_now_ms();
	left_ms = fetch->end_ms - fetch->called_ms;
	text_init(&url);
	add_url(&url, fetch);
	struct http_call_request request = { .url = text_get(&url),
		.headers = headers,
		.timeout_ms = left_ms < 1         ? 1
			      : left_ms < CALL_MS ? left_ms
						  : CALL_MS,
		.connect_timeout_ms = CONNECT_MS,
		.max_body = MAX_BODY };
	fetch->call = http_client_start(fetch->source.client, &request, on_answer, fetch);
	text_fini(&url);
}

static void
on_timer(void *arg)
{
	struct deezer_fetch *fetch = CAST(arg, FETCH_MAGIC);

	if (fetch->failure != ERR_NONE) {
		finish(fetch, fetch->failure);
	} else if (!fetch->planned) {
		plan_call(fetch);
	} else if (!breaker_try(fetch->source.breaker, clock_now_ms())) {
		metric_add(&METRICS->refused, 1);
		finish(fetch, ERR_BUSY);
	} else {
		fetch->planned = false;
		start_call(fetch);
	}
}

struct deezer_fetch *
deezer_fetch_start(const struct deezer_source *source, const struct catalog_query *query,
	struct media_list *parent, int64_t patience_ms,
	void (*done)(void *arg, enum err err, struct media_list *list), void *arg)
{
	struct deezer_fetch *fetch = xcalloc(1, sizeof *fetch);
	int64_t now_ms = clock_now_ms();

	fetch->magic = FETCH_MAGIC;
	fetch->source = *source;
	fetch->query = *query;
	fetch->text = xstrdup_or_null(query->text);
	fetch->query.text = fetch->text;
	fetch->parent = parent != NULL ? media_list_ref(parent) : NULL;
	int64_t most_ms = query->ask == CATALOG_SEARCH ? SEARCH_PATIENCE_MS : TOTAL_MS;
	fetch->end_ms = now_ms + TOTAL_MS;
	fetch->wait_until_ms = now_ms + (patience_ms < most_ms ? patience_ms : most_ms);
	fetch->index = query->ask == CATALOG_SEARCH ? query->offset : 0;
	fetch->index_end = fetch->index + wanted_count(query);
	fetch->done = done;
	fetch->arg = arg;
	timer_init(&fetch->timer, source->loop, on_timer, fetch);
	if (can_ask(fetch))
		plan_call(fetch);
	else
		fail_later(fetch, ERR_NOT_FOUND);
	return fetch;
}

void
deezer_fetch_cancel(struct deezer_fetch *fetch)
{
	timer_stop(&fetch->timer);
	if (fetch->call != NULL)
		http_call_cancel(fetch->call);
	loop_later(fetch->source.loop, fetch_free, fetch);
}
