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
	char sha256[SHA256_HEX_SIZE];

	(void)state;
	crypto_sha256_hex(sha256, "abc", 3);
	assert_string_equal(
		sha256, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
	crypto_sha256_hex(sha256, NULL, 0);
	assert_string_equal(
		sha256, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(random_bytes_fill_what_was_asked_and_never_repeat),
		cmocka_unit_test(random_numbers_stay_below_their_bound),
		cmocka_unit_test(digests_are_those_of_the_standards),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
