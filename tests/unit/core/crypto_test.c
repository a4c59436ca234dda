#include "core/crypto.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void
random_hex_has_the_asked_length_and_never_repeats(void **state)
{
	char first[33], second[33];

	(void)state;
	crypto_random_hex(first, 16);
	crypto_random_hex(second, 16);
	assert_int_equal(strlen(first), 32);
	assert_int_equal(strspn(first, "0123456789abcdef"), 32);
	assert_string_not_equal(first, second);
	crypto_random_hex(first, 0);
	assert_string_equal(first, "");
}

/* The vectors of FIPS 180-4 and RFC 1321. */
static void
digests_are_those_of_the_standards(void **state)
{
	char sha256[SHA256_HEX_SIZE], md5[MD5_HEX_SIZE];

	(void)state;
	crypto_sha256_hex(sha256, "abc", 3);
	assert_string_equal(
		sha256, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
	crypto_sha256_hex(sha256, NULL, 0);
	assert_string_equal(
		sha256, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
	crypto_md5_hex(md5, "message digest", 14);
	assert_string_equal(md5, "f96b697d7cb7938d525a2f31aaf161d0");
	crypto_md5_hex(md5, NULL, 0);
	assert_string_equal(md5, "d41d8cd98f00b204e9800998ecf8427e");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(random_hex_has_the_asked_length_and_never_repeats),
		cmocka_unit_test(digests_are_those_of_the_standards),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
