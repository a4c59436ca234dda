/* Settings of the proxy: limits and times. Filled by core/config, read by everybody. */
#ifndef PROXY_SETTINGS_H
#define PROXY_SETTINGS_H

#include "core/config.h"

struct proxy_settings {
	int64_t access_log; /* enum access_log_mode */
	int64_t body_bytes;
	int64_t buffered_bytes;
	int64_t connections;
	int64_t connections_per_address;
	int64_t drain_ms;
	int64_t header_timeout_ms;
	int64_t idle_timeout_ms;
	int64_t splice_pipes;
	int64_t write_stall_ms;
	int64_t upstream_connect_ms;
	int64_t upstream_connections;
	int64_t upstream_idle;
	int64_t upstream_silence_ms;
	int64_t upstream_waiting;
	bool charts;           /* as playlists */
	bool complete_artists; /* with external albums */
	bool exchange_header;  /* X-Sidetrack-Exchange */
	bool proxy_protocol;   /* trusted proxies begin with its header */
	char *public_url;      /* NULL: unset */
	char *trusted_proxies; /* read by proxy/trusted_proxies */
};

extern const struct config_option proxy_options[];
extern const size_t proxy_option_count;

#endif
