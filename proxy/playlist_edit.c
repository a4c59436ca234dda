#include "proxy/playlist_edit.h"

#include "core/log.h"

enum { TURN_MS = 30 * 1000 };

struct playlist_edit *
playlist_edit_new(struct intercept *intercept, const char *id)
{
	struct playlist_edit *edit = arena_alloc(intercept_arena(intercept), sizeof *edit);

	*edit = (struct playlist_edit){ .intercept = intercept };
	edit->view = playlist_view_new(intercept, id);
	return edit;
}

static struct user_playlists *
playlists_of(const struct playlist_edit *edit)
{
	return edit->intercept->worker->services->user_playlists;
}

struct local_request
playlist_edit_nothing(const struct playlist_edit *edit)
{
	const struct local_change changes[] = { { "entryIds", NULL }, { "ids", "" },
		{ "position", NULL } };
	const char *path = arena_printf(
		intercept_arena(edit->intercept), "/Playlists/%s/Items", edit->view->id);

	return (struct local_request){
		.method = "POST",
		.target = local_target_at(intercept_exchange(edit->intercept), path,
			changes, COUNT_OF(changes)),
	};
}

/* ---- keeping ---- */

static void
cancel_write(void *operation)
{
	user_playlists_cancel(operation);
}

static void
on_written(void *arg, enum err err)
{
	struct playlist_edit *edit = arg;

	http_job_release(edit->intercept->job, edit->write_hold);
	if (err == ERR_NONE) {
		local_reply(edit->intercept, edit->answer);
		return;
	}
	exchange_reply_error(http_job_take(edit->intercept->job), 500, "playlist_not_saved",
		"Jellyfin's part of the playlist was changed, but the external songs could "
		"not be saved. Try them again.");
}

static void
keep(struct playlist_edit *edit)
{
	struct front_worker *worker = edit->intercept->worker;
	struct playlist_turn *turn = edit->turn;

	if (turn != NULL)
		http_job_release(edit->intercept->job, edit->turn_hold);
	edit->turn = NULL;
	edit->write_hold = http_job_hold(edit->intercept->job, cancel_write,
		user_playlists_write(playlists_of(edit), worker->loop, edit->view->id,
			edit->owner, &edit->view->order, edit->songs, edit->song_count,
			turn, on_written, edit));
}

void
playlist_edit_keep(
	struct playlist_edit *edit, const char *owner, const struct local_answer *answer)
{
	copy_text(edit->owner, sizeof edit->owner, owner);
	edit->answer = answer;
	keep(edit);
}

/* ---- telling Jellyfin ---- */

static void
on_told(void *arg, const struct local_answer *answer)
{
	struct playlist_edit *edit = arg;

	if (answer->err != ERR_NONE || answer->status / 100 != 2) {
		playlist_view_heed(edit->view, answer);
		local_reply(edit->intercept, answer);
		return;
	}
	edit->answer = answer;
	keep(edit);
}

static void
on_told_unchanged(void *arg, const struct local_answer *answer)
{
	struct playlist_edit *edit = arg;

	playlist_view_heed(edit->view, answer);
	local_reply(edit->intercept, answer);
}

/* Only the owner may see whom a playlist is shared with. */
static void
on_shares(void *arg, const struct local_answer *answer)
{
	struct playlist_edit *edit = arg;

	if (answer->err == ERR_NONE && answer->status == 200)
		copy_text(edit->owner, sizeof edit->owner,
			edit->intercept->caller->facts.user_id);
	local_send(edit->intercept, &edit->request, on_told, edit);
}

static void
tell(struct playlist_edit *edit)
{
	struct intercept *intercept = edit->intercept;
	struct user_playlist_facts facts;

	if (user_playlists_facts(playlists_of(edit), edit->view->id, &facts) &&
		facts.owner[0] != '\0') {
		local_send(intercept, &edit->request, on_told, edit);
		return;
	}
	const char *path = arena_printf(
		intercept_arena(intercept), "/Playlists/%s/Users", edit->view->id);
	local_ask(intercept, local_target_at(intercept_exchange(intercept), path, NULL, 0),
		NULL, on_shares, edit);
}

static void
plan(struct playlist_edit *edit)
{
	switch (edit->plan(edit)) {
	case PLAYLIST_PLAN_GOOD:
		tell(edit);
		return;
	case PLAYLIST_PLAN_UNCHANGED:
		local_send(edit->intercept, &edit->request, on_told_unchanged, edit);
		return;
	case PLAYLIST_PLAN_RELAY:
		intercept_relay(edit->intercept);
		return;
	case PLAYLIST_PLAN_FULL:
		exchange_reply_error(http_job_take(edit->intercept->job), 400,
			"playlist_full", "A playlist holds at most 5000 external songs.");
		return;
	}
}

/* ---- seeing ---- */

/* Which entries the caller sees, where that is not all of them. */
static void
on_own_list(void *arg, const struct local_answer *answer)
{
	struct playlist_edit *edit = arg;

	if (answer->is_list && playlist_view_follow(edit->view, answer->items, NULL))
		plan(edit);
	else
		local_reply(edit->intercept, answer);
}

static void
ask_list(struct playlist_edit *edit, const char *limit,
	void (*done)(void *arg, const struct local_answer *answer))
{
	struct intercept *intercept = edit->intercept;
	const struct local_change changes[] = { { "Limit", limit }, { "Fields", NULL },
		{ "EnableImages", "false" }, { "EnableUserData", "false" } };
	const char *path = arena_printf(
		intercept_arena(intercept), "/Playlists/%s/Items", edit->view->id);

	local_ask(intercept,
		local_target_at(
			intercept_exchange(intercept), path, changes, COUNT_OF(changes)),
		"Items", done, edit);
}

static void
on_own_count(void *arg, const struct local_answer *answer)
{
	struct playlist_edit *edit = arg;
	const struct playlist_order *order = &edit->view->order;

	if (!answer->is_list)
		local_reply(edit->intercept, answer);
	else if (answer->total == (int64_t)playlist_order_locals(order, order->count))
		plan(edit);
	else
		ask_list(edit, NULL, on_own_list);
}

static void
on_seen(void *arg)
{
	struct playlist_edit *edit = arg;

	if (!edit->view->local->is_list)
		local_reply(edit->intercept, edit->view->local);
	else if (edit->sight == PLAYLIST_SIGHT_OWN)
		ask_list(edit, "0", on_own_count);
	else
		plan(edit);
}

static void
on_read(void *arg)
{
	struct playlist_edit *edit = arg;
	enum err err = edit->view->err;

	if (err != ERR_NONE && err != ERR_NOT_FOUND)
		intercept_reply_err(edit->intercept, err);
	else if (edit->sight == PLAYLIST_SIGHT_NONE)
		plan(edit);
	else
		playlist_view_ask(edit->view, on_seen, edit);
}

/* ---- the turn ---- */

static void
leave_turn(void *operation)
{
	playlist_turn_leave(operation);
}

static void
on_turn(void *arg, enum err err)
{
	struct playlist_edit *edit = arg;

	if (err == ERR_NONE)
		playlist_view_read(edit->view, on_read, edit);
	else
		exchange_reply_error(http_job_take(edit->intercept->job), 503,
			"playlist_busy",
			"Others are changing this playlist. Try again shortly.");
}

void
playlist_edit_start(struct playlist_edit *edit)
{
	struct intercept *intercept = edit->intercept;

	edit->turn = playlist_turn_wait(user_playlists_turns(playlists_of(edit)),
		intercept->worker->loop, edit->view->id, TURN_MS, on_turn, edit);
	edit->turn_hold = http_job_hold(intercept->job, leave_turn, edit->turn);
}
