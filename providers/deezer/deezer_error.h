/* Deezer error: what went wrong, from an answer of Deezer's public API.
 *
 * Most errors come with HTTP 200 and {"error": {type, message, code}}; recorded variants
 * are the same with 404, an error that is a string, one without a code, a bare true or
 * false, and no JSON at all. Pure; any thread.
 */
#ifndef PROVIDERS_DEEZER_DEEZER_ERROR_H
#define PROVIDERS_DEEZER_DEEZER_ERROR_H

#include <jansson.h>

#include "core/error.h"
#include "core/mem.h"

/* ERR_NONE when `root` (NULL: no JSON) is an object that reports no error. Else `why` is a
 * sentence for the log: ERR_NOT_FOUND (no data, unknown path), ERR_INVALID (a parameter),
 * ERR_DENIED, ERR_BUSY (quota, or Deezer is busy), ERR_UNREACHABLE (5xx), ERR_PROTOCOL. */
MUST_CHECK enum err deezer_error_check(
	const json_t *root, int status, char *why, size_t why_size);

#endif
