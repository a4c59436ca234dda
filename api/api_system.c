#include "api/api_system.h"

#include <string.h>

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
