/* Settings of the catalogues outside Jellyfin. */
#ifndef PROVIDERS_SETTINGS_H
#define PROVIDERS_SETTINGS_H

#include "core/config.h"

struct providers_settings {
	char *deezer_url;        /* a slash at its end does not matter */
	int64_t explicit_filter; /* enum explicit_filter */
	bool lrclib;
	char *lrclib_url;
	char *providers; /* provider_setup_order reads it */
	int64_t searches_per_user;
};

extern const struct config_option providers_options[];
extern const size_t providers_option_count;

#endif
