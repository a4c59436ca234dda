/* Settings of sessions: who may have music that Jellyfin does not know, and which servers
 * are watched. */
#ifndef SESSION_SETTINGS_H
#define SESSION_SETTINGS_H

#include "core/config.h"

struct session_settings {
	char *jellyfin_api_key; /* NULL: the fronted server is not watched. A secret */
	char *servers;          /* JSON, see session/feed_setting; NULL: none. A secret */
	char *external_clients; /* comma-separated, NULL: all */
	char *external_users;   /* comma-separated, NULL: all */
	bool external_parental; /* also users with a parental limit */
	char *redis_url;        /* NULL: shared with nobody. A secret */
	bool solo;              /* keep sessions while Redis is away */
	int64_t user_sessions;  /* of one user at a time; 0: no limit */
	int64_t legacy_auth;    /* enum session_legacy_auth */
};

/* What becomes of tokens in forms that Jellyfin 12 no longer takes. */
enum session_legacy_auth { SESSION_LEGACY_RELAY, SESSION_LEGACY_TRANSLATE };

extern const struct config_option session_options[];
extern const size_t session_option_count;

#endif
