/* Search sources: the providers' side of a search. Which questions they are asked, and how
 * their answers become the list of external items that is frozen for a minute.
 *
 * Every provider that is up is asked about every kind at the same time. A user who has
 * searched more than SIDETRACK_SEARCHES_PER_USER allows gets what is cached. Lives in the
 * intercept's arena.
 */
#ifndef PROXY_SEARCH_SOURCES_H
#define PROXY_SEARCH_SOURCES_H

#include "proxy/gather.h"
#include "proxy/search_lists.h"

enum {
	SEARCH_KINDS = 4,
	SEARCH_QUESTIONS = SEARCH_KINDS * PROVIDERS_MOST,
};

struct search_sources {
	struct intercept *intercept;
	struct gather_item items[SEARCH_QUESTIONS];
	size_t count;
	bool limited; /* some were not asked because the user has asked enough */
	struct gather *gather;
};

/* `kinds`: bits of 1 << enum media_kind. `term` lives as long as the intercept. `done` as
 * gather_start; it fires also when there is nobody to ask. */
void search_sources_ask(struct search_sources *sources, struct intercept *intercept,
	unsigned kinds, const char *term, void (*done)(void *arg), void *arg);
/* What has been answered so far, without doubles and without what is among `local_items`
 * (an array), each kind in turn. New; local_total is the caller's to set. */
struct search_list *search_sources_freeze(
	const struct search_sources *sources, const json_t *local_items);

#endif
