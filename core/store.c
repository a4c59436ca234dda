#include "core/store.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/queue.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/clock.h"
#include "core/log.h"
#include "core/store_migrate.h"
#include "core/text.h"

/* Of pages, per connection; negative means KiB. The system caches the file as well. */
#define CACHE_KIB "-512"

enum {
	MAX_WRITES = 4096,
	MAX_READS = 1024,
	READERS = 3,            /* a long question holds up no short one */
	MAX_BATCH = 512,        /* writes of one transaction */
	BUSY_TIMEOUT_MS = 5000, /* for what another process does with the file */
	DEADLINE_STEPS = 2000,  /* of SQLite's machine between looks at the clock */
};

struct job {
	struct message message; /* back to `from` */
	STAILQ_ENTRY(job) link;
	struct loop *from;
	bool (*run)(sqlite3 *database, void *arg);
	void (*done)(void *arg, enum err err);
	void *arg;
	void (*free_arg)(void *arg);
	int64_t due_ms; /* reads */
	enum err err;
};

STAILQ_HEAD(job_list, job);

/* A thread and its connection. */
struct worker {
	struct store *store;
	sqlite3 *database;
	pthread_t thread;
	bool started;
	int64_t due_ms; /* readers: of the read that runs */
};

/* What is queued for one kind of them. */
struct lane {
	int most;
	pthread_mutex_t mutex; /* guards the following */
	pthread_cond_t wake;
	struct job_list jobs;
	int count;
	bool stopping;
};

struct store {
	struct lane writes, reads;
	struct worker writer, readers[STORE_READERS];
	atomic_bool ending_reads;
};

/* ---- jobs ---- */

static void
free_job(struct job *job)
{
	if (job->free_arg != NULL)
		job->free_arg(job->arg);
	xfree(job);
}

static void
deliver(struct message *message)
{
	struct job *job = CONTAINER_OF(message, struct job, message);

	job->done(job->arg, job->err);
	free_job(job);
}

static void
finish_job(struct job *job, enum err err)
{
	job->err = err;
	if (job->done != NULL)
		loop_post(job->from, &job->message, deliver);
	else
		free_job(job);
}

/* Moves at most `most` jobs to `batch`, waiting for the first; false when the lane stops
 * and nothing is left. */
static bool
take_jobs(struct lane *lane, struct job_list *batch, int most)
{
	STAILQ_INIT(batch);
	pthread_mutex_lock(&lane->mutex);
	while (lane->count == 0 && !lane->stopping)
		pthread_cond_wait(&lane->wake, &lane->mutex);
	for (; lane->count > 0 && most > 0; most--) {
		struct job *job = STAILQ_FIRST(&lane->jobs);
		STAILQ_REMOVE_HEAD(&lane->jobs, link);
		STAILQ_INSERT_TAIL(batch, job, link);
		lane->count--;
	}
	pthread_mutex_unlock(&lane->mutex);
	return !STAILQ_EMPTY(batch);
}

static void
give_job(struct lane *lane, struct job *job)
{
	pthread_mutex_lock(&lane->mutex);
	bool room = lane->count < lane->most && !lane->stopping;
	if (room) {
		STAILQ_INSERT_TAIL(&lane->jobs, job, link);
		lane->count++;
		pthread_cond_signal(&lane->wake);
	}
	pthread_mutex_unlock(&lane->mutex);
	if (!room)
		finish_job(job, ERR_BUSY);
}

static bool
execute(sqlite3 *database, const char *sql)
{
	return sqlite3_exec(database, sql, NULL, NULL, NULL) == SQLITE_OK;
}

/* ---- the writer ---- */

static enum err
run_write(sqlite3 *database, struct job *job)
{
	if (!execute(database, "SAVEPOINT one"))
		return ERR_IO;
	if (job->run(database, job->arg))
		return execute(database, "RELEASE one") ? ERR_NONE : ERR_IO;
	log_warn_limited(
		"store_write_rolled_back", LOG_TEXT("reason", sqlite3_errmsg(database)));
	execute(database, "ROLLBACK TO one");
	execute(database, "RELEASE one");
	return ERR_IO;
}

static void
run_batch(sqlite3 *database, struct job_list *batch)
{
	struct job *job;
	bool good = execute(database, "BEGIN IMMEDIATE");

	STAILQ_FOREACH(job, batch, link)
	{
		/* Some failures (a full disk) end the whole transaction. */
		good = good && !sqlite3_get_autocommit(database);
		job->err = good ? run_write(database, job) : ERR_IO;
	}
	good = good && !sqlite3_get_autocommit(database) && execute(database, "COMMIT");
	if (!good) {
		log_error(
			"store_batch_failed", LOG_TEXT("reason", sqlite3_errmsg(database)));
		if (!sqlite3_get_autocommit(database))
			execute(database, "ROLLBACK");
	}
	while ((job = STAILQ_FIRST(batch)) != NULL) {
		STAILQ_REMOVE_HEAD(batch, link);
		finish_job(job, good ? job->err : ERR_IO);
	}
}

static void *
run_writer(void *arg)
{
	struct worker *writer = arg;
	struct job_list batch;

	pthread_setname_np(pthread_self(), "store-writer");
	while (take_jobs(&writer->store->writes, &batch, MAX_BATCH))
		run_batch(writer->database, &batch);
	return NULL;
}

/* ---- the readers ---- */

static int
is_due(void *arg)
{
	const struct worker *reader = arg;

	return atomic_load(&reader->store->ending_reads) ||
	       clock_now_ms() >= reader->due_ms;
}

static enum err
run_read(struct worker *reader, struct job *job)
{
	sqlite3 *database = reader->database;

	if (atomic_load(&reader->store->ending_reads))
		return ERR_BUSY;
	reader->due_ms = job->due_ms;
	if (is_due(reader))
		return ERR_TIMEOUT;
	sqlite3_progress_handler(database, DEADLINE_STEPS, is_due, reader);
	bool good = execute(database, "BEGIN") && job->run(database, job->arg);
	bool due = !good && is_due(reader);
	sqlite3_progress_handler(database, 0, NULL, NULL);
	if (!sqlite3_get_autocommit(database))
		execute(database, "ROLLBACK");
	if (good)
		return ERR_NONE;
	return due ? ERR_TIMEOUT : ERR_IO;
}

static void *
run_reader(void *arg)
{
	struct worker *reader = arg;
	struct job_list one;

	pthread_setname_np(pthread_self(), "store-reader");
	while (take_jobs(&reader->store->reads, &one, 1)) {
		struct job *job = STAILQ_FIRST(&one);
		finish_job(job, run_read(reader, job));
	}
	return NULL;
}

/* ---- life ---- */

static void
lane_init(struct lane *lane, int most)
{
	lane->most = most;
	pthread_mutex_init(&lane->mutex, NULL);
	pthread_cond_init(&lane->wake, NULL);
	STAILQ_INIT(&lane->jobs);
}

static void
worker_start(struct worker *worker, void *(*run)(void *arg))
{
	int failed = pthread_create(&worker->thread, NULL, run, worker);

	assert(failed == 0);
	worker->started = failed == 0;
}

static void
worker_stop(struct worker *worker)
{
	if (worker->started)
		pthread_join(worker->thread, NULL);
	sqlite3_close(worker->database);
}

/* Nobody is given anything any more, and whoever waits is woken. */
static void
lane_stop(struct lane *lane)
{
	pthread_mutex_lock(&lane->mutex);
	lane->stopping = true;
	pthread_cond_broadcast(&lane->wake);
	pthread_mutex_unlock(&lane->mutex);
}

static void
lane_fini(struct lane *lane)
{
	pthread_cond_destroy(&lane->wake);
	pthread_mutex_destroy(&lane->mutex);
}

static bool
open_writer(struct worker *worker, const char *path,
	const struct store_migration_table *tables, size_t count, char *why,
	size_t why_size)
{
	char wrong[256];
	int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX;

	if (sqlite3_open_v2(path, &worker->database, flags, NULL) != SQLITE_OK ||
		sqlite3_busy_timeout(worker->database, BUSY_TIMEOUT_MS) != SQLITE_OK ||
		!execute(worker->database, "PRAGMA journal_mode = WAL") ||
		!execute(worker->database, "PRAGMA synchronous = NORMAL") ||
		!execute(worker->database, "PRAGMA cache_size = " CACHE_KIB) ||
		!execute(worker->database, "PRAGMA foreign_keys = ON")) {
		snprintf(why, why_size, "%s cannot be opened for writing: %s", path,
			sqlite3_errmsg(worker->database));
		return false;
	}
	if (store_migrate(worker->database, tables, count, wrong, sizeof wrong))
		return true;
	snprintf(why, why_size, "%s %s", path, wrong);
	return false;
}

static bool
open_reader(struct worker *worker, const char *path, char *why, size_t why_size)
{
	int flags = SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX;

	if (sqlite3_open_v2(path, &worker->database, flags, NULL) == SQLITE_OK &&
		sqlite3_busy_timeout(worker->database, BUSY_TIMEOUT_MS) == SQLITE_OK)
		return true;
	snprintf(why, why_size, "%s cannot be opened for reading: %s", path,
		sqlite3_errmsg(worker->database));
	return false;
}

/* Makes the folder and sees that the file will be ours alone. */
static bool
prepare_folder(const char *folder, char *why, size_t why_size)
{
	if (mkdir(folder, 0700) != 0 && errno != EEXIST) {
		snprintf(why, why_size, "the folder %s cannot be made: %s", folder,
			strerror(errno));
		return false;
	}
	int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	bool good = fd >= 0 && faccessat(fd, ".", W_OK | X_OK, 0) == 0;
	if (!good)
		snprintf(why, why_size, "the folder %s cannot be written to: %s", folder,
			strerror(errno));
	if (fd >= 0)
		close(fd);
	return good;
}

struct store *
store_start(const char *folder, const struct store_migration_table *tables, size_t count,
	char *why, size_t why_size)
{
	struct store *store = xcalloc(1, sizeof *store);
	struct text path;

	lane_init(&store->writes, MAX_WRITES);
	lane_init(&store->reads, MAX_READS);
	store->writer.store = store;
	text_init(&path);
	text_addf(&path, "%s/sidetrack.db", folder);
	mode_t before = umask(0077);
	bool good =
		prepare_folder(folder, why, why_size) &&
		open_writer(&store->writer, text_get(&path), tables, count, why, why_size);
	for (size_t i = 0; good && i < STORE_READERS; i++) {
		store->readers[i].store = store;
		good = open_reader(&store->readers[i], text_get(&path), why, why_size);
	}
	umask(before);
	text_fini(&path);
	if (!good) {
		store_stop(store);
		return NULL;
	}
	worker_start(&store->writer, run_writer);
	for (size_t i = 0; i < STORE_READERS; i++)
		worker_start(&store->readers[i], run_reader);
	return store;
}

void
store_stop(struct store *store)
{
	if (store == NULL)
		return;
	atomic_store(&store->ending_reads, true);
	lane_stop(&store->reads);
	for (size_t i = 0; i < STORE_READERS; i++)
		worker_stop(&store->readers[i]);
	/* Last, since the last connection to close tidies the file up. */
	lane_stop(&store->writes);
	worker_stop(&store->writer);
	lane_fini(&store->reads);
	lane_fini(&store->writes);
	xfree(store);
}

static struct job *
make_job(struct loop *from, bool (*run)(sqlite3 *database, void *arg),
	void (*done)(void *arg, enum err err), void *arg, void (*free_arg)(void *arg))
{
	struct job *job = xcalloc(1, sizeof *job);

	assert(done == NULL || from != NULL);
	job->from = from;
	job->run = run;
	job->done = done;
	job->arg = arg;
	job->free_arg = free_arg;
	return job;
}

void
store_write(struct store *store, struct loop *from,
	bool (*run)(sqlite3 *database, void *arg), void (*done)(void *arg, enum err err),
	void *arg, void (*free_arg)(void *arg))
{
	give_job(&store->writes, make_job(from, run, done, arg, free_arg));
}

void
store_read(struct store *store, struct loop *from, int64_t deadline_ms,
	bool (*run)(sqlite3 *database, void *arg), void (*done)(void *arg, enum err err),
	void *arg, void (*free_arg)(void *arg))
{
	struct job *job = make_job(from, run, done, arg, free_arg);

	job->due_ms = clock_now_ms() + deadline_ms;
	give_job(&store->reads, job);
}
