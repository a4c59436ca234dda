#include "providers/qobuz/qobuz_files.h"

#include <pthread.h>

#include "core/clock.h"
#include "core/text.h"
#include "providers/lru.h"

enum { MAX_FILES = 1024 };

struct qobuz_files {
	pthread_mutex_t mutex;
	struct lru *lru;
};

static void
free_file(void *value)
{
	qobuz_file_fini(value);
	xfree(value);
}

struct qobuz_files *
qobuz_files_new(void)
{
	struct qobuz_files *files = xcalloc(1, sizeof *files);

	files->lru = lru_new(MAX_FILES, MAX_FILES, free_file);
	pthread_mutex_init(&files->mutex, NULL);
	return files;
}

void
qobuz_files_free(struct qobuz_files *files)
{
	if (files == NULL)
		return;
	pthread_mutex_destroy(&files->mutex);
	lru_free(files->lru);
	xfree(files);
}

static void
add_key(struct text *key, const char *account, const char *song, int format)
{
	text_addf(key, "%s:%d:%s", song, format, account);
}

bool
qobuz_files_get(struct qobuz_files *files, const char *account, const char *song,
	int format, struct qobuz_file *copy)
{
	struct text key;

	text_init(&key);
	add_key(&key, account, song, format);
	pthread_mutex_lock(&files->mutex);
	const struct qobuz_file *file = lru_get(files->lru, key.data, clock_now_ms());
	bool good = file != NULL && clock_wall_ms() < file->expires_wall_ms;
	if (good)
		*copy = qobuz_file_copy(file);
	pthread_mutex_unlock(&files->mutex);
	text_fini(&key);
	return good;
}

void
qobuz_files_put(struct qobuz_files *files, const char *account, const char *song,
	int format, const struct qobuz_file *file)
{
	int64_t left_ms = file->expires_wall_ms - clock_wall_ms();
	struct qobuz_file *kept;
	struct text key;

	if (left_ms <= 0)
		return;
	kept = xcalloc(1, sizeof *kept);
	*kept = qobuz_file_copy(file);
	text_init(&key);
	add_key(&key, account, song, format);
	pthread_mutex_lock(&files->mutex);
	lru_put(files->lru, key.data, kept, 1, clock_now_ms() + left_ms);
	pthread_mutex_unlock(&files->mutex);
	text_fini(&key);
}
