#include "providers/catalog_query.h"

#include <string.h>

enum {
	HOUR_MS = 3600 * 1000,
	ITEM_TTL_MS = 24 * HOUR_MS,
	PLAYLIST_TTL_MS = HOUR_MS,
	RADIO_TTL_MS = HOUR_MS,     /* another mix then */
	CHART_TTL_MS = 6 * HOUR_MS, /* made once a day */
	SEARCH_TTL_MS = 10 * 60 * 1000,
	MIN_TEXT = 2,   /* characters */
	MAX_TEXT = 200, /* bytes */
	MAX_LIMIT = 500,
};

/* What a question has besides the provider. */
enum { WORDS, ID, GENRE_OR_NONE, NOTHING };

/* Indexed by enum catalog_ask. */
static const struct {
	char letter;
	enum media_kind kind; /* of the id; 0: any */
	int64_t ttl_ms;
	int has;
} asks[] = {
	[CATALOG_SEARCH] = { 's', 0, SEARCH_TTL_MS, WORDS },
	[CATALOG_ITEM] = { 'i', 0, ITEM_TTL_MS, ID },
	[CATALOG_ALBUM_TRACKS] = { 't', MEDIA_ALBUM, ITEM_TTL_MS, ID },
	[CATALOG_ARTIST_ALBUMS] = { 'a', MEDIA_ARTIST, ITEM_TTL_MS, ID },
	[CATALOG_ARTIST_TOP] = { 'p', MEDIA_ARTIST, ITEM_TTL_MS, ID },
	[CATALOG_PLAYLIST_TRACKS] = { 'l', MEDIA_PLAYLIST, PLAYLIST_TTL_MS, ID },
	[CATALOG_ARTIST_RELATED] = { 'k', MEDIA_ARTIST, ITEM_TTL_MS, ID },
	[CATALOG_ARTIST_RADIO] = { 'r', MEDIA_ARTIST, RADIO_TTL_MS, ID },
	[CATALOG_ARTIST_PLAYLISTS] = { 'q', MEDIA_ARTIST, ITEM_TTL_MS, ID },
	[CATALOG_SONG_RADIO] = { 'r', MEDIA_SONG, RADIO_TTL_MS, ID },
	[CATALOG_CHART] = { 'c', MEDIA_GENRE, CHART_TTL_MS, GENRE_OR_NONE },
	[CATALOG_NEW_ALBUMS] = { 'n', MEDIA_GENRE, CHART_TTL_MS, GENRE_OR_NONE },
	[CATALOG_GENRES] = { 'g', 0, ITEM_TTL_MS, NOTHING },
	[CATALOG_GENRE_ARTISTS] = { 'h', MEDIA_GENRE, ITEM_TTL_MS, ID },
	[CATALOG_SONGS_OF_ISRC] = { 'x', 0, ITEM_TTL_MS, WORDS },
};

static size_t
character_count(const char *text)
{
	size_t count = 0;

	for (; *text != '\0'; text++)
		count += (*text & 0xc0) != 0x80;
	return count;
}

static bool
has_words(const struct catalog_query *query)
{
	return query->text != NULL && strlen(query->text) <= MAX_TEXT &&
	       character_count(query->text) >= MIN_TEXT && query->offset >= 0 &&
	       query->limit > 0 && query->limit <= MAX_LIMIT;
}

static bool
has_id(const struct catalog_query *query)
{
	enum media_kind kind = asks[query->ask].kind;
	char hex[EXTERNAL_ID_HEX];

	return query->id.provider == query->provider &&
	       (kind == 0 || kind == query->id.kind) && external_id_format(hex, &query->id);
}

bool
catalog_query_is_valid(const struct catalog_query *query)
{
	if (query->ask == CATALOG_CHART &&
		(query->kind < MEDIA_SONG || query->kind > MEDIA_PLAYLIST))
		return false;
	switch (asks[query->ask].has) {
	case WORDS:
		return has_words(query);
	case ID:
		return has_id(query);
	case GENRE_OR_NONE:
		return query->id.key[0] == '\0' || has_id(query);
	default:
		return true;
	}
}

bool
catalog_query_is_item(const struct catalog_query *query)
{
	return query->ask == CATALOG_ITEM;
}

static void
add_words(struct text *key, const char *text)
{
	bool blank = false;
	size_t start = key->size;

	for (; *text != '\0'; text++) {
		char c = *text >= 'A' && *text <= 'Z' ? (char)(*text + ('a' - 'A')) : *text;
		if (c == ' ' || c == '\t') {
			blank = true;
			continue;
		}
		if (blank && key->size > start)
			text_add_char(key, ' ');
		blank = false;
		text_add_char(key, c);
	}
}

void
catalog_query_key(struct text *key, const struct catalog_query *query)
{
	text_addf(key, "%c:%d:", asks[query->ask].letter, (int)query->provider);
	if (asks[query->ask].has == WORDS) {
		text_addf(key, "%d:%lld:%lld:", (int)query->kind, (long long)query->offset,
			(long long)query->limit);
		add_words(key, query->text);
	} else if (query->ask == CATALOG_CHART) {
		text_addf(key, "%d:%s", (int)query->kind, query->id.key);
	} else if (query->ask != CATALOG_GENRES) {
		text_addf(key, "%d:%s", (int)query->id.kind, query->id.key);
	}
}

int64_t
catalog_query_ttl_ms(const struct catalog_query *query)
{
	return asks[query->ask].ttl_ms;
}

bool
catalog_query_parent(struct catalog_query *parent, const struct catalog_query *query)
{
	/* Qobuz's answers say it themselves. */
	if (query->provider == PROVIDER_QOBUZ)
		return false;
	if (query->ask != CATALOG_ALBUM_TRACKS && query->ask != CATALOG_ARTIST_ALBUMS &&
		query->ask != CATALOG_SONG_RADIO)
		return false;
	*parent = (struct catalog_query){
		.ask = CATALOG_ITEM, .provider = query->provider, .id = query->id
	};
	return true;
}
