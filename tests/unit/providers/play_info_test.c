#include "providers/play_info.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "core/json.h"

#define SONG "657874011100000000000000002fd844"
#define PASS "0a0926ff43494008864b307dc582688c"

static const track_quality_set deezer =
	TRACK_BIT(TRACK_MP3_128) | TRACK_BIT(TRACK_MP3_320) | TRACK_BIT(TRACK_FLAC);
static const struct play_info_links links = { PASS, "web-1" };

static const struct {
	const char *query, *body;
	struct play_info_ask ask;
} questions[] = {
	{ "userId=u", NULL, { .media_source_id = NULL } },
	{ "", "[]", { .media_source_id = NULL } },
	{ "maxStreamingBitrate=320000&EnableDirectPlay=false",
		"{\"MaxStreamingBitrate\":1,\"EnableDirectPlay\":true}",
		{ .wish = { .max_bitrate = 320000, .no_direct_play = true } } },
	{ "enabledirectplay=TRUE&enabletranscoding=false",
		"{\"EnableDirectPlay\":false,\"EnableTranscoding\":true}",
		{ .wish = { .no_transcoding = true } } },
	{ "",
		"{\"enableDirectPlay\":false,\"enableTranscoding\":false,"
		"\"maxAudioChannels\":\"2\",\"startTimeTicks\":50000000,"
		"\"mediaSourceId\":\"x\"}",
		{ .wish = { .no_direct_play = true,
			  .no_transcoding = true,
			  .max_channels = 2 },
			.media_source_id = "x" } },
	{ "", "{\"DeviceProfile\":{\"MaxStreamingBitrate\":140000}}",
		{ .wish = { .max_bitrate = 140000 } } },
	{ "MediaSourceId=&StartTimeTicks=7",
		"{\"MediaSourceId\":\"y\",\"DeviceProfile\":null}",
		{ .media_source_id = "y" } },
};

static void
the_query_counts_before_the_body(void **state)
{
	struct arena *arena = arena_new();

	(void)state;
	for (size_t i = 0; i < COUNT_OF(questions); i++) {
		const char *text = questions[i].body;
		json_t *body = text == NULL ? NULL : json_parse_new(text, strlen(text));
		struct query query = query_parse(arena, slice_of(questions[i].query));
		const struct play_info_ask *want = &questions[i].ask;
		struct play_info_ask got;
		play_info_read(&got, &query, body);
		assert_int_equal(got.wish.max_bitrate, want->wish.max_bitrate);
		assert_int_equal(got.wish.max_channels, want->wish.max_channels);
		assert_int_equal(got.wish.no_direct_play, want->wish.no_direct_play);
		assert_int_equal(got.wish.no_transcoding, want->wish.no_transcoding);
		assert_int_equal(
			got.media_source_id == NULL, want->media_source_id == NULL);
		if (want->media_source_id != NULL)
			assert_string_equal(got.media_source_id, want->media_source_id);
		json_decref(body);
	}
	arena_free(arena);
}

static void
another_source_is_none_of_ours(void **state)
{
	static const struct {
		const char *source;
		bool ours;
	} sources[] = { { NULL, true }, { SONG, true },
		{ "65787401-1100-0000-0000-0000002FD844", true },
		{ "657874011100000000000000002fd845", false },
		{ "832e25879a396454558606107194281a", false }, { "x", false } };
	struct external_id id;

	(void)state;
	assert_true(external_id_parse(&id, slice_of(SONG)));
	for (size_t i = 0; i < COUNT_OF(sources); i++) {
		struct play_info_ask ask = { .media_source_id = sources[i].source };
		assert_int_equal(play_info_is_about(&ask, &id), sources[i].ours);
	}
}

/* The answer's one source; the caller has `*answer`. */
static const json_t *
source_of(json_t **answer, const char *device, struct play_wish wish,
	const struct track_formats *forms)
{
	struct item_context context = { .server_id = "s", .forms = forms };
	struct play_info_ask ask = { .wish = wish };
	struct media song = { .kind = MEDIA_SONG, .duration_ms = 226000 };
	char title[] = "Night Train";

	song.title = title;
	assert_true(external_id_parse(&song.id, slice_of(SONG)));
	context.offered[PROVIDER_DEEZER] = deezer;
	json_t *profile = device == NULL ? NULL : json_parse_new(device, strlen(device));
	ask.wish.device = profile;
	struct play_choice choice = play_profile_choose(&ask.wish, deezer, forms);
	assert_int_not_equal(choice.way, PLAY_NOT);
	*answer = play_info_new(&song, &context, &ask, &choice, &links);
	json_decref(profile);
	assert_string_equal(json_text(*answer, "PlaySessionId"), PASS);
	assert_null(json_member(*answer, "ErrorCode"));
	assert_int_equal(json_array_size(json_member(*answer, "MediaSources")), 1);
	return json_array_get(json_member(*answer, "MediaSources"), 0);
}

#define WITH_FILE                                                                          \
	"{\"DirectPlayProfiles\":[{\"Type\":\"Audio\",\"Container\":\"flac,mp3\"}],"       \
	"\"TranscodingProfiles\":[{\"Type\":\"Audio\",\"Container\":\"mp3\","              \
	"\"AudioCodec\":\"mp3\",\"Protocol\":\"http\"}]}"
#define WITH_SEGMENTS                                                                      \
	"{\"DirectPlayProfiles\":[{\"Type\":\"Audio\",\"Container\":\"opus\"}],"           \
	"\"TranscodingProfiles\":[{\"Type\":\"Audio\",\"Container\":\"ts\","               \
	"\"AudioCodec\":\"mp3\",\"Protocol\":\"hls\"}]}"

static void
what_plays_directly_comes_in_its_best_form(void **state)
{
	struct track_formats forms = { .of = { track_format_of(TRACK_FLAC) }, .count = 1 };
	json_t *answer;

	(void)state;
	forms.of[0].size = 28250000;
	const json_t *source =
		source_of(&answer, WITH_FILE, (struct play_wish){ 0 }, &forms);
	assert_true(json_bool(source, "SupportsDirectPlay", false));
	assert_true(json_bool(source, "SupportsDirectStream", false));
	assert_true(json_bool(source, "SupportsTranscoding", false));
	assert_string_equal(json_text(source, "Container"), "flac");
	assert_int_equal(json_int(source, "Size", 0), 28250000);
	assert_int_equal(json_int(source, "Bitrate", 0), 1000000);
	assert_null(json_member(source, "TranscodingUrl"));
	assert_string_equal(json_text(source, "TranscodingSubProtocol"), "http");
	json_decref(answer);
	source = source_of(
		&answer, WITH_FILE, (struct play_wish){ .max_bitrate = 200000 }, &forms);
	assert_string_equal(json_text(source, "Container"), "mp3");
	assert_int_equal(json_int(source, "Bitrate", 0), 128000);
	json_decref(answer);
	source = source_of(&answer, NULL, (struct play_wish){ 0 }, NULL);
	assert_string_equal(json_text(source, "Container"), "flac");
	assert_false(json_bool(source, "SupportsTranscoding", true));
	assert_null(json_member(source, "Size"));
	json_decref(answer);
}

static void
what_does_not_has_an_address_that_opens_by_itself(void **state)
{
	json_t *answer;

	(void)state;
	const json_t *source = source_of(
		&answer, WITH_FILE, (struct play_wish){ .no_direct_play = true }, NULL);
	assert_false(json_bool(source, "SupportsDirectPlay", true));
	assert_false(json_bool(source, "SupportsDirectStream", true));
	assert_true(json_bool(source, "SupportsTranscoding", false));
	assert_string_equal(json_text(source, "TranscodingUrl"),
		"/audio/" SONG "/stream.mp3?DeviceId=web-1&MediaSourceId=" SONG
		"&AudioCodec=mp3&AudioBitrate=320000&CopyTimestamps=true"
		"&PlaySessionId=" PASS);
	assert_string_equal(json_text(source, "TranscodingContainer"), "mp3");
	json_decref(answer);
	source = source_of(&answer, WITH_SEGMENTS, (struct play_wish){ 0 }, NULL);
	assert_string_equal(json_text(source, "TranscodingUrl"),
		"/audio/" SONG "/master.m3u8?DeviceId=web-1&MediaSourceId=" SONG
		"&AudioCodec=mp3&AudioBitrate=320000&SegmentContainer=mp3"
		"&PlaySessionId=" PASS);
	assert_string_equal(json_text(source, "TranscodingSubProtocol"), "hls");
	json_decref(answer);
}

static void
an_error_has_no_source_and_no_session(void **state)
{
	json_t *answer = play_info_error_new("NoCompatibleStream");

	(void)state;
	assert_int_equal(json_array_size(json_member(answer, "MediaSources")), 0);
	assert_true(json_is_array(json_member(answer, "MediaSources")));
	assert_string_equal(json_text(answer, "ErrorCode"), "NoCompatibleStream");
	assert_null(json_member(answer, "PlaySessionId"));
	json_decref(answer);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_query_counts_before_the_body),
		cmocka_unit_test(another_source_is_none_of_ours),
		cmocka_unit_test(what_plays_directly_comes_in_its_best_form),
		cmocka_unit_test(what_does_not_has_an_address_that_opens_by_itself),
		cmocka_unit_test(an_error_has_no_source_and_no_session),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
