#include "core/loop.h"

#include <event2/event.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "core/clock.h"
#include "core/log.h"

enum {
	SLOW_TURN_MS = 50,
	TEST_CLOCK_POLL_MS = 20, /* how soon a loop notices that a test moved the clock */
	MAX_WAIT_MS = 60 * 1000,
};

struct later {
	void (*run)(void *arg);
	void *arg;
	const char *name;
};

struct loop {
	char name[16];
	struct event_base *base;
	struct event *mail_event;  /* readable when the mailbox went non-empty */
	struct event *timer_event; /* armed for the first timer of the heap */
	int mail_fd;
	struct mailbox mailbox;
	atomic_bool stopping;
	pthread_t owner;
	bool owned;
	bool may_block;
	struct timer **heap; /* from 1; ordered by due_ms */
	size_t timer_count;
	size_t heap_capacity;
	struct later *laters;
	size_t later_count;
	size_t later_capacity;
};

/* ---- the watchdog ---- */

/* Returns the time, which is when the next handler begins. */
static int64_t
check_slow(const struct loop *loop, const char *handler, int64_t began_us)
{
	int64_t now_us = clock_now_us();
	int64_t took_ms = (now_us - began_us) / 1000;

	if (took_ms > SLOW_TURN_MS && !loop->may_block)
		log_warn_limited("loop_turn_slow", LOG_TEXT("loop", loop->name),
			LOG_TEXT("handler", handler), LOG_NUMBER("took_ms", took_ms));
	return now_us;
}

void
loop_allow_blocking(struct loop *loop)
{
	loop->may_block = true;
}

void
loop_check_slow(const struct loop *loop, const char *handler, int64_t began_us)
{
	(void)check_slow(loop, handler, began_us);
}

/* ---- the heap of timers ---- */

static void
heap_put(struct loop *loop, size_t place, struct timer *timer)
{
	loop->heap[place] = timer;
	timer->place = place;
}

static void
heap_sift_up(struct loop *loop, size_t place, struct timer *timer)
{
	while (place > 1 && loop->heap[place / 2]->due_ms > timer->due_ms) {
		heap_put(loop, place, loop->heap[place / 2]);
		place /= 2;
	}
	heap_put(loop, place, timer);
}

static void
heap_sift_down(struct loop *loop, size_t place, struct timer *timer)
{
	for (;;) {
		size_t child = place * 2;
		if (child > loop->timer_count)
			break;
		if (child < loop->timer_count &&
			loop->heap[child + 1]->due_ms < loop->heap[child]->due_ms)
			child++;
		if (loop->heap[child]->due_ms >= timer->due_ms)
			break;
		heap_put(loop, place, loop->heap[child]);
		place = child;
	}
	heap_put(loop, place, timer);
}

static void
heap_remove(struct loop *loop, struct timer *timer)
{
	size_t place = timer->place;
	struct timer *last = loop->heap[loop->timer_count--];

	timer->place = 0;
	if (last == timer)
		return;
	if (place > 1 && loop->heap[place / 2]->due_ms > last->due_ms)
		heap_sift_up(loop, place, last);
	else
		heap_sift_down(loop, place, last);
}

static void
arm_timer_event(struct loop *loop)
{
	int64_t wait_ms = MAX_WAIT_MS;

	if (loop->timer_count > 0)
		wait_ms = loop->heap[1]->due_ms - clock_now_ms();
	if (wait_ms < 0)
		wait_ms = 0;
	if (wait_ms > MAX_WAIT_MS)
		wait_ms = MAX_WAIT_MS;
	if (clock_is_test() && wait_ms > TEST_CLOCK_POLL_MS)
		wait_ms = TEST_CLOCK_POLL_MS;
	struct timeval wait = { wait_ms / 1000, (wait_ms % 1000) * 1000 };
	event_add(loop->timer_event, &wait);
}

static void
run_due_timers(struct loop *loop)
{
	int64_t now_us = clock_now_us();
	int64_t now_ms = now_us / 1000;

	while (loop->timer_count > 0 && loop->heap[1]->due_ms <= now_ms) {
		struct timer *timer = loop->heap[1];
		const char *name = timer->name;
		heap_remove(loop, timer);
		timer->run(timer->arg);
		now_us = check_slow(loop, name, now_us);
	}
}

void
timer_init_named(struct timer *timer, struct loop *loop, void (*run)(void *arg), void *arg,
	const char *name)
{
	*timer = (struct timer){ .loop = loop, .run = run, .name = name, .arg = arg };
}

void
timer_start(struct timer *timer, int64_t delay_ms)
{
	struct loop *loop = timer->loop;

	assert(loop_is_mine(loop) && delay_ms >= 0);
	timer_stop(timer);
	if (loop->timer_count + 2 > loop->heap_capacity) {
		loop->heap_capacity = loop->heap_capacity * 2 + 16;
		loop->heap =
			xrealloc(loop->heap, loop->heap_capacity * sizeof(struct timer *));
	}
	timer->due_ms = clock_now_ms() + delay_ms;
	heap_sift_up(loop, ++loop->timer_count, timer);
	if (timer->place == 1)
		arm_timer_event(loop);
}

void
timer_stop(struct timer *timer)
{
	if (timer->place == 0)
		return;
	assert(loop_is_mine(timer->loop));
	heap_remove(timer->loop, timer);
}

bool
timer_is_started(const struct timer *timer)
{
	return timer->place != 0;
}

/* ---- later ---- */

void
loop_later_named(struct loop *loop, void (*run)(void *arg), void *arg, const char *name)
{
	assert(loop_is_mine(loop));
	if (loop->later_count == loop->later_capacity) {
		loop->later_capacity = loop->later_capacity * 2 + 16;
		loop->laters =
			xrealloc(loop->laters, loop->later_capacity * sizeof(struct later));
	}
	loop->laters[loop->later_count++] = (struct later){ run, arg, name };
	if (loop->later_count == 1)
		event_active(loop->timer_event, EV_TIMEOUT, 0);
}

static void
run_laters(struct loop *loop)
{
	int64_t now_us = loop->later_count > 0 ? clock_now_us() : 0;

	/* A later may add laters: those run in this drain too. */
	for (size_t i = 0; i < loop->later_count; i++) {
		struct later later = loop->laters[i];
		later.run(later.arg);
		now_us = check_slow(loop, later.name, now_us);
	}
	loop->later_count = 0;
}

/* ---- mail ---- */

static bool
run_mail(struct loop *loop)
{
	struct message *message = mailbox_take(&loop->mailbox);
	bool any = message != NULL;
	int64_t now_us = any ? clock_now_us() : 0;

	while (message != NULL) {
		struct message *next = message->next;
		const char *name = message->name;
		message->run(message);
		now_us = check_slow(loop, name, now_us);
		message = next;
	}
	return any;
}

void
loop_post_named(struct loop *loop, struct message *message, void (*run)(struct message *),
	const char *name)
{
	mailbox_post_named(&loop->mailbox, message, run, name);
}

/* ---- events ---- */

static void
on_timer_event(evutil_socket_t fd, short what, void *arg)
{
	struct loop *loop = arg;

	(void)fd;
	(void)what;
	run_laters(loop);
	run_due_timers(loop);
	run_laters(loop);
	arm_timer_event(loop);
}

static void
wake_by_eventfd(void *arg)
{
	struct loop *loop = arg;
	uint64_t one = 1;
	ssize_t written = write(loop->mail_fd, &one, sizeof one);

	(void)written; /* it fails only when the counter is full, which wakes as well */
}

static void
on_mail_event(evutil_socket_t fd, short what, void *arg)
{
	struct loop *loop = arg;
	uint64_t count;
	ssize_t size = read(fd, &count, sizeof count);

	(void)size;
	(void)what;
	run_mail(loop);
}

/* ---- life ---- */

struct loop *
loop_new(const char *name)
{
	struct loop *loop = xcalloc(1, sizeof *loop);
	struct event_config *config = event_config_new();

	copy_text(loop->name, sizeof loop->name, name);
	event_config_set_flag(
		config, EVENT_BASE_FLAG_EPOLL_USE_CHANGELIST | EVENT_BASE_FLAG_NOLOCK);
	loop->base = event_base_new_with_config(config);
	event_config_free(config);
	assert(loop->base != NULL);
	mailbox_init(&loop->mailbox, wake_by_eventfd, loop);
	loop->mail_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	assert(loop->mail_fd >= 0);
	loop->mail_event = event_new(
		loop->base, loop->mail_fd, EV_READ | EV_PERSIST, on_mail_event, loop);
	event_add(loop->mail_event, NULL);
	loop->timer_event = event_new(loop->base, -1, 0, on_timer_event, loop);
	return loop;
}

void
loop_free(struct loop *loop)
{
	if (loop == NULL)
		return;
	loop_adopt(loop);
	while (run_mail(loop) || loop->later_count > 0)
		run_laters(loop);
	assert(loop->timer_count == 0);
	event_free(loop->timer_event);
	event_free(loop->mail_event);
	close(loop->mail_fd);
	mailbox_fini(&loop->mailbox);
	event_base_free(loop->base);
	xfree(loop->heap);
	xfree(loop->laters);
	xfree(loop);
}

void
loop_adopt(struct loop *loop)
{
	loop->owner = pthread_self();
	loop->owned = true;
}

bool
loop_is_mine(const struct loop *loop)
{
	return !loop->owned || pthread_equal(loop->owner, pthread_self());
}

struct event_base *
loop_base(struct loop *loop)
{
	return loop->base;
}

void
loop_turn(struct loop *loop, int wait_ms)
{
	loop_adopt(loop);
	struct timeval wait = { wait_ms / 1000, (wait_ms % 1000) * 1000 };
	event_base_loopexit(loop->base, &wait);
	arm_timer_event(loop);
	event_base_loop(loop->base, EVLOOP_ONCE);
	run_laters(loop);
	run_due_timers(loop);
	run_laters(loop);
}

void
loop_run(struct loop *loop)
{
	loop_adopt(loop);
	pthread_setname_np(pthread_self(), loop->name);
	arm_timer_event(loop);
	while (!atomic_load(&loop->stopping)) {
		event_base_loop(loop->base, EVLOOP_ONCE);
		run_laters(loop);
	}
	while (run_mail(loop) || loop->later_count > 0)
		run_laters(loop);
}

void
loop_stop(struct loop *loop)
{
	atomic_store(&loop->stopping, true);
	wake_by_eventfd(loop);
}
