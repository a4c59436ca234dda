/* Catalog codes: which songs of several providers are one recording, by the ISRCs that
 * their lists told.
 *
 * Shared between workers behind its own lock; any thread. Bounded: the 16,384 songs seen
 * last, for a day.
 */
#ifndef PROVIDERS_CATALOG_CODES_H
#define PROVIDERS_CATALOG_CODES_H

#include "providers/media.h"

enum { ISRC_SIZE = 16 };

struct catalog_codes;

struct catalog_codes *catalog_codes_new(void);
/* Accepts NULL. */
void catalog_codes_free(struct catalog_codes *codes);
/* Takes note of the songs that can be played and name their ISRC. */
void catalog_codes_learn(struct catalog_codes *codes, const struct media_list *list);
/* The ISRC of a song, without dashes and in capitals; false when it is not known. */
MUST_CHECK bool catalog_codes_of(
	struct catalog_codes *codes, char isrc[ISRC_SIZE], const struct external_id *song);
/* That provider's song of that ISRC; false when none is known. */
MUST_CHECK bool catalog_codes_find(struct catalog_codes *codes, struct external_id *song,
	enum provider_id provider, const char *isrc);
/* Copies it without dashes and blanks, in capitals; false when it is none (12 letters and
 * digits). */
MUST_CHECK bool isrc_normalize(char to[ISRC_SIZE], const char *text);

#endif
