/* Track cache: which songs lie on the disk or are being fetched right now, for the whole
 * process: one download of a song at a time, whoever asks for it on whatever worker.
 *
 * Bounded by bytes and by age; what has been unused longest goes first, what is in use
 * never. A file is a song's only when all of it is there (providers/track_file); whatever
 * else an earlier process left in the folder is removed at the start. Any thread; a lock of
 * its own.
 */
#ifndef PROVIDERS_TRACK_CACHE_H
#define PROVIDERS_TRACK_CACHE_H

#include "providers/track_copy.h"

struct track_cache;

struct track_cache_options {
	const char *folder; /* made when it is missing */
	/* Of all files; 0: nothing is stored beyond its playing. */
	int64_t bytes_most;
	int64_t age_most_ms; /* since it was fetched; 0: the same */
};

/* Looks at what is there, before anybody is served, and starts the disk's threads. NULL
 * with a sentence when the folder cannot be used. */
MUST_CHECK struct track_cache *track_cache_start(
	const struct track_cache_options *options, char *why, size_t why_size);
/* When no worker uses it any more, before their loops are freed. Accepts NULL. */
void track_cache_stop(struct track_cache *cache);

struct track_want {
	struct track_key key;
	track_quality_set qualities; /* any of them; not empty */
};

/* A copy that has what is wanted, with a reference and a use for the caller. `*fresh`: it
 * has just been made, and the caller has to fill it. */
struct track_copy *track_cache_take(
	struct track_cache *cache, const struct track_want *want, bool *fresh);
/* Ends the use and the reference. */
void track_cache_give_back(struct track_cache *cache, struct track_copy *take_copy);
/* Nobody else gets it: it has failed, or was given up. */
void track_cache_forget(struct track_cache *cache, struct track_copy *copy);
/* Its download has ended well. */
void track_cache_settle(struct track_cache *cache, struct track_copy *copy);
/* What track_cache_take would give, without using it: false when that is not known. */
MUST_CHECK bool track_cache_peek(struct track_cache *cache, const struct track_want *want,
	struct track_format *format);

/* May a copy of that quality, which was the best to be had of what was wished, answer this?
 * Pure. */
bool track_cache_fits(
	track_quality_set wanted, enum track_quality quality, track_quality_set wished);

#endif
