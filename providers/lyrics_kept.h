/* Lyrics kept: what is known of the words of songs, in memory: words for a day, that there
 * are none for 5 minutes; 2,048 songs and 8 MB.
 *
 * Words are everybody's. That there are none is known for one account only: another may get
 * what this one does not. Any thread; a lock of its own.
 */
#ifndef PROVIDERS_LYRICS_KEPT_H
#define PROVIDERS_LYRICS_KEPT_H

#include <stdatomic.h>

#include "core/error.h"
#include "providers/external_id.h"
#include "providers/lyrics.h"

struct lyrics_kept;

/* Immutable, shared by reference count. */
struct song_words {
	atomic_int references;
	struct lyrics lyrics; /* count 0: there are none */
};

/* Copies; `lyrics` NULL: there are none. The reference is the caller's. */
struct song_words *song_words_new(const struct lyrics *lyrics);
struct song_words *song_words_ref(struct song_words *words);
/* Accepts NULL. */
void song_words_unref(struct song_words *words);

/* Of a song and who pays for it. */
enum { LYRICS_KEY_SIZE = EXTERNAL_ID_HEX + 1 + 33 };
void lyrics_key(
	char key[LYRICS_KEY_SIZE], const struct external_id *song, const char *account);

struct lyrics_kept *lyrics_kept_new(void);
/* Accepts NULL. */
void lyrics_kept_free(struct lyrics_kept *kept);
/* ERR_NONE with a new reference, ERR_NOT_FOUND; false: nothing is known. */
MUST_CHECK bool lyrics_kept_find(struct lyrics_kept *kept, const char *key, enum err *err,
	struct song_words **words);
/* Takes a reference of its own. */
void lyrics_kept_put(struct lyrics_kept *kept, const char *key, struct song_words *words);

struct lyrics_kept_figures {
	size_t songs;
	size_t bytes;
};
struct lyrics_kept_figures lyrics_kept_figures(struct lyrics_kept *kept);

#endif
