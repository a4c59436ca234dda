/* The Jellyfin servers that are watched, for administrators. */
#ifndef API_API_SERVERS_H
#define API_API_SERVERS_H

#include "api/api.h"

/* {"servers": [feed_json_new …]} */
void api_servers(struct api_services *services, struct exchange *exchange);

#endif
