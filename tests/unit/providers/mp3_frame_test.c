#include "providers/mp3_frame.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "core/text.h"

enum { FRAMES = 500 };

static const struct {
	unsigned char bytes[4];
	int size, samples, rate, bitrate, side; /* size 0: no header */
} headers[] = {
	{ { 0xff, 0xfb, 0x90, 0x00 }, 417, 1152, 44100, 128000, 32 },
	{ { 0xff, 0xfb, 0x92, 0x00 }, 418, 1152, 44100, 128000, 32 },
	{ { 0xff, 0xfa, 0xe0, 0xc0 }, 1044, 1152, 44100, 320000, 17 },
	{ { 0xff, 0xfb, 0xea, 0x40 }, 1441, 1152, 32000, 320000, 32 },
	{ { 0xff, 0xfb, 0x94, 0x00 }, 384, 1152, 48000, 128000, 32 },
	{ { 0xff, 0xf3, 0x80, 0x00 }, 208, 576, 22050, 64000, 17 },
	{ { 0xff, 0xe3, 0x80, 0xc0 }, 417, 576, 11025, 64000, 9 },
	{ { 0xff, 0xf9, 0x90, 0x00 }, 0, 0, 0, 0, 0 }, /* no layer */
	{ { 0xff, 0xfd, 0x90, 0x00 }, 0, 0, 0, 0, 0 }, /* layer II */
	{ { 0xff, 0xeb, 0x90, 0x00 }, 0, 0, 0, 0, 0 }, /* no version */
	{ { 0xff, 0xfb, 0xf0, 0x00 }, 0, 0, 0, 0, 0 }, /* no bit rate */
	{ { 0xff, 0xfb, 0x00, 0x00 }, 0, 0, 0, 0, 0 }, /* a free one */
	{ { 0xff, 0xfb, 0x9c, 0x00 }, 0, 0, 0, 0, 0 }, /* no rate */
	{ { 0xfe, 0xfb, 0x90, 0x00 }, 0, 0, 0, 0, 0 },
	{ { 0xff, 0x5b, 0x90, 0x00 }, 0, 0, 0, 0, 0 },
};

static void
a_header_says_how_long_its_frame_is(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(headers); i++) {
		struct mp3_frame frame;
		bool good = mp3_frame_read(&frame, headers[i].bytes);
		assert_int_equal(good, headers[i].size > 0);
		if (!good)
			continue;
		assert_int_equal(frame.size, headers[i].size);
		assert_int_equal(frame.samples, headers[i].samples);
		assert_int_equal(frame.rate, headers[i].rate);
		assert_int_equal(frame.bitrate, headers[i].bitrate);
		assert_int_equal(frame.side_bytes, headers[i].side);
	}
}

/* ---- files ---- */

/* A frame of 44.1 kHz stereo whose body holds what looks like a header. */
static void
add_frame(struct text *file, int bitrate_index, bool padded)
{
	unsigned char body[MP3_FRAME_MOST_BYTES] = { 0xff, 0xfb,
		(unsigned char)(bitrate_index << 4 | (padded ? 2 : 0)) };
	struct mp3_frame frame;

	assert_true(mp3_frame_read(&frame, body));
	memcpy(body + 100, body, 4);
	text_add_bytes(file, body, (size_t)frame.size);
}

/* Padded as encoders do, so that the average is exact. Returns each frame's place. */
static void
add_music(struct text *file, int bitrate_index, int bitrate, size_t places[FRAMES + 1])
{
	int64_t owed = 0, rate = 44100, bits = 144LL * bitrate;

	for (int i = 0; i < FRAMES; i++) {
		places[i] = file->size;
		owed += bits % rate;
		add_frame(file, bitrate_index, owed >= rate);
		owed -= owed >= rate ? rate : 0;
	}
	places[FRAMES] = file->size;
}

static void
add_tag(struct text *file, size_t body)
{
	unsigned char head[10] = "ID3\4\0";

	head[8] = (unsigned char)(body >> 7);
	head[9] = body & 0x7f;
	text_add_bytes(file, head, sizeof head);
	for (size_t i = 0; i < body; i++)
		text_add_char(file, 'x');
}

static const unsigned char *
bytes_of(const struct text *file)
{
	return (const unsigned char *)file->data;
}

static void
every_frame_of_a_constant_rate_is_found_by_its_number(void **state)
{
	static const struct {
		int index, bitrate;
		size_t tag;
	} rows[] = { { 9, 128000, 0 }, { 14, 320000, 300 }, { 5, 64000, 17 } };

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct text file = { 0 };
		size_t places[FRAMES + 1];
		struct mp3_layout layout;
		struct mp3_frame frame;
		int64_t next;
		if (rows[i].tag > 0)
			add_tag(&file, rows[i].tag);
		add_music(&file, rows[i].index, rows[i].bitrate, places);
		assert_int_equal(mp3_layout_read(&layout, &next, bytes_of(&file), 8192, 0,
					 (int64_t)file.size),
			MP3_LOOK_FOUND);
		assert_int_equal(layout.first, places[0]);
		assert_int_equal(layout.frames, FRAMES);
		for (int64_t n = 0; n < FRAMES; n++) {
			size_t at, from = (size_t)mp3_layout_place(&layout, n);
			assert_true(mp3_frame_find(
				&frame, &at, bytes_of(&file), file.size, from, true));
			assert_int_equal(at, places[n]);
		}
		assert_int_equal(mp3_layout_place(&layout, FRAMES), file.size);
		text_fini(&file);
	}
}

static void
pieces_join_without_a_gap_or_an_overlap(void **state)
{
	struct text file = { 0 };
	size_t places[FRAMES + 1], ended;
	struct mp3_layout layout;
	int64_t next;

	(void)state;
	add_music(&file, 9, 128000, places);
	text_add(&file, "TAG, and what old tags say");
	assert_int_equal(mp3_layout_read(&layout, &next, bytes_of(&file), 8192, 0,
				 (int64_t)file.size),
		MP3_LOOK_FOUND);
	ended = places[0];
	for (int64_t n = 0; n < FRAMES; n += 70) {
		size_t begin = (size_t)mp3_layout_place(&layout, n), from, to;
		size_t end = (size_t)mp3_layout_place(&layout, n + 70);
		size_t read = end + MP3_SEARCH_BYTES > file.size ? file.size
								 : end + MP3_SEARCH_BYTES;
		assert_true(mp3_frames_cut(&from, &to, bytes_of(&file) + begin,
			read - begin, end - begin, read == file.size));
		assert_int_equal(begin + from, ended);
		ended = begin + to;
	}
	assert_int_equal(ended, places[FRAMES]);
	text_fini(&file);
}

static void
the_frame_that_describes_a_file_is_no_music(void **state)
{
	static const char *const names[] = { "Info", "Xing" };

	(void)state;
	for (size_t i = 0; i < COUNT_OF(names); i++) {
		unsigned char numbers[12] = { 0, 0, 0, 3, 0, 0, FRAMES >> 8,
			FRAMES & 0xff };
		struct text file = { 0 };
		size_t places[FRAMES + 1];
		struct mp3_layout layout;
		int64_t next;
		add_frame(&file, 9, false);
		memcpy(file.data + 36, names[i], 4);
		memcpy(file.data + 40, numbers, sizeof numbers);
		add_music(&file, 9, 128000, places);
		assert_int_equal(mp3_layout_read(&layout, &next, bytes_of(&file), file.size,
					 0, (int64_t)file.size),
			MP3_LOOK_FOUND);
		assert_int_equal(layout.first, places[0]);
		assert_int_equal(layout.frames, FRAMES);
		text_fini(&file);
	}
}

static void
a_long_tag_is_read_past(void **state)
{
	struct text file = { 0 };
	size_t places[FRAMES + 1];
	struct mp3_layout layout;
	int64_t next = 0;

	(void)state;
	add_tag(&file, 16000);
	add_music(&file, 14, 320000, places);
	assert_int_equal(mp3_layout_read(&layout, &next, bytes_of(&file), 8192, 0,
				 (int64_t)file.size),
		MP3_LOOK_ELSEWHERE);
	assert_int_equal(next, places[0]);
	assert_int_equal(mp3_layout_read(&layout, &next, bytes_of(&file) + next, 8192, next,
				 (int64_t)file.size),
		MP3_LOOK_FOUND);
	assert_int_equal(layout.first, places[0]);
	/* A tag longer than its file. */
	assert_int_equal(mp3_layout_read(&layout, &next, bytes_of(&file), 8192, 0, 9000),
		MP3_LOOK_NONE);
	text_fini(&file);
}

static void
what_is_no_mp3_is_none(void **state)
{
	static const unsigned char flac[] = "fLaC\0\0\0\42 and what else is in such files";
	unsigned char one[2000] = { 0xff, 0xfb, 0x90, 0 };
	struct mp3_layout layout;
	struct mp3_frame frame;
	size_t at, to;
	int64_t next;

	(void)state;
	assert_int_equal(mp3_layout_read(&layout, &next, flac, sizeof flac, 0, sizeof flac),
		MP3_LOOK_NONE);
	assert_int_equal(mp3_layout_read(&layout, &next, flac, 0, 0, 0), MP3_LOOK_NONE);
	/* A header that none follows. */
	assert_false(mp3_frame_find(&frame, &at, one, sizeof one, 0, false));
	assert_false(mp3_frame_find(&frame, &at, one, sizeof one, 0, true));
	/* The last frame of a file has none that follows. */
	assert_true(mp3_frame_find(&frame, &at, one, 417, 0, true));
	assert_true(mp3_frames_cut(&at, &to, one, 417, 417, true));
	assert_int_equal(to, 417);
	assert_false(mp3_frames_cut(&at, &to, one, 417, 0, true));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_header_says_how_long_its_frame_is),
		cmocka_unit_test(every_frame_of_a_constant_rate_is_found_by_its_number),
		cmocka_unit_test(pieces_join_without_a_gap_or_an_overlap),
		cmocka_unit_test(the_frame_that_describes_a_file_is_no_music),
		cmocka_unit_test(a_long_tag_is_read_past),
		cmocka_unit_test(what_is_no_mp3_is_none),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
