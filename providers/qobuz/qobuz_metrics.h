/* What Qobuz's lane counts, beside what every provider does (providers/metrics.h). Any
 * thread. */
#ifndef PROVIDERS_QOBUZ_QOBUZ_METRICS_H
#define PROVIDERS_QOBUZ_QOBUZ_METRICS_H

#include "core/metrics.h"
#include "providers/qobuz/qobuz_error.h"
#include "providers/track_format.h"

enum { QOBUZ_TROUBLES = QOBUZ_NONSENSE + 1 };

extern struct metric qobuz_metric_replies[QOBUZ_TROUBLES];
extern struct metric qobuz_metric_opens[TRACK_QUALITIES];
extern struct metric qobuz_metric_opens_failed;

extern const struct metric_row qobuz_metrics[];
extern const size_t qobuz_metric_count;

#endif
