/* Loop: the heart of a thread: events, timers, mail, and a place to free things safely.
 *
 * The control, errands and worker threads run one. Only loop_post and loop_stop may be
 * called from another thread. Debug builds assert that the rest stays on the owning thread.
 *
 * The watchdog: a handler that keeps its loop for more than 50 ms is logged
 * (`loop_turn_slow`) with its name and the loop's. Timers, laters and mail carry the name
 * of their function (the macros below take it from the call); who calls handlers of its own
 * (exchanges, streams, libcurl's sockets) uses loop_check_slow. Loops of threads that are
 * there to block (the disk's) are left alone.
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
/* libevent's base, for listeners and other file descriptors. Borrowed. */
struct event_base *loop_base(struct loop *loop);
/* Makes the calling thread the owner (loop_run does it by itself; tests call it). */
void loop_adopt(struct loop *loop);
/* True on the thread that owns the loop. */
bool loop_is_mine(const struct loop *loop);
/* One turn for tests: waits at most `wait_ms`, then handles what is due. */
void loop_turn(struct loop *loop, int wait_ms);

/* Any thread: runs `run` on the loop's thread. The message belongs to the loop until then.
 */
#define loop_post(loop, message, run) loop_post_named((loop), (message), (run), #run)
void loop_post_named(struct loop *loop, struct message *message,
	void (*run)(struct message *), const char *name);

/* Runs `run(arg)` after the present callback has returned, within the same turn: the way to
 * free what is on the call stack. In order; never before loop_later returned. */
#define loop_later(loop, run, arg) loop_later_named((loop), (run), (arg), #run)
void loop_later_named(
	struct loop *loop, void (*run)(void *arg), void *arg, const char *name);

/* Its handlers may block, and no watchdog minds. Before it runs. */
void loop_allow_blocking(struct loop *loop);

/* Logs `loop_turn_slow` with the handler's name when more than 50 ms have passed since
 * `began_us` (clock_now_us): around every call that runs somebody else's code. */
void loop_check_slow(const struct loop *loop, const char *handler, int64_t began_us);

/* A timer on the loop's clock (core/clock.h), embedded in its owner. Fires once per start;
 * the owner stops it in its own free function. */
struct timer {
	struct loop *loop;
	void (*run)(void *arg);
	const char *name; /* of `run` */
	void *arg;
	int64_t due_ms;
	size_t place; /* in the heap; 0 = not started */
};

#define timer_init(timer, loop, run, arg)                                                  \
	timer_init_named((timer), (loop), (run), (arg), #run)
void timer_init_named(struct timer *timer, struct loop *loop, void (*run)(void *arg),
	void *arg, const char *name);
/* Starts or moves it; `delay_ms` >= 0. */
void timer_start(struct timer *timer, int64_t delay_ms);
/* Harmless when it is not started. */
void timer_stop(struct timer *timer);
bool timer_is_started(const struct timer *timer);

#endif
