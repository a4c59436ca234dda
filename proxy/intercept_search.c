#include "proxy/intercept_search.h"

#include <string.h>

#include "core/json.h"
#include "core/loop.h"
#include "providers/search_merge.h"
#include "proxy/local.h"
#include "proxy/search_sources.h"

enum {
	/* A little less than the 300 ms that local results may wait. */
	PATIENCE_MS = 250,
	/* So many local results are looked at, at least, to find what is local already. */
	LOCAL_WINDOW = 50,
	SHARE = 3, /* every third place */
	MIN_TERM = 2,
};

enum list_form { FORM_ITEMS, FORM_HINTS };

struct search {
	struct intercept *intercept;
	enum list_form form;
	unsigned wanted; /* bits of 1 << enum media_kind */
	const char *term;
	struct intercept_page page;
	char *key; /* under which the merged list is frozen */
	struct search_list *frozen;
	int64_t local_start; /* of the first local item we have */
	const struct local_answer *local;
	struct search_sources sources;
	struct timer patience;
};

/* ---- what is asked for ---- */

/* Filters on what only Jellyfin knows: nothing of a provider's can pass them. */
static const char *const foreign_filters[] = { "Filters", "IsFavorite", "IsPlayed",
	"Genres", "GenreIds", "Years", "Studios", "StudioIds", "Person", "PersonIds",
	"PersonTypes", "Tags", "OfficialRatings", "ArtistIds", "AlbumIds", "AlbumArtistIds",
	"ContributingArtistIds", "Ids", "NameStartsWith", "NameStartsWithOrGreater",
	"NameLessThan", "MinDateLastSaved", "MinDateLastSavedForUser", "MinPremiereDate",
	"MaxPremiereDate", "AdjacentTo", "SeriesStatus", "VideoTypes" };

static unsigned
kind_of_type(const char *type)
{
	if (text_equal_ci(type, "Audio"))
		return 1u << MEDIA_SONG;
	if (text_equal_ci(type, "MusicAlbum"))
		return 1u << MEDIA_ALBUM;
	if (text_equal_ci(type, "MusicArtist"))
		return 1u << MEDIA_ARTIST;
	if (text_equal_ci(type, "Playlist"))
		return 1u << MEDIA_PLAYLIST;
	return 0;
}

unsigned
search_kinds(const struct query *query, struct arena *arena)
{
	/* Playlists only where they are asked for: they would crowd out the rest. */
	const unsigned all = 1u << MEDIA_SONG | 1u << MEDIA_ALBUM | 1u << MEDIA_ARTIST;
	const unsigned audible = 1u << MEDIA_SONG | 1u << MEDIA_PLAYLIST;
	unsigned wanted = 0;

	for (size_t i = 0; i < COUNT_OF(foreign_filters); i++) {
		const char *value = query_get(query, foreign_filters[i]);
		if (value != NULL && value[0] != '\0')
			return 0;
	}
	const char **types = query_list(arena, query, "IncludeItemTypes", NULL);
	if (types[0] == NULL)
		wanted = all;
	for (size_t i = 0; types[i] != NULL; i++)
		wanted |= kind_of_type(types[i]);
	types = query_list(arena, query, "ExcludeItemTypes", NULL);
	for (size_t i = 0; types[i] != NULL; i++)
		wanted &= ~kind_of_type(types[i]);
	const char **media = query_list(arena, query, "MediaTypes", NULL);
	bool audio = media[0] == NULL;
	for (size_t i = 0; media[i] != NULL; i++)
		audio = audio || text_equal_ci(media[i], "Audio");
	if (!audio)
		return 0;
	/* Only songs and playlists of them have the media type Audio in Jellyfin. */
	return media[0] != NULL ? wanted & audible : wanted;
}

/* Everything that makes a list what it is, but not which page of it. */
static char *
list_key(struct search *search)
{
	struct exchange *exchange = intercept_exchange(search->intercept);
	const struct query *query = exchange_query(exchange);
	struct slice path = exchange_request(exchange)->path;
	struct text key;

	text_init(&key);
	text_add(&key, search->intercept->caller->facts.user_id);
	text_add_char(&key, ' ');
	for (size_t i = 0; i < path.size; i++)
		text_add_char(&key, ascii_lower(path.data[i]));
	for (size_t i = 0; i < query->count; i++) {
		const struct query_item *item = &query->items[i];
		if (text_equal_ci(item->name, "StartIndex") ||
			text_equal_ci(item->name, "Limit") ||
			text_equal_ci(item->name, "ApiKey") ||
			text_equal_ci(item->name, "api_key"))
			continue;
		text_addf(&key, " %s=%s", item->name, item->value);
	}
	char *copy = arena_strdup(exchange_arena(exchange), text_get(&key));
	text_fini(&key);
	return copy;
}

/* ---- the merged page ---- */

/* The externals that are not local already, as the list shows them for a minute. */
static struct search_list *
freeze(struct search *search)
{
	struct search_list *frozen =
		search_sources_freeze(&search->sources, search->local->items);
	int64_t seen = search->local_start + (int64_t)search->local->slices.count;

	frozen->local_total = search->local->total > seen ? search->local->total : seen;
	search_lists_put(
		search->intercept->worker->services->search_lists, search->key, frozen);
	return frozen;
}

static void
add_external(struct text *body, const struct search *search, const struct media *media)
{
	struct item_context context = intercept_item_context(search->intercept);
	json_t *item = search->form == FORM_HINTS ? media_hint_new(media, &context)
						  : media_item_new(media, &context);

	intercept_add_json(body, search->intercept, item);
}

static void
reply_merged(struct search *search)
{
	struct intercept *intercept = search->intercept;
	const struct json_slices *slices = &search->local->slices;
	const struct search_list *frozen = search->frozen;
	struct merge_plan plan = { frozen->local_total, (int64_t)frozen->count, SHARE };
	int64_t total = merge_total(&plan);
	int64_t end = total;
	bool first = true;
	struct text body;

	if (search->page.limit >= 0 && search->page.start + search->page.limit < total)
		end = search->page.start + search->page.limit;
	text_init(&body);
	json_slices_put_int(&body, slices->before, "TotalRecordCount", total);
	for (int64_t place = search->page.start; place < end; place++) {
		struct merge_slot slot = merge_at(&plan, place);
		size_t local = slot.index - (size_t)search->local_start;
		if (!slot.external && local >= slices->count) {
			/* Jellyfin has fewer than it said, perhaps by far. */
			if (place - (int64_t)slot.index == plan.external_total)
				break;
			continue;
		}
		if (!first)
			text_add_char(&body, ',');
		first = false;
		if (slot.external)
			add_external(&body, search, frozen->items[slot.index]);
		else
			text_add_slice(&body, slices->items[local]);
	}
	struct text after;
	text_init(&after);
	json_slices_put_int(&after, slices->after, "TotalRecordCount", total);
	json_slices_put_int(
		&body, slice_of(text_get(&after)), "StartIndex", search->page.start);
	text_fini(&after);
	intercept_reply_text(
		intercept, 200, search->local->content_type, body.data, body.size);
	text_fini(&body);
}

/* ---- the course of events ---- */

static void
drop_frozen(void *operation)
{
	struct search *search = operation;

	timer_stop(&search->patience);
	search_list_unref(search->frozen);
}

static void
merge(struct search *search)
{
	if (search->sources.gather != NULL)
		gather_abandon(search->sources.gather);
	if (search->frozen == NULL)
		search->frozen = freeze(search);
	reply_merged(search);
}

static void
on_patience_over(void *arg)
{
	merge(arg);
}

static void
on_gathered(void *arg)
{
	struct search *search = arg;

	if (search->local != NULL)
		merge(search);
}

static void
on_local(void *arg, const struct local_answer *answer)
{
	struct search *search = arg;

	if (!answer->is_list) {
		local_reply(search->intercept, answer);
		return;
	}
	search->local = answer;
	if (search->sources.gather == NULL || gather_is_complete(search->sources.gather))
		merge(search);
	else
		timer_start(&search->patience, PATIENCE_MS);
}

/* Which local items the page needs: exactly, when the list is frozen; else all from the
 * first to the page's end, which no merge can exceed. */
static void
ask_jellyfin(struct search *search)
{
	struct exchange *exchange = intercept_exchange(search->intercept);
	struct intercept_page page = search->page;
	int64_t limit = page.limit < 0 ? -1 : page.start + page.limit;

	if (limit >= 0 && limit < LOCAL_WINDOW)
		limit = LOCAL_WINDOW;
	if (limit > INT32_MAX)
		limit = INT32_MAX; /* Jellyfin refuses what it cannot hold */
	if (search->frozen != NULL) {
		struct merge_plan plan = { search->frozen->local_total,
			(int64_t)search->frozen->count, SHARE };
		search->local_start = merge_local_before(&plan, page.start);
		if (page.limit >= 0)
			limit = merge_local_before(&plan, page.start + page.limit) -
				search->local_start;
	}
	if (search->form == FORM_HINTS && limit >= 0) {
		/* Jellyfin cuts hints to Limit before it skips StartIndex. */
		limit += search->local_start;
		search->local_start = 0;
	}
	const char *start_text = arena_printf(
		exchange_arena(exchange), "%lld", (long long)search->local_start);
	const char *limit_text =
		arena_printf(exchange_arena(exchange), "%lld", (long long)limit);
	const struct local_change changes[] = {
		{ "StartIndex", search->local_start > 0 ? start_text : NULL },
		{ "Limit", limit >= 0 ? limit_text : NULL },
	};
	local_ask(search->intercept, local_target(exchange, changes, COUNT_OF(changes)),
		search->form == FORM_HINTS ? "SearchHints" : "Items", on_local, search);
}

static void
on_allowed(struct intercept *intercept)
{
	struct search *search = intercept->state;

	search->key = list_key(search);
	search->frozen =
		search_lists_get(intercept->worker->services->search_lists, search->key);
	if (search->frozen != NULL && !search->frozen->complete &&
		search->page.start == 0) {
		search_list_unref(search->frozen);
		search->frozen = NULL;
	}
	timer_init(
		&search->patience, http_job_loop(intercept->job), on_patience_over, search);
	http_job_hold(intercept->job, drop_frozen, search);
	ask_jellyfin(search);
	if (search->frozen == NULL)
		search_sources_ask(&search->sources, intercept, search->wanted,
			search->term, on_gathered, search);
}

static bool
start(struct front_worker *worker, struct exchange *exchange,
	const struct route_match *match, enum list_form form, unsigned wanted)
{
	const char *term = query_get(exchange_query(exchange), "SearchTerm");
	struct intercept *intercept;

	if (term == NULL || strlen(term) < MIN_TERM || wanted == 0)
		return false;
	struct search *search = arena_alloc(exchange_arena(exchange), sizeof *search);
	*search = (struct search){
		.form = form,
		.wanted = wanted,
		.term = term,
		.page = intercept_page(exchange),
	};
	intercept = intercept_start(worker, exchange, match);
	intercept->state = search;
	search->intercept = intercept;
	intercept_guard(intercept, on_allowed, intercept_relay);
	return true;
}

bool
intercept_search_items(struct front_worker *worker, struct exchange *exchange,
	const struct route_match *match)
{
	return start(worker, exchange, match, FORM_ITEMS,
		search_kinds(exchange_query(exchange), exchange_arena(exchange)));
}

bool
intercept_search_hints(struct front_worker *worker, struct exchange *exchange,
	const struct route_match *match)
{
	const struct query *query = exchange_query(exchange);
	unsigned wanted = search_kinds(query, exchange_arena(exchange));

	if (!query_bool(query, "IncludeMedia", true))
		wanted &= 1u << MEDIA_ARTIST;
	if (!query_bool(query, "IncludeArtists", true))
		wanted &= ~(1u << MEDIA_ARTIST);
	return start(worker, exchange, match, FORM_HINTS, wanted);
}

bool
intercept_search_artists(struct front_worker *worker, struct exchange *exchange,
	const struct route_match *match)
{
	unsigned wanted = search_kinds(exchange_query(exchange), exchange_arena(exchange));

	return start(
		worker, exchange, match, FORM_ITEMS, wanted != 0 ? 1u << MEDIA_ARTIST : 0);
}
