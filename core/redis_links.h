/* Redis links: the two connections of core/redis, for commands and for what is published.
 * They live and die together, and come again by themselves: 0.25 s doubling to 5 s, a
 * quarter more by chance. The other half of core/redis; nobody else includes this. On its
 * loop.
 */
#ifndef CORE_REDIS_LINKS_H
#define CORE_REDIS_LINKS_H

#include "core/loop.h"
#include "core/redis_url.h"

struct redisAsyncContext;
struct redisReply;
struct redis_links;

/* Called on the loop, not from within a call of the owner's but redis_links_drop. */
struct redis_links_observer {
	void (*changed)(void *arg, bool up);
	/* ["message", channel, text]; borrowed. */
	void (*published)(void *arg, const struct redisReply *message);
	void *arg;
};

/* Rules as of redis_start. */
struct redis_links *redis_links_start(struct loop *loop, const struct redis_url *url,
	const char *const *channels, size_t channel_count,
	struct redis_links_observer observer);
/* Commands that wait are called back with NULL, the observer is not. */
void redis_links_stop(struct redis_links *links);
/* Gives both up, to begin anew; commands that wait are called back with NULL. Not from
 * within a callback of hiredis'. */
void redis_links_drop(struct redis_links *links, const char *why);
/* Commands may be sent. */
bool redis_links_are_up(const struct redis_links *links);
/* Where to; while they are up. */
struct redisAsyncContext *redis_links_commands(struct redis_links *links);

#endif
