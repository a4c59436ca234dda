#include "providers/user_window.h"

#include <pthread.h>

#include "providers/lru.h"
#include "providers/rate_window.h"

enum { MAX_USERS = 1024 };

struct user_window {
	size_t limit;
	int64_t window_ms;
	pthread_mutex_t mutex; /* guards users */
	struct lru *users;     /* user id → struct rate_window * */
};

static void
free_window(void *value)
{
	rate_window_free(value);
}

struct user_window *
user_window_new(size_t limit, int64_t window_ms)
{
	struct user_window *window = xcalloc(1, sizeof *window);

	window->limit = limit;
	window->window_ms = window_ms;
	pthread_mutex_init(&window->mutex, NULL);
	window->users = lru_new(MAX_USERS, MAX_USERS, free_window);
	return window;
}

void
user_window_free(struct user_window *window)
{
	if (window == NULL)
		return;
	lru_free(window->users);
	pthread_mutex_destroy(&window->mutex);
	xfree(window);
}

bool
user_window_take(struct user_window *window, const char *user_id, int64_t now_ms)
{
	if (window->limit == 0)
		return true;
	pthread_mutex_lock(&window->mutex);
	struct rate_window *own = lru_get(window->users, user_id, now_ms);
	if (own == NULL) {
		own = rate_window_new(window->limit, window->window_ms);
		lru_put(window->users, user_id, own, 1, INT64_MAX);
	}
	bool may = rate_window_book(own, 0, now_ms, now_ms) >= 0;
	pthread_mutex_unlock(&window->mutex);
	return may;
}
