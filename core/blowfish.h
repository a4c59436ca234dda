/* Blowfish in CBC mode, for music that comes ciphered by it; protects nothing of ours.
 * libgcrypt stays behind this header. One thread at a time per key.
 */
#ifndef CORE_BLOWFISH_H
#define CORE_BLOWFISH_H

#include <stdbool.h>
#include <stddef.h>

#include "core/mem.h"

enum { BLOWFISH_BLOCK = 8, BLOWFISH_KEY = 16 };

struct blowfish;

/* Before the first key, while there is one thread; again is harmless. False when this
 * machine's policy (FIPS) forbids the cipher: then there are no keys. */
MUST_CHECK bool blowfish_start(void);
struct blowfish *blowfish_new(const unsigned char key[BLOWFISH_KEY]);
/* Wipes the key. Accepts NULL. */
void blowfish_free(struct blowfish *blowfish);
/* In place; `size` is a multiple of the block, nothing is padded. */
void blowfish_cbc_decrypt(struct blowfish *blowfish,
	const unsigned char start[BLOWFISH_BLOCK], void *data, size_t size);

#endif
