#include "providers/deezer/deezer.h"

#include "core/clock.h"
#include "core/crypto.h"
#include "providers/deezer/deezer_login.h"
#include "providers/deezer/deezer_media.h"
#include "providers/deezer/deezer_parts.h"
#include "providers/deezer/deezer_preview.h"
#include "providers/deezer/deezer_track.h"
#include "providers/deezer/deezer_words.h"
#include "providers/provider_status.h"

enum {
	/* Deezer allows 50 in 5 s per address; others behind it may ask too. The gateway
	 * counts by itself. */
	RATE_CALLS = 40,
	RATE_WINDOW_MS = 5000,
};

/* ---- the shared part ---- */

static void
free_shared(void *shared)
{
	struct deezer *deezer = shared;

	deezer_logins_free(deezer->logins);
	deezer_accounts_free(deezer->accounts);
	rate_window_free(deezer->gateway_window);
	xfree(deezer->media_url);
	xfree(deezer->gateway_url);
	deezer_previews_free(deezer->previews);
	breaker_fini(&deezer->breaker);
	rate_window_free(deezer->window);
	xfree(deezer->url);
	xfree(deezer);
}

static bool
is_up(void *shared)
{
	struct deezer *deezer = shared;

	return !breaker_is_open(&deezer->breaker, clock_now_ms());
}

static struct provider_lane
lane(void *shared, const struct track_listener *listener)
{
	struct deezer *deezer = shared;

	return deezer_accounts_lane(deezer->accounts, listener);
}

static json_t *
status(void *shared)
{
	struct deezer *deezer = shared;

	return provider_status_new(PROVIDER_DEEZER, &deezer->breaker, deezer->window,
		deezer_accounts_status_new(deezer->accounts));
}

/* ---- a seat ---- */

static void *
seat_new(void *shared, struct loop *loop, struct http_client *client)
{
	struct deezer *deezer = shared;
	struct deezer_seat *seat = xcalloc(1, sizeof *seat);

	seat->deezer = deezer;
	seat->source = (struct deezer_source){ .loop = loop,
		.client = client,
		.url = deezer->url,
		.window = deezer->window,
		.breaker = &deezer->breaker };
	return seat;
}

static void
seat_free(void *seat)
{
	deezer_login_end(seat);
	xfree(seat);
}

static void *
fetch_start(void *seat, const struct catalog_query *query, struct media_list *parent,
	int64_t patience_ms, void (*done)(void *arg, enum err err, struct media_list *list),
	void *arg)
{
	struct deezer_seat *deezer_seat = seat;

	return deezer_fetch_start(
		&deezer_seat->source, query, parent, patience_ms, done, arg);
}

static void
fetch_cancel(void *fetch)
{
	deezer_fetch_cancel(fetch);
}

static void *
formats_start(void *seat, const struct track_wish *wish,
	void (*done)(void *arg, enum err err, const struct track_formats *formats),
	void *arg)
{
	return deezer_track_formats(seat, wish, done, arg);
}

static void *
open_start(void *seat, const struct track_wish *wish,
	void (*done)(void *arg, enum err err, struct track_source *take_source), void *arg)
{
	return deezer_track_open(seat, wish, done, arg);
}

static void
track_cancel(void *track)
{
	deezer_track_cancel(track);
}

static void *
lyrics_start(void *seat, const struct track_wish *wish,
	void (*done)(void *arg, enum err err, const struct lyrics *lyrics), void *arg)
{
	return deezer_words_start(seat, wish, done, arg);
}

static void
lyrics_cancel(void *words)
{
	deezer_words_cancel(words);
}

static const struct provider_ops ops = {
	.id = PROVIDER_DEEZER,
	.free = free_shared,
	.is_up = is_up,
	.lane = lane,
	.image_url = deezer_media_image_url,
	.status = status,
	.seat_new = seat_new,
	.seat_free = seat_free,
	.fetch_start = fetch_start,
	.fetch_cancel = fetch_cancel,
	.formats_start = formats_start,
	.formats_cancel = track_cancel,
	.open_start = open_start,
	.open_cancel = track_cancel,
	.lyrics_start = lyrics_start,
	.lyrics_cancel = lyrics_cancel,
};

struct provider
deezer_new(const struct deezer_options *options)
{
	struct deezer *deezer = xcalloc(1, sizeof *deezer);
	uint64_t seed;

	crypto_random(&seed, sizeof seed);
	deezer->url = xstrdup(options->url);
	deezer->window = rate_window_new(RATE_CALLS, RATE_WINDOW_MS);
	breaker_init(&deezer->breaker, provider_name(PROVIDER_DEEZER), seed);
	deezer->previews = deezer_previews_new();
	deezer->gateway_url = xstrdup_or_null(options->gateway_url);
	deezer->media_url = xstrdup_or_null(options->media_url);
	deezer->gateway_window = rate_window_new(RATE_CALLS, RATE_WINDOW_MS);
	deezer->accounts = deezer_accounts_new(&options->accounts);
	deezer->logins = deezer_logins_new();
	return (struct provider){ &ops, deezer };
}
