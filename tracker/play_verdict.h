/* Play verdict: what the facts about a stream come to: is it played as it is, repacked or
 * encoded anew, and how sharp is the picture. Pure; any thread.
 */
#ifndef TRACKER_PLAY_VERDICT_H
#define TRACKER_PLAY_VERDICT_H

#include "tracker/peaks.h"
#include "tracker/play.h"

enum stream_decision { STREAM_DIRECT, STREAM_COPY, STREAM_TRANSCODE };

struct play_verdict {
	enum stream_decision video, audio;
	enum peak_category category;
	bool hardware;   /* the transcode runs on other hardware than the processor */
	int64_t bitrate; /* bits per second of what is sent; 0 unknown */
};

struct play_verdict play_verdict_of(const struct play_report *report);
/* "directplay", "copy", "transcode" */
const char *stream_decision_name(enum stream_decision decision);
/* "directPlay", "directStream", "transcode" */
const char *stream_category_name(enum peak_category category);

/* By the larger of what width and height say: 1920x804 and 1440x1080 are both 1080p. */
enum stream_resolution {
	RESOLUTION_UNKNOWN,
	RESOLUTION_SD,
	RESOLUTION_480P,
	RESOLUTION_720P,
	RESOLUTION_1080P,
	RESOLUTION_4K,
};

enum stream_resolution stream_resolution_of(int64_t width, int64_t height);
/* "4K", "1080p", …, "unknown" */
const char *stream_resolution_name(enum stream_resolution resolution);

#endif
