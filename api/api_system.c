#include "api/api_system.h"

#include <string.h>

#include "api/api_inquiry.h"
#include "core/clock.h"
#include "core/json.h"
#include "core/secret.h"

void
api_health_live(struct api_services *services, struct exchange *exchange)
{
	(void)services;
	json_t *answer = json_object();
	json_put_text(answer, "status", "alive");
	exchange_reply_json(exchange, 200, answer);
}

void
api_health_ready(struct api_services *services, struct exchange *exchange)
{
	struct server_facts facts;
	json_t *answer = json_object();

	server_read(services->server, &facts);
	json_put_text(answer, "status", facts.healthy ? "ready" : "waiting for Jellyfin");
	json_put_bool(answer, "ready", facts.healthy);
	json_put_text(answer, "jellyfinVersion", facts.version);
	exchange_reply_json(exchange, facts.healthy ? 200 : 503, answer);
}

static void
put_metrics(json_t *to, const struct api_services *services, const char *const (*names)[2],
	size_t count)
{
	for (size_t i = 0; i < count; i++)
		json_put_int(to, names[i][0],
			metrics_read(services->metrics, services->metric_table_count,
				names[i][1]));
}

static json_t *
jellyfin_json_new(const struct api_services *services)
{
	struct server_facts facts;
	json_t *json = json_object();

	server_read(services->server, &facts);
	json_put_bool(json, "healthy", facts.healthy);
	json_put_text(json, "id", facts.id);
	json_put_text(json, "name", facts.name);
	json_put_text(json, "version", facts.version);
	return json;
}

static void *
system_answer(void *arg)
{
	static const char *const counts[][2] = {
		{ "clientConnections", "sidetrack_client_connections" },
		{ "tunnels", "sidetrack_tunnels" },
		{ "upstreamConnections", "sidetrack_upstream_connections" },
		{ "upstreamIdleConnections", "sidetrack_upstream_idle_connections" },
		{ "upstreamWaiting", "sidetrack_upstream_waiting" },
		{ "plays", "sidetrack_plays" },
		{ "injectedSessions", "sidetrack_injected_sessions" },
		{ "exchanges", "sidetrack_exchanges_total" },
		{ "relayFailures", "sidetrack_relay_failures_total" },
	};
	const struct api_services *services = arg;
	char started[CLOCK_ISO_SIZE];
	json_t *answer = json_object();

	clock_format_iso(started, services->started_wall_ms);
	json_put_text(answer, "version", services->version);
	json_put_text(answer, "startedAt", started);
	json_put_int(answer, "uptimeSeconds",
		(clock_wall_ms() - services->started_wall_ms) / 1000);
	json_put_new(answer, "jellyfin", jellyfin_json_new(services));
	put_metrics(answer, services, counts, COUNT_OF(counts));
	return answer;
}

void
api_system(struct api_services *services, struct exchange *exchange)
{
	api_inquire(services, exchange, system_answer);
}

static bool
is_loopback(const char *address)
{
	return strncmp(address, "127.", 4) == 0 || strcmp(address, "::1") == 0;
}

static bool
may_read_metrics(const struct api_services *services, struct exchange *exchange)
{
	const char *given = exchange_header(exchange, "Authorization");
	const char *wanted = services->metrics_token(services->metrics_token_arg);

	/* A proxy on this machine makes everybody look like loopback, but says for whom. */
	if (wanted == NULL)
		return is_loopback(exchange_request(exchange)->client_address) &&
		       exchange_header(exchange, "X-Forwarded-For") == NULL &&
		       exchange_header(exchange, "Forwarded") == NULL;
	if (given == NULL || !slice_starts_with_ci(slice_of(given), "Bearer "))
		return false;
	given += strlen("Bearer ");
	return secret_equal(given, wanted);
}

void
api_metrics(struct api_services *services, struct exchange *exchange)
{
	struct text text;

	if (!may_read_metrics(services, exchange)) {
		exchange_reply_error(exchange, 401, "unauthorized",
			"Metrics are for loopback, or need the metrics token as bearer.");
		return;
	}
	text_init(&text);
	metrics_print(&text, services->metrics, services->metric_table_count);
	exchange_reply(exchange, 200, "text/plain; version=0.0.4; charset=utf-8",
		text_get(&text), text.size);
	text_fini(&text);
}
