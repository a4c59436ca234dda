#include "providers/deezer/deezer_stripe.h"

#include <mbedtls/blowfish.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "core/blowfish.h"
#include "core/crypto.h"
#include "core/json.h"

/* Where the vectors lie; without them what needs them is left out. */
#define VECTORS "../shared/data/vectors/"

static int
start(void **state)
{
	json_error_t error;

	*state = json_load_file(VECTORS "bf_stripe.json", 0, &error);
	return blowfish_start() ? 0 : -1;
}

static int
stop(void **state)
{
	json_decref(*state);
	return 0;
}

static const json_t *
vectors(void **state)
{
	if (*state == NULL)
		skip();
	return *state;
}

static size_t
read_vector(unsigned char *to, size_t room, const char *name)
{
	char path[200];

	snprintf(path, sizeof path, VECTORS "%s", name);
	FILE *file = fopen(path, "rb");
	assert_non_null(file);
	size_t size = fread(to, 1, room, file);
	fclose(file);
	return size;
}

static void
check_digest(const void *data, size_t size, const char *wanted)
{
	char hex[SHA256_HEX_SIZE];

	crypto_sha256_hex(hex, data, size);
	assert_string_equal(hex, wanted);
}

static void
keys_follow_from_the_songs_id_and_the_secret(void **state)
{
	const json_t *all = vectors(state), *one;
	size_t i;

	json_array_foreach (json_member(all, "derivation"), i, one) {
		unsigned char key[DEEZER_SECRET_SIZE];
		char hex[2 * DEEZER_SECRET_SIZE + 1];
		deezer_stripe_key(
			key, json_text(one, "track_id"), json_text(all, "secret"));
		hex_encode(hex, key, sizeof key);
		assert_string_equal(hex, json_text(one, "key_hex"));
	}
	assert_int_equal(i, 5);
}

/* The vectors give ciphered bytes in full for one length only. Of a shorter one they are
 * the same as far as its last full block goes, and plain behind it. */
static size_t
cipher_of(unsigned char *to, const unsigned char *longest, size_t size)
{
	size_t full = size / DEEZER_STRIPE_BLOCK * DEEZER_STRIPE_BLOCK;

	memcpy(to, longest, full);
	for (size_t i = full; i < size; i++)
		to[i] = (unsigned char)(i * 31 + (i >> 8) * 7 + 13);
	return size;
}

static void
every_length_comes_out_plain(void **state)
{
	const json_t *all = vectors(state), *one;
	static unsigned char longest[20000], data[20000];
	struct deezer_secret *secret = deezer_secret_new(json_text(all, "secret"));
	struct track_filter *filter = deezer_stripe_new("3135556", secret);
	size_t i;

	assert_int_equal(
		read_vector(longest, sizeof longest, "stripe_3135556_14436.bin"), 14436);
	json_array_foreach (json_member(all, "stripe"), i, one) {
		size_t size = cipher_of(data, longest, (size_t)json_int(one, "len", -1));
		check_digest(data, size, json_text(one, "cipher_sha256"));
		filter->apply(filter, 0, data, size);
		check_digest(data, size, json_text(one, "plain_sha256"));
	}
	assert_int_equal(i, 16);
	filter->free(filter);
	deezer_secret_unref(secret);
}

static void
reading_may_begin_at_any_block(void **state)
{
	const json_t *all = vectors(state), *one;
	static unsigned char whole[20000], data[20000];
	struct deezer_secret *secret = deezer_secret_new(json_text(all, "secret"));
	struct track_filter *filter = deezer_stripe_new("3135556", secret);
	size_t size = read_vector(whole, sizeof whole, "stripe_3135556_14436.bin"), i;

	assert_int_equal(filter->block, DEEZER_STRIPE_BLOCK);
	json_array_foreach (json_member(all, "range_cases"), i, one) {
		size_t first = (size_t)json_int(one, "start", -1);
		size_t end = (size_t)json_int(one, "end_incl", -1) + 1;
		size_t from = first / DEEZER_STRIPE_BLOCK * DEEZER_STRIPE_BLOCK;
		size_t to = (end + DEEZER_STRIPE_BLOCK - 1) / DEEZER_STRIPE_BLOCK *
			    DEEZER_STRIPE_BLOCK;
		to = to < size ? to : size;
		memcpy(data, whole + from, to - from);
		filter->apply(filter, (int64_t)from, data, to - from);
		check_digest(data + (first - from), end - first,
			json_text(one, "plain_hex_sha256"));
	}
	assert_int_equal(i, 10);
	filter->free(filter);
	deezer_secret_unref(secret);
}

/* As the other side does it: mbedTLS ciphers what libgcrypt has to read. */
static void
cipher(unsigned char *data, size_t size, const char *song_id, const char *secret)
{
	mbedtls_blowfish_context context;
	unsigned char key[DEEZER_SECRET_SIZE];

	deezer_stripe_key(key, song_id, secret);
	mbedtls_blowfish_init(&context);
	assert_int_equal(mbedtls_blowfish_setkey(&context, key, 128), 0);
	for (size_t at = 0; at + DEEZER_STRIPE_BLOCK <= size;
		at += 3 * DEEZER_STRIPE_BLOCK) {
		unsigned char start_value[8] = { 0, 1, 2, 3, 4, 5, 6, 7 };
		assert_int_equal(
			mbedtls_blowfish_crypt_cbc(&context, MBEDTLS_BLOWFISH_ENCRYPT,
				DEEZER_STRIPE_BLOCK, start_value, data + at, data + at),
			0);
	}
	mbedtls_blowfish_free(&context);
}

static void
pieces_of_any_number_of_blocks_come_out_as_the_whole(void **state)
{
	static unsigned char plain[9 * DEEZER_STRIPE_BLOCK + 77], data[sizeof plain];
	struct deezer_secret *secret = deezer_secret_new("fedcba9876543210");

	(void)state;
	for (size_t i = 0; i < sizeof plain; i++)
		plain[i] = (unsigned char)(i * 17 + (i >> 8) * 5);
	for (size_t blocks = 1; blocks <= 10; blocks++) {
		struct track_filter *filter = deezer_stripe_new("-42", secret);
		size_t piece = blocks * DEEZER_STRIPE_BLOCK;
		memcpy(data, plain, sizeof data);
		cipher(data, sizeof data, "-42", "fedcba9876543210");
		assert_memory_not_equal(data, plain, DEEZER_STRIPE_BLOCK);
		for (size_t at = 0; at < sizeof data; at += piece)
			filter->apply(filter, (int64_t)at, data + at,
				at + piece < sizeof data ? piece : sizeof data - at);
		assert_memory_equal(data, plain, sizeof data);
		filter->free(filter);
	}
	deezer_secret_unref(secret);
}

static void
music_is_known_by_its_first_bytes(void **state)
{
	static const struct {
		const char *bytes;
		size_t size;
		bool music;
	} rows[] = {
		{ "fLaC", 4, true },
		{ "ID3\x04", 4, true },
		{ "\xff\xfb\x90\x64", 4, true },
		{ "\xff\xf3\x40\x00", 4, true },
		{ "\xff\xf1\x50\x80", 4, false }, /* AAC */
		{ "\xff\xeb\x90\x64", 4, false }, /* a reserved version */
		{ "\xff\xfb\xf0\x64", 4, false }, /* no bit rate */
		{ "\xff\xfb\x9c\x64", 4, false }, /* no sample rate */
		{ "\xff\xff\xff\xff", 4, false },
		{ "RIFF", 4, false },
		{ "\0\0\0\0", 4, false },
		{ "ID3", 3, false },
		{ "", 0, false },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++)
		assert_int_equal(
			deezer_stripe_is_music(
				(const unsigned char *)rows[i].bytes, rows[i].size),
			rows[i].music);
}

static void
a_secret_is_wrong_until_one_track_came_out_as_music(void **state)
{
	static const unsigned char noise[16] = { 1, 2, 3, 4 };
	static const unsigned char flac[16] = "fLaC";
	struct deezer_secret *secret = deezer_secret_new("0123456789abcdef");
	struct track_filter *filter = deezer_stripe_new("1", secret);

	(void)state;
	assert_int_equal(deezer_secret_state(secret), DEEZER_SECRET_UNTRIED);
	assert_int_equal(filter->check(filter, noise, sizeof noise), ERR_DENIED);
	assert_int_equal(deezer_secret_state(secret), DEEZER_SECRET_WRONG);
	assert_true(deezer_secret_wrong_ms(secret) > 0);
	assert_int_equal(filter->check(filter, flac, sizeof flac), ERR_NONE);
	assert_int_equal(deezer_secret_state(secret), DEEZER_SECRET_RIGHT);
	/* From now on it is the track that is odd, and still not served. */
	assert_int_equal(filter->check(filter, noise, sizeof noise), ERR_DENIED);
	assert_int_equal(deezer_secret_state(secret), DEEZER_SECRET_RIGHT);
	deezer_secret_unref(secret);
	filter->free(filter);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(keys_follow_from_the_songs_id_and_the_secret),
		cmocka_unit_test(every_length_comes_out_plain),
		cmocka_unit_test(reading_may_begin_at_any_block),
		cmocka_unit_test(pieces_of_any_number_of_blocks_come_out_as_the_whole),
		cmocka_unit_test(music_is_known_by_its_first_bytes),
		cmocka_unit_test(a_secret_is_wrong_until_one_track_came_out_as_music),
	};

	return cmocka_run_group_tests(tests, start, stop);
}
