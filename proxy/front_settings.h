/* Front settings: what may change while the front door serves, as a snapshot that nobody
 * writes to. Workers hold a pointer to the newest; the thread that owns the settings makes
 * it, mails it to each (proxy/workers.h) and frees the one before when all have it.
 */
#ifndef PROXY_FRONT_SETTINGS_H
#define PROXY_FRONT_SETTINGS_H

#include "core/http_server.h"
#include "proxy/access_log.h"
#include "proxy/settings.h"
#include "proxy/trusted_proxies.h"
#include "session/settings.h"

struct front_settings {
	struct http_limits limits;
	struct trusted_proxies trusted;
	struct session_settings sessions; /* who may have external music; no secrets */
	char *public_url; /* what clients are told instead of LocalAddress, or NULL */
	enum access_log_mode access_log;
	bool completes_artists; /* with external albums */
	bool shows_charts;      /* among playlists */
	bool shows_exchanges;   /* X-Sidetrack-Exchange */
	bool translates_legacy; /* old forms of a credential */
	int64_t upstream_connect_ms;
	int64_t upstream_silence_ms;
};

/* Copies what it needs. The settings were checked when they were read. */
struct front_settings *front_settings_new(
	const struct proxy_settings *proxy, const struct session_settings *sessions);
/* Accepts NULL. */
void front_settings_free(struct front_settings *settings);

#endif
