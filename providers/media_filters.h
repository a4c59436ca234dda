/* Media filters: what a list of external things can be filtered by, as Jellyfin tells it:
 * the genres and years that occur, each once. Pure; any thread. */
#ifndef PROVIDERS_MEDIA_FILTERS_H
#define PROVIDERS_MEDIA_FILTERS_H

#include <jansson.h>

#include "providers/media.h"

/* QueryFiltersLegacy: {"Genres", "Tags", "OfficialRatings", "Years"}. New. */
json_t *media_filters_new(const struct media *const *items, size_t count);
/* QueryFilters: {"Genres": [{"Name", "Id"}], "Tags"}. New. */
json_t *media_filters2_new(const struct media *const *items, size_t count);

#endif
