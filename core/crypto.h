/* Crypto: randomness and digests; mbedTLS stays behind this header (its 3.x differs).
 * Any thread.
 */
#ifndef CORE_CRYPTO_H
#define CORE_CRYPTO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { CRYPTO_SHA256_SIZE = 32, SHA256_HEX_SIZE = 65 };

/* Bytes nobody can guess, from the kernel. Ends the process when there are none. */
void crypto_random(void *to, size_t size);
/* 0 … bound - 1, for jitter; 0 when `bound` is not positive. */
int64_t crypto_random_below(int64_t bound);
/* Lower-case hex. */
void crypto_sha256_hex(char to[SHA256_HEX_SIZE], const void *data, size_t size);
/* HMAC-SHA-256 (RFC 2104). */
void crypto_hmac_sha256(unsigned char to[CRYPTO_SHA256_SIZE], const void *key,
	size_t key_size, const void *data, size_t size);
/* The same bytes? Takes as long whatever differs. */
bool crypto_equal(const void *a, const void *b, size_t size);

#endif
