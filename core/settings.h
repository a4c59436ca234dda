/* Settings of the program itself: where it listens, where it keeps things, whom it fronts.
 */
#ifndef CORE_SETTINGS_H
#define CORE_SETTINGS_H

#include "core/config.h"

struct settings {
	char *jellyfin_url;
	char *listen;
	char *data;
	int64_t workers;   /* 0: as many as there are cores, at most 4 */
	int64_t log_level; /* enum log_level */
	char *ca_file;
	bool upstream_tls_verify;
	char *metrics_token; /* a secret */
	char *seal_key_file; /* NULL: seal.key in the data folder */
	bool test_clock;
};

extern const struct config_option settings_options[];
extern const size_t settings_option_count;

/* "address:port" or "[v6]:port" apart; port 0 is allowed (any). */
MUST_CHECK bool settings_parse_listen(const char *listen, char *address,
	size_t address_size, uint16_t *port, char *why, size_t why_size);

#endif
