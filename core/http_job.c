#include "core/http_job.h"

#include "core/loop.h"

enum { JOB_MAGIC = 0x6a0b0001 };

struct hold {
	void (*cancel)(void *operation); /* NULL: free */
	void *operation;
};

struct http_job {
	unsigned magic;
	struct exchange *exchange; /* NULL once the job has ended */
	struct loop *loop;
	struct hold holds[HTTP_JOB_HOLDS]; /* in the order they were taken */
	size_t hold_count;                 /* the last of them is held */
};

static void
end(struct http_job *job)
{
	job->exchange = NULL;
	while (job->hold_count > 0) {
		struct hold hold = job->holds[--job->hold_count];
		if (hold.cancel != NULL)
			hold.cancel(hold.operation);
	}
	loop_later(job->loop, xfree, job);
}

static void
on_gone(void *arg)
{
	end(CAST(arg, JOB_MAGIC));
}

static const struct exchange_owner owner = { .gone = on_gone };

struct http_job *
http_job_new(struct exchange *exchange)
{
	struct http_job *job = xcalloc(1, sizeof *job);

	job->magic = JOB_MAGIC;
	job->exchange = exchange;
	job->loop = exchange_loop(exchange);
	exchange_own(exchange, &owner, job);
	return job;
}

struct exchange *
http_job_exchange(struct http_job *job)
{
	assert(job->exchange != NULL);
	return job->exchange;
}

struct arena *
http_job_arena(struct http_job *job)
{
	return exchange_arena(http_job_exchange(job));
}

struct loop *
http_job_loop(struct http_job *job)
{
	return job->loop;
}

size_t
http_job_hold(struct http_job *job, void (*cancel)(void *operation), void *operation)
{
	assert(job->exchange != NULL && job->hold_count < HTTP_JOB_HOLDS);
	job->holds[job->hold_count] = (struct hold){ cancel, operation };
	return job->hold_count++;
}

void
http_job_release(struct http_job *job, size_t hold)
{
	assert(hold < job->hold_count && job->holds[hold].cancel != NULL);
	job->holds[hold].cancel = NULL;
	while (job->hold_count > 0 && job->holds[job->hold_count - 1].cancel == NULL)
		job->hold_count--;
}

struct exchange *
http_job_take(struct http_job *job)
{
	struct exchange *exchange = http_job_exchange(job);

	end(job);
	return exchange;
}
