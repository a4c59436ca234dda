#include "session/shared.h"

#include <stdio.h>
#include <string.h>

#include "core/clock.h"
#include "core/crypto.h"
#include "core/log.h"
#include "session/metrics.h"
#include "session/shared_scripts.h"

#define SHARED_MAGIC 0x73686172u
#define PREFIX       "sidetrack:1:"
#define RELEASED     PREFIX "released"
#define TAKEN        PREFIX "taken"

_Static_assert(RECORD_VERSION == 1, "the number in PREFIX");

enum {
	INSTANCE_HEX_SIZE = 17,
	KEY_CHECK_MS = 20 * 1000,
};

struct shared {
	unsigned magic;
	const struct seal *seal;
	struct shared_observer observer;
	struct redis *redis;
	char instance[INSTANCE_HEX_SIZE];
	char mailbox[64]; /* the channel that is ours */
	bool usable;      /* everybody seals with our key */
	bool warned;
	struct timer key_check;
};

/* ---- asking ---- */

/* Travels with a question; redis frees it. */
struct question {
	struct shared *shared;
	shared_done_fn *done;
	void *arg;
	int64_t sent_ms;
	size_t count;
	char devices[][RECORD_ID_SIZE];
};

static struct question *
ask_about(struct shared *shared, const char *const *devices, size_t count,
	shared_done_fn *done, void *arg)
{
	struct question *question =
		xcalloc(1, sizeof *question + count * sizeof question->devices[0]);

	question->shared = shared;
	question->done = done;
	question->arg = arg;
	question->sent_ms = clock_now_ms();
	question->count = count;
	for (size_t i = 0; i < count; i++)
		copy_text(question->devices[i], RECORD_ID_SIZE, devices[i]);
	return question;
}

/* Words of a script behind who asks and the prefix. */
static void
run(struct shared *shared, const struct redis_script *script, const struct slice *more,
	size_t count,
	void (*done)(
		void *arg, void *context, enum err err, const struct redis_reply *reply),
	struct question *take_question)
{
	struct slice words[2 + SHARED_RENEW_MOST];

	assert(count <= SHARED_RENEW_MOST);
	words[0] = slice_of(shared->instance);
	words[1] = SLICE(PREFIX);
	for (size_t i = 0; i < count; i++)
		words[2 + i] = more[i];
	redis_run(shared->redis, script, words, 2 + count, 0, done, shared, take_question);
}

static struct shared_answer
answer_to(const struct question *question, size_t i, enum err err)
{
	struct shared_answer answer = { .sent_ms = question->sent_ms, .err = err };

	copy_text(answer.device, sizeof answer.device, question->devices[i]);
	return answer;
}

/* 1: granted. -1: not, and something was lost. */
static void
on_number(void *arg, void *context, enum err err, const struct redis_reply *reply)
{
	const struct question *question = context;
	struct shared_answer answer = answer_to(question, 0, err);

	(void)arg;
	answer.granted = err == ERR_NONE && redis_reply_number(reply, 0) > 0;
	answer.heard = redis_reply_number(reply, 0) > 1;
	if (redis_reply_number(reply, 0) < 0)
		metric_add(&session_metric_reports_lost, 1);
	if (question->done != NULL)
		question->done(question->arg, &answer);
}

void
shared_send(struct shared *shared, const char *device, struct slice sealed_letter,
	enum shared_vacancy vacant, shared_done_fn *done, void *arg)
{
	static const char *const vacancies[] = { "hold", "keep", "drop" };
	char most[16];
	snprintf(most, sizeof most, "%d", SHARED_MAIL_MOST);
	const struct slice words[] = { slice_of(device), sealed_letter, slice_of(most),
		slice_of(vacancies[vacant]) };

	run(shared, &shared_script_send, words, COUNT_OF(words), on_number,
		ask_about(shared, &device, 1, done, arg));
}

static void
on_claimed(void *arg, void *context, enum err err, const struct redis_reply *reply)
{
	const struct question *question = context;
	struct shared_answer answer = {
		.sent_ms = question->sent_ms, .err = err, .granted = true
	};

	(void)arg;
	for (size_t i = 0; i < redis_reply_count(reply); i++) {
		struct slice device = redis_reply_text(redis_reply_at(reply, i));
		if (device.size != RECORD_ID_SIZE - 1)
			continue;
		memcpy(answer.device, device.data, device.size);
		question->done(question->arg, &answer);
	}
}

void
shared_claim(struct shared *shared, shared_done_fn *done, void *arg)
{
	char most[16];
	snprintf(most, sizeof most, "%d", SHARED_CLAIM_MOST);
	const struct slice words[] = { slice_of(most) };

	run(shared, &shared_script_claim, words, COUNT_OF(words), on_claimed,
		ask_about(shared, NULL, 0, done, arg));
}

static void
on_renewed(void *arg, void *context, enum err err, const struct redis_reply *reply)
{
	const struct question *question = context;

	(void)arg;
	for (size_t i = 0; i < question->count; i++) {
		struct shared_answer answer = answer_to(question, i, err);
		int64_t number = redis_reply_number(redis_reply_at(reply, i), 0);
		answer.granted = number > 0;
		answer.mail = number > 1;
		question->done(question->arg, &answer);
	}
}

void
shared_renew(struct shared *shared, const char *const *devices, size_t count,
	shared_done_fn *done, void *arg)
{
	struct slice words[SHARED_RENEW_MOST];

	assert(count <= SHARED_RENEW_MOST);
	for (size_t i = 0; i < count; i++)
		words[i] = slice_of(devices[i]);
	run(shared, &shared_script_renew, words, count, on_renewed,
		ask_about(shared, devices, count, done, arg));
}

static void
on_read(void *arg, void *context, enum err err, const struct redis_reply *reply)
{
	const struct question *question = context;
	struct shared_answer answer = answer_to(question, 0, err);

	(void)arg;
	answer.granted = redis_reply_count(reply) == 2;
	answer.records = redis_reply_at(reply, 0);
	answer.letters = redis_reply_at(reply, 1);
	question->done(question->arg, &answer);
}

void
shared_read(struct shared *shared, const char *device, shared_done_fn *done, void *arg)
{
	const struct slice words[] = { slice_of(device) };

	run(shared, &shared_script_read, words, COUNT_OF(words), on_read,
		ask_about(shared, &device, 1, done, arg));
}

void
shared_forget_mail(struct shared *shared, const char *device, size_t count)
{
	char number[24];
	snprintf(number, sizeof number, "%zu", count);
	const struct slice words[] = { slice_of(device), slice_of(number) };

	run(shared, &shared_script_forget_mail, words, COUNT_OF(words), on_number,
		ask_about(shared, &device, 1, NULL, NULL));
}

void
shared_forget_device(struct shared *shared, const char *device)
{
	const struct slice words[] = { slice_of(device) };

	run(shared, &shared_script_forget_device, words, COUNT_OF(words), on_number,
		ask_about(shared, &device, 1, NULL, NULL));
}

void
shared_release(struct shared *shared, const char *device, shared_done_fn *done, void *arg)
{
	const struct slice words[] = { slice_of(device) };

	run(shared, &shared_script_release, words, COUNT_OF(words), on_number,
		ask_about(shared, &device, 1, done, arg));
}

void
shared_pass(struct shared *shared, const char *device, struct slice instance)
{
	const struct slice words[] = { slice_of(device), instance };

	run(shared, &shared_script_pass, words, COUNT_OF(words), on_number,
		ask_about(shared, &device, 1, NULL, NULL));
}

void
shared_announce(struct shared *shared, const char *device)
{
	const struct slice words[] = { SLICE("PUBLISH"), SLICE(TAKEN), slice_of(device) };

	redis_command(shared->redis, words, COUNT_OF(words), NULL, NULL, NULL);
}

const char *
shared_instance(const struct shared *shared)
{
	return shared->instance;
}

/* ---- the keeper's records ---- */

static void
on_saved(void *arg, const struct shared_answer *answer)
{
	(void)arg;
	if (answer->granted)
		return;
	metric_add(&session_metric_not_saved, 1);
	log_debug("record_not_saved", LOG_TEXT("device", answer->device),
		LOG_TEXT("reason", err_name(answer->err)));
}

void
shared_save(
	struct shared *shared, const struct keeper_place *place, struct slice sealed_record)
{
	const char *device = place->device;
	const struct slice words[] = { slice_of(device), slice_of(place->session),
		sealed_record };

	run(shared, &shared_script_save, words, COUNT_OF(words), on_number,
		ask_about(shared, &device, 1, on_saved, NULL));
}

void
shared_forget(struct shared *shared, const struct keeper_place *place)
{
	const char *device = place->device;
	const struct slice words[] = { slice_of(device), slice_of(place->session) };

	run(shared, &shared_script_forget, words, COUNT_OF(words), on_number,
		ask_about(shared, &device, 1, on_saved, NULL));
}

/* ---- being there ---- */

static void
set_usable(struct shared *shared, bool usable)
{
	if (usable == shared->usable)
		return;
	shared->usable = usable;
	metric_set(&session_metric_redis, usable);
	shared->observer.changed(shared->observer.arg, usable);
}

static void
on_key_checked(void *arg, const struct shared_answer *answer)
{
	struct shared *shared = CAST(arg, SHARED_MAGIC);

	timer_start(&shared->key_check, KEY_CHECK_MS);
	if (answer->err != ERR_NONE)
		return;
	if (!answer->granted && !shared->warned)
		log_error("seal_key_differs",
			LOG_TEXT("why", "the other instances at this Redis seal with "
					"another key: give all of them the same "
					"SIDETRACK_SEAL_KEY_FILE. Until then this one "
					"keeps no sessions"));
	shared->warned = !answer->granted;
	set_usable(shared, answer->granted);
}

static void
check_key(void *arg)
{
	struct shared *shared = CAST(arg, SHARED_MAGIC);
	char sign[SEAL_SIGN_HEX_SIZE];

	if (!redis_is_up(shared->redis))
		return;
	seal_sign(shared->seal, sign);
	const struct slice words[] = { slice_of(sign) };
	const char *none = "";
	run(shared, &shared_script_key, words, COUNT_OF(words), on_number,
		ask_about(shared, &none, 1, on_key_checked, shared));
}

static void
on_changed(void *arg, bool up)
{
	struct shared *shared = CAST(arg, SHARED_MAGIC);

	if (up) {
		check_key(shared);
		return;
	}
	timer_stop(&shared->key_check);
	set_usable(shared, false);
}

static void
on_published(void *arg, struct slice channel, struct slice text)
{
	struct shared *shared = CAST(arg, SHARED_MAGIC);
	char device[RECORD_ID_SIZE];

	if (!shared->usable)
		return;
	if (slice_equal_text(channel, RELEASED)) {
		shared->observer.leases_released(shared->observer.arg);
	} else if (text.size == sizeof device - 1) {
		memcpy(device, text.data, text.size);
		device[text.size] = '\0';
		if (slice_equal_text(channel, TAKEN))
			shared->observer.device_taken(shared->observer.arg, device);
		else
			shared->observer.mail_came(shared->observer.arg, device);
	}
}

bool
shared_is_up(const struct shared *shared)
{
	return shared->usable;
}

struct shared *
shared_start(struct loop *loop, const struct redis_url *url, const struct seal *seal,
	struct shared_observer observer)
{
	struct shared *shared = xcalloc(1, sizeof *shared);
	unsigned char number[8];

	shared->magic = SHARED_MAGIC;
	shared->seal = seal;
	shared->observer = observer;
	crypto_random(number, sizeof number);
	hex_encode(shared->instance, number, sizeof number);
	snprintf(shared->mailbox, sizeof shared->mailbox, PREFIX "to:%s", shared->instance);
	timer_init(&shared->key_check, loop, check_key, shared);
	const char *const channels[] = { shared->mailbox, RELEASED, TAKEN };
	shared->redis = redis_start(loop, url, channels, COUNT_OF(channels),
		(struct redis_observer){ on_changed, on_published, shared });
	return shared;
}

void
shared_stop(struct shared *shared)
{
	if (shared == NULL)
		return;
	redis_stop(shared->redis);
	timer_stop(&shared->key_check);
	shared->magic = 0;
	xfree(shared);
}
