/* Front: one worker of the front door: its listener, its relay, its providers.
 *
 * program/ makes one per thread and wires what they share. Requests for our own paths go to
 * `own` (the api folder, wired by program/); then the router decides: intercepted or
 * relayed.
 */
#ifndef PROXY_FRONT_H
#define PROXY_FRONT_H

#include "core/http_client.h"
#include "core/http_server.h"
#include "providers/catalog.h"
#include "providers/song_forms.h"
#include "providers/substitutes.h"
#include "providers/track_stream.h"
#include "providers/user_items.h"
#include "providers/user_window.h"
#include "proxy/client_tunnels.h"
#include "proxy/front_settings.h"
#include "proxy/kept_lists.h"
#include "proxy/play_pass.h"
#include "proxy/relay.h"
#include "proxy/running_streams.h"
#include "proxy/search_lists.h"
#include "session/now_playing.h"
#include "session/server.h"
#include "session/token.h"

struct artwork;
struct artwork_seat;
struct covers;
struct lyrics_finder;
struct lyrics_seat;
struct user_playlists;

/* Shared by all workers, made before them, freed after them. */
struct front_services {
	const struct base_url *jellyfin;
	struct relay_options relay;
	struct http_server_shared shared;
	/* The first, for the start of each worker; then front_worker_apply. */
	const struct front_settings *settings;
	struct http_client_options client;
	struct token_cache *tokens;
	struct catalog *catalog;
	struct track_shared tracks;
	struct artwork *artwork;
	struct lyrics_finder *lyrics;
	struct search_lists *search_lists;
	struct user_window *searches; /* that may ask providers */
	struct substitutes *substitutes;
	struct user_items *user_items; /* NULL: nothing is kept */
	struct kept_lists *kept_lists;
	struct play_passes *passes;
	struct client_tunnels *client_tunnels;
	struct running_streams *running_streams;
	struct covers *covers;
	struct user_playlists *user_playlists;
	struct tracker *tracker;
	struct now_playing *now_playing;
	struct server *server;
	/* Answers our own paths, on the worker's thread; false: not one of ours. */
	bool (*own)(void *arg, struct exchange *exchange);
	void *own_arg;
};

/* Members are set up by front_worker_new and used by proxy/intercept_* on this loop. */
struct front_worker {
	struct front_services *services;
	const struct front_settings *settings; /* not to be kept from turn to turn */
	struct loop *loop;
	struct router *router;
	struct http_server *http_server;
	struct relay_worker *relay;
	struct http_client *client;
	struct catalog_worker *catalog;
	struct track_streams *streams;
	struct song_forms *forms;
	struct artwork_seat *artwork;
	struct lyrics_seat *lyrics;
};

struct front_worker *front_worker_new(struct front_services *services, struct loop *loop);
/* These settings hold from now on; the ones before are used no more. On its loop. */
void front_worker_apply(struct front_worker *worker, const struct front_settings *settings);
/* Aborts what still runs. On the worker's thread, or after it has ended. */
void front_worker_free(struct front_worker *worker);
/* Jellyfin said 401 to this request: its token opens nothing of ours either until Jellyfin
 * has confirmed it anew. */
void front_refused(struct front_services *services, struct exchange *exchange);
/* Jellyfin answers; for the router and for intercepts that give up. */
void front_relay(struct front_worker *worker, struct exchange *exchange);

#endif
