#include "proxy/playlist_view.h"

#include <string.h>

#include "core/json.h"

static void
free_order(void *operation)
{
	struct playlist_view *view = operation;

	playlist_order_fini(&view->order);
}

struct playlist_view *
playlist_view_new(struct intercept *intercept, const char *id)
{
	struct playlist_view *view = arena_alloc(intercept_arena(intercept), sizeof *view);

	*view = (struct playlist_view){ .intercept = intercept };
	copy_text(view->id, sizeof view->id, id);
	http_job_hold(intercept->job, free_order, view);
	return view;
}

/* ---- ours ---- */

static void
cancel_call(void *operation)
{
	user_playlists_cancel(operation);
}

static void
on_read(void *arg, enum err err, const struct playlist_order *order)
{
	struct playlist_view *view = arg;

	http_job_release(view->intercept->job, view->hold);
	view->err = err;
	playlist_order_fini(&view->order);
	if (err == ERR_NONE)
		playlist_order_copy(&view->order, order);
	view->done(view->arg);
}

void
playlist_view_read(struct playlist_view *view, void (*done)(void *arg), void *arg)
{
	struct intercept *intercept = view->intercept;

	view->done = done;
	view->arg = arg;
	view->hold = http_job_hold(intercept->job, cancel_call,
		user_playlists_read(intercept->worker->services->user_playlists,
			intercept->worker->loop, view->id, on_read, view));
}

/* ---- Jellyfin's ---- */

bool
playlist_view_follow(struct playlist_view *view, const json_t *array, bool *changed)
{
	size_t count = json_array_size(array);
	char *ids = xcalloc(count + 1, PLAYLIST_ID_HEX);
	const char **locals = xcalloc(count + 1, sizeof *locals);
	bool good = true;

	for (size_t i = 0; i < count && good; i++) {
		const json_t *value = json_array_get(array, i);
		const char *id = json_string_value(value);
		if (id == NULL)
			id = json_string_value(json_member_ci(value, "PlaylistItemId"));
		if (id == NULL)
			id = json_string_value(json_member_ci(value, "Id"));
		locals[i] = ids + i * PLAYLIST_ID_HEX;
		good = id != NULL &&
		       playlist_id_read(ids + i * PLAYLIST_ID_HEX, slice_of(id));
	}
	bool other = good && playlist_order_follow(&view->order, locals, count);
	if (changed != NULL)
		*changed = other;
	xfree(locals);
	xfree(ids);
	return good;
}

void
playlist_view_heed(struct playlist_view *view, const struct local_answer *answer)
{
	struct user_playlists *playlists =
		view->intercept->worker->services->user_playlists;
	const struct caller *caller = view->intercept->caller;
	struct user_playlist_facts facts;

	if (answer->err == ERR_NONE && answer->status == 404 &&
		user_playlists_facts(playlists, view->id, &facts) &&
		facts.owner[0] != '\0' && strcmp(facts.owner, caller->facts.user_id) == 0)
		user_playlists_drop(playlists, view->id);
}

/* Whether it could be written or not: the list is as Jellyfin says. */
static void
on_settled(void *arg, enum err err)
{
	struct playlist_view *view = arg;

	(void)err;
	http_job_release(view->intercept->job, view->hold);
	view->done(view->arg);
}

/* The list follows, here and in what we keep. */
static void
settle(struct playlist_view *view, struct local_answer *local)
{
	struct intercept *intercept = view->intercept;
	struct playlist_order before;
	bool changed = false;

	playlist_order_copy(&before, &view->order);
	local->is_list = playlist_view_follow(view, local->items, &changed);
	if (changed && view->err == ERR_NONE)
		view->hold = http_job_hold(intercept->job, cancel_call,
			user_playlists_settle(intercept->worker->services->user_playlists,
				intercept->worker->loop, view->id, &before, &view->order,
				on_settled, view));
	else
		view->done(view->arg);
	playlist_order_fini(&before);
}

static void
on_local(void *arg, const struct local_answer *answer)
{
	struct playlist_view *view = arg;
	struct local_answer *copy =
		arena_alloc(intercept_arena(view->intercept), sizeof *copy);

	*copy = *answer;
	view->local = copy;
	playlist_view_heed(view, answer);
	if (answer->is_list)
		settle(view, copy);
	else
		view->done(view->arg);
}

void
playlist_view_ask(struct playlist_view *view, void (*done)(void *arg), void *arg)
{
	struct intercept *intercept = view->intercept;
	const char *path =
		arena_printf(intercept_arena(intercept), "/Playlists/%s", view->id);
	char *target = local_target_at(intercept_exchange(intercept), path, NULL, 0);

	view->done = done;
	view->arg = arg;
	local_ask(intercept, target, "ItemIds", on_local, view);
}
