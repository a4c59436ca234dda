/* System info: which address Jellyfin tells clients to come to.
 *
 * Some clients prefer LocalAddress of /System/Info and /System/Info/Public to the address
 * they were given, and would leave us that way. With SIDETRACK_PUBLIC_URL set its value is
 * replaced; every other byte of the body and every header is Jellyfin's.
 */
#ifndef PROXY_INTERCEPT_SYSTEM_H
#define PROXY_INTERCEPT_SYSTEM_H

#include "core/route.h"
#include "proxy/front.h"

bool intercept_system_info(struct front_worker *worker, struct exchange *exchange,
	const struct route_match *match);

/* Pure: adds `body` with LocalAddress replaced by `public_url`, without the slash at its
 * end; as it is when it is no JSON object or has no such member. */
void intercept_system_write(struct text *to, struct slice body, const char *public_url);

#endif
