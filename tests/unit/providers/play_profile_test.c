#include "providers/play_profile.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "core/json.h"

#define PREVIEW TRACK_BIT(TRACK_PREVIEW)
#define MP3_128 TRACK_BIT(TRACK_MP3_128)
#define MP3_320 TRACK_BIT(TRACK_MP3_320)
#define MP3     (MP3_128 | MP3_320)
#define FLAC    TRACK_BIT(TRACK_FLAC)
#define HI_RES  (TRACK_BIT(TRACK_FLAC_96) | TRACK_BIT(TRACK_FLAC_192))
#define DEEZER  (PREVIEW | MP3 | FLAC)
#define QOBUZ   (MP3_320 | FLAC | HI_RES)

/* What jellyfin-web 12 posts from a Chromium, without its video profiles. */
#define WEB                                                                                \
	"{\"MaxStreamingBitrate\":140000000,\"DirectPlayProfiles\":["                      \
	"{\"Container\":\"webm\",\"Type\":\"Video\",\"AudioCodec\":\"vorbis,opus\"},"      \
	"{\"Container\":\"opus\",\"Type\":\"Audio\"},"                                     \
	"{\"Container\":\"webm\",\"AudioCodec\":\"opus\",\"Type\":\"Audio\"},"             \
	"{\"Container\":\"ts\",\"AudioCodec\":\"mp3\",\"Type\":\"Audio\"},"                \
	"{\"Container\":\"mp3\",\"Type\":\"Audio\"},"                                      \
	"{\"Container\":\"aac\",\"Type\":\"Audio\"},"                                      \
	"{\"Container\":\"m4a\",\"AudioCodec\":\"aac\",\"Type\":\"Audio\"},"               \
	"{\"Container\":\"flac\",\"Type\":\"Audio\"},"                                     \
	"{\"Container\":\"wav\",\"Type\":\"Audio\"}],"                                     \
	"\"TranscodingProfiles\":["                                                        \
	"{\"Container\":\"mp4\",\"Type\":\"Audio\",\"AudioCodec\":\"aac\","                \
	"\"Context\":\"Streaming\",\"Protocol\":\"hls\"},"                                 \
	"{\"Container\":\"mp3\",\"Type\":\"Audio\",\"AudioCodec\":\"mp3\","                \
	"\"Context\":\"Streaming\",\"Protocol\":\"http\"},"                                \
	"{\"Container\":\"mp3\",\"Type\":\"Audio\",\"AudioCodec\":\"mp3\","                \
	"\"Context\":\"Static\",\"Protocol\":\"http\"}],"                                  \
	"\"CodecProfiles\":[{\"Type\":\"VideoAudio\",\"Codec\":\"aac\",\"Conditions\":["   \
	"{\"Condition\":\"Equals\",\"Property\":\"IsSecondaryAudio\",\"Value\":\"false\"," \
	"\"IsRequired\":false}]}]}"
/* The same browser told to play MP3 in segments only. */
#define WEB_REMUX                                                                          \
	"{\"DirectPlayProfiles\":["                                                        \
	"{\"Container\":\"ts\",\"AudioCodec\":\"mp3\",\"Type\":\"Audio\"},"                \
	"{\"Container\":\"mp4\",\"AudioCodec\":\"flac\",\"Type\":\"Audio\"}],"             \
	"\"TranscodingProfiles\":[{\"Container\":\"mp4\",\"Type\":\"Audio\","              \
	"\"AudioCodec\":\"aac\",\"Context\":\"Streaming\",\"Protocol\":\"hls\"}]}"
/* jellyfin-mpv-shim: whatever mpv plays. */
#define MPV_SHIM                                                                           \
	"{\"Name\":\"Jellyfin MPV Shim\",\"MaxStreamingBitrate\":2147483647,"              \
	"\"MusicStreamingTranscodingBitrate\":1280000,\"TranscodingProfiles\":["           \
	"{\"Type\":\"Audio\"},{\"Container\":\"ts\",\"Type\":\"Video\","                   \
	"\"Protocol\":\"hls\",\"AudioCodec\":\"aac,mp3,ac3,opus,flac,vorbis\"}],"          \
	"\"DirectPlayProfiles\":[{\"Type\":\"Video\"},{\"Type\":\"Audio\"},"               \
	"{\"Type\":\"Photo\"}],\"CodecProfiles\":[]}"
/* Jellify, on a phone. */
#define JELLIFY                                                                            \
	"{\"MaxStreamingBitrate\":320000,\"MaxStaticBitrate\":320000,"                     \
	"\"CodecProfiles\":[],\"DirectPlayProfiles\":["                                    \
	"{\"Container\":\"mp3\",\"Type\":\"Audio\"},"                                      \
	"{\"Container\":\"aac,m4a,m4b\",\"AudioCodec\":\"aac\",\"Type\":\"Audio\"},"       \
	"{\"Container\":\"flac\",\"AudioCodec\":\"flac\",\"Type\":\"Audio\"}],"            \
	"\"TranscodingProfiles\":[{\"Container\":\"aac\",\"Type\":\"Audio\","              \
	"\"AudioCodec\":\"aac\",\"Protocol\":\"http\",\"Context\":\"Streaming\"}]}"
/* The Kotlin SDK as the Android app fills it: names per codec, depth by condition. */
#define ANDROID                                                                            \
	"{\"Name\":\"Jellyfin Android\",\"DirectPlayProfiles\":["                          \
	"{\"type\":\"Audio\",\"container\":\"mp3\",\"audioCodec\":\"mp3\"},"               \
	"{\"type\":\"Audio\",\"container\":\"flac\",\"audioCodec\":\"flac,alac\"}],"       \
	"\"CodecProfiles\":[{\"type\":\"Audio\",\"codec\":\"flac\",\"conditions\":["       \
	"{\"condition\":\"LessThanEqual\",\"property\":\"AudioBitDepth\","                 \
	"\"value\":\"16\",\"isRequired\":false},{\"condition\":\"LessThanEqual\","         \
	"\"property\":\"AudioChannels\",\"value\":\"8\"}]}]}"
/* An old receiver. */
#define RECEIVER                                                                           \
	"{\"DirectPlayProfiles\":[{\"Type\":\"Audio\",\"Container\":\"aac\"}],"            \
	"\"TranscodingProfiles\":[{\"Type\":\"Audio\",\"Container\":\"mp3\","              \
	"\"AudioCodec\":\"mp3\",\"Protocol\":\"http\"}]}"
#define AAC_ONLY                                                                           \
	"{\"DirectPlayProfiles\":[{\"Type\":\"Audio\",\"Container\":\"aac,m4a\"}],"        \
	"\"TranscodingProfiles\":[{\"Type\":\"Audio\",\"Container\":\"aac\","              \
	"\"AudioCodec\":\"aac\",\"Protocol\":\"hls\"}]}"
#define ONLY(containers)                                                                   \
	"{\"DirectPlayProfiles\":[{\"Type\":\"Audio\",\"Container\":\"" containers "\"}]}"
#define CONDITION(how, property, value, rest)                                              \
	"{\"DirectPlayProfiles\":[{\"Type\":\"Audio\"}],\"CodecProfiles\":[{"              \
	"\"Type\":\"Audio\",\"Conditions\":[{\"Condition\":\"" how                         \
	"\",\"Property\":\"" property "\",\"Value\":\"" value "\"" rest "}]}]}"
#define LOOSE ",\"IsRequired\":false"

static const struct {
	const char *name, *device;
	struct play_wish wish;
	track_quality_set offered;
	enum play_way way;
	track_quality_set qualities;
} cases[] = {
	{ "nothing said", NULL, { 0 }, DEEZER, PLAY_DIRECT, DEEZER },
	{ "nothing offered", NULL, { 0 }, 0, PLAY_NOT, 0 },
	{ "an empty profile", "{}", { 0 }, PREVIEW, PLAY_DIRECT, PREVIEW },
	{ "no profile at all", "7", { 0 }, PREVIEW, PLAY_DIRECT, PREVIEW },
	{ "web", WEB, { 0 }, DEEZER, PLAY_DIRECT, DEEZER },
	{ "web, hi-res", WEB, { 0 }, QOBUZ, PLAY_DIRECT, QOBUZ },
	{ "web, after a failure", WEB, { .no_direct_play = true }, DEEZER,
		PLAY_MP3_SEGMENTS, PREVIEW | MP3 },
	{ "web, nothing but failures", WEB,
		{ .no_direct_play = true, .no_transcoding = true }, DEEZER, PLAY_NOT, 0 },
	{ "web on a small line", WEB, { .max_bitrate = 320000 }, DEEZER, PLAY_DIRECT,
		PREVIEW | MP3 },
	{ "web, MP3 in segments", WEB_REMUX, { 0 }, DEEZER, PLAY_MP3_SEGMENTS,
		PREVIEW | MP3 },
	{ "mpv-shim", MPV_SHIM, { .max_bitrate = INT32_MAX }, QOBUZ, PLAY_DIRECT, QOBUZ },
	{ "Jellify", JELLIFY, { .max_bitrate = 320000 }, DEEZER, PLAY_DIRECT,
		PREVIEW | MP3 },
	{ "Android", ANDROID, { 0 }, QOBUZ, PLAY_DIRECT, MP3_320 | FLAC },
	{ "a receiver", RECEIVER, { 0 }, DEEZER, PLAY_MP3_FILE, PREVIEW | MP3 },
	{ "a receiver that may not", RECEIVER, { .no_transcoding = true }, DEEZER, PLAY_NOT,
		0 },
	{ "a receiver on a small line", RECEIVER, { .mp3_bitrate = 200000 }, DEEZER,
		PLAY_MP3_FILE, PREVIEW | MP3_128 },
	{ "AAC only", AAC_ONLY, { 0 }, DEEZER, PLAY_NOT, 0 },
	{ "MP3 only", ONLY("mp3"), { 0 }, QOBUZ, PLAY_DIRECT, MP3_320 },
	{ "lists have blanks and case", ONLY("AAC, Flac"), { 0 }, DEEZER, PLAY_DIRECT,
		FLAC },
	{ "all but FLAC", ONLY("-flac,wma"), { 0 }, DEEZER, PLAY_DIRECT, PREVIEW | MP3 },
	{ "all but nothing", ONLY("-"), { 0 }, DEEZER, PLAY_DIRECT, DEEZER },
	/* Limits of the line give way, those of a decoder do not. */
	{ "a very small line", NULL, { .max_bitrate = 64000 }, MP3 | FLAC, PLAY_DIRECT,
		MP3_128 },
	{ "mono only", NULL, { .max_channels = 1 }, DEEZER, PLAY_NOT, 0 },
	{ "a slow decoder", CONDITION("LessThanEqual", "AudioBitrate", "128000", LOOSE),
		{ 0 }, DEEZER, PLAY_DIRECT, PREVIEW | MP3_128 },
	{ "at least so much",
		CONDITION("GreaterThanEqual", "AudioBitrate", "320000", LOOSE), { 0 },
		DEEZER, PLAY_DIRECT, MP3_320 | FLAC },
	{ "one rate", CONDITION("Equals", "AudioSampleRate", "44100", LOOSE), { 0 }, QOBUZ,
		PLAY_DIRECT, MP3_320 | FLAC },
	{ "not one rate", CONDITION("NotEquals", "AudioSampleRate", "44100", LOOSE), { 0 },
		QOBUZ, PLAY_DIRECT, HI_RES },
	{ "some rates", CONDITION("EqualsAny", "AudioSampleRate", "44100|96000", LOOSE),
		{ 0 }, QOBUZ, PLAY_DIRECT, MP3_320 | FLAC | TRACK_BIT(TRACK_FLAC_96) },
	{ "MP3 has no depth", CONDITION("LessThanEqual", "AudioBitDepth", "16", LOOSE),
		{ 0 }, QOBUZ, PLAY_DIRECT, MP3_320 | FLAC },
	{ "a depth is required", CONDITION("LessThanEqual", "AudioBitDepth", "16", ""),
		{ 0 }, QOBUZ, PLAY_DIRECT, FLAC },
	{ "no number", CONDITION("LessThanEqual", "AudioSampleRate", "many", LOOSE), { 0 },
		DEEZER, PLAY_NOT, 0 },
	{ "what we do not know", CONDITION("Equals", "AudioProfile", "x", LOOSE), { 0 },
		DEEZER, PLAY_DIRECT, DEEZER },
};

static void
a_client_gets_what_it_plays(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct play_wish wish = cases[i].wish;
		json_t *device = NULL;
		if (cases[i].device != NULL) {
			device = json_parse_new(cases[i].device, strlen(cases[i].device));
			assert_non_null(device);
		}
		wish.device = device;
		struct play_choice choice =
			play_profile_choose(&wish, cases[i].offered, NULL);
		if (choice.way != cases[i].way || choice.qualities != cases[i].qualities)
			fail_msg("%s: way %d with %#x", cases[i].name, (int)choice.way,
				choice.qualities);
		json_decref(device);
	}
}

static void
exact_forms_count_when_they_are_known(void **state)
{
	/* 200 s of FLAC in 15 MB: 600 kbit/s. */
	struct track_formats known = { .count = 1 };
	struct play_wish wish = { .max_bitrate = 800000 };

	(void)state;
	assert_int_equal(play_profile_choose(&wish, DEEZER, NULL).qualities, PREVIEW | MP3);
	known.of[0] = track_format_of(TRACK_FLAC);
	known.of[0].size = 15000000;
	known.of[0].duration_ms = 200000;
	assert_int_equal(play_profile_format(TRACK_FLAC, &known).bitrate, 600000);
	assert_int_equal(play_profile_choose(&wish, DEEZER, &known).qualities, DEEZER);
	assert_int_equal(play_profile_format(TRACK_MP3_320, &known).bitrate, 320000);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_client_gets_what_it_plays),
		cmocka_unit_test(exact_forms_count_when_they_are_known),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
