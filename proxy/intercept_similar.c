#include "proxy/intercept_similar.h"

#include <string.h>

#include "providers/mix.h"
#include "proxy/gather.h"

enum {
	DEADLINE_MS = 6000,
	MORE_DEADLINE_MS = 3000, /* for what makes the answer better only */
	RELATED = 3,             /* artists whose albums stand beside an album's */
	MOST = 100,
	MOST_EXCLUDED = 32,
};

struct similar {
	struct intercept *intercept;
	struct external_id id;
	enum media_kind shown;
	struct gather_item items[1 + RELATED]; /* whose lists are shown */
	size_t count;
	struct gather_item album;   /* itself, for its artist */
	struct gather_item related; /* the artists like that one */
	struct external_id excluded[MOST_EXCLUDED];
	size_t excluded_count;
};

static struct catalog_query
ask_about(enum catalog_ask ask, const struct external_id *id)
{
	return (struct catalog_query){ .ask = ask, .provider = id->provider, .id = *id };
}

/* ---- the answer ---- */

static size_t
wanted_count(struct intercept *intercept)
{
	struct intercept_page page = intercept_page(intercept_exchange(intercept));

	return page.limit < 0 || page.limit > MOST ? MOST : (size_t)page.limit;
}

static void
reply(void *arg)
{
	struct similar *similar = arg;
	struct intercept *intercept = similar->intercept;
	struct media_list *lists[1 + RELATED];
	const struct media *shown[MOST];
	const struct mix_wish wish = {
		.kind = similar->shown,
		.without = &similar->id,
		.without_artists = similar->excluded,
		.without_artist_count = similar->excluded_count,
		.most = wanted_count(intercept),
	};

	for (size_t i = 0; i < similar->count; i++)
		lists[i] = similar->items[i].list;
	size_t count = mix_take_turns(shown, &wish, lists, similar->count);
	enum err err = similar->items[0].err;
	intercept_reply_media(intercept, shown, count, wish.most > 0 ? err : ERR_NONE);
}

/* ---- albums: whose, and who is like them ---- */

static void
on_related(void *arg)
{
	struct similar *similar = arg;
	const struct media_list *related = similar->related.list;

	for (size_t i = 0; related != NULL && i < related->count && i < RELATED; i++)
		similar->items[similar->count++].query =
			ask_about(CATALOG_ARTIST_ALBUMS, &related->items[i].id);
	gather_start(similar->intercept, similar->items, similar->count, MORE_DEADLINE_MS,
		reply, similar);
}

static void
on_album(void *arg)
{
	struct similar *similar = arg;
	const struct media *album =
		gather_first_or_reply(similar->intercept, &similar->album);

	if (album == NULL)
		return;
	if (album->artist_count == 0 || album->artists[0].id.key[0] == '\0') {
		intercept_reply_items(similar->intercept, json_array(), 0, 0);
		return;
	}
	const struct external_id *artist = &album->artists[0].id;
	similar->items[similar->count++].query = ask_about(CATALOG_ARTIST_ALBUMS, artist);
	similar->related.query = ask_about(CATALOG_ARTIST_RELATED, artist);
	gather_start(similar->intercept, &similar->related, 1, MORE_DEADLINE_MS, on_related,
		similar);
}

/* ---- the question ---- */

static void
on_allowed(struct intercept *intercept)
{
	struct similar *similar = intercept->state;
	enum catalog_ask ask = similar->id.kind == MEDIA_ARTIST ? CATALOG_ARTIST_RELATED
								: CATALOG_SONG_RADIO;

	if (similar->id.kind == MEDIA_ALBUM) {
		similar->shown = MEDIA_ALBUM;
		similar->album.query = ask_about(CATALOG_ITEM, &similar->id);
		gather_start(intercept, &similar->album, 1, DEADLINE_MS, on_album, similar);
	} else if (similar->id.kind == MEDIA_ARTIST || similar->id.kind == MEDIA_SONG) {
		similar->shown = similar->id.kind;
		similar->items[similar->count++].query = ask_about(ask, &similar->id);
		gather_start(intercept, similar->items, 1, DEADLINE_MS, reply, similar);
	} else {
		intercept_reply_items(intercept, json_array(), 0, 0);
	}
}

bool
intercept_similar(struct front_worker *worker, struct exchange *exchange,
	const struct route_match *match)
{
	struct arena *arena = exchange_arena(exchange);
	const char **ids =
		query_list(arena, exchange_query(exchange), "ExcludeArtistIds", NULL);
	struct external_id id;

	if (!intercept_external_id(&id, match, "id"))
		return false;
	struct similar *similar = arena_alloc(arena, sizeof *similar);
	memset(similar, 0, sizeof *similar);
	similar->id = id;
	for (; *ids != NULL && similar->excluded_count < MOST_EXCLUDED; ids++) {
		if (external_id_parse(
			    &similar->excluded[similar->excluded_count], slice_of(*ids)))
			similar->excluded_count++;
	}
	similar->intercept = intercept_start(worker, exchange, match);
	similar->intercept->state = similar;
	intercept_guard(similar->intercept, on_allowed, NULL);
	return true;
}
