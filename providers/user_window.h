/* User window: how often each user may do something within a rolling stretch of time, so
 * that one of them cannot use up what a provider allows all of us.
 *
 * Shared between workers behind its own lock; any thread. Remembers the 1,024 users who did
 * it last; a forgotten one begins anew.
 */
#ifndef PROVIDERS_USER_WINDOW_H
#define PROVIDERS_USER_WINDOW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/mem.h"

struct user_window;

/* `limit` 0: as often as they like. */
struct user_window *user_window_new(size_t limit, int64_t window_ms);
/* Accepts NULL. */
void user_window_free(struct user_window *window);
/* May they once more, now (clock_now_ms)? Counts it if so. */
MUST_CHECK bool user_window_take(
	struct user_window *window, const char *user_id, int64_t now_ms);

#endif
