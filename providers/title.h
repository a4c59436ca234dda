/* Title: what titles and names of music are compared by.
 *
 * Two catalogues write one song in many ways: case, accents, punctuation, "(Remastered
 * 2009)", "feat. X", "&". Pure; any thread.
 */
#ifndef PROVIDERS_TITLE_H
#define PROVIDERS_TITLE_H

#include "core/text.h"

/* Adds the words of a title: "Harder, Better (Remastered)" → "harder better". Small
 * letters, Latin ones without accents, single blanks between words. Left out: guests
 * ("feat. X") and brackets that tell of a remaster, a guest, explicit or clean; kept: what
 * makes it another recording ("(Live)", "(Drumless Edition)"). A title without words is
 * added as it is, so that two such titles still differ. */
void title_normalize(struct text *to, const char *title);
/* The same for names of people: nothing is left out but punctuation. */
void name_normalize(struct text *to, const char *name);

#endif
