/* Play pass: a PlaySessionId of ours that authorises its own item, and nothing else.
 *
 * Cast receivers fetch a stream without headers; the PlaySessionId that PlaybackInfo gave
 * their controller lets them (architecture §5.2). It needs no memory: 4 bytes of expiry and
 * 12 bytes of an HMAC over item and expiry with a key made at start. Any thread.
 */
#ifndef PROXY_PLAY_PASS_H
#define PROXY_PLAY_PASS_H

#include <stdbool.h>
#include <stdint.h>

#include "core/text.h"

enum { PLAY_PASS_HEX = 33 };

struct play_passes;

struct play_passes *play_passes_new(void);
void play_passes_free(struct play_passes *passes);

/* 32 hex. `wall_ms` is now; good for `lifetime_ms`. */
void play_pass_issue(const struct play_passes *passes, char hex[PLAY_PASS_HEX],
	const char *item_id, int64_t wall_ms, int64_t lifetime_ms);
/* Did we issue this for that item, and is it still good? */
bool play_pass_is_good(const struct play_passes *passes, struct slice hex,
	const char *item_id, int64_t wall_ms);

#endif
