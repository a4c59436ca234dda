#include "core/redis.h"

#include <hiredis/async.h>
#include <hiredis/hiredis.h>
#include <stdio.h>
#include <string.h>
#include <sys/queue.h>

#include "core/clock.h"
#include "core/crypto.h"
#include "core/log.h"
#include "core/redis_links.h"

#define REDIS_MAGIC 0x72656469u
#define CALL_MAGIC  0x63616c6cu

enum { WORDS_MOST = 600 };

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

struct redis {
	unsigned magic;
	struct loop *loop;
	struct redis_observer observer;
	struct redis_links *links;
	bool stopping;
	struct call_list calls;  /* in the order of their answers */
	struct call_list failed; /* to be told in a later turn */
	size_t count;
	struct timer due; /* of the oldest call */
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

/* The oldest call decides when we give up. */
static void
watch_oldest(struct redis *redis)
{
	const struct call *oldest = TAILQ_FIRST(&redis->calls);

	if (oldest == NULL) {
		timer_stop(&redis->due);
		return;
	}
	int64_t wait_ms = oldest->due_ms - clock_now_ms();
	timer_start(&redis->due, wait_ms > 0 ? wait_ms : 0);
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
	if (redisAsyncCommandArgv(redis_links_commands(redis->links), on_answer, call,
		    (int)count, texts, sizes) != REDIS_OK) {
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
	if (call->script != NULL && redis_links_are_up(redis->links) &&
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

	if (!redis_links_are_up(redis->links))
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

/* ---- the connections ---- */

static void
on_due(void *arg)
{
	struct redis *redis = CAST(arg, REDIS_MAGIC);

	redis_links_drop(redis->links, "no answer in time");
}

static void
on_changed(void *arg, bool up)
{
	struct redis *redis = CAST(arg, REDIS_MAGIC);

	redis->observer.changed(redis->observer.arg, up);
}

static void
on_published(void *arg, const struct redisReply *message)
{
	struct redis *redis = CAST(arg, REDIS_MAGIC);
	const struct redis_reply *list = (const void *)message;

	redis->observer.published(redis->observer.arg,
		redis_reply_text(redis_reply_at(list, 1)),
		redis_reply_text(redis_reply_at(list, 2)));
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

	redis->magic = REDIS_MAGIC;
	redis->loop = loop;
	redis->observer = observer;
	TAILQ_INIT(&redis->calls);
	TAILQ_INIT(&redis->failed);
	timer_init(&redis->due, loop, on_due, redis);
	timer_init(&redis->tell, loop, on_tell, redis);
	redis->links = redis_links_start(loop, url, channels, channel_count,
		(struct redis_links_observer){ on_changed, on_published, redis });
	return redis;
}

void
redis_stop(struct redis *redis)
{
	if (redis == NULL)
		return;
	redis->stopping = true;
	redis_links_stop(redis->links);
	on_tell(redis);
	timer_stop(&redis->due);
	timer_stop(&redis->tell);
	redis->magic = 0;
	xfree(redis);
}

bool
redis_is_up(const struct redis *redis)
{
	return redis_links_are_up(redis->links);
}
