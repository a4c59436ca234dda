/* User data body: what clients send about their user data, as Jellyfin's binders read it:
 * dates of queries and the body UpdateUserItemDataDto. Pure; any thread.
 */
#ifndef PROXY_USER_DATA_BODY_H
#define PROXY_USER_DATA_BODY_H

#include "core/mem.h"
#include "providers/user_item.h"

/* "2026-11-21T02:00:09.297Z", also with an offset, or "20261121020009". */
MUST_CHECK bool user_data_read_date(int64_t *wall_ms, const char *text);
/* Names in either case; null is not said. False where Jellyfin says 400: no object, a
 * member of the wrong kind, a rating that is not from 0 to 10. */
MUST_CHECK bool user_data_read_body(
	struct user_item_set *set, const void *body, size_t size);

#endif
