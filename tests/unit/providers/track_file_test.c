#include "providers/track_file.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "core/mem.h"
#include "providers/track_reader.h"

static const struct track_file some = {
	.key = { PROVIDER_DEEZER, "-123", 0xfedcba9876543210 },
	.quality = TRACK_MP3_320,
	.wished = 0x3f,
	.total = 1234567,
	.serial = 42,
};

#define SOME "deezer.-123.mp3_320.3f.fedcba9876543210.1234567.000000000000002a.track"

static void
a_name_says_whose_the_file_is(void **state)
{
	struct track_file read;
	char name[TRACK_FILE_NAME];

	(void)state;
	track_file_name(name, &some, false);
	assert_string_equal(name, SOME);
	assert_true(track_file_parse(&read, name));
	assert_true(track_key_equal(&read.key, &some.key));
	assert_int_equal(read.quality, some.quality);
	assert_int_equal(read.wished, some.wished);
	assert_int_equal(read.total, some.total);
	assert_int_equal(read.serial, some.serial);
	track_file_name(name, &some, true);
	assert_string_equal(name, SOME ".part");
	assert_false(track_file_parse(&read, name));
}

static void
other_names_are_none_of_ours(void **state)
{
	static const char *const names[] = {
		"",
		".",
		"x.track",
		"spotify.1.flac.3f.fedcba9876543210.1.000000000000002a.track",
		"deezer..flac.3f.fedcba9876543210.1.000000000000002a.track",
		"deezer.1.wav.3f.fedcba9876543210.1.000000000000002a.track",
		"deezer.1.flac.3.fedcba9876543210.1.000000000000002a.track",
		"deezer.1.flac.3f.fedcba987654321.1.000000000000002a.track",
		"deezer.1.flac.3f.FEDCBA9876543210.1.000000000000002a.track",
		"deezer.1.flac.3f.fedcba9876543210.0.000000000000002a.track",
		"deezer.1.flac.3f.fedcba9876543210.-1.000000000000002a.track",
		"deezer.1.flac.3f.fedcba9876543210.01.000000000000002a.track",
		"deezer.1.flac.3f.fedcba9876543210.99999999999999.000000000000002a.track",
		"deezer.1.flac.3f.fedcba9876543210.1.2a.track",
		"deezer.1.flac.3f.fedcba9876543210.1.000000000000002a",
		"deezer.1.flac.3f.fedcba9876543210.1.000000000000002a.track.track",
		"deezer.1234567890123456789012345.flac.3f.fedcba9876543210.1."
		"000000000000002a.track",
	};
	struct track_file file;

	(void)state;
	for (size_t i = 0; i < COUNT_OF(names); i++)
		assert_false(track_file_parse(&file, names[i]));
}

static void
a_trailer_that_differs_in_a_bit_is_refused(void **state)
{
	const uint64_t sums[3] = { 1, 0x123456789abcdef0, UINT64_MAX };
	struct track_format format = track_format_of(TRACK_FLAC_96), read;
	uint64_t read_sums[3];
	size_t size;

	(void)state;
	format.size = 2 * TRACK_BLOCK + 5;
	format.duration_ms = 240000;
	format.bitrate = 2900000;
	unsigned char *trailer = track_file_trailer_new(&format, sums, &size);
	assert_int_equal(format.size + (int64_t)size, track_file_size(format.size));
	assert_true(track_file_read_trailer(trailer, size, format.size, &read, read_sums));
	assert_memory_equal(sums, read_sums, sizeof sums);
	assert_int_equal(read.quality, format.quality);
	assert_int_equal(read.size, format.size);
	assert_int_equal(read.duration_ms, format.duration_ms);
	assert_int_equal(read.bitrate, format.bitrate);
	assert_int_equal(read.sample_rate, format.sample_rate);
	assert_int_equal(read.bit_depth, format.bit_depth);
	assert_int_equal(read.channels, format.channels);
	for (size_t bit = 0; bit < 8 * size; bit++) {
		trailer[bit / 8] ^= (unsigned char)(1 << bit % 8);
		assert_false(track_file_read_trailer(
			trailer, size, format.size, &read, read_sums));
		trailer[bit / 8] ^= (unsigned char)(1 << bit % 8);
	}
	assert_false(
		track_file_read_trailer(trailer, size, format.size + 1, &read, read_sums));
	assert_false(
		track_file_read_trailer(trailer, size - 1, format.size, &read, read_sums));
	xfree(trailer);
}

static void
a_sum_finds_every_flipped_bit_and_every_length(void **state)
{
	unsigned char data[100];

	(void)state;
	memset(data, 0, sizeof data);
	uint64_t sum = track_file_sum(data, sizeof data);
	for (size_t bit = 0; bit < 8 * sizeof data; bit++) {
		data[bit / 8] ^= (unsigned char)(1 << bit % 8);
		assert_true(track_file_sum(data, sizeof data) != sum);
		data[bit / 8] ^= (unsigned char)(1 << bit % 8);
	}
	for (size_t size = 0; size < sizeof data; size++)
		assert_true(track_file_sum(data, size) != sum);
}

static const struct {
	struct track_levels levels;
	int64_t at;
	enum track_where where;
} places[] = {
	/* Nothing is known yet. */
	{ { TRACK_COPY_OPENING, 0, 0, 0 }, 0, TRACK_TO_COME },
	{ { TRACK_COPY_OPENING, 0, 0, 0 }, 5000000, TRACK_TO_COME },
	/* Stored to 128 K, in memory from 64 K, 200000 have come. */
	{ { TRACK_COPY_FILLING, 131072, 65536, 200000 }, 0, TRACK_IN_FILE },
	{ { TRACK_COPY_FILLING, 131072, 65536, 200000 }, 65535, TRACK_IN_FILE },
	{ { TRACK_COPY_FILLING, 131072, 65536, 200000 }, 65536, TRACK_IN_MEMORY },
	{ { TRACK_COPY_FILLING, 131072, 65536, 200000 }, 199999, TRACK_IN_MEMORY },
	{ { TRACK_COPY_FILLING, 131072, 65536, 200000 }, 200000, TRACK_TO_COME },
	{ { TRACK_COPY_FILLING, 131072, 65536, 200000 }, 200000 + 524288, TRACK_TO_COME },
	{ { TRACK_COPY_FILLING, 131072, 65536, 200000 }, 200000 + 524289, TRACK_ELSEWHERE },
	/* The disk has failed, and the beginning is gone from memory. */
	{ { TRACK_COPY_FILLING, 0, 65536, 200000 }, 0, TRACK_ELSEWHERE },
	{ { TRACK_COPY_WHOLE, 0, 65536, 200000 }, 0, TRACK_ELSEWHERE },
	/* What came before it failed is still good. */
	{ { TRACK_COPY_FAILED, 131072, 65536, 200000 }, 0, TRACK_IN_FILE },
	{ { TRACK_COPY_FAILED, 131072, 65536, 200000 }, 199999, TRACK_IN_MEMORY },
	{ { TRACK_COPY_FAILED, 131072, 65536, 200000 }, 200000, TRACK_LOST },
	{ { TRACK_COPY_FAILED, 0, 65536, 200000 }, 0, TRACK_LOST },
	/* Of a file: its last block is a short one. */
	{ { TRACK_COPY_STORED, 0, 200000, 200000 }, 199999, TRACK_TO_COME },
	{ { TRACK_COPY_WHOLE, 200000, 200000, 200000 }, 199999, TRACK_IN_FILE },
};

static void
a_byte_is_looked_for_where_it_is(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(places); i++)
		assert_int_equal(track_levels_find(&places[i].levels, places[i].at),
			places[i].where);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_name_says_whose_the_file_is),
		cmocka_unit_test(other_names_are_none_of_ours),
		cmocka_unit_test(a_trailer_that_differs_in_a_bit_is_refused),
		cmocka_unit_test(a_sum_finds_every_flipped_bit_and_every_length),
		cmocka_unit_test(a_byte_is_looked_for_where_it_is),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
