#include "providers/catalog_alternative.h"

#include <string.h>

#include "core/clock.h"
#include "core/loop.h"
#include "providers/catalog_codes.h"

enum { ALTERNATIVE_MAGIC = 0x414c5452, SONGS_OF_CODE = 10 };

/* Learns the ISRC, then walks through the providers; one question at a time. */
struct catalog_alternative {
	unsigned magic;
	struct catalog_worker *worker;
	struct external_id song;
	enum provider_id others[PROVIDERS_MOST]; /* still to be looked at */
	size_t other_count, next;
	char isrc[ISRC_SIZE]; /* "": not known yet */
	int64_t ends_ms;
	struct timer timer; /* begins, in a later turn */
	struct catalog_call *call;
	struct external_id found;
	void (*done)(void *arg, enum err err, const struct external_id *song);
	void *arg;
};

static void
alternative_free(void *arg)
{
	struct catalog_alternative *alternative = arg;

	alternative->magic = 0;
	xfree(alternative);
}

static void
finish(struct catalog_alternative *alternative, enum err err)
{
	alternative->done(
		alternative->arg, err, err == ERR_NONE ? &alternative->found : NULL);
	loop_later(catalog_worker_loop(alternative->worker), alternative_free, alternative);
}

static void
ask(struct catalog_alternative *alternative, const struct catalog_query *query,
	void (*on_answer)(void *arg, enum err err, struct media_list *list))
{
	int64_t left_ms = alternative->ends_ms - clock_now_ms();

	alternative->call = catalog_get(alternative->worker, query,
		left_ms > 0 ? left_ms : 0, on_answer, alternative);
}

/* ---- the others ---- */

static void ask_next(struct catalog_alternative *alternative);

static bool
is_recording(const struct media *song, const char *wanted)
{
	char isrc[ISRC_SIZE];

	return song->kind == MEDIA_SONG && song->readable && song->isrc != NULL &&
	       isrc_normalize(isrc, song->isrc) && strcmp(isrc, wanted) == 0;
}

static void
on_songs(void *arg, enum err err, struct media_list *list)
{
	struct catalog_alternative *alternative = CAST(arg, ALTERNATIVE_MAGIC);

	alternative->call = NULL;
	if (err == ERR_TIMEOUT) {
		finish(alternative, err);
		return;
	}
	for (size_t i = 0; list != NULL && i < list->count; i++) {
		if (!is_recording(&list->items[i], alternative->isrc))
			continue;
		alternative->found = list->items[i].id;
		finish(alternative, ERR_NONE);
		return;
	}
	ask_next(alternative);
}

static void
ask_next(struct catalog_alternative *alternative)
{
	struct catalog *catalog = catalog_of(alternative->worker);

	if (alternative->next == alternative->other_count) {
		finish(alternative, ERR_NOT_FOUND);
		return;
	}
	enum provider_id provider = alternative->others[alternative->next++];
	if (catalog_codes_find(catalog_codes(catalog), &alternative->found, provider,
		    alternative->isrc)) {
		finish(alternative, ERR_NONE);
		return;
	}
	const struct catalog_query query = { .ask = CATALOG_SONGS_OF_ISRC,
		.provider = provider,
		.kind = MEDIA_SONG,
		.text = alternative->isrc,
		.limit = SONGS_OF_CODE };
	ask(alternative, &query, on_songs);
}

/* ---- the song itself ---- */

static void
on_song(void *arg, enum err err, struct media_list *list)
{
	struct catalog_alternative *alternative = CAST(arg, ALTERNATIVE_MAGIC);
	const struct media *song = err == ERR_NONE ? &list->items[0] : NULL;

	alternative->call = NULL;
	if (song != NULL && song->isrc != NULL &&
		isrc_normalize(alternative->isrc, song->isrc))
		ask_next(alternative);
	else
		finish(alternative, err == ERR_TIMEOUT ? err : ERR_NOT_FOUND);
}

static void
on_timer(void *arg)
{
	struct catalog_alternative *alternative = CAST(arg, ALTERNATIVE_MAGIC);
	const struct catalog_query query = { .ask = CATALOG_ITEM,
		.provider = alternative->song.provider,
		.id = alternative->song };

	if (alternative->other_count == 0)
		finish(alternative, ERR_NOT_FOUND);
	else if (catalog_codes_of(catalog_codes(catalog_of(alternative->worker)),
			 alternative->isrc, &alternative->song))
		ask_next(alternative);
	else
		ask(alternative, &query, on_song);
}

static void
choose_others(struct catalog_alternative *alternative,
	const struct track_listener *listener, track_quality_set qualities)
{
	struct catalog *catalog = catalog_of(alternative->worker);
	const struct provider_list *providers = catalog_providers(catalog);

	for (size_t i = 0; i < providers->count; i++) {
		const struct provider *provider = &providers->of[i];
		struct provider_lane lane = provider->ops->lane(provider->shared, listener);
		if (provider->ops->id != alternative->song.provider &&
			(lane.qualities & qualities) != 0 &&
			provider->ops->is_up(provider->shared))
			alternative->others[alternative->other_count++] = provider->ops->id;
	}
}

struct catalog_alternative *
catalog_alternative_find(struct catalog_worker *worker, const struct external_id *song,
	const struct track_listener *listener, track_quality_set qualities,
	int64_t deadline_ms,
	void (*done)(void *arg, enum err err, const struct external_id *song), void *arg)
{
	struct catalog_alternative *alternative = xcalloc(1, sizeof *alternative);

	alternative->magic = ALTERNATIVE_MAGIC;
	alternative->worker = worker;
	alternative->song = *song;
	alternative->ends_ms = clock_now_ms() + deadline_ms;
	alternative->done = done;
	alternative->arg = arg;
	choose_others(alternative, listener, qualities);
	timer_init(&alternative->timer, catalog_worker_loop(worker), on_timer, alternative);
	timer_start(&alternative->timer, 0);
	return alternative;
}

void
catalog_alternative_cancel(struct catalog_alternative *alternative)
{
	timer_stop(&alternative->timer);
	if (alternative->call != NULL)
		catalog_cancel(alternative->call);
	loop_later(catalog_worker_loop(alternative->worker), alternative_free, alternative);
}
