#include "tracker/metrics.h"

#include "tracker/tracker.h"

struct metric history_metric_failed;
struct metric history_metric_lost;
struct metric history_metric_written;
struct metric tracker_metric_plays;
struct metric tracker_metric_started;
struct metric tracker_metric_ended;
struct metric tracker_metric_silent;
struct metric tracker_metric_reports;
struct metric tracker_metric_late;
struct metric tracker_metric_refused;

const struct metric_row tracker_metrics[] = {
	{ "sidetrack_history_failed_total", METRIC_COUNTER, NULL,
		"Writes of plays that the database did not take; they are made again.",
		&history_metric_failed },
	{ "sidetrack_history_lost_total", METRIC_COUNTER, NULL,
		"Plays that never reached the database.", &history_metric_lost },
	{ "sidetrack_history_written_total", METRIC_COUNTER, NULL,
		"Writes of plays into the database.", &history_metric_written },
	{ "sidetrack_plays", METRIC_GAUGE, NULL, "Plays that run or are paused.",
		&tracker_metric_plays },
	{ "sidetrack_plays_ended_total", METRIC_COUNTER, NULL,
		"Plays that ended, for whatever reason.", &tracker_metric_ended },
	{ "sidetrack_plays_silent_total", METRIC_COUNTER, NULL,
		"Plays that ended because nothing was heard of them any more.",
		&tracker_metric_silent },
	{ "sidetrack_plays_started_total", METRIC_COUNTER, NULL, "Plays that began.",
		&tracker_metric_started },
	{ "sidetrack_reports_late_total", METRIC_COUNTER, NULL,
		"Playback reports dropped because a newer one, or the Stop, was known.",
		&tracker_metric_late },
	{ "sidetrack_reports_refused_total", METRIC_COUNTER, NULL,
		"Playback reports answered with 503 because too many were under way.",
		&tracker_metric_refused },
	{ "sidetrack_reports_total", METRIC_COUNTER, NULL,
		"Playback reports and signs of life that reached the tracker.",
		&tracker_metric_reports },
};
const size_t tracker_metric_count = COUNT_OF(tracker_metrics);
