#include "providers/settings.h"

#include <stdio.h>

#include "core/url.h"

static bool
check_url(const char *value, char *why, size_t why_size)
{
	struct base_url url;
	char reason[160];

	if (base_url_parse(&url, value, reason, sizeof reason))
		return true;
	snprintf(why, why_size, "is no usable address: %s", reason);
	return false;
}

const struct config_option providers_options[] = {
	{
		.name = "SIDETRACK_DEEZER_URL",
		.type = CONFIG_TEXT,
		.offset = offsetof(struct providers_settings, deezer_url),
		.initial = "https://api.deezer.com",
		.check = check_url,
		.text = "Base URL of Deezer's public catalogue; for tests and mirrors.",
	},
};
const size_t providers_option_count = COUNT_OF(providers_options);
