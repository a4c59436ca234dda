/* What the front door holds for clients, and whom it sends away before there is an
 * exchange; the rows are http_metrics. Any thread. */
#ifndef CORE_HTTP_METRICS_H
#define CORE_HTTP_METRICS_H

#include "core/http_connection.h"
#include "core/metrics.h"

extern struct metric http_metric_phases[CONNECTION_PHASES];
extern struct metric http_metric_held_bytes;
extern struct metric http_metric_refusals;
extern struct metric http_metric_turned_away;

extern const struct metric_row http_metrics[];
extern const size_t http_metric_count;

#endif
