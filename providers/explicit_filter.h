/* Explicit filter: which of two versions of what is explicit listeners are offered, by
 * SIDETRACK_EXPLICIT. Goes over every list of songs or albums that a provider gives, not
 * over things asked for by their id. Pure.
 */
#ifndef PROVIDERS_EXPLICIT_FILTER_H
#define PROVIDERS_EXPLICIT_FILTER_H

#include "providers/media.h"

/* In the order of the words of SIDETRACK_EXPLICIT. */
enum explicit_filter {
	EXPLICIT_ALL,      /* both */
	EXPLICIT_CLEAN,    /* nothing explicit */
	EXPLICIT_UNEDITED, /* nothing cleaned; "explicit" */
};

bool explicit_filter_keeps(enum explicit_filter filter, const struct media *media);
/* Takes out what is not kept, from the total too. While the list is being built. */
void explicit_filter_apply(enum explicit_filter filter, struct media_list *list);

#endif
