#include "tracker/play_verdict.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static void
what_jellyfin_says_of_a_stream_is_its_category(void **state)
{
	static const struct {
		const char *method;
		bool video_direct, audio_direct;
		enum stream_decision video, audio;
		const char *category;
	} rows[] = {
		{ "DirectPlay", false, false, STREAM_DIRECT, STREAM_DIRECT, "directPlay" },
		{ "DirectStream", false, false, STREAM_COPY, STREAM_COPY, "directStream" },
		{ "Transcode", true, false, STREAM_COPY, STREAM_TRANSCODE, "transcode" },
		{ "Transcode", false, true, STREAM_TRANSCODE, STREAM_COPY, "transcode" },
		{ "Transcode", true, true, STREAM_COPY, STREAM_COPY, "directStream" },
		{ "transcode", false, false, STREAM_TRANSCODE, STREAM_TRANSCODE,
			"transcode" },
		{ "", true, true, STREAM_DIRECT, STREAM_DIRECT, "directPlay" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct play_report report = { .stream = { .known = true,
						      .video_direct = rows[i].video_direct,
						      .audio_direct =
							      rows[i].audio_direct } };
		copy_text(report.play_method, sizeof report.play_method, rows[i].method);
		struct play_verdict verdict = play_verdict_of(&report);
		assert_int_equal(verdict.video, rows[i].video);
		assert_int_equal(verdict.audio, rows[i].audio);
		assert_string_equal(
			stream_category_name(verdict.category), rows[i].category);
	}
}

static void
a_transcode_is_judged_by_what_is_sent(void **state)
{
	struct play_report report = { .play_method = "Transcode",
		.stream = { .known = true,
			.transcodes = true,
			.audio_direct = true,
			.source = { .bitrate = 20000000 },
			.output = { .bitrate = 4000000 },
			.hardware = "vaapi" } };
	struct play_verdict verdict = play_verdict_of(&report);

	(void)state;
	assert_true(verdict.hardware);
	assert_int_equal(verdict.bitrate, 4000000);
	copy_text(report.stream.hardware, sizeof report.stream.hardware, "none");
	assert_false(play_verdict_of(&report).hardware);
	report.stream.transcodes = false;
	assert_int_equal(play_verdict_of(&report).bitrate, 20000000);
}

static void
a_picture_is_as_sharp_as_its_larger_side_says(void **state)
{
	static const struct {
		int64_t width, height;
		const char *name;
	} rows[] = { { 3840, 1600, "4K" }, { 1440, 2160, "4K" }, { 1920, 804, "1080p" },
		{ 1440, 1080, "1080p" }, { 1280, 534, "720p" }, { 960, 720, "720p" },
		{ 854, 356, "480p" }, { 640, 480, "480p" }, { 640, 360, "SD" },
		{ 0, 0, "unknown" } };

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++)
		assert_string_equal(stream_resolution_name(stream_resolution_of(
					    rows[i].width, rows[i].height)),
			rows[i].name);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_jellyfin_says_of_a_stream_is_its_category),
		cmocka_unit_test(a_transcode_is_judged_by_what_is_sent),
		cmocka_unit_test(a_picture_is_as_sharp_as_its_larger_side_says),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
