#include "api/api_clock.h"

#include "core/clock.h"
#include "core/errand.h"
#include "core/http_job.h"
#include "core/json.h"

enum {
	ROUND_MS = 1,
	MAX_ROUNDS = 250,
	QUIET_ROUNDS = 2, /* an answer on its way back is not counted any more */
};

/* Travels to the control thread, turns there until nothing is left to do, and comes back.
 */
struct settling {
	struct message message;
	struct timer round; /* control thread */
	const struct api_services *services;
	struct loop *worker;
	struct http_job *job; /* worker; NULL when the client has left */
	size_t hold;
	int rounds, quiet; /* control thread */
};

static void
reply_time(struct exchange *exchange)
{
	json_t *answer = json_object();

	json_put_int(answer, "now_ms", clock_wall_ms());
	exchange_reply_json(exchange, 200, answer);
}

static void
on_settled(struct message *message)
{
	struct settling *settling = CONTAINER_OF(message, struct settling, message);

	if (settling->job != NULL) {
		http_job_release(settling->job, settling->hold);
		reply_time(http_job_take(settling->job));
	}
	xfree(settling);
}

/* Timers run in the order in which they fall due: what was due before this one is done. */
static void
on_round(void *arg)
{
	struct settling *settling = arg;

	settling->quiet =
		errands_count(settling->services->errands) == 0 ? settling->quiet + 1 : 0;
	settling->rounds++;
	if (settling->quiet >= QUIET_ROUNDS || settling->rounds >= MAX_ROUNDS)
		loop_post(settling->worker, &settling->message, on_settled);
	else
		timer_start(&settling->round, ROUND_MS);
}

static void
begin_rounds(struct message *message)
{
	struct settling *settling = CONTAINER_OF(message, struct settling, message);

	timer_init(&settling->round, settling->services->control, on_round, settling);
	timer_start(&settling->round, 0);
}

static void
on_client_gone(void *arg)
{
	struct settling *settling = arg;

	settling->job = NULL;
}

static void
settle(struct api_services *services, struct exchange *exchange)
{
	struct settling *settling = xcalloc(1, sizeof *settling);

	settling->services = services;
	settling->worker = exchange_loop(exchange);
	settling->job = http_job_new(exchange);
	settling->hold = http_job_hold(settling->job, on_client_gone, settling);
	loop_post(services->control, &settling->message, begin_rounds);
}

void
api_test_clock(struct api_services *services, struct exchange *exchange)
{
	size_t size;
	const char *body = exchange_body(exchange, &size);

	if (!services->test_clock) {
		exchange_reply_error(
			exchange, 404, "not_found", "There is nothing at this path.");
		return;
	}
	json_t *request = json_parse_new(body, size);
	int64_t advance_ms = json_int(request, "advance_ms", -1);
	json_decref(request);
	if (advance_ms < 0) {
		exchange_reply_error(exchange, 400, "bad_request",
			"advance_ms must be a number of milliseconds, 0 or more.");
		return;
	}
	clock_advance(advance_ms);
	settle(services, exchange);
}
