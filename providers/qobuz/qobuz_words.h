/* Qobuz words: the lyrics of a song. Qobuz tells where they are (signed, in the name of
 * who listens, else of any account); the document itself is asked for in nobody's name.
 * Belongs to its loop.
 */
#ifndef PROVIDERS_QOBUZ_QOBUZ_WORDS_H
#define PROVIDERS_QOBUZ_QOBUZ_WORDS_H

#include "providers/qobuz/qobuz_parts.h"

struct qobuz_words; /* one call */

/* As lyrics_start of provider_ops. */
struct qobuz_words *qobuz_words_start(struct qobuz_seat *seat,
	const struct track_wish *wish,
	void (*done)(void *arg, enum err err, const struct lyrics *lyrics), void *arg);
/* Silence. */
void qobuz_words_cancel(struct qobuz_words *words);

#endif
