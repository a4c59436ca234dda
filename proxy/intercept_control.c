#include "proxy/intercept_control.h"

#include <string.h>

#include "core/crypto.h"
#include "core/json.h"
#include "core/log.h"
#include "proxy/client_tunnels.h"
#include "proxy/gather.h"
#include "proxy/intercept_playlists.h"
#include "proxy/playlist_view.h"

enum {
	MOST_IDS = 1000, /* of one command; beyond, it is Jellyfin's to refuse or drop */
	EXPAND_MS = 3000,
};

struct wanted {
	char id[33]; /* 32 lower-case hex */
	bool external;
	struct external_id external_id;
	size_t tracks; /* 1 + its place among what is gathered; 0: it is a song */
	bool mixed;    /* Jellyfin's playlist, with songs of ours in it */
};

struct control {
	struct intercept *intercept;
	const char *command; /* as Jellyfin spells it */
	bool shuffled;
	struct wanted *wanted;
	size_t count;
	struct gather_item *tracks;
	size_t track_count;
	const char *playlist;       /* the mixed one; NULL: none */
	struct playlist_view *view; /* of it */
	struct client_tunnel_target target;
};

/* ---- what is asked for ---- */

static const char *
command_of(const char *text, bool *shuffled)
{
	static const char *const commands[] = { "PlayNow", "PlayNext", "PlayLast" };

	*shuffled = text != NULL && text_equal_ci(text, "PlayShuffle");
	if (*shuffled)
		return "PlayNow"; /* as Jellyfin sends it on, shuffled */
	for (size_t i = 0; text != NULL && i < COUNT_OF(commands); i++) {
		if (text_equal_ci(text, commands[i]))
			return commands[i];
	}
	return NULL;
}

/* What of an external thing is played; false for a song, which is itself. */
static bool
tracks_query(struct catalog_query *query, const struct external_id *id)
{
	*query = (struct catalog_query){ .provider = id->provider, .id = *id };
	if (id->kind == MEDIA_ALBUM)
		query->ask = CATALOG_ALBUM_TRACKS;
	else if (id->kind == MEDIA_PLAYLIST)
		query->ask = CATALOG_PLAYLIST_TRACKS;
	else if (id->kind == MEDIA_ARTIST)
		query->ask = CATALOG_ARTIST_TOP;
	else
		return false;
	return true;
}

/* Is it one that Jellyfin would drop, or know only in part? */
static bool
add_wanted(struct control *control, struct front_worker *worker, const char *text)
{
	struct wanted *wanted = &control->wanted[control->count];
	struct catalog_query query;

	wanted->external = external_id_parse(&wanted->external_id, slice_of(text));
	if (wanted->external) {
		if (!external_id_format(wanted->id, &wanted->external_id))
			return false;
		if (tracks_query(&query, &wanted->external_id) &&
			control->track_count < GATHER_MAX) {
			control->tracks[control->track_count].query = query;
			wanted->tracks = ++control->track_count;
		}
	} else if (!play_item_id_normal(wanted->id, text)) {
		return false; /* Jellyfin drops it as well */
	} else if (mixed_playlist_id(wanted->id, worker, text) &&
		   control->playlist == NULL) {
		wanted->mixed = true;
		control->playlist = wanted->id;
	}
	control->count++;
	return wanted->external || wanted->mixed;
}

/* NULL when the command is Jellyfin's own affair. */
static struct control *
read_control(struct front_worker *worker, struct exchange *exchange)
{
	struct arena *arena = exchange_arena(exchange);
	const struct query *query = exchange_query(exchange);
	struct control *control = arena_alloc(arena, sizeof *control);
	size_t count;
	bool external = false;

	*control = (struct control){ 0 };
	control->command = command_of(query_get(query, "playCommand"), &control->shuffled);
	const char **ids = query_list(arena, query, "itemIds", &count);
	if (control->command == NULL || count > MOST_IDS)
		return NULL;
	control->wanted = arena_alloc(arena, (count + 1) * sizeof *control->wanted);
	memset(control->wanted, 0, (count + 1) * sizeof *control->wanted);
	control->tracks = arena_alloc(arena, GATHER_MAX * sizeof *control->tracks);
	for (size_t i = 0; i < count; i++)
		external |= add_wanted(control, worker, ids[i]);
	return external ? control : NULL;
}

/* ---- the message ---- */

static void
add_members(json_t *ids, const struct playlist_order *order)
{
	for (size_t i = 0; i < order->count; i++) {
		const struct playlist_member *member = &order->members[i];
		json_array_append_new(
			ids, json_string(member->external ? member->song : member->id));
	}
}

static void
add_id(json_t *ids, const struct control *control, const struct wanted *wanted)
{
	const struct media_list *tracks =
		wanted->tracks > 0 ? control->tracks[wanted->tracks - 1].list : NULL;
	char hex[EXTERNAL_ID_HEX];

	if (wanted->mixed)
		add_members(ids, &control->view->order);
	else if (wanted->tracks == 0)
		json_array_append_new(ids, json_string(wanted->id));
	for (size_t i = 0; tracks != NULL && i < tracks->count; i++) {
		if (external_id_format(hex, &tracks->items[i].id))
			json_array_append_new(ids, json_string(hex));
	}
}

static json_t *
ids_json_new(const struct control *control)
{
	json_t *ids = json_array();

	for (size_t i = 0; i < control->count; i++)
		add_id(ids, control, &control->wanted[i]);
	for (size_t i = json_array_size(ids); control->shuffled && i > 1; i--) {
		size_t other = (size_t)crypto_random_below((int64_t)i);
		json_t *here = json_incref(json_array_get(ids, i - 1));
		json_array_set(ids, i - 1, json_array_get(ids, other));
		json_array_set_new(ids, other, here);
	}
	return ids;
}

static json_t *
data_json_new(const struct control *control)
{
	static const char *const numbers[][2] = {
		{ "startPositionTicks", "StartPositionTicks" },
		{ "audioStreamIndex", "AudioStreamIndex" },
		{ "subtitleStreamIndex", "SubtitleStreamIndex" },
		{ "startIndex", "StartIndex" },
	};
	const struct query *query = exchange_query(intercept_exchange(control->intercept));
	json_t *data = json_object();

	json_put_new(data, "ItemIds", ids_json_new(control));
	json_put_text(data, "PlayCommand", control->command);
	json_put_text(data, "ControllingUserId", control->intercept->caller->facts.user_id);
	json_put_text(data, "MediaSourceId", query_get(query, "mediaSourceId"));
	for (size_t i = 0; i < COUNT_OF(numbers); i++) {
		int64_t number = query_int(query, numbers[i][0], -1);
		if (number >= 0)
			json_put_int(data, numbers[i][1], number);
	}
	return data;
}

static char *
message_new(const struct control *control, size_t *size)
{
	unsigned char random[16];
	char id[33];
	json_t *message = json_object();

	crypto_random(random, sizeof random);
	hex_encode(id, random, sizeof random);
	json_put_text(message, "MessageId", id);
	json_put_new(message, "Data", data_json_new(control));
	json_put_text(message, "MessageType", "Play");
	char *text = json_dump_new(message, size);
	json_decref(message);
	return text;
}

static void
send_play(void *arg)
{
	struct control *control = arg;
	struct intercept *intercept = control->intercept;
	size_t size;
	char *text = message_new(control, &size);

	client_tunnels_send(intercept->worker->services->client_tunnels, &control->target,
		text, size, control->command);
	xfree(text);
	intercept_reply_status(intercept, 204);
}

/* ---- what things consist of ---- */

static void
expand(struct control *control)
{
	if (control->track_count == 0)
		send_play(control);
	else
		gather_start(control->intercept, control->tracks, control->track_count,
			EXPAND_MS, send_play, control);
}

static void
on_playlist(void *arg)
{
	struct control *control = arg;

	if (control->view->local->is_list)
		expand(control);
	else
		intercept_relay(control->intercept);
}

static void
on_playlist_read(void *arg)
{
	struct control *control = arg;

	if (control->view->err == ERR_NONE)
		playlist_view_ask(control->view, on_playlist, control);
	else
		intercept_relay(control->intercept);
}

/* Without the right to external music Jellyfin plays its part of the playlist. */
static void
expand_playlist(struct control *control)
{
	struct intercept *intercept = control->intercept;

	if (!caller_may_listen(intercept->caller, &intercept->worker->settings->sessions)) {
		intercept_relay(intercept);
		return;
	}
	control->view = playlist_view_new(intercept, control->playlist);
	playlist_view_read(control->view, on_playlist_read, control);
}

/* ---- who may ---- */

static bool
may_control(const struct caller *caller, const char *owner)
{
	const struct token_facts *facts = &caller->facts;

	return facts->administrator || facts->control_others ||
	       (owner[0] != '\0' && text_equal_ci(facts->user_id, owner));
}

/* Without the right to external music Jellyfin plays its part of a mixed playlist. */
static bool
may_have_all(const struct control *control, const struct caller *caller)
{
	return control->playlist == NULL ||
	       caller_may_listen(caller, &control->intercept->worker->settings->sessions);
}

static void
on_confirmed(void *arg, const struct caller *caller)
{
	struct control *control = arg;
	struct intercept *intercept = control->intercept;
	const char *session = route_value(&intercept->match, "session");

	intercept->caller = caller;
	if (caller->err != ERR_NONE || !may_have_all(control, caller) ||
		!client_tunnels_find(intercept->worker->services->client_tunnels,
			&control->target, session)) {
		intercept_relay(intercept);
		return;
	}
	if (!may_control(caller, control->target.user_id)) {
		log_info("command_refused", LOG_TEXT("command", control->command),
			LOG_TEXT("by", caller->facts.user_name));
		exchange_reply_error(http_job_take(intercept->job), 403, "forbidden",
			"Controlling somebody else's session with music from outside needs "
			"the right to control other users.");
		return;
	}
	if (control->playlist != NULL)
		expand_playlist(control);
	else
		expand(control);
}

bool
intercept_play_on(struct front_worker *worker, struct exchange *exchange,
	const struct route_match *match)
{
	struct control *control = read_control(worker, exchange);

	if (control == NULL)
		return false;
	control->intercept = intercept_start(worker, exchange, match);
	caller_confirm(
		control->intercept->job, worker->services->tokens, on_confirmed, control);
	return true;
}
