#include "core/crypto.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void
random_bytes_fill_what_was_asked_and_never_repeat(void **state)
{
	unsigned char first[33] = { 0 }, second[33] = { 0 };

	(void)state;
	crypto_random(first, 32);
	crypto_random(second, 32);
	assert_memory_not_equal(first, second, 32);
	assert_int_equal(first[32], 0);
}

static void
random_numbers_stay_below_their_bound(void **state)
{
	bool seen[3] = { false };

	(void)state;
	for (int i = 0; i < 1000; i++)
		seen[crypto_random_below(3)] = true;
	assert_true(seen[0] && seen[1] && seen[2]);
	assert_int_equal(crypto_random_below(1), 0);
	assert_int_equal(crypto_random_below(0), 0);
	assert_int_equal(crypto_random_below(-5), 0);
}

/* The vectors of FIPS 180-4. */
static void
digests_are_those_of_the_standards(void **state)
{
	char sha256[SHA256_HEX_SIZE], sha1[SHA1_HEX_SIZE];

	(void)state;
	crypto_sha256_hex(sha256, "abc", 3);
	assert_string_equal(
		sha256, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
	crypto_sha1_hex(sha1, "abc", 3);
	assert_string_equal(sha1, "a9993e364706816aba3e25717850c26c9cd0d89d");
	crypto_sha256_hex(sha256, NULL, 0);
	assert_string_equal(
		sha256, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

/* RFC 8439 §2.8.2. */
static void
sealing_is_that_of_the_standard_and_opens_unless_anything_differs(void **state)
{
	static const char text[] =
		"Ladies and Gentlemen of the class of '99: If I could offer "
		"you only one tip for the future, sunscreen would be it.";
	static const unsigned char covered[] = { 0x50, 0x51, 0x52, 0x53, 0xc0, 0xc1, 0xc2,
		0xc3, 0xc4, 0xc5, 0xc6, 0xc7 };
	static const unsigned char nonce[] = { 7, 0, 0, 0, 0x40, 0x41, 0x42, 0x43, 0x44,
		0x45, 0x46, 0x47 };
	static const unsigned char tag[] = { 0x1a, 0xe1, 0x0b, 0x59, 0x4f, 0x09, 0xe2, 0x6a,
		0x7e, 0x90, 0x2e, 0xcb, 0xd0, 0x60, 0x06, 0x91 };
	enum { SIZE = sizeof text - 1 };
	unsigned char key[CRYPTO_KEY_SIZE], sealed[SIZE + CRYPTO_TAG_SIZE], opened[SIZE];

	(void)state;
	for (size_t i = 0; i < sizeof key; i++)
		key[i] = (unsigned char)(0x80 + i);
	crypto_seal(sealed, key, nonce, covered, sizeof covered, text, SIZE);
	assert_int_equal(sealed[0], 0xd3);
	assert_memory_equal(sealed + SIZE, tag, sizeof tag);
	assert_true(crypto_unseal(
		opened, key, nonce, covered, sizeof covered, sealed, sizeof sealed));
	assert_memory_equal(opened, text, SIZE);
	assert_false(crypto_unseal(
		opened, key, nonce, covered, sizeof covered - 1, sealed, sizeof sealed));
	assert_false(crypto_unseal(
		opened, key, nonce, covered, sizeof covered, sealed, sizeof sealed - 1));
	assert_false(
		crypto_unseal(opened, key, nonce, covered, sizeof covered, sealed, 15));
	sealed[5] ^= 1;
	assert_false(crypto_unseal(
		opened, key, nonce, covered, sizeof covered, sealed, sizeof sealed));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(random_bytes_fill_what_was_asked_and_never_repeat),
		cmocka_unit_test(random_numbers_stay_below_their_bound),
		cmocka_unit_test(digests_are_those_of_the_standards),
		cmocka_unit_test(
			sealing_is_that_of_the_standard_and_opens_unless_anything_differs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
