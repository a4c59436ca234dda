#include "providers/catalog_codes.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "core/clock.h"
#include "providers/lru.h"

enum {
	MAX_SONGS = 16384,
	TTL_MS = 24 * 3600 * 1000,
	ISRC_LENGTH = 12,
	KEY_SIZE = 40,
};

struct catalog_codes {
	pthread_mutex_t mutex; /* guards both */
	struct lru *isrcs;     /* a song's key → its ISRC */
	struct lru *songs;     /* provider and ISRC → the song's key */
};

struct catalog_codes *
catalog_codes_new(void)
{
	struct catalog_codes *codes = xcalloc(1, sizeof *codes);

	pthread_mutex_init(&codes->mutex, NULL);
	codes->isrcs = lru_new(MAX_SONGS, MAX_SONGS, xfree);
	codes->songs = lru_new(MAX_SONGS, MAX_SONGS, xfree);
	return codes;
}

void
catalog_codes_free(struct catalog_codes *codes)
{
	if (codes == NULL)
		return;
	lru_free(codes->isrcs);
	lru_free(codes->songs);
	pthread_mutex_destroy(&codes->mutex);
	xfree(codes);
}

bool
isrc_normalize(char to[ISRC_SIZE], const char *text)
{
	size_t size = 0;

	for (; *text != '\0'; text++) {
		char c = *text;
		if (c == '-' || c == ' ')
			continue;
		if (c >= 'a' && c <= 'z')
			c = (char)(c - ('a' - 'A'));
		if (!((c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9')) ||
			size == ISRC_LENGTH)
			return false;
		to[size++] = c;
	}
	to[size] = '\0';
	return size == ISRC_LENGTH;
}

/* ---- keys ---- */

static void
add_key(char to[KEY_SIZE], enum provider_id provider, const char *what)
{
	snprintf(to, KEY_SIZE, "%d:%s", (int)provider, what);
}

static void
learn_locked(struct catalog_codes *codes, const struct media *song, int64_t expires_ms)
{
	char isrc[ISRC_SIZE], key[KEY_SIZE];

	if (song->kind != MEDIA_SONG || !song->readable || song->isrc == NULL ||
		!isrc_normalize(isrc, song->isrc))
		return;
	add_key(key, song->id.provider, song->id.key);
	lru_put(codes->isrcs, key, xstrdup(isrc), 1, expires_ms);
	add_key(key, song->id.provider, isrc);
	lru_put(codes->songs, key, xstrdup(song->id.key), 1, expires_ms);
}

void
catalog_codes_learn(struct catalog_codes *codes, const struct media_list *list)
{
	int64_t expires_ms = clock_now_ms() + TTL_MS;

	pthread_mutex_lock(&codes->mutex);
	for (size_t i = 0; i < list->count; i++)
		learn_locked(codes, &list->items[i], expires_ms);
	pthread_mutex_unlock(&codes->mutex);
}

bool
catalog_codes_of(
	struct catalog_codes *codes, char isrc[ISRC_SIZE], const struct external_id *song)
{
	char key[KEY_SIZE];
	bool known = false;

	if (song->kind != MEDIA_SONG)
		return false;
	add_key(key, song->provider, song->key);
	pthread_mutex_lock(&codes->mutex);
	const char *found = lru_get(codes->isrcs, key, clock_now_ms());
	if (found != NULL)
		known = copy_text(isrc, ISRC_SIZE, found);
	pthread_mutex_unlock(&codes->mutex);
	return known;
}

bool
catalog_codes_find(struct catalog_codes *codes, struct external_id *song,
	enum provider_id provider, const char *isrc)
{
	char key[KEY_SIZE];
	bool known = false;

	*song = (struct external_id){ .provider = provider, .kind = MEDIA_SONG };
	add_key(key, provider, isrc);
	pthread_mutex_lock(&codes->mutex);
	const char *found = lru_get(codes->songs, key, clock_now_ms());
	if (found != NULL)
		known = copy_text(song->key, sizeof song->key, found);
	pthread_mutex_unlock(&codes->mutex);
	return known;
}
