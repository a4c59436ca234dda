/* Deezer parts: what the provider "deezer" consists of; for the files of this folder.
 *
 * The shared part is any thread's, behind the locks of what it holds; a seat belongs to its
 * loop.
 */
#ifndef PROVIDERS_DEEZER_DEEZER_PARTS_H
#define PROVIDERS_DEEZER_DEEZER_PARTS_H

#include "providers/deezer/deezer_fetch.h"

struct deezer_previews;

/* The shared part. */
struct deezer {
	char *url;
	struct rate_window *window;
	struct breaker breaker;
	struct deezer_previews *previews;
};

struct deezer_seat {
	struct deezer *deezer;
	struct deezer_source source; /* for deezer_fetch */
};

#endif
