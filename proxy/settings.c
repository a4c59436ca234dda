#include "proxy/settings.h"

#include <stdio.h>
#include <string.h>

#include "core/url.h"
#include "proxy/trusted_proxies.h"

#define NUMBER_ROW(setting, field, standard, least, most, of, words, live)                 \
	{                                                                                  \
		.name = "SIDETRACK_" setting, .type = CONFIG_NUMBER,                       \
		.offset = offsetof(struct proxy_settings, field), .initial = (standard),   \
		.min = (least), .max = (most), .unit = (of), .text = (words),              \
		.reloadable = (live)                                                       \
	}
#define NUMBER(setting, field, standard, least, most, of, words)                           \
	NUMBER_ROW(setting, field, standard, least, most, of, words, false)
/* Reloadable. */
#define LIVE_NUMBER(setting, field, standard, least, most, of, words)                      \
	NUMBER_ROW(setting, field, standard, least, most, of, words, true)

static bool
check_trusted_proxies(const char *value, char *why, size_t why_size)
{
	struct trusted_proxies proxies;

	return trusted_proxies_read(&proxies, value, why, why_size);
}

/* It goes into JSON as it is. */
static bool
check_public_url(const char *value, char *why, size_t why_size)
{
	struct base_url url;
	char reason[160];

	if (strpbrk(value, "\"\\?#") != NULL) {
		snprintf(why, why_size,
			"may have a host, a port and a path, nothing behind them");
		return false;
	}
	if (base_url_parse(&url, value, reason, sizeof reason))
		return true;
	snprintf(why, why_size, "is no usable address: %s", reason);
	return false;
}

const struct config_option proxy_options[] = {
	{
		/* In the order of enum access_log_mode. */
		.name = "SIDETRACK_ACCESS_LOG",
		.reloadable = true,
		.type = CONFIG_CHOICE,
		.offset = offsetof(struct proxy_settings, access_log),
		.initial = "own",
		.choices = "off|own|all",
		.text = "Which requests are logged, a line each when it is over. own: "
			"what is answered here (searches, external music, reports that "
			"fail), at level info, and the rest at debug. all: every request, "
			"at level info. Credentials in addresses are masked.",
	},
	LIVE_NUMBER("BODY_BYTES", body_bytes, "31457280", 1024, 1LL << 40, "bytes",
		"The largest body a client may send. Jellyfin's own limit is 30 MB."),
	LIVE_NUMBER("BUFFERED_BYTES", buffered_bytes, "268435456", 1024, 1LL << 40, "bytes",
		"All bodies that are held for clients at one time, but for the last 64 KB "
		"of each; more is refused."),
	{
		.name = "SIDETRACK_CHARTS",
		.reloadable = true,
		.type = CONFIG_SWITCH,
		.offset = offsetof(struct proxy_settings, charts),
		.initial = "off",
		.text = "Whether lists of playlists show, behind Jellyfin's own, the "
			"playlists that are heard most at each provider.",
	},
	{
		.name = "SIDETRACK_COMPLETE_ARTISTS",
		.reloadable = true,
		.type = CONFIG_SWITCH,
		.offset = offsetof(struct proxy_settings, complete_artists),
		.initial = "off",
		.text = "Whether the albums of a local artist are completed with those "
			"that the library lacks, for listeners who get whole songs. "
			"Some clients can download all of an artist: mind that.",
	},
	LIVE_NUMBER("CONNECTIONS", connections, "4096", 1, 1000000, NULL,
		"Connections of clients per worker. At the limit the one that has been "
		"idle for longest makes room; while none is idle, new ones wait."),
	LIVE_NUMBER("CONNECTIONS_PER_ADDRESS", connections_per_address, "512", 0, 1000000,
		NULL,
		"Connections of one client address (of one /64 network with IPv6) per "
		"worker; more are sent 503. This host and SIDETRACK_TRUSTED_PROXIES are "
		"not "
		"limited. 0: nobody is."),
	LIVE_NUMBER("DRAIN_MS", drain_ms, "30000", 0, 3600000, "ms",
		"How long running streams may go on after an orderly stop was asked for."),
	{
		.name = "SIDETRACK_EXCHANGE_HEADER",
		.reloadable = true,
		.type = CONFIG_SWITCH,
		.offset = offsetof(struct proxy_settings, exchange_header),
		.initial = "off",
		.text = "Whether answers say by X-Sidetrack-Exchange which exchange of the "
			"log they belong to.",
	},
	LIVE_NUMBER("HEADER_TIMEOUT_MS", header_timeout_ms, "15000", 100, 3600000, "ms",
		"A client must send a request's head within this time of its first byte."),
	LIVE_NUMBER("IDLE_TIMEOUT_MS", idle_timeout_ms, "120000", 1000, 86400000, "ms",
		"A client's connection without a request is closed after this time."),
	{
		.name = "SIDETRACK_PROXY_PROTOCOL",
		.reloadable = true,
		.type = CONFIG_SWITCH,
		.offset = offsetof(struct proxy_settings, proxy_protocol),
		.initial = "off",
		.text = "Whether the proxies of SIDETRACK_TRUSTED_PROXIES begin each "
			"connection with a header of the PROXY protocol, version 1 or 2. "
			"They must then, and the client it names counts as the peer.",
	},
	{
		.name = "SIDETRACK_PUBLIC_URL",
		.reloadable = true,
		.type = CONFIG_TEXT,
		.offset = offsetof(struct proxy_settings, public_url),
		.check = check_public_url,
		.text = "The address by which clients reach this proxy: "
			"https://media.example.org[/base]. Jellyfin tells clients its own "
			"(LocalAddress in /System/Info), and some then go there, past "
			"this proxy; with this set they are told this one. Unset: "
			"Jellyfin's answer is left alone.",
	},
	NUMBER("SPLICE_PIPES", splice_pipes, "256", 0, 65536, NULL,
		"Pipes through which the kernel moves long answers, for all workers. Each "
		"client that does not keep up holds one: two descriptors and up to 256 KB "
		"of kernel memory. Without one, answers are copied. 0: always copied."),
	{
		.name = "SIDETRACK_TRUSTED_PROXIES",
		.reloadable = true,
		.type = CONFIG_TEXT,
		.offset = offsetof(struct proxy_settings, trusted_proxies),
		.check = check_trusted_proxies,
		.text = "Addresses and networks (10.0.0.0/8, 192.168.1.5) of proxies in "
			"front of this one, whose X-Forwarded-* and Forwarded are "
			"believed: "
			"the client is the last address there that is none of these. "
			"Everybody else's X-Forwarded-* are replaced.",
	},
	NUMBER("UPSTREAM_CONNECTIONS", upstream_connections, "4096", 1, 1000000, NULL,
		"Connections to Jellyfin, of all workers together and without WebSockets; "
		"further requests wait for one, at most 10 s, whoever has waited longest "
		"first."),
	LIVE_NUMBER("UPSTREAM_CONNECT_MS", upstream_connect_ms, "5000", 100, 600000, "ms",
		"How long connecting to Jellyfin may take."),
	NUMBER("UPSTREAM_IDLE", upstream_idle, "512", 0, 100000, NULL,
		"Idle connections to Jellyfin that each worker keeps, for a minute, after "
		"a "
		"busy moment. Too few cost a new connection for every second request."),
	LIVE_NUMBER("UPSTREAM_SILENCE_MS", upstream_silence_ms, "300000", 1000, 86400000,
		"ms",
		"How long Jellyfin may send nothing, before an answer or amid it. "
		"Transcodes start slowly."),
	NUMBER("UPSTREAM_WAITING", upstream_waiting, "4096", 0, 1000000, NULL,
		"Requests that may wait for a connection to Jellyfin; more are answered "
		"503."),
	LIVE_NUMBER("WRITE_STALL_MS", write_stall_ms, "600000", 1000, 86400000, "ms",
		"A client that takes no byte for so long is gone. Paused players are "
		"slow."),
};

const size_t proxy_option_count = COUNT_OF(proxy_options);
