#include "providers/track_cache.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/queue.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/clock.h"
#include "core/log.h"
#include "providers/track_metrics.h"
#include "providers/track_scan.h"

enum {
	BUCKETS = 1024,
	SWEEP_MS = 60 * 1000,
	/* A preview where a full track was wished: what kept it away may have passed. */
	PREVIEW_INSTEAD_MS = 10 * 60 * 1000,
};

/* A song that is here, or on its way. */
struct entry {
	TAILQ_ENTRY(entry) bucket;
	TAILQ_ENTRY(entry) used;
	struct track_file file;  /* while the copy grows: its key, wishes and serial */
	struct track_copy *copy; /* open: in use or being fetched; a reference */
	size_t users;
	bool stored;
	int64_t since_wall_ms; /* when it was fetched, or begun to be */
};

TAILQ_HEAD(entry_list, entry);

struct track_cache {
	struct track_cache_options options; /* `folder` is a copy */
	struct track_disk disk;
	struct track_copy_events events;
	pthread_t threads[2];
	struct message begin;
	struct timer sweep; /* on disk.writes */

	pthread_mutex_t mutex; /* guards what follows */
	struct entry_list buckets[BUCKETS];
	struct entry_list used; /* the longest unused first */
	int64_t bytes;          /* of stored ones, on the disk */
	uint64_t last_serial;
};

/* A file that goes, on its way to the disk's thread. */
struct removal {
	struct message message;
	char *path;
};

/* ---- what fits ---- */

bool
track_cache_fits(
	track_quality_set wanted, enum track_quality quality, track_quality_set wished)
{
	unsigned better = wanted & ~((TRACK_BIT(quality) << 1) - 1u);

	return (wanted & TRACK_BIT(quality)) != 0 && (better & ~(unsigned)wished) == 0;
}

static bool
is_expired(const struct track_cache *cache, const struct entry *entry)
{
	return entry->stored &&
	       clock_wall_ms() - entry->since_wall_ms >= cache->options.age_most_ms;
}

static bool
fits(const struct track_cache *cache, struct entry *entry, const struct track_want *want)
{
	if (!track_key_equal(&entry->file.key, &want->key) || is_expired(cache, entry))
		return false;
	if (!entry->stored) {
		entry->file = track_copy_file(entry->copy);
		/* Nobody knows yet what comes. */
		if (entry->file.total == 0)
			return want->qualities == entry->file.wished;
	}
	bool instead = entry->file.quality == TRACK_PREVIEW &&
		       (want->qualities & TRACK_ALL_FULL) != 0;
	if (instead && clock_wall_ms() - entry->since_wall_ms >= PREVIEW_INSTEAD_MS)
		return false;
	return track_cache_fits(want->qualities, entry->file.quality, entry->file.wished);
}

static struct entry_list *
bucket_of(struct track_cache *cache, const struct track_key *key)
{
	return &cache->buckets[text_hash(key->account, key->song) % BUCKETS];
}

/* The best that fits. */
static struct entry *
find(struct track_cache *cache, const struct track_want *want)
{
	struct entry *entry, *best = NULL;

	TAILQ_FOREACH (entry, bucket_of(cache, &want->key), bucket) {
		if (fits(cache, entry, want) &&
			(best == NULL || entry->file.quality > best->file.quality))
			best = entry;
	}
	return best;
}

static struct entry *
find_copy(struct track_cache *cache, struct track_copy *copy)
{
	struct track_file file = track_copy_file(copy);
	struct entry *entry;

	TAILQ_FOREACH (entry, bucket_of(cache, &file.key), bucket) {
		if (entry->copy == copy)
			return entry;
	}
	return NULL;
}

/* ---- files that go ---- */

static void
on_removal(struct message *message)
{
	struct removal *removal = CONTAINER_OF(message, struct removal, message);

	unlink(removal->path);
	xfree(removal->path);
	xfree(removal);
}

static char *
path_new(const struct track_cache *cache, const char *name)
{
	struct text path = { 0 };

	text_addf(&path, "%s/%s", cache->options.folder, name);
	return text_take(&path);
}

static void
remove_file(struct track_cache *cache, const struct track_file *file)
{
	struct removal *removal = xcalloc(1, sizeof *removal);
	char name[TRACK_FILE_NAME];

	track_file_name(name, file, false);
	removal->path = path_new(cache, name);
	loop_post(cache->disk.writes, &removal->message, on_removal);
}

/* The mutex is held. */
static void
remove_entry(struct track_cache *cache, struct entry *entry)
{
	TAILQ_REMOVE(bucket_of(cache, &entry->file.key), entry, bucket);
	TAILQ_REMOVE(&cache->used, entry, used);
	if (entry->stored)
		cache->bytes -= track_file_size(entry->file.total);
	if (entry->copy != NULL) {
		track_copy_drop(entry->copy);
		track_copy_unref(entry->copy);
	} else if (entry->stored) {
		remove_file(cache, &entry->file);
	}
	xfree(entry);
}

/* The mutex is held. What is too old, and what is too much. */
static void
evict(struct track_cache *cache)
{
	struct entry *entry = TAILQ_FIRST(&cache->used);

	while (entry != NULL) {
		struct entry *next = TAILQ_NEXT(entry, used);
		bool must_go = cache->bytes > cache->options.bytes_most ||
			       is_expired(cache, entry);
		if (entry->stored && entry->users == 0 && must_go) {
			metric_add(&track_metric_evicted, 1);
			remove_entry(cache, entry);
		}
		entry = next;
	}
	metric_set(&track_metric_cache_bytes, cache->bytes);
}

/* The mutex is held. What nobody uses is closed, or goes. */
static void
rest(struct track_cache *cache, struct entry *entry)
{
	if (entry->users > 0)
		return;
	if (entry->stored) {
		track_copy_unref(entry->copy);
		entry->copy = NULL;
		evict(cache);
	} else if (track_copy_is_passing(entry->copy)) {
		remove_entry(cache, entry);
	}
}

/* ---- what copies tell ---- */

/* A song of the same form that came before. */
static void
replace_older(struct track_cache *cache, const struct entry *newest)
{
	struct entry *entry, *next;

	for (entry = TAILQ_FIRST(bucket_of(cache, &newest->file.key)); entry != NULL;
		entry = next) {
		next = TAILQ_NEXT(entry, bucket);
		if (entry != newest && entry->stored &&
			entry->file.quality == newest->file.quality &&
			track_key_equal(&entry->file.key, &newest->file.key))
			remove_entry(cache, entry);
	}
}

static void
on_stored(void *arg, struct track_copy *copy)
{
	struct track_cache *cache = arg;

	pthread_mutex_lock(&cache->mutex);
	struct entry *entry = find_copy(cache, copy);
	if (entry != NULL) {
		entry->file = track_copy_file(copy);
		entry->stored = true;
		entry->since_wall_ms = clock_wall_ms();
		cache->bytes += track_file_size(entry->file.total);
		replace_older(cache, entry);
		rest(cache, entry);
		evict(cache);
	} else {
		track_copy_drop(copy);
	}
	pthread_mutex_unlock(&cache->mutex);
}

static void
on_unstored(void *arg, struct track_copy *copy)
{
	track_cache_settle(arg, copy);
}

static void
on_damaged(void *arg, struct track_copy *copy)
{
	struct track_file file = track_copy_file(copy);

	metric_add(&track_metric_damaged, 1);
	log_warn_limited("track_file_damaged", LOG_TEXT("song", file.key.song),
		LOG_TEXT("quality", track_quality_name(file.quality)));
	track_cache_forget(arg, copy);
}

/* ---- taking ---- */

static struct track_copy_options
copy_options(const struct track_cache *cache)
{
	return (struct track_copy_options){ .disk = &cache->disk,
		.folder = cache->options.folder,
		.keep = cache->options.bytes_most > 0 && cache->options.age_most_ms > 0,
		.events = &cache->events };
}

static struct entry *
add_entry(struct track_cache *cache, const struct track_file *file)
{
	struct entry *entry = xcalloc(1, sizeof *entry);

	entry->file = *file;
	entry->since_wall_ms = clock_wall_ms();
	TAILQ_INSERT_TAIL(bucket_of(cache, &file->key), entry, bucket);
	TAILQ_INSERT_TAIL(&cache->used, entry, used);
	return entry;
}

static struct entry *
begin_entry(struct track_cache *cache, const struct track_want *want)
{
	const struct track_copy_options options = copy_options(cache);
	const struct track_file file = {
		.key = want->key, .wished = want->qualities, .serial = ++cache->last_serial
	};
	struct entry *entry = add_entry(cache, &file);

	entry->copy = track_copy_new(&options, &file);
	return entry;
}

struct track_copy *
track_cache_take(struct track_cache *cache, const struct track_want *want, bool *fresh)
{
	const struct track_copy_options options = copy_options(cache);

	pthread_mutex_lock(&cache->mutex);
	struct entry *entry = find(cache, want);
	*fresh = entry == NULL;
	if (entry == NULL) {
		metric_add(&track_metric_misses, 1);
		entry = begin_entry(cache, want);
	} else {
		metric_add(entry->stored ? &track_metric_hits : &track_metric_joined, 1);
		TAILQ_REMOVE(&cache->used, entry, used);
		TAILQ_INSERT_TAIL(&cache->used, entry, used);
	}
	if (entry->copy == NULL)
		entry->copy = track_copy_open(&options, &entry->file);
	entry->users++;
	struct track_copy *copy = track_copy_ref(entry->copy);
	pthread_mutex_unlock(&cache->mutex);
	return copy;
}

void
track_cache_give_back(struct track_cache *cache, struct track_copy *take_copy)
{
	pthread_mutex_lock(&cache->mutex);
	struct entry *entry = find_copy(cache, take_copy);
	if (entry != NULL) {
		entry->users--;
		rest(cache, entry);
	}
	pthread_mutex_unlock(&cache->mutex);
	track_copy_unref(take_copy);
}

void
track_cache_forget(struct track_cache *cache, struct track_copy *copy)
{
	pthread_mutex_lock(&cache->mutex);
	struct entry *entry = find_copy(cache, copy);
	if (entry != NULL)
		remove_entry(cache, entry);
	pthread_mutex_unlock(&cache->mutex);
}

void
track_cache_settle(struct track_cache *cache, struct track_copy *copy)
{
	pthread_mutex_lock(&cache->mutex);
	struct entry *entry = find_copy(cache, copy);
	if (entry != NULL)
		rest(cache, entry);
	pthread_mutex_unlock(&cache->mutex);
}

bool
track_cache_peek(struct track_cache *cache, const struct track_want *want,
	struct track_format *format)
{
	bool known = false;

	pthread_mutex_lock(&cache->mutex);
	struct entry *entry = find(cache, want);
	if (entry != NULL && entry->copy != NULL) {
		known = track_copy_head(entry->copy, format);
	} else if (entry != NULL) {
		*format = track_format_of(entry->file.quality);
		format->size = entry->file.total;
		known = true;
	}
	pthread_mutex_unlock(&cache->mutex);
	return known;
}

/* ---- what an earlier process has left ---- */

static void
take_up(struct track_cache *cache, const struct track_found_list *found)
{
	pthread_mutex_lock(&cache->mutex);
	for (size_t i = 0; i < found->count; i++) {
		struct entry *entry = add_entry(cache, &found->of[i].file);
		entry->stored = true;
		entry->since_wall_ms = found->of[i].since_wall_ms;
		cache->bytes += track_file_size(entry->file.total);
		if (entry->file.serial > cache->last_serial)
			cache->last_serial = entry->file.serial;
		replace_older(cache, entry);
	}
	log_info("track_cache_opened", LOG_NUMBER("tracks", found->count),
		LOG_NUMBER("bytes", cache->bytes));
	evict(cache);
	pthread_mutex_unlock(&cache->mutex);
}

/* ---- threads ---- */

static void
on_sweep(void *arg)
{
	struct track_cache *cache = arg;

	pthread_mutex_lock(&cache->mutex);
	evict(cache);
	pthread_mutex_unlock(&cache->mutex);
	timer_start(&cache->sweep, SWEEP_MS);
}

static void
on_begin(struct message *message)
{
	on_sweep(CONTAINER_OF(message, struct track_cache, begin));
}

static void *
run_writes(void *arg)
{
	struct track_cache *cache = arg;

	loop_run(cache->disk.writes);
	timer_stop(&cache->sweep);
	return NULL;
}

static void *
run_reads(void *arg)
{
	struct track_cache *cache = arg;

	loop_run(cache->disk.reads);
	return NULL;
}

static void
start_threads(struct track_cache *cache)
{
	cache->disk.writes = loop_new("disk-writes");
	cache->disk.reads = loop_new("disk-reads");
	loop_allow_blocking(cache->disk.writes);
	loop_allow_blocking(cache->disk.reads);
	timer_init(&cache->sweep, cache->disk.writes, on_sweep, cache);
	int failed = pthread_create(&cache->threads[0], NULL, run_writes, cache) |
		     pthread_create(&cache->threads[1], NULL, run_reads, cache);
	assert(failed == 0);
	(void)failed;
	loop_post(cache->disk.writes, &cache->begin, on_begin);
}

static void
cache_free(struct track_cache *cache)
{
	loop_free(cache->disk.reads);
	loop_free(cache->disk.writes);
	pthread_mutex_destroy(&cache->mutex);
	xfree((char *)cache->options.folder);
	xfree(cache);
}

struct track_cache *
track_cache_start(const struct track_cache_options *options, char *why, size_t why_size)
{
	struct track_cache *cache = xcalloc(1, sizeof *cache);
	struct track_found_list found;

	cache->options = *options;
	cache->options.folder = xstrdup(options->folder);
	cache->events =
		(struct track_copy_events){ on_stored, on_unstored, on_damaged, cache };
	cache->last_serial = (uint64_t)clock_wall_ms();
	pthread_mutex_init(&cache->mutex, NULL);
	TAILQ_INIT(&cache->used);
	for (size_t i = 0; i < BUCKETS; i++)
		TAILQ_INIT(&cache->buckets[i]);
	if (mkdir(options->folder, 0700) != 0 && errno != EEXIST) {
		snprintf(why, why_size, "%s cannot be made: %s", options->folder,
			strerror(errno));
		cache_free(cache);
		return NULL;
	}
	start_threads(cache);
	if (!track_scan(&found, options->folder)) {
		snprintf(why, why_size, "%s cannot be read: %s", options->folder,
			strerror(errno));
		track_cache_stop(cache);
		return NULL;
	}
	take_up(cache, &found);
	xfree(found.of);
	return cache;
}

void
track_cache_stop(struct track_cache *cache)
{
	struct entry *entry;

	if (cache == NULL)
		return;
	/* What is under way to the disk gets there. */
	loop_stop(cache->disk.reads);
	pthread_join(cache->threads[1], NULL);
	loop_stop(cache->disk.writes);
	pthread_join(cache->threads[0], NULL);
	/* Files that are whole stay; the rest never was a file of ours. */
	while ((entry = TAILQ_FIRST(&cache->used)) != NULL) {
		TAILQ_REMOVE(&cache->used, entry, used);
		TAILQ_REMOVE(bucket_of(cache, &entry->file.key), entry, bucket);
		track_copy_unref(entry->copy);
		xfree(entry);
	}
	cache_free(cache);
}
