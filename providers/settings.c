#include "providers/settings.h"

#include <stdio.h>

#include "core/url.h"
#include "providers/deezer/deezer_account.h"
#include "providers/provider_setup.h"
#include "providers/qobuz/qobuz_account.h"

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
		.name = "SIDETRACK_CACHE_BYTES",
		.type = CONFIG_NUMBER,
		.offset = offsetof(struct providers_settings, cache_bytes),
		.initial = "2147483648",
		.min = 0,
		.max = 1LL << 50,
		.unit = "bytes",
		.text = "External songs that were listened to stay on the disk, in tracks/ "
			"of SIDETRACK_DATA, up to so many bytes; those unused longest go "
			"first. 0: a song goes as soon as nobody listens to it.",
	},
	{
		.name = "SIDETRACK_CACHE_HOURS",
		.type = CONFIG_NUMBER,
		.offset = offsetof(struct providers_settings, cache_hours),
		.initial = "24",
		.min = 0,
		.max = 24 * 365,
		.unit = "hours",
		.text = "How long after it was fetched an external song stays on the disk. "
			"0: it goes as soon as nobody listens to it.",
	},
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
		.name = "SIDETRACK_QOBUZ_APP_ID",
		.type = CONFIG_TEXT,
		.offset = offsetof(struct providers_settings, qobuz_app_id),
		.secret = true,
		.check = qobuz_accounts_check_value,
		.text = "The id of the app in whose name Qobuz is asked. None ships with "
			"this program, and it looks for none. Unset: no Qobuz.",
	},
	{
		.name = "SIDETRACK_QOBUZ_APP_SECRET",
		.type = CONFIG_TEXT,
		.offset = offsetof(struct providers_settings, qobuz_app_secret),
		.secret = true,
		.check = qobuz_accounts_check_value,
		.text = "The secret of that app, by which questions for songs are signed. "
			"Unset: metadata only.",
	},
	{
		.name = "SIDETRACK_QOBUZ_DOWNLOADS",
		.type = CONFIG_NUMBER,
		.offset = offsetof(struct providers_settings, qobuz_downloads),
		.initial = "2",
		.min = 0,
		.max = 16,
		.text = "Songs that one Qobuz account may download at a time: one plays, "
			"the next is fetched. 0: no limit.",
	},
	{
		.name = "SIDETRACK_QOBUZ_QUALITY",
		.type = CONFIG_CHOICE,
		.offset = offsetof(struct providers_settings, qobuz_quality),
		.initial = "flac_192",
		.choices = "mp3_320|flac|flac_96|flac_192",
		.text = "The best that is asked of Qobuz: MP3, FLAC as on a CD, or in "
			"24 bits with up to 96 or 192 kHz. Clients get what they can play.",
	},
	{
		.name = "SIDETRACK_QOBUZ_TOKEN",
		.type = CONFIG_TEXT,
		.offset = offsetof(struct providers_settings, qobuz_token),
		.secret = true,
		.check = qobuz_accounts_check_tokens,
		.text = "The user_auth_token of your own Qobuz account, through which "
			"songs "
			"come: one for the whole household, or `alice=TOKEN;bob=TOKEN` by "
			"name or id of the Jellyfin user, with `*=TOKEN` for everybody "
			"else. Qobuz shows its catalogue to some apps with a token only.",
	},
	{
		.name = "SIDETRACK_QOBUZ_URL",
		.type = CONFIG_TEXT,
		.offset = offsetof(struct providers_settings, qobuz_url),
		.initial = "https://www.qobuz.com/api.json/0.2",
		.check = check_url,
		.text = "Base URL of Qobuz's API; for tests and mirrors.",
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
	{
		.name = "SIDETRACK_USER_DOWNLOADS_PER_DAY",
		.type = CONFIG_NUMBER,
		.offset = offsetof(struct providers_settings, user_downloads_per_day),
		.initial = "0",
		.min = 0,
		.max = 100000,
		.unit = "songs",
		.text = "Full external songs that are fetched for one user within 24 "
			"hours; "
			"more are refused with 429. Previews and songs that are on the "
			"disk do not count. 0: no limit.",
	},
	{
		.name = "SIDETRACK_USER_STREAMS",
		.type = CONFIG_NUMBER,
		.offset = offsetof(struct providers_settings, user_streams),
		.initial = "8",
		.min = 0,
		.max = 10000,
		.unit = "songs",
		.text = "External songs that one user may listen to at a time, the next "
			"one "
			"that a player loads ahead included; more are refused with 429. "
			"0: no limit.",
	},
};
const size_t providers_option_count = COUNT_OF(providers_options);

static bool
check_deezer(const struct providers_settings *settings, char *why, size_t why_size)
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

static bool
check_qobuz(const struct providers_settings *settings, char *why, size_t why_size)
{
	bool has_secret = settings->qobuz_app_secret != NULL;

	if (settings->qobuz_app_id != NULL ||
		(!has_secret && settings->qobuz_token == NULL))
		return true;
	snprintf(why, why_size,
		"SIDETRACK_QOBUZ_%s is set without SIDETRACK_QOBUZ_APP_ID: nothing can be "
		"asked without that",
		has_secret ? "APP_SECRET" : "TOKEN");
	return false;
}

bool
providers_settings_check(
	const struct providers_settings *settings, char *why, size_t why_size)
{
	return check_deezer(settings, why, why_size) &&
	       check_qobuz(settings, why, why_size);
}
