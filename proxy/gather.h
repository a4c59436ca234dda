/* Gather: several questions to the catalog for one intercept, answered together. */
#ifndef PROXY_GATHER_H
#define PROXY_GATHER_H

#include "proxy/intercept.h"

/* What one request may need, and a list of ids (a queue that comes back). */
enum { GATHER_MAX = 256, GATHER_IDS_MAX = 1024 };

struct gather_item {
	struct catalog_query query;
	enum err err; /* ERR_BUSY until it is answered */
	struct media_list
		*list; /* NULL unless ERR_NONE; referenced until the exchange ends */
};

struct gather;

/* Asks for all of them, a few at a time; `done` fires once, in a later turn, when the last
 * is answered or `deadline_ms` is over (each query carries that deadline itself). `items`
 * live in the intercept's arena; at most GATHER_IDS_MAX. */
struct gather *gather_start(struct intercept *intercept, struct gather_item *items,
	size_t count, int64_t deadline_ms, void (*done)(void *arg), void *arg);
/* The first thing of an item's answer; when there is none the intercept is answered with
 * why not (404, or what a provider's failure means) and NULL is returned. */
const struct media *gather_first_or_reply(
	struct intercept *intercept, const struct gather_item *item);
/* Every query is answered. */
bool gather_is_complete(const struct gather *gather);
/* `done` fires no more; answers that still come are only cached. */
void gather_abandon(struct gather *gather);

#endif
