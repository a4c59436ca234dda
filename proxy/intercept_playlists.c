#include "proxy/intercept_playlists.h"

#include <stdio.h>
#include <string.h>

#include "core/json.h"
#include "providers/user_playlists.h"
#include "proxy/intercept_images.h"
#include "proxy/intercept_search.h"
#include "proxy/playlist_page.h"
#include "proxy/playlist_view.h"
#include "proxy/rewrite.h"

enum { MAX_ITEM = 4 << 20 };

bool
mixed_playlist_id(char *id, struct front_worker *worker, const char *text)
{
	return text != NULL && playlist_id_read(id, slice_of(text)) &&
	       user_playlists_facts(worker->services->user_playlists, id, NULL);
}

/* ---- lists ---- */

/* Jellyfin shows a playlist to whoever names a user that may see it; ours is shown to who
 * may see it themselves. */
static void
reply_page(struct intercept *intercept)
{
	const char *named =
		query_get(exchange_query(intercept_exchange(intercept)), "UserId");
	char user[PLAYLIST_ID_HEX];

	if (named != NULL && named[0] != '\0' &&
		(!playlist_id_read(user, slice_of(named)) ||
			strcmp(user, intercept->caller->facts.user_id) != 0))
		intercept_relay(intercept);
	else
		playlist_page_reply(intercept, intercept->state);
}

static void
start_page(struct front_worker *worker, struct exchange *exchange,
	const struct route_match *match, const struct playlist_page_request *request)
{
	struct arena *arena = exchange_arena(exchange);
	struct playlist_page_request *kept = arena_alloc(arena, sizeof *kept);
	struct intercept *intercept = intercept_start(worker, exchange, match);

	*kept = *request;
	kept->playlist = arena_strdup(arena, request->playlist);
	intercept->state = kept;
	intercept_guard(intercept, reply_page, intercept_relay);
}

bool
intercept_mixed_items(struct front_worker *worker, struct exchange *exchange,
	const struct route_match *match)
{
	char id[PLAYLIST_ID_HEX];

	if (!mixed_playlist_id(id, worker, route_value(match, "id")))
		return false;
	const struct playlist_page_request request = { .playlist = id,
		.page = intercept_page(exchange) };
	start_page(worker, exchange, match, &request);
	return true;
}

/* Songs, and not those that only Jellyfin can pick. */
static bool
asks_for_songs(const struct query *query, struct arena *arena)
{
	const char *term = query_get(query, "SearchTerm");

	return (search_kinds(query, arena) & 1u << MEDIA_SONG) != 0 &&
	       (term == NULL || term[0] == '\0');
}

bool
intercept_mixed_children(struct front_worker *worker, struct exchange *exchange,
	const struct route_match *match)
{
	const struct query *query = exchange_query(exchange);
	struct arena *arena = exchange_arena(exchange);
	char id[PLAYLIST_ID_HEX];

	if (!mixed_playlist_id(id, worker, query_get(query, "ParentId")) ||
		!asks_for_songs(query, arena))
		return false;
	const char **sorts = query_list(arena, query, "SortBy", NULL);
	struct playlist_page_request request = {
		.playlist = id,
		.page = intercept_page(exchange),
		.sorted = sorts[0] != NULL || query_bool(query, "Recursive", false),
		.shuffled = sorts[0] != NULL && text_equal_ci(sorts[0], "Random"),
	};
	if (request.page.limit == 0) /* no limit to Jellyfin, here */
		request.page.limit = -1;
	start_page(worker, exchange, match, &request);
	return true;
}

/* ---- ids ---- */

static void
on_ids(void *arg)
{
	struct playlist_view *view = arg;
	const struct playlist_order *order = &view->order;
	json_t *ids = json_array();
	struct text body;
	size_t size;

	if (view->local == NULL || !view->local->is_list) {
		json_decref(ids);
		intercept_relay(view->intercept);
		return;
	}
	for (size_t i = 0; i < order->count; i++) {
		const struct playlist_member *member = &order->members[i];
		json_array_append_new(
			ids, json_string(member->external ? member->song : member->id));
	}
	char *json = json_dump_new(ids, &size);
	json_decref(ids);
	text_init(&body);
	json_slices_put(&body, view->local->body, "ItemIds", (struct slice){ json, size });
	xfree(json);
	intercept_reply_text(
		view->intercept, 200, view->local->content_type, body.data, body.size);
	text_fini(&body);
}

static void
on_ids_read(void *arg)
{
	struct playlist_view *view = arg;

	if (view->err == ERR_NONE)
		playlist_view_ask(view, on_ids, view);
	else if (view->err == ERR_NOT_FOUND)
		intercept_relay(view->intercept);
	else
		intercept_reply_err(view->intercept, view->err);
}

static void
reply_ids(struct intercept *intercept)
{
	struct playlist_view *view = playlist_view_new(intercept, intercept->state);

	playlist_view_read(view, on_ids_read, view);
}

/* A handler whose state is the playlist's id. */
static bool
start(struct front_worker *worker, struct exchange *exchange,
	const struct route_match *match, void (*allowed)(struct intercept *intercept))
{
	char id[PLAYLIST_ID_HEX];

	if (!mixed_playlist_id(id, worker, route_value(match, "id")))
		return false;
	struct intercept *intercept = intercept_start(worker, exchange, match);
	intercept->state = arena_strdup(exchange_arena(exchange), id);
	intercept_guard(intercept, allowed, intercept_relay);
	return true;
}

bool
intercept_mixed_ids(struct front_worker *worker, struct exchange *exchange,
	const struct route_match *match)
{
	return start(worker, exchange, match, reply_ids);
}

/* ---- the playlist itself ---- */

/* Adds `more` to every number of that name that Jellyfin wrote. */
static void
add_to(struct text *body, const json_t *item, const char *name, int64_t more)
{
	const json_t *value = json_member_ci(item, name);
	struct text changed;

	if (!json_is_integer(value))
		return;
	text_init(&changed);
	json_slices_put_int(&changed, (struct slice){ body->data, body->size }, name,
		json_integer_value(value) + more);
	text_fini(body);
	*body = changed;
}

static void
put_picture(struct text *body, const json_t *item, const char *tag)
{
	const json_t *tags = json_member_ci(item, "ImageTags");
	struct text changed, value;

	if (!json_is_object(tags) || json_object_size(tags) > 0 || tag[0] == '\0')
		return;
	text_init(&changed);
	text_init(&value);
	text_addf(&value, "{\"Primary\":\"%s\"}", tag);
	json_slices_put(&changed, (struct slice){ body->data, body->size }, "ImageTags",
		(struct slice){ value.data, value.size });
	text_fini(&value);
	text_fini(body);
	*body = changed;
}

/* How long what this caller gets of our songs lasts. */
static int64_t
ticks_of(const struct intercept *intercept, const struct user_playlist_facts *facts)
{
	const struct item_context context = intercept_item_context(intercept);
	int64_t ticks = 0;

	for (unsigned i = PROVIDER_DEEZER; i < PROVIDER_IDS; i++) {
		const struct media songs = {
			.kind = MEDIA_PLAYLIST,
			.id = { .provider = (enum provider_id)i, .kind = MEDIA_PLAYLIST },
			.track_count = facts->parts[i].songs,
			.duration_ms = facts->parts[i].duration_ms,
		};
		if (songs.track_count > 0)
			ticks += media_facts_ticks(&songs, &context);
	}
	return ticks;
}

/* Adds the playlist `body` as it is with ours in it. */
static void
add_playlist(struct text *to, const struct intercept *intercept, struct slice body,
	const json_t *item, const struct user_playlist_facts *facts)
{
	int64_t ticks = ticks_of(intercept, facts);
	static const char *const lengths[] = { "RunTimeTicks", "CumulativeRunTimeTicks" };
	static const char *const counts[] = { "ChildCount", "RecursiveItemCount" };
	struct text written;

	text_init(&written);
	text_add_slice(&written, body);
	for (size_t i = 0; i < COUNT_OF(counts); i++)
		add_to(&written, item, counts[i], (int64_t)facts->songs);
	for (size_t i = 0; i < COUNT_OF(lengths); i++)
		add_to(&written, item, lengths[i], ticks);
	put_picture(&written, item, facts->picture);
	text_add_bytes(to, written.data, written.size);
	text_fini(&written);
}

/* A playlist that somebody looks at. */
struct shown {
	struct intercept *intercept;
	struct user_playlist_facts facts;
};

/* What is no playlist goes on as it came. */
static void
write_item(void *arg, struct text *to, struct slice body)
{
	const struct shown *shown = arg;
	json_t *item = json_parse_new(body.data, body.size);
	const char *type = json_string_value(json_member_ci(item, "Type"));

	if (type != NULL && strcmp(type, "Playlist") == 0)
		add_playlist(to, shown->intercept, body, item, &shown->facts);
	else
		text_add_slice(to, body);
	json_decref(item);
}

static void
reply_item(struct intercept *intercept)
{
	struct shown *shown = arena_alloc(intercept_arena(intercept), sizeof *shown);

	shown->intercept = intercept;
	if (user_playlists_facts(intercept->worker->services->user_playlists,
		    intercept->state, &shown->facts))
		rewrite_start(intercept, MAX_ITEM, write_item, shown);
	else
		intercept_relay(intercept);
}

bool
intercept_mixed_item(struct front_worker *worker, struct exchange *exchange,
	const struct route_match *match)
{
	return start(worker, exchange, match, reply_item);
}

/* ---- playlists among others ---- */

static void
on_list(void *arg, const struct local_answer *answer)
{
	struct intercept *intercept = arg;
	struct user_playlists *playlists = intercept->worker->services->user_playlists;
	struct user_playlist_facts facts;
	char id[PLAYLIST_ID_HEX];
	struct text body;

	if (!answer->is_list) {
		local_reply(intercept, answer);
		return;
	}
	text_init(&body);
	text_add_slice(&body, answer->slices.before);
	for (size_t i = 0; i < answer->slices.count; i++) {
		const json_t *item = json_array_get(answer->items, i);
		const char *text = json_string_value(json_member_ci(item, "Id"));
		text_add(&body, i > 0 ? "," : "");
		if (text != NULL && playlist_id_read(id, slice_of(text)) &&
			user_playlists_facts(playlists, id, &facts))
			add_playlist(
				&body, intercept, answer->slices.items[i], item, &facts);
		else
			text_add_slice(&body, answer->slices.items[i]);
	}
	text_add_slice(&body, answer->slices.after);
	intercept_reply_text(intercept, 200, answer->content_type, body.data, body.size);
	text_fini(&body);
}

static void
ask_list(struct intercept *intercept)
{
	local_ask(intercept, exchange_request(intercept_exchange(intercept))->target,
		"Items", on_list, intercept);
}

bool
intercept_mixed_lists(struct front_worker *worker, struct exchange *exchange,
	const struct route_match *match)
{
	const char **types = query_list(exchange_arena(exchange), exchange_query(exchange),
		"IncludeItemTypes", NULL);
	bool asked = types[0] != NULL;

	for (size_t i = 0; types[i] != NULL; i++)
		asked = asked && text_equal_ci(types[i], "Playlist");
	if (!asked || !user_playlists_any(worker->services->user_playlists))
		return false;
	intercept_guard(
		intercept_start(worker, exchange, match), ask_list, intercept_relay);
	return true;
}

/* ---- its picture ---- */

static void
on_picture(void *arg, const struct local_answer *answer)
{
	struct intercept *intercept = arg;
	struct front_worker *worker = intercept->worker;
	struct route_match match = intercept->match;
	struct user_playlist_facts facts;

	bool none = answer->err == ERR_NONE && answer->status == 404 &&
		    user_playlists_facts(
			    worker->services->user_playlists, intercept->state, &facts) &&
		    facts.picture[0] != '\0';
	if (!none) {
		intercept_relay(intercept);
		return;
	}
	struct exchange *exchange = http_job_take(intercept->job);
	for (size_t i = 0; i < match.count; i++) {
		if (slice_equal_text(match.names[i], "id"))
			match.values[i] =
				arena_strdup(exchange_arena(exchange), facts.picture_song);
	}
	if (!intercept_image(worker, exchange, &match))
		front_relay(worker, exchange);
}

/* Pictures need no token, in Jellyfin and here. */
bool
intercept_mixed_image(struct front_worker *worker, struct exchange *exchange,
	const struct route_match *match)
{
	char id[PLAYLIST_ID_HEX];

	if (!text_equal_ci(route_value(match, "type"), "Primary") ||
		!mixed_playlist_id(id, worker, route_value(match, "id")))
		return false;
	struct intercept *intercept = intercept_start(worker, exchange, match);
	intercept->state = arena_strdup(exchange_arena(exchange), id);
	const struct local_request request = { .method = "HEAD",
		.target = exchange_request(exchange)->target };
	local_send(intercept, &request, on_picture, intercept);
	return true;
}
