/* Deezer words: the lyrics of a song, which Deezer gives to accounts only.
 */
#ifndef PROVIDERS_DEEZER_DEEZER_WORDS_H
#define PROVIDERS_DEEZER_DEEZER_WORDS_H

#include <jansson.h>

#include "providers/deezer/deezer_parts.h"
#include "providers/provider.h"

struct deezer_words; /* one call; belongs to the seat's loop */

/* The results of song.getLyrics. Lines with times, where it has them: a blank one between
 * two has none of its own and stands where the line before it ends. Else the text. False,
 * with nothing to free, when there are no words. Pure. */
MUST_CHECK bool deezer_words_read(struct lyrics *lyrics, const json_t *results);

/* As the members of provider_ops. ERR_NOT_FOUND as well when nobody pays for the listener.
 */
struct deezer_words *deezer_words_start(struct deezer_seat *seat,
	const struct track_wish *wish,
	void (*done)(void *arg, enum err err, const struct lyrics *lyrics), void *arg);
/* Silence. */
void deezer_words_cancel(struct deezer_words *words);

#endif
