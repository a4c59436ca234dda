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
/* /album/1/tracks, /artist/1/albums, /artist/1/top, /playlist/1/tracks. */
void deezer_api_list(struct text *url, const char *base, const struct external_id *id,
	const char *list, int64_t index, int64_t limit);

#endif
