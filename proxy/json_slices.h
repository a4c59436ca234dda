/* JSON slices: the elements of one array member of a document, byte for byte.
 *
 * A merged list must leave Jellyfin's own items exactly as they were (numbers, key order,
 * escapes), so they are cut out of its answer and pasted, never parsed and written again.
 * Pure; any thread.
 */
#ifndef PROXY_JSON_SLICES_H
#define PROXY_JSON_SLICES_H

#include "core/arena.h"
#include "core/text.h"

struct json_slices {
	struct slice before; /* up to and with the '[' */
	struct slice *items; /* in the arena */
	size_t count;
	struct slice after; /* from the ']' on */
};

/* `document` must be valid JSON (parse it first). `member` is a top-level member whose
 * value is an array, its name compared without regard to case. False when there is none. */
MUST_CHECK bool json_slices_read(struct json_slices *slices, struct arena *arena,
	struct slice document, const char *member);

/* The same of a document that is an array itself. */
MUST_CHECK bool json_slices_read_array(
	struct json_slices *slices, struct arena *arena, struct slice document);

/* Adds `document` with the value of every top-level member of that name replaced by
 * `value`, which is JSON. A document without one stays as it is. */
void json_slices_put(
	struct text *to, struct slice document, const char *member, struct slice value);
/* Adds `document` with the integer of every top-level member of that name replaced. */
void json_slices_put_int(
	struct text *to, struct slice document, const char *member, long long number);

#endif
