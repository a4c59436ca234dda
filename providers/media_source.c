#include "providers/media_source.h"

#include "core/json.h"

enum { BITRATE = 128000, SAMPLE_RATE = 44100 };

static json_t *
audio_stream_new(void)
{
	json_t *stream = json_object();

	json_put_text(stream, "Codec", "mp3");
	json_put_text(stream, "TimeBase", "1/14112000");
	json_put_text(stream, "VideoRange", "Unknown");
	json_put_text(stream, "VideoRangeType", "Unknown");
	json_put_text(stream, "AudioSpatialFormat", "None");
	json_put_text(stream, "DisplayTitle", "MP3 - Stereo");
	json_put_bool(stream, "IsInterlaced", false);
	json_put_text(stream, "ChannelLayout", "stereo");
	json_put_int(stream, "BitRate", BITRATE);
	json_put_int(stream, "Channels", 2);
	json_put_int(stream, "SampleRate", SAMPLE_RATE);
	json_put_bool(stream, "IsDefault", false);
	json_put_bool(stream, "IsForced", false);
	json_put_bool(stream, "IsHearingImpaired", false);
	json_put_bool(stream, "IsOriginal", false);
	json_put_text(stream, "Type", "Audio");
	json_put_int(stream, "Index", 0);
	json_put_bool(stream, "IsExternal", false);
	json_put_bool(stream, "IsTextSubtitleStream", false);
	json_put_bool(stream, "SupportsExternalStream", false);
	return stream;
}

json_t *
media_source_streams_new(void)
{
	json_t *streams = json_array();

	json_array_append_new(streams, audio_stream_new());
	return streams;
}

json_t *
media_source_new(const struct media *media, const struct item_context *context)
{
	json_t *source = json_object();
	char hex[EXTERNAL_ID_HEX];

	if (!external_id_format(hex, &media->id))
		hex[0] = '\0';
	json_put_text(source, "Protocol", "File");
	json_put_text(source, "Id", hex);
	media_facts_put_path(source, media, hex);
	json_put_text(source, "Type", "Default");
	json_put_text(source, "Container", "mp3");
	if (context->preview_bytes > 0)
		json_put_int(source, "Size", context->preview_bytes);
	media_facts_put_name(source, media, context);
	json_put_bool(source, "IsRemote", false);
	media_facts_put_derived_id(source, "ETag", "source", hex);
	json_put_int(source, "RunTimeTicks", media_facts_ticks(media, context));
	json_put_bool(source, "ReadAtNativeFramerate", false);
	json_put_bool(source, "IgnoreDts", false);
	json_put_bool(source, "IgnoreIndex", false);
	json_put_bool(source, "GenPtsInput", false);
	json_put_bool(source, "SupportsTranscoding", false);
	json_put_bool(source, "SupportsDirectStream", true);
	json_put_bool(source, "SupportsDirectPlay", true);
	json_put_bool(source, "IsInfiniteStream", false);
	json_put_bool(source, "UseMostCompatibleTranscodingProfile", false);
	json_put_bool(source, "RequiresOpening", false);
	json_put_bool(source, "RequiresClosing", false);
	json_put_bool(source, "RequiresLooping", false);
	json_put_bool(source, "SupportsProbing", false);
	json_put_new(source, "MediaStreams", media_source_streams_new());
	json_put_new(source, "MediaAttachments", json_array());
	json_put_new(source, "Formats", json_array());
	json_put_int(source, "Bitrate", BITRATE);
	json_put_new(source, "RequiredHttpHeaders", json_object());
	json_put_text(source, "TranscodingSubProtocol", "http");
	json_put_int(source, "DefaultAudioStreamIndex", 0);
	json_put_bool(source, "HasSegments", false);
	return source;
}
