/* Provider setup: the providers that the settings name, made, in their order.
 *
 * A provider is a row in provider_setup.c. One whose settings are missing is left out, or
 * has metadata only: its own function says. Main thread, at start.
 */
#ifndef PROVIDERS_PROVIDER_SETUP_H
#define PROVIDERS_PROVIDER_SETUP_H

#include "providers/provider.h"
#include "providers/settings.h"

/* Reads SIDETRACK_PROVIDERS: names of providers between commas, or "none". False with a
 * sentence that continues "SIDETRACK_PROVIDERS …" when one is unknown or stands twice. */
MUST_CHECK bool provider_setup_order(enum provider_id order[PROVIDERS_MOST], size_t *count,
	const char *names, char *why, size_t why_size);
/* Makes them; their shared parts are the caller's. */
void provider_setup(struct provider_list *list, const struct providers_settings *settings);

#endif
