/* What the lane of full tracks counts. Any thread. */
#ifndef PROVIDERS_DEEZER_DEEZER_METRICS_H
#define PROVIDERS_DEEZER_DEEZER_METRICS_H

#include "core/metrics.h"
#include "providers/deezer/deezer_gw.h"

extern struct metric deezer_metric_calls[DEEZER_GW_FAULTS];
extern struct metric deezer_metric_calls_failed; /* no answer at all */
extern struct metric deezer_metric_logins;
extern struct metric deezer_metric_logins_failed;
extern struct metric deezer_metric_opens[TRACK_QUALITIES];
extern struct metric deezer_metric_opens_failed;

extern const struct metric_row deezer_metrics[];
extern const size_t deezer_metric_count;

#endif
