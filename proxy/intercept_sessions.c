#include "proxy/intercept_sessions.h"

#include "core/json.h"
#include "proxy/intercept.h"

/* What we do after Jellyfin's 2xx. */
struct watched {
	struct front_worker *worker;
	struct play_session_key key;
	char *full_json; /* NULL: a logout */
	char token[256];
	size_t hold; /* of this on the job, until it is relayed */
};

static void
watched_free(void *operation)
{
	struct watched *watched = operation;

	xfree(watched->full_json);
	xfree(watched);
}

/* Who has been told that he is logged out, is. */
static void
on_answered(void *arg, int status)
{
	struct watched *watched = arg;

	if (status >= 200 && status < 300 && watched->full_json == NULL)
		token_drop(watched->worker->services->tokens, watched->token);
}

static void
on_relayed(void *arg, int status, bool complete)
{
	struct watched *watched = arg;
	struct front_services *services = watched->worker->services;

	(void)complete;
	if (status >= 200 && status < 300 && watched->full_json != NULL)
		now_playing_post_capabilities(
			services->now_playing, &watched->key, watched->full_json);
	watched_free(watched);
}

static void
on_known(struct intercept *intercept)
{
	struct watched *watched = intercept->state;
	const struct relay_watch watch = {
		.answered = on_answered, .done = on_relayed, .arg = watched
	};

	watched->key = caller_session_key(intercept->caller);
	copy_text(watched->token, sizeof watched->token, intercept->caller->identity.token);
	http_job_release(intercept->job, watched->hold);
	relay_start(watched->worker->relay, http_job_take(intercept->job), &watch);
}

/* Relays the request once it is known whose session it is about. */
static bool
relay_watched(struct front_worker *worker, struct exchange *exchange,
	const struct route_match *match, char *take_full_json)
{
	struct watched *watched = xcalloc(1, sizeof *watched);
	struct intercept *intercept = intercept_start(worker, exchange, match);

	watched->worker = worker;
	watched->full_json = take_full_json;
	watched->hold = http_job_hold(intercept->job, watched_free, watched);
	intercept->state = watched;
	intercept_identify(intercept, on_known);
	return true;
}

/* The query's lists in the form of /Full, so that there is one form to replay. */
static char *
full_form_new(struct exchange *exchange)
{
	static const struct {
		const char *query;
		const char *member;
	} lists[] = { { "playableMediaTypes", "PlayableMediaTypes" },
		{ "supportedCommands", "SupportedCommands" } };
	const struct query *query = exchange_query(exchange);
	json_t *full = json_object();

	for (size_t i = 0; i < COUNT_OF(lists); i++) {
		const char **values =
			query_list(exchange_arena(exchange), query, lists[i].query, NULL);
		json_t *array = json_array();
		for (size_t j = 0; values[j] != NULL; j++)
			json_array_append_new(array, json_string(values[j]));
		json_put_new(full, lists[i].member, array);
	}
	json_put_bool(full, "SupportsMediaControl",
		query_bool(query, "supportsMediaControl", false));
	json_put_bool(full, "SupportsPersistentIdentifier",
		query_bool(query, "supportsPersistentIdentifier", true));
	char *text = json_dump_new(full, NULL);
	json_decref(full);
	return text;
}

bool
intercept_capabilities(struct front_worker *worker, struct exchange *exchange,
	const struct route_match *match)
{
	return relay_watched(worker, exchange, match, full_form_new(exchange));
}

bool
intercept_capabilities_full(struct front_worker *worker, struct exchange *exchange,
	const struct route_match *match)
{
	size_t size;
	const char *body = exchange_body(exchange, &size);

	return relay_watched(worker, exchange, match, xstrndup(body, size));
}

bool
intercept_logout(struct front_worker *worker, struct exchange *exchange,
	const struct route_match *match)
{
	return relay_watched(worker, exchange, match, NULL);
}
