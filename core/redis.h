/* Redis: two connections to one server, for commands and for what is published, over
 * hiredis on the control loop.
 *
 * Connected by itself and again after every loss (core/redis_links). The connections live
 * and die together, so `up` means that commands are answered and published messages arrive;
 * what was published in between is lost, and the owner looks for itself once it is up
 * again. A command that is not answered within 2 s ends both. Needs Redis 6.2 or newer;
 * speaks RESP2 without TLS.
 */
#ifndef CORE_REDIS_H
#define CORE_REDIS_H

#include "core/error.h"
#include "core/loop.h"
#include "core/redis_url.h"
#include "core/text.h"

struct redis;
/* What Redis answered; borrowed until the callback returns. */
struct redis_reply;

/* Called on the loop, never from within a call of the owner's. */
struct redis_observer {
	void (*changed)(void *arg, bool up);
	void (*published)(void *arg, struct slice channel, struct slice text);
	void *arg;
};

enum {
	REDIS_TIMEOUT_MS = 2000,
	REDIS_PENDING_MOST = 8192, /* commands that wait for their answer */
	REDIS_CHANNELS_MOST = 4,
};

/* `url` is copied. `channels` are subscribed to whenever it connects; copied. */
struct redis *redis_start(struct loop *loop, const struct redis_url *url,
	const char *const *channels, size_t channel_count, struct redis_observer observer);
/* Silence from here on. Accepts NULL. */
void redis_stop(struct redis *redis);
bool redis_is_up(const struct redis *redis);

/* `done` fires exactly once, never before this returned, unless redis_stop comes first:
 * ERR_NONE with the reply, ERR_PROTOCOL when Redis says it is an error (logged here),
 * ERR_UNREACHABLE when it is not up or breaks off (whether the command was done is unknown
 * then), ERR_BUSY beyond REDIS_PENDING_MOST. `take_context` is xfree()d after `done`, or by
 * redis_stop. `done` may be NULL. */
void redis_command(struct redis *redis, const struct slice *words, size_t count,
	void (*done)(
		void *arg, void *context, enum err err, const struct redis_reply *reply),
	void *arg, void *take_context);

/* A Lua script that Redis runs in one go; its text is sent only when Redis does not have it
 * yet (EVALSHA, else EVAL). Constant. */
struct redis_script {
	const char *text;
};
/* As redis_command: KEYS are the first `key_count` of `words`, ARGV the rest. */
void redis_run(struct redis *redis, const struct redis_script *script,
	const struct slice *words, size_t count, size_t key_count,
	void (*done)(
		void *arg, void *context, enum err err, const struct redis_reply *reply),
	void *arg, void *take_context);

/* The number, else `otherwise`. */
int64_t redis_reply_number(const struct redis_reply *reply, int64_t otherwise);
/* The text, empty when it is none. */
struct slice redis_reply_text(const struct redis_reply *reply);
/* Elements of a list; 0 when it is none. */
size_t redis_reply_count(const struct redis_reply *reply);
const struct redis_reply *redis_reply_at(const struct redis_reply *reply, size_t i);

#endif
