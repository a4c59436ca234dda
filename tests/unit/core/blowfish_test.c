#include "core/blowfish.h"

#include <mbedtls/blowfish.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "core/text.h"

static int
start(void **state)
{
	(void)state;
	return blowfish_start() ? 0 : -1;
}

static void
what_others_ciphered_is_read(void **state)
{
	/* The public vector of Eric Young's Blowfish, its text filled up with zeros. */
	static const char plain[] = "7654321 Now is the time for \0\0\0";
	unsigned char key[16], iv[8], data[32];

	(void)state;
	assert_true(hex_decode(key, 16, SLICE("0123456789abcdeff0e1d2c3b4a59687")));
	assert_true(hex_decode(iv, 8, SLICE("fedcba9876543210")));
	assert_true(hex_decode(data, 32,
		SLICE("6b77b4d63006dee605b156e27403979358deb9e7154616d959f1652bd5ff92cc")));
	struct blowfish *blowfish = blowfish_new(key);
	blowfish_cbc_decrypt(blowfish, iv, data, sizeof data);
	assert_memory_equal(data, plain, sizeof data);
	blowfish_free(blowfish);
}

static void
check_as_mbedtls(const char *key)
{
	static const unsigned char iv[8] = { 0, 1, 2, 3, 4, 5, 6, 7 };
	mbedtls_blowfish_context other;
	unsigned char plain[64], ciphered[64], moving[8];

	for (size_t i = 0; i < sizeof plain; i++)
		plain[i] = (unsigned char)(i * 31 + 7);
	memcpy(moving, iv, sizeof iv);
	mbedtls_blowfish_init(&other);
	assert_int_equal(
		mbedtls_blowfish_setkey(&other, (const unsigned char *)key, 128), 0);
	assert_int_equal(mbedtls_blowfish_crypt_cbc(&other, MBEDTLS_BLOWFISH_ENCRYPT,
				 sizeof plain, moving, plain, ciphered),
		0);
	mbedtls_blowfish_free(&other);
	struct blowfish *blowfish = blowfish_new((const unsigned char *)key);
	blowfish_cbc_decrypt(blowfish, iv, ciphered, sizeof ciphered);
	assert_memory_equal(ciphered, plain, sizeof plain);
	blowfish_free(blowfish);
}

static void
a_weak_key_is_as_good_as_any(void **state)
{
	(void)state;
	check_as_mbedtls("0000000000055664");
	/* Has an entry twice in one of its S-boxes, which libgcrypt refuses by itself. */
	check_as_mbedtls("0000000000055665");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_others_ciphered_is_read),
		cmocka_unit_test(a_weak_key_is_as_good_as_any),
	};

	return cmocka_run_group_tests(tests, start, NULL);
}
