/* Deezer API: the addresses of Deezer's public catalogue. Pure; any thread. */
#ifndef PROVIDERS_DEEZER_DEEZER_API_H
#define PROVIDERS_DEEZER_DEEZER_API_H

#include "providers/external_id.h"

/* More than this in one answer is not given. */
enum { DEEZER_MAX_PAGE = 100 };

/* Each adds to `url`; `base` is without a trailing slash or with one. */

/* /search/track?q=… : songs, albums, artists or playlists that match. */
void deezer_api_search(struct text *url, const char *base, enum media_kind kind,
	const char *words, int64_t index, int64_t limit);
/* /track/1, /album/1, … */
void deezer_api_item(struct text *url, const char *base, const struct external_id *id);
/* /track/isrc:GBDUW0000059: one song. */
void deezer_api_isrc(struct text *url, const char *base, const char *isrc);
/* /album/1/tracks, /artist/1/albums, /artist/1/radio, /genre/1/artists, … */
void deezer_api_list(struct text *url, const char *base, const struct external_id *id,
	const char *list, int64_t index, int64_t limit);
/* /chart/0/tracks, … `genre` is a genre's key; "" is all music. */
void deezer_api_chart(struct text *url, const char *base, const char *genre,
	enum media_kind kind, int64_t index, int64_t limit);
/* /editorial/0/releases: new albums, the same way. */
void deezer_api_releases(struct text *url, const char *base, const char *genre,
	int64_t index, int64_t limit);
/* /genre */
void deezer_api_genres(struct text *url, const char *base);

#endif
