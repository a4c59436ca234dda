#include "providers/deezer/deezer_metrics.h"

struct metric deezer_metric_calls[DEEZER_GW_FAULTS];
struct metric deezer_metric_calls_failed;
struct metric deezer_metric_logins;
struct metric deezer_metric_logins_failed;
struct metric deezer_metric_opens[TRACK_QUALITIES];
struct metric deezer_metric_opens_failed;

#define CALLS  "Calls to Deezer's gateway for full tracks, by how they ended."
#define LOGINS "Times an account's session with Deezer was begun or renewed."
#define OPENS  "Full tracks of Deezer that were opened, by what came."

#define CALL_ROW(outcome, fault)                                                           \
	{                                                                                  \
		"sidetrack_deezer_gateway_calls_total", METRIC_COUNTER,                    \
			"result=\"" outcome "\"", CALLS, &deezer_metric_calls[fault]       \
	}
#define OPEN_ROW(name, quality)                                                            \
	{                                                                                  \
		"sidetrack_deezer_opens_total", METRIC_COUNTER, "quality=\"" name "\"",    \
			OPENS, &deezer_metric_opens[quality]                               \
	}

const struct metric_row deezer_metrics[] = {
	CALL_ROW("well", DEEZER_GW_WELL),
	CALL_ROW("stale", DEEZER_GW_STALE),
	CALL_ROW("nobody", DEEZER_GW_NOBODY),
	CALL_ROW("quota", DEEZER_GW_QUOTA),
	CALL_ROW("no_data", DEEZER_GW_NO_DATA),
	CALL_ROW("refused", DEEZER_GW_REFUSED),
	CALL_ROW("down", DEEZER_GW_DOWN),
	CALL_ROW("broken", DEEZER_GW_BROKEN),
	{ "sidetrack_deezer_gateway_calls_total", METRIC_COUNTER, "result=\"failed\"",
		CALLS, &deezer_metric_calls_failed },
	{ "sidetrack_deezer_logins_total", METRIC_COUNTER, "result=\"ok\"", LOGINS,
		&deezer_metric_logins },
	{ "sidetrack_deezer_logins_total", METRIC_COUNTER, "result=\"failed\"", LOGINS,
		&deezer_metric_logins_failed },
	OPEN_ROW("flac", TRACK_FLAC),
	OPEN_ROW("mp3_320", TRACK_MP3_320),
	OPEN_ROW("mp3_128", TRACK_MP3_128),
	{ "sidetrack_deezer_opens_total", METRIC_COUNTER, "quality=\"none\"", OPENS,
		&deezer_metric_opens_failed },
};
const size_t deezer_metric_count = COUNT_OF(deezer_metrics);
