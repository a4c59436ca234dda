#include "proxy/front_settings.h"

enum { WHY_SIZE = 160 };

static bool
is_proxy(void *arg, const char *address)
{
	return trusted_proxies_have(arg, address);
}

static struct http_limits
limits_of(const struct proxy_settings *proxy)
{
	return (struct http_limits){
		.body_bytes = proxy->body_bytes,
		.buffered_bytes = proxy->buffered_bytes,
		.header_timeout_ms = proxy->header_timeout_ms,
		.idle_timeout_ms = proxy->idle_timeout_ms,
		.write_stall_ms = proxy->write_stall_ms,
		.connections = proxy->connections,
		.connections_per_address = proxy->connections_per_address,
		.is_unlimited = trusted_proxies_are_unlimited,
		.proxy_protocol = proxy->proxy_protocol,
		.is_proxy = is_proxy,
	};
}

struct front_settings *
front_settings_new(
	const struct proxy_settings *proxy, const struct session_settings *sessions)
{
	struct front_settings *settings = xcalloc(1, sizeof *settings);
	char why[WHY_SIZE];

	settings->limits = limits_of(proxy);
	settings->sessions = (struct session_settings){
		.external_clients = xstrdup_or_null(sessions->external_clients),
		.external_users = xstrdup_or_null(sessions->external_users),
		.external_parental = sessions->external_parental,
		.legacy_auth = sessions->legacy_auth,
	};
	settings->public_url = xstrdup_or_null(proxy->public_url);
	settings->access_log = (enum access_log_mode)proxy->access_log;
	settings->completes_artists = proxy->complete_artists;
	settings->shows_charts = proxy->charts;
	settings->shows_exchanges = proxy->exchange_header;
	settings->translates_legacy = sessions->legacy_auth == SESSION_LEGACY_TRANSLATE;
	settings->upstream_connect_ms = proxy->upstream_connect_ms;
	settings->upstream_silence_ms = proxy->upstream_silence_ms;
	if (!trusted_proxies_read(
		    &settings->trusted, proxy->trusted_proxies, why, sizeof why))
		settings->trusted.count = 0;
	settings->limits.trust_arg = &settings->trusted;
	return settings;
}

void
front_settings_free(struct front_settings *settings)
{
	if (settings == NULL)
		return;
	xfree(settings->sessions.external_clients);
	xfree(settings->sessions.external_users);
	xfree(settings->public_url);
	xfree(settings);
}
