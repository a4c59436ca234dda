#include "session/server.h"

#include <pthread.h>
#include <string.h>

#include "core/json.h"
#include "core/log.h"
#include "session/metrics.h"

#define SERVER_MAGIC 0x73727672u

enum {
	POLL_HEALTHY_MS = 5 * 1000,
	POLL_DOWN_MS = 1000,
	ASK_TIMEOUT_MS = 4 * 1000,
	MAX_ANSWER = 64 * 1024,
	MAX_OBSERVERS = 4,
};

struct server {
	unsigned magic;
	struct loop *loop;
	struct base_url base;
	struct jellyfin_transport transport;
	struct timer poll;
	struct errand *errand; /* one question at a time */
	const char *why_down;  /* as logged last; NULL while it is healthy */
	struct server_observer observers[MAX_OBSERVERS];
	size_t observer_count;
	pthread_mutex_t mutex;     /* guards facts against readers of other threads */
	struct server_facts facts; /* written on the control loop only */
};

bool
server_info_parse(struct server_facts *facts, const void *body, size_t size)
{
	json_t *json = json_parse_new(body, size);
	const char *id = json_text(json, "Id");
	bool ok = id != NULL && strlen(id) == sizeof facts->id - 1;

	if (ok) {
		copy_text(facts->id, sizeof facts->id, id);
		copy_text(facts->name, sizeof facts->name,
			json_text_or(json, "ServerName", ""));
		copy_text(facts->version, sizeof facts->version,
			json_text_or(json, "Version", ""));
		copy_text(facts->local_address, sizeof facts->local_address,
			json_text_or(json, "LocalAddress", ""));
	}
	json_decref(json);
	return ok;
}

/* On the errands thread: any object means yes. */
static void *
parse_health(void *arg, const struct http_answer *answer)
{
	struct slice body = slice_trim((struct slice){ answer->body, answer->body_size });

	(void)arg;
	if (answer->err != ERR_NONE || answer->status != 200 ||
		!slice_equal_text_ci(body, "Healthy"))
		return NULL;
	return xcalloc(1, 1);
}

/* On the errands thread. */
static void *
parse_info(void *arg, const struct http_answer *answer)
{
	struct server_facts *facts = xcalloc(1, sizeof *facts);

	(void)arg;
	if (answer->err == ERR_NONE && answer->status == 200 &&
		server_info_parse(facts, answer->body, answer->body_size))
		return facts;
	xfree(facts);
	return NULL;
}

static void
ask(struct server *server, const char *path,
	void *(*parse)(void *arg, const struct http_answer *answer),
	void (*done)(void *arg, struct errand_result *result))
{
	struct text url = { 0 };

	jellyfin_url(&url, &server->base, path);
	struct errand_request request = { .method = "GET",
		.url = text_get(&url),
		.timeout_ms = ASK_TIMEOUT_MS,
		.max_body = MAX_ANSWER,
		.parse = parse,
		.free_parsed = xfree };
	server->errand = server->transport.start(
		server->transport.arg, server->loop, &request, done, server);
	text_fini(&url);
}

static void
publish(struct server *server, const struct server_facts *facts)
{
	bool changed = facts->healthy != server->facts.healthy ||
		       strcmp(facts->id, server->facts.id) != 0;

	pthread_mutex_lock(&server->mutex);
	server->facts = *facts;
	pthread_mutex_unlock(&server->mutex);
	timer_start(&server->poll, facts->healthy ? POLL_HEALTHY_MS : POLL_DOWN_MS);
	if (!changed)
		return;
	metric_set(&session_metric_healthy, facts->healthy);
	log_info(facts->healthy ? "jellyfin_became_healthy" : "jellyfin_became_unhealthy",
		LOG_TEXT("server", facts->name), LOG_TEXT("id", facts->id),
		LOG_TEXT("version", facts->version));
	for (size_t i = 0; i < server->observer_count; i++)
		server->observers[i].changed(server->observers[i].arg, &server->facts);
}

static void
on_info(void *arg, struct errand_result *result)
{
	struct server *server = CAST(arg, SERVER_MAGIC);
	struct server_facts facts = server->facts;

	server->errand = NULL;
	if (result->parsed != NULL)
		facts = *(struct server_facts *)result->parsed;
	/* Healthy is healthy, even when this one answer got lost. */
	facts.healthy = true;
	publish(server, &facts);
}

/* Once per reason: it is asked every second. */
static void
log_down(struct server *server, const struct errand_result *result)
{
	const char *why = result->reason;

	if (why == NULL)
		why = "it does not say that it is healthy";
	if (server->why_down == NULL || strcmp(server->why_down, why) != 0)
		log_warn("jellyfin_not_ready", LOG_TEXT("why", why),
			LOG_NUMBER("status", result->status));
	server->why_down = why;
}

static void
on_health(void *arg, struct errand_result *result)
{
	struct server *server = CAST(arg, SERVER_MAGIC);
	struct server_facts facts = server->facts;

	server->errand = NULL;
	if (result->parsed == NULL) {
		log_down(server, result);
		facts.healthy = false;
		publish(server, &facts);
		return;
	}
	server->why_down = NULL;
	if (!facts.healthy || facts.id[0] == '\0') {
		ask(server, "/System/Info/Public", parse_info, on_info);
	} else {
		timer_start(&server->poll, POLL_HEALTHY_MS);
	}
}

static void
on_poll(void *arg)
{
	ask(CAST(arg, SERVER_MAGIC), "/health", parse_health, on_health);
}

struct server *
server_start(const struct base_url *base, struct loop *loop, struct errands *errands)
{
	return server_start_over(base, loop, jellyfin_transport_of(errands));
}

struct server *
server_start_over(
	const struct base_url *base, struct loop *loop, struct jellyfin_transport transport)
{
	struct server *server = xcalloc(1, sizeof *server);

	server->magic = SERVER_MAGIC;
	server->loop = loop;
	server->base = *base;
	server->transport = transport;
	pthread_mutex_init(&server->mutex, NULL);
	timer_init(&server->poll, loop, on_poll, server);
	timer_start(&server->poll, 0);
	return server;
}

void
server_stop(struct server *server)
{
	if (server == NULL)
		return;
	timer_stop(&server->poll);
	if (server->errand != NULL)
		server->transport.cancel(server->errand);
	pthread_mutex_destroy(&server->mutex);
	server->magic = 0;
	xfree(server);
}

void
server_observe(struct server *server, struct server_observer observer)
{
	assert(server->observer_count < MAX_OBSERVERS);
	server->observers[server->observer_count++] = observer;
}

void
server_read(struct server *server, struct server_facts *facts)
{
	pthread_mutex_lock(&server->mutex);
	*facts = server->facts;
	pthread_mutex_unlock(&server->mutex);
}

void
server_id_copy(struct server *server, char id[33])
{
	pthread_mutex_lock(&server->mutex);
	copy_text(id, sizeof server->facts.id, server->facts.id);
	pthread_mutex_unlock(&server->mutex);
}
