#include "providers/play_request.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "providers/media_source.h"

#define PREVIEW TRACK_BIT(TRACK_PREVIEW)
#define MP3     (TRACK_BIT(TRACK_MP3_128) | TRACK_BIT(TRACK_MP3_320))
#define FLAC    TRACK_BIT(TRACK_FLAC)
#define HI_RES  (TRACK_BIT(TRACK_FLAC_96) | TRACK_BIT(TRACK_FLAC_192))
#define DEEZER  (MP3 | FLAC)
#define ALL     (DEEZER | HI_RES)

#define SONG      "657874011100000000000000002fd844"
#define FILES     PLAY_ROUTE_FILE, NULL
#define STREAM    PLAY_ROUTE_STREAM, NULL
#define STREAM_AS PLAY_ROUTE_STREAM
#define UNIVERSAL PLAY_ROUTE_UNIVERSAL, NULL
#define LIST      PLAY_ROUTE_LIST, NULL

#define WEB_CONTAINERS                                                                     \
	"Container=opus%2Cwebm%7Copus%2Cts%7Cmp3%2Cmp3%2Caac%2Cm4a%7Caac%2Cm4b%7Caac%2C"   \
	"flac%2Cwebma%2Cwebm%7Cwebma%2Cwav%2Cogg"

static const struct {
	const char *name;
	enum play_route route;
	const char *extension, *query;
	track_quality_set offered;
	enum play_way way;
	track_quality_set qualities;
} cases[] = {
	{ "a file", FILES, "ApiKey=t", ALL, PLAY_DIRECT, ALL },
	{ "a file, static or not", FILES, "static=false&container=aac", ALL, PLAY_DIRECT,
		ALL },
	{ "nothing is offered", FILES, "", 0, PLAY_NOT, 0 },
	{ "Jellify", STREAM, "playSessionId=x&startTimeTicks=0&static=true", ALL,
		PLAY_DIRECT, ALL },
	{ "mpv-shim", STREAM, "static=true&MediaSourceId=x&ApiKey=t", ALL, PLAY_DIRECT,
		ALL },
	{ "web, after PlaybackInfo", STREAM_AS, "mp3",
		"Static=true&mediaSourceId=x&deviceId=d&ApiKey=t", ALL, PLAY_DIRECT, MP3 },
	{ "web, after PlaybackInfo said FLAC", STREAM_AS, "FLAC", "Static=true", ALL,
		PLAY_DIRECT, FLAC | HI_RES },
	{ "as it is, whatever it is called", STREAM_AS, "m4a", "static=TRUE", DEEZER,
		PLAY_DIRECT, DEEZER },
	{ "as it is, in what there is", STREAM_AS, "mp3", "static=true", FLAC, PLAY_DIRECT,
		FLAC },
	{ "a stream of anything", STREAM, "ApiKey=t", DEEZER, PLAY_DIRECT, DEEZER },
	{ "a stream of MP3", STREAM_AS, "mp3", "", ALL, PLAY_DIRECT, MP3 },
	{ "a stream of AAC", STREAM_AS, "aac", "", ALL, PLAY_NOT, 0 },
	{ "Supersonic, transcoding", STREAM,
		"container=mp3&audioCodec=mp3&audioBitRate=320000&UserId=u&api_key=t", ALL,
		PLAY_DIRECT, MP3 },
	{ "Supersonic, small", STREAM, "container=mp3&audioCodec=mp3&audioBitRate=192000",
		ALL, PLAY_DIRECT, TRACK_BIT(TRACK_MP3_128) },
	{ "Supersonic, Opus", STREAM, "container=ogg&audioCodec=opus", ALL, PLAY_NOT, 0 },
	{ "one of two codecs", STREAM, "AudioCodec=aac,flac", DEEZER, PLAY_DIRECT, FLAC },
	{ "whatever codec it has", STREAM, "AudioCodec=copy", DEEZER, PLAY_DIRECT, DEEZER },
	{ "a rate that nothing has", STREAM, "audioSampleRate=22050", DEEZER, PLAY_DIRECT,
		DEEZER },
	{ "a rate below hi-res", STREAM, "audioSampleRate=48000", ALL, PLAY_DIRECT,
		DEEZER },
	{ "a depth", STREAM, "MaxAudioBitDepth=16", ALL, PLAY_DIRECT, DEEZER },

	{ "web", UNIVERSAL,
		"MaxStreamingBitrate=140000000&" WEB_CONTAINERS
		"&TranscodingContainer=mp4&TranscodingProtocol=hls&AudioCodec=aac",
		ALL, PLAY_DIRECT, ALL },
	{ "Fintunes", UNIVERSAL,
		"TranscodingProtocol=http&TranscodingContainer=aac&AudioCodec=aac"
		"&Container=mp3,aac,m4a%7Caac,m4b%7Caac,flac,alac,m4a%7Calac,wav,m4a",
		DEEZER, PLAY_DIRECT, DEEZER },
	{ "Feishin, lower case", UNIVERSAL,
		"container=opus,mp3,aac&transcodingprotocol=http&transcodingcontainer=mp3"
		"&maxstreamingbitrate=192000",
		DEEZER, PLAY_DIRECT, TRACK_BIT(TRACK_MP3_128) },
	{ "Gelli", UNIVERSAL,
		"Container=mp3&Container=flac&TranscodingProtocol=hls&AudioCodec=aac",
		DEEZER, PLAY_DIRECT, DEEZER },
	{ "repeated, with codecs", UNIVERSAL, "container=ogg%7Copus%7Cflac&container=mp3",
		DEEZER, PLAY_DIRECT, MP3 },
	{ "a codec that is not MP3's", UNIVERSAL, "Container=mp3%7Cmp2", DEEZER,
		PLAY_MP3_FILE, MP3 },
	{ "nothing said is MP3", UNIVERSAL, "", ALL, PLAY_MP3_FILE, MP3 },
	{ "nothing said, and no MP3", UNIVERSAL, "", FLAC, PLAY_NOT, 0 },
	{ "AAC only", UNIVERSAL,
		"Container=aac&TranscodingContainer=aac&AudioCodec=aac"
		"&TranscodingProtocol=http",
		DEEZER, PLAY_NOT, 0 },
	{ "MP3 in segments", UNIVERSAL,
		"Container=opus&TranscodingContainer=ts&AudioCodec=mp3"
		"&TranscodingProtocol=HLS",
		ALL, PLAY_MP3_SEGMENTS, MP3 },
	{ "small MP3 in segments", UNIVERSAL,
		"Container=opus&TranscodingContainer=ts&AudioCodec=mp3"
		"&TranscodingProtocol=hls&MaxStreamingBitrate=999999&audioBitRate=128000",
		ALL, PLAY_MP3_SEGMENTS, TRACK_BIT(TRACK_MP3_128) },
	{ "CD at most", UNIVERSAL,
		"Container=flac&MaxAudioSampleRate=48000&MaxAudioBitDepth=16", ALL,
		PLAY_DIRECT, FLAC },
	{ "mono", UNIVERSAL, "Container=mp3,flac&MaxAudioChannels=1", DEEZER, PLAY_NOT, 0 },

	{ "Finamp", LIST,
		"ApiKey=t&audioCodec=aac&audioSampleRate=44100&segmentContainer=ts"
		"&audioBitRate=320000",
		DEEZER, PLAY_MP3_SEGMENTS, MP3 },
	{ "a list of a preview", LIST, "", PREVIEW, PLAY_MP3_SEGMENTS, PREVIEW },
	{ "a small list", LIST, "AudioBitrate=64000", DEEZER, PLAY_MP3_SEGMENTS,
		TRACK_BIT(TRACK_MP3_128) },
	{ "a list without MP3", LIST, "", FLAC, PLAY_NOT, 0 },
};

static void
a_request_says_what_it_takes(void **state)
{
	struct arena *arena = arena_new();

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct query query = query_parse(arena, slice_of(cases[i].query));
		struct play_request request = { cases[i].route, SONG, cases[i].extension,
			&query };
		struct play_choice choice =
			play_request_choose(&request, arena, cases[i].offered);
		if (choice.way != cases[i].way || choice.qualities != cases[i].qualities)
			fail_msg("%s: way %d with %#x", cases[i].name, (int)choice.way,
				choice.qualities);
	}
	arena_free(arena);
}

static void
a_tag_names_one_form(void **state)
{
	struct arena *arena = arena_new();
	char etag[EXTERNAL_ID_HEX];

	(void)state;
	media_source_etag(etag, SONG, TRACK_MP3_128);
	struct query query = query_parse(
		arena, slice_of(arena_printf(arena, "Static=true&Tag=%s", etag)));
	struct play_request request = { PLAY_ROUTE_STREAM, SONG, "mp3", &query };
	assert_int_equal(play_request_choose(&request, arena, ALL).qualities,
		TRACK_BIT(TRACK_MP3_128));
	/* It may be gone, or another song's. */
	assert_int_equal(play_request_choose(&request, arena, FLAC).qualities, FLAC);
	request.song = "657874011100000000000000002fd845";
	assert_int_equal(play_request_choose(&request, arena, ALL).qualities, MP3);
	arena_free(arena);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_tag_names_one_form),
		cmocka_unit_test(a_request_says_what_it_takes),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
