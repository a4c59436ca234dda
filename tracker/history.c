#include "tracker/history.h"

#include <sys/queue.h>

#include "core/clock.h"
#include "core/log.h"
#include "tracker/history_store.h"
#include "tracker/metrics.h"

enum {
	EVERY_MS = 30 * 1000,
	BUCKETS = 1024,
	LOST_MS = 10 * 60 * 1000,
	RETRY_MS = 5 * 1000,
	FAILED_MOST = 1000,
	FORGET_EVERY_MS = 24 * 3600 * 1000,
	FORGET_AT_ONCE = 5000, /* segments of one transaction */
};
#define DAY_MS ((int64_t)24 * 3600 * 1000)

/* What was written of a play that goes on. */
struct written {
	SLIST_ENTRY(written) link;
	uint64_t play;
	int64_t at_ms;
	struct play_stream stream;
};

/* One segment on its way to the database, or waiting to be tried again. */
struct writing {
	STAILQ_ENTRY(writing) link;
	struct history *history;
	struct segment *segment;
};

struct history {
	struct loop *loop;
	struct store *store;
	struct tracker *tracker;
	struct history_rules rules;
	int64_t retention_ms; /* 0: for ever */
	SLIST_HEAD(, written) plays[BUCKETS];
	STAILQ_HEAD(, writing) failed; /* segments that have ended */
	size_t failed_count;
	struct timer sweep, retry, forget;
	int under_way; /* writes whose end is still to be told here */
	bool freed;    /* … the last of them frees this */
};

/* ---- writing ---- */

static void
free_writing(struct writing *writing)
{
	segment_free(writing->segment);
	xfree(writing);
}

static bool
run_write(sqlite3 *database, void *arg)
{
	const struct writing *writing = arg;

	return history_store_write(database, writing->segment, &writing->history->rules);
}

/* What goes on is written again soon; what has ended is not. */
static void
keep_failed(struct history *history, struct writing *writing)
{
	if (writing->segment->open || history->freed) {
		free_writing(writing);
		return;
	}
	if (history->failed_count == FAILED_MOST) {
		struct writing *oldest = STAILQ_FIRST(&history->failed);
		STAILQ_REMOVE_HEAD(&history->failed, link);
		history->failed_count--;
		free_writing(oldest);
		metric_add(&history_metric_lost, 1);
		log_warn_limited("history_lost",
			LOG_TEXT("why",
				"too many plays have ended since the database took one"));
	}
	STAILQ_INSERT_TAIL(&history->failed, writing, link);
	history->failed_count++;
	if (!timer_is_started(&history->retry))
		timer_start(&history->retry, RETRY_MS);
}

static void
release(struct history *history)
{
	history->under_way--;
	if (history->freed && history->under_way == 0)
		xfree(history);
}

static void
on_written(void *arg, enum err err)
{
	struct writing *writing = arg;
	struct history *history = writing->history;

	if (err == ERR_NONE) {
		metric_add(&history_metric_written, 1);
		free_writing(writing);
	} else {
		metric_add(&history_metric_failed, 1);
		log_warn_limited("history_write_failed", LOG_TEXT("err", err_name(err)));
		keep_failed(history, writing);
	}
	release(history);
}

static void
start_writing(struct history *history, struct writing *writing)
{
	history->under_way++;
	store_write(history->store, history->loop, run_write, on_written, writing, NULL);
}

static void
write_play(struct history *history, const struct play *play, const char *ended_by)
{
	struct writing *writing = xcalloc(1, sizeof *writing);

	writing->history = history;
	writing->segment = segment_new(play, clock_now_ms());
	if (ended_by != NULL) {
		writing->segment->open = false;
		copy_text(writing->segment->ended_by, sizeof writing->segment->ended_by,
			ended_by);
	}
	start_writing(history, writing);
}

static void
on_retry(void *arg)
{
	struct history *history = arg;

	while (history->failed_count > 0) {
		struct writing *writing = STAILQ_FIRST(&history->failed);
		STAILQ_REMOVE_HEAD(&history->failed, link);
		history->failed_count--;
		start_writing(history, writing);
	}
}

/* ---- plays ---- */

static struct written *
find_written(const struct history *history, uint64_t play)
{
	struct written *written;

	SLIST_FOREACH(written, &history->plays[play % BUCKETS], link)
	{
		if (written->play == play)
			break;
	}
	return written;
}

static void
write_open(struct history *history, struct written *written, const struct play *play)
{
	written->at_ms = clock_now_ms();
	written->stream = play->last.stream;
	write_play(history, play, NULL);
}

static void
begin(struct history *history, const struct play *play)
{
	struct written *written = xcalloc(1, sizeof *written);

	written->play = play->id;
	SLIST_INSERT_HEAD(&history->plays[play->id % BUCKETS], written, link);
	write_open(history, written, play);
}

static void
end(struct history *history, struct written *written, const struct play *play,
	const char *ended_by)
{
	SLIST_REMOVE(&history->plays[play->id % BUCKETS], written, written, link);
	xfree(written);
	write_play(history, play, ended_by);
}

static void
on_changed(void *arg, const struct play *play, enum play_change change)
{
	struct history *history = arg;
	struct written *written = find_written(history, play->id);

	switch (change) {
	case PLAY_CONFIRMED:
	case PLAY_RESTORED:
		if (written == NULL && play->confirmed)
			begin(history, play);
		break;
	case PLAY_PAUSE_BEGAN:
	case PLAY_PAUSE_ENDED:
		if (written != NULL)
			write_open(history, written, play);
		break;
	case PLAY_PROGRESSED:
		if (written != NULL &&
			play_stream_decisions_differ(&written->stream, &play->last.stream))
			write_open(history, written, play);
		break;
	case PLAY_ENDED:
		if (written != NULL)
			end(history, written, play, NULL);
		break;
	case PLAY_LEFT:
		if (written != NULL)
			end(history, written, play, "left");
		break;
	case PLAY_STARTED:
	case PLAY_OVERWRITTEN:
		break;
	}
}

static void
write_due(void *arg, const struct play *play)
{
	struct history *history = arg;
	struct written *written = find_written(history, play->id);

	if (written != NULL && clock_now_ms() - written->at_ms >= EVERY_MS)
		write_open(history, written, play);
}

static bool
run_close_lost(sqlite3 *database, void *arg)
{
	(void)arg;
	return history_store_close_lost(database, clock_wall_ms() - LOST_MS);
}

static void
on_sweep(void *arg)
{
	struct history *history = arg;

	tracker_each(history->tracker, write_due, history);
	store_write(history->store, NULL, run_close_lost, NULL, NULL, NULL);
	timer_start(&history->sweep, EVERY_MS);
}

/* ---- forgetting ---- */

struct forgetting {
	struct history *history;
	int64_t before_ms;
	int64_t forgotten;
};

static bool
run_forget(sqlite3 *database, void *arg)
{
	struct forgetting *forgetting = arg;

	return history_store_forget(
		database, forgetting->before_ms, FORGET_AT_ONCE, &forgetting->forgotten);
}

static void
on_forgotten(void *arg, enum err err)
{
	struct forgetting *forgetting = arg;
	struct history *history = forgetting->history;
	bool more = err == ERR_NONE && forgetting->forgotten == FORGET_AT_ONCE;

	if (forgetting->forgotten > 0)
		log_info(
			"history_forgotten", LOG_NUMBER("segments", forgetting->forgotten));
	if (more && !history->freed)
		timer_start(&history->forget, 0);
	release(history);
}

static void
on_forget(void *arg)
{
	struct history *history = arg;
	struct forgetting *forgetting = xcalloc(1, sizeof *forgetting);

	forgetting->history = history;
	forgetting->before_ms = clock_wall_ms() - history->retention_ms;
	history->under_way++;
	store_write(
		history->store, history->loop, run_forget, on_forgotten, forgetting, xfree);
	timer_start(&history->forget, FORGET_EVERY_MS);
}

struct erasing {
	char server[64];
	char user_id[33];
	int64_t erased;
	void (*done)(void *arg, int64_t erased);
	void *arg;
};

static bool
run_erase(sqlite3 *database, void *arg)
{
	struct erasing *erasing = arg;

	return history_store_erase(
		database, erasing->server, erasing->user_id, &erasing->erased);
}

static void
on_erased(void *arg, enum err err)
{
	struct erasing *erasing = arg;

	erasing->done(erasing->arg, err == ERR_NONE ? erasing->erased : -1);
}

void
history_erase_user(struct history *history, struct loop *from, const char *server,
	const char *user_id, void (*done)(void *arg, int64_t erased), void *arg)
{
	struct erasing *erasing = xcalloc(1, sizeof *erasing);

	copy_text(erasing->server, sizeof erasing->server, server);
	copy_text(erasing->user_id, sizeof erasing->user_id, user_id);
	erasing->done = done;
	erasing->arg = arg;
	store_write(history->store, from, run_erase, on_erased, erasing, xfree);
}

/* ---- life ---- */

struct history *
history_new(const struct history_options *options)
{
	struct history *history = xcalloc(1, sizeof *history);

	history->loop = options->loop;
	history->store = options->store;
	history->tracker = options->tracker;
	history->rules = (struct history_rules){ .window_ms = options->window_ms,
		.geo = options->geo };
	history->retention_ms = options->retention_days * DAY_MS;
	for (size_t i = 0; i < BUCKETS; i++)
		SLIST_INIT(&history->plays[i]);
	STAILQ_INIT(&history->failed);
	timer_init(&history->sweep, history->loop, on_sweep, history);
	timer_init(&history->retry, history->loop, on_retry, history);
	timer_init(&history->forget, history->loop, on_forget, history);
	timer_start(&history->sweep, EVERY_MS);
	if (history->retention_ms > 0)
		timer_start(&history->forget, 0);
	tracker_observe(history->tracker, (struct tracker_observer){ on_changed, history });
	return history;
}

static void
write_last(void *arg, const struct play *play)
{
	struct history *history = arg;
	struct written *written = find_written(history, play->id);

	if (written != NULL)
		write_open(history, written, play);
}

void
history_free(struct history *history)
{
	if (history == NULL)
		return;
	timer_stop(&history->sweep);
	timer_stop(&history->retry);
	timer_stop(&history->forget);
	on_retry(history);
	tracker_each(history->tracker, write_last, history);
	for (size_t i = 0; i < BUCKETS; i++) {
		while (!SLIST_EMPTY(&history->plays[i])) {
			struct written *written = SLIST_FIRST(&history->plays[i]);
			SLIST_REMOVE_HEAD(&history->plays[i], link);
			xfree(written);
		}
	}
	history->freed = true;
	if (history->under_way == 0)
		xfree(history);
}
