/* Zone: a time zone by its name (IANA: "Europe/Berlin", "UTC"), and wall clocks in it.
 *
 * The rules are the system's tzdata, read through GLib: libc knows one zone per process
 * only. Immutable once made; any thread. Instants are UTC milliseconds since 1970, wall
 * clocks are milliseconds of a local clock that knows no offset.
 */
#ifndef CORE_ZONE_H
#define CORE_ZONE_H

#include <stdbool.h>
#include <stdint.h>

#include "core/mem.h"

struct zone;

/* NULL: no such zone. Only names of tzdata are taken, no offsets and no rules. */
struct zone *zone_new(const char *name);
/* Accepts NULL. */
void zone_free(struct zone *zone);
const char *zone_name(const struct zone *zone);

/* What the wall clock shows at that instant. */
int64_t zone_wall_of(const struct zone *zone, int64_t instant_ms);
/* The first instant at which the wall clock shows `wall_ms`, or, when it skips that, the
 * moment of the skip. Of a time that is shown twice it is the first, unless the clock is
 * set back exactly then: the new day, hour, … begins when the old one is over for good. */
int64_t zone_instant_of(const struct zone *zone, int64_t wall_ms);

/* The wall clock for many instants near each other: remembers how far it is from UTC until
 * when. Zeroed but for the zone; one thread. */
struct zone_clock {
	const struct zone *zone;
	int64_t from_ms, until_ms; /* instants for which `offset_ms` holds */
	int64_t offset_ms;
};
void zone_clock_renew(struct zone_clock *clock, int64_t instant_ms);

static inline int64_t
zone_clock_wall(struct zone_clock *clock, int64_t instant_ms)
{
	if (instant_ms < clock->from_ms || instant_ms >= clock->until_ms)
		zone_clock_renew(clock, instant_ms);
	return instant_ms + clock->offset_ms;
}

#endif
