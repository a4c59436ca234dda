/* Run: workers, signals, and an orderly end. */
#include <event2/event.h>
#include <malloc.h>
#include <signal.h>
#include <stdio.h>
#include <sys/resource.h>
#include <unistd.h>

#include "core/clock.h"
#include "core/log.h"
#include "program/program.h"

enum {
	DEFAULT_MAX_WORKERS = 4,
	LOG_REPEAT_MS = 1000,
	TRIM_MS = 30 * 1000,
};

/* ---- workers ---- */

static size_t
wanted_workers(const struct program *program)
{
	long cores = sysconf(_SC_NPROCESSORS_ONLN);

	if (program->settings.workers > 0)
		return (size_t)program->settings.workers;
	if (cores < 1)
		return 1;
	return cores < DEFAULT_MAX_WORKERS ? (size_t)cores : DEFAULT_MAX_WORKERS;
}

static bool
start_workers(struct program *program)
{
	char address[256], why[PROGRAM_WHY_SIZE];
	uint16_t port;

	if (!settings_parse_listen(program->settings.listen, address, sizeof address, &port,
		    why, sizeof why))
		return false;
	size_t count = wanted_workers(program);
	program->workers =
		workers_start(&program->front, count, address, &port, why, sizeof why);
	if (program->workers == NULL) {
		fprintf(stderr, "sidetrack: SIDETRACK_LISTEN %s\n", why);
		return false;
	}
	log_info("listening", LOG_TEXT("address", address), LOG_NUMBER("port", port),
		LOG_NUMBER("workers", count),
		LOG_TEXT("jellyfin", program->jellyfin.authority));
	return true;
}

/* ---- stopping ---- */

/* Whoever is still there is cut off. */
static void
end_drain(struct program *program, const char *why)
{
	size_t cut = workers_left(program->workers);

	LOG_AT(cut > 0 ? LOG_LEVEL_WARN : LOG_LEVEL_INFO, "drain_ended",
		LOG_TEXT("why", why), LOG_NUMBER("exchanges_cut", cut),
		LOG_NUMBER("took_ms", clock_now_ms() - program->stopping_since_ms));
	loop_stop(program->control);
}

static void
on_stop_poll(void *arg)
{
	struct program *program = arg;

	bool drained = workers_are_drained(program->workers) &&
		       (program->holder == NULL || holder_is_handed_over(program->holder));

	if (drained)
		end_drain(program, "nobody is left");
	else if (clock_now_ms() >= program->stop_by_ms)
		end_drain(program, "SIDETRACK_DRAIN_MS is over");
	else
		timer_start(&program->stop_poll, PROGRAM_TURN_MS);
}

static void
on_stop_signal(evutil_socket_t signal_number, short what, void *arg)
{
	struct program *program = arg;

	(void)what;
	if (program->stop_by_ms != 0) {
		end_drain(program, "asked twice");
		return;
	}
	log_info("stopping", LOG_NUMBER("signal", signal_number),
		LOG_NUMBER("drain_ms", program->proxy.drain_ms));
	program->stopping_since_ms = clock_now_ms();
	program->stop_by_ms = program->stopping_since_ms + program->proxy.drain_ms;
	workers_drain(program->workers);
	if (program->holder != NULL)
		holder_hand_over(program->holder);
	on_stop_poll(program);
}

/* ---- the process ---- */

/* SIGPIPE is nobody's business, and neither is SIGHUP while there is nothing to reload:
 * from here to watch_signals, and behind forget_signals. The rest goes to the control
 * thread. */
static void
set_up_process(void)
{
	struct rlimit files;

	signal(SIGPIPE, SIG_IGN);
	signal(SIGHUP, SIG_IGN);
	/* A file that may not grow is an error of the write. */
	signal(SIGXFSZ, SIG_IGN);
	if (getrlimit(RLIMIT_NOFILE, &files) == 0) {
		files.rlim_cur = files.rlim_max;
		setrlimit(RLIMIT_NOFILE, &files);
	}
}

static void
on_log_repeat(void *arg)
{
	struct program *program = arg;

	log_write_repeated();
	timer_start(&program->log_repeat, LOG_REPEAT_MS);
}

/* Reports and records are made on one thread and freed on another, so that every arena
 * keeps pages which nobody uses, more with every busy moment. */
static void
on_trim(void *arg)
{
	struct program *program = arg;

	malloc_trim(0);
	timer_start(&program->trim, TRIM_MS);
}

static void
watch_signals(struct program *program)
{
	static const struct {
		int number;
		void (*run)(evutil_socket_t number, short what, void *arg);
	} signals[] = {
		{ SIGTERM, on_stop_signal },
		{ SIGINT, on_stop_signal },
		{ SIGHUP, program_on_reload_signal },
	};

	for (size_t i = 0; i < COUNT_OF(signals); i++) {
		program->signals[i] = evsignal_new(loop_base(program->control),
			signals[i].number, signals[i].run, program);
		event_add(program->signals[i], NULL);
	}
	timer_init(&program->stop_poll, program->control, on_stop_poll, program);
	timer_init(&program->log_repeat, program->control, on_log_repeat, program);
	timer_init(&program->trim, program->control, on_trim, program);
	on_log_repeat(program);
	on_trim(program);
}

/* Whoever asks once more while services are being stopped must not kill us amid it: until
 * then signals are still caught, though nobody handles them any more. */
static void
forget_signals(struct program *program)
{
	for (size_t i = 0; i < COUNT_OF(program->signals); i++) {
		if (program->signals[i] != NULL)
			event_free(program->signals[i]);
	}
}

int
program_run(struct program *program)
{
	if (program->settings.test_clock)
		clock_enable_test();
	program_renew_live(program);
	set_up_process();
	log_start();
	bool started = program_start_services(program);
	if (started) {
		/* Before anybody is served; they are handled once the loop runs. */
		watch_signals(program);
		started = start_workers(program);
		if (started)
			loop_run(program->control);
		timer_stop(&program->stop_poll);
		timer_stop(&program->log_repeat);
		timer_stop(&program->trim);
	}
	workers_stop(program->workers);
	if (program->store != NULL)
		program_stop_services(program);
	forget_signals(program);
	loop_free(program->control);
	program_free_live(program);
	log_info("stopped");
	log_stop();
	return started ? 0 : 1;
}
