#include "tracker/play_verdict.h"

static enum stream_decision
decision_of(bool direct)
{
	return direct ? STREAM_COPY : STREAM_TRANSCODE;
}

static enum peak_category
category_of(enum stream_decision video, enum stream_decision audio)
{
	if (video == STREAM_TRANSCODE || audio == STREAM_TRANSCODE)
		return PEAK_TRANSCODE;
	if (video == STREAM_COPY || audio == STREAM_COPY)
		return PEAK_DIRECT_STREAM;
	return PEAK_DIRECT;
}

struct play_verdict
play_verdict_of(const struct play_report *report)
{
	const struct play_stream *stream = &report->stream;
	struct play_verdict verdict = { 0 };

	if (text_equal_ci(report->play_method, "DirectStream")) {
		verdict.video = verdict.audio = STREAM_COPY;
	} else if (text_equal_ci(report->play_method, "Transcode")) {
		verdict.video = decision_of(stream->video_direct);
		verdict.audio = decision_of(stream->audio_direct);
	}
	verdict.category = category_of(verdict.video, verdict.audio);
	verdict.hardware = verdict.video == STREAM_TRANSCODE &&
			   stream->hardware[0] != '\0' &&
			   !text_equal_ci(stream->hardware, "none");
	verdict.bitrate = stream->transcodes && stream->output.bitrate > 0
				  ? stream->output.bitrate
				  : stream->source.bitrate;
	return verdict;
}

const char *
stream_decision_name(enum stream_decision decision)
{
	static const char *const names[] = { "directplay", "copy", "transcode" };

	return names[decision];
}

const char *
stream_category_name(enum peak_category category)
{
	static const char *const names[PEAK_CATEGORIES] = { "directPlay", "directStream",
		"transcode" };

	return names[category];
}

struct resolution_row {
	const char *name;
	int64_t width, height; /* from either on */
};

/* In the order of enum stream_resolution. */
static const struct resolution_row resolutions[] = {
	{ "unknown", 0, 0 },
	{ "SD", 1, 1 },
	{ "480p", 854, 480 },
	{ "720p", 1280, 720 },
	{ "1080p", 1920, 1080 },
	{ "4K", 3840, 2160 },
};

enum stream_resolution
stream_resolution_of(int64_t width, int64_t height)
{
	enum stream_resolution resolution = RESOLUTION_4K;

	while (resolution > RESOLUTION_UNKNOWN && width < resolutions[resolution].width &&
		height < resolutions[resolution].height)
		resolution--;
	return resolution;
}

const char *
stream_resolution_name(enum stream_resolution resolution)
{
	return resolutions[resolution].name;
}
