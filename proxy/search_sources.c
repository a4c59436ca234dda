#include "proxy/search_sources.h"

#include "core/clock.h"
#include "providers/metrics.h"
#include "providers/provider_merge.h"

enum {
	/* How long a provider may take at all; later answers are cached for the next one.
	 */
	DEADLINE_MS = 5000,
	PER_KIND = 25,
	ONE_KIND = 50,
};

/* In the order they take turns in a mixed list. */
static const enum media_kind kinds_in_turn[SEARCH_KINDS] = { MEDIA_ARTIST, MEDIA_ALBUM,
	MEDIA_SONG, MEDIA_PLAYLIST };

/* ---- questions ---- */

static bool
is_cached(struct catalog *catalog, const struct catalog_query *query)
{
	struct media_list *list = catalog_peek(catalog, query);

	media_list_unref(list);
	return list != NULL;
}

/* Every kind at every provider that is up. */
static void
plan(struct search_sources *sources, unsigned kinds, const char *term)
{
	struct catalog *catalog = sources->intercept->worker->services->catalog;
	const struct provider_list *providers = catalog_providers(catalog);
	int64_t limit = (kinds & (kinds - 1)) == 0 ? ONE_KIND : PER_KIND;

	for (size_t i = 0; i < SEARCH_KINDS; i++) {
		for (size_t k = 0; k < providers->count; k++) {
			enum provider_id provider = providers->of[k].ops->id;
			if ((kinds & 1u << kinds_in_turn[i]) == 0 ||
				!catalog_is_up(catalog, provider))
				continue;
			sources->items[sources->count++].query = (struct catalog_query){
				.ask = CATALOG_SEARCH,
				.provider = provider,
				.kind = kinds_in_turn[i],
				.text = term,
				.limit = limit,
			};
		}
	}
}

/* Leaves only what costs nobody a call. */
static void
drop_unknown(struct search_sources *sources)
{
	struct catalog *catalog = sources->intercept->worker->services->catalog;
	size_t kept = 0;

	for (size_t i = 0; i < sources->count; i++) {
		if (is_cached(catalog, &sources->items[i].query))
			sources->items[kept++] = sources->items[i];
	}
	sources->limited = kept < sources->count;
	sources->count = kept;
}

static bool
asks_anything_new(const struct search_sources *sources)
{
	struct catalog *catalog = sources->intercept->worker->services->catalog;

	for (size_t i = 0; i < sources->count; i++) {
		if (!is_cached(catalog, &sources->items[i].query))
			return true;
	}
	return false;
}

void
search_sources_ask(struct search_sources *sources, struct intercept *intercept,
	unsigned kinds, const char *term, void (*done)(void *arg), void *arg)
{
	*sources = (struct search_sources){ .intercept = intercept };
	plan(sources, kinds, term);
	if (asks_anything_new(sources) &&
		!user_window_take(intercept->worker->services->searches,
			intercept->caller->facts.user_id, clock_now_ms())) {
		metric_add(&catalog_metric_searches_limited, 1);
		drop_unknown(sources);
	}
	sources->gather = gather_start(
		intercept, sources->items, sources->count, DEADLINE_MS, done, arg);
}

/* ---- answers ---- */

static const struct media_list *
find_list(const struct search_sources *sources, enum provider_id provider,
	enum media_kind kind)
{
	for (size_t i = 0; i < sources->count; i++) {
		const struct catalog_query *query = &sources->items[i].query;
		if (query->provider == provider && query->kind == kind)
			return sources->items[i].list;
	}
	return NULL;
}

/* What all providers found of one kind, without doubles; the count. */
static size_t
merge_kind(const struct media **to, const struct search_sources *sources,
	enum media_kind kind, const struct merge_locals *locals)
{
	const struct provider_list *providers =
		catalog_providers(sources->intercept->worker->services->catalog);
	const struct track_listener listener = intercept_listener(sources->intercept);
	struct merge_source of[PROVIDERS_MOST];

	for (size_t i = 0; i < providers->count; i++) {
		const struct provider *provider = &providers->of[i];
		enum provider_id id = provider->ops->id;
		of[i] = (struct merge_source){
			.list = find_list(sources, id, kind),
			.albums = find_list(sources, id, MEDIA_ALBUM),
			.qualities =
				provider->ops->lane(provider->shared, &listener).qualities,
		};
	}
	return provider_merge(to, of, providers->count, locals);
}

/* Room for everything that was found, of any kind. */
static size_t
count_found(const struct search_sources *sources)
{
	size_t found = 0;

	for (size_t i = 0; i < sources->count; i++) {
		if (sources->items[i].list != NULL)
			found += sources->items[i].list->count;
	}
	return found;
}

static bool
is_complete(const struct search_sources *sources)
{
	bool complete = !sources->limited && gather_is_complete(sources->gather);

	for (size_t i = 0; i < sources->count; i++)
		complete = complete && sources->items[i].err == ERR_NONE;
	return complete;
}

struct search_list *
search_sources_freeze(const struct search_sources *sources, const json_t *local_items)
{
	struct arena *arena = intercept_arena(sources->intercept);
	struct media_list *lists[SEARCH_QUESTIONS];
	size_t found = count_found(sources), counts[SEARCH_KINDS], longest = 0;
	const struct media **kept[SEARCH_KINDS];
	struct merge_locals *locals = merge_locals_new(local_items);

	for (size_t i = 0; i < sources->count; i++)
		lists[i] = sources->items[i].list;
	struct search_list *frozen = search_list_new(lists, sources->count, found);
	for (size_t i = 0; i < SEARCH_KINDS; i++) {
		kept[i] = arena_alloc(arena, (found + 1) * sizeof *kept[i]);
		counts[i] = merge_kind(kept[i], sources, kinds_in_turn[i], locals);
		longest = counts[i] > longest ? counts[i] : longest;
	}
	for (size_t row = 0; row < longest; row++) {
		for (size_t i = 0; i < SEARCH_KINDS; i++) {
			if (row < counts[i])
				frozen->items[frozen->count++] = kept[i][row];
		}
	}
	merge_locals_free(locals);
	frozen->complete = is_complete(sources);
	return frozen;
}
