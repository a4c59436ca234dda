#include "proxy/workers.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>

#include "core/loop.h"

enum { DRAIN_POLL_MS = 50 };

struct worker {
	struct loop *loop;
	struct front_worker *front;
	pthread_t thread;
	bool started;
	struct workers *all;
	struct message apply;
	struct message drain;
	struct timer drain_poll; /* on its loop, while draining */
	atomic_bool drained;
	atomic_size_t left; /* exchanges under way when it looked last, while draining */
};

struct workers {
	size_t count; /* of those that have a loop */
	/* Of workers_apply. */
	const struct front_settings *settings;
	struct loop *from; /* NULL: nothing is being applied */
	void (*applied)(void *arg);
	void *applied_arg;
	struct message all_applied;
	atomic_size_t missing; /* workers that have not applied it yet */
	struct worker workers[WORKERS_MAX];
};

/* ---- on the worker's thread ---- */

static void
on_drain_poll(void *arg)
{
	struct worker *worker = arg;

	size_t left = http_server_exchange_count(worker->front->http_server);

	atomic_store(&worker->left, left);
	if (left == 0)
		atomic_store(&worker->drained, true);
	else
		timer_start(&worker->drain_poll, DRAIN_POLL_MS);
}

static void
on_drain(struct message *message)
{
	struct worker *worker = CONTAINER_OF(message, struct worker, drain);

	http_server_close_listener(worker->front->http_server);
	relay_worker_close_tunnels(worker->front->relay);
	on_drain_poll(worker);
}

static void
on_all_applied(struct message *message)
{
	struct workers *workers = CONTAINER_OF(message, struct workers, all_applied);

	workers->from = NULL;
	workers->applied(workers->applied_arg);
}

static void
on_apply(struct message *message)
{
	struct worker *worker = CONTAINER_OF(message, struct worker, apply);
	struct workers *workers = worker->all;

	front_worker_apply(worker->front, workers->settings);
	if (atomic_fetch_sub(&workers->missing, 1) == 1)
		loop_post(workers->from, &workers->all_applied, on_all_applied);
}

static void *
run_worker(void *arg)
{
	struct worker *worker = arg;

	loop_run(worker->loop);
	timer_stop(&worker->drain_poll);
	front_worker_free(worker->front);
	return NULL;
}

/* ---- on the maker's ---- */

static void
worker_init(struct workers *workers, struct front_services *services, size_t number)
{
	struct worker *worker = &workers->workers[number];
	char name[16];

	snprintf(name, sizeof name, "worker-%u", (unsigned)number % 1000);
	worker->all = workers;
	worker->loop = loop_new(name);
	timer_init(&worker->drain_poll, worker->loop, on_drain_poll, worker);
	worker->front = front_worker_new(services, worker->loop);
}

struct workers *
workers_start(struct front_services *services, size_t count, const char *address,
	uint16_t *port, char *why, size_t why_size)
{
	assert(count >= 1 && count <= WORKERS_MAX);
	if (!http_server_port_is_free(address, *port, why, why_size))
		return NULL;
	struct workers *workers = xcalloc(1, sizeof *workers);
	while (workers->count < count) {
		struct worker *worker = &workers->workers[workers->count];
		worker_init(workers, services, workers->count++);
		if (!http_server_listen(
			    worker->front->http_server, address, port, why, why_size)) {
			workers_stop(workers);
			workers_free(workers);
			return NULL;
		}
	}
	/* Only now: either all serve or none. */
	for (size_t i = 0; i < count; i++) {
		struct worker *worker = &workers->workers[i];
		worker->started =
			pthread_create(&worker->thread, NULL, run_worker, worker) == 0;
		assert(worker->started);
	}
	return workers;
}

void
workers_apply(struct workers *workers, const struct front_settings *settings,
	struct loop *from, void (*applied)(void *arg), void *arg)
{
	assert(workers->from == NULL);
	workers->settings = settings;
	workers->from = from;
	workers->applied = applied;
	workers->applied_arg = arg;
	atomic_store(&workers->missing, workers->count);
	for (size_t i = 0; i < workers->count; i++)
		loop_post(workers->workers[i].loop, &workers->workers[i].apply, on_apply);
}

void
workers_drain(struct workers *workers)
{
	for (size_t i = 0; i < workers->count; i++)
		loop_post(workers->workers[i].loop, &workers->workers[i].drain, on_drain);
}

bool
workers_are_drained(const struct workers *workers)
{
	bool drained = true;

	for (size_t i = 0; i < workers->count; i++)
		drained = drained && atomic_load(&workers->workers[i].drained);
	return drained;
}

size_t
workers_left(const struct workers *workers)
{
	size_t left = 0;

	for (size_t i = 0; i < workers->count; i++)
		left += atomic_load(&workers->workers[i].left);
	return left;
}

void
workers_stop(struct workers *workers)
{
	if (workers == NULL)
		return;
	for (size_t i = 0; i < workers->count; i++) {
		if (workers->workers[i].started)
			loop_stop(workers->workers[i].loop);
	}
	for (size_t i = 0; i < workers->count; i++) {
		struct worker *worker = &workers->workers[i];
		if (worker->started)
			pthread_join(worker->thread, NULL);
		else
			front_worker_free(worker->front);
	}
}

void
workers_free(struct workers *workers)
{
	if (workers == NULL)
		return;
	for (size_t i = 0; i < workers->count; i++)
		loop_free(workers->workers[i].loop);
	xfree(workers);
}
