/* Crypto: randomness, digests, and sealing; mbedTLS stays behind this header (its 3.x
 * differs). Any thread.
 */
#ifndef CORE_CRYPTO_H
#define CORE_CRYPTO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	CRYPTO_MD5_SIZE = 16,
	CRYPTO_SHA256_SIZE = 32,
	SHA256_HEX_SIZE = 65,
	SHA1_HEX_SIZE = 41
};
enum { CRYPTO_KEY_SIZE = 32, CRYPTO_NONCE_SIZE = 12, CRYPTO_TAG_SIZE = 16 };

/* Bytes nobody can guess, from the kernel. Ends the process when there are none. */
void crypto_random(void *to, size_t size);
/* 0 … bound - 1, for jitter; 0 when `bound` is not positive. */
int64_t crypto_random_below(int64_t bound);
/* Not for secrets: Jellyfin names its sessions by it. */
void crypto_md5(unsigned char to[CRYPTO_MD5_SIZE], const void *data, size_t size);
/* Lower-case hex. */
void crypto_sha256_hex(char to[SHA256_HEX_SIZE], const void *data, size_t size);
/* Names things for others who name them so (Redis its scripts); protects nothing. */
void crypto_sha1_hex(char to[SHA1_HEX_SIZE], const void *data, size_t size);
/* HMAC-SHA-256 (RFC 2104). */
void crypto_hmac_sha256(unsigned char to[CRYPTO_SHA256_SIZE], const void *key,
	size_t key_size, const void *data, size_t size);
/* ChaCha20-Poly1305 (RFC 8439): writes the `size` bytes encrypted and the tag after them;
 * `covered` is protected by the tag but not written. A nonce is used once per key: random
 * ones are good for 2^32 messages. */
void crypto_seal(unsigned char *to, const unsigned char key[CRYPTO_KEY_SIZE],
	const unsigned char nonce[CRYPTO_NONCE_SIZE], const void *covered,
	size_t covered_size, const void *data, size_t size);
/* The other way: `size` counts the tag at the end. False when anything differs; then
 * nothing in `to` may be used. */
bool crypto_unseal(unsigned char *to, const unsigned char key[CRYPTO_KEY_SIZE],
	const unsigned char nonce[CRYPTO_NONCE_SIZE], const void *covered,
	size_t covered_size, const unsigned char *data, size_t size);
/* The same bytes? Takes as long whatever differs. */
bool crypto_equal(const void *a, const void *b, size_t size);

#endif
