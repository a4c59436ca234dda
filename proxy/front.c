#include "proxy/front.h"

#include "providers/artwork.h"
#include "providers/lyrics_finder.h"
#include "proxy/class_metrics.h"
#include "proxy/forwarded.h"
#include "proxy/router.h"

static void
on_exchange(void *arg, struct exchange *exchange)
{
	struct front_worker *worker = arg;
	struct front_services *services = worker->services;
	char client[FORWARDED_ADDRESS_SIZE];

	if (forwarded_client(
		    client, exchange_request(exchange), &worker->settings->trusted))
		exchange_trust_peer(exchange, client);
	if (!services->own(services->own_arg, exchange))
		router_dispatch(worker, exchange);
}

/* The name of a relay's user, as far as it is known without asking. */
static void
name_user(struct front_worker *worker, struct exchange_summary *summary, char *user,
	size_t user_size)
{
	const struct http_request *request = summary->request;
	struct arena *arena = request->query_text.size > 0 ? arena_new() : NULL;
	struct query query = { 0 };
	struct identity identity;
	struct token_facts facts;

	if (arena != NULL)
		query = query_parse(arena, request->query_text);
	identity_read(&identity, request, &query);
	arena_free(arena);
	if (identity.token[0] == '\0' ||
		token_peek(worker->services->tokens, &identity, &facts) == TOKEN_UNKNOWN)
		return;
	copy_text(user, user_size, facts.user_name);
	summary->user = user;
}

static void
on_done(void *arg, const struct exchange_summary *summary)
{
	struct front_worker *worker = arg;
	const char *base = worker->services->relay.target.base;
	enum route_class class =
		route_class_of(headers_below_base(base, summary->request->path));
	struct exchange_summary named = *summary;
	enum log_level level;
	char user[128];

	class_metrics_count(class, summary);
	if (!access_log_wants(worker->settings->access_log, summary, &level))
		return;
	if (summary->user[0] == '\0')
		name_user(worker, &named, user, sizeof user);
	access_log_write(level, class, &named);
}

void
front_refused(struct front_services *services, struct exchange *exchange)
{
	struct identity identity;

	identity_read(&identity, exchange_request(exchange), exchange_query(exchange));
	token_refused(services->tokens, &identity);
}

static void
on_refused(void *arg, struct exchange *exchange)
{
	front_refused(arg, exchange);
}

struct front_worker *
front_worker_new(struct front_services *services, struct loop *loop)
{
	struct front_worker *worker = xcalloc(1, sizeof *worker);
	struct relay_options relay = services->relay;

	relay.refused = on_refused;
	relay.refused_arg = services;
	worker->services = services;
	worker->settings = services->settings;
	worker->loop = loop;
	worker->router = router_new();
	worker->http_server = http_server_new(
		loop, &worker->settings->limits, &services->shared, on_exchange, worker);
	http_server_on_done(worker->http_server, on_done, worker);
	worker->relay = relay_worker_new(loop, &relay);
	worker->client = http_client_new(loop, &services->client);
	worker->catalog = catalog_worker_new(services->catalog, loop, worker->client);
	worker->forms = song_forms_new(worker->catalog, loop);
	worker->streams =
		track_streams_new(worker->catalog, worker->client, loop, &services->tracks);
	worker->artwork = artwork_seat_new(services->artwork, loop, worker->client);
	worker->lyrics =
		lyrics_seat_new(services->lyrics, worker->catalog, loop, worker->client);
	front_worker_apply(worker, services->settings);
	return worker;
}

void
front_worker_apply(struct front_worker *worker, const struct front_settings *settings)
{
	const struct relay_changes relay = {
		.translate_legacy = settings->translates_legacy,
		.upstream_connect_ms = settings->upstream_connect_ms,
		.upstream_silence_ms = settings->upstream_silence_ms,
	};

	worker->settings = settings;
	http_server_set_limits(worker->http_server, &settings->limits);
	http_server_show_exchanges(worker->http_server, settings->shows_exchanges);
	relay_worker_change(worker->relay, &relay);
}

void
front_worker_free(struct front_worker *worker)
{
	if (worker == NULL)
		return;
	/* The exchanges first: their owners cancel what runs in the rest. */
	http_server_free(worker->http_server);
	lyrics_seat_free(worker->lyrics);
	artwork_seat_free(worker->artwork);
	track_streams_free(worker->streams);
	song_forms_free(worker->forms);
	catalog_worker_free(worker->catalog);
	http_client_free(worker->client);
	relay_worker_free(worker->relay);
	router_free(worker->router);
	xfree(worker);
}

void
front_relay(struct front_worker *worker, struct exchange *exchange)
{
	if (headers_want_socket(exchange_request(exchange)))
		relay_start_socket(worker->relay, exchange, NULL, NULL);
	else
		relay_start(worker->relay, exchange, NULL);
}
