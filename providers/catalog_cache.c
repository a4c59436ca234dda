#include "providers/catalog_cache.h"

#include <pthread.h>
#include <stdio.h>

#include "core/clock.h"
#include "providers/lru.h"
#include "providers/metrics.h"

enum {
	MAX_LISTS = 4096,
	MAX_ITEMS = 40000,
	MAX_IMAGES = 16384,
	MAX_SIZES = 16384,
	IMAGE_TTL_MS = 24 * 3600 * 1000,
	NEGATIVE_TTL_MS = 5 * 60 * 1000,
	/* A URL that does not say when it expires is trusted as long as one that does. */
	PREVIEW_TTL_MS = 900 * 1000,
};

struct catalog_cache {
	pthread_mutex_t mutex; /* guards all three */
	struct lru *answers;   /* catalog_query_key → struct answer */
	struct lru *images;    /* thing_key → char * */
	struct lru *sizes;     /* thing_key → int64_t * */
};

struct answer {
	enum err err; /* ERR_NONE or ERR_NOT_FOUND */
	struct media_list *list;
};

static void
free_answer(void *value)
{
	struct answer *answer = value;

	media_list_unref(answer->list);
	xfree(answer);
}

struct catalog_cache *
catalog_cache_new(void)
{
	struct catalog_cache *cache = xcalloc(1, sizeof *cache);

	pthread_mutex_init(&cache->mutex, NULL);
	cache->answers = lru_new(MAX_LISTS, MAX_ITEMS, free_answer);
	cache->images = lru_new(MAX_IMAGES, MAX_IMAGES, xfree);
	cache->sizes = lru_new(MAX_SIZES, MAX_SIZES, xfree);
	return cache;
}

void
catalog_cache_free(struct catalog_cache *cache)
{
	if (cache == NULL)
		return;
	lru_free(cache->answers);
	lru_free(cache->images);
	lru_free(cache->sizes);
	pthread_mutex_destroy(&cache->mutex);
	xfree(cache);
}

bool
catalog_cache_get(struct catalog_cache *cache, const struct catalog_query *query,
	enum err *err, struct media_list **list)
{
	struct text key;

	*err = ERR_NONE;
	*list = NULL;
	text_init(&key);
	catalog_query_key(&key, query);
	pthread_mutex_lock(&cache->mutex);
	const struct answer *answer = lru_get(cache->answers, key.data, clock_now_ms());
	bool found = answer != NULL;
	if (found) {
		*err = answer->err;
		*list = answer->list != NULL ? media_list_ref(answer->list) : NULL;
	}
	pthread_mutex_unlock(&cache->mutex);
	text_fini(&key);
	return found;
}

/* ---- pictures and sizes ---- */

enum { THING_KEY_SIZE = 40 };

static void
thing_key(char to[THING_KEY_SIZE], const struct external_id *id)
{
	snprintf(to, THING_KEY_SIZE, "%d:%d:%s", (int)id->provider, (int)id->kind, id->key);
}

static void
put_image(struct catalog_cache *cache, const struct external_id *id, const char *base,
	int64_t now_ms)
{
	char key[THING_KEY_SIZE];

	if (id->key[0] == '\0')
		return;
	thing_key(key, id);
	lru_put(cache->images, key, xstrdup(base), 1, now_ms + IMAGE_TTL_MS);
}

static void
put_images(struct catalog_cache *cache, const struct media_list *list, int64_t now_ms)
{
	for (size_t i = 0; i < list->count; i++) {
		const struct media *media = &list->items[i];
		if (media->image_base == NULL)
			continue;
		put_image(cache, &media->id, media->image_base, now_ms);
		/* A song's picture is its album's. */
		if (media->kind == MEDIA_SONG)
			put_image(cache, &media->album_id, media->image_base, now_ms);
	}
}

bool
catalog_cache_image(
	struct catalog_cache *cache, struct text *base, const struct external_id *id)
{
	char key[THING_KEY_SIZE];

	thing_key(key, id);
	pthread_mutex_lock(&cache->mutex);
	const char *found = lru_get(cache->images, key, clock_now_ms());
	if (found != NULL)
		text_add(base, found);
	pthread_mutex_unlock(&cache->mutex);
	return found != NULL;
}

void
catalog_cache_put_bytes(struct catalog_cache *cache, const struct external_id *id,
	int64_t bytes, int64_t expires_wall_ms)
{
	char key[THING_KEY_SIZE];
	int64_t ttl_ms = PREVIEW_TTL_MS;
	int64_t *value = xmalloc(sizeof *value);

	*value = bytes;
	if (expires_wall_ms != 0)
		ttl_ms = expires_wall_ms - clock_wall_ms();
	thing_key(key, id);
	pthread_mutex_lock(&cache->mutex);
	lru_put(cache->sizes, key, value, 1, clock_now_ms() + ttl_ms);
	pthread_mutex_unlock(&cache->mutex);
}

int64_t
catalog_cache_bytes(struct catalog_cache *cache, const struct external_id *id)
{
	char key[THING_KEY_SIZE];

	thing_key(key, id);
	pthread_mutex_lock(&cache->mutex);
	const int64_t *found = lru_get(cache->sizes, key, clock_now_ms());
	int64_t bytes = found != NULL ? *found : 0;
	pthread_mutex_unlock(&cache->mutex);
	return bytes;
}

void
catalog_cache_put(struct catalog_cache *cache, const struct catalog_query *query,
	enum err err, struct media_list *list)
{
	int64_t now_ms = clock_now_ms();
	int64_t ttl_ms =
		err == ERR_NONE ? catalog_query_ttl_ms(query) : (int64_t)NEGATIVE_TTL_MS;
	struct text key;

	if (err != ERR_NONE && err != ERR_NOT_FOUND)
		return;
	struct answer *answer = xcalloc(1, sizeof *answer);
	answer->err = err;
	answer->list = list != NULL ? media_list_ref(list) : NULL;
	text_init(&key);
	catalog_query_key(&key, query);
	pthread_mutex_lock(&cache->mutex);
	lru_put(cache->answers, key.data, answer, list != NULL ? list->count + 1 : 1,
		now_ms + ttl_ms);
	if (list != NULL)
		put_images(cache, list, now_ms);
	metric_set(&catalog_metric_lists, (int64_t)lru_count(cache->answers));
	pthread_mutex_unlock(&cache->mutex);
	text_fini(&key);
}
