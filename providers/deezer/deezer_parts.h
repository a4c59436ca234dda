/* Deezer parts: what the provider "deezer" consists of; for the files of this folder.
 *
 * The shared part is any thread's, behind the locks of what it holds; a seat belongs to its
 * loop.
 */
#ifndef PROVIDERS_DEEZER_DEEZER_PARTS_H
#define PROVIDERS_DEEZER_DEEZER_PARTS_H

#include "providers/deezer/deezer_fetch.h"

struct deezer_accounts;
struct deezer_logins;
struct deezer_previews;

/* The shared part. */
struct deezer {
	char *url;
	struct rate_window *window;
	struct breaker breaker;
	struct deezer_previews *previews;
	/* Of full tracks. */
	char *gateway_url;
	char *media_url;
	struct rate_window *gateway_window;
	struct deezer_accounts *accounts;
	struct deezer_logins *logins;
};

struct deezer_seat {
	struct deezer *deezer;
	struct deezer_source source; /* for deezer_fetch */
};

#endif
