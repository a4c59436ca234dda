/* Route: which handler a path belongs to. Pure; any thread.
 *
 * Jellyfin compares paths without regard to case and ignores one trailing slash (measured);
 * so do we. A pattern is written "/Users/{user}/Items/{id}/Images/{type}": a part in braces
 * matches one non-empty segment and is handed out decoded. "{rest*}" as the last part takes
 * everything that is left. In "/Audio/{id}/stream.{ext}" a part may begin with literal
 * text.
 */
#ifndef CORE_ROUTE_H
#define CORE_ROUTE_H

#include <stdbool.h>

#include "core/arena.h"
#include "core/http_exchange.h"

enum { ROUTE_MAX_PARAMETERS = 4 };

struct route_match {
	const char *names[ROUTE_MAX_PARAMETERS];
	const char *values[ROUTE_MAX_PARAMETERS]; /* in the arena */
	size_t count;
};

/* Whether `path` (still percent-encoded) matches; fills `match` when it does. */
bool route_match(struct route_match *match, struct arena *arena, const char *pattern,
	struct slice path);
/* The value of the parameter of that name; it must exist in the pattern. */
const char *route_value(const struct route_match *match, const char *name);

#endif
