#include "core/crypto.h"

#include <errno.h>
#include <mbedtls/chachapoly.h>
#include <mbedtls/md.h>
#include <mbedtls/md5.h>
#include <mbedtls/sha1.h>
#include <mbedtls/sha256.h>
#include <stdlib.h>
#include <sys/random.h>

#include "core/mem.h"
#include "core/text.h"

void
crypto_random(void *to, size_t size)
{
	char *next = to;

	while (size > 0) {
		ssize_t got = getrandom(next, size, 0);
		if (got < 0 && errno != EINTR)
			abort();
		if (got > 0) {
			next += got;
			size -= (size_t)got;
		}
	}
}

int64_t
crypto_random_below(int64_t bound)
{
	uint32_t number;

	crypto_random(&number, sizeof number);
	return bound > 0 ? (int64_t)(number % (uint64_t)bound) : 0;
}

void
crypto_md5(unsigned char to[CRYPTO_MD5_SIZE], const void *data, size_t size)
{
	if (mbedtls_md5_ret(size > 0 ? data : (const void *)"", size, to) != 0)
		abort();
}

void
crypto_sha256_hex(char to[SHA256_HEX_SIZE], const void *data, size_t size)
{
	unsigned char digest[CRYPTO_SHA256_SIZE];

	if (mbedtls_sha256_ret(size > 0 ? data : "", size, digest, 0) != 0)
		abort();
	hex_encode(to, digest, sizeof digest);
}

void
crypto_sha1_hex(char to[SHA1_HEX_SIZE], const void *data, size_t size)
{
	unsigned char digest[20];

	if (mbedtls_sha1_ret(size > 0 ? data : "", size, digest) != 0)
		abort();
	hex_encode(to, digest, sizeof digest);
}

void
crypto_hmac_sha256(unsigned char to[CRYPTO_SHA256_SIZE], const void *key, size_t key_size,
	const void *data, size_t size)
{
	const mbedtls_md_info_t *sha256 = mbedtls_md_info_from_type(MBEDTLS_MD_SHA256);

	if (mbedtls_md_hmac(sha256, key, key_size, data, size, to) != 0)
		abort();
}

void
crypto_seal(unsigned char *to, const unsigned char key[CRYPTO_KEY_SIZE],
	const unsigned char nonce[CRYPTO_NONCE_SIZE], const void *covered,
	size_t covered_size, const void *data, size_t size)
{
	mbedtls_chachapoly_context context;

	mbedtls_chachapoly_init(&context);
	if (mbedtls_chachapoly_setkey(&context, key) != 0 ||
		mbedtls_chachapoly_encrypt_and_tag(&context, size, nonce, covered,
			covered_size, data, to, to + size) != 0)
		abort();
	mbedtls_chachapoly_free(&context);
}

bool
crypto_unseal(unsigned char *to, const unsigned char key[CRYPTO_KEY_SIZE],
	const unsigned char nonce[CRYPTO_NONCE_SIZE], const void *covered,
	size_t covered_size, const unsigned char *data, size_t size)
{
	mbedtls_chachapoly_context context;

	if (size < CRYPTO_TAG_SIZE)
		return false;
	size -= CRYPTO_TAG_SIZE;
	mbedtls_chachapoly_init(&context);
	if (mbedtls_chachapoly_setkey(&context, key) != 0)
		abort();
	bool good = mbedtls_chachapoly_auth_decrypt(&context, size, nonce, covered,
			    covered_size, data + size, data, to) == 0;
	mbedtls_chachapoly_free(&context);
	return good;
}

bool
crypto_equal(const void *a, const void *b, size_t size)
{
	const volatile unsigned char *left = a;
	const volatile unsigned char *right = b;
	unsigned char difference = 0;

	for (size_t i = 0; i < size; i++)
		difference |= (unsigned char)(left[i] ^ right[i]);
	return difference == 0;
}
