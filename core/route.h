/* Route: which handler a path belongs to. Pure; any thread.
 *
 * Jellyfin compares paths without regard to case and ignores one trailing slash (measured);
 * so do we. A pattern is written "/Users/{user}/Items/{id}/Images/{type}": a part in braces
 * matches one non-empty segment and is handed out decoded. In "/Audio/{id}/stream.{ext}" a
 * part may begin with literal text.
 */
#ifndef CORE_ROUTE_H
#define CORE_ROUTE_H

#include <stdbool.h>

#include "core/arena.h"

enum { ROUTE_MAX_PARTS = 8, ROUTE_MAX_PARAMETERS = 4 };

/* A path cut at its slashes and decoded, once for all patterns. */
struct route_path {
	struct slice parts[ROUTE_MAX_PARTS]; /* borrowed from the path, or in the arena */
	size_t count; /* 0: no pattern can match, or there are too many parts */
};

/* `path` is still percent-encoded. */
void route_split(struct route_path *parts, struct arena *arena, struct slice path);

/* How many parts a path must have to fit the pattern. */
size_t route_count_parts(const char *pattern);

struct route_match {
	struct slice names[ROUTE_MAX_PARAMETERS]; /* in the pattern */
	const char *values[ROUTE_MAX_PARAMETERS]; /* in the arena */
	size_t count;
};

/* Whether the path matches; `match` is worth something only when it does. */
bool route_match(struct route_match *match, struct arena *arena, const char *pattern,
	const struct route_path *path);
/* The value of the parameter of that name; it must exist in the pattern. */
const char *route_value(const struct route_match *match, const char *name);

#endif
