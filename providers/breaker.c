#include "providers/breaker.h"

#include "core/log.h"

enum {
	MAX_FAILURES = 3,
	MIN_BACKOFF_MS = 1000,
	MAX_BACKOFF_MS = 60 * 1000,
	QUOTA_MS = 1000, /* and up to as much again */
	MAX_QUOTA_MS = 10 * 60 * 1000,
	TRIAL_MS = 20 * 1000,
};

const char *
breaker_state_name(enum breaker_state state)
{
	switch (state) {
	case BREAKER_CLOSED:
		return "closed";
	case BREAKER_OPEN:
		return "open";
	case BREAKER_HALF_OPEN:
		break;
	}
	return "half_open";
}

void
breaker_init(struct breaker *breaker, const char *name, uint64_t seed)
{
	*breaker = (struct breaker){ .name = name, .random = seed | 1 };
	pthread_mutex_init(&breaker->mutex, NULL);
}

void
breaker_fini(struct breaker *breaker)
{
	pthread_mutex_destroy(&breaker->mutex);
}

static void
move_to(struct breaker *breaker, enum breaker_state state)
{
	if (breaker->state == state)
		return;
	log_info("breaker_moved", LOG_TEXT("name", breaker->name),
		LOG_TEXT("from", breaker_state_name(breaker->state)),
		LOG_TEXT("to", breaker_state_name(state)));
	breaker->state = state;
}

/* 0 … bound - 1, by xorshift64*. */
static int64_t
random_below(struct breaker *breaker, int64_t bound)
{
	breaker->random ^= breaker->random >> 12;
	breaker->random ^= breaker->random << 25;
	breaker->random ^= breaker->random >> 27;
	return (int64_t)((breaker->random * 2685821657736338717u >> 33) % (uint64_t)bound);
}

bool
breaker_try(struct breaker *breaker, int64_t now_ms)
{
	pthread_mutex_lock(&breaker->mutex);
	bool may = now_ms >= breaker->until_ms;
	if (may && breaker->state != BREAKER_CLOSED) {
		move_to(breaker, BREAKER_HALF_OPEN);
		breaker->until_ms = now_ms + TRIAL_MS;
	}
	pthread_mutex_unlock(&breaker->mutex);
	return may;
}

bool
breaker_is_open(struct breaker *breaker, int64_t now_ms)
{
	pthread_mutex_lock(&breaker->mutex);
	bool open = now_ms < breaker->until_ms;
	pthread_mutex_unlock(&breaker->mutex);
	return open;
}

void
breaker_on_success(struct breaker *breaker)
{
	pthread_mutex_lock(&breaker->mutex);
	/* A hold for quota outlives answers to calls that were under way. */
	if (breaker->state != BREAKER_CLOSED)
		breaker->until_ms = 0;
	breaker->failures = 0;
	breaker->backoff_ms = 0;
	move_to(breaker, BREAKER_CLOSED);
	pthread_mutex_unlock(&breaker->mutex);
}

void
breaker_on_failure(struct breaker *breaker, int64_t now_ms)
{
	pthread_mutex_lock(&breaker->mutex);
	breaker->failures++;
	/* Calls that were under way when it opened add nothing. */
	bool opens =
		breaker->state == BREAKER_HALF_OPEN ||
		(breaker->state == BREAKER_CLOSED && breaker->failures >= MAX_FAILURES);
	if (opens) {
		breaker->backoff_ms *= 2;
		if (breaker->backoff_ms < MIN_BACKOFF_MS)
			breaker->backoff_ms = MIN_BACKOFF_MS;
		if (breaker->backoff_ms > MAX_BACKOFF_MS)
			breaker->backoff_ms = MAX_BACKOFF_MS;
		breaker->until_ms = now_ms + breaker->backoff_ms +
				    random_below(breaker, breaker->backoff_ms / 4);
		move_to(breaker, BREAKER_OPEN);
	}
	pthread_mutex_unlock(&breaker->mutex);
}

int64_t
breaker_on_quota(struct breaker *breaker, int64_t now_ms)
{
	return breaker_on_quota_for(breaker, now_ms, 0);
}

int64_t
breaker_on_quota_for(struct breaker *breaker, int64_t now_ms, int64_t least_ms)
{
	if (least_ms > MAX_QUOTA_MS)
		least_ms = MAX_QUOTA_MS;
	pthread_mutex_lock(&breaker->mutex);
	int64_t rest_ms = QUOTA_MS + random_below(breaker, QUOTA_MS);
	breaker->failures = 0;
	move_to(breaker, BREAKER_CLOSED);
	breaker->until_ms = now_ms + (rest_ms > least_ms ? rest_ms : least_ms);
	int64_t until_ms = breaker->until_ms;
	pthread_mutex_unlock(&breaker->mutex);
	return until_ms;
}

struct breaker_figures
breaker_read(struct breaker *breaker, int64_t now_ms)
{
	pthread_mutex_lock(&breaker->mutex);
	struct breaker_figures figures = {
		.state = breaker->state,
		.failures = breaker->failures,
		.wait_ms = breaker->until_ms > now_ms ? breaker->until_ms - now_ms : 0,
	};
	pthread_mutex_unlock(&breaker->mutex);
	return figures;
}
