/* Provider status: how a provider fares, for administrators (/sidetrack/api/providers). Any
 * thread. */
#ifndef PROVIDERS_PROVIDER_STATUS_H
#define PROVIDERS_PROVIDER_STATUS_H

#include <jansson.h>

#include "providers/breaker.h"
#include "providers/catalog.h"
#include "providers/rate_window.h"

/* {"name", "up", "breaker": {"state", "failures", "asksAgainInMs"}, "window": {"limit",
 * "windowMs", "used"}, "lanes"}: what provider_ops.status answers. Takes `take_lanes`. New.
 */
json_t *provider_status_new(enum provider_id id, struct breaker *breaker,
	struct rate_window *window, json_t *take_lanes);
/* The status of each provider that is set up, the preferred one first: an array. New. */
json_t *provider_statuses_new(const struct catalog *catalog);

#endif
