/* Services: makes them, wires them to each other, and ends them in the opposite order. */
#include <stdio.h>
#include <string.h>

#include "core/clock.h"
#include "core/log.h"
#include "program/program.h"
#include "providers/artwork.h"
#include "providers/lyrics_finder.h"
#include "providers/provider_setup.h"
#include "proxy/covers.h"
#include "proxy/user_data_message.h"

#define USER_AGENT "Sidetrack/" PROGRAM_VERSION

enum {
	ERRAND_CONNECTIONS = 32,
	/* Per worker: every song that is being fetched holds one. */
	PROVIDER_CONNECTIONS = 512,
	SEARCHES_WINDOW_MS = 60 * 1000,
};

/* ---- wiring ---- */

static bool
jellyfin_address(void *arg, struct sockaddr_storage *address)
{
	return resolve_address(arg, address);
}

static bool
jellyfin_address_failed(void *arg, const struct sockaddr_storage *address)
{
	return resolve_doubt(arg, address);
}

static unsigned
jellyfin_address_changes(void *arg)
{
	return resolve_changes(arg);
}

static bool
jellyfin_address_is_known(void *arg, const struct sockaddr_storage *address)
{
	return resolve_knows(arg, address);
}

static bool
jellyfin_address_text(void *arg, char *address, size_t size)
{
	return resolve_text(arg, address, size);
}

static void
on_stop_command(void *arg, const struct play *play)
{
	running_streams_stop(arg, play);
}

/* Any loop: client_tunnels was made before anybody could change anything. */
static void
on_user_item_changed(
	void *arg, const char *user_id, const char *item_id, const struct user_item *item)
{
	const struct program *program = arg;

	user_data_message_send(program->front.client_tunnels, user_id, item_id, item);
}

static bool
own_path(void *arg, struct exchange *exchange)
{
	return api_handle(arg, exchange);
}

/* How Jellyfin is reached. */
static void
set_up_relay(struct program *program)
{
	const struct proxy_settings *proxy = &program->proxy;

	atomic_init(&program->pipes.left, (unsigned)proxy->splice_pipes);
	program->upstream_cap = upstream_cap_new(
		(size_t)proxy->upstream_connections, (size_t)proxy->upstream_waiting);
	program->front.relay = (struct relay_options){
		.target = { .base = program->jellyfin.base,
			.authority = program->jellyfin.authority },
		.address = jellyfin_address,
		.address_failed = jellyfin_address_failed,
		.address_changes = jellyfin_address_changes,
		.address_is_known = jellyfin_address_is_known,
		.address_arg = program->resolve,
		.tls = program->tls,
		.upstream_idle = (size_t)proxy->upstream_idle,
		.upstream_cap = program->upstream_cap,
		.upstream_connect_ms = proxy->upstream_connect_ms,
		.upstream_silence_ms = proxy->upstream_silence_ms,
		.pipes = &program->pipes,
	};
}

/* What all workers share; the token cache has been made. */
static void
set_up_front(struct program *program, const struct http_client_options *client)
{
	struct front_services *front = &program->front;
	struct provider_list providers;

	front->jellyfin = &program->jellyfin;
	front->settings = program->live;
	front->client = *client;
	front->client.connections = PROVIDER_CONNECTIONS;
	provider_setup(&providers, &program->providers);
	front->catalog = catalog_new(&providers);
	catalog_filter_explicit(
		front->catalog, (enum explicit_filter)program->providers.explicit_filter);
	front->artwork = artwork_new();
	front->lyrics = lyrics_finder_new(
		program->providers.lrclib ? program->providers.lrclib_url : NULL);
	front->search_lists = search_lists_new();
	front->substitutes = substitutes_new();
	front->searches = user_window_new(
		(size_t)program->providers.searches_per_user, SEARCHES_WINDOW_MS);
	front->passes = play_passes_new();
	front->covers = covers_new();
	front->user_items = program->user_items;
	program_start_playlists(program);
	front->user_playlists = program->user_playlists;
	front->kept_lists = kept_lists_new();
	front->tracker = program->tracker;
	front->now_playing = program->now_playing;
	front->server = program->server;
	set_up_relay(program);
	front->own = own_path;
	front->own_arg = &program->api;
}

static const char *
metrics_token(void *arg)
{
	struct program *program = arg;

	return atomic_load(&program->metrics_token);
}

static void
set_up_api(struct program *program)
{
	program->api = (struct api_services){
		.control = program->control,
		.errands = program->errands,
		.server = program->server,
		.tokens = program->front.tokens,
		.tracker = program->tracker,
		.now_playing = program->now_playing,
		.feed = program->feed,
		.catalog = program->front.catalog,
		.artwork = program->front.artwork,
		.lyrics = program->front.lyrics,
		.version = PROGRAM_VERSION,
		.started_wall_ms = clock_wall_ms(),
		.metrics = program->metrics,
		.metric_table_count = PROGRAM_METRIC_TABLES,
		.metrics_token = metrics_token,
		.metrics_token_arg = program,
		.test_clock = program->settings.test_clock,
	};
}

static void
warn_unverified(const struct base_url *server)
{
	log_warn("upstream_tls_unverified", LOG_TEXT("jellyfin", server->authority),
		LOG_TEXT("why",
			"SIDETRACK_UPSTREAM_TLS_VERIFY=off: anybody on the "
			"way can pose as Jellyfin and read every password and key"));
}

/* Whom we believe to be Jellyfin. */
static bool
set_up_trust(struct program *program)
{
	const struct stream_tls_options options = {
		.host = program->jellyfin.host,
		.ca_file = program->settings.ca_file,
		.unverified = !program->settings.upstream_tls_verify,
	};
	char why[PROGRAM_WHY_SIZE];

	if (!program->jellyfin.tls)
		return true;
	program->tls = stream_tls_new(&options, why, sizeof why);
	if (program->tls == NULL) {
		fprintf(stderr, "sidetrack: SIDETRACK_CA_FILE %s\n", why);
		return false;
	}
	if (options.unverified)
		warn_unverified(&program->jellyfin);
	return true;
}

static void
start_trust_check(struct program *program)
{
	char address[256], why[PROGRAM_WHY_SIZE];
	struct trust_check_options options = {
		.jellyfin = &program->jellyfin,
		.loop = program->control,
		.transport = jellyfin_transport_of(program->errands),
		.server = program->server,
		.replaces_local_address = program->proxy.public_url != NULL,
	};

	if (!settings_parse_listen(program->settings.listen, address, sizeof address,
		    &options.listen_port, why, sizeof why))
		options.listen_port = 0;
	program->trust_check = trust_check_start(&options);
}

/* An item that Jellyfin shows because we told it to. */
static bool
is_external_id(void *arg, const char *item_id)
{
	struct external_id id;

	(void)arg;
	return external_id_parse(&id, slice_of(item_id));
}

static bool
open_places(struct program *program)
{
	char why[PROGRAM_WHY_SIZE];

	if (program->history_settings.geo_file == NULL)
		return true;
	program->geo = geo_open(program->history_settings.geo_file, why, sizeof why);
	if (program->geo == NULL)
		fprintf(stderr, "sidetrack: SIDETRACK_GEO_FILE %s\n", why);
	return program->geo != NULL;
}

/* Before anybody who acts upon what is played: what has happened is kept first. */
static void
start_history(struct program *program)
{
	const struct tracker_settings *settings = &program->history_settings;
	const struct history_options options = {
		.loop = program->control,
		.store = program->store,
		.tracker = program->tracker,
		.window_ms = settings->viewing_hours * 3600 * 1000,
		.retention_days = settings->retention_days,
		.geo = program->geo,
	};

	program->history = history_new(&options);
}

static void
start_now_playing(struct program *program)
{
	const struct now_playing_options options = {
		.jellyfin = &program->jellyfin,
		.loop = program->control,
		.errands = program->errands,
		.outgoing = program->outgoing,
		.tracker = program->tracker,
		.address = jellyfin_address_text,
		.address_arg = program->resolve,
		.server = program->server,
		.tokens = program->front.tokens,
		.most_per_user = (size_t)program->sessions.user_sessions,
		.on_stop_command = on_stop_command,
		.on_stop_command_arg = program->front.running_streams,
	};

	program->now_playing = now_playing_new(&options);
}

static void
start_feed(struct program *program)
{
	const struct feed_options options = {
		.loop = program->control,
		.transport = jellyfin_transport_of(program->errands),
		.sockets = injected_sockets_of(program->outgoing),
		.tracker = program->tracker,
		.server = program->server,
		.jellyfin = &program->jellyfin,
		.api_key = program->sessions.jellyfin_api_key,
		.address = jellyfin_address_text,
		.address_arg = program->resolve,
		.others = &program->feed_servers,
		.is_ours = is_external_id,
	};

	for (size_t i = 0; i < program->feed_servers.count; i++) {
		const struct base_url *base = &program->feed_servers.servers[i].base;
		if (base->tls && !program->settings.upstream_tls_verify)
			warn_unverified(base);
	}
	program->feed = feed_start(&options);
	explicit_bzero(&program->feed_servers, sizeof program->feed_servers);
}

/* ---- all of them ---- */

bool
program_start_services(struct program *program)
{
	struct http_client_options client = {
		.user_agent = USER_AGENT,
		.ca_file = program->settings.ca_file,
		.connections = ERRAND_CONNECTIONS,
	};
	bool unverified = !program->settings.upstream_tls_verify;

	if (!set_up_trust(program) || !open_places(program))
		return false;
	program->control = loop_new("control");
	if (!program_start_store(program)) {
		geo_close(program->geo);
		return false;
	}
	program->resolve = resolve_start(program->jellyfin.host, program->jellyfin.port);
	/* Errands go to Jellyfin only; what goes to providers is verified always. */
	struct http_client_options to_jellyfin = client;
	to_jellyfin.unverified = unverified;
	program->errands = errands_start(&to_jellyfin);
	program->front.tokens = token_cache_new(&program->jellyfin, program->errands);
	token_cache_translate_legacy(
		program->front.tokens, program->live->translates_legacy);
	program->front.client_tunnels = client_tunnels_new(program->front.tokens);
	const struct user_items_options user_items = {
		.store = program->store,
		.changed = on_user_item_changed,
		.arg = program,
	};
	program->user_items = user_items_new(&user_items);
	program->outgoing = outgoing_start(program->control);
	outgoing_set_trust(program->outgoing, program->settings.ca_file, unverified);
	program->server =
		server_start(&program->jellyfin, program->control, program->errands);
	program->tracker = tracker_new(program->control);
	start_history(program);
	program->front.running_streams = running_streams_new();
	start_now_playing(program);
	program->play_counter =
		play_counter_new(program->control, program->tracker, program->user_items);
	program->item_names = item_names_new(program->control, &program->jellyfin,
		jellyfin_transport_of(program->errands), program->tracker);
	if (program->sessions.redis_url != NULL)
		program_start_holder(program);
	else
		program_start_keeper(program);
	start_feed(program);
	start_trust_check(program);
	set_up_front(program, &client);
	set_up_api(program);
	return true;
}

void
program_stop_services(struct program *program)
{
	struct front_services *front = &program->front;

	trust_check_stop(program->trust_check);
	feed_stop(program->feed);
	item_names_free(program->item_names);
	holder_stop(program->holder);
	if (program->keeper != NULL)
		keeper_save_all(program->keeper, 0);
	keeper_free(program->keeper);
	now_playing_free(program->now_playing);
	history_free(program->history);
	tracker_free(program->tracker);
	play_counter_free(program->play_counter);
	outgoing_stop(program->outgoing);
	server_stop(program->server);
	errands_stop(program->errands);
	store_stop(program->store);
	geo_close(program->geo);
	/* Its last answers, before what they are about. */
	loop_turn(program->control, 0);
	vault_store_free(program->vault);
	seal_free(program->seal);
	track_cache_stop(front->tracks.cache);
	track_slots_free(front->tracks.slots);
	track_limits_free(front->tracks.limits);
	/* Behind all who post to workers, before what their last answers are about. */
	workers_free(program->workers);
	upstream_cap_free(program->upstream_cap);
	client_tunnels_free(front->client_tunnels);
	running_streams_free(front->running_streams);
	covers_free(front->covers);
	token_cache_free(front->tokens);
	lyrics_finder_free(front->lyrics);
	artwork_free(front->artwork);
	catalog_free(front->catalog);
	search_lists_free(front->search_lists);
	user_window_free(front->searches);
	substitutes_free(front->substitutes);
	kept_lists_free(front->kept_lists);
	user_items_free(program->user_items);
	play_passes_free(front->passes);
	user_playlists_free(program->user_playlists);
	resolve_stop(program->resolve);
	stream_tls_free(program->tls);
	data_lock_free(program->lock);
}
