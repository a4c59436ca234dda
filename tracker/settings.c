#include "tracker/settings.h"

const struct config_option tracker_options[] = {
	{
		.name = "SIDETRACK_GEO_FILE",
		.type = CONFIG_TEXT,
		.offset = offsetof(struct tracker_settings, geo_file),
		.text = "A database of places in MaxMind's format (GeoLite2-City.mmdb), by "
			"which history says from where somebody played. Unset: only "
			"whether it was from this network.",
	},
	{
		.name = "SIDETRACK_RETENTION_DAYS",
		.type = CONFIG_NUMBER,
		.offset = offsetof(struct tracker_settings, retention_days),
		.initial = "730",
		.min = 0,
		.max = 36500,
		.unit = "days",
		.text = "How long history is kept. 0: for ever.",
	},
	{
		.name = "SIDETRACK_VIEWING_HOURS",
		.type = CONFIG_NUMBER,
		.offset = offsetof(struct tracker_settings, viewing_hours),
		.initial = "24",
		.min = 1,
		.max = 720,
		.unit = "hours",
		.text = "How long after its stop a film, an episode or a song may be taken "
			"up again where it was left and still count as the same viewing.",
	},
};
const size_t tracker_option_count = COUNT_OF(tracker_options);
