#include "api/api.h"

#include <string.h>

#include "api/api_clock.h"
#include "api/api_plays.h"
#include "api/api_providers.h"
#include "api/api_servers.h"
#include "api/api_system.h"
#include "core/route.h"

struct api_route {
	int methods;
	const char *pattern;
	const char *name; /* for the access log */
	void (*handle)(struct api_services *services, struct exchange *exchange);
};

static const struct api_route routes[] = {
	{ HTTP_GET | HTTP_HEAD, "/sidetrack/health/live", "health", api_health_live },
	{ HTTP_GET | HTTP_HEAD, "/sidetrack/health/ready", "health", api_health_ready },
	{ HTTP_GET, "/sidetrack/api/plays", "api", api_plays },
	{ HTTP_GET, "/sidetrack/api/providers", "api", api_providers },
	{ HTTP_GET, "/sidetrack/api/sessions", "api", api_sessions },
	{ HTTP_GET, "/sidetrack/api/servers", "api", api_servers },
	{ HTTP_GET, "/sidetrack/api/system", "api", api_system },
	{ HTTP_GET, "/metrics", "metrics", api_metrics },
	{ HTTP_POST, "/sidetrack/test/clock", "api", api_test_clock },
};

bool
api_handle(struct api_services *services, struct exchange *exchange)
{
	const struct http_request *request = exchange_request(exchange);
	struct arena *arena = exchange_arena(exchange);
	struct route_path path;
	struct route_match match;
	bool known = false;

	if (!slice_starts_with_ci(request->path, "/sidetrack") &&
		!slice_starts_with_ci(request->path, "/metrics"))
		return false;
	route_split(&path, arena, request->path);
	for (size_t i = 0; i < COUNT_OF(routes); i++) {
		if (!route_match(&match, arena, routes[i].pattern, &path))
			continue;
		known = true;
		if ((routes[i].methods & (int)request->method) == 0)
			continue;
		exchange_set_route(exchange, routes[i].name);
		routes[i].handle(services, exchange);
		return true;
	}
	/* Anything else below /sidetrack is ours too; /metricsomething is Jellyfin's. */
	bool ours = slice_equal_text_ci(request->path, "/sidetrack") ||
		    slice_starts_with_ci(request->path, "/sidetrack/");
	if (!known && !ours)
		return false;
	exchange_set_route(exchange, "api");
	if (known)
		exchange_reply_error(exchange, 405, "method_not_allowed",
			"This path does not answer that method.");
	else
		exchange_reply_error(
			exchange, 404, "not_found", "There is nothing at this path.");
	return true;
}
