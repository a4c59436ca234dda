/* Qobuz call: one question put to Qobuz's API, in somebody's name.
 *
 * Waits for a place in the rate window, asks nothing while the breaker is open, tells the
 * breaker how it went. "Too many requests" is tried once more, when Qobuz wants it
 * (Retry-After). Who asks stands in headers only, never in the address. What is refused
 * for good lowers a bar (qobuz_account); a question of the catalogue whose token is refused
 * is asked once more in nobody's name. Belongs to its loop.
 */
#ifndef PROVIDERS_QOBUZ_QOBUZ_CALL_H
#define PROVIDERS_QOBUZ_QOBUZ_CALL_H

#include "providers/qobuz/qobuz_api.h"
#include "providers/qobuz/qobuz_parts.h"

struct qobuz_call;

struct qobuz_call_options {
	const struct qobuz_question *question; /* lives until `done` or cancel */
	const struct account_entry *account;   /* whose token is sent; NULL: nobody's */
	bool sign;                             /* the app's secret is known */
	size_t spare;        /* places of the rate window that are left to others */
	int64_t patience_ms; /* how long it may wait for its place */
	int64_t deadline_ms; /* for the whole, from now */
};

/* Borrowed until `done` returns. */
struct qobuz_reply {
	enum err err; /* ERR_NONE: `root` is an answer */
	enum qobuz_trouble
		trouble; /* what Qobuz said; QOBUZ_WELL also when it said nothing */
	const json_t *root;
};

/* `done` fires once, never before this has returned, and the call is gone after it. Errors
 * as qobuz_error_err, and ERR_BUSY (breaker open, no place in time, quota), ERR_TIMEOUT,
 * ERR_UNREACHABLE, ERR_TOO_LARGE. */
struct qobuz_call *qobuz_call_start(struct qobuz_seat *seat,
	const struct qobuz_call_options *options,
	void (*done)(void *arg, const struct qobuz_reply *reply), void *arg);
/* Silence. */
void qobuz_call_cancel(struct qobuz_call *call);

#endif
