#include "providers/lyrics_finder.h"

#include "core/clock.h"
#include "core/crypto.h"
#include "core/log.h"
#include "providers/breaker.h"
#include "providers/lrclib.h"
#include "providers/lyrics_metrics.h"
#include "providers/rate_window.h"

enum {
	SEARCH_MAGIC = 0x4c595253,
	MAX_FLIGHTS = 64,
	/* Who asks ahead leaves room for who waits. */
	MAX_AHEAD = 32,
	TOTAL_MS = 15 * 1000,
	SONG_MS = 5 * 1000,
	CALL_MS = 8 * 1000,
	CONNECT_MS = 3 * 1000,
	MAX_BODY = 2 << 20,
	RATE_CALLS = 10,
	RATE_WINDOW_MS = 5000,
	RATE_PATIENCE_MS = 3000,
};

struct lyrics_finder {
	char *lrclib_url; /* NULL: off */
	struct breaker breaker;
	struct rate_window *window;
	struct flights *flights;
	struct lyrics_kept *kept;
};

struct lyrics_seat {
	struct lyrics_finder *finder;
	struct catalog_worker *catalog;
	struct loop *loop;
	struct http_client *client;
	struct search *searches;
};

/* A search that this seat makes for all who wait: the provider, then LRCLIB's exact
 * question, then its search. Exactly one of the four below is under way. */
struct search {
	unsigned magic;
	struct lyrics_seat *seat;
	struct search *next;
	struct flight *flight;
	struct external_id id;
	const struct provider_ops *ops;
	void *asking;               /* the provider */
	struct catalog_call *facts; /* the song, to ask LRCLIB about */
	struct timer turn;          /* in LRCLIB's rate window */
	struct http_call *call;     /* to LRCLIB */
	struct media_list *song;    /* a list of one, a reference */
	bool searching;             /* LRCLIB's second question */
};

/* ---- the shared part ---- */

static void *
ref_words(void *words)
{
	return song_words_ref(words);
}

static void
unref_words(void *words)
{
	song_words_unref(words);
}

struct lyrics_finder *
lyrics_finder_new(const char *lrclib_url)
{
	static const struct flights_options flights = {
		.ref = ref_words, .unref = unref_words, .most = MAX_FLIGHTS
	};
	struct lyrics_finder *finder = xcalloc(1, sizeof *finder);
	uint64_t seed;

	crypto_random(&seed, sizeof seed);
	finder->lrclib_url = xstrdup_or_null(lrclib_url);
	breaker_init(&finder->breaker, "lrclib", seed);
	finder->window = rate_window_new(RATE_CALLS, RATE_WINDOW_MS);
	finder->flights = flights_new(&flights);
	finder->kept = lyrics_kept_new();
	return finder;
}

void
lyrics_finder_free(struct lyrics_finder *finder)
{
	if (finder == NULL)
		return;
	lyrics_kept_free(finder->kept);
	flights_free(finder->flights);
	rate_window_free(finder->window);
	breaker_fini(&finder->breaker);
	xfree(finder->lrclib_url);
	xfree(finder);
}

struct lyrics_figures
lyrics_figures(struct lyrics_finder *finder)
{
	const struct lyrics_kept_figures kept = lyrics_kept_figures(finder->kept);

	return (struct lyrics_figures){
		.songs = kept.songs,
		.bytes = kept.bytes,
		.under_way = flights_count(finder->flights),
		.lrclib = finder->lrclib_url != NULL,
		.lrclib_is_up = finder->lrclib_url != NULL &&
				!breaker_is_open(&finder->breaker, clock_now_ms()),
	};
}

/* Of a song, for whose account pays for that listener. */
static void
key_for(char key[LYRICS_KEY_SIZE], const struct lyrics_seat *seat,
	const struct external_id *song, const struct track_listener *listener)
{
	const struct provider *provider =
		provider_find(catalog_providers(catalog_of(seat->catalog)), song->provider);
	struct provider_lane lane = { .account = "" };

	if (provider != NULL)
		lane = provider->ops->lane(provider->shared, listener);
	lyrics_key(key, song, lane.account);
}

bool
lyrics_are_known(struct lyrics_finder *finder, const struct external_id *song)
{
	struct song_words *words = NULL;
	char key[LYRICS_KEY_SIZE];
	enum err err;

	lyrics_key(key, song, "");
	bool known = lyrics_kept_find(finder->kept, key, &err, &words) && err == ERR_NONE;
	song_words_unref(words);
	return known;
}

bool
lyrics_peek(struct lyrics_seat *seat, const struct external_id *song,
	const struct track_listener *listener, enum err *err, struct song_words **words)
{
	char key[LYRICS_KEY_SIZE];

	key_for(key, seat, song, listener);
	return lyrics_kept_find(seat->finder->kept, key, err, words);
}

/* ---- a search ---- */

static void
search_free(void *arg)
{
	struct search *search = CAST(arg, SEARCH_MAGIC);

	media_list_unref(search->song);
	search->magic = 0;
	xfree(search);
}

/* `lyrics` when err is ERR_NONE; borrowed. */
static void
finish(struct search *search, enum err err, const struct lyrics *lyrics)
{
	struct lyrics_finder *finder = search->seat->finder;
	struct search **link = &search->seat->searches;
	struct song_words *words = NULL;

	while (*link != search)
		link = &(*link)->next;
	*link = search->next;
	timer_stop(&search->turn);
	if (err == ERR_NONE || err == ERR_NOT_FOUND) {
		words = song_words_new(lyrics);
		lyrics_kept_put(finder->kept, flight_key(search->flight), words);
	}
	if (err == ERR_NOT_FOUND)
		metric_add(&lyrics_metric_missing, 1);
	else if (err != ERR_NONE)
		metric_add(&lyrics_metric_failed, 1);
	flight_land(search->flight, err, err == ERR_NONE ? words : NULL);
	song_words_unref(words);
	loop_later(search->seat->loop, search_free, search);
}

static void plan_call(struct search *search);

static void
on_failed(struct search *search, enum err err, const char *why)
{
	struct breaker *breaker = &search->seat->finder->breaker;

	metric_add(&lyrics_metric_lrclib_failed, 1);
	log_warn_limited(
		"lrclib_failed", LOG_TEXT("err", err_name(err)), LOG_TEXT("why", why));
	if (err == ERR_BUSY)
		breaker_on_quota(breaker, clock_now_ms());
	else
		breaker_on_failure(breaker, clock_now_ms());
	finish(search, err, NULL);
}

static void
on_answer(void *arg, const struct http_answer *answer)
{
	struct search *search = CAST(arg, SEARCH_MAGIC);
	const struct lrclib_answer body = { answer->status, answer->body,
		answer->body_size };
	struct lyrics lyrics = { 0 };
	enum err err = answer->err;

	search->call = NULL;
	if (err == ERR_NONE && search->searching)
		err = lrclib_parse_search(&lyrics, &body, search->song->items);
	else if (err == ERR_NONE)
		err = lrclib_parse_get(&lyrics, &body);
	if (err != ERR_NONE && err != ERR_NOT_FOUND) {
		on_failed(search, err, answer->reason != NULL ? answer->reason : "");
		return;
	}
	breaker_on_success(&search->seat->finder->breaker);
	if (err == ERR_NONE) {
		metric_add(&lyrics_metric_lrclib, 1);
		finish(search, ERR_NONE, &lyrics);
		lyrics_fini(&lyrics);
	} else if (!search->searching) {
		search->searching = true;
		plan_call(search);
	} else {
		finish(search, ERR_NOT_FOUND, NULL);
	}
}

static void
on_turn(void *arg)
{
	struct search *search = CAST(arg, SEARCH_MAGIC);
	struct lyrics_finder *finder = search->seat->finder;
	static const char *const headers[] = { "Accept: application/json", NULL };
	struct text url;

	if (!breaker_try(&finder->breaker, clock_now_ms())) {
		finish(search, ERR_BUSY, NULL);
		return;
	}
	text_init(&url);
	if (search->searching)
		lrclib_search_url(&url, finder->lrclib_url, search->song->items);
	else
		lrclib_get_url(&url, finder->lrclib_url, search->song->items);
	const struct http_call_request request = {
		.url = text_get(&url),
		.headers = headers,
		.timeout_ms = CALL_MS,
		.connect_timeout_ms = CONNECT_MS,
		.max_body = MAX_BODY,
	};
	metric_add(&lyrics_metric_lrclib_calls, 1);
	search->call = http_client_start(search->seat->client, &request, on_answer, search);
	text_fini(&url);
}

static void
plan_call(struct search *search)
{
	struct lyrics_finder *finder = search->seat->finder;
	int64_t now_ms = clock_now_ms();
	int64_t at_ms = -1;

	if (!breaker_is_open(&finder->breaker, now_ms))
		at_ms = rate_window_book(
			finder->window, 0, now_ms, now_ms + RATE_PATIENCE_MS);
	if (at_ms < 0)
		finish(search, ERR_BUSY, NULL);
	else
		timer_start(&search->turn, at_ms - now_ms);
}

static void
on_facts(void *arg, enum err err, struct media_list *list)
{
	struct search *search = CAST(arg, SEARCH_MAGIC);

	search->facts = NULL;
	if (err == ERR_NONE && (list->count == 0 || list->items[0].artist_count == 0))
		err = ERR_NOT_FOUND;
	if (err == ERR_INVALID) /* of a provider that is not set up */
		err = ERR_NOT_FOUND;
	if (err != ERR_NONE) {
		finish(search, err, NULL);
		return;
	}
	search->song = media_list_ref(list);
	plan_call(search);
}

static void
ask_lrclib(struct search *search)
{
	const struct catalog_query query = {
		.ask = CATALOG_ITEM, .provider = search->id.provider, .id = search->id
	};

	if (search->seat->finder->lrclib_url == NULL) {
		finish(search, ERR_NOT_FOUND, NULL);
		return;
	}
	search->facts =
		catalog_get(search->seat->catalog, &query, SONG_MS, on_facts, search);
}

static void
on_told(void *arg, enum err err, const struct lyrics *lyrics)
{
	struct search *search = CAST(arg, SEARCH_MAGIC);

	search->asking = NULL;
	if (err == ERR_NONE && lyrics->count > 0) {
		metric_add(&lyrics_metric_provider, 1);
		finish(search, ERR_NONE, lyrics);
	} else {
		ask_lrclib(search);
	}
}

static void
take_off(struct lyrics_seat *seat, struct flight *flight, const struct external_id *song,
	const struct track_listener *listener)
{
	struct search *search = xcalloc(1, sizeof *search);
	void *provider = catalog_seat(seat->catalog, song->provider, &search->ops);
	const struct track_wish wish = { .id = *song, .listener = *listener };

	search->magic = SEARCH_MAGIC;
	search->seat = seat;
	search->flight = flight;
	search->id = *song;
	search->next = seat->searches;
	seat->searches = search;
	timer_init(&search->turn, seat->loop, on_turn, search);
	if (search->ops != NULL && search->ops->lyrics_start != NULL)
		search->asking =
			search->ops->lyrics_start(provider, &wish, on_told, search);
	else
		ask_lrclib(search);
}

/* ---- a seat ---- */

struct lyrics_seat *
lyrics_seat_new(struct lyrics_finder *finder, struct catalog_worker *catalog,
	struct loop *loop, struct http_client *client)
{
	struct lyrics_seat *seat = xcalloc(1, sizeof *seat);

	*seat = (struct lyrics_seat){
		.finder = finder, .catalog = catalog, .loop = loop, .client = client
	};
	return seat;
}

void
lyrics_seat_free(struct lyrics_seat *seat)
{
	if (seat == NULL)
		return;
	while (seat->searches != NULL) {
		struct search *search = seat->searches;
		seat->searches = search->next;
		timer_stop(&search->turn);
		if (search->asking != NULL)
			search->ops->lyrics_cancel(search->asking);
		if (search->facts != NULL)
			catalog_cancel(search->facts);
		if (search->call != NULL)
			http_call_cancel(search->call);
		flight_land(search->flight, ERR_BUSY, NULL);
		search_free(search);
	}
	xfree(seat);
}

struct flight_wait *
lyrics_get(struct lyrics_seat *seat, const struct external_id *song,
	const struct track_listener *listener,
	void (*done)(void *arg, enum err err, void *words), void *arg)
{
	struct song_words *words = NULL;
	char key[LYRICS_KEY_SIZE];
	struct flight *lead;
	enum err err = ERR_NOT_FOUND;

	key_for(key, seat, song, listener);
	struct flight_wait *wait = flights_join(
		seat->finder->flights, seat->loop, key, TOTAL_MS, done, arg, &lead);

	if (lead == NULL) {
		metric_add(&lyrics_metric_joined, 1);
	} else if (song->kind != MEDIA_SONG ||
		   lyrics_kept_find(seat->finder->kept, key, &err, &words)) {
		metric_add(&lyrics_metric_cached, 1);
		flight_land(lead, err, words);
		song_words_unref(words);
	} else {
		take_off(seat, lead, song, listener);
	}
	return wait;
}

static void
on_ahead(void *arg, enum err err, void *words)
{
	(void)arg;
	(void)err;
	(void)words; /* kept for who asks next */
}

void
lyrics_fetch_ahead(struct lyrics_seat *seat, const struct external_id *song,
	const struct track_listener *listener)
{
	struct song_words *words;
	enum err err;
	bool known = lyrics_peek(seat, song, listener, &err, &words);

	if (known)
		song_words_unref(words);
	if (known || flights_count(seat->finder->flights) >= MAX_AHEAD)
		return;
	metric_add(&lyrics_metric_ahead, 1);
	/* Nobody waits, so nobody leaves: what is under way ends by itself. */
	lyrics_get(seat, song, listener, on_ahead, NULL);
}
