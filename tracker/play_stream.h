/* Play stream: how a play reaches its listener: what the file is, and what a transcode
 * makes of it. Facts as Jellyfin states them; judging them is for others. Pure; any thread.
 */
#ifndef TRACKER_PLAY_STREAM_H
#define TRACKER_PLAY_STREAM_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

/* Of the file, or of what is sent instead. "" and 0 when unknown. */
struct stream_side {
	char container[32]; /* the file's may be a list: "mov,mp4,m4a" */
	char video_codec[16];
	char audio_codec[16];
	char video_range[16]; /* "SDR", "HDR10", …; the file's only */
	int64_t width, height;
	int64_t bitrate; /* bits per second */
	int64_t audio_channels;
};

/* Zeroed is "nothing known". */
struct play_stream {
	bool known;
	char media_source_id[33];
	int64_t audio_index, subtitle_index; /* as chosen; -1 when not said */
	struct stream_side source;
	/* Jellyfin runs a transcode (or remux) for it; else the rest is empty. */
	bool transcodes;
	bool video_direct, audio_direct; /* copied, not encoded */
	struct stream_side output;
	char hardware[24]; /* "none", "vaapi", … */
	char reasons[160]; /* "ContainerBitrateExceedsLimit,…" */
};

/* Whether something differs that is decided once and not measured on and on: another
 * output, copied or encoded, other tracks; bitrates of a running transcode do not count. */
bool play_stream_decisions_differ(const struct play_stream *a, const struct play_stream *b);

json_t *play_stream_json_new(const struct play_stream *stream);

#endif
