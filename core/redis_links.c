#include "core/redis_links.h"

#include <hiredis/adapters/libevent.h>
#include <hiredis/async.h>
#include <hiredis/hiredis.h>
#include <string.h>

#include "core/crypto.h"
#include "core/log.h"
#include "core/redis.h"
#include "core/resolve.h"

#define LINKS_MAGIC 0x6c696e6bu

enum {
	RETRY_LEAST_MS = 250,
	RETRY_MOST_MS = 5000,
	CHANNEL_SIZE = 96,
};

enum link_kind { LINK_COMMANDS, LINK_CHANNELS, LINKS };

struct redis_links {
	unsigned magic;
	struct loop *loop;
	struct redis_url url;
	char channels[REDIS_CHANNELS_MOST][CHANNEL_SIZE];
	size_t channel_count;
	struct redis_links_observer observer;
	struct resolve *resolve;
	redisAsyncContext *contexts[LINKS]; /* NULL: not even trying */
	bool ready[LINKS];
	bool up;
	bool losing; /* one is gone, the other follows within this turn */
	bool stopping;
	int attempts;
	char why[128]; /* of the last loss */
	struct timer retry;
	struct timer due; /* of connecting */
};

/* ---- losing ---- */

static void
free_contexts(struct redis_links *links)
{
	for (size_t i = 0; i < LINKS; i++) {
		redisAsyncContext *context = links->contexts[i];
		links->contexts[i] = NULL;
		links->ready[i] = false;
		/* Calls back with NULL for whatever waits for an answer. */
		if (context != NULL)
			redisAsyncFree(context);
	}
}

static int64_t
retry_delay_ms(int attempts)
{
	int64_t delay_ms = RETRY_LEAST_MS;

	while (attempts-- > 0 && delay_ms < RETRY_MOST_MS)
		delay_ms *= 2;
	if (delay_ms > RETRY_MOST_MS)
		delay_ms = RETRY_MOST_MS;
	return delay_ms + crypto_random_below(delay_ms / 4);
}

void
redis_links_drop(struct redis_links *links, const char *why)
{
	bool was_up = links->up;

	links->up = false;
	links->losing = false;
	timer_stop(&links->due);
	free_contexts(links);
	if (links->stopping)
		return;
	if (was_up || links->attempts == 0)
		log_warn("redis_lost", LOG_TEXT("host", links->url.host),
			LOG_TEXT("why", why));
	timer_start(&links->retry, retry_delay_ms(links->attempts++));
	if (was_up)
		links->observer.changed(links->observer.arg, false);
}

/* Never inside a callback of hiredis' on the same connection. */
static void
drop_later(void *arg)
{
	struct redis_links *links = CAST(arg, LINKS_MAGIC);

	if (links->losing)
		redis_links_drop(links, links->why);
}

static void
lose(struct redis_links *links, const redisAsyncContext *context, const char *why)
{
	bool ours = false;

	for (size_t i = 0; i < LINKS; i++) {
		ours = ours || links->contexts[i] == context;
		if (links->contexts[i] == context)
			links->contexts[i] = NULL; /* hiredis frees it */
	}
	if (!ours || links->losing)
		return;
	links->losing = true;
	copy_text(links->why, sizeof links->why, why);
	/* Within this turn, when hiredis has returned. */
	loop_later(links->loop, drop_later, links);
}

static void
on_disconnected(const redisAsyncContext *context, int status)
{
	(void)status;
	lose(context->data, context,
		context->err != 0 ? context->errstr : "the connection was closed");
}

static void
on_due(void *arg)
{
	redis_links_drop(CAST(arg, LINKS_MAGIC), "no connection in time");
}

/* ---- connecting ---- */

/* Both are there and Redis has let us in. */
static void
check_up(struct redis_links *links)
{
	if (links->up || links->losing || !links->ready[LINK_COMMANDS] ||
		!links->ready[LINK_CHANNELS])
		return;
	links->up = true;
	links->attempts = 0;
	timer_stop(&links->due);
	log_info("redis_connected", LOG_TEXT("host", links->url.host),
		LOG_NUMBER("port", links->url.port));
	links->observer.changed(links->observer.arg, true);
}

/* Whether Redis has said no. */
static bool
is_refused(struct redis_links *links, redisAsyncContext *context, const redisReply *reply)
{
	if (reply->type != REDIS_REPLY_ERROR)
		return false;
	log_error("redis_refused", LOG_TEXT("host", links->url.host),
		LOG_SLICE("why", ((struct slice){ reply->str, reply->len })));
	links->attempts = links->attempts > 0 ? links->attempts : 1;
	redisAsyncDisconnect(context);
	return true;
}

/* Of AUTH. */
static void
on_greeted(redisAsyncContext *context, void *answer, void *private_data)
{
	(void)private_data;
	if (answer != NULL)
		(void)is_refused(context->data, context, answer);
}

/* Of SELECT, the last word of the greeting. */
static void
on_ready(redisAsyncContext *context, void *answer, void *private_data)
{
	struct redis_links *links = context->data;

	(void)private_data;
	if (answer == NULL || is_refused(links, context, answer))
		return;
	links->ready[LINK_COMMANDS] = true;
	check_up(links);
}

/* ["subscribe", channel, n] or ["message", channel, text] */
static void
on_channel(redisAsyncContext *context, void *answer, void *private_data)
{
	struct redis_links *links = context->data;
	const redisReply *reply = answer;

	(void)private_data;
	if (reply == NULL || links->stopping || is_refused(links, context, reply) ||
		reply->type != REDIS_REPLY_ARRAY || reply->elements != 3 ||
		reply->element[0]->type != REDIS_REPLY_STRING)
		return;
	if (strcmp(reply->element[0]->str, "message") == 0) {
		links->observer.published(links->observer.arg, reply);
	} else if (reply->element[2]->integer == (long long)links->channel_count) {
		links->ready[LINK_CHANNELS] = true;
		check_up(links);
	}
}

static void
greet(struct redis_links *links, redisAsyncContext *context)
{
	const struct redis_url *url = &links->url;

	if (url->user[0] != '\0')
		redisAsyncCommand(
			context, on_greeted, NULL, "AUTH %s %s", url->user, url->password);
	else if (url->password[0] != '\0')
		redisAsyncCommand(context, on_greeted, NULL, "AUTH %s", url->password);
	if (context == links->contexts[LINK_COMMANDS]) {
		redisAsyncCommand(
			context, on_ready, NULL, "SELECT %lld", (long long)url->database);
		return;
	}
	for (size_t i = 0; i < links->channel_count; i++)
		redisAsyncCommand(
			context, on_channel, NULL, "SUBSCRIBE %s", links->channels[i]);
}

static void
on_connected(const redisAsyncContext *context, int status)
{
	struct redis_links *links = context->data;

	if (status != REDIS_OK) {
		lose(links, context, context->errstr);
		return;
	}
	for (size_t i = 0; i < LINKS; i++) {
		if (links->contexts[i] == context)
			greet(links, links->contexts[i]);
	}
}

static bool
open_link(struct redis_links *links, enum link_kind kind, const char *address)
{
	redisAsyncContext *context = redisAsyncConnect(address, links->url.port);

	if (context == NULL)
		return false;
	links->contexts[kind] = context;
	context->data = links;
	if (context->err != 0 ||
		redisLibeventAttach(context, loop_base(links->loop)) != REDIS_OK)
		return false;
	redisAsyncSetConnectCallback(context, on_connected);
	redisAsyncSetDisconnectCallback(context, on_disconnected);
	return true;
}

static void
on_retry(void *arg)
{
	struct redis_links *links = CAST(arg, LINKS_MAGIC);
	char address[64];

	if (!resolve_text(links->resolve, address, sizeof address)) {
		redis_links_drop(links, "its address is not known");
		return;
	}
	timer_start(&links->due, REDIS_TIMEOUT_MS);
	if (!open_link(links, LINK_COMMANDS, address) ||
		!open_link(links, LINK_CHANNELS, address))
		redis_links_drop(links, "no connection could be begun");
}

/* ---- life ---- */

struct redis_links *
redis_links_start(struct loop *loop, const struct redis_url *url,
	const char *const *channels, size_t channel_count,
	struct redis_links_observer observer)
{
	struct redis_links *links = xcalloc(1, sizeof *links);

	assert(channel_count > 0 && channel_count <= REDIS_CHANNELS_MOST);
	links->magic = LINKS_MAGIC;
	links->loop = loop;
	links->url = *url;
	links->observer = observer;
	links->channel_count = channel_count;
	for (size_t i = 0; i < channel_count; i++)
		copy_text(links->channels[i], CHANNEL_SIZE, channels[i]);
	links->resolve = resolve_start(url->host, url->port);
	timer_init(&links->retry, loop, on_retry, links);
	timer_init(&links->due, loop, on_due, links);
	timer_start(&links->retry, 0);
	return links;
}

static void
free_links(void *arg)
{
	struct redis_links *links = CAST(arg, LINKS_MAGIC);

	explicit_bzero(&links->url, sizeof links->url);
	links->magic = 0;
	xfree(links);
}

void
redis_links_stop(struct redis_links *links)
{
	links->stopping = true;
	redis_links_drop(links, "we stop");
	timer_stop(&links->retry);
	resolve_stop(links->resolve);
	/* A loss of this turn may have left a drop_later behind. */
	loop_later(links->loop, free_links, links);
}

bool
redis_links_are_up(const struct redis_links *links)
{
	return links->up && !links->losing;
}

struct redisAsyncContext *
redis_links_commands(struct redis_links *links)
{
	return links->contexts[LINK_COMMANDS];
}
