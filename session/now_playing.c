#include "session/now_playing.h"

#include <stdatomic.h>
#include <string.h>

#include "core/clock.h"
#include "core/log.h"
#include "session/listener.h"
#include "session/listener_json.h"
#include "session/metrics.h"
#include "session/session_id.h"
#include "session/user_listeners.h"

enum {
	BUCKETS = 512,
	MAX_LISTENERS = 20000,
	MAX_REMEMBERED = 2000, /* listeners that are kept for their capabilities alone */
	MAX_UNDER_WAY = 4096,
	MAX_CAPABILITIES = 64 * 1024,
};

struct now_playing {
	struct loop *loop;
	struct tracker *tracker;
	struct listener_options listener_options;
	struct injected_options injected_options;
	struct base_url base;
	struct jellyfin *jellyfin;
	struct listener *buckets[BUCKETS];
	size_t count;
	struct user_listeners users;
	size_t most_per_user;
	struct client_observer clients;
	atomic_int under_way; /* posted and not handled yet */
	bool freed;           /* … the last of them frees this */
};

/* ---- listeners by key ---- */

static struct listener **
bucket_of(struct now_playing *now_playing, const struct play_session_key *key)
{
	return &now_playing->buckets[play_session_key_hash(key) % BUCKETS];
}

static struct listener *
find(const struct now_playing *now_playing, const struct play_session_key *key)
{
	struct listener *listener =
		now_playing->buckets[play_session_key_hash(key) % BUCKETS];

	while (listener != NULL && !play_session_key_equal(listener_key(listener), key))
		listener = listener->next;
	return listener;
}

static void
free_later(void *arg)
{
	listener_free(arg);
}

static void
remove_at(struct now_playing *now_playing, struct listener **link)
{
	struct listener *listener = *link;

	*link = listener->next;
	now_playing->count--;
	user_listeners_remove(&now_playing->users, listener);
	listener_stop(listener);
	loop_later(now_playing->loop, free_later, listener);
}

static void
remove_listener(struct now_playing *now_playing, struct listener *listener)
{
	struct listener **link = bucket_of(now_playing, listener_key(listener));

	while (*link != listener)
		link = &(*link)->next;
	remove_at(now_playing, link);
}

/* From the listener's own pump. */
static void
on_idle(void *arg, struct listener *listener)
{
	struct now_playing *now_playing = arg;

	if (listener->capabilities != NULL && now_playing->count <= MAX_REMEMBERED &&
		listener_state(listener) != INJECTED_CLOSED)
		return;
	remove_listener(now_playing, listener);
}

/* False when the user has as many sessions as one may have, and none that does nothing. */
static bool
make_room(struct now_playing *now_playing, const struct play_session_key *key)
{
	size_t count = user_listeners_count(&now_playing->users, key->user_id);

	if (now_playing->most_per_user == 0 || count < now_playing->most_per_user)
		return true;
	struct listener *idle =
		user_listeners_oldest_idle(&now_playing->users, key->user_id);
	if (idle != NULL) {
		remove_listener(now_playing, idle);
		return true;
	}
	metric_add(&session_metric_refused, 1);
	log_warn_limited("session_refused", LOG_TEXT("user_id", key->user_id),
		LOG_TEXT("client", key->client), LOG_NUMBER("sessions", count));
	return false;
}

static struct listener *
find_or_add(struct now_playing *now_playing, const struct play_session_key *key)
{
	struct listener *listener = find(now_playing, key);

	if (listener != NULL || now_playing->count >= MAX_LISTENERS ||
		!make_room(now_playing, key))
		return listener;
	struct listener **bucket = bucket_of(now_playing, key);
	listener = listener_new(&now_playing->listener_options, key);
	listener->next = *bucket;
	*bucket = listener;
	now_playing->count++;
	user_listeners_add(&now_playing->users, listener);
	return listener;
}

static void
each(struct now_playing *now_playing, void (*call)(struct listener *listener))
{
	for (size_t i = 0; i < BUCKETS; i++) {
		for (struct listener *listener = now_playing->buckets[i]; listener != NULL;
			listener = listener->next)
			call(listener);
	}
}

/* ---- what happens ---- */

/* Users of one device share a session in Jellyfin, and a bucket here. */
static void
review_rivals(struct now_playing *now_playing, const struct play_session_key *key)
{
	struct listener *listener = *bucket_of(now_playing, key);

	for (; listener != NULL; listener = listener->next) {
		if (play_session_key_rivals(listener_key(listener), key))
			listener_wake(listener);
	}
}

static void
on_play_changed(void *arg, const struct play *play, enum play_change change)
{
	struct now_playing *now_playing = arg;
	const struct play_report *last = &play->last;
	bool over = change == PLAY_ENDED || change == PLAY_LEFT;
	struct listener *listener = last->item.external && !over
					    ? find_or_add(now_playing, &last->key)
					    : find(now_playing, &last->key);

	if (listener != NULL)
		listener_play_changed(listener, play, change);
	if (change == PLAY_STARTED || change == PLAY_RESTORED || over)
		review_rivals(now_playing, &last->key);
}

static void
on_server_changed(void *arg, const struct server_facts *facts)
{
	struct now_playing *now_playing = arg;

	now_playing->listener_options.healthy = facts->healthy;
	copy_text(now_playing->listener_options.server_id,
		sizeof now_playing->listener_options.server_id, facts->id);
	if (facts->healthy)
		each(now_playing, listener_restore);
}

/* Is the client's own socket open? For the tracker's rules of silence. */
static bool
is_alive(void *arg, const struct play_session_key *key)
{
	const struct listener *listener = find(arg, key);
	return listener != NULL && listener_client_sockets(listener) > 0;
}

/* ---- carried over ---- */

/* Of the bucket in which all listeners of a device are. */
static struct listener *
first_of(const struct now_playing *now_playing, const char *device_id)
{
	struct play_session_key key = { 0 };

	copy_text(key.device_id, sizeof key.device_id, device_id);
	return now_playing->buckets[play_session_key_hash(&key) % BUCKETS];
}

const char *
now_playing_capabilities(
	const struct now_playing *now_playing, const struct play_session_key *key)
{
	const struct listener *listener = find(now_playing, key);
	return listener != NULL ? listener->capabilities : NULL;
}

void
now_playing_remember_capabilities(struct now_playing *now_playing,
	const struct play_session_key *key, const char *full_json)
{
	struct listener *listener = find_or_add(now_playing, key);

	if (listener != NULL && listener->capabilities == NULL)
		listener_remember_capabilities(listener, full_json);
}

void
now_playing_fall_silent(struct now_playing *now_playing)
{
	now_playing->listener_options.silent = true;
}

void
now_playing_let_go(struct now_playing *now_playing, const char *device_id)
{
	struct listener *listener = first_of(now_playing, device_id);

	for (; listener != NULL; listener = listener->next) {
		if (text_equal_ci(listener_key(listener)->device_id, device_id))
			listener_let_go(listener);
	}
}

int
now_playing_client_sockets(const struct now_playing *now_playing, const char *device_id)
{
	const struct listener *listener = first_of(now_playing, device_id);
	int count = 0;

	for (; listener != NULL; listener = listener->next) {
		if (text_equal_ci(listener_key(listener)->device_id, device_id))
			count += listener_client_sockets(listener);
	}
	return count;
}

void
now_playing_observe_clients(
	struct now_playing *now_playing, struct client_observer observer)
{
	now_playing->clients = observer;
}

void
now_playing_set_capabilities(struct now_playing *now_playing,
	const struct play_session_key *key, const char *full_json)
{
	struct listener *listener = find_or_add(now_playing, key);

	if (listener != NULL)
		listener_set_capabilities(listener, full_json);
}

/* ---- from other threads ---- */

struct posted {
	struct message message;
	struct now_playing *now_playing;
	struct play_session_key key;
	enum client_socket socket;
	char *capabilities; /* NULL: it is about the socket */
};

static void
handle(struct now_playing *now_playing, struct posted *posted)
{
	const struct client_observer *clients = &now_playing->clients;

	if (posted->capabilities != NULL) {
		now_playing_set_capabilities(
			now_playing, &posted->key, posted->capabilities);
		if (clients->capabilities != NULL)
			clients->capabilities(
				clients->arg, &posted->key, posted->capabilities);
		return;
	}
	/* A socket that closes is news only of somebody we know. */
	struct listener *listener = posted->socket == CLIENT_SOCKET_CLOSED
					    ? find(now_playing, &posted->key)
					    : find_or_add(now_playing, &posted->key);
	if (listener == NULL)
		return;
	listener_client_socket(listener, posted->socket);
	if (clients->sockets_changed != NULL)
		clients->sockets_changed(clients->arg, posted->key.device_id);
}

static void
run_posted(struct message *message)
{
	struct posted *posted = CONTAINER_OF(message, struct posted, message);
	struct now_playing *now_playing = posted->now_playing;

	if (!now_playing->freed)
		handle(now_playing, posted);
	bool last = atomic_fetch_sub(&now_playing->under_way, 1) == 1;
	if (now_playing->freed && last)
		xfree(now_playing);
	xfree(posted->capabilities);
	xfree(posted);
}

static void
post(struct now_playing *now_playing, const struct play_session_key *key,
	enum client_socket socket, char *take_capabilities)
{
	struct posted *posted = xcalloc(1, sizeof *posted);

	posted->now_playing = now_playing;
	posted->key = *key;
	posted->socket = socket;
	posted->capabilities = take_capabilities;
	atomic_fetch_add(&now_playing->under_way, 1);
	loop_post(now_playing->loop, &posted->message, run_posted);
}

/* Bounded by the sockets there are; every one must be counted. */
void
now_playing_post_client_socket(struct now_playing *now_playing,
	const struct play_session_key *key, enum client_socket what)
{
	post(now_playing, key, what, NULL);
}

void
now_playing_post_capabilities(struct now_playing *now_playing,
	const struct play_session_key *key, const char *full_json)
{
	if (strlen(full_json) > MAX_CAPABILITIES ||
		atomic_load(&now_playing->under_way) >= MAX_UNDER_WAY) {
		log_warn_limited("capabilities_not_kept", LOG_TEXT("client", key->client));
		return;
	}
	post(now_playing, key, CLIENT_SOCKET_CLOSED, xstrdup(full_json));
}

/* ---- life ---- */

struct now_playing *
now_playing_new(const struct now_playing_options *options)
{
	struct now_playing *now_playing = xcalloc(1, sizeof *now_playing);

	now_playing->loop = options->loop;
	now_playing->tracker = options->tracker;
	now_playing->base = *options->jellyfin;
	now_playing->most_per_user = options->most_per_user;
	now_playing->jellyfin = jellyfin_new(options->loop, options->jellyfin,
		options->transport != NULL ? *options->transport
					   : jellyfin_transport_of(options->errands));
	now_playing->injected_options = (struct injected_options){ .loop = options->loop,
		.jellyfin = &now_playing->base,
		.sockets = options->sockets != NULL
				   ? *options->sockets
				   : injected_sockets_of(options->outgoing),
		.address = options->address,
		.address_arg = options->address_arg,
		.ops = &listener_injected_ops };
	now_playing->listener_options = (struct listener_options){ .loop = options->loop,
		.tracker = options->tracker,
		.jellyfin = now_playing->jellyfin,
		.tokens = options->tokens,
		.injected = &now_playing->injected_options,
		.on_idle = on_idle,
		.on_idle_arg = now_playing,
		.on_stop_command = options->on_stop_command,
		.on_stop_command_arg = options->on_stop_command_arg,
		.healthy = true };
	tracker_observe(options->tracker,
		(struct tracker_observer){ on_play_changed, now_playing });
	tracker_set_alive(options->tracker, is_alive, now_playing);
	if (options->server != NULL) {
		struct server_facts facts;
		server_read(options->server, &facts);
		on_server_changed(now_playing, &facts);
		server_observe(options->server,
			(struct server_observer){ on_server_changed, now_playing });
	}
	return now_playing;
}

void
now_playing_free(struct now_playing *now_playing)
{
	if (now_playing == NULL)
		return;
	for (size_t i = 0; i < BUCKETS; i++) {
		while (now_playing->buckets[i] != NULL) {
			struct listener *listener = now_playing->buckets[i];
			now_playing->buckets[i] = listener->next;
			user_listeners_remove(&now_playing->users, listener);
			listener_stop(listener);
			listener_free(listener);
		}
	}
	tracker_set_alive(now_playing->tracker, NULL, NULL);
	jellyfin_free(now_playing->jellyfin);
	now_playing->freed = true;
	if (atomic_load(&now_playing->under_way) == 0)
		xfree(now_playing);
}

bool
now_playing_has_lone(const struct now_playing *now_playing)
{
	(void)now_playing;
	return metric_read(&session_metric_sockets, METRIC_GAUGE) > 0;
}

/* On the control loop. */
static void *
lone_sessions_new(void *arg)
{
	const struct now_playing *now_playing = arg;
	struct lone_sessions *lone =
		xcalloc(1, sizeof *lone + now_playing->count * sizeof lone->ids[0]);

	for (size_t i = 0; i < BUCKETS; i++) {
		for (const struct listener *listener = now_playing->buckets[i];
			listener != NULL; listener = listener->next) {
			const struct play_session_key *key = listener_key(listener);
			if (listener_is_lone(listener))
				session_id_of(lone->ids[lone->count++], key->client,
					key->device_id);
		}
	}
	return lone;
}

struct ask *
now_playing_ask_lone(struct now_playing *now_playing, struct loop *from,
	void (*done)(void *arg, void *lone_sessions), void *arg)
{
	return ask_start(
		from, now_playing->loop, lone_sessions_new, now_playing, xfree, done, arg);
}

json_t *
now_playing_sessions_json_new(const struct now_playing *now_playing)
{
	json_t *list = json_array();

	for (size_t i = 0; i < BUCKETS; i++) {
		for (const struct listener *listener = now_playing->buckets[i];
			listener != NULL; listener = listener->next) {
			if (listener_state(listener) != INJECTED_IDLE)
				json_array_append_new(list, listener_json_new(listener));
		}
	}
	return list;
}
