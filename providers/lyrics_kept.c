#include "providers/lyrics_kept.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "core/clock.h"
#include "providers/lru.h"

enum {
	MAX_SONGS = 2048,
	MAX_BYTES = 8 << 20,
	KEPT_MS = 24 * 3600 * 1000,
	MISSING_MS = 5 * 60 * 1000,
};

struct lyrics_kept {
	pthread_mutex_t mutex; /* guards `words` */
	struct lru *words;     /* id in hex, or a lyrics_key → struct song_words */
};

/* ---- words ---- */

struct song_words *
song_words_new(const struct lyrics *lyrics)
{
	struct song_words *words = xcalloc(1, sizeof *words);

	atomic_init(&words->references, 1);
	for (size_t i = 0; lyrics != NULL && i < lyrics->count; i++)
		lyrics_add(
			&words->lyrics, lyrics->lines[i].text, lyrics->lines[i].start_ms);
	words->lyrics.synced = lyrics != NULL && lyrics->synced;
	return words;
}

struct song_words *
song_words_ref(struct song_words *words)
{
	atomic_fetch_add_explicit(&words->references, 1, memory_order_relaxed);
	return words;
}

void
song_words_unref(struct song_words *words)
{
	if (words == NULL || atomic_fetch_sub(&words->references, 1) != 1)
		return;
	lyrics_fini(&words->lyrics);
	xfree(words);
}

static size_t
words_cost(const struct song_words *words)
{
	size_t cost = sizeof *words;

	for (size_t i = 0; i < words->lyrics.count; i++)
		cost += sizeof *words->lyrics.lines + strlen(words->lyrics.lines[i].text) +
			1;
	return cost;
}

static void
unref_words(void *words)
{
	song_words_unref(words);
}

/* ---- keys ---- */

void
lyrics_key(char key[LYRICS_KEY_SIZE], const struct external_id *song, const char *account)
{
	char hex[EXTERNAL_ID_HEX];

	if (!external_id_format(hex, song))
		hex[0] = '\0';
	snprintf(key, LYRICS_KEY_SIZE, "%s %s", hex, account);
}

/* The one of words, with which every key begins. */
static void
words_key(char hex[EXTERNAL_ID_HEX], const char *key)
{
	(void)copy_text(hex, EXTERNAL_ID_HEX, key);
}

/* ---- keeping ---- */

struct lyrics_kept *
lyrics_kept_new(void)
{
	struct lyrics_kept *kept = xcalloc(1, sizeof *kept);

	pthread_mutex_init(&kept->mutex, NULL);
	kept->words = lru_new(MAX_SONGS, MAX_BYTES, unref_words);
	return kept;
}

void
lyrics_kept_free(struct lyrics_kept *kept)
{
	if (kept == NULL)
		return;
	lru_free(kept->words);
	pthread_mutex_destroy(&kept->mutex);
	xfree(kept);
}

bool
lyrics_kept_find(
	struct lyrics_kept *kept, const char *key, enum err *err, struct song_words **words)
{
	char hex[EXTERNAL_ID_HEX];

	words_key(hex, key);
	pthread_mutex_lock(&kept->mutex);
	struct song_words *found = lru_get(kept->words, hex, clock_now_ms());
	bool missing = found == NULL && lru_get(kept->words, key, clock_now_ms()) != NULL;
	*words = found != NULL ? song_words_ref(found) : NULL;
	pthread_mutex_unlock(&kept->mutex);
	*err = found != NULL ? ERR_NONE : ERR_NOT_FOUND;
	return found != NULL || missing;
}

void
lyrics_kept_put(struct lyrics_kept *kept, const char *key, struct song_words *words)
{
	bool any = words->lyrics.count > 0;
	char hex[EXTERNAL_ID_HEX];

	words_key(hex, key);
	pthread_mutex_lock(&kept->mutex);
	lru_put(kept->words, any ? hex : key, song_words_ref(words), words_cost(words),
		clock_now_ms() + (any ? (int64_t)KEPT_MS : (int64_t)MISSING_MS));
	pthread_mutex_unlock(&kept->mutex);
}

struct lyrics_kept_figures
lyrics_kept_figures(struct lyrics_kept *kept)
{
	pthread_mutex_lock(&kept->mutex);
	struct lyrics_kept_figures figures = { lru_count(kept->words),
		lru_cost(kept->words) };
	pthread_mutex_unlock(&kept->mutex);
	return figures;
}
