#include "providers/artwork.h"

#include <pthread.h>
#include <string.h>

#include "core/clock.h"
#include "core/http_answer.h"
#include "core/log.h"
#include "providers/artwork_metrics.h"
#include "providers/lru.h"
#include "providers/rate_window.h"

enum {
	FETCH_MAGIC = 0x41525446,
	MAX_PICTURES = 8192,
	MAX_KEPT_BYTES = 32 << 20,
	MAX_BYTES = 8 << 20,
	KEPT_MS = 24 * 3600 * 1000,
	MISSING_MS = 5 * 60 * 1000,
	TIMEOUT_MS = 10 * 1000,
	CONNECT_TIMEOUT_MS = 4 * 1000,
	MAX_FLIGHTS = 128,
	/* Of the 40 questions that a provider is asked in 5 s. */
	STRANGERS = 10,
	STRANGER_WINDOW_MS = 5000,
	STRANGER_PATIENCE_MS = 5000,
};

struct artwork {
	pthread_mutex_t mutex; /* guards `kept` */
	struct lru *kept;      /* url → struct picture *, of size 0: there is none */
	struct flights *flights;
	struct rate_window *strangers;
};

struct artwork_seat {
	struct artwork *artwork;
	struct loop *loop;
	struct http_client *client;
	struct fetch *fetches;
};

/* A picture that this seat fetches for all who wait. */
struct fetch {
	unsigned magic;
	struct artwork_seat *seat;
	struct fetch *next;
	struct flight *flight;
	struct http_call *call;
};

/* ---- pictures ---- */

static struct picture *
picture_new(const char *type, const char *modified, const void *data, size_t size)
{
	struct picture *picture = xcalloc(1, sizeof *picture + size);

	atomic_init(&picture->references, 1);
	copy_text(picture->type, sizeof picture->type, type);
	if (modified == NULL ||
		!copy_text(picture->modified, sizeof picture->modified, modified))
		http_format_date(picture->modified, clock_wall_ms());
	picture->size = size;
	if (size > 0)
		memcpy(picture->data, data, size);
	return picture;
}

struct picture *
picture_ref(struct picture *picture)
{
	atomic_fetch_add_explicit(&picture->references, 1, memory_order_relaxed);
	return picture;
}

void
picture_unref(struct picture *picture)
{
	if (picture != NULL && atomic_fetch_sub(&picture->references, 1) == 1)
		xfree(picture);
}

static void *
ref_result(void *result)
{
	return picture_ref(result);
}

static void
unref_result(void *result)
{
	picture_unref(result);
}

/* ---- the shared part ---- */

struct artwork *
artwork_new(void)
{
	static const struct flights_options flights = {
		.ref = ref_result, .unref = unref_result, .most = MAX_FLIGHTS
	};
	struct artwork *artwork = xcalloc(1, sizeof *artwork);

	pthread_mutex_init(&artwork->mutex, NULL);
	artwork->kept = lru_new(MAX_PICTURES, MAX_KEPT_BYTES, unref_result);
	artwork->flights = flights_new(&flights);
	artwork->strangers = rate_window_new(STRANGERS, STRANGER_WINDOW_MS);
	return artwork;
}

void
artwork_free(struct artwork *artwork)
{
	if (artwork == NULL)
		return;
	flights_free(artwork->flights);
	rate_window_free(artwork->strangers);
	lru_free(artwork->kept);
	pthread_mutex_destroy(&artwork->mutex);
	xfree(artwork);
}

int64_t
artwork_book_stranger(struct artwork *artwork, int64_t now_ms)
{
	int64_t at_ms = rate_window_book(
		artwork->strangers, 0, now_ms, now_ms + STRANGER_PATIENCE_MS);

	if (at_ms < 0)
		metric_add(&artwork_metric_refused, 1);
	return at_ms;
}

struct artwork_figures
artwork_figures(struct artwork *artwork)
{
	struct artwork_figures figures = { .under_way = flights_count(artwork->flights) };

	pthread_mutex_lock(&artwork->mutex);
	figures.pictures = lru_count(artwork->kept);
	figures.bytes = lru_cost(artwork->kept);
	pthread_mutex_unlock(&artwork->mutex);
	return figures;
}

static bool
look_up(struct artwork *artwork, const char *url, enum err *err, struct picture **picture)
{
	pthread_mutex_lock(&artwork->mutex);
	struct picture *kept = lru_get(artwork->kept, url, clock_now_ms());
	bool known = kept != NULL;
	*picture = known && kept->size > 0 ? picture_ref(kept) : NULL;
	*err = *picture != NULL ? ERR_NONE : ERR_NOT_FOUND;
	pthread_mutex_unlock(&artwork->mutex);
	return known;
}

bool
artwork_peek(
	struct artwork *artwork, const char *url, enum err *err, struct picture **picture)
{
	bool known = look_up(artwork, url, err, picture);

	if (known)
		metric_add(&artwork_metric_cached, 1);
	return known;
}

/* Takes a reference. */
static void
keep(struct artwork *artwork, const char *url, struct picture *picture, int64_t kept_ms)
{
	pthread_mutex_lock(&artwork->mutex);
	lru_put(artwork->kept, url, picture_ref(picture), sizeof *picture + picture->size,
		clock_now_ms() + kept_ms);
	metric_set(&artwork_metric_bytes, (int64_t)lru_cost(artwork->kept));
	pthread_mutex_unlock(&artwork->mutex);
}

/* ---- a seat ---- */

struct artwork_seat *
artwork_seat_new(struct artwork *artwork, struct loop *loop, struct http_client *client)
{
	struct artwork_seat *seat = xcalloc(1, sizeof *seat);

	*seat = (struct artwork_seat){ .artwork = artwork, .loop = loop, .client = client };
	return seat;
}

static void
fetch_free(void *arg)
{
	struct fetch *fetch = CAST(arg, FETCH_MAGIC);

	fetch->magic = 0;
	xfree(fetch);
}

static void
land(struct fetch *fetch, enum err err, struct picture *picture)
{
	struct fetch **link = &fetch->seat->fetches;

	while (*link != fetch)
		link = &(*link)->next;
	*link = fetch->next;
	flight_land(fetch->flight, err, picture);
	loop_later(fetch->seat->loop, fetch_free, fetch);
}

static bool
is_picture(const char *type)
{
	static const char *const types[] = { "image/jpeg", "image/png", "image/webp",
		"image/gif", "image/avif" };
	struct slice rest = slice_of(type != NULL ? type : "");
	struct slice essence;

	if (!slice_next(&rest, ';', &essence))
		return false;
	essence = slice_trim(essence);
	for (size_t i = 0; i < COUNT_OF(types); i++) {
		if (slice_equal_text_ci(essence, types[i]))
			return true;
	}
	return false;
}

/* What an answer of a CDN means. */
static enum err
judge(const struct http_answer *answer)
{
	if (answer->err != ERR_NONE)
		return answer->err;
	if (answer->status == 404 || answer->status == 403 || answer->status == 410)
		return ERR_NOT_FOUND;
	if (answer->status == 429 || answer->status == 503)
		return ERR_BUSY;
	if (answer->status >= 500)
		return ERR_UNREACHABLE;
	if (answer->status != 200 || answer->body_size == 0 ||
		!is_picture(http_answer_header(answer, "Content-Type")))
		return ERR_PROTOCOL;
	return ERR_NONE;
}

static void
on_fetched(void *arg, const struct http_answer *answer)
{
	struct fetch *fetch = CAST(arg, FETCH_MAGIC);
	struct artwork *artwork = fetch->seat->artwork;
	const char *url = flight_key(fetch->flight);
	struct picture *picture = NULL;
	enum err err = judge(answer);

	if (err == ERR_NONE) {
		picture = picture_new(http_answer_header(answer, "Content-Type"),
			http_answer_header(answer, "Last-Modified"), answer->body,
			answer->body_size);
		keep(artwork, url, picture, KEPT_MS);
	} else if (err == ERR_NOT_FOUND) {
		struct picture *none = picture_new("", NULL, NULL, 0);
		keep(artwork, url, none, MISSING_MS);
		picture_unref(none);
	}
	if (err != ERR_NONE)
		metric_add(&artwork_metric_failed, 1);
	if (err != ERR_NONE && err != ERR_NOT_FOUND)
		log_warn_limited("image_failed", LOG_TEXT("err", err_name(err)),
			LOG_NUMBER("status", answer->status),
			LOG_TEXT("reason", answer->reason != NULL ? answer->reason : ""));
	land(fetch, err, picture);
	picture_unref(picture);
}

static void
take_off(struct artwork_seat *seat, struct flight *flight)
{
	const struct http_call_request request = {
		.url = flight_key(flight),
		.timeout_ms = TIMEOUT_MS,
		.connect_timeout_ms = CONNECT_TIMEOUT_MS,
		.max_body = MAX_BYTES,
	};
	struct fetch *fetch = xcalloc(1, sizeof *fetch);

	metric_add(&artwork_metric_fetched, 1);
	*fetch = (struct fetch){
		.magic = FETCH_MAGIC, .seat = seat, .flight = flight, .next = seat->fetches
	};
	seat->fetches = fetch;
	fetch->call = http_client_start(seat->client, &request, on_fetched, fetch);
}

struct flight_wait *
artwork_get(struct artwork_seat *seat, const char *url,
	void (*done)(void *arg, enum err err, void *picture), void *arg)
{
	struct picture *picture = NULL;
	struct flight *lead;
	enum err err;
	struct flight_wait *wait = flights_join(seat->artwork->flights, seat->loop, url,
		TIMEOUT_MS + CONNECT_TIMEOUT_MS, done, arg, &lead);

	if (lead == NULL) {
		metric_add(&artwork_metric_joined, 1);
	} else if (look_up(seat->artwork, url, &err, &picture)) {
		/* It came between the caller's look and this. */
		metric_add(&artwork_metric_cached, 1);
		flight_land(lead, err, picture);
		picture_unref(picture);
	} else {
		take_off(seat, lead);
	}
	return wait;
}

void
artwork_seat_free(struct artwork_seat *seat)
{
	if (seat == NULL)
		return;
	while (seat->fetches != NULL) {
		struct fetch *fetch = seat->fetches;
		seat->fetches = fetch->next;
		http_call_cancel(fetch->call);
		flight_land(fetch->flight, ERR_BUSY, NULL);
		fetch_free(fetch);
	}
	xfree(seat);
}
