/* What sessions count; the rows are session_metrics. Any thread. */
#ifndef SESSION_METRICS_H
#define SESSION_METRICS_H

#include "core/metrics.h"

extern struct metric session_metric_calls[4]; /* by enum jellyfin_outcome */
extern struct metric session_metric_sessions;
extern struct metric session_metric_sockets;
extern struct metric session_metric_socket_losses;
extern struct metric session_metric_undeliverable;
extern struct metric session_metric_failing;
extern struct metric session_metric_refused;
extern struct metric session_metric_token_asked;
extern struct metric session_metric_token_hits;
extern struct metric session_metric_healthy;
extern struct metric session_metric_feed_servers;
extern struct metric session_metric_feed_servers_up;
extern struct metric session_metric_feed_down;
extern struct metric session_metric_feed_polls[3]; /* ok, failed, refused */
extern struct metric session_metric_feed_poll;
extern struct metric session_metric_feed_pushes;
extern struct metric session_metric_feed_sockets;
extern struct metric session_metric_feed_plays;
extern struct metric session_metric_restored;
extern struct metric session_metric_not_saved;
extern struct metric session_metric_redis;
extern struct metric session_metric_leases;
extern struct metric session_metric_leases_lost;
extern struct metric session_metric_reports_given;
extern struct metric session_metric_reports_taken;
extern struct metric session_metric_reports_lost;

extern const struct metric_row session_metrics[];
extern const size_t session_metric_count;

#endif
