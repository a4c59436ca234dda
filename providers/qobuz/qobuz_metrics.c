#include "providers/qobuz/qobuz_metrics.h"

struct metric qobuz_metric_replies[QOBUZ_TROUBLES];
struct metric qobuz_metric_opens[TRACK_QUALITIES];
struct metric qobuz_metric_opens_failed;

#define REPLIES "Answers of Qobuz's API, by what they say."
#define OPENS   "Songs of Qobuz that were opened, by what came."

#define REPLY_ROW(name, trouble)                                                           \
	{                                                                                  \
		"sidetrack_qobuz_replies_total", METRIC_COUNTER, "says=\"" name "\"",      \
			REPLIES, &qobuz_metric_replies[trouble]                            \
	}
#define OPEN_ROW(name, quality)                                                            \
	{                                                                                  \
		"sidetrack_qobuz_opens_total", METRIC_COUNTER, "quality=\"" name "\"",     \
			OPENS, &qobuz_metric_opens[quality]                                \
	}

const struct metric_row qobuz_metrics[] = {
	OPEN_ROW("flac_192", TRACK_FLAC_192),
	OPEN_ROW("flac_96", TRACK_FLAC_96),
	OPEN_ROW("flac", TRACK_FLAC),
	OPEN_ROW("mp3_320", TRACK_MP3_320),
	OPEN_ROW("preview", TRACK_PREVIEW),
	{ "sidetrack_qobuz_opens_total", METRIC_COUNTER, "quality=\"none\"", OPENS,
		&qobuz_metric_opens_failed },
	REPLY_ROW("well", QOBUZ_WELL),
	REPLY_ROW("bad_app", QOBUZ_BAD_APP),
	REPLY_ROW("bad_signature", QOBUZ_BAD_SIGNATURE),
	REPLY_ROW("bad_question", QOBUZ_BAD_QUESTION),
	REPLY_ROW("bad_token", QOBUZ_BAD_TOKEN),
	REPLY_ROW("forbidden", QOBUZ_FORBIDDEN),
	REPLY_ROW("not_found", QOBUZ_NOT_FOUND),
	REPLY_ROW("gone", QOBUZ_GONE),
	REPLY_ROW("too_many", QOBUZ_TOO_MANY),
	REPLY_ROW("down", QOBUZ_DOWN),
	REPLY_ROW("nonsense", QOBUZ_NONSENSE),
};
const size_t qobuz_metric_count = COUNT_OF(qobuz_metrics);
