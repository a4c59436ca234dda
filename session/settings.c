#include "session/settings.h"

#include "session/feed_setting.h"

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
		.name = "SIDETRACK_SERVERS",
		.type = CONFIG_TEXT,
		.offset = offsetof(struct session_settings, servers),
		.secret = true,
		.check = feed_setting_check_servers,
		.text = "Further Jellyfin servers whose plays are watched, but which are "
			"not fronted: a JSON list of {\"name\", \"url\", \"apiKey\"}.",
	},
};
const size_t session_option_count = COUNT_OF(session_options);
