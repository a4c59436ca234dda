/* Qobuz error: what went wrong, from an answer of Qobuz's API.
 *
 * Errors are {"status": "error", "code", "message"} with the same HTTP status. What matters
 * is whose fault it is: the app's id or secret, the user's token, the question, or Qobuz.
 * Messages are compared without regard to case. Pure; any thread.
 */
#ifndef PROVIDERS_QOBUZ_QOBUZ_ERROR_H
#define PROVIDERS_QOBUZ_QOBUZ_ERROR_H

#include <jansson.h>
#include <stdbool.h>

#include "core/error.h"
#include "core/mem.h"

enum qobuz_trouble {
	QOBUZ_WELL,
	QOBUZ_BAD_APP,       /* 400: no such app id */
	QOBUZ_BAD_SIGNATURE, /* 400: the app's secret is wrong, or the clock */
	QOBUZ_BAD_QUESTION,  /* 400: anything else */
	QOBUZ_BAD_TOKEN,     /* 401: none was sent, or it is no longer good */
	QOBUZ_FORBIDDEN,     /* 403 */
	QOBUZ_NOT_FOUND,     /* 404 */
	QOBUZ_GONE,          /* 410: this app may not ask that any more */
	QOBUZ_TOO_MANY,      /* 429 */
	QOBUZ_DOWN,          /* 5xx */
	QOBUZ_NONSENSE,      /* no JSON, or a status that means nothing here */
};

/* `root` is NULL when the answer is no JSON. `why` gets a sentence for the log, with what
 * Qobuz says unless that may hold an id or a token; "" when all is well. */
enum qobuz_trouble qobuz_error_check(
	const json_t *root, int status, char *why, size_t why_size);
/* For callers that act on the kind of failure only. */
enum err qobuz_error_err(enum qobuz_trouble trouble);
/* Says nothing of how Qobuz is: it works, and does not want this. */
bool qobuz_error_is_answer(enum qobuz_trouble trouble);

#endif
