#include "core/route.h"

#include <string.h>

#include "core/url.h"

/* Jellyfin decodes a path before it looks for a route, so "/It%65ms" is "/Items". A decoded
 * slash stays inside its part. */
static struct slice
decoded(struct arena *arena, struct slice part)
{
	if (part.size == 0 || memchr(part.data, '%', part.size) == NULL)
		return part;
	return slice_of(url_decode(arena, part, false));
}

void
route_split(struct route_path *parts, struct arena *arena, struct slice path)
{
	parts->count = 0;
	if (path.size == 0 || path.data[0] != '/')
		return;
	if (path.size > 1 && path.data[path.size - 1] == '/')
		path.size--;
	const char *end = path.data + path.size;
	for (const char *at = path.data; at < end;) {
		const char *from = at + 1;
		at = memchr(from, '/', (size_t)(end - from));
		if (at == NULL)
			at = end;
		if (parts->count == ROUTE_MAX_PARTS) {
			parts->count = 0;
			return;
		}
		parts->parts[parts->count++] =
			decoded(arena, (struct slice){ from, (size_t)(at - from) });
	}
}

size_t
route_count_parts(const char *pattern)
{
	size_t count = 0;

	for (; *pattern != '\0'; pattern++)
		count += *pattern == '/';
	return count;
}

/* What has matched so far; values are copied to the arena only once everything has. */
struct capture {
	struct slice values[ROUTE_MAX_PARAMETERS];
	size_t count;
};

/* Compares `part` with the pattern's part at `at`; returns where that one ends, NULL when
 * they differ. */
static const char *
match_part(struct route_match *match, struct capture *capture, const char *at,
	struct slice part)
{
	size_t used = 0;

	while (used < part.size && ascii_lower(*at) == ascii_lower(part.data[used]) &&
		*at != '{' && *at != '/') {
		at++;
		used++;
	}
	if (*at == '{' && used < part.size) {
		const char *name = at + 1;
		const char *brace = strchr(name, '}');
		assert(brace != NULL && capture->count < ROUTE_MAX_PARAMETERS);
		match->names[capture->count] =
			(struct slice){ name, (size_t)(brace - name) };
		capture->values[capture->count++] =
			(struct slice){ part.data + used, part.size - used };
		return brace + 1;
	}
	return used == part.size && (*at == '/' || *at == '\0') ? at : NULL;
}

bool
route_match(struct route_match *match, struct arena *arena, const char *pattern,
	const struct route_path *path)
{
	struct capture capture;
	const char *at = pattern;

	capture.count = 0;
	for (size_t i = 0; i < path->count; i++) {
		if (*at != '/')
			return false;
		at = match_part(match, &capture, at + 1, path->parts[i]);
		if (at == NULL)
			return false;
	}
	if (path->count == 0 || *at != '\0')
		return false;
	match->count = capture.count;
	for (size_t i = 0; i < capture.count; i++)
		match->values[i] = arena_slice_dup(arena, capture.values[i]);
	return true;
}

const char *
route_value(const struct route_match *match, const char *name)
{
	for (size_t i = 0; i < match->count; i++) {
		if (slice_equal_text(match->names[i], name))
			return match->values[i];
	}
	assert(!"the pattern has no such parameter");
	return "";
}
