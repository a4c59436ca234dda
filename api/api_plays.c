#include "api/api_plays.h"

#include "core/ask.h"
#include "core/clock.h"
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

static void
inquire(struct api_services *services, struct exchange *exchange,
	void *(*answer)(void *services))
{
	struct inquiry *inquiry = arena_alloc(exchange_arena(exchange), sizeof *inquiry);

	*inquiry = (struct inquiry){ .services = services, .answer = answer };
	inquiry->job = http_job_new(exchange);
	caller_confirm(inquiry->job, services->tokens, on_confirmed, inquiry);
}

static void
add_play(void *arg, const struct play *play)
{
	json_array_append_new(arg, play_json_new(play, clock_now_ms()));
}

static void *
plays_answer(void *arg)
{
	struct api_services *services = arg;
	json_t *answer = json_object();
	json_t *plays = json_array();

	tracker_each(services->tracker, add_play, plays);
	json_put_new(answer, "plays", plays);
	return answer;
}

static void *
sessions_answer(void *arg)
{
	struct api_services *services = arg;
	json_t *answer = json_object();

	json_put_new(
		answer, "sessions", now_playing_sessions_json_new(services->now_playing));
	return answer;
}

void
api_plays(struct api_services *services, struct exchange *exchange)
{
	inquire(services, exchange, plays_answer);
}

void
api_sessions(struct api_services *services, struct exchange *exchange)
{
	inquire(services, exchange, sessions_answer);
}
