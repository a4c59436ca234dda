#include "core/errand.h"

#include <pthread.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/queue.h>

enum { MAX_ERRANDS = 1024 };

TAILQ_HEAD(errand_list, errand);

struct errands {
	struct loop *loop;
	struct http_client *client;
	pthread_t thread;
	struct errand_list running; /* errands thread */
	_Atomic int count;          /* started and not yet answered */
	pthread_mutex_t mutex;      /* guards the state of every errand, and that an
				       ANSWERED one is in its loop's mailbox */
};

/* RUNNING -> ANSWERED: the errand lies in the mailbox of the loop that started it, which
 * frees it. RUNNING -> CANCELLED: its second message lies in the mailbox of the errands
 * thread, which frees it. Whichever comes first. */
enum errand_state { ERRAND_RUNNING, ERRAND_ANSWERED, ERRAND_CANCELLED };

struct errand {
	struct message message;        /* there with the request, back with the result */
	struct message cancel_message; /* there, once */
	struct errands *errands;       /* may be freed before an ANSWERED errand is */
	TAILQ_ENTRY(errand) link;
	enum errand_state state; /* under errands->mutex */
	bool silent;             /* starting loop: cancelled though ANSWERED */
	struct loop *from;
	struct http_call *call; /* errands thread; NULL unless under way */
	struct errand_request request;
	void (*done)(void *arg, struct errand_result *result);
	void *arg;
	struct errand_result result;
};

/* ---- the request's copy ---- */

static const char *const *
copy_headers(const char *const *headers)
{
	size_t count = 0;

	while (headers != NULL && headers[count] != NULL)
		count++;
	char **copy = xcalloc(count + 1, sizeof *copy);
	for (size_t i = 0; i < count; i++)
		copy[i] = xstrdup(headers[i]);
	return (const char *const *)copy;
}

static void
free_headers(const char *const *headers)
{
	for (size_t i = 0; headers[i] != NULL; i++)
		xfree((char *)(uintptr_t)headers[i]);
	xfree((void *)(uintptr_t)headers);
}

static struct errand *
make_errand(const struct errand_request *request)
{
	struct errand *errand = xcalloc(1, sizeof *errand);

	errand->request = *request;
	errand->request.method = xstrdup_or_null(request->method);
	errand->request.url = xstrdup(request->url);
	errand->request.headers = copy_headers(request->headers);
	if (request->body != NULL)
		errand->request.body = xstrndup(request->body, request->body_size);
	return errand;
}

static void
free_errand(struct errand *errand)
{
	if (errand->result.parsed != NULL && errand->request.free_parsed != NULL)
		errand->request.free_parsed(errand->result.parsed);
	else
		xfree(errand->result.parsed);
	xfree((void *)(uintptr_t)errand->request.method);
	xfree((void *)(uintptr_t)errand->request.url);
	xfree((void *)(uintptr_t)errand->request.body);
	free_headers(errand->request.headers);
	xfree(errand);
}

/* ---- on the loop that started it ---- */

static void
deliver(struct message *message)
{
	struct errand *errand = CONTAINER_OF(message, struct errand, message);

	if (!errand->silent)
		errand->done(errand->arg, &errand->result);
	free_errand(errand);
}

/* ---- on the errands thread ---- */

/* Takes the errand out of the running ones. */
static void
retire(struct errand *errand)
{
	struct errands *errands = errand->errands;

	if (errand->call != NULL)
		TAILQ_REMOVE(&errands->running, errand, link);
	errand->call = NULL;
	atomic_fetch_sub(&errands->count, 1);
}

static void
on_answer(void *arg, const struct http_answer *answer)
{
	struct errand *errand = arg;
	struct errands *errands = errand->errands;

	errand->result.err = answer->err;
	errand->result.reason = answer->reason;
	errand->result.status = answer->status;
	if (answer->err == ERR_NONE && errand->request.parse != NULL)
		errand->result.parsed =
			errand->request.parse(errand->request.parse_arg, answer);
	retire(errand);
	pthread_mutex_lock(&errands->mutex);
	if (errand->state == ERRAND_RUNNING) {
		errand->state = ERRAND_ANSWERED;
		loop_post(errand->from, &errand->message, deliver);
	}
	pthread_mutex_unlock(&errands->mutex);
}

static void
begin(struct message *message)
{
	struct errand *errand = CONTAINER_OF(message, struct errand, message);
	struct errands *errands = errand->errands;
	const struct errand_request *request = &errand->request;

	errand->call = http_client_start(errands->client,
		&(struct http_call_request){
			.method = request->method,
			.url = request->url,
			.headers = request->headers,
			.body = request->body,
			.body_size = request->body_size,
			.timeout_ms = request->timeout_ms,
			.max_body = request->max_body,
		},
		on_answer, errand);
	TAILQ_INSERT_TAIL(&errands->running, errand, link);
}

static void
end_cancelled(struct message *message)
{
	struct errand *errand = CONTAINER_OF(message, struct errand, cancel_message);

	/* Without a call its answer came between the cancel and now: it is retired. */
	if (errand->call != NULL) {
		http_call_cancel(errand->call);
		retire(errand);
	}
	free_errand(errand);
}

static void *
run_thread(void *arg)
{
	struct errands *errands = arg;

	loop_run(errands->loop);
	return NULL;
}

/* ---- public ---- */

struct errands *
errands_start(const struct http_client_options *options)
{
	struct errands *errands = xcalloc(1, sizeof *errands);

	errands->loop = loop_new("errands");
	errands->client = http_client_new(errands->loop, options);
	TAILQ_INIT(&errands->running);
	pthread_mutex_init(&errands->mutex, NULL);
	int failed = pthread_create(&errands->thread, NULL, run_thread, errands);
	assert(failed == 0);
	(void)failed;
	return errands;
}

void
errands_stop(struct errands *errands)
{
	struct errand *errand;

	if (errands == NULL)
		return;
	loop_stop(errands->loop);
	pthread_join(errands->thread, NULL);
	/* loop_run has drained the mailbox: every cancelled errand is gone. */
	loop_adopt(errands->loop);
	while ((errand = TAILQ_FIRST(&errands->running)) != NULL) {
		http_call_cancel(errand->call);
		retire(errand);
		free_errand(errand);
	}
	http_client_free(errands->client);
	loop_free(errands->loop);
	pthread_mutex_destroy(&errands->mutex);
	xfree(errands);
}

int
errands_count(const struct errands *errands)
{
	return atomic_load(&errands->count);
}

struct errand *
errand_start(struct errands *errands, struct loop *from,
	const struct errand_request *request,
	void (*done)(void *arg, struct errand_result *result), void *arg)
{
	struct errand *errand = make_errand(request);

	assert(loop_is_mine(from));
	errand->errands = errands;
	errand->from = from;
	errand->done = done;
	errand->arg = arg;
	if (atomic_fetch_add(&errands->count, 1) < MAX_ERRANDS) {
		loop_post(errands->loop, &errand->message, begin);
		return errand;
	}
	atomic_fetch_sub(&errands->count, 1);
	errand->state = ERRAND_ANSWERED;
	errand->result.err = ERR_BUSY;
	errand->result.reason = "too many errands are under way";
	loop_post(from, &errand->message, deliver);
	return errand;
}

void
errand_cancel(struct errand *errand)
{
	struct errands *errands = errand->errands;

	assert(loop_is_mine(errand->from));
	pthread_mutex_lock(&errands->mutex);
	bool running = errand->state == ERRAND_RUNNING;
	if (running) {
		errand->state = ERRAND_CANCELLED;
		loop_post(errands->loop, &errand->cancel_message, end_cancelled);
	} else {
		errand->silent = true;
	}
	pthread_mutex_unlock(&errands->mutex);
}
