/* Track download: fills a copy (providers/track_copy.h) from a provider, on the loop of the
 * worker whose listener asked first.
 *
 * Waits for a slot of the account, fetches at the source's speed as long as there is room,
 * and gives the slot back when the last byte has come, not when it has been heard. When the
 * last listener leaves, a download that is nearly through goes on, and another one waits a
 * moment for a listener to come back, then it is given up: at once if somebody else waits
 * for its slot.
 */
#ifndef PROVIDERS_TRACK_DOWNLOAD_H
#define PROVIDERS_TRACK_DOWNLOAD_H

#include "providers/track_cache.h"
#include "providers/track_fetch.h"
#include "providers/track_slots.h"

enum {
	TRACK_SLOT_WAIT_MS = 20 * 1000,
	TRACK_LINGER_MS = 10 * 1000,          /* without a listener */
	TRACK_FINISH_MS = 60 * 1000,          /* the same, nearly through */
	TRACK_NEARLY_BYTES = 2 * 1024 * 1024, /* what is left then, or a quarter */
};

struct track_download;

struct track_download_options {
	struct track_place place;
	struct track_cache *cache;
	struct track_slots *slots;
	uint64_t account; /* for the slot */
	int downloads;    /* of the account at a time; 0: no limit */
	/* The download is gone when it returns; never before start has returned. */
	void (*ended)(void *arg, struct track_download *download);
	void *arg;
};

/* References the copy. The wish is copied. */
struct track_download *track_download_start(const struct track_download_options *options,
	const struct track_wish *wish, struct track_copy *copy);
/* Gives up; the copy fails with ERR_IO, and its readers take another one. `ended` is not
 * called. */
void track_download_cancel(struct track_download *download);

#endif
