/* What lyrics of external songs count; the rows are lyrics_metrics. Any thread. */
#ifndef PROVIDERS_LYRICS_METRICS_H
#define PROVIDERS_LYRICS_METRICS_H

#include "core/metrics.h"

extern struct metric lyrics_metric_cached;
extern struct metric lyrics_metric_joined;
extern struct metric lyrics_metric_provider;
extern struct metric lyrics_metric_lrclib;
extern struct metric lyrics_metric_missing;
extern struct metric lyrics_metric_failed;
extern struct metric lyrics_metric_ahead;
extern struct metric lyrics_metric_lrclib_calls;
extern struct metric lyrics_metric_lrclib_failed;

extern const struct metric_row lyrics_metrics[];
extern const size_t lyrics_metric_count;

#endif
