#include "proxy/metrics.h"

#include "core/mem.h"

struct metric proxy_metric_fetches;
struct metric proxy_metric_incompatible;
struct metric proxy_metric_pipes;
struct metric proxy_metric_relay_failures;
struct metric proxy_metric_relays;
struct metric proxy_metric_splice_bytes;
struct metric proxy_metric_tunnels;
struct metric proxy_metric_upstream_connections;
struct metric proxy_metric_upstream_connects;
struct metric proxy_metric_upstream_idle;
struct metric proxy_metric_upstream_retries;
struct metric proxy_metric_upstream_waiting;

const struct metric_row proxy_metrics[] = {
	{ "sidetrack_fetches_total", METRIC_COUNTER, NULL,
		"Answers of Jellyfin read whole, in a client's name.",
		&proxy_metric_fetches },
	{ "sidetrack_incompatible_total", METRIC_COUNTER, NULL,
		"External songs refused to players that can play none of their forms.",
		&proxy_metric_incompatible },
	{ "sidetrack_pipes", METRIC_GAUGE, NULL,
		"Pipes that are open for splicing: two descriptors and up to 256 KB of "
		"kernel memory each.",
		&proxy_metric_pipes },
	{ "sidetrack_relay_failures_total", METRIC_COUNTER, NULL,
		"Relays that Jellyfin did not answer, or not to the end.",
		&proxy_metric_relay_failures },
	{ "sidetrack_relays_total", METRIC_COUNTER, NULL, "Exchanges handed to Jellyfin.",
		&proxy_metric_relays },
	{ "sidetrack_splice_bytes_total", METRIC_COUNTER, NULL,
		"Bytes that went from Jellyfin to clients inside the kernel.",
		&proxy_metric_splice_bytes },
	{ "sidetrack_tunnels", METRIC_GAUGE, NULL,
		"WebSockets of clients that are open through us.", &proxy_metric_tunnels },
	{ "sidetrack_upstream_connections", METRIC_GAUGE, NULL,
		"Connections to Jellyfin for clients' requests, idle ones included.",
		&proxy_metric_upstream_connections },
	{ "sidetrack_upstream_connects_total", METRIC_COUNTER, NULL,
		"Connections to Jellyfin that were begun for clients' requests.",
		&proxy_metric_upstream_connects },
	{ "sidetrack_upstream_idle_connections", METRIC_GAUGE, NULL,
		"Of the connections to Jellyfin, those that wait for a request.",
		&proxy_metric_upstream_idle },
	{ "sidetrack_upstream_retries_total", METRIC_COUNTER, NULL,
		"Requests sent again because a kept connection had gone stale.",
		&proxy_metric_upstream_retries },
	{ "sidetrack_upstream_waiting", METRIC_GAUGE, NULL,
		"Requests that wait for a connection to Jellyfin, because all that may be "
		"are in use.",
		&proxy_metric_upstream_waiting },
};
const size_t proxy_metric_count = COUNT_OF(proxy_metrics);
