/* Media snapshot: what a thing of a provider's looked like when it was seen, as compact
 * JSON for our database, so that it can be shown weeks later while the provider is away.
 *
 * At most MEDIA_SNAPSHOT_MAX bytes: long texts and long lists are cut. Without what expires
 * (the preview's address). Written by us, but perhaps by another version: members that are
 * missing or make no sense read as unknown, members that nobody knows are passed over.
 * Pure; any thread.
 */
#ifndef PROVIDERS_MEDIA_SNAPSHOT_H
#define PROVIDERS_MEDIA_SNAPSHOT_H

#include "providers/media.h"

enum { MEDIA_SNAPSHOT_MAX = 16 * 1024 };

/* Adds the JSON of `media`; false, adding nothing, when its id has no spelling or
 * what it says does not fit. */
MUST_CHECK bool media_snapshot_write(struct text *to, const struct media *media);

/* Adds what the JSON says to `list`; NULL, adding nothing, when it is no snapshot: no JSON
 * object, longer than one may be, without an id or a title. Borrowed until the list grows.
 */
struct media *media_snapshot_read(struct media_list *list, struct slice json);

#endif
