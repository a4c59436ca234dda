#include "proxy/intercept_play.h"

#include <inttypes.h>
#include <stdio.h>

#include "core/clock.h"
#include "core/http_answer.h"
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

/* What a stream that never began means to a client. */
struct told {
	int status;
	const char *code;
	const char *message;
};

static struct told
told_of(const struct track_end *end)
{
	if (end->refusal == TRACK_TOO_MANY_STREAMS)
		return (struct told){ 429, "too_many_streams",
			"You listen to as many songs at once as you may." };
	if (end->refusal == TRACK_TOO_MANY_DOWNLOADS)
		return (struct told){ 429, "too_many_downloads",
			"You have had as many new songs today as you may." };
	if (end->err == ERR_BUSY)
		return (struct told){ 503, "provider_busy",
			"The music provider or its account is busy. Try again shortly." };
	if (end->err == ERR_DENIED)
		return (struct told){ 403, "provider_denied",
			"The music provider does not give this song to the account that is "
			"set up here, or the account's settings are wrong." };
	return (struct told){ 406, "no_compatible_stream",
		"This song does not come in any form that the player can play." };
}

void
intercept_play_reply_end(struct intercept *intercept, const struct track_end *end)
{
	struct told told = told_of(end);
	char retry_after[24];
	size_t size;

	if (end->err != ERR_BUSY && end->err != ERR_DENIED && end->err != ERR_INVALID) {
		intercept_reply_err(intercept, end->err);
		return;
	}
	snprintf(retry_after, sizeof retry_after, "%" PRId64, end->retry_after_s);
	const struct http_header headers[] = { { "Content-Type", "application/json" },
		{ "Retry-After", retry_after } };
	char *body = http_error_json(told.code, told.message, &size);
	exchange_reply_with(http_job_take(intercept->job), told.status, headers,
		end->retry_after_s > 0 ? 2 : 1, body, size);
	xfree(body);
}
