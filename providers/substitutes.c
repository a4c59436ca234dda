#include "providers/substitutes.h"

#include <pthread.h>
#include <stdio.h>

#include "core/clock.h"
#include "providers/lru.h"

enum { MAX_SUBSTITUTES = 4096, TTL_MS = 3600 * 1000, KEY_SIZE = 80 };

struct substitutes {
	pthread_mutex_t mutex; /* guards songs */
	struct lru *songs;     /* listener and song → struct external_id * */
};

struct substitutes *
substitutes_new(void)
{
	struct substitutes *substitutes = xcalloc(1, sizeof *substitutes);

	pthread_mutex_init(&substitutes->mutex, NULL);
	substitutes->songs = lru_new(MAX_SUBSTITUTES, MAX_SUBSTITUTES, xfree);
	return substitutes;
}

void
substitutes_free(struct substitutes *substitutes)
{
	if (substitutes == NULL)
		return;
	lru_free(substitutes->songs);
	pthread_mutex_destroy(&substitutes->mutex);
	xfree(substitutes);
}

static void
add_key(char to[KEY_SIZE], const struct track_listener *listener,
	const struct external_id *song)
{
	snprintf(to, KEY_SIZE, "%.32s:%d:%s", listener->user_id, (int)song->provider,
		song->key);
}

static void
put_locked(struct substitutes *substitutes, const char *key, const struct external_id *song)
{
	struct external_id *kept = xmalloc(sizeof *kept);

	*kept = *song;
	lru_put(substitutes->songs, key, kept, 1, clock_now_ms() + TTL_MS);
}

void
substitutes_put(struct substitutes *substitutes, const struct track_listener *listener,
	const struct external_id *song, const struct external_id *in_its_place)
{
	char key[KEY_SIZE];

	add_key(key, listener, song);
	pthread_mutex_lock(&substitutes->mutex);
	put_locked(substitutes, key, in_its_place);
	pthread_mutex_unlock(&substitutes->mutex);
}

void
substitutes_forget(struct substitutes *substitutes, const struct track_listener *listener,
	const struct external_id *song)
{
	substitutes_put(substitutes, listener, song, song);
}

void
substitutes_get(struct substitutes *substitutes, const struct track_listener *listener,
	struct external_id *song)
{
	char key[KEY_SIZE];

	add_key(key, listener, song);
	pthread_mutex_lock(&substitutes->mutex);
	const struct external_id *found = lru_get(substitutes->songs, key, clock_now_ms());
	if (found != NULL) {
		*song = *found;
		put_locked(substitutes, key, song);
	}
	pthread_mutex_unlock(&substitutes->mutex);
}
