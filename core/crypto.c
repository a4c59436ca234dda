#include "core/crypto.h"

#include <errno.h>
#include <mbedtls/md5.h>
#include <mbedtls/sha256.h>
#include <stdlib.h>
#include <sys/random.h>

#include "core/mem.h"
#include "core/text.h"

enum { SHA256_SIZE = 32, MD5_SIZE = 16, MAX_RANDOM_HEX = 64 };

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

void
crypto_random_hex(char *to, size_t bytes)
{
	unsigned char random[MAX_RANDOM_HEX];

	assert(bytes <= sizeof random);
	crypto_random(random, bytes);
	hex_encode(to, random, bytes);
}

void
crypto_sha256_hex(char to[SHA256_HEX_SIZE], const void *data, size_t size)
{
	unsigned char digest[SHA256_SIZE];

	if (mbedtls_sha256_ret(size > 0 ? data : "", size, digest, 0) != 0)
		abort();
	hex_encode(to, digest, sizeof digest);
}

void
crypto_md5_hex(char to[MD5_HEX_SIZE], const void *data, size_t size)
{
	unsigned char digest[MD5_SIZE];

	if (mbedtls_md5_ret(size > 0 ? data : "", size, digest) != 0)
		abort();
	hex_encode(to, digest, sizeof digest);
}
