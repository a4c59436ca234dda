#include "core/settings.h"

#include <stdio.h>
#include <string.h>

#include "core/url.h"

bool
settings_parse_listen(const char *listen, char *address, size_t address_size,
	uint16_t *port, char *why, size_t why_size)
{
	const char *colon = strrchr(listen, ':');
	struct slice host;
	uint64_t number;

	if (colon == NULL) {
		snprintf(why, why_size, "must be address:port, like 0.0.0.0:8097");
		return false;
	}
	host = (struct slice){ listen, (size_t)(colon - listen) };
	if (host.size >= 2 && host.data[0] == '[' && host.data[host.size - 1] == ']') {
		host.data++;
		host.size -= 2;
	}
	if (!slice_to_u64(slice_of(colon + 1), &number) || number > 65535) {
		snprintf(why, why_size, "has a port that is not between 0 and 65535");
		return false;
	}
	if (host.size == 0 || host.size >= address_size) {
		snprintf(why, why_size, "has no usable address before the port");
		return false;
	}
	memcpy(address, host.data, host.size);
	address[host.size] = '\0';
	*port = (uint16_t)number;
	return true;
}

static bool
check_jellyfin_url(const char *value, char *why, size_t why_size)
{
	struct base_url url;
	char reason[160];

	if (!base_url_parse(&url, value, reason, sizeof reason)) {
		snprintf(why, why_size, "is no usable address: %s", reason);
		return false;
	}
	return true;
}

static bool
check_listen(const char *value, char *why, size_t why_size)
{
	char address[256];
	uint16_t port;

	return settings_parse_listen(value, address, sizeof address, &port, why, why_size);
}

const struct config_option settings_options[] = {
	{
		.name = "JELLYFIN_URL",
		.type = CONFIG_TEXT,
		.offset = offsetof(struct settings, jellyfin_url),
		.check = check_jellyfin_url,
		.text = "The Jellyfin server to stand in front of: "
			"http[s]://host[:port][/base]. Clients may name the base in their "
			"addresses or leave it out. Required.",
	},
	{
		.name = "SIDETRACK_CA_FILE",
		.type = CONFIG_TEXT,
		.offset = offsetof(struct settings, ca_file),
		.text = "CA bundle (PEM) by which every TLS peer is judged, Jellyfin too; "
			"unset: the system's.",
	},
	{
		.name = "SIDETRACK_DATA",
		.type = CONFIG_TEXT,
		.offset = offsetof(struct settings, data),
		.initial = "./data",
		.text = "Folder for the database. Made when it is missing.",
	},
	{
		.name = "SIDETRACK_LISTEN",
		.type = CONFIG_TEXT,
		.offset = offsetof(struct settings, listen),
		.initial = "0.0.0.0:8097",
		.check = check_listen,
		.text = "The address and port clients are pointed at, as address:port.",
	},
	{
		.name = "SIDETRACK_LOG_LEVEL",
		.reloadable = true,
		.type = CONFIG_CHOICE,
		.offset = offsetof(struct settings, log_level),
		.initial = "info",
		.choices = "error|warn|info|debug",
		.text = "How much goes to the log on standard error.",
	},
	{
		.name = "SIDETRACK_METRICS_TOKEN",
		.reloadable = true,
		.type = CONFIG_TEXT,
		.offset = offsetof(struct settings, metrics_token),
		.secret = true,
		.text = "Bearer token that /metrics asks everybody for; unset: only "
			"loopback may read it, and not through a proxy that stands there.",
	},
	{
		.name = "SIDETRACK_SEAL_KEY_FILE",
		.type = CONFIG_TEXT,
		.offset = offsetof(struct settings, seal_key_file),
		.text = "File with the key that seals what is kept of sessions, their "
			"tokens above all; made when it is missing, readable by its owner "
			"only. Instances that share Redis share this file. Unset: "
			"seal.key in the data folder. Without the old key kept sessions "
			"cannot be restored.",
	},
	{
		.name = "SIDETRACK_TEST_CLOCK",
		.type = CONFIG_SWITCH,
		.offset = offsetof(struct settings, test_clock),
		.initial = "off",
		.hidden = true,
		.text = "Lets POST /sidetrack/test/clock move the clock. For tests only.",
	},
	{
		.name = "SIDETRACK_UPSTREAM_TLS_VERIFY",
		.type = CONFIG_SWITCH,
		.offset = offsetof(struct settings, upstream_tls_verify),
		.initial = "on",
		.text = "Whether an https:// Jellyfin has to show a certificate of a known "
			"authority for its host name or address. Off: whoever is on the "
			"way "
			"can read and change everything, passwords included.",
	},
	{
		.name = "SIDETRACK_WORKERS",
		.type = CONFIG_NUMBER,
		.offset = offsetof(struct settings, workers),
		.initial = "0",
		.min = 0,
		.max = 64,
		.text = "Threads that serve clients; 0: one per core, at most 4.",
	},
};
const size_t settings_option_count = COUNT_OF(settings_options);
