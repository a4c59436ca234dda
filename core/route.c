#include "core/route.h"

#include <string.h>

/* What has matched so far; copied to the arena only once everything has. */
struct capture {
	struct slice names[ROUTE_MAX_PARAMETERS];
	struct slice values[ROUTE_MAX_PARAMETERS];
	size_t count;
};

/* Cuts the part before the next '/' off `*rest`; false when nothing is left. Unlike
 * slice_next it gives the empty part after a last '/' too. */
static bool
next_segment(struct slice *rest, struct slice *segment)
{
	if (rest->data == NULL)
		return false;
	const char *slash = rest->size > 0 ? memchr(rest->data, '/', rest->size) : NULL;
	*segment = *rest;
	if (slash == NULL) {
		*rest = (struct slice){ NULL, 0 };
		return true;
	}
	segment->size = (size_t)(slash - rest->data);
	rest->data = slash + 1;
	rest->size -= segment->size + 1;
	return true;
}

static void
capture_add(struct capture *capture, struct slice name, struct slice value)
{
	assert(capture->count < ROUTE_MAX_PARAMETERS);
	capture->names[capture->count] = name;
	capture->values[capture->count++] = value;
}

/* Jellyfin decodes a path before it looks for a route, so "/It%65ms" is "/Items". */
static struct slice
decoded(struct arena *arena, struct slice segment)
{
	if (segment.size == 0 || memchr(segment.data, '%', segment.size) == NULL)
		return segment;
	return slice_of(url_decode(arena, segment, false));
}

static bool
match_segment(struct capture *capture, struct arena *arena, struct slice wanted,
	struct slice segment)
{
	const char *brace = wanted.size > 0 ? memchr(wanted.data, '{', wanted.size) : NULL;

	segment = decoded(arena, segment);
	if (brace == NULL)
		return slice_equal_ci(wanted, segment);
	size_t literal = (size_t)(brace - wanted.data);
	assert(wanted.data[wanted.size - 1] == '}');
	if (segment.size <= literal ||
		!slice_equal_ci((struct slice){ wanted.data, literal },
			(struct slice){ segment.data, literal }))
		return false;
	capture_add(capture, (struct slice){ brace + 1, wanted.size - literal - 2 },
		(struct slice){ segment.data + literal, segment.size - literal });
	return true;
}

/* The name in "{name*}", or an empty slice. */
static struct slice
rest_name(struct slice wanted)
{
	if (wanted.size > 3 && wanted.data[0] == '{' && wanted.data[wanted.size - 2] == '*')
		return (struct slice){ wanted.data + 1, wanted.size - 3 };
	return (struct slice){ NULL, 0 };
}

static void
copy_out(struct route_match *match, struct arena *arena, const struct capture *capture)
{
	match->count = capture->count;
	for (size_t i = 0; i < capture->count; i++) {
		match->names[i] = arena_slice_dup(arena, capture->names[i]);
		match->values[i] = arena_slice_dup(arena, capture->values[i]);
	}
}

bool
route_match(struct route_match *match, struct arena *arena, const char *pattern,
	struct slice path)
{
	struct capture capture = { .count = 0 };
	struct slice wanted_rest = { pattern + 1, strlen(pattern) - 1 };
	struct slice wanted, segment;

	assert(pattern[0] == '/');
	if (path.size == 0 || path.data[0] != '/')
		return false;
	if (path.size > 1 && path.data[path.size - 1] == '/')
		path.size--;
	struct slice rest = { path.data + 1, path.size - 1 };
	while (next_segment(&wanted_rest, &wanted)) {
		struct slice name = rest_name(wanted);
		if (name.size > 0) {
			capture_add(&capture, name, decoded(arena, rest));
			rest = (struct slice){ NULL, 0 };
			break;
		}
		if (!next_segment(&rest, &segment) ||
			!match_segment(&capture, arena, wanted, segment))
			return false;
	}
	if (rest.data != NULL)
		return false;
	copy_out(match, arena, &capture);
	return true;
}

const char *
route_value(const struct route_match *match, const char *name)
{
	for (size_t i = 0; i < match->count; i++) {
		if (strcmp(match->names[i], name) == 0)
			return match->values[i];
	}
	assert(!"the pattern has no such parameter");
	return "";
}
