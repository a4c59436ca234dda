#include "proxy/intercept_more.h"

#include <string.h>

#include "core/json.h"
#include "providers/media_sort.h"
#include "providers/provider_merge.h"
#include "providers/title.h"
#include "proxy/gather.h"
#include "proxy/joined_list.h"
#include "proxy/more_query.h"

enum {
	DEADLINE_MS = 1500, /* of each step; what comes later is there the next time */
	FOUND = 5,          /* artists of a search that are looked at */
	CANDIDATES = 3,     /* artists of one name, whose albums are looked at */
};

struct more {
	struct intercept *intercept;
	enum more_kind kind;
	const char *artist_id; /* as the client spells it */
	char *name;            /* of the artist; normalized, in the arena */
	const struct local_answer *local;
	struct merge_locals *locals;
	/* Playlists of each provider, or the artists of that name there. */
	struct gather_item found[PROVIDER_IDS];
	size_t found_count;
	struct gather_item albums[PROVIDER_IDS * CANDIDATES];
	size_t album_count;
	const struct media **shown;
	size_t shown_count;
};

/* ---- the answer ---- */

static json_t *
item_new(void *arg, size_t i, const struct item_context *context)
{
	const struct more *more = arg;

	return media_item_new(more->shown[i], context);
}

static void
reply(struct more *more)
{
	const struct joined_externals externals = {
		.count = more->shown_count, .item_new = item_new, .arg = more
	};

	joined_list_reply(more->intercept, more->local, &externals);
}

/* What these lists have and Jellyfin's has not, in the order that is asked for. */
static void
show(struct more *more, const struct gather_item *items, size_t count)
{
	struct arena *arena = intercept_arena(more->intercept);
	const struct query *query = exchange_query(intercept_exchange(more->intercept));
	struct merge_source sources[PROVIDER_IDS * CANDIDATES];
	struct media_sort sort = { .seed = 1 };
	size_t most = 1;

	for (size_t i = 0; i < count; i++) {
		sources[i] = (struct merge_source){ .list = items[i].list,
			.qualities = intercept_offered(
				more->intercept, items[i].query.provider) };
		most += items[i].list != NULL ? items[i].list->count : 0;
	}
	more->shown = arena_alloc(arena, most * sizeof *more->shown);
	for (size_t i = 0; i < count; i += PROVIDER_IDS) {
		size_t left = count - i;
		more->shown_count +=
			provider_merge(more->shown + more->shown_count, sources + i,
				left < PROVIDER_IDS ? left : PROVIDER_IDS, more->locals);
	}
	media_sort_read(&sort, arena, query);
	sort.user = more->intercept->user;
	media_sort_apply(&sort, arena, more->shown, more->shown_count);
	reply(more);
}

/* ---- the albums of an artist ---- */

static bool
shares_an_album(const struct more *more, const struct media_list *albums)
{
	bool shares = false;

	for (size_t i = 0; albums != NULL && i < albums->count && !shares; i++) {
		struct media_match match;
		media_match_of_media(&match, &albums->items[i]);
		shares = merge_locals_have(more->locals, &albums->items[i], &match, NULL);
		media_match_fini(&match);
	}
	return shares;
}

static void
on_albums(void *arg)
{
	struct more *more = arg;
	size_t kept = 0;

	for (size_t i = 0; i < more->album_count; i++) {
		if (shares_an_album(more, more->albums[i].list))
			more->albums[kept++] = more->albums[i];
	}
	show(more, more->albums, kept);
}

static bool
has_the_name(const struct more *more, const struct media *artist)
{
	struct text name;

	text_init(&name);
	name_normalize(&name, artist->title);
	bool same = strcmp(text_get(&name), more->name) == 0;
	text_fini(&name);
	return same;
}

static void
on_artists(void *arg)
{
	struct more *more = arg;

	for (size_t i = 0; i < more->found_count; i++) {
		const struct media_list *artists = more->found[i].list;
		size_t taken = 0;
		for (size_t j = 0; artists != NULL && j < artists->count; j++) {
			const struct media *artist = &artists->items[j];
			if (taken == CANDIDATES || !has_the_name(more, artist))
				continue;
			taken++;
			more->albums[more->album_count++].query = (struct catalog_query){
				.ask = CATALOG_ARTIST_ALBUMS,
				.provider = artist->id.provider,
				.id = artist->id,
			};
		}
	}
	gather_start(more->intercept, more->albums, more->album_count, DEADLINE_MS,
		on_albums, more);
}

/* Jellyfin accepts ids of either case, with dashes or without. */
static bool
same_id(const char *a, const char *b)
{
	for (;; a++, b++) {
		a += strspn(a, "-");
		b += strspn(b, "-");
		if (ascii_lower(*a) != ascii_lower(*b))
			return false;
		if (*a == '\0')
			return true;
	}
}

/* What the artist is called, from Jellyfin's own albums; NULL: they do not say. */
static const char *
find_name(const struct more *more)
{
	static const char *const members[] = { "AlbumArtists", "ArtistItems" };
	const json_t *item, *artist;
	size_t i, j;

	json_array_foreach (more->local->items, i, item) {
		for (size_t k = 0; k < COUNT_OF(members); k++) {
			json_array_foreach (json_member_ci(item, members[k]), j, artist) {
				const char *id =
					json_string_value(json_member_ci(artist, "Id"));
				if (id != NULL && same_id(id, more->artist_id))
					return json_string_value(
						json_member_ci(artist, "Name"));
			}
		}
	}
	return NULL;
}

/* ---- which providers ---- */

static void
ask(struct more *more, const struct catalog_query *wanted, track_quality_set needed,
	void (*done)(void *arg))
{
	struct intercept *intercept = more->intercept;
	struct catalog *catalog = intercept->worker->services->catalog;
	const struct provider_list *providers = catalog_providers(catalog);

	for (size_t i = 0; i < providers->count; i++) {
		enum provider_id id = providers->of[i].ops->id;
		struct catalog_query *query = &more->found[more->found_count].query;
		if (!catalog_is_up(catalog, id) ||
			(intercept_offered(intercept, id) & needed) == 0)
			continue;
		*query = *wanted;
		query->provider = id;
		query->id.provider = id;
		more->found_count++;
	}
	gather_start(intercept, more->found, more->found_count, DEADLINE_MS, done, more);
}

static void
on_charts(void *arg)
{
	struct more *more = arg;

	show(more, more->found, more->found_count);
}

static void
ask_charts(struct more *more)
{
	const struct catalog_query wanted = {
		.ask = CATALOG_CHART, .kind = MEDIA_PLAYLIST, .id = { .kind = MEDIA_GENRE }
	};

	ask(more, &wanted, TRACK_ALL_FULL | TRACK_BIT(TRACK_PREVIEW), on_charts);
}

static void
ask_artists(struct more *more)
{
	const char *name = find_name(more);
	struct text normal;

	if (name == NULL) {
		reply(more);
		return;
	}
	text_init(&normal);
	name_normalize(&normal, name);
	more->name = arena_strdup(intercept_arena(more->intercept), text_get(&normal));
	text_fini(&normal);
	/* Without its punctuation, which services read in ways of their own. */
	const struct catalog_query wanted = { .ask = CATALOG_SEARCH,
		.kind = MEDIA_ARTIST,
		.text = more->name,
		.limit = FOUND };
	/* Previews stay out of artists' pages. */
	ask(more, &wanted, TRACK_ALL_FULL, on_artists);
}

/* ---- Jellyfin's part ---- */

static void
free_locals(void *locals)
{
	merge_locals_free(locals);
}

static void
on_local(void *arg, const struct local_answer *answer)
{
	struct more *more = arg;

	if (!answer->is_list) {
		local_reply(more->intercept, answer);
		return;
	}
	more->local = answer;
	more->locals = merge_locals_new(answer->items);
	http_job_hold(more->intercept->job, free_locals, more->locals);
	if (more->kind == MORE_PLAYLISTS)
		ask_charts(more);
	else
		ask_artists(more);
}

static void
on_allowed(struct intercept *intercept)
{
	static const struct local_change changes[] = { { "StartIndex", NULL },
		{ "Limit", NULL } };
	struct more *more = intercept->state;

	local_ask(intercept,
		local_target(intercept_exchange(intercept), changes, COUNT_OF(changes)),
		"Items", on_local, more);
}

bool
intercept_more(struct front_worker *worker, struct exchange *exchange,
	const struct route_match *match)
{
	const struct front_settings *settings = worker->settings;
	const char *artist_id;

	if (!settings->completes_artists && !settings->shows_charts)
		return false;
	struct arena *arena = exchange_arena(exchange);
	enum more_kind kind = more_query_read(arena, exchange_query(exchange), &artist_id);
	if ((kind != MORE_ALBUMS || !settings->completes_artists) &&
		(kind != MORE_PLAYLISTS || !settings->shows_charts))
		return false;
	struct more *more = arena_alloc(arena, sizeof *more);
	memset(more, 0, sizeof *more);
	more->kind = kind;
	more->artist_id = artist_id;
	more->intercept = intercept_start(worker, exchange, match);
	more->intercept->state = more;
	intercept_guard(more->intercept, on_allowed, intercept_relay);
	return true;
}
