#include "providers/settings.h"

#include <stdio.h>

#include "core/url.h"
#include "providers/deezer/deezer_account.h"
#include "providers/provider_setup.h"

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

static bool
check_providers(const char *value, char *why, size_t why_size)
{
	enum provider_id order[PROVIDERS_MOST];
	size_t count;

	return provider_setup_order(order, &count, value, why, why_size);
}

const struct config_option providers_options[] = {
	{
		.name = "SIDETRACK_DEEZER_ARL",
		.type = CONFIG_TEXT,
		.offset = offsetof(struct providers_settings, deezer_arl),
		.secret = true,
		.check = deezer_accounts_check_arl,
		.text = "The ARL of your own Deezer account, through which full tracks "
			"come: one for the whole household, or `alice=ARL;bob=ARL` by name "
			"or id of the Jellyfin user, with `*=ARL` for everybody else. "
			"Needs "
			"SIDETRACK_DEEZER_SECRET. Unset: previews.",
	},
	{
		.name = "SIDETRACK_DEEZER_DOWNLOADS",
		.type = CONFIG_NUMBER,
		.offset = offsetof(struct providers_settings, deezer_downloads),
		.initial = "1",
		.min = 0,
		.max = 16,
		.text = "Full tracks that one Deezer account may download at a time; most "
			"plans allow one. 0: no limit.",
	},
	{
		.name = "SIDETRACK_DEEZER_GATEWAY_URL",
		.type = CONFIG_TEXT,
		.offset = offsetof(struct providers_settings, deezer_gateway_url),
		.initial = "https://www.deezer.com",
		.check = check_url,
		.text = "Base URL of what Deezer's accounts are asked at; for tests.",
	},
	{
		.name = "SIDETRACK_DEEZER_MEDIA_URL",
		.type = CONFIG_TEXT,
		.offset = offsetof(struct providers_settings, deezer_media_url),
		.initial = "https://media.deezer.com",
		.check = check_url,
		.text = "Base URL of the service that knows where full tracks lie; for "
			"tests.",
	},
	{
		.name = "SIDETRACK_DEEZER_SECRET",
		.type = CONFIG_TEXT,
		.offset = offsetof(struct providers_settings, deezer_secret),
		.secret = true,
		.check = deezer_accounts_check_secret,
		.text = "The 16 characters by which full tracks are deciphered. None ships "
			"with this program, and it looks for none. Needs "
			"SIDETRACK_DEEZER_ARL.",
	},
	{
		.name = "SIDETRACK_DEEZER_URL",
		.type = CONFIG_TEXT,
		.offset = offsetof(struct providers_settings, deezer_url),
		.initial = "https://api.deezer.com",
		.check = check_url,
		.text = "Base URL of Deezer's public catalogue; for tests and mirrors.",
	},
	{
		.name = "SIDETRACK_EXPLICIT",
		.type = CONFIG_CHOICE,
		.offset = offsetof(struct providers_settings, explicit_filter),
		.initial = "all",
		.choices = "all|clean|explicit",
		.text = "Which external songs and albums are offered where providers have "
			"an explicit and a cleaned version: both, only what is not "
			"explicit, or only what was not cleaned. What is asked for by its "
			"id is shown all the same.",
	},
	{
		.name = "SIDETRACK_LRCLIB",
		.type = CONFIG_SWITCH,
		.offset = offsetof(struct providers_settings, lrclib),
		.initial = "on",
		.text = "Whether LRCLIB, a free collection, is asked for the words of "
			"external songs that their provider does not give. It is told "
			"title, artist, album and length.",
	},
	{
		.name = "SIDETRACK_LRCLIB_URL",
		.type = CONFIG_TEXT,
		.offset = offsetof(struct providers_settings, lrclib_url),
		.initial = "https://lrclib.net",
		.check = check_url,
		.text = "Base URL of LRCLIB; for tests and mirrors.",
	},
	{
		.name = "SIDETRACK_PROVIDERS",
		.type = CONFIG_TEXT,
		.offset = offsetof(struct providers_settings, providers),
		.initial = "deezer,qobuz",
		.check = check_providers,
		.text = "The catalogues of external music, the preferred one first, with "
			"commas between them: deezer, qobuz. Or none. One that lacks its "
			"settings is left out.",
	},
	{
		.name = "SIDETRACK_SEARCHES_PER_USER",
		.type = CONFIG_NUMBER,
		.offset = offsetof(struct providers_settings, searches_per_user),
		.initial = "120",
		.min = 0,
		.max = 1000,
		.unit = "per minute",
		.text = "Searches of one user that may ask providers anything new within a "
			"minute; beyond them only what is known already is shown. 0: as "
			"many as the providers allow.",
	},
};
const size_t providers_option_count = COUNT_OF(providers_options);

bool
providers_settings_check(
	const struct providers_settings *settings, char *why, size_t why_size)
{
	bool has_arl = settings->deezer_arl != NULL;

	if (has_arl == (settings->deezer_secret != NULL))
		return true;
	snprintf(why, why_size,
		"SIDETRACK_DEEZER_%s is set without SIDETRACK_DEEZER_%s: full tracks need "
		"both, previews neither",
		has_arl ? "ARL" : "SECRET", has_arl ? "SECRET" : "ARL");
	return false;
}
