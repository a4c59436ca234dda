#include "api/api_inquiry.h"

#include "core/ask.h"
#include "core/http_job.h"
#include "core/json.h"
#include "session/caller.h"

/* A question of an administrator to the control thread. */
struct inquiry {
	struct api_services *services;
	struct http_job *job;
	size_t hold;
	void *(*answer)(void *services); /* on the control thread; a json_t * */
};

static void
free_json(void *json)
{
	json_decref(json);
}

static void
cancel_ask(void *operation)
{
	ask_cancel(operation);
}

static void
on_answered(void *arg, void *result)
{
	struct inquiry *inquiry = arg;

	http_job_release(inquiry->job, inquiry->hold);
	exchange_reply_json(http_job_take(inquiry->job), 200, result);
}

static void
on_confirmed(void *arg, const struct caller *caller)
{
	struct inquiry *inquiry = arg;
	struct api_services *services = inquiry->services;

	if (caller->err == ERR_NONE && caller->facts.administrator) {
		inquiry->hold = http_job_hold(inquiry->job, cancel_ask,
			ask_start(http_job_loop(inquiry->job), services->control,
				inquiry->answer, services, free_json, on_answered,
				inquiry));
		return;
	}
	struct exchange *exchange = http_job_take(inquiry->job);
	if (caller->err == ERR_NONE)
		exchange_reply_error(
			exchange, 403, "forbidden", "This is for Jellyfin administrators.");
	else if (caller->err == ERR_DENIED)
		exchange_reply_error(exchange, 401, "unauthorized",
			"Send the access token of a Jellyfin administrator.");
	else
		exchange_reply_error(exchange, 502, "jellyfin_unreachable",
			"Jellyfin could not be asked about this token.");
}

void
api_inquire(struct api_services *services, struct exchange *exchange,
	void *(*answer)(void *services))
{
	struct inquiry *inquiry = arena_alloc(exchange_arena(exchange), sizeof *inquiry);

	*inquiry = (struct inquiry){ .services = services, .answer = answer };
	inquiry->job = http_job_new(exchange);
	caller_confirm(inquiry->job, services->tokens, on_confirmed, inquiry);
}
