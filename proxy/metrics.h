/* What the proxy counts between clients and Jellyfin; the rows are proxy_metrics. Any
 * thread.
 */
#ifndef PROXY_METRICS_H
#define PROXY_METRICS_H

#include "core/metrics.h"

extern struct metric proxy_metric_fetches;
extern struct metric proxy_metric_incompatible;
extern struct metric proxy_metric_pipes;
extern struct metric proxy_metric_relay_failures;
extern struct metric proxy_metric_relays;
extern struct metric proxy_metric_splice_bytes;
extern struct metric proxy_metric_tunnels;
extern struct metric proxy_metric_upstream_connections;
extern struct metric proxy_metric_upstream_connects;
extern struct metric proxy_metric_upstream_idle;
extern struct metric proxy_metric_upstream_retries;
extern struct metric proxy_metric_upstream_waiting;

extern const struct metric_row proxy_metrics[];
extern const size_t proxy_metric_count;

#endif
