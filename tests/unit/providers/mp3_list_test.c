#include "providers/mp3_list.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

/* 500 frames of 128 kbit/s behind a tag of 100 bytes: 13.06 s. */
static struct mp3_layout
layout_of_500_frames(void)
{
	static const unsigned char header[4] = { 0xff, 0xfb, 0x90, 0 };
	struct mp3_layout layout = { .first = 100,
		.end = 100 + 500LL * 18432000 / 44100,
		.frame_bytes = 18432000,
		.frame_bytes_over = 44100,
		.frames = 500 };

	assert_true(mp3_frame_read(&layout.frame, header));
	return layout;
}

static void
a_list_names_each_piece_and_how_long_it_is(void **state)
{
	const struct mp3_layout layout = layout_of_500_frames();
	struct text list = { 0 };

	(void)state;
	mp3_list_add(&list, &layout, SLICE("ApiKey=t&audioCodec=aac"), "form=mp3_128");
#define QUERY "?ApiKey=t&audioCodec=aac&form=mp3_128&runtimeTicks="
	assert_string_equal(list.data,
		"#EXTM3U\n#EXT-X-PLAYLIST-TYPE:VOD\n#EXT-X-VERSION:3\n"
		"#EXT-X-TARGETDURATION:7\n#EXT-X-MEDIA-SEQUENCE:0\n"
		"#EXTINF:6.008163, nodesc\nhls1/main/0.mp3" QUERY
		"0&actualSegmentLengthTicks=60081632&firstByte=100&endByte=96021\n"
		"#EXTINF:6.008163, nodesc\nhls1/main/1.mp3" QUERY
		"60081632&actualSegmentLengthTicks=60081633&firstByte=96021"
		"&endByte=192152\n"
		"#EXTINF:1.044897, nodesc\nhls1/main/2.mp3" QUERY
		"120163265&actualSegmentLengthTicks=10448979&firstByte=192152"
		"&endByte=209079\n"
		"#EXT-X-ENDLIST\n");
	text_fini(&list);
}

static void
a_master_list_has_one_entry(void **state)
{
	struct text list = { 0 };

	(void)state;
	mp3_list_add_master(&list, 320000, SLICE(""), "PlaySessionId=x");
	assert_string_equal(list.data,
		"#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=320000,AVERAGE-BANDWIDTH=320000,"
		"CODECS=\"mp4a.40.34\"\nmain.m3u8?PlaySessionId=x\n");
	text_fini(&list);
}

static void
an_address_tells_which_bytes_it_is_about(void **state)
{
	static const struct {
		const char *query;
		bool good;
	} rows[] = {
		{ "runtimeTicks=60081632&firstByte=96021&endByte=192152", true },
		{ "RunTimeTicks=0&FIRSTBYTE=0&endbyte=1", true },
		{ "firstByte=0&endByte=1", false },
		{ "runtimeTicks=0&firstByte=5&endByte=5", false },
		{ "runtimeTicks=0&firstByte=-5&endByte=5", false },
		{ "runtimeTicks=0&firstByte=0&endByte=99999999", false },
		{ "runtimeTicks=0&firstByte=x&endByte=5", false },
		{ "runtimeTicks=9223372036854775807&firstByte=0&endByte=5", false },
		{ "runtimeTicks=0&firstByte=9223372036854775806&endByte="
		  "9223372036854775807",
			false },
	};
	struct arena *arena = arena_new();
	struct mp3_segment segment;

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct query query = query_parse(arena, slice_of(rows[i].query));
		if (mp3_segment_read(&segment, &query) != rows[i].good)
			fail_msg("%s", rows[i].query);
		if (i == 0)
			assert_int_equal(segment.end - segment.first, 96131);
	}
	arena_free(arena);
}

static void
a_segment_says_when_it_is_due(void **state)
{
	unsigned char tag[MP3_TAG_BYTES];

	(void)state;
	/* 10 s are 900,000 = 0xdbba0 at 90 kHz. */
	mp3_segment_tag(tag, 10 * 10000000LL);
	assert_memory_equal(tag, "ID3\4\0\0\0\0\0\77PRIV\0\0\0\65\0\0", 20);
	assert_string_equal(
		(const char *)tag + 20, "com.apple.streaming.transportStreamTimestamp");
	assert_memory_equal(tag + 65, "\0\0\0\0\0\15\273\240", 8);
	/* It goes round after 26.5 hours. */
	mp3_segment_tag(tag, (8589934592LL + 90000) / 9 * 1000 + 1000);
	assert_int_equal(tag[68], 0);
	assert_int_equal(tag[69], 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_list_names_each_piece_and_how_long_it_is),
		cmocka_unit_test(a_master_list_has_one_entry),
		cmocka_unit_test(an_address_tells_which_bytes_it_is_about),
		cmocka_unit_test(a_segment_says_when_it_is_due),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
