/* Breaker: whether a service is worth asking.
 *
 *           3 failures in a row            its time is over
 *   CLOSED ---------------------> OPEN --------------------> HALF_OPEN
 *      ^                            ^                          |   |
 *      |                            +------- failure ----------+   |
 *      +------------------------------ success --------------------+
 *
 * CLOSED asks freely, OPEN nobody, HALF_OPEN one at a time. Each opening lasts twice as
 * long as the one before, 1 s to 60 s, with jitter of a quarter. A service that says "too
 * many requests" works but is left alone for 1 to 2 s. Knows no clock: the caller says what
 * time it is (clock_now_ms). Behind its own lock; any thread.
 */
#ifndef PROVIDERS_BREAKER_H
#define PROVIDERS_BREAKER_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include "core/mem.h"

enum breaker_state { BREAKER_CLOSED, BREAKER_OPEN, BREAKER_HALF_OPEN };

struct breaker {
	pthread_mutex_t mutex; /* guards the rest */
	const char *name;      /* for the log; borrowed */
	enum breaker_state state;
	int failures;       /* in a row */
	int64_t backoff_ms; /* of the last opening */
	int64_t until_ms;   /* nobody asks before; HALF_OPEN: the trial may be long lost */
	uint64_t random;
};

/* `seed` is any number; it spreads the jitter. */
void breaker_init(struct breaker *breaker, const char *name, uint64_t seed);
void breaker_fini(struct breaker *breaker);
/* May one call start now? It must be followed by one of the three below, or its place as
 * the one trial is lost for 20 s. */
MUST_CHECK bool breaker_try(struct breaker *breaker, int64_t now_ms);
/* Would breaker_try say no? Changes nothing. */
bool breaker_is_open(struct breaker *breaker, int64_t now_ms);
void breaker_on_success(struct breaker *breaker);
void breaker_on_failure(struct breaker *breaker, int64_t now_ms);
/* "Too many requests". Returns when asking makes sense again. */
int64_t breaker_on_quota(struct breaker *breaker, int64_t now_ms);
/* The same from a service that says for how long (Retry-After): at least that, but no
 * longer than 10 min. */
int64_t breaker_on_quota_for(struct breaker *breaker, int64_t now_ms, int64_t least_ms);
/* How it stands, for people. */
struct breaker_figures {
	enum breaker_state state;
	int failures;    /* in a row */
	int64_t wait_ms; /* until somebody may ask; 0: now */
};
struct breaker_figures breaker_read(struct breaker *breaker, int64_t now_ms);
/* "closed", "open", "half_open" */
const char *breaker_state_name(enum breaker_state state);

#endif
