/* How the catalogues of external music fare, for administrators. */
#ifndef API_API_PROVIDERS_H
#define API_API_PROVIDERS_H

#include "api/api.h"

/* {"providers": [provider_status_new …], "lrclib": {"asked", "up"}, "caches": {"catalog":
 * {"lists"}, "pictures": {"count", "bytes", "underWay"}, "lyrics": the same}} */
void api_providers(struct api_services *services, struct exchange *exchange);

#endif
