#include "tracker/play_stream.h"

#include <string.h>

#include "core/json.h"

static bool
sides_differ(const struct stream_side *a, const struct stream_side *b)
{
	return strcmp(a->container, b->container) != 0 ||
	       strcmp(a->video_codec, b->video_codec) != 0 ||
	       strcmp(a->audio_codec, b->audio_codec) != 0 || a->width != b->width ||
	       a->height != b->height || a->audio_channels != b->audio_channels;
}

bool
play_stream_decisions_differ(const struct play_stream *a, const struct play_stream *b)
{
	return strcmp(a->media_source_id, b->media_source_id) != 0 ||
	       a->audio_index != b->audio_index || a->subtitle_index != b->subtitle_index ||
	       a->transcodes != b->transcodes || a->video_direct != b->video_direct ||
	       a->audio_direct != b->audio_direct ||
	       strcmp(a->hardware, b->hardware) != 0 ||
	       strcmp(a->reasons, b->reasons) != 0 ||
	       sides_differ(&a->source, &b->source) || sides_differ(&a->output, &b->output);
}

static void
put_known_text(json_t *json, const char *name, const char *text)
{
	if (text[0] != '\0')
		json_put_text(json, name, text);
}

static void
put_known_int(json_t *json, const char *name, int64_t number, int64_t unknown)
{
	if (number != unknown)
		json_put_int(json, name, number);
}

static json_t *
side_json_new(const struct stream_side *side)
{
	json_t *json = json_object();

	put_known_text(json, "container", side->container);
	put_known_text(json, "videoCodec", side->video_codec);
	put_known_text(json, "audioCodec", side->audio_codec);
	put_known_text(json, "videoRange", side->video_range);
	put_known_int(json, "width", side->width, 0);
	put_known_int(json, "height", side->height, 0);
	put_known_int(json, "bitrate", side->bitrate, 0);
	put_known_int(json, "audioChannels", side->audio_channels, 0);
	return json;
}

static json_t *
transcode_json_new(const struct play_stream *stream)
{
	json_t *json = side_json_new(&stream->output);

	json_put_bool(json, "videoDirect", stream->video_direct);
	json_put_bool(json, "audioDirect", stream->audio_direct);
	put_known_text(json, "hardware", stream->hardware);
	put_known_text(json, "reasons", stream->reasons);
	return json;
}

json_t *
play_stream_json_new(const struct play_stream *stream)
{
	json_t *json = json_object();

	put_known_text(json, "mediaSourceId", stream->media_source_id);
	put_known_int(json, "audioIndex", stream->audio_index, -1);
	put_known_int(json, "subtitleIndex", stream->subtitle_index, -1);
	json_put_new(json, "source", side_json_new(&stream->source));
	if (stream->transcodes)
		json_put_new(json, "transcode", transcode_json_new(stream));
	return json;
}
