/* Health and metrics. */
#ifndef API_API_SYSTEM_H
#define API_API_SYSTEM_H

#include "api/api.h"

/* 200 as long as the worker turns. */
void api_health_live(struct api_services *services, struct exchange *exchange);
/* 200 when Jellyfin's /health says Healthy, else 503. */
void api_health_ready(struct api_services *services, struct exchange *exchange);
/* What is running, for whom and on what, in a few numbers; for administrators. */
void api_system(struct api_services *services, struct exchange *exchange);
/* Prometheus' text; for loopback (not through a proxy that stands there), or with the
 * metrics token as bearer when there is one. */
void api_metrics(struct api_services *services, struct exchange *exchange);

#endif
