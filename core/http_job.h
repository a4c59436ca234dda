/* Job: an exchange that waits for others (a token check, a provider, another thread).
 *
 * What runs for the exchange is held by the job; when the client leaves or the answer is
 * given, all of it is cancelled. So handlers write no clean-up: they start an operation,
 * hold it, and release the hold first thing in its callback. Their state lives in the
 * exchange's arena, which is valid as long as callbacks can fire. Worker thread.
 */
#ifndef CORE_HTTP_JOB_H
#define CORE_HTTP_JOB_H

#include "core/http_exchange.h"

enum { HTTP_JOB_HOLDS = 16 };

struct http_job;

/* Owns the exchange from now on. */
struct http_job *http_job_new(struct exchange *exchange);
struct exchange *http_job_exchange(struct http_job *job);
struct arena *http_job_arena(struct http_job *job);
struct loop *http_job_loop(struct http_job *job);

/* `cancel(operation)` is called when the job ends before http_job_release; what was held
 * last is cancelled first, so an operation may use what was held before it. Returns the
 * hold's number. */
size_t http_job_hold(
	struct http_job *job, void (*cancel)(void *operation), void *operation);
void http_job_release(struct http_job *job, size_t hold);

/* Ends the job: cancels what is held and hands the exchange out, to be answered, relayed or
 * owned by somebody else. The job's memory stays valid until the loop's turn is over. */
struct exchange *http_job_take(struct http_job *job);

#endif
