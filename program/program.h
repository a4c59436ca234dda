/* Program: the one struct that everything hangs on, and its life: from settings to
 * services, workers, signals and an orderly end. Only this folder and main.c see every
 * folder; they make the structs, start the threads of docs/ARCHITECTURE.md and wire the
 * callbacks by which lower folders talk upwards. Control thread (main) only.
 */
#ifndef PROGRAM_PROGRAM_H
#define PROGRAM_PROGRAM_H

#include <event2/util.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "api/api.h"
#include "core/config.h"
#include "core/data_lock.h"
#include "core/errand.h"
#include "core/metrics.h"
#include "core/resolve.h"
#include "core/seal.h"
#include "core/settings.h"
#include "core/store.h"
#include "core/stream_tls.h"
#include "providers/settings.h"
#include "providers/user_items.h"
#include "providers/user_playlists.h"
#include "proxy/front.h"
#include "proxy/play_counter.h"
#include "proxy/settings.h"
#include "proxy/workers.h"
#include "session/feed.h"
#include "session/holder.h"
#include "session/item_names.h"
#include "session/keeper.h"
#include "session/settings.h"
#include "session/trust_check.h"
#include "session/vault_store.h"
#include "tracker/history.h"
#include "tracker/settings.h"

#define PROGRAM_VERSION "0.1.0"

enum {
	PROGRAM_WHY_SIZE = 512,
	PROGRAM_TURN_MS = 50, /* between looks whether something is over */
	PROGRAM_TABLES = 5,
	PROGRAM_METRIC_TABLES = 11,
};

struct program {
	struct settings settings;
	struct proxy_settings proxy;
	struct providers_settings providers;
	struct session_settings sessions;
	struct tracker_settings history_settings;
	struct config_table tables[PROGRAM_TABLES];
	struct metric_table metrics[PROGRAM_METRIC_TABLES];
	struct base_url jellyfin;
	struct splice_budget pipes;
	struct upstream_cap *upstream_cap;
	struct feed_named_list feed_servers;

	struct loop *control;
	struct data_lock *lock;
	struct store *store;
	struct user_items *user_items;
	struct play_counter *play_counter;
	struct resolve *resolve;
	struct errands *errands;
	struct outgoing *outgoing;
	struct stream_tls *tls; /* to Jellyfin; NULL: plain TCP */
	struct server *server;
	struct trust_check *trust_check;
	struct tracker *tracker;
	struct geo *geo; /* NULL: no database of places */
	struct history *history;
	struct now_playing *now_playing;
	struct item_names *item_names;
	struct feed *feed;
	struct seal *seal;
	struct vault_store *vault; /* without Redis */
	struct keeper *keeper;
	struct user_playlists *user_playlists;
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
	struct timer trim;
};

/* Runs until it is told to stop; the settings have been loaded. The status to exit with.
 * What keeps it from starting is said on standard error. */
int program_run(struct program *program);

/* ---- the parts of a run, in the order of their files ---- */

/* services.c. False: said why; program_stop_services if the store has been started. The
 * control loop is the caller's to free. */
MUST_CHECK bool program_start_services(struct program *program);
void program_stop_services(struct program *program);

/* lasting.c: what outlives the process. False: said why, nothing is left open. */
MUST_CHECK bool program_start_store(struct program *program);
/* Sessions and plays are kept in the database; returns when those of an earlier process
 * have been taken up, before anybody is served, so that no report overtakes what it is
 * about. */
void program_start_keeper(struct program *program);
/* The same with Redis, shared with other instances. */
void program_start_holder(struct program *program);
void program_start_playlists(struct program *program);

/* reload.c: what may change while it runs. */
/* Makes of the settings, as they are now, what everybody goes by. */
void program_renew_live(struct program *program);
void program_free_live(struct program *program);
/* For SIGHUP: reads the settings once more; what is wrong with them changes nothing. */
void program_on_reload_signal(evutil_socket_t signal_number, short what, void *arg);

#endif
