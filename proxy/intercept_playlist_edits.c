#include "proxy/intercept_playlist_edits.h"

#include <stdio.h>
#include <string.h>

#include "core/json.h"
#include "proxy/intercept_playlists.h"
#include "proxy/playlist_body.h"
#include "proxy/playlist_edit.h"
#include "proxy/playlist_wish.h"

/* The state of a route's handler. */
struct change {
	struct intercept *intercept;
	char id[PLAYLIST_ID_HEX];
	const char *const *ids; /* as the client sent them */
	size_t id_count;
	struct playlist_wish *wish;
	struct playlist_view *before; /* ours, before it is our turn */
	enum playlist_plan (*plan)(struct playlist_edit *edit);
	enum playlist_sight sight;
	struct playlist_edit *edit;
};

static struct change *
change_new(struct front_worker *worker, struct exchange *exchange,
	const struct route_match *match, const char *id)
{
	struct change *change = arena_alloc(exchange_arena(exchange), sizeof *change);

	*change = (struct change){ 0 };
	copy_text(change->id, sizeof change->id, id);
	change->intercept = intercept_start(worker, exchange, match);
	change->intercept->state = change;
	return change;
}

static void
start_edit(struct change *change)
{
	struct playlist_edit *edit = playlist_edit_new(change->intercept, change->id);

	edit->plan = change->plan;
	edit->sight = change->sight;
	edit->state = change;
	change->edit = edit;
	playlist_edit_start(edit);
}

static void
on_wished(void *arg, enum err err)
{
	struct change *change = arg;

	if (err == ERR_NONE)
		start_edit(change);
	else
		intercept_reply_err(change->intercept, err);
}

/* ---- adding ---- */

static bool
is_full(const struct playlist_order *order)
{
	return order->count - playlist_order_locals(order, order->count) >
	       USER_PLAYLIST_MOST;
}

static enum playlist_plan
plan_add(struct playlist_edit *edit)
{
	struct change *change = edit->state;
	struct exchange *exchange = intercept_exchange(edit->intercept);
	struct playlist_order *order = &edit->view->order;
	struct playlist_wish_members added = playlist_wish_members(change->wish, NULL);
	const char *locals = playlist_wish_locals(change->wish);
	int64_t position = query_int(exchange_query(exchange), "position", -1);
	size_t place = order->count;
	char number[24];

	if (position >= 0 && (uint64_t)position < order->count)
		place = (size_t)position;
	snprintf(number, sizeof number, "%zu", playlist_order_locals(order, place));
	const struct local_change changes[] = {
		{ "ids", locals },
		{ "position", place < order->count ? number : NULL },
	};
	edit->request = (struct local_request){
		.method = "POST",
		.target = local_target(exchange, changes, COUNT_OF(changes)),
	};
	edit->request.body.data = exchange_body(exchange, &edit->request.body.size);
	playlist_order_insert(order, place, added.members, added.count);
	edit->songs = added.songs;
	edit->song_count = added.song_count;
	return is_full(order) ? PLAYLIST_PLAN_FULL : PLAYLIST_PLAN_GOOD;
}

static void
ask_wish(struct intercept *intercept)
{
	struct change *change = intercept->state;

	change->wish = playlist_wish_new(intercept, change->ids, change->id_count, NULL);
	if (change->wish != NULL)
		playlist_wish_ask(change->wish, on_wished, change);
	else
		playlist_wish_refuse(intercept);
}

bool
intercept_playlist_add(struct front_worker *worker, struct exchange *exchange,
	const struct route_match *match)
{
	const struct query *query = exchange_query(exchange);
	char id[PLAYLIST_ID_HEX], mixed[PLAYLIST_ID_HEX];
	size_t count;
	const char **ids = query_list(exchange_arena(exchange), query, "ids", &count);

	/* Local songs at the end are Jellyfin's affair: ours keep their neighbours. */
	if (!playlist_id_read(id, slice_of(route_value(match, "id"))) ||
		(!playlist_wish_is_external(ids, count) &&
			(query_get(query, "position") == NULL ||
				!mixed_playlist_id(mixed, worker, id))))
		return false;
	struct change *change = change_new(worker, exchange, match, id);
	change->ids = ids;
	change->id_count = count;
	change->plan = plan_add;
	change->sight = PLAYLIST_SIGHT_ENTRIES;
	intercept_guard(change->intercept, ask_wish, intercept_relay);
	return true;
}

/* ---- removing ---- */

/* Removes the external members that `text` names: one entry, or all of a song. */
static bool
remove_external(struct playlist_order *order, const char *text)
{
	bool any = false;
	size_t place;

	while (playlist_order_find(order, slice_of(text), &place) &&
		order->members[place].external) {
		playlist_order_remove(order, place);
		any = true;
	}
	return any;
}

static enum playlist_plan
plan_remove(struct playlist_edit *edit)
{
	struct change *change = edit->state;
	struct exchange *exchange = intercept_exchange(edit->intercept);
	struct text locals;
	bool any = false;

	text_init(&locals);
	for (size_t i = 0; i < change->id_count; i++) {
		if (remove_external(&edit->view->order, change->ids[i])) {
			any = true;
			continue;
		}
		text_add(&locals, locals.size > 0 ? "," : "");
		text_add(&locals, change->ids[i]);
	}
	const struct local_change changes[] = { { "entryIds", text_get(&locals) } };
	if (locals.size > 0)
		edit->request = (struct local_request){
			.method = "DELETE",
			.target = local_target(exchange, changes, COUNT_OF(changes)),
		};
	else
		edit->request = playlist_edit_nothing(edit);
	text_fini(&locals);
	return any ? PLAYLIST_PLAN_GOOD : PLAYLIST_PLAN_RELAY;
}

static void
start_allowed(struct intercept *intercept)
{
	start_edit(intercept->state);
}

bool
intercept_playlist_remove(struct front_worker *worker, struct exchange *exchange,
	const struct route_match *match)
{
	char id[PLAYLIST_ID_HEX];

	if (!mixed_playlist_id(id, worker, route_value(match, "id")))
		return false;
	struct change *change = change_new(worker, exchange, match, id);
	change->ids = query_list(exchange_arena(exchange), exchange_query(exchange),
		"entryIds", &change->id_count);
	change->plan = plan_remove;
	intercept_guard(change->intercept, start_allowed, intercept_relay);
	return true;
}

/* ---- moving ---- */

static enum playlist_plan
plan_move(struct playlist_edit *edit)
{
	const struct route_match *match = &edit->intercept->match;
	struct exchange *exchange = intercept_exchange(edit->intercept);
	struct playlist_order *order = &edit->view->order;
	const char *entry = route_value(match, "entry");
	int64_t index;
	size_t from;

	if (!text_to_i64(route_value(match, "index"), &index) ||
		!playlist_order_find(order, slice_of(entry), &from))
		return PLAYLIST_PLAN_RELAY;
	size_t to = index <= 0 ? 0 : order->count - 1;
	if (index > 0 && (uint64_t)index < order->count)
		to = (size_t)index;
	size_t before = playlist_order_locals(order, from);
	bool external = order->members[from].external;
	playlist_order_move(order, from, to);
	size_t after = playlist_order_locals(order, to);
	if (external || before == after) {
		edit->request = playlist_edit_nothing(edit);
	} else {
		const char *path = arena_printf(intercept_arena(edit->intercept),
			"/Playlists/%s/Items/%s/Move/%zu", edit->view->id,
			order->members[to].id, after);
		edit->request = (struct local_request){
			.method = "POST",
			.target = local_target_at(exchange, path, NULL, 0),
		};
	}
	return from == to ? PLAYLIST_PLAN_UNCHANGED : PLAYLIST_PLAN_GOOD;
}

bool
intercept_playlist_move(struct front_worker *worker, struct exchange *exchange,
	const struct route_match *match)
{
	char id[PLAYLIST_ID_HEX];

	if (!mixed_playlist_id(id, worker, route_value(match, "id")))
		return false;
	struct change *change = change_new(worker, exchange, match, id);
	change->plan = plan_move;
	change->sight = PLAYLIST_SIGHT_OWN;
	intercept_guard(change->intercept, start_allowed, intercept_relay);
	return true;
}

/* ---- the whole list anew ---- */

static enum playlist_plan
plan_update(struct playlist_edit *edit)
{
	struct change *change = edit->state;
	struct exchange *exchange = intercept_exchange(edit->intercept);
	struct playlist_order *order = &edit->view->order;
	struct playlist_wish_members all = playlist_wish_members(change->wish, order);

	edit->request = (struct local_request){
		.method = "POST",
		.target = exchange_request(exchange)->target,
	};
	struct slice body;
	body.data = exchange_body(exchange, &body.size);
	edit->request.body = playlist_body_with(
		exchange_arena(exchange), body, playlist_wish_locals(change->wish));
	playlist_order_fini(order);
	playlist_order_insert(order, 0, all.members, all.count);
	edit->songs = all.songs;
	edit->song_count = all.song_count;
	return is_full(order) ? PLAYLIST_PLAN_FULL : PLAYLIST_PLAN_GOOD;
}

/* Songs that the playlist has already need no provider. */
static void
on_before(void *arg)
{
	struct change *change = arg;

	change->wish = playlist_wish_new(
		change->intercept, change->ids, change->id_count, &change->before->order);
	if (change->wish != NULL)
		playlist_wish_ask(change->wish, on_wished, change);
	else
		playlist_wish_refuse(change->intercept);
}

static void
read_before(struct intercept *intercept)
{
	struct change *change = intercept->state;

	change->before = playlist_view_new(intercept, change->id);
	playlist_view_read(change->before, on_before, change);
}

bool
intercept_playlist_update(struct front_worker *worker, struct exchange *exchange,
	const struct route_match *match)
{
	char id[PLAYLIST_ID_HEX], mixed[PLAYLIST_ID_HEX];
	size_t size, count;
	const char *body = exchange_body(exchange, &size);
	json_t *document = json_parse_new(body, size);
	const char *const *ids =
		playlist_body_ids(exchange_arena(exchange), document, &count);

	json_decref(document);
	if (ids == NULL || !playlist_id_read(id, slice_of(route_value(match, "id"))) ||
		(!playlist_wish_is_external(ids, count) &&
			!mixed_playlist_id(mixed, worker, id)))
		return false;
	struct change *change = change_new(worker, exchange, match, id);
	change->ids = ids;
	change->id_count = count;
	change->plan = plan_update;
	intercept_guard(change->intercept, read_before, intercept_relay);
	return true;
}
