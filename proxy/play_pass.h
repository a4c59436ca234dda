/* Play pass: a PlaySessionId of ours that authorises its own item, and nothing else.
 *
 * Cast receivers fetch a stream without headers; the PlaySessionId that PlaybackInfo gave
 * their controller lets them (architecture §5.2), for the user who asked and in the forms
 * that were found to play. It looks like Jellyfin's own: 4 bytes of expiry, 2 that number
 * the user, 1 of qualities, and 9 of an HMAC over these and the item with a key made at
 * start. What it needs to remember is who the users are, until the end of the process. Any
 * thread.
 */
#ifndef PROXY_PLAY_PASS_H
#define PROXY_PLAY_PASS_H

#include <stdbool.h>
#include <stdint.h>

#include "core/text.h"
#include "providers/track_format.h"

enum {
	PLAY_PASS_HEX = 33,
	/* Whoever comes after so many users is nobody to a pass. */
	PLAY_PASS_USERS = 4096,
};

struct play_passes;

struct play_passes *play_passes_new(void);
void play_passes_free(struct play_passes *passes);

/* For whom, and what may come. */
struct play_pass {
	char user_id[33]; /* "" nobody */
	char user_name[128];
	track_quality_set qualities;
};

/* 32 hex. `wall_ms` is now; good for `lifetime_ms`. */
void play_pass_issue(struct play_passes *passes, char hex[PLAY_PASS_HEX],
	const char *item_id, const struct play_pass *pass, int64_t wall_ms,
	int64_t lifetime_ms);
/* Did we issue this for that item, and is it still good? Then `pass` is set. */
bool play_pass_read(struct play_passes *passes, struct play_pass *pass, struct slice hex,
	const char *item_id, int64_t wall_ms);

#endif
