/* A question of a Jellyfin administrator to the control thread, answered as JSON. */
#ifndef API_API_INQUIRY_H
#define API_API_INQUIRY_H

#include "api/api.h"

/* 401, 403 and 502 for who is no administrator, or cannot be asked about. `answer` runs on
 * the control thread with the services and makes a json_t * that is the reply. */
void api_inquire(struct api_services *services, struct exchange *exchange,
	void *(*answer)(void *services));

#endif
