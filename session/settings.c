#include "session/settings.h"

#include "core/redis_url.h"
#include "session/feed_setting.h"

static bool
check_redis_url(const char *value, char *why, size_t why_size)
{
	struct redis_url url;

	return redis_url_parse(&url, value, why, why_size);
}

const struct config_option session_options[] = {
	{
		.name = "SIDETRACK_EXTERNAL_CLIENTS",
		.reloadable = true,
		.type = CONFIG_TEXT,
		.offset = offsetof(struct session_settings, external_clients),
		.text = "Names of the clients that get external music, as they call "
			"themselves, "
			"separated by commas: Finamp,Feishin. Unset: all.",
	},
	{
		.name = "SIDETRACK_EXTERNAL_PARENTAL",
		.reloadable = true,
		.type = CONFIG_SWITCH,
		.offset = offsetof(struct session_settings, external_parental),
		.initial = "off",
		.text = "Whether users with a parental limit in Jellyfin get external "
			"music, which "
			"carries no ratings.",
	},
	{
		.name = "SIDETRACK_EXTERNAL_USERS",
		.reloadable = true,
		.type = CONFIG_TEXT,
		.offset = offsetof(struct session_settings, external_users),
		.text = "Names of the Jellyfin users who get external music, separated by "
			"commas. "
			"Unset: all who may play music.",
	},
	{
		.name = "SIDETRACK_JELLYFIN_API_KEY",
		.type = CONFIG_TEXT,
		.offset = offsetof(struct session_settings, jellyfin_api_key),
		.secret = true,
		.check = feed_setting_check_key,
		.text = "An API key of the Jellyfin server (Dashboard, API keys), for "
			"calls of our own only: with it, whoever plays past us is seen "
			"too. Unset: that is off.",
	},
	{
		/* In the order of enum session_legacy_auth. */
		.name = "SIDETRACK_LEGACY_AUTH",
		.reloadable = true,
		.type = CONFIG_CHOICE,
		.offset = offsetof(struct session_settings, legacy_auth),
		.initial = "relay",
		.choices = "relay|translate",
		.text = "What becomes of tokens in old forms (X-Emby-Authorization, "
			"X-Emby-Token, X-MediaBrowser-Token, the scheme Emby, a bare token "
			"in Authorization, api_key in the address). relay: Jellyfin sees "
			"them as they came, and 12.0 refuses them by default. translate: "
			"they go on as Authorization: MediaBrowser and ApiKey, so that old "
			"clients work. This re-enables for everybody who comes through "
			"here what Jellyfin 12 has switched off: more ways to hand over a "
			"token, one of them an address, which ends up in logs and "
			"histories. No request gets a token that it did not bring.",
	},
	{
		.name = "SIDETRACK_REDIS_URL",
		.type = CONFIG_TEXT,
		.offset = offsetof(struct session_settings, redis_url),
		.secret = true,
		.check = check_redis_url,
		.text = "The Redis (6.2 or newer) that instances share: "
			"redis://[[user]:password@]host[:port][/database]. Sessions and "
			"plays are kept there, exactly one instance holds each, and "
			"another takes over when it dies. All of them need the same "
			"SIDETRACK_SEAL_KEY_FILE. Unset: one instance, sessions are kept "
			"in its own database.",
	},
	{
		.name = "SIDETRACK_SERVERS",
		.type = CONFIG_TEXT,
		.offset = offsetof(struct session_settings, servers),
		.secret = true,
		.check = feed_setting_check_servers,
		.text = "Further Jellyfin servers whose plays are watched, but which are "
			"not fronted: a JSON list of {\"name\", \"url\", \"apiKey\"}.",
	},
	{
		.name = "SIDETRACK_SOLO",
		.type = CONFIG_SWITCH,
		.offset = offsetof(struct session_settings, solo),
		.initial = "off",
		.text = "Whether this instance keeps all sessions of its clients while "
			"Redis cannot be reached. Off: it lets them go after some seconds, "
			"since another instance may hold them. On is for a single instance "
			"that uses Redis.",
	},
	{
		.name = "SIDETRACK_USER_SESSIONS",
		.type = CONFIG_NUMBER,
		.offset = offsetof(struct session_settings, user_sessions),
		.initial = "100",
		.min = 0,
		.max = 20000,
		.text = "How many sessions of one user are kept alive at a time. Beyond, "
			"external music plays but is not shown. 0: no limit.",
	},
};
const size_t session_option_count = COUNT_OF(session_options);
