#include "session/feed_server.h"

#include <string.h>

#include "core/clock.h"
#include "core/crypto.h"
#include "core/json.h"
#include "core/log.h"
#include "session/metrics.h"
#include "session/retry_delay.h"
#include "session/server_clock.h"

#define FEED_SERVER_MAGIC 0x66647376u

enum {
	ASK_TIMEOUT_MS = 10 * 1000,
	MAX_ANSWER = 32 * 1024 * 1024,
	LEAST_GAP_MS = 1000, /* between an answer and the next question */
	REFUSED_SPREAD_MS = 10 * 1000,
};

/* Sessions that were silent for longer play nothing any more: Jellyfin itself ends what was
 * not reported on for ten minutes. */
#define SESSIONS_PATH "/Sessions?activeWithinSeconds=960"

struct feed_server {
	unsigned magic;
	struct feed_server_options options;
	char name[64];
	struct base_url base;
	struct text authorization; /* a secret */
	struct feed_diff *diff;
	struct feed_socket *socket;
	struct server_clock clock;
	struct timer poll;
	struct errand *errand; /* one question at a time */
	int64_t asked_ms;
	int64_t answered_wall_ms; /* 0: never */
	enum feed_state state;
	int64_t since_wall_ms, since_ms; /* of the state */
	int failures;                    /* in a row */
	int64_t returned_ms;             /* first answer after a failure; 0: none yet */
	size_t session_count;
};

/* An answer, read on the errands thread. */
struct poll_answer {
	int64_t date_ms; /* -1 unknown */
	struct feed_sessions *sessions;
};

static const char *const state_names[] = { "unknown", "up", "down", "refused" };

/* ---- on the errands thread ---- */

static void *
read_answer(void *arg, const struct http_answer *answer)
{
	struct poll_answer *poll;
	struct feed_sessions *sessions = NULL;

	(void)arg;
	if (answer->err == ERR_NONE && answer->status == 200)
		sessions = feed_sessions_parse_new(answer->body, answer->body_size);
	if (sessions == NULL)
		return NULL;
	poll = xcalloc(1, sizeof *poll);
	poll->sessions = sessions;
	if (!server_clock_parse_http(&poll->date_ms, http_answer_header(answer, "Date")))
		poll->date_ms = -1;
	return poll;
}

static void
free_answer(void *read)
{
	struct poll_answer *poll = read;

	xfree(poll->sessions);
	xfree(poll);
}

/* ---- its state ---- */

static void
set_state(struct feed_server *server, enum feed_state state)
{
	enum feed_state from = server->state;

	if (state == from)
		return;
	server->state = state;
	server->since_ms = clock_now_ms();
	server->since_wall_ms = clock_wall_ms();
	metric_add(&session_metric_feed_servers_up, (state == FEED_UP) - (from == FEED_UP));
	log_info("feed_server_changed", LOG_TEXT("server", server->name),
		LOG_TEXT("at", server->base.authority), LOG_TEXT("from", state_names[from]),
		LOG_TEXT("to", state_names[state]));
}

static void
tell_down(struct feed_server *server, const struct errand_result *result)
{
	metric_add(&session_metric_feed_down, 1);
	log_warn("server_down", LOG_TEXT("server", server->name),
		LOG_TEXT("at", server->base.authority),
		LOG_TEXT("why", result->reason != NULL ? result->reason
						       : "it gives no list of sessions"),
		LOG_NUMBER("status", result->status));
	set_state(server, FEED_DOWN);
	feed_socket_want(server->socket, false);
	server->options.changed(server->options.changed_arg, server, false);
}

/* It answers, whatever it says. */
static void
tell_up(struct feed_server *server, enum feed_state to)
{
	bool was_down = server->state == FEED_DOWN;
	int64_t down_ms = clock_now_ms() - server->since_ms;

	if (server->failures > 0)
		server->returned_ms = clock_now_ms();
	server->failures = 0;
	set_state(server, to);
	if (!was_down)
		return;
	log_info("server_up", LOG_TEXT("server", server->name),
		LOG_TEXT("at", server->base.authority), LOG_NUMBER("down_ms", down_ms));
	server->options.changed(server->options.changed_arg, server, true);
}

/* ---- polls ---- */

static int64_t
wait_ms(const struct feed_server *server)
{
	int64_t period_ms = feed_diff_count(server->diff) > 0 ? FEED_BUSY_MS : FEED_IDLE_MS;
	int64_t left_ms = server->asked_ms + period_ms - clock_now_ms();

	if (server->state == FEED_REFUSED)
		return FEED_REFUSED_MS + crypto_random_below(REFUSED_SPREAD_MS);
	if (server->state == FEED_DOWN)
		return retry_delay_ms(server->failures);
	return left_ms > LEAST_GAP_MS ? left_ms : LEAST_GAP_MS;
}

/* A push may have shown that something plays, or nothing more. */
static void
schedule(struct feed_server *server)
{
	if (server->errand == NULL)
		timer_start(&server->poll, wait_ms(server));
}

static void
apply(struct feed_server *server, const struct feed_sessions *sessions, int64_t asked_ms)
{
	const struct feed_look look = { .asked_ms = asked_ms,
		.came_ms = clock_now_ms(),
		.came_wall_ms = clock_wall_ms(),
		.forgetful = server->returned_ms > 0 &&
			     clock_now_ms() - server->returned_ms < FEED_RETURN_MS };
	size_t before = feed_diff_count(server->diff);

	server->session_count = sessions->session_count;
	feed_diff_apply(server->diff, sessions, &server->clock, &look);
	metric_add(&session_metric_feed_plays,
		(int64_t)feed_diff_count(server->diff) - (int64_t)before);
}

static void
on_sessions(struct feed_server *server, const struct poll_answer *poll)
{
	int64_t now_ms = clock_now_ms();

	metric_add(&session_metric_feed_polls[0], 1);
	metric_observe_ms(&session_metric_feed_poll, now_ms - server->asked_ms);
	server->answered_wall_ms = clock_wall_ms();
	if (poll->date_ms >= 0)
		server_clock_hear(&server->clock, poll->date_ms, server->asked_ms, now_ms);
	tell_up(server, FEED_UP);
	feed_socket_want(server->socket, true);
	apply(server, poll->sessions, server->asked_ms);
}

static void
on_refused(struct feed_server *server, int status)
{
	metric_add(&session_metric_feed_polls[2], 1);
	if (server->state != FEED_REFUSED)
		log_warn("feed_key_refused", LOG_TEXT("server", server->name),
			LOG_TEXT("at", server->base.authority),
			LOG_NUMBER("status", status),
			LOG_TEXT("hint", "make an API key in Jellyfin's dashboard"));
	tell_up(server, FEED_REFUSED);
	feed_socket_want(server->socket, false);
}

static void
on_failure(struct feed_server *server, const struct errand_result *result)
{
	metric_add(&session_metric_feed_polls[1], 1);
	server->failures++;
	log_debug("feed_poll_failed", LOG_TEXT("server", server->name),
		LOG_NUMBER("failures", server->failures),
		LOG_NUMBER("status", result->status),
		LOG_TEXT("err", err_name(result->err)));
	if (server->failures >= FEED_DOWN_AFTER && server->state != FEED_DOWN)
		tell_down(server, result);
}

static void
on_answer(void *arg, struct errand_result *result)
{
	struct feed_server *server = CAST(arg, FEED_SERVER_MAGIC);

	server->errand = NULL;
	if (result->parsed != NULL)
		on_sessions(server, result->parsed);
	else if (result->err == ERR_BUSY)
		log_debug("feed_poll_postponed", LOG_TEXT("server", server->name));
	else if (result->err == ERR_NONE &&
		 (result->status == 401 || result->status == 403))
		on_refused(server, result->status);
	else
		on_failure(server, result);
	schedule(server);
}

static void
on_poll(void *arg)
{
	struct feed_server *server = CAST(arg, FEED_SERVER_MAGIC);
	struct text header = { 0 };
	struct text url = { 0 };

	text_addf(&header, "Authorization: %s", text_get(&server->authorization));
	jellyfin_url(&url, &server->base, SESSIONS_PATH);
	const char *headers[] = { text_get(&header), NULL };
	const struct errand_request request = { .method = "GET",
		.url = text_get(&url),
		.headers = headers,
		.timeout_ms = ASK_TIMEOUT_MS,
		.max_body = MAX_ANSWER,
		.parse = read_answer,
		.free_parsed = free_answer };
	server->asked_ms = clock_now_ms();
	server->errand = server->options.transport.start(server->options.transport.arg,
		server->options.loop, &request, on_answer, server);
	text_fini(&url);
	text_fini(&header);
}

static void
on_pushed(void *arg, const struct feed_sessions *sessions)
{
	struct feed_server *server = CAST(arg, FEED_SERVER_MAGIC);

	apply(server, sessions, clock_now_ms());
	schedule(server);
}

/* ---- life ---- */

static void
set_up_authorization(struct feed_server *server, const char *api_key)
{
	struct identity identity = { .client = "Sidetrack",
		.device = "Sidetrack",
		.device_id = "sidetrack-feed",
		.version = "1" };

	copy_text(identity.token, sizeof identity.token, api_key);
	identity_write_header(&server->authorization, &identity);
	explicit_bzero(&identity, sizeof identity);
}

static void
set_up_parts(struct feed_server *server)
{
	const struct feed_server_options *options = &server->options;
	const struct feed_diff_options diff = { .server = server->name,
		.is_ours = options->is_ours,
		.is_ours_arg = options->is_ours_arg,
		.report = options->report,
		.report_arg = options->report_arg };
	const struct feed_socket_options socket = { .server = server->name,
		.base = &server->base,
		.authorization = text_get(&server->authorization),
		.loop = options->loop,
		.sockets = options->sockets,
		.address = options->address,
		.address_failed = options->address_failed,
		.address_arg = options->address_arg,
		.pushed = on_pushed,
		.pushed_arg = server };

	server->diff = feed_diff_new(&diff);
	server->socket = feed_socket_new(&socket);
}

struct feed_server *
feed_server_start(const struct feed_server_options *options)
{
	struct feed_server *server = xcalloc(1, sizeof *server);

	server->magic = FEED_SERVER_MAGIC;
	server->options = *options;
	server->options.name = server->options.api_key = NULL;
	server->options.base = NULL;
	copy_text(server->name, sizeof server->name, options->name);
	server->base = *options->base;
	server->since_ms = clock_now_ms();
	server->since_wall_ms = clock_wall_ms();
	set_up_authorization(server, options->api_key);
	set_up_parts(server);
	metric_add(&session_metric_feed_servers, 1);
	timer_init(&server->poll, options->loop, on_poll, server);
	timer_start(&server->poll, 0);
	return server;
}

void
feed_server_stop(struct feed_server *server)
{
	if (server == NULL)
		return;
	timer_stop(&server->poll);
	if (server->errand != NULL)
		server->options.transport.cancel(server->errand);
	feed_socket_free(server->socket);
	metric_add(&session_metric_feed_plays, -(int64_t)feed_diff_count(server->diff));
	metric_add(&session_metric_feed_servers, -1);
	metric_add(&session_metric_feed_servers_up, -(server->state == FEED_UP));
	feed_diff_free(server->diff);
	explicit_bzero(server->authorization.data, server->authorization.size);
	text_fini(&server->authorization);
	server->magic = 0;
	xfree(server);
}

const char *
feed_server_name(const struct feed_server *server)
{
	return server->name;
}

enum feed_state
feed_server_state(const struct feed_server *server)
{
	return server->state;
}

static void
put_time(json_t *json, const char *name, int64_t wall_ms)
{
	char iso[CLOCK_ISO_SIZE];

	if (wall_ms == 0)
		return;
	clock_format_iso(iso, wall_ms);
	json_put_text(json, name, iso);
}

json_t *
feed_server_json_new(const struct feed_server *server)
{
	json_t *json = json_object();

	json_put_text(json, "state", state_names[server->state]);
	put_time(json, "since", server->since_wall_ms);
	put_time(json, "lastPollAt", server->answered_wall_ms);
	json_put_int(json, "failures", server->failures);
	json_put_int(json, "sessions", (int64_t)server->session_count);
	json_put_int(json, "playing", (int64_t)feed_diff_count(server->diff));
	json_put_text(json, "socket", feed_socket_state(server->socket));
	return json;
}
