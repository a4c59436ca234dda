/* Settings of what is kept of plays. */
#ifndef TRACKER_SETTINGS_H
#define TRACKER_SETTINGS_H

#include "core/config.h"

struct tracker_settings {
	int64_t retention_days; /* 0: for ever */
	int64_t viewing_hours;
	char *geo_file; /* NULL: places are unknown */
};

extern const struct config_option tracker_options[];
extern const size_t tracker_option_count;

#endif
