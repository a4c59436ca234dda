#include "proxy/intercept_play.h"

#include "core/clock.h"
#include "proxy/metrics.h"

/* NULL: there is none, or not a good one. */
static const struct play_pass *
read_pass(struct intercept *intercept, const struct external_id *song)
{
	struct play_passes *passes = intercept->worker->services->passes;
	const char *given =
		query_get(exchange_query(intercept_exchange(intercept)), "PlaySessionId");
	struct play_pass *pass = arena_alloc(intercept_arena(intercept), sizeof *pass);
	char hex[EXTERNAL_ID_HEX];

	if (given == NULL || !external_id_format(hex, song) ||
		!play_pass_read(passes, pass, slice_of(given), hex, clock_wall_ms()))
		return NULL;
	return pass;
}

void
intercept_play_guard(struct intercept *intercept, const struct external_id *song,
	void (*allowed)(struct intercept *intercept))
{
	intercept->pass = read_pass(intercept, song);
	if (intercept->pass != NULL)
		allowed(intercept);
	else
		intercept_guard_only(intercept, allowed, NULL);
}

void
intercept_play_refuse(struct intercept *intercept)
{
	metric_add(&proxy_metric_incompatible, 1);
	exchange_reply_error(http_job_take(intercept->job), 406, "no_compatible_stream",
		"This song comes as MP3 or FLAC, and the player has said that it plays "
		"neither, or not at this rate.");
}

void
intercept_play_refuse_stopped(struct intercept *intercept)
{
	exchange_reply_error(http_job_take(intercept->job), 403, "stopped",
		"This playback was stopped from another device. Start it again.");
}

struct play_choice
intercept_play_choose(struct intercept *intercept, const struct external_id *song,
	enum play_route route, const char *extension)
{
	char hex[EXTERNAL_ID_HEX] = "";
	bool formatted = external_id_format(hex, song);
	const struct play_request request = {
		.route = route,
		.song = formatted ? hex : "",
		.extension = extension,
		.query = exchange_query(intercept_exchange(intercept)),
	};
	track_quality_set offered = intercept_offered(intercept, song->provider);
	track_quality_set found =
		intercept->pass == NULL ? offered : offered & intercept->pass->qualities;
	struct play_choice choice = play_request_choose(
		&request, intercept_arena(intercept), found != 0 ? found : offered);

	if (offered == 0)
		intercept_reply_status(intercept, 404);
	else if (choice.way == PLAY_NOT)
		intercept_play_refuse(intercept);
	return choice;
}
