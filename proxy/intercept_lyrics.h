/* Lyrics of external songs: GET /Audio/{id}/Lyrics, and /Items/{id}/Lyrics that some
 * clients ask for. Who hears previews only gets the words without times: a preview begins
 * somewhere in the song, and nobody says where.
 */
#ifndef PROXY_INTERCEPT_LYRICS_H
#define PROXY_INTERCEPT_LYRICS_H

#include "proxy/router.h"

bool intercept_lyrics(struct front_worker *worker, struct exchange *exchange,
	const struct route_match *match);

#endif
