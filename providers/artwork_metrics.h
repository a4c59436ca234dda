/* What pictures of external items count; the rows are artwork_metrics. Any thread. */
#ifndef PROVIDERS_ARTWORK_METRICS_H
#define PROVIDERS_ARTWORK_METRICS_H

#include "core/metrics.h"

extern struct metric artwork_metric_cached;
extern struct metric artwork_metric_joined;
extern struct metric artwork_metric_fetched;
extern struct metric artwork_metric_failed;
extern struct metric artwork_metric_refused;
extern struct metric artwork_metric_bytes;

extern const struct metric_row artwork_metrics[];
extern const size_t artwork_metric_count;

#endif
