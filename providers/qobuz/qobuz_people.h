/* Qobuz people: who made an album or a song, by their roles.
 *
 * The one that leads is an object of its own (`artist`, `performer`); others have roles in
 * a list (`artists`), or names only in the text of credits: "Name, Role, Role - Name2,
 * Role". Names may have commas and dashes, so the text is read as well as it can be: a
 * piece without a role belongs to the name of the next, and names that are known from
 * elsewhere are believed. Pure; any thread.
 */
#ifndef PROVIDERS_QOBUZ_QOBUZ_PEOPLE_H
#define PROVIDERS_QOBUZ_QOBUZ_PEOPLE_H

#include <jansson.h>

#include "providers/media.h"

/* The name of something: a text, or {"display": …} in newer answers; NULL when there is
 * none. Caller xfree()s. */
char *qobuz_name_new(const json_t *json, const char *name);
/* Adds the main artists first, then the featured ones. */
void qobuz_people_read(struct media *media, const json_t *json);

#endif
