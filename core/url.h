/* URLs: percent coding, query strings, base URLs. Pure; any thread. */
#ifndef CORE_URL_H
#define CORE_URL_H

#include <stdbool.h>
#include <stdint.h>

#include "core/arena.h"
#include "core/text.h"

/* Adds `slice` with everything but unreserved characters (RFC 3986 §2.3) as %XX. */
void url_encode(struct text *to, struct slice slice);
/* %XX decoded; '+' becomes a space when `plus_is_space` (queries, and Jellyfin's
 * Authorization values). A broken escape stays as it is. Never longer than the input. */
char *url_decode(struct arena *arena, struct slice slice, bool plus_is_space);

/* A parsed query string. Names and values are decoded and live in the arena. */
struct query_item {
	const char *name;
	const char *value;
};
struct query {
	struct query_item *items;
	size_t count;
};

/* "a=1&b=2" without '?'. Items without '=' have the value "". At most 512 items. */
struct query query_parse(struct arena *arena, struct slice text);
/* The first value of that name, compared without regard to case, else NULL. */
const char *query_get(const struct query *query, const char *name);
/* "true" in any case, else false for other text; `otherwise` when absent. */
bool query_bool(const struct query *query, const char *name, bool otherwise);
/* A decimal number, else `otherwise` (also when it is no number). */
int64_t query_int(const struct query *query, const char *name, int64_t otherwise);
/* Every element of a list given as repeated names, comma-joined values, or both, without
 * empty ones. In order; NULL-terminated array in the arena; `*count` may be NULL. */
const char **query_list(
	struct arena *arena, const struct query *query, const char *name, size_t *count);
/* Adds name=value encoded, with '&' before it unless `to` is empty or ends with '?'. */
void query_add(struct text *to, const char *name, const char *value);

/* http[s]://host[:port][/base] */
struct base_url {
	bool tls;
	char host[256]; /* without brackets for IPv6 */
	uint16_t port;
	char base[256];      /* "" or "/jf": leading slash, no trailing one */
	char authority[272]; /* what goes into Host: brackets kept, default port left out */
};

/* On failure writes a sentence that says what is wrong (without the URL's secrets). */
MUST_CHECK bool base_url_parse(
	struct base_url *url, const char *text, char *why, size_t why_size);

#endif
