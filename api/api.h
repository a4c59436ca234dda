/* API: our own paths: /sidetrack/…, /metrics. Everything else is Jellyfin's.
 *
 * Called on the worker that has the exchange; what other threads own is asked for
 * (core/ask). Errors are JSON: {"error": {"code", "message"}}.
 */
#ifndef API_API_H
#define API_API_H

#include "core/http_exchange.h"
#include "core/metrics.h"
#include "session/feed.h"
#include "session/now_playing.h"
#include "session/server.h"
#include "session/token.h"
#include "tracker/tracker.h"

struct artwork;
struct catalog;
struct lyrics_finder;

struct api_services {
	struct loop *control;
	struct errands *errands;
	struct server *server;
	struct token_cache *tokens;
	struct tracker *tracker;
	struct now_playing *now_playing;
	struct feed *feed;
	struct catalog *catalog;
	struct artwork *artwork;
	struct lyrics_finder *lyrics;
	const char *version;
	int64_t started_wall_ms;
	const struct metric_table *metrics;
	size_t metric_table_count;
	/* NULL: loopback only. Worth something until the turn is over. */
	const char *(*metrics_token)(void *arg);
	void *metrics_token_arg;
	bool test_clock;
};

/* False: not one of our paths, the exchange is untouched. */
bool api_handle(struct api_services *services, struct exchange *exchange);

#endif
