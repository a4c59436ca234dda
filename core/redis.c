#include "core/redis.h"

#include <hiredis/adapters/libevent.h>
#include <hiredis/async.h>
#include <hiredis/hiredis.h>
#include <stdio.h>
#include <string.h>
#include <sys/queue.h>

#include "core/clock.h"
#include "core/crypto.h"
#include "core/log.h"
#include "core/resolve.h"

#define REDIS_MAGIC 0x72656469u
#define CALL_MAGIC  0x63616c6cu

enum {
	RETRY_LEAST_MS = 250,
	RETRY_MOST_MS = 5000,
	CHANNEL_SIZE = 96,
	WORDS_MOST = 600,
};

/* A command under way. Belongs to the list until its answer has come; hiredis holds it as
 * the command's private data and calls once, with the answer or with NULL. */
struct call {
	unsigned magic;
	TAILQ_ENTRY(call) link;
	struct redis *redis;
	void (*done)(
		void *arg, void *context, enum err err, const struct redis_reply *reply);
	void *arg;
	void *context;
	int64_t due_ms;
	enum err err;
	/* Of a script, until Redis has it: the words of EVAL. */
	const struct redis_script *script;
	struct text *words;
	size_t word_count;
	size_t key_count;
};

TAILQ_HEAD(call_list, call);

enum link_kind { LINK_COMMANDS, LINK_CHANNELS, LINKS };

struct redis {
	unsigned magic;
	struct loop *loop;
	struct redis_url url;
	char channels[REDIS_CHANNELS_MOST][CHANNEL_SIZE];
	size_t channel_count;
	struct redis_observer observer;
	struct resolve *resolve;
	redisAsyncContext *links[LINKS]; /* NULL: not even trying */
	bool ready[LINKS];
	bool up;
	bool losing; /* one link is gone, the other follows within this turn */
	bool stopping;
	int attempts;
	char why[128];           /* of the last loss */
	struct call_list calls;  /* in the order of their answers */
	struct call_list failed; /* to be told in a later turn */
	size_t count;
	struct timer retry;
	struct timer due; /* of connecting, then of the oldest call */
	struct timer tell;
};

/* ---- calls ---- */

static void
free_call(struct call *call)
{
	for (size_t i = 0; i < call->word_count; i++)
		text_fini(&call->words[i]);
	xfree(call->words);
	xfree(call->context);
	call->magic = 0;
	xfree(call);
}

/* It is on no list any more. */
static void
finish(struct call *call, enum err err, const redisReply *reply)
{
	struct redis *redis = call->redis;

	redis->count--;
	if (call->done != NULL && !redis->stopping)
		call->done(call->arg, call->context, err, (const void *)reply);
	free_call(call);
}

static void
on_tell(void *arg)
{
	struct redis *redis = CAST(arg, REDIS_MAGIC);
	struct call *call;

	while ((call = TAILQ_FIRST(&redis->failed)) != NULL) {
		TAILQ_REMOVE(&redis->failed, call, link);
		finish(call, call->err, NULL);
	}
}

static void
fail_later(struct call *call, enum err err)
{
	struct redis *redis = call->redis;

	call->err = err;
	TAILQ_INSERT_TAIL(&redis->failed, call, link);
	timer_start(&redis->tell, 0);
}

/* The oldest call, or what connecting is waiting for, decides when we give up. */
static void
watch_oldest(struct redis *redis)
{
	const struct call *oldest = TAILQ_FIRST(&redis->calls);

	if (!redis->up)
		return;
	if (oldest == NULL) {
		timer_stop(&redis->due);
		return;
	}
	int64_t wait_ms = oldest->due_ms - clock_now_ms();
	timer_start(&redis->due, wait_ms > 0 ? wait_ms : 0);
}

/* ---- losing and connecting ---- */

static void start_connecting(void *arg);

static void
drop(struct redis *redis, const char *why)
{
	bool was_up = redis->up;

	copy_text(redis->why, sizeof redis->why, why);
	redis->up = false;
	redis->losing = false;
	timer_stop(&redis->due);
	for (size_t i = 0; i < LINKS; i++) {
		redisAsyncContext *context = redis->links[i];
		redis->links[i] = NULL;
		redis->ready[i] = false;
		/* Calls back with NULL for whatever waits for an answer. */
		if (context != NULL)
			redisAsyncFree(context);
	}
	if (redis->stopping)
		return;
	int64_t delay_ms = RETRY_LEAST_MS;
	for (int i = 0; i < redis->attempts && delay_ms < RETRY_MOST_MS; i++)
		delay_ms *= 2;
	if (delay_ms > RETRY_MOST_MS)
		delay_ms = RETRY_MOST_MS;
	if (was_up || redis->attempts == 0)
		log_warn("redis_lost", LOG_TEXT("host", redis->url.host),
			LOG_TEXT("why", redis->why));
	redis->attempts++;
	timer_start(&redis->retry, delay_ms + crypto_random_below(delay_ms / 4));
	if (was_up)
		redis->observer.changed(redis->observer.arg, false);
}

/* Never inside a callback of hiredis' on the same connection. */
static void
drop_later(void *arg)
{
	struct redis *redis = CAST(arg, REDIS_MAGIC);

	char why[sizeof redis->why];

	copy_text(why, sizeof why, redis->why);
	if (redis->losing)
		drop(redis, why);
}

static void
lose(struct redis *redis, const redisAsyncContext *context, const char *why)
{
	bool ours = false;

	for (size_t i = 0; i < LINKS; i++) {
		ours = ours || redis->links[i] == context;
		if (redis->links[i] == context)
			redis->links[i] = NULL; /* hiredis frees it */
	}
	if (!ours || redis->losing)
		return;
	redis->losing = true;
	copy_text(redis->why, sizeof redis->why, why);
	/* Within this turn, when hiredis has returned. */
	loop_later(redis->loop, drop_later, redis);
}

static void
on_disconnected(const redisAsyncContext *context, int status)
{
	struct redis *redis = context->data;

	(void)status;
	if (redis != NULL)
		lose(redis, context,
			context->err != 0 ? context->errstr : "the connection was closed");
}

static void
on_due(void *arg)
{
	struct redis *redis = CAST(arg, REDIS_MAGIC);

	drop(redis, redis->up ? "no answer in time" : "no connection in time");
}

/* Both are there and Redis has let us in. */
static void
check_up(struct redis *redis)
{
	if (redis->up || !redis->ready[LINK_COMMANDS] || !redis->ready[LINK_CHANNELS])
		return;
	redis->up = true;
	redis->attempts = 0;
	timer_stop(&redis->due);
	log_info("redis_connected", LOG_TEXT("host", redis->url.host),
		LOG_NUMBER("port", redis->url.port));
	redis->observer.changed(redis->observer.arg, true);
}

/* Answers of AUTH and SELECT; `private_data` is the last one's link. */
static void
on_greeted(redisAsyncContext *context, void *answer, void *private_data)
{
	struct redis *redis = context->data;
	const redisReply *reply = answer;

	(void)private_data;
	if (redis == NULL || reply == NULL || reply->type != REDIS_REPLY_ERROR)
		return;
	log_error("redis_refused", LOG_TEXT("host", redis->url.host),
		LOG_SLICE("why", ((struct slice){ reply->str, reply->len })));
	redis->attempts = redis->attempts > 0 ? redis->attempts : 1;
	redisAsyncDisconnect(context);
}

static void
on_ready(redisAsyncContext *context, void *answer, void *private_data)
{
	struct redis *redis = context->data;
	const redisReply *reply = answer;

	(void)private_data;
	if (redis == NULL || reply == NULL)
		return;
	if (reply->type == REDIS_REPLY_ERROR) {
		on_greeted(context, answer, private_data);
		return;
	}
	redis->ready[LINK_COMMANDS] = true;
	check_up(redis);
}

/* ["subscribe", channel, n] or ["message", channel, text] */
static void
on_channel(redisAsyncContext *context, void *answer, void *private_data)
{
	struct redis *redis = context->data;
	const redisReply *reply = answer;

	(void)private_data;
	if (redis == NULL || reply == NULL || redis->stopping)
		return;
	if (reply->type != REDIS_REPLY_ARRAY || reply->elements != 3) {
		on_greeted(context, answer, private_data);
		return;
	}
	const struct redis_reply *list = (const void *)reply;
	struct slice kind = redis_reply_text(redis_reply_at(list, 0));
	if (slice_equal_text(kind, "message")) {
		redis->observer.published(redis->observer.arg,
			redis_reply_text(redis_reply_at(list, 1)),
			redis_reply_text(redis_reply_at(list, 2)));
	} else if (redis_reply_number(redis_reply_at(list, 2), 0) ==
		   (int64_t)redis->channel_count) {
		redis->ready[LINK_CHANNELS] = true;
		check_up(redis);
	}
}

static void
greet(struct redis *redis, redisAsyncContext *context)
{
	const struct redis_url *url = &redis->url;

	if (url->user[0] != '\0')
		redisAsyncCommand(
			context, on_greeted, NULL, "AUTH %s %s", url->user, url->password);
	else if (url->password[0] != '\0')
		redisAsyncCommand(context, on_greeted, NULL, "AUTH %s", url->password);
	if (context == redis->links[LINK_COMMANDS]) {
		redisAsyncCommand(
			context, on_ready, NULL, "SELECT %lld", (long long)url->database);
		return;
	}
	for (size_t i = 0; i < redis->channel_count; i++)
		redisAsyncCommand(
			context, on_channel, NULL, "SUBSCRIBE %s", redis->channels[i]);
}

static void
on_connected(const redisAsyncContext *context, int status)
{
	struct redis *redis = context->data;

	if (redis == NULL)
		return;
	if (status != REDIS_OK)
		lose(redis, context, context->errstr);
	else
		for (size_t i = 0; i < LINKS; i++) {
			if (redis->links[i] == context)
				greet(redis, redis->links[i]);
		}
}

static bool
open_link(struct redis *redis, enum link_kind kind, const char *address)
{
	redisAsyncContext *context = redisAsyncConnect(address, redis->url.port);

	if (context == NULL)
		return false;
	redis->links[kind] = context;
	if (context->err != 0)
		return false;
	context->data = redis;
	if (redisLibeventAttach(context, loop_base(redis->loop)) != REDIS_OK)
		return false;
	redisAsyncSetConnectCallback(context, on_connected);
	redisAsyncSetDisconnectCallback(context, on_disconnected);
	return true;
}

static void
start_connecting(void *arg)
{
	struct redis *redis = CAST(arg, REDIS_MAGIC);
	char address[64];

	if (!resolve_text(redis->resolve, address, sizeof address)) {
		drop(redis, "its address is not known");
		return;
	}
	timer_start(&redis->due, REDIS_TIMEOUT_MS);
	if (!open_link(redis, LINK_COMMANDS, address) ||
		!open_link(redis, LINK_CHANNELS, address))
		drop(redis, "no connection could be begun");
}

/* ---- commands ---- */

static void on_answer(redisAsyncContext *context, void *answer, void *private_data);

static void
send_words(struct call *call, const struct slice *words, size_t count)
{
	struct redis *redis = call->redis;
	const char *texts[WORDS_MOST];
	size_t sizes[WORDS_MOST];

	assert(count <= WORDS_MOST);
	for (size_t i = 0; i < count; i++) {
		texts[i] = words[i].size > 0 ? words[i].data : "";
		sizes[i] = words[i].size;
	}
	call->due_ms = clock_now_ms() + REDIS_TIMEOUT_MS;
	if (redisAsyncCommandArgv(redis->links[LINK_COMMANDS], on_answer, call, (int)count,
		    texts, sizes) != REDIS_OK) {
		fail_later(call, ERR_UNREACHABLE);
		return;
	}
	TAILQ_INSERT_TAIL(&redis->calls, call, link);
	if (TAILQ_FIRST(&redis->calls) == call)
		watch_oldest(redis);
}

/* EVAL or EVALSHA with the call's own words. */
static void
send_script(struct call *call, const char *verb, const char *script)
{
	struct slice words[WORDS_MOST];
	char key_count[24];

	snprintf(key_count, sizeof key_count, "%zu", call->key_count);
	words[0] = slice_of(verb);
	words[1] = slice_of(script);
	words[2] = slice_of(key_count);
	for (size_t i = 0; i < call->word_count; i++)
		words[i + 3] = (struct slice){ call->words[i].data, call->words[i].size };
	send_words(call, words, call->word_count + 3);
}

static void
on_answer(redisAsyncContext *context, void *answer, void *private_data)
{
	struct call *call = CAST(private_data, CALL_MAGIC);
	struct redis *redis = call->redis;
	const redisReply *reply = answer;

	(void)context;
	TAILQ_REMOVE(&redis->calls, call, link);
	watch_oldest(redis);
	if (reply == NULL) {
		fail_later(call, ERR_UNREACHABLE);
		return;
	}
	if (reply->type != REDIS_REPLY_ERROR) {
		finish(call, ERR_NONE, reply);
		return;
	}
	if (call->script != NULL && redis->up && !redis->losing &&
		strncmp(reply->str, "NOSCRIPT", strlen("NOSCRIPT")) == 0) {
		const char *text = call->script->text;
		call->script = NULL; /* once */
		send_script(call, "EVAL", text);
		return;
	}
	log_error("redis_command_failed",
		LOG_SLICE("why", ((struct slice){ reply->str, reply->len })));
	finish(call, ERR_PROTOCOL, NULL);
}

static struct call *
make_call(struct redis *redis,
	void (*done)(
		void *arg, void *context, enum err err, const struct redis_reply *reply),
	void *arg, void *take_context)
{
	struct call *call = xcalloc(1, sizeof *call);

	call->magic = CALL_MAGIC;
	call->redis = redis;
	call->done = done;
	call->arg = arg;
	call->context = take_context;
	redis->count++;
	return call;
}

/* Whether it may be sent; else it has failed. */
static bool
may_send(struct call *call)
{
	struct redis *redis = call->redis;

	if (!redis->up || redis->losing)
		fail_later(call, ERR_UNREACHABLE);
	else if (redis->count > REDIS_PENDING_MOST)
		fail_later(call, ERR_BUSY);
	else
		return true;
	return false;
}

void
redis_command(struct redis *redis, const struct slice *words, size_t count,
	void (*done)(
		void *arg, void *context, enum err err, const struct redis_reply *reply),
	void *arg, void *take_context)
{
	struct call *call = make_call(redis, done, arg, take_context);

	if (may_send(call))
		send_words(call, words, count);
}

void
redis_run(struct redis *redis, const struct redis_script *script, const struct slice *words,
	size_t count, size_t key_count,
	void (*done)(
		void *arg, void *context, enum err err, const struct redis_reply *reply),
	void *arg, void *take_context)
{
	struct call *call = make_call(redis, done, arg, take_context);
	char digest[SHA1_HEX_SIZE];

	assert(count + 3 <= WORDS_MOST);
	if (!may_send(call))
		return;
	call->script = script;
	call->key_count = key_count;
	call->word_count = count;
	call->words = xcalloc(count > 0 ? count : 1, sizeof *call->words);
	for (size_t i = 0; i < count; i++)
		text_add_slice(&call->words[i], words[i]);
	crypto_sha1_hex(digest, script->text, strlen(script->text));
	send_script(call, "EVALSHA", digest);
}

/* ---- replies ---- */

int64_t
redis_reply_number(const struct redis_reply *reply, int64_t otherwise)
{
	const redisReply *real = (const void *)reply;

	return real != NULL && real->type == REDIS_REPLY_INTEGER ? real->integer
								 : otherwise;
}

struct slice
redis_reply_text(const struct redis_reply *reply)
{
	const redisReply *real = (const void *)reply;

	if (real == NULL ||
		(real->type != REDIS_REPLY_STRING && real->type != REDIS_REPLY_STATUS))
		return (struct slice){ 0 };
	return (struct slice){ real->str, real->len };
}

size_t
redis_reply_count(const struct redis_reply *reply)
{
	const redisReply *real = (const void *)reply;

	return real != NULL && real->type == REDIS_REPLY_ARRAY ? real->elements : 0;
}

const struct redis_reply *
redis_reply_at(const struct redis_reply *reply, size_t i)
{
	const redisReply *real = (const void *)reply;

	return i < redis_reply_count(reply) ? (const void *)real->element[i] : NULL;
}

/* ---- life ---- */

struct redis *
redis_start(struct loop *loop, const struct redis_url *url, const char *const *channels,
	size_t channel_count, struct redis_observer observer)
{
	struct redis *redis = xcalloc(1, sizeof *redis);

	assert(channel_count > 0 && channel_count <= REDIS_CHANNELS_MOST);
	redis->magic = REDIS_MAGIC;
	redis->loop = loop;
	redis->url = *url;
	redis->observer = observer;
	redis->channel_count = channel_count;
	for (size_t i = 0; i < channel_count; i++)
		copy_text(redis->channels[i], CHANNEL_SIZE, channels[i]);
	redis->resolve = resolve_start(url->host, url->port);
	TAILQ_INIT(&redis->calls);
	TAILQ_INIT(&redis->failed);
	timer_init(&redis->retry, loop, start_connecting, redis);
	timer_init(&redis->due, loop, on_due, redis);
	timer_init(&redis->tell, loop, on_tell, redis);
	timer_start(&redis->retry, 0);
	return redis;
}

static void
free_redis(void *arg)
{
	struct redis *redis = CAST(arg, REDIS_MAGIC);

	explicit_bzero(&redis->url, sizeof redis->url);
	redis->magic = 0;
	xfree(redis);
}

void
redis_stop(struct redis *redis)
{
	if (redis == NULL)
		return;
	redis->stopping = true;
	drop(redis, "we stop");
	on_tell(redis);
	timer_stop(&redis->retry);
	timer_stop(&redis->tell);
	resolve_stop(redis->resolve);
	/* A loss of this turn may have left a drop_later behind. */
	loop_later(redis->loop, free_redis, redis);
}

bool
redis_is_up(const struct redis *redis)
{
	return redis->up;
}
