/* Loop: the heart of a thread: events, timers, mail, and a place to free things safely.
 *
 * Every thread but sockets, store and resolve runs one. Only loop_post and loop_stop may be
 * called from another thread. Debug builds assert that the rest stays on the owning thread.
 * A turn above 50 ms is logged (`loop_turn_slow`) with the loop's name.
 */
#ifndef CORE_LOOP_H
#define CORE_LOOP_H

#include <stdbool.h>
#include <stdint.h>

#include "core/mailbox.h"

struct event_base;
struct loop;

/* `name` is copied; it names the thread too ("worker-0", "control"). */
struct loop *loop_new(const char *name);
/* Accepts NULL. Every timer has been stopped; pending loop_later calls are run first. */
void loop_free(struct loop *loop);
/* Runs until loop_stop; drains mail once more before it returns. */
void loop_run(struct loop *loop);
/* Any thread. */
void loop_stop(struct loop *loop);
const char *loop_name(const struct loop *loop);
/* libevent's base, for evhttp, listeners, file descriptors. Borrowed. */
struct event_base *loop_base(struct loop *loop);
/* Makes the calling thread the owner (loop_run does it by itself; tests call it). */
void loop_adopt(struct loop *loop);
/* True on the thread that owns the loop. */
bool loop_is_mine(const struct loop *loop);
/* One turn for tests: waits at most `wait_ms`, then handles what is due. */
void loop_turn(struct loop *loop, int wait_ms);

/* Any thread: runs `run` on the loop's thread. The message belongs to the loop until then.
 */
void loop_post(struct loop *loop, struct message *message, void (*run)(struct message *));

/* Runs `run(arg)` after the present callback has returned, within the same turn: the way to
 * free what is on the call stack. In order; never before loop_later returned. */
void loop_later(struct loop *loop, void (*run)(void *arg), void *arg);

/* Logs `loop_turn_slow` with the handler's name when more than 50 ms have passed since
 * `began_us` (clock_now_us): around every call that runs somebody else's code. */
void loop_check_slow(const struct loop *loop, const char *handler, int64_t began_us);

/* A timer on the loop's clock (core/clock.h), embedded in its owner. Fires once per start;
 * the owner stops it in its own free function. */
struct timer {
	struct loop *loop;
	void (*run)(void *arg);
	void *arg;
	int64_t due_ms;
	size_t place; /* in the heap; 0 = not started */
};

void timer_init(struct timer *timer, struct loop *loop, void (*run)(void *arg), void *arg);
/* Starts or moves it; `delay_ms` >= 0. */
void timer_start(struct timer *timer, int64_t delay_ms);
/* Harmless when it is not started. */
void timer_stop(struct timer *timer);
bool timer_is_started(const struct timer *timer);

#endif
