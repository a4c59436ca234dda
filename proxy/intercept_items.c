#include "proxy/intercept_items.h"

#include <string.h>

#include "core/clock.h"
#include "core/json.h"
#include "providers/track_size.h"
#include "proxy/gather.h"
#include "proxy/intercept_ids.h"
#include "proxy/intercept_search.h"

enum {
	DEADLINE_MS = 8000,
	/* The exact size is worth this much waiting; without it Size is left out. */
	SIZE_MS = 2000,
	PASS_EXTRA_MS =
		60 * 60 * 1000, /* a PlaySessionId is good for the runtime and an hour */
};

/* The state of a handler that asks about one or a few external ids. */
struct lookup {
	struct intercept *intercept;
	struct external_id id;
	struct gather_item *items;
	size_t count;
	size_t hold; /* of the question for the size */
};

static struct lookup *
lookup_new(struct front_worker *worker, struct exchange *exchange,
	const struct route_match *match, size_t count)
{
	struct arena *arena = exchange_arena(exchange);
	struct lookup *lookup = arena_alloc(arena, sizeof *lookup);

	*lookup = (struct lookup){ .count = count };
	lookup->items = arena_alloc(arena, count * sizeof *lookup->items);
	memset(lookup->items, 0, count * sizeof *lookup->items);
	lookup->intercept = intercept_start(worker, exchange, match);
	lookup->intercept->state = lookup;
	return lookup;
}

/* ---- one item ---- */

static void
on_item(void *arg)
{
	struct lookup *lookup = arg;
	const struct gather_item *item = &lookup->items[0];
	const struct media *media = gather_first_or_reply(lookup->intercept, item);

	if (media == NULL)
		return;
	struct item_context context = intercept_item_context(lookup->intercept);
	context.preview_bytes = catalog_track_bytes(
		lookup->intercept->worker->services->catalog, &item->query.id);
	intercept_reply_json(lookup->intercept, 200, media_item_new(media, &context));
}

static void
ask_item(struct intercept *intercept)
{
	struct lookup *lookup = intercept->state;

	gather_start(intercept, lookup->items, 1, DEADLINE_MS, on_item, lookup);
}

bool
intercept_item(struct front_worker *worker, struct exchange *exchange,
	const struct route_match *match)
{
	struct external_id id;

	if (!intercept_external_id(&id, match, "id"))
		return false;
	struct lookup *lookup = lookup_new(worker, exchange, match, 1);
	lookup->items[0].query = (struct catalog_query){
		.ask = CATALOG_ITEM, .provider = id.provider, .id = id
	};
	intercept_guard(lookup->intercept, ask_item, NULL);
	return true;
}

/* ---- children ---- */

/* The answers of all parents, one after the other. */
static void
on_children(void *arg)
{
	struct lookup *lookup = arg;
	struct intercept *intercept = lookup->intercept;
	struct intercept_page page = intercept_page(intercept_exchange(intercept));
	struct item_context context = intercept_item_context(intercept);
	json_t *items = json_array();
	int64_t total = 0;

	for (size_t i = 0; i < lookup->count; i++) {
		const struct media_list *list = lookup->items[i].list;
		for (size_t j = 0; list != NULL && j < list->count; j++, total++) {
			if (total < page.start ||
				(page.limit >= 0 && total >= page.start + page.limit))
				continue;
			json_array_append_new(
				items, media_item_new(&list->items[j], &context));
		}
	}
	/* An id that the provider does not know has no children; a provider that cannot be
	 * asked is an error, or the client would believe the album to be empty. */
	enum err err = lookup->count > 0 ? lookup->items[0].err : ERR_NONE;
	if (total == 0 && err != ERR_NONE && err != ERR_NOT_FOUND) {
		json_decref(items);
		intercept_reply_err(intercept, err);
		return;
	}
	intercept_reply_items(intercept, items, total, page.start);
}

static void
ask_children(struct intercept *intercept)
{
	struct lookup *lookup = intercept->state;

	gather_start(
		intercept, lookup->items, lookup->count, DEADLINE_MS, on_children, lookup);
}

static bool
asks_for_type(const struct query *query, struct arena *arena, const char *type)
{
	const char **types = query_list(arena, query, "IncludeItemTypes", NULL);
	bool wanted = types[0] == NULL;

	for (size_t i = 0; types[i] != NULL; i++)
		wanted = wanted || text_equal_ci(types[i], type);
	return wanted;
}

/* What a list request wants of one external parent; false: nothing it could have. */
static bool
children_query(struct catalog_query *out, const struct external_id *parent,
	const struct query *query, struct arena *arena)
{
	*out = (struct catalog_query){ .provider = parent->provider, .id = *parent };
	if (parent->kind == MEDIA_ALBUM) {
		out->ask = CATALOG_ALBUM_TRACKS;
		return asks_for_type(query, arena, "Audio");
	}
	if (parent->kind == MEDIA_PLAYLIST) {
		out->ask = CATALOG_PLAYLIST_TRACKS;
		return asks_for_type(query, arena, "Audio");
	}
	if (parent->kind != MEDIA_ARTIST)
		return false;
	out->ask = CATALOG_ARTIST_ALBUMS;
	if (asks_for_type(query, arena, "MusicAlbum"))
		return true;
	out->ask = CATALOG_ARTIST_TOP;
	return asks_for_type(query, arena, "Audio");
}

static const char *const parent_names[] = { "ParentId", "AlbumIds", "ArtistIds",
	"AlbumArtistIds", "ContributingArtistIds" };

static void
start_children(struct front_worker *worker, struct exchange *exchange,
	const struct route_match *match, const struct catalog_query *wanted, size_t count)
{
	struct lookup *lookup = lookup_new(worker, exchange, match, count);

	for (size_t i = 0; i < count; i++)
		lookup->items[i].query = wanted[i];
	intercept_guard(lookup->intercept, ask_children, NULL);
}

static bool
intercept_children(struct front_worker *worker, struct exchange *exchange,
	const struct route_match *match)
{
	struct arena *arena = exchange_arena(exchange);
	const struct query *query = exchange_query(exchange);
	struct catalog_query wanted[GATHER_MAX];
	size_t count = 0;
	bool any = false;

	for (size_t i = 0; i < COUNT_OF(parent_names); i++) {
		const char **ids = query_list(arena, query, parent_names[i], NULL);
		for (size_t j = 0; ids[j] != NULL && count < GATHER_MAX; j++) {
			struct external_id parent;
			if (!external_id_parse(&parent, slice_of(ids[j])))
				continue;
			any = true;
			if (children_query(&wanted[count], &parent, query, arena))
				count++;
		}
		if (any)
			break;
	}
	if (any)
		start_children(worker, exchange, match, wanted, count);
	return any;
}

bool
intercept_item_list(struct front_worker *worker, struct exchange *exchange,
	const struct route_match *match)
{
	return intercept_ids(worker, exchange, match) ||
	       intercept_children(worker, exchange, match) ||
	       intercept_search_items(worker, exchange, match);
}

bool
intercept_playlist_items(struct front_worker *worker, struct exchange *exchange,
	const struct route_match *match)
{
	struct catalog_query wanted;
	struct external_id id;

	if (!intercept_external_id(&id, match, "id"))
		return false;
	bool any = children_query(
		&wanted, &id, exchange_query(exchange), exchange_arena(exchange));
	start_children(worker, exchange, match, &wanted, any ? 1 : 0);
	return true;
}

/* ---- PlaybackInfo ---- */

static void
on_sized(void *arg, enum err err, int64_t bytes)
{
	struct lookup *lookup = arg;
	struct intercept *intercept = lookup->intercept;
	struct item_context context = intercept_item_context(intercept);
	char hex[EXTERNAL_ID_HEX];
	char pass[PLAY_PASS_HEX];

	http_job_release(intercept->job, lookup->hold);
	if (!external_id_format(hex, &lookup->id)) {
		intercept_reply_err(intercept, ERR_NOT_FOUND);
		return;
	}
	if (err == ERR_NONE)
		context.preview_bytes = bytes;
	play_pass_issue(intercept->worker->services->passes, pass, hex, clock_wall_ms(),
		context.preview_ms + PASS_EXTRA_MS);
	json_t *answer = json_object();
	json_t *sources = json_array();
	json_array_append_new(
		sources, media_source_new(&lookup->items[0].list->items[0], &context));
	json_put_new(answer, "MediaSources", sources);
	json_put_text(answer, "PlaySessionId", pass);
	intercept_reply_json(intercept, 200, answer);
}

static void
cancel_size(void *operation)
{
	track_size_cancel(operation);
}

static void
on_playable(void *arg)
{
	struct lookup *lookup = arg;
	struct intercept *intercept = lookup->intercept;

	if (gather_first_or_reply(intercept, &lookup->items[0]) == NULL)
		return;
	lookup->hold = http_job_hold(intercept->job, cancel_size,
		track_size_get(intercept->worker->streams, &lookup->id, SIZE_MS, on_sized,
			lookup));
}

static void
ask_playable(struct intercept *intercept)
{
	struct lookup *lookup = intercept->state;
	struct play_session_key key = caller_session_key(intercept->caller);
	char hex[EXTERNAL_ID_HEX];

	/* Who asks how to play a song begins anew. */
	if (external_id_format(hex, &lookup->id))
		running_streams_allow(
			intercept->worker->services->running_streams, &key, hex);
	gather_start(intercept, lookup->items, 1, DEADLINE_MS, on_playable, lookup);
}

bool
intercept_playback_info(struct front_worker *worker, struct exchange *exchange,
	const struct route_match *match)
{
	struct external_id id;

	if (!intercept_external_id(&id, match, "id") || id.kind != MEDIA_SONG)
		return false;
	struct lookup *lookup = lookup_new(worker, exchange, match, 1);
	lookup->id = id;
	lookup->items[0].query = (struct catalog_query){
		.ask = CATALOG_ITEM, .provider = id.provider, .id = id
	};
	intercept_guard(lookup->intercept, ask_playable, NULL);
	return true;
}

/* ---- what there is none of ---- */

static bool
intercept_nothing(struct front_worker *worker, struct exchange *exchange,
	const struct route_match *match, void (*allowed)(struct intercept *intercept))
{
	struct external_id id;

	if (!intercept_external_id(&id, match, "id"))
		return false;
	intercept_guard(intercept_start(worker, exchange, match), allowed, NULL);
	return true;
}

static void
reply_not_found(struct intercept *intercept)
{
	intercept_reply_status(intercept, 404);
}

static void
reply_empty_list(struct intercept *intercept)
{
	intercept_reply_items(intercept, json_array(), 0, 0);
}

static void
reply_empty_array(struct intercept *intercept)
{
	intercept_reply_json(intercept, 200, json_array());
}

static void
reply_theme_media(struct intercept *intercept)
{
	static const char *const names[] = { "ThemeVideosResult", "ThemeSongsResult",
		"SoundtrackSongsResult" };
	json_t *answer = json_object();

	for (size_t i = 0; i < COUNT_OF(names); i++) {
		json_t *list = json_object();
		json_put_text(list, "OwnerId", route_value(&intercept->match, "id"));
		json_put_new(list, "Items", json_array());
		json_put_int(list, "TotalRecordCount", 0);
		json_put_int(list, "StartIndex", 0);
		json_put_new(answer, names[i], list);
	}
	intercept_reply_json(intercept, 200, answer);
}

bool
intercept_item_nothing(struct front_worker *worker, struct exchange *exchange,
	const struct route_match *match)
{
	return intercept_nothing(worker, exchange, match, reply_not_found);
}

bool
intercept_item_empty_list(struct front_worker *worker, struct exchange *exchange,
	const struct route_match *match)
{
	return intercept_nothing(worker, exchange, match, reply_empty_list);
}

bool
intercept_item_empty_array(struct front_worker *worker, struct exchange *exchange,
	const struct route_match *match)
{
	return intercept_nothing(worker, exchange, match, reply_empty_array);
}

bool
intercept_item_theme_media(struct front_worker *worker, struct exchange *exchange,
	const struct route_match *match)
{
	return intercept_nothing(worker, exchange, match, reply_theme_media);
}
