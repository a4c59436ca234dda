/* Rate window: at most so many calls in any stretch of so many milliseconds.
 *
 * A rolling window and not a bucket of tokens: a bucket lets twice its size through within
 * one window, which Deezer's quota (50 in 5 s per address) does not. Places are booked
 * ahead, first come first served, so that nobody retries. Knows no clock: the caller says
 * what time it is (clock_now_ms). Behind its own lock; any thread.
 */
#ifndef PROVIDERS_RATE_WINDOW_H
#define PROVIDERS_RATE_WINDOW_H

#include <stddef.h>
#include <stdint.h>

#include "core/mem.h"

struct rate_window;

struct rate_window *rate_window_new(size_t limit, int64_t window_ms);
/* Accepts NULL. */
void rate_window_free(struct rate_window *window);
/* Books the next place and returns when it is, at or after `now_ms`; -1, with nothing
 * booked, when that would be after `deadline_ms`. The last `spare` places of a window are
 * left for more urgent callers (below the limit). A place that is not used is lost. */
MUST_CHECK int64_t rate_window_book(
	struct rate_window *window, size_t spare, int64_t now_ms, int64_t deadline_ms);

/* How it stands, for people. */
struct rate_window_figures {
	size_t limit,
		used; /* calls: at most, and in the window that ends now or ahead of it */
	int64_t window_ms;
};
struct rate_window_figures rate_window_read(struct rate_window *window, int64_t now_ms);

#endif
