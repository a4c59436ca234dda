/* Deezer: the provider "deezer" (providers/provider.h).
 *
 * Its public catalogue and half-minute previews need no account. The shared part owns the
 * address, the rate window (40 calls per rolling 5 s, of which searches may use 30) and the
 * breaker; a seat asks with its loop's HTTP client.
 *
 *   deezer_fetch    questions of the catalogue    deezer_preview   open and formats
 */
#ifndef PROVIDERS_DEEZER_DEEZER_H
#define PROVIDERS_DEEZER_DEEZER_H

#include "providers/provider.h"

struct deezer_options {
	const char *url; /* "https://api.deezer.com"; copied */
};

struct provider deezer_new(const struct deezer_options *options);

#endif
