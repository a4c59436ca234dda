/* Log limit: an event that comes again and again is written at once the first time, then
 * once per LOG_LIMIT_MS, with how many there were. A failing server must not write a line
 * per request.
 *
 *   quiet ── first: written ──> holding ── each: held ──> holding
 *     ^                            │ LOG_LIMIT_MS
 *     └──── none was held ─────────┴──── some were: the last is written with their count
 *
 * Pure, with a memory of its own; whoever uses it from several threads locks it.
 */
#ifndef CORE_LOG_LIMIT_H
#define CORE_LOG_LIMIT_H

#include <stdbool.h>
#include <stdint.h>

#include "core/text.h"

enum { LOG_LIMIT_MS = 10 * 1000, LOG_LIMIT_EVENTS = 64 };

/* Zero-initialised is ready. */
struct log_limit {
	struct log_limit_event {
		const char *name; /* NULL: free */
		int64_t due_ms;
		uint64_t held;
		struct text last; /* what is held stands for */
	} events[LOG_LIMIT_EVENTS];
};

/* Is this one held back? Then a copy of `line` is kept in place of the one before. `event`
 * is borrowed for good: a literal. More than LOG_LIMIT_EVENTS at a time are not held. */
MUST_CHECK bool log_limit_hold(
	struct log_limit *limit, const char *event, int64_t now_ms, struct slice line);
/* Adds the line of an event whose time is over (`all`: of any) and sets how many were held,
 * itself among them; false when there is none (any more). */
MUST_CHECK bool log_limit_take(struct log_limit *limit, int64_t now_ms, bool all,
	struct text *line, uint64_t *count);

#endif
