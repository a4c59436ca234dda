/* What the catalogues count; the rows are catalog_metrics (providers/catalog.h). Any
 * thread. */
#ifndef PROVIDERS_METRICS_H
#define PROVIDERS_METRICS_H

#include "core/metrics.h"

extern struct metric catalog_metric_hits;
extern struct metric catalog_metric_misses;
extern struct metric catalog_metric_joined;
extern struct metric catalog_metric_lists;
extern struct metric catalog_metric_calls_ok;
extern struct metric catalog_metric_calls_failed;
extern struct metric catalog_metric_calls_quota;
extern struct metric catalog_metric_refused;
extern struct metric catalog_metric_call_ms;
extern struct metric track_metric_streams;
extern struct metric track_metric_failed;
extern struct metric track_metric_renewed;
extern struct metric track_metric_bytes;

#endif
