#include "proxy/intercept_mix.h"

#include <string.h>

#include "core/clock.h"
#include "providers/mix.h"
#include "proxy/gather.h"

enum {
	DEADLINE_MS = 6000,
	MORE_DEADLINE_MS = 5000,
	HOUR_MS = 3600 * 1000,
	ARTISTS = 3, /* of a playlist, whose radios are heard */
	LISTS = 2 * ARTISTS + 1,
	USUAL = 100, /* Jellyfin has no limit of its own but 200 */
	MOST = 200,
};

struct mixing {
	struct intercept *intercept;
	struct external_id id;
	uint64_t seed;
	struct gather_item item;         /* the seed itself */
	struct gather_item items[LISTS]; /* the lists that are mixed */
	size_t count;
};

static void
add_list(struct mixing *mixing, enum catalog_ask ask, const struct external_id *id)
{
	assert(mixing->count < LISTS);
	mixing->items[mixing->count++].query = (struct catalog_query){
		.ask = ask, .provider = id->provider, .kind = MEDIA_SONG, .id = *id
	};
}

/* The same for a listener within an hour, so that a client that asks twice plays on. */
static uint64_t
seed_of(const struct mixing *mixing)
{
	char text[128];
	char hex[EXTERNAL_ID_HEX] = "";

	if (!external_id_format(hex, &mixing->id))
		return 1;
	snprintf(text, sizeof text, "%s %s %lld", mixing->intercept->caller->facts.user_id,
		hex, (long long)(clock_wall_ms() / HOUR_MS));
	return text_hash(0, text) | 1;
}

/* ---- the answer ---- */

static void
reply(void *arg)
{
	struct mixing *mixing = arg;
	struct intercept *intercept = mixing->intercept;
	struct intercept_page page = intercept_page(intercept_exchange(intercept));
	const struct media_list *seed = mixing->item.list;
	struct media_list *lists[LISTS];
	const struct media *songs[MOST];
	struct mix_wish wish = {
		.kind = MEDIA_SONG,
		.seed = mixing->seed,
		.most = page.limit < 0      ? USUAL
			: page.limit > MOST ? MOST
					    : (size_t)page.limit,
	};

	for (size_t i = 0; i < mixing->count; i++)
		lists[i] = mixing->items[i].list;
	if (mixing->id.kind == MEDIA_SONG && seed != NULL && seed->count > 0)
		wish.first = &seed->items[0];
	size_t count = mix_take_turns(songs, &wish, lists, mixing->count);
	enum err err = mixing->count > 0 ? mixing->items[0].err : ERR_NONE;
	intercept_reply_media(intercept, songs, count, wish.most > 0 ? err : ERR_NONE);
}

static void
gather_lists(struct mixing *mixing)
{
	gather_start(mixing->intercept, mixing->items, mixing->count, MORE_DEADLINE_MS,
		reply, mixing);
}

/* ---- which lists ---- */

static void
add_artist(struct mixing *mixing, const struct external_id *artist)
{
	if (artist->key[0] == '\0')
		return;
	add_list(mixing, CATALOG_ARTIST_RADIO, artist);
	add_list(mixing, CATALOG_ARTIST_TOP, artist);
}

/* Some of the artists of a playlist's songs, each once. */
static void
add_artists_of(struct mixing *mixing, const struct media_list *songs)
{
	struct external_id chosen[ARTISTS];
	size_t count = 0;

	for (size_t i = 0; i < songs->count && count < ARTISTS; i++) {
		const struct media *song =
			&songs->items[(mixing->seed + i * 7) % songs->count];
		bool known = song->artist_count == 0;
		for (size_t j = 0; j < count && !known; j++)
			known = external_id_equal(&chosen[j], &song->artists[0].id);
		if (known)
			continue;
		chosen[count] = song->artists[0].id;
		add_artist(mixing, &chosen[count++]);
	}
}

/* A song, an album or a playlist's songs are known: now who is heard with them. */
static void
on_item(void *arg)
{
	struct mixing *mixing = arg;
	const struct media *item = gather_first_or_reply(mixing->intercept, &mixing->item);

	if (item == NULL)
		return;
	if (mixing->id.kind == MEDIA_PLAYLIST)
		add_artists_of(mixing, mixing->item.list);
	else if (item->artist_count > 0)
		add_artist(mixing, &item->artists[0].id);
	if (mixing->id.kind == MEDIA_SONG)
		add_list(mixing, CATALOG_SONG_RADIO, &mixing->id);
	else if (mixing->id.kind == MEDIA_ALBUM)
		add_list(mixing, CATALOG_ALBUM_TRACKS, &mixing->id);
	else
		add_list(mixing, CATALOG_PLAYLIST_TRACKS, &mixing->id);
	gather_lists(mixing);
}

static void
on_allowed(struct intercept *intercept)
{
	struct mixing *mixing = intercept->state;
	enum catalog_ask ask =
		mixing->id.kind == MEDIA_PLAYLIST ? CATALOG_PLAYLIST_TRACKS : CATALOG_ITEM;

	mixing->seed = seed_of(mixing);
	if ((intercept_offered(intercept, mixing->id.provider) & TRACK_ALL_FULL) == 0) {
		intercept_reply_items(intercept, json_array(), 0, 0);
	} else if (mixing->id.kind == MEDIA_ARTIST) {
		add_artist(mixing, &mixing->id);
		gather_lists(mixing);
	} else if (mixing->id.kind == MEDIA_GENRE) {
		add_list(mixing, CATALOG_CHART, &mixing->id);
		gather_lists(mixing);
	} else {
		mixing->item.query = (struct catalog_query){
			.ask = ask, .provider = mixing->id.provider, .id = mixing->id
		};
		gather_start(intercept, &mixing->item, 1, DEADLINE_MS, on_item, mixing);
	}
}

static void
start(struct front_worker *worker, struct exchange *exchange,
	const struct route_match *match, const struct external_id *id)
{
	struct mixing *mixing = arena_alloc(exchange_arena(exchange), sizeof *mixing);

	memset(mixing, 0, sizeof *mixing);
	mixing->id = *id;
	mixing->intercept = intercept_start(worker, exchange, match);
	mixing->intercept->state = mixing;
	intercept_guard(mixing->intercept, on_allowed, NULL);
}

bool
intercept_mix(struct front_worker *worker, struct exchange *exchange,
	const struct route_match *match)
{
	struct external_id id;

	if (!intercept_external_id(&id, match, "id"))
		return false;
	start(worker, exchange, match, &id);
	return true;
}

bool
intercept_mix_by_query(struct front_worker *worker, struct exchange *exchange,
	const struct route_match *match)
{
	const char *text = query_get(exchange_query(exchange), "id");
	struct external_id id;

	if (text == NULL || !external_id_parse(&id, slice_of(text)))
		return false;
	start(worker, exchange, match, &id);
	return true;
}
