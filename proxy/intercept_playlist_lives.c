#include "proxy/intercept_playlist_lives.h"

#include <string.h>

#include "core/json.h"
#include "proxy/intercept_playlists.h"
#include "proxy/playlist_body.h"
#include "proxy/playlist_edit.h"
#include "proxy/playlist_wish.h"

/* A playlist about to be made. */
struct creation {
	struct intercept *intercept;
	const char *const *ids; /* as the client sent them */
	size_t id_count;
	bool ids_in_query;
	struct playlist_wish *wish; /* NULL: nothing of it is external */
};

/* Whose the new playlist is: whoever the request names, else who sent it. */
static void
read_owner(const struct creation *creation, char owner[33])
{
	struct exchange *exchange = intercept_exchange(creation->intercept);
	const char *named = query_get(exchange_query(exchange), "userId");
	size_t size;
	const char *body = exchange_body(exchange, &size);
	json_t *document = json_parse_new(body, size);

	if (named == NULL)
		named = json_string_value(json_member_ci(document, "UserId"));
	if (named == NULL || !playlist_id_read(owner, slice_of(named)))
		copy_text(owner, 33, creation->intercept->caller->facts.user_id);
	json_decref(document);
}

/* A playlist that is new has nothing of ours, whatever a deleted one of the same name had:
 * Jellyfin makes the id from the name. */
static void
on_created(void *arg, const struct local_answer *answer)
{
	struct creation *creation = arg;
	struct intercept *intercept = creation->intercept;
	char owner[33], id[PLAYLIST_ID_HEX] = "";

	if (answer->err == ERR_NONE && answer->status / 100 == 2) {
		json_t *document = json_parse_new(answer->body.data, answer->body.size);
		const char *text = json_string_value(json_member_ci(document, "Id"));
		if (text == NULL || !playlist_id_read(id, slice_of(text)))
			id[0] = '\0';
		json_decref(document);
	}
	if (id[0] == '\0' || creation->wish == NULL) {
		if (id[0] != '\0')
			user_playlists_drop(
				intercept->worker->services->user_playlists, id);
		local_reply(intercept, answer);
		return;
	}
	struct playlist_wish_members all = playlist_wish_members(creation->wish, NULL);
	struct playlist_edit *edit = playlist_edit_new(intercept, id);
	playlist_order_insert(&edit->view->order, 0, all.members, all.count);
	edit->songs = all.songs;
	edit->song_count = all.song_count;
	read_owner(creation, owner);
	struct local_answer *kept = arena_alloc(intercept_arena(intercept), sizeof *kept);
	*kept = *answer;
	playlist_edit_keep(edit, owner, kept);
}

static void
create(struct creation *creation)
{
	struct exchange *exchange = intercept_exchange(creation->intercept);
	struct local_request request = { .method = "POST",
		.target = exchange_request(exchange)->target };

	request.body.data = exchange_body(exchange, &request.body.size);
	if (creation->wish != NULL) {
		const char *locals = playlist_wish_locals(creation->wish);
		const struct local_change changes[] = { { "Ids",
			locals[0] != '\0' ? locals : NULL } };
		if (creation->ids_in_query)
			request.target = local_target(exchange, changes, COUNT_OF(changes));
		/* Without ids in the query Jellyfin takes those of the body. */
		if (!creation->ids_in_query || locals[0] == '\0')
			request.body = playlist_body_with(exchange_arena(exchange),
				request.body, creation->ids_in_query ? "" : locals);
	}
	local_send(creation->intercept, &request, on_created, creation);
}

static void
on_create_wished(void *arg, enum err err)
{
	struct creation *creation = arg;

	if (err == ERR_NONE)
		create(creation);
	else
		intercept_reply_err(creation->intercept, err);
}

static void
ask_create_wish(struct intercept *intercept)
{
	struct creation *creation = intercept->state;

	creation->wish =
		playlist_wish_new(intercept, creation->ids, creation->id_count, NULL);
	if (creation->wish != NULL)
		playlist_wish_ask(creation->wish, on_create_wished, creation);
	else
		playlist_wish_refuse(intercept);
}

bool
intercept_playlist_create(struct front_worker *worker, struct exchange *exchange,
	const struct route_match *match)
{
	size_t size, count, body_count;
	const char *body = exchange_body(exchange, &size);
	json_t *document = json_parse_new(body, size);
	const char *const *ids = (const char *const *)query_list(
		exchange_arena(exchange), exchange_query(exchange), "Ids", &count);
	const char *const *in_body =
		playlist_body_ids(exchange_arena(exchange), document, &body_count);
	bool readable = size == 0 || document != NULL;

	json_decref(document);
	bool in_query = count > 0;
	if (!in_query && in_body != NULL) {
		ids = in_body;
		count = body_count;
	}
	bool external = readable && playlist_wish_is_external(ids, count);
	if (!external && !user_playlists_any(worker->services->user_playlists))
		return false;
	struct creation *creation = arena_alloc(exchange_arena(exchange), sizeof *creation);
	*creation = (struct creation){
		.intercept = intercept_start(worker, exchange, match),
		.ids = ids,
		.id_count = count,
		.ids_in_query = in_query,
	};
	creation->intercept->state = creation;
	if (external)
		intercept_guard(creation->intercept, ask_create_wish, intercept_relay);
	else
		create(creation);
	return true;
}

/* ---- deleting ---- */

/* What is forgotten when Jellyfin has deleted it. Owns itself until then. */
struct deletion {
	struct user_playlists *playlists;
	size_t count;
	char ids[][PLAYLIST_ID_HEX];
};

static void
on_deleted(void *arg, int status, bool complete)
{
	struct deletion *deletion = arg;

	(void)complete;
	for (size_t i = 0; status / 100 == 2 && i < deletion->count; i++)
		user_playlists_drop(deletion->playlists, deletion->ids[i]);
	xfree(deletion);
}

bool
intercept_playlist_delete(struct front_worker *worker, struct exchange *exchange,
	const struct route_match *match)
{
	const char *one[2] = { NULL, NULL };
	const char *const *ids = one;
	size_t count = 1;

	if (match->count > 0)
		one[0] = route_value(match, "id");
	else
		ids = (const char *const *)query_list(
			exchange_arena(exchange), exchange_query(exchange), "Ids", &count);
	struct deletion *deletion =
		xcalloc(1, sizeof *deletion + (count + 1) * PLAYLIST_ID_HEX);
	for (size_t i = 0; i < count; i++) {
		if (mixed_playlist_id(deletion->ids[deletion->count], worker, ids[i]))
			deletion->count++;
	}
	if (deletion->count == 0) {
		xfree(deletion);
		return false;
	}
	deletion->playlists = worker->services->user_playlists;
	const struct relay_watch watch = { .done = on_deleted, .arg = deletion };
	relay_start(worker->relay, exchange, &watch);
	return true;
}
