#include "providers/rate_window.h"

#include <pthread.h>

struct rate_window {
	pthread_mutex_t mutex; /* guards the rest */
	size_t limit;
	int64_t window_ms;
	/* When the last `limit` calls were or will be, a ring in order of time. */
	int64_t *booked_ms;
	size_t oldest;
};

struct rate_window *
rate_window_new(size_t limit, int64_t window_ms)
{
	struct rate_window *window = xcalloc(1, sizeof *window);

	assert(limit > 0 && window_ms > 0);
	pthread_mutex_init(&window->mutex, NULL);
	window->limit = limit;
	window->window_ms = window_ms;
	window->booked_ms = xcalloc(limit, sizeof *window->booked_ms);
	for (size_t i = 0; i < limit; i++)
		window->booked_ms[i] = INT64_MIN / 2;
	return window;
}

void
rate_window_free(struct rate_window *window)
{
	if (window == NULL)
		return;
	pthread_mutex_destroy(&window->mutex);
	xfree(window->booked_ms);
	xfree(window);
}

/* The call may be when the one `limit - spare` calls before it has left the window; and not
 * before the newest, which keeps the ring in order. */
static int64_t
next_locked(const struct rate_window *window, size_t spare, int64_t now_ms)
{
	size_t newest = (window->oldest + window->limit - 1) % window->limit;
	size_t leaving = (window->oldest + spare) % window->limit;
	int64_t at_ms = window->booked_ms[leaving] + window->window_ms;

	assert(spare < window->limit);
	if (at_ms < window->booked_ms[newest])
		at_ms = window->booked_ms[newest];
	return at_ms > now_ms ? at_ms : now_ms;
}

int64_t
rate_window_book(
	struct rate_window *window, size_t spare, int64_t now_ms, int64_t deadline_ms)
{
	pthread_mutex_lock(&window->mutex);
	int64_t at_ms = next_locked(window, spare, now_ms);
	if (at_ms <= deadline_ms) {
		window->booked_ms[window->oldest] = at_ms;
		window->oldest = (window->oldest + 1) % window->limit;
	} else {
		at_ms = -1;
	}
	pthread_mutex_unlock(&window->mutex);
	return at_ms;
}

struct rate_window_figures
rate_window_read(struct rate_window *window, int64_t now_ms)
{
	struct rate_window_figures figures = { .limit = window->limit,
		.window_ms = window->window_ms };

	pthread_mutex_lock(&window->mutex);
	for (size_t i = 0; i < window->limit; i++)
		figures.used += window->booked_ms[i] > now_ms - window->window_ms;
	pthread_mutex_unlock(&window->mutex);
	return figures;
}
