#include "session/settings.h"

const struct config_option session_options[] = {
	{
		.name = "SIDETRACK_EXTERNAL_CLIENTS",
		.type = CONFIG_TEXT,
		.offset = offsetof(struct session_settings, external_clients),
		.text = "Names of the clients that get external music, as they call "
			"themselves, "
			"separated by commas: Finamp,Feishin. Unset: all.",
	},
	{
		.name = "SIDETRACK_EXTERNAL_PARENTAL",
		.type = CONFIG_SWITCH,
		.offset = offsetof(struct session_settings, external_parental),
		.initial = "off",
		.text = "Whether users with a parental limit in Jellyfin get external "
			"music, which "
			"carries no ratings.",
	},
	{
		.name = "SIDETRACK_EXTERNAL_USERS",
		.type = CONFIG_TEXT,
		.offset = offsetof(struct session_settings, external_users),
		.text = "Names of the Jellyfin users who get external music, separated by "
			"commas. "
			"Unset: all who may play music.",
	},
};
const size_t session_option_count = COUNT_OF(session_options);
