/* Sidetrack: wires the folders together and runs the threads of docs/ARCHITECTURE.md.
 * The only file that sees every folder. */
#include <event2/event.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "api/api.h"
#include "api/health_check.h"
#include "core/clock.h"
#include "core/config.h"
#include "core/config_reload.h"
#include "core/data_lock.h"
#include "core/errand.h"
#include "core/http_metrics.h"
#include "core/log.h"
#include "core/metrics.h"
#include "core/resolve.h"
#include "core/seal.h"
#include "core/settings.h"
#include "core/store.h"
#include "core/stream_tls.h"
#include "providers/external_id.h"
#include "providers/settings.h"
#include "proxy/class_metrics.h"
#include "proxy/covers.h"
#include "proxy/front.h"
#include "proxy/metrics.h"
#include "proxy/settings.h"
#include "proxy/workers.h"
#include "session/feed.h"
#include "session/holder.h"
#include "session/item_names.h"
#include "session/keeper.h"
#include "session/metrics.h"
#include "session/settings.h"
#include "session/trust_check.h"
#include "session/vault_store.h"

#define VERSION    "0.1.0"
#define USER_AGENT "Sidetrack/" VERSION

enum {
	DEFAULT_MAX_WORKERS = 4,
	STOP_POLL_MS = 50,
	LOG_REPEAT_MS = 1000,
	WHY_SIZE = 512,
	ERRAND_CONNECTIONS = 32,
	/* Per worker: every listener to a preview holds one. */
	PROVIDER_CONNECTIONS = 512,
	TABLES = 4,
	METRIC_TABLES = 6,
};

struct program {
	struct settings settings;
	struct proxy_settings proxy;
	struct providers_settings providers;
	struct session_settings sessions;
	struct config_table tables[TABLES];
	struct metric_table metrics[METRIC_TABLES];
	struct base_url jellyfin;
	struct splice_budget pipes;
	struct upstream_cap *upstream_cap;
	struct feed_named_list feed_servers;

	struct loop *control;
	struct data_lock *lock;
	struct store *store;
	struct resolve *resolve;
	struct errands *errands;
	struct outgoing *outgoing;
	struct stream_tls *tls; /* to Jellyfin; NULL: plain TCP */
	struct server *server;
	struct trust_check *trust_check;
	struct tracker *tracker;
	struct now_playing *now_playing;
	struct item_names *item_names;
	struct feed *feed;
	struct seal *seal;
	struct vault_store *vault; /* without Redis */
	struct keeper *keeper;
	struct holder *holder; /* with it */
	bool restored;         /* what an earlier process has left has been taken up */
	struct front_services front;
	struct api_services api;

	struct workers *workers;

	char **arguments; /* of the settings, for the next reading */
	/* What workers go by; they may look at it until workers_apply has told. */
	struct front_settings *live;
	_Atomic(char *) metrics_token;
	struct front_settings *replaced; /* with metrics_token: to be freed then */
	char *replaced_token;
	bool reloading;
	bool reload_again;

	struct event *signals[3];
	int64_t stop_by_ms; /* clock_now_ms; 0: not stopping */
	int64_t stopping_since_ms;
	struct timer stop_poll;
	struct timer log_repeat;
};

/* ---- settings ---- */

static void
set_up_tables(struct program *program)
{
	program->tables[0] = (struct config_table){ settings_options, settings_option_count,
		&program->settings, "Sidetrack" };
	program->tables[1] = (struct config_table){ proxy_options, proxy_option_count,
		&program->proxy, "Front door" };
	program->tables[2] = (struct config_table){ providers_options,
		providers_option_count, &program->providers, "Providers" };
	program->tables[3] = (struct config_table){ session_options, session_option_count,
		&program->sessions, "Listeners" };
	program->metrics[0] = (struct metric_table){ class_metrics, class_metric_count };
	program->metrics[1] = (struct metric_table){ http_metrics, http_metric_count };
	program->metrics[2] = (struct metric_table){ proxy_metrics, proxy_metric_count };
	program->metrics[3] =
		(struct metric_table){ catalog_metrics, catalog_metric_count };
	program->metrics[4] =
		(struct metric_table){ tracker_metrics, tracker_metric_count };
	program->metrics[5] =
		(struct metric_table){ session_metrics, session_metric_count };
}

struct printer {
	const char *flag;
	void (*print)(struct text *to, const struct config_table *tables, size_t count);
};

static const struct printer printers[] = {
	{ "--help", config_print_help },
	{ "--print-configuration", config_print_page },
	{ "--print-env", config_print_env },
};

/* Flags that print something and end the program; true when one was given. */
static bool
print_if_asked(struct program *program, const char *flag)
{
	struct text text;

	text_init(&text);
	for (size_t i = 0; i < COUNT_OF(printers); i++) {
		if (strcmp(flag, printers[i].flag) == 0)
			printers[i].print(&text, program->tables, TABLES);
	}
	if (strcmp(flag, "--print-metrics") == 0)
		metrics_print_page(&text, program->metrics, METRIC_TABLES);
	if (strcmp(flag, "--version") == 0)
		text_add(&text, "sidetrack " VERSION "\n");
	bool asked = text.size > 0;
	fputs(text_get(&text), stdout);
	text_fini(&text);
	return asked;
}

static bool
load_settings(struct program *program, char **arguments)
{
	extern char **environ;
	char why[WHY_SIZE];

	if (!config_load(program->tables, TABLES, arguments, environ, why, sizeof why)) {
		fprintf(stderr, "sidetrack: %s\n", why);
		return false;
	}
	if (program->settings.jellyfin_url == NULL) {
		fprintf(stderr, "sidetrack: JELLYFIN_URL is required: the address of the "
				"Jellyfin server to stand in front of, like "
				"http://jellyfin:8096\n");
		return false;
	}
	program->arguments = arguments;
	/* Checked when it was read. */
	return base_url_parse(&program->jellyfin, program->settings.jellyfin_url, why,
		       sizeof why) &&
	       feed_setting_parse(
		       &program->feed_servers, program->sessions.servers, why, sizeof why);
}

/* ---- workers ---- */

static size_t
wanted_workers(const struct program *program)
{
	long cores = sysconf(_SC_NPROCESSORS_ONLN);

	if (program->settings.workers > 0)
		return (size_t)program->settings.workers;
	if (cores < 1)
		return 1;
	return cores < DEFAULT_MAX_WORKERS ? (size_t)cores : DEFAULT_MAX_WORKERS;
}

static bool
start_workers(struct program *program)
{
	char address[256], why[WHY_SIZE];
	uint16_t port;

	if (!settings_parse_listen(program->settings.listen, address, sizeof address, &port,
		    why, sizeof why))
		return false;
	size_t count = wanted_workers(program);
	program->workers =
		workers_start(&program->front, count, address, &port, why, sizeof why);
	if (program->workers == NULL) {
		fprintf(stderr, "sidetrack: SIDETRACK_LISTEN %s\n", why);
		return false;
	}
	log_info("listening", LOG_TEXT("address", address), LOG_NUMBER("port", port),
		LOG_NUMBER("workers", count),
		LOG_TEXT("jellyfin", program->jellyfin.authority));
	return true;
}

/* ---- reloading ---- */

/* From the settings as they are now, what everybody goes by. What the workers have is still
 * looked at until they have the new. */
static void
renew_live(struct program *program)
{
	char *token = program->settings.metrics_token;

	program->replaced = program->live;
	program->live = front_settings_new(&program->proxy, &program->sessions);
	program->replaced_token =
		atomic_exchange(&program->metrics_token, xstrdup_or_null(token));
	log_set_level((enum log_level)program->settings.log_level);
}

static void
free_token(char *token)
{
	if (token != NULL)
		explicit_bzero(token, strlen(token));
	xfree(token);
}

static void
free_replaced(struct program *program)
{
	front_settings_free(program->replaced);
	program->replaced = NULL;
	free_token(program->replaced_token);
	program->replaced_token = NULL;
}

static void
free_live(struct program *program)
{
	free_replaced(program);
	front_settings_free(program->live);
	program->live = NULL;
	free_token(atomic_exchange(&program->metrics_token, NULL));
}

static void reload(struct program *program);

static void
on_applied(void *arg)
{
	struct program *program = arg;

	free_replaced(program);
	program->reloading = false;
	if (program->reload_again && program->stop_by_ms == 0)
		reload(program);
}

/* The settings once more; what is wrong with them changes nothing. */
static void
reload(struct program *program)
{
	extern char **environ;
	char why[WHY_SIZE];

	program->reload_again = program->reloading;
	if (program->reloading)
		return;
	struct config_reload *fresh = config_reload_new(
		program->tables, TABLES, program->arguments, environ, why, sizeof why);
	if (fresh == NULL) {
		log_error("settings_not_reloaded", LOG_TEXT("why", why));
		return;
	}
	if (config_reload_kept(fresh)[0] != '\0')
		log_warn("settings_need_restart",
			LOG_TEXT("settings", config_reload_kept(fresh)));
	log_info("settings_reloaded", LOG_TEXT("changed", config_reload_changed(fresh)));
	if (config_reload_changed(fresh)[0] != '\0') {
		program->reloading = true;
		config_reload_apply(fresh);
		renew_live(program);
		token_cache_translate_legacy(
			program->front.tokens, program->live->translates_legacy);
		trust_check_set_replaces(
			program->trust_check, program->proxy.public_url != NULL);
		workers_apply(program->workers, program->live, program->control, on_applied,
			program);
	}
	config_reload_free(fresh);
}

static void
on_reload_signal(evutil_socket_t signal_number, short what, void *arg)
{
	struct program *program = arg;

	(void)signal_number;
	(void)what;
	/* Whoever is being stopped changes no more. */
	if (program->stop_by_ms == 0)
		reload(program);
}

/* ---- stopping ---- */

/* Whoever is still there is cut off. */
static void
end_drain(struct program *program, const char *why)
{
	size_t cut = workers_left(program->workers);

	LOG_AT(cut > 0 ? LOG_LEVEL_WARN : LOG_LEVEL_INFO, "drain_ended",
		LOG_TEXT("why", why), LOG_NUMBER("exchanges_cut", cut),
		LOG_NUMBER("took_ms", clock_now_ms() - program->stopping_since_ms));
	loop_stop(program->control);
}

static void
on_stop_poll(void *arg)
{
	struct program *program = arg;

	bool drained = workers_are_drained(program->workers) &&
		       (program->holder == NULL || holder_is_handed_over(program->holder));

	if (drained)
		end_drain(program, "nobody is left");
	else if (clock_now_ms() >= program->stop_by_ms)
		end_drain(program, "SIDETRACK_DRAIN_MS is over");
	else
		timer_start(&program->stop_poll, STOP_POLL_MS);
}

static void
on_stop_signal(evutil_socket_t signal_number, short what, void *arg)
{
	struct program *program = arg;

	(void)what;
	if (program->stop_by_ms != 0) {
		end_drain(program, "asked twice");
		return;
	}
	log_info("stopping", LOG_NUMBER("signal", signal_number),
		LOG_NUMBER("drain_ms", program->proxy.drain_ms));
	program->stopping_since_ms = clock_now_ms();
	program->stop_by_ms = program->stopping_since_ms + program->proxy.drain_ms;
	workers_drain(program->workers);
	if (program->holder != NULL)
		holder_hand_over(program->holder);
	on_stop_poll(program);
}

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

	front->jellyfin = &program->jellyfin;
	front->settings = program->live;
	front->client = *client;
	front->client.connections = PROVIDER_CONNECTIONS;
	const struct catalog_options catalog = { .deezer_url =
							 program->providers.deezer_url };
	front->catalog = catalog_new(&catalog);
	front->search_lists = search_lists_new();
	front->passes = play_passes_new();
	front->client_tunnels = client_tunnels_new(front->tokens);
	front->covers = covers_new();
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
		.metrics = program->metrics,
		.metric_table_count = METRIC_TABLES,
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
	char why[WHY_SIZE];

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
	char address[256], why[WHY_SIZE];
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

/* ---- what outlives the process ---- */

static bool
load_seal(struct program *program)
{
	struct text path = { 0 };
	char why[WHY_SIZE];

	if (program->settings.seal_key_file != NULL)
		text_add(&path, program->settings.seal_key_file);
	else
		text_addf(&path, "%s/seal.key", program->settings.data);
	program->seal = seal_load(text_get(&path), why, sizeof why);
	if (program->seal == NULL)
		fprintf(stderr, "sidetrack: SIDETRACK_SEAL_KEY_FILE %s\n", why);
	text_fini(&path);
	return program->seal != NULL;
}

/* The database, and the key of what is kept in it. */
static bool
start_store(struct program *program)
{
	const struct store_migration_table migrations[] = {
		{ vault_store_migrations, vault_store_migration_count },
	};
	char why[WHY_SIZE];

	program->lock = data_lock_take(program->settings.data, why, sizeof why);
	if (program->lock == NULL) {
		fprintf(stderr, "sidetrack: SIDETRACK_DATA %s\n", why);
		return false;
	}
	program->store = store_start(
		program->settings.data, migrations, COUNT_OF(migrations), why, sizeof why);
	if (program->store == NULL) {
		fprintf(stderr, "sidetrack: SIDETRACK_DATA %s\n", why);
	} else if (!load_seal(program)) {
		store_stop(program->store);
		program->store = NULL;
	}
	return program->store != NULL;
}

static void
on_restored(void *arg)
{
	((struct program *)arg)->restored = true;
}

/* Before anybody is served, so that no report overtakes what it is about. */
static void
start_keeper(struct program *program)
{
	program->vault = vault_store_new(program->control, program->store, program->seal);
	const struct keeper_options options = {
		.loop = program->control,
		.tracker = program->tracker,
		.now_playing = program->now_playing,
		.seal = program->seal,
		.vault = vault_store_keeper_vault(program->vault),
	};
	program->keeper = keeper_new(&options);
	vault_store_restore(program->vault, program->keeper, on_restored, program);
	while (!program->restored)
		loop_turn(program->control, STOP_POLL_MS);
}

static void
start_holder(struct program *program)
{
	struct redis_url url;
	char why[WHY_SIZE];

	if (!redis_url_parse(&url, program->sessions.redis_url, why, sizeof why))
		return; /* it was checked when it was read */
	const struct holder_options options = {
		.loop = program->control,
		.redis = &url,
		.seal = program->seal,
		.tracker = program->tracker,
		.now_playing = program->now_playing,
		.solo = program->sessions.solo,
	};
	program->holder = holder_start(&options);
}

static bool
start_services(struct program *program)
{
	struct http_client_options client = {
		.user_agent = USER_AGENT,
		.ca_file = program->settings.ca_file,
		.connections = ERRAND_CONNECTIONS,
	};
	bool unverified = !program->settings.upstream_tls_verify;

	if (!set_up_trust(program))
		return false;
	program->control = loop_new("control");
	if (!start_store(program))
		return false;
	program->resolve = resolve_start(program->jellyfin.host, program->jellyfin.port);
	/* Errands go to Jellyfin only; what goes to providers is verified always. */
	struct http_client_options to_jellyfin = client;
	to_jellyfin.unverified = unverified;
	program->errands = errands_start(&to_jellyfin);
	program->front.tokens = token_cache_new(&program->jellyfin, program->errands);
	token_cache_translate_legacy(
		program->front.tokens, program->live->translates_legacy);
	program->outgoing = outgoing_start(program->control);
	outgoing_set_trust(program->outgoing, program->settings.ca_file, unverified);
	program->server =
		server_start(&program->jellyfin, program->control, program->errands);
	program->tracker = tracker_new(program->control);
	program->front.running_streams = running_streams_new();
	const struct now_playing_options now_playing = {
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
	program->now_playing = now_playing_new(&now_playing);
	program->item_names = item_names_new(program->control, &program->jellyfin,
		jellyfin_transport_of(program->errands), program->tracker);
	if (program->sessions.redis_url != NULL)
		start_holder(program);
	else
		start_keeper(program);
	start_feed(program);
	start_trust_check(program);
	set_up_front(program, &client);
	set_up_api(program);
	return true;
}

static void
stop_services(struct program *program)
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
	tracker_free(program->tracker);
	outgoing_stop(program->outgoing);
	server_stop(program->server);
	errands_stop(program->errands);
	store_stop(program->store);
	vault_store_free(program->vault);
	seal_free(program->seal);
	/* Behind all who post to workers, before what their last answers are about. */
	workers_free(program->workers);
	upstream_cap_free(program->upstream_cap);
	client_tunnels_free(front->client_tunnels);
	running_streams_free(front->running_streams);
	covers_free(front->covers);
	token_cache_free(front->tokens);
	catalog_free(front->catalog);
	search_lists_free(front->search_lists);
	play_passes_free(front->passes);
	resolve_stop(program->resolve);
	stream_tls_free(program->tls);
	data_lock_free(program->lock);
	loop_free(program->control);
}

/* SIGPIPE is nobody's business; the rest goes to the control thread. */
static void
set_up_process(void)
{
	struct rlimit files;

	signal(SIGPIPE, SIG_IGN);
	if (getrlimit(RLIMIT_NOFILE, &files) == 0) {
		files.rlim_cur = files.rlim_max;
		setrlimit(RLIMIT_NOFILE, &files);
	}
}

static void
on_log_repeat(void *arg)
{
	struct program *program = arg;

	log_write_repeated();
	timer_start(&program->log_repeat, LOG_REPEAT_MS);
}

static void
watch_signals(struct program *program)
{
	static const struct {
		int number;
		void (*run)(evutil_socket_t number, short what, void *arg);
	} signals[] = {
		{ SIGTERM, on_stop_signal },
		{ SIGINT, on_stop_signal },
		{ SIGHUP, on_reload_signal },
	};

	for (size_t i = 0; i < COUNT_OF(signals); i++) {
		program->signals[i] = evsignal_new(loop_base(program->control),
			signals[i].number, signals[i].run, program);
		event_add(program->signals[i], NULL);
	}
	timer_init(&program->stop_poll, program->control, on_stop_poll, program);
	timer_init(&program->log_repeat, program->control, on_log_repeat, program);
	on_log_repeat(program);
}

static void
forget_signals(struct program *program)
{
	timer_stop(&program->stop_poll);
	timer_stop(&program->log_repeat);
	for (size_t i = 0; i < COUNT_OF(program->signals); i++) {
		if (program->signals[i] != NULL)
			event_free(program->signals[i]);
	}
}

static int
run(struct program *program)
{
	if (program->settings.test_clock)
		clock_enable_test();
	renew_live(program);
	set_up_process();
	log_start();
	bool started = start_services(program);
	if (started) {
		/* Before anybody is served; they are handled once the loop runs. */
		watch_signals(program);
		started = start_workers(program);
		if (started)
			loop_run(program->control);
		forget_signals(program);
	}
	workers_stop(program->workers);
	if (program->store != NULL)
		stop_services(program);
	free_live(program);
	log_info("stopped");
	log_stop();
	return started ? 0 : 1;
}

int
main(int argument_count, char **arguments)
{
	static struct program program;
	int status;

	set_up_tables(&program);
	if (argument_count == 2 && print_if_asked(&program, arguments[1]))
		return 0;
	bool health_check =
		argument_count == 2 && strcmp(arguments[1], "--healthcheck") == 0;
	if (!load_settings(&program, health_check ? arguments + 2 : arguments + 1))
		return 2;
	status = health_check ? health_check_run(program.settings.listen) : run(&program);
	config_free(program.tables, TABLES);
	return status;
}
