/* Qobuz lyrics: the document of a song's words, as lyrics.
 *
 * {"original": {"type": "lsync", "lines": [{"line", "start", "end"}]}}, times in
 * milliseconds, as texts or numbers; other types, or lines without a time, are words
 * without times. Pure; any thread.
 */
#ifndef PROVIDERS_QOBUZ_QOBUZ_LYRICS_H
#define PROVIDERS_QOBUZ_QOBUZ_LYRICS_H

#include "core/mem.h"
#include "providers/lyrics.h"

/* Where the document is, from the answer to track/lyricsUrl; NULL when that is not said.
 * Borrowed from `root`. Signed: for no log. */
const char *qobuz_lyrics_url(const json_t *root);
/* False when no line has a word; `lyrics` is empty then. Else caller lyrics_fini()s. */
MUST_CHECK bool qobuz_lyrics_read(struct lyrics *lyrics, const json_t *root);

#endif
