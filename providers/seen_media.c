#include "providers/seen_media.h"

#include <pthread.h>

#include "core/clock.h"
#include "providers/lru.h"

enum { MAX_SEEN = 4096, MAX_SEEN_COST = 8 << 20, RENEW_MS = 24 * 3600 * 1000 };

struct seen_media {
	pthread_mutex_t mutex; /* guards items */
	struct lru *items;     /* item id → struct sight */
};

struct sight {
	int64_t seen_ms;
	int64_t renewed_ms; /* clock_now_ms */
	size_t size;
	char json[];
};

struct seen_media *
seen_media_new(void)
{
	struct seen_media *seen = xcalloc(1, sizeof *seen);

	pthread_mutex_init(&seen->mutex, NULL);
	seen->items = lru_new(MAX_SEEN, MAX_SEEN_COST, xfree);
	return seen;
}

void
seen_media_free(struct seen_media *seen)
{
	if (seen == NULL)
		return;
	lru_free(seen->items);
	pthread_mutex_destroy(&seen->mutex);
	xfree(seen);
}

bool
seen_media_put(struct seen_media *seen, const char *item_id, int64_t seen_ms,
	struct slice json, bool kept)
{
	int64_t now_ms = clock_now_ms(), renewed_ms = INT64_MIN / 2;
	struct sight *sight = xmalloc(sizeof *sight + json.size);

	pthread_mutex_lock(&seen->mutex);
	const struct sight *before = lru_get(seen->items, item_id, 0);
	if (before != NULL)
		renewed_ms = before->renewed_ms;
	bool due = kept && now_ms - renewed_ms >= RENEW_MS;
	sight->seen_ms = seen_ms;
	sight->renewed_ms = due ? now_ms : renewed_ms;
	sight->size = json.size;
	memcpy(sight->json, json.data, json.size);
	lru_put(seen->items, item_id, sight, sizeof *sight + json.size, INT64_MAX);
	pthread_mutex_unlock(&seen->mutex);
	return due;
}

bool
seen_media_get(
	struct seen_media *seen, const char *item_id, struct text *json, int64_t *seen_ms)
{
	pthread_mutex_lock(&seen->mutex);
	const struct sight *sight = lru_get(seen->items, item_id, 0);
	if (sight != NULL) {
		text_add_bytes(json, sight->json, sight->size);
		*seen_ms = sight->seen_ms;
	}
	pthread_mutex_unlock(&seen->mutex);
	return sight != NULL;
}
