/* Catalog query: what the catalog can be asked, and what follows from that alone: under
 * which key the answer is kept, for how long, and what must be known before. Pure; any
 * thread.
 */
#ifndef PROVIDERS_CATALOG_QUERY_H
#define PROVIDERS_CATALOG_QUERY_H

#include "providers/external_id.h"

enum catalog_ask {
	CATALOG_SEARCH,       /* kind + text + offset + limit */
	CATALOG_ITEM,         /* id: a list of one (an album with all its facts) */
	CATALOG_ALBUM_TRACKS, /* id of an album: all its tracks with positions and album set
			       */
	CATALOG_ARTIST_ALBUMS,
	CATALOG_ARTIST_TOP,
	CATALOG_PLAYLIST_TRACKS,  /* id of a playlist: its songs in order, at most 500 */
	CATALOG_ARTIST_RELATED,   /* id of an artist: artists like it, at most 50 */
	CATALOG_ARTIST_RADIO,     /* id of an artist: songs like theirs, at most 100 */
	CATALOG_ARTIST_PLAYLISTS, /* id of an artist: playlists with them, at most 50 */
	CATALOG_SONG_RADIO,       /* id of a song: songs like it, at most 100 */
	/* What is heard most: kind (all but genres), id of a genre or key "" for all music;
	 * at most 100. */
	CATALOG_CHART,
	CATALOG_NEW_ALBUMS,    /* id of a genre or key "": the latest, at most 100 */
	CATALOG_GENRES,        /* all of them */
	CATALOG_GENRE_ARTISTS, /* id of a genre: at most 100 */
	/* kind MEDIA_SONG + text (an ISRC) + limit: songs that may have it. */
	CATALOG_SONGS_OF_ISRC,
};

struct catalog_query {
	enum catalog_ask ask;
	enum provider_id provider;
	enum media_kind kind;  /* CATALOG_SEARCH, …_CHART, …_SONGS_OF_ISRC */
	struct external_id id; /* all but those with a text and CATALOG_GENRES */
	const char *text;      /* CATALOG_SEARCH: 2 characters; …_SONGS_OF_ISRC */
	int64_t offset;
	int64_t limit; /* with a text: 1 to 500 */
};

/* Whether it makes sense: the id is of the kind that the question is about, the text is
 * long enough. */
MUST_CHECK bool catalog_query_is_valid(const struct catalog_query *query);
/* Is the answer the thing itself, a list of one? */
bool catalog_query_is_item(const struct catalog_query *query);
/* Adds the key under which the answer is kept; searches that differ in blanks at the ends,
 * doubled blanks or ASCII case only have one key. */
void catalog_query_key(struct text *key, const struct catalog_query *query);
int64_t catalog_query_ttl_ms(const struct catalog_query *query);
/* What an answer lacks and must be asked first: the album of its tracks, the artist of its
 * albums, the song of its radio. False when nothing. */
bool catalog_query_parent(struct catalog_query *parent, const struct catalog_query *query);

#endif
