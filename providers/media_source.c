#include "providers/media_source.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "core/json.h"

/* Upper case, as ffprobe's short names are shown. */
static const char *
display_title(enum track_quality quality)
{
	return strcmp(track_quality_container(quality), "flac") == 0 ? "FLAC - Stereo"
								     : "MP3 - Stereo";
}

static void
put_stream_facts(json_t *stream, const char *type, int64_t index)
{
	json_put_text(stream, "VideoRange", "Unknown");
	json_put_text(stream, "VideoRangeType", "Unknown");
	json_put_text(stream, "AudioSpatialFormat", "None");
	json_put_bool(stream, "IsInterlaced", false);
	json_put_bool(stream, "IsDefault", false);
	json_put_bool(stream, "IsForced", false);
	json_put_bool(stream, "IsHearingImpaired", false);
	json_put_bool(stream, "IsOriginal", false);
	json_put_text(stream, "Type", type);
	json_put_int(stream, "Index", index);
	json_put_bool(stream, "IsExternal", false);
	json_put_bool(stream, "IsTextSubtitleStream", false);
	json_put_bool(stream, "SupportsExternalStream", false);
}

/* Sets nothing when it is not known. */
static void
put_known(json_t *object, const char *name, int64_t number)
{
	if (number > 0)
		json_put_int(object, name, number);
}

static json_t *
audio_stream_new(const struct track_format *form)
{
	json_t *stream = json_object();
	char time_base[24];

	/* ffprobe's: MP3 counts in the least common multiple of its rates. */
	if (form->bit_depth == 0)
		copy_text(time_base, sizeof time_base, "1/14112000");
	else
		snprintf(time_base, sizeof time_base, "1/%" PRId64, form->sample_rate);
	json_put_text(stream, "Codec", track_quality_container(form->quality));
	json_put_text(stream, "TimeBase", time_base);
	json_put_text(stream, "DisplayTitle", display_title(form->quality));
	json_put_text(stream, "ChannelLayout", "stereo");
	put_known(stream, "BitRate", form->bitrate);
	put_known(stream, "BitDepth", form->bit_depth);
	json_put_int(stream, "Channels", form->channels);
	json_put_int(stream, "SampleRate", form->sample_rate);
	put_stream_facts(stream, "Audio", 0);
	return stream;
}

void
media_source_etag(char etag[EXTERNAL_ID_HEX], const char *song, enum track_quality quality)
{
	char what[40];

	snprintf(what, sizeof what, "source %s", track_quality_name(quality));
	external_id_of_name(etag, what, song);
}

json_t *
media_source_streams_new(const struct media *media, const struct item_context *context)
{
	const struct track_format form = media_facts_form(media, context);
	json_t *streams = json_array();

	json_array_append_new(streams, audio_stream_new(&form));
	if (context->has_lyrics) {
		json_t *lyrics = json_object();
		put_stream_facts(lyrics, "Lyric", 1);
		json_array_append_new(streams, lyrics);
	}
	return streams;
}

json_t *
media_source_new(const struct media *media, const struct item_context *context)
{
	const struct track_format form = media_facts_form(media, context);
	json_t *source = json_object();
	char hex[EXTERNAL_ID_HEX], etag[EXTERNAL_ID_HEX];

	if (!external_id_format(hex, &media->id))
		hex[0] = '\0';
	json_put_text(source, "Protocol", "File");
	json_put_text(source, "Id", hex);
	media_facts_put_path(source, media, context, hex);
	json_put_text(source, "Type", "Default");
	json_put_text(source, "Container", track_quality_container(form.quality));
	put_known(source, "Size", form.size);
	media_facts_put_name(source, media, context);
	json_put_bool(source, "IsRemote", false);
	media_source_etag(etag, hex, form.quality);
	json_put_text(source, "ETag", etag);
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
	json_put_new(source, "MediaStreams", media_source_streams_new(media, context));
	json_put_new(source, "MediaAttachments", json_array());
	json_put_new(source, "Formats", json_array());
	put_known(source, "Bitrate", form.bitrate);
	json_put_new(source, "RequiredHttpHeaders", json_object());
	json_put_text(source, "TranscodingSubProtocol", "http");
	json_put_int(source, "DefaultAudioStreamIndex", 0);
	json_put_bool(source, "HasSegments", false);
	return source;
}
