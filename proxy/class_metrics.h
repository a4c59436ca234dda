/* What exchanges cost, by class of route (proxy/route_class.h); the rows are class_metrics.
 * Any thread.
 */
#ifndef PROXY_CLASS_METRICS_H
#define PROXY_CLASS_METRICS_H

#include "core/http_server.h"
#include "core/metrics.h"
#include "proxy/route_class.h"

extern const struct metric_row class_metrics[];
extern const size_t class_metric_count;

/* The exchange is over. */
void class_metrics_count(enum route_class class, const struct exchange_summary *summary);

#endif
