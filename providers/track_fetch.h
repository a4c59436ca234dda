/* Track fetch: the bytes of a song, or of a part of it, from its provider, come what may.
 *
 * Opens the song, asks for the bytes, undoes the source's filter, and gives them out in
 * order. A source that stalls, cuts, refuses or expires is resumed at the byte where it
 * ended: at the same address while it brings anything, else at the source's next one, else
 * at one that the provider is asked for anew. What a resumed source brings must have the
 * same length and overlap what was given before by the same bytes: a song that has changed
 * meanwhile is never glued together.
 *
 * Belongs to its loop. A callback may pause, resume or cancel its own fetch.
 */
#ifndef PROVIDERS_TRACK_FETCH_H
#define PROVIDERS_TRACK_FETCH_H

#include "providers/provider.h"

/* A provider as one worker has it. All borrowed. */
struct track_place {
	const struct provider_ops *ops;
	void *seat;
	struct http_client *client;
	struct loop *loop;
};

struct track_fetch_part {
	int64_t first;
	int64_t last;  /* inclusive; -1: to the end */
	int64_t total; /* what is known of the song's length; 0: nothing */
};

struct track_fetch_callbacks {
	/* Once, before any data. Behind a filter with a check only when the first bytes
	 * have passed it. */
	void (*on_head)(void *arg, int64_t total, const struct track_format *format);
	void (*on_data)(void *arg, const void *data, size_t size);
	/* Once; the fetch is gone after it. ERR_NONE: every byte was given. Else those of
	 * provider_ops.open_start; ERR_DENIED also when the filter's key is wrong,
	 * ERR_PROTOCOL also when the song has changed. */
	void (*on_done)(void *arg, enum err err);
};

struct track_fetch;

/* None of the callbacks fires before this has returned. The wish is copied. */
struct track_fetch *track_fetch_start(const struct track_place *place,
	const struct track_wish *wish, const struct track_fetch_part *part,
	const struct track_fetch_callbacks *callbacks, void *arg);
/* Back-pressure. */
void track_fetch_pause(struct track_fetch *fetch);
void track_fetch_resume(struct track_fetch *fetch);
/* Silence. */
void track_fetch_cancel(struct track_fetch *fetch);

/* A wish with its texts. */
struct track_kept_wish {
	struct track_wish wish;
	char user_id[33];
	char user_name[128];
};
void track_keep_wish(struct track_kept_wish *kept, const struct track_wish *wish);

#endif
