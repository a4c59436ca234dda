#include "providers/qobuz/qobuz.h"

#include "core/clock.h"
#include "core/crypto.h"
#include "core/json.h"
#include "providers/provider_status.h"
#include "providers/qobuz/qobuz_fetch.h"
#include "providers/qobuz/qobuz_files.h"
#include "providers/qobuz/qobuz_image.h"
#include "providers/qobuz/qobuz_open.h"
#include "providers/qobuz/qobuz_words.h"

enum {
	/* Qobuz says no limit; this is what others keep to. */
	RATE_CALLS = 60,
	RATE_WINDOW_MS = 60 * 1000,
};

/* ---- the shared part ---- */

static void
free_shared(void *shared)
{
	struct qobuz *qobuz = shared;

	qobuz_files_free(qobuz->files);
	qobuz_accounts_free(qobuz->accounts);
	breaker_fini(&qobuz->breaker);
	rate_window_free(qobuz->window);
	xfree(qobuz->url);
	xfree(qobuz);
}

static bool
is_up(void *shared)
{
	struct qobuz *qobuz = shared;
	int64_t now_ms = clock_now_ms();

	return !breaker_is_open(&qobuz->breaker, now_ms) &&
	       qobuz_accounts_catalogue_bar(qobuz->accounts, now_ms) == QOBUZ_OPEN;
}

static struct provider_lane
lane(void *shared, const struct track_listener *listener)
{
	struct qobuz *qobuz = shared;

	return qobuz_accounts_lane(qobuz->accounts, listener, clock_now_ms());
}

/* Why nobody is asked, or whose account is missing; "" when all is well. */
static const char *
reason(struct qobuz *qobuz, int64_t now_ms)
{
	enum qobuz_bar bar = qobuz_accounts_catalogue_bar(qobuz->accounts, now_ms);

	if (breaker_is_open(&qobuz->breaker, now_ms))
		return "Qobuz does not answer, or wants to be left alone for a while";
	if (bar == QOBUZ_OPEN && !qobuz_accounts_are_there(qobuz->accounts))
		bar = QOBUZ_NO_ACCOUNT;
	return qobuz_bar_text(bar);
}

static json_t *
status(void *shared)
{
	struct qobuz *qobuz = shared;
	int64_t now_ms = clock_now_ms();
	json_t *status = provider_status_new(PROVIDER_QOBUZ, &qobuz->breaker, qobuz->window,
		qobuz_accounts_lanes_new(qobuz->accounts, now_ms));

	json_put_bool(status, "up", is_up(shared));
	json_put_text(status, "reason", reason(qobuz, now_ms));
	return status;
}

/* ---- a seat ---- */

static void *
seat_new(void *shared, struct loop *loop, struct http_client *client)
{
	struct qobuz_seat *seat = xcalloc(1, sizeof *seat);

	*seat = (struct qobuz_seat){ shared, loop, client, NULL };
	return seat;
}

static void
seat_free(void *seat)
{
	assert(((struct qobuz_seat *)seat)->searches == NULL);
	xfree(seat);
}

static void *
fetch_start(void *seat, const struct catalog_query *query, struct media_list *parent,
	int64_t patience_ms, void (*done)(void *arg, enum err err, struct media_list *list),
	void *arg)
{
	(void)parent;
	return qobuz_fetch_start(seat, query, patience_ms, done, arg);
}

static void
fetch_cancel(void *fetch)
{
	qobuz_fetch_cancel(fetch);
}

static void *
formats_start(void *seat, const struct track_wish *wish,
	void (*done)(void *arg, enum err err, const struct track_formats *formats),
	void *arg)
{
	return qobuz_open_formats(seat, wish, done, arg);
}

static void *
open_start(void *seat, const struct track_wish *wish,
	void (*done)(void *arg, enum err err, struct track_source *take_source), void *arg)
{
	return qobuz_open_start(seat, wish, done, arg);
}

static void
open_cancel(void *opening)
{
	qobuz_open_cancel(opening);
}

static void *
lyrics_start(void *seat, const struct track_wish *wish,
	void (*done)(void *arg, enum err err, const struct lyrics *lyrics), void *arg)
{
	return qobuz_words_start(seat, wish, done, arg);
}

static void
lyrics_cancel(void *words)
{
	qobuz_words_cancel(words);
}

static const struct provider_ops ops = {
	.id = PROVIDER_QOBUZ,
	.free = free_shared,
	.is_up = is_up,
	.lane = lane,
	.image_url = qobuz_image_url,
	.status = status,
	.seat_new = seat_new,
	.seat_free = seat_free,
	.fetch_start = fetch_start,
	.fetch_cancel = fetch_cancel,
	.formats_start = formats_start,
	.formats_cancel = open_cancel,
	.open_start = open_start,
	.open_cancel = open_cancel,
	.lyrics_start = lyrics_start,
	.lyrics_cancel = lyrics_cancel,
};

struct provider
qobuz_new(const struct qobuz_options *options)
{
	struct qobuz *qobuz = xcalloc(1, sizeof *qobuz);
	uint64_t seed;

	crypto_random(&seed, sizeof seed);
	qobuz->url = xstrdup(options->url);
	qobuz->window = rate_window_new(RATE_CALLS, RATE_WINDOW_MS);
	breaker_init(&qobuz->breaker, provider_name(PROVIDER_QOBUZ), seed);
	qobuz->accounts = qobuz_accounts_new(&options->credentials);
	qobuz->files = qobuz_files_new();
	return (struct provider){ &ops, qobuz };
}
