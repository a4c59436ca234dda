/* Item case: Jellyfin's second spelling of its documents, for clients that ask for it
 * (Accept: application/json; profile="CamelCase"). Pure; any thread.
 */
#ifndef PROVIDERS_ITEM_CASE_H
#define PROVIDERS_ITEM_CASE_H

#include <jansson.h>

/* Renames every key of the document to camelCase as .NET does ("ETag" → "eTag"), except
 * keys inside dictionaries (ImageTags, ProviderIds, ImageBlurHashes, RequiredHttpHeaders).
 * Deeper than 32 levels stays as it is. New. */
json_t *item_camel_case_new(const json_t *document);

#endif
