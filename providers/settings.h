/* Settings of the catalogues outside Jellyfin. */
#ifndef PROVIDERS_SETTINGS_H
#define PROVIDERS_SETTINGS_H

#include "core/config.h"

struct providers_settings {
	int64_t cache_bytes;     /* of the track cache; 0: nothing is stored */
	int64_t cache_hours;     /* the same */
	int64_t explicit_filter; /* enum explicit_filter */
	bool lrclib;
	char *lrclib_url;
	char *providers; /* provider_setup_order reads it */
	int64_t searches_per_user;
	char *deezer_arl; /* as account_list reads it; with deezer_secret or not at all */
	int64_t deezer_downloads; /* of an account at a time; 0: no limit */
	char *deezer_gateway_url;
	char *deezer_media_url;
	char *deezer_secret;
	char *deezer_url;   /* a slash at its end does not matter */
	char *qobuz_app_id; /* NULL: no Qobuz; the next two need it */
	char *qobuz_app_secret;
	int64_t qobuz_downloads; /* of an account at a time; 0: no limit */
	int64_t qobuz_quality;   /* the place in "mp3_320|flac|flac_96|flac_192" */
	char *qobuz_token;       /* as account_list reads it */
	char *qobuz_url;
	int64_t user_downloads_per_day; /* 0: no limit */
	int64_t user_streams;           /* 0: no limit */
};

extern const struct config_option providers_options[];
extern const size_t providers_option_count;

/* What only several of them together can tell: false with a sentence when they do not fit.
 */
MUST_CHECK bool providers_settings_check(
	const struct providers_settings *settings, char *why, size_t why_size);

#endif
