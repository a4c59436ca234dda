#include "session/listener_json.h"

#include "core/clock.h"
#include "core/json.h"

static void
put_time(json_t *json, const char *name, int64_t wall_ms)
{
	char iso[CLOCK_ISO_SIZE];

	clock_format_iso(iso, wall_ms);
	json_put_text(json, name, iso);
}

/* What Jellyfin shows by our word. */
static json_t *
shown_json_new(const struct play *play)
{
	json_t *json = json_object();

	json_put_int(json, "play", (int64_t)play->id);
	json_put_text(json, "itemId", play->last.item.id);
	json_put_text(json, "name", play->last.item.name);
	json_put_text(json, "artist", play->last.item.artist);
	json_put_text(json, "state", play_state_name(play->state));
	json_put_int(json, "positionMs", play_position_now_ms(play, clock_now_ms()));
	return json;
}

/* How many there were, and the newest of them, newest first. */
static json_t *
undelivered_json_new(const struct undelivered *undelivered)
{
	json_t *json = json_object();
	json_t *newest = json_array();
	int64_t count = undelivered != NULL ? undelivered->count : 0;

	for (int64_t i = count - 1; i >= 0 && i >= count - UNDELIVERED_KEPT; i--) {
		size_t place = (size_t)i % UNDELIVERED_KEPT;
		json_t *one = json_object();
		json_put_text(one, "command", undelivered->newest[place].command);
		put_time(one, "at", undelivered->newest[place].at_wall_ms);
		json_array_append_new(newest, one);
	}
	json_put_int(json, "count", count);
	json_put_new(json, "newest", newest);
	return json;
}

/* Whose socket Jellyfin hears in the session. */
static const char *
socket_kind_of(const struct listener *listener)
{
	if (listener_client_sockets(listener) > 0)
		return "client";
	return injected_has_socket(listener->injected) ? "own" : "none";
}

json_t *
listener_json_new(const struct listener *listener)
{
	const struct play_session_key *key = listener_key(listener);
	struct identity identity;
	const struct play *play = listener_find_play(listener, true);
	json_t *json = json_object();

	json_put_text(json, "client", key->client);
	json_put_text(json, "deviceId", key->device_id);
	json_put_text(json, "userId", key->user_id);
	injected_identity(listener->injected, &identity);
	json_put_text(json, "device", identity.device);
	json_put_text(
		json, "state", injected_state_name(injected_state(listener->injected)));
	put_time(json, "since", injected_since_wall_ms(listener->injected));
	json_put_text(json, "socket", injected_socket_name(listener->injected));
	json_put_text(json, "socketKind", socket_kind_of(listener));
	json_put_int(json, "clientSockets", injected_client_sockets(listener->injected));
	json_put_bool(json, "remoteControl", listener_client_sockets(listener) > 0);
	json_put_new(json, "shown",
		play != NULL && listener->told.play_id == play->id ? shown_json_new(play)
								   : json_null());
	json_put_int(json, "failures", listener->failures);
	json_put_bool(json, "failing", listener->failing);
	json_put_new(json, "undeliverable", undelivered_json_new(listener->undelivered));
	return json;
}
