/* Geo: where an address is, by a database file in MaxMind's format that the administrator
 * names (libmaxminddb reads it); without one only what is local is known. Immutable once
 * opened; any thread.
 */
#ifndef CORE_GEO_H
#define CORE_GEO_H

#include <stdbool.h>
#include <stddef.h>

#include "core/mem.h"

struct geo;

/* "" and false are unknown. */
struct geo_place {
	bool local;   /* of this network: no public address */
	bool located; /* latitude and longitude are known */
	double latitude, longitude;
	char country[3]; /* ISO 3166-1: "DE" */
	char region[64];
	char city[64];
};

/* NULL, and a sentence that continues the setting's name, when it cannot be read. */
MUST_CHECK struct geo *geo_open(const char *path, char *why, size_t why_size);
/* Accepts NULL. */
void geo_close(struct geo *geo);
/* What is no address is nowhere. `geo` may be NULL. */
struct geo_place geo_find(const struct geo *geo, const char *address);

#endif
