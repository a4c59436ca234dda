/* What the tracker counts; the rows are tracker_metrics (tracker/tracker.h). Any thread. */
#ifndef TRACKER_METRICS_H
#define TRACKER_METRICS_H

#include "core/metrics.h"

extern struct metric history_metric_failed;
extern struct metric history_metric_lost;
extern struct metric history_metric_written;
extern struct metric tracker_metric_plays;
extern struct metric tracker_metric_started;
extern struct metric tracker_metric_ended;
extern struct metric tracker_metric_silent;
extern struct metric tracker_metric_reports;
extern struct metric tracker_metric_late;
extern struct metric tracker_metric_refused;

#endif
