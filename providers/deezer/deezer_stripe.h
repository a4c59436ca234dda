/* Deezer stripe: how full tracks come ciphered (BF_CBC_STRIPE), undone block by block.
 *
 * The bytes are cut into blocks of 2048. Every third one, beginning with the first, is
 * Blowfish in CBC mode, unless it is the short last one; the start value is the same for
 * each, so that reading may begin at any block. The key follows from the song's id and a
 * secret that the administrator sets: nothing here knows it, and no other value to compare
 * it with. Whether it is the right one shows in the first bytes of a track.
 *
 * A secret is shared by everything that was opened with it. Any thread.
 */
#ifndef PROVIDERS_DEEZER_DEEZER_STRIPE_H
#define PROVIDERS_DEEZER_DEEZER_STRIPE_H

#include <stdint.h>

#include "providers/track_source.h"

enum { DEEZER_STRIPE_BLOCK = 2048, DEEZER_SECRET_SIZE = 16 };

/* What the tracks have shown of a secret. */
enum deezer_secret_state {
	DEEZER_SECRET_UNTRIED,
	DEEZER_SECRET_RIGHT, /* one track came out as music: for good */
	DEEZER_SECRET_WRONG, /* none has, so far */
};

struct deezer_secret;

/* Copies DEEZER_SECRET_SIZE bytes. Before the first filter, blowfish_start. */
struct deezer_secret *deezer_secret_new(const char *text);
struct deezer_secret *deezer_secret_ref(struct deezer_secret *secret);
/* Wiped with its last reference. Accepts NULL. */
void deezer_secret_unref(struct deezer_secret *secret);
enum deezer_secret_state deezer_secret_state(const struct deezer_secret *secret);
/* When it last was found wrong (clock_now_ms). */
int64_t deezer_secret_wrong_ms(const struct deezer_secret *secret);

/* The key of a song: `song_id` as text, that of the token by which it was opened. */
void deezer_stripe_key(unsigned char key[DEEZER_SECRET_SIZE], const char *song_id,
	const char secret[DEEZER_SECRET_SIZE]);
/* Are these the first bytes of FLAC or MPEG audio, or of a tag before it? At least 4. */
bool deezer_stripe_is_music(const unsigned char *data, size_t size);
/* New; holds a reference of the secret and tells it what check has found. */
struct track_filter *deezer_stripe_new(const char *song_id, struct deezer_secret *secret);

#endif
