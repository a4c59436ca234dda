#include "api/api_plays.h"

#include "api/api_inquiry.h"
#include "core/clock.h"
#include "core/json.h"

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
	api_inquire(services, exchange, plays_answer);
}

void
api_sessions(struct api_services *services, struct exchange *exchange)
{
	api_inquire(services, exchange, sessions_answer);
}
