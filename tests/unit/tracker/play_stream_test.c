#include "tracker/play_stream.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "core/json.h"

static const struct play_stream transcode = {
	.known = true,
	.media_source_id = "78ac87abd23a0c2c442387a9f34bc850",
	.audio_index = 1,
	.subtitle_index = -1,
	.source = { .video_codec = "hevc", .width = 3840, .height = 2160 },
	.transcodes = true,
	.audio_direct = true,
	.output = { .video_codec = "h264", .width = 1920, .height = 1080, .bitrate = 8000 },
	.hardware = "vaapi",
	.reasons = "VideoCodecNotSupported",
};

static void
a_running_transcodes_bitrate_is_no_decision(void **state)
{
	struct play_stream other = transcode;

	(void)state;
	assert_false(play_stream_decisions_differ(&transcode, &other));
	other.output.bitrate = 9000;
	assert_false(play_stream_decisions_differ(&transcode, &other));
	other.output.height = 720;
	assert_true(play_stream_decisions_differ(&transcode, &other));
	other = transcode;
	other.transcodes = false;
	assert_true(play_stream_decisions_differ(&transcode, &other));
	other = transcode;
	other.subtitle_index = 3;
	assert_true(play_stream_decisions_differ(&transcode, &other));
}

static void
only_what_is_known_is_shown(void **state)
{
	struct play_stream direct = transcode;

	(void)state;
	json_t *json = play_stream_json_new(&transcode);
	const json_t *output = json_member(json, "transcode");
	assert_int_equal(json_int(output, "height", 0), 1080);
	assert_true(json_bool(output, "audioDirect", false));
	assert_false(json_bool(output, "videoDirect", true));
	assert_null(json_member(output, "audioCodec"));
	assert_null(json_member(json, "subtitleIndex"));
	assert_int_equal(json_int(json_member(json, "source"), "width", 0), 3840);
	json_decref(json);
	direct.transcodes = false;
	json = play_stream_json_new(&direct);
	assert_null(json_member(json, "transcode"));
	json_decref(json);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_running_transcodes_bitrate_is_no_decision),
		cmocka_unit_test(only_what_is_known_is_shown),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
