/* Query mask: a query string for the log, without what opens doors. Pure; any thread. */
#ifndef PROXY_QUERY_MASK_H
#define PROXY_QUERY_MASK_H

#include "core/text.h"

/* Adds `query` (behind '?', percent-encoded as it came), the value of every parameter whose
 * name says that it is a credential replaced by "***": api_key, ApiKey, Token,
 * X-Emby-Token, Password, … in any case, percent-encoded or not, and PlaySessionId, which
 * opens its own track (play_pass.h). Names too long to be any of Jellyfin's are masked as
 * well. */
void query_mask_add(struct text *to, struct slice query);

#endif
