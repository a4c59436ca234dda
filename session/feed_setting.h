/* Feed setting: SIDETRACK_SERVERS, the further Jellyfin servers that are watched but not
 * fronted: [{"name": "attic", "url": "https://attic:8920/jf", "apiKey": "…"}]. Main thread,
 * at start.
 */
#ifndef SESSION_FEED_SETTING_H
#define SESSION_FEED_SETTING_H

#include <stdbool.h>
#include <stddef.h>

#include "core/url.h"

enum { FEED_NAMED_MOST = 15, FEED_KEY_SIZE = 256 };

struct feed_named {
	char name[64]; /* of letters, digits, '.', '_', '-'; no two alike in any case */
	struct base_url base;
	char api_key[FEED_KEY_SIZE]; /* a secret */
};

struct feed_named_list {
	size_t count;
	struct feed_named servers[FEED_NAMED_MOST];
};

/* NULL is none. On failure writes a sentence that continues "SIDETRACK_SERVERS …" and holds
 * no key. */
MUST_CHECK bool feed_setting_parse(
	struct feed_named_list *list, const char *value, char *why, size_t why_size);

/* For the rows: is that what the setting may be? */
bool feed_setting_check_servers(const char *value, char *why, size_t why_size);
bool feed_setting_check_key(const char *value, char *why, size_t why_size);

#endif
