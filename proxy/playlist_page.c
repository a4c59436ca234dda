#include "proxy/playlist_page.h"

#include <stdio.h>

#include "core/crypto.h"
#include "core/json.h"
#include "proxy/playlist_view.h"

/* One item of the answer. */
struct piece {
	bool external;
	/* Of Jellyfin's list that was asked for, or of the order. */
	size_t index;
};

/* Items of ours that are written in one turn of the loop. */
enum { WRITTEN_AT_ONCE = 100 };

struct page {
	struct intercept *intercept;
	struct playlist_page_request request;
	struct playlist_view *view;
	const struct local_answer *local;
	bool whole; /* Jellyfin was asked for all it has */
	struct playlist_window window;
	bool seen; /* the window is that of Jellyfin's order of now */
	const struct local_answer *guess; /* asked for by the order of before */
	struct piece *pieces;             /* in the arena */
	size_t count;
	int64_t total;
	size_t hold;
	struct media_list *songs; /* referenced until the exchange ends */
	size_t *found;            /* in the arena: of the order's members, in `songs` */
	struct item_context context;
	struct text body; /* freed when the exchange ends */
	size_t written;   /* pieces */
	bool comma;
	struct timer next_turn;
};

/* ---- the answer ---- */

/* Nothing when nothing is known of the song. */
static void
write_external(struct page *page, size_t index)
{
	const struct playlist_member *member = &page->view->order.members[index];

	if (page->found[index] == SIZE_MAX)
		return;
	json_t *item =
		media_item_new(&page->songs->items[page->found[index]], &page->context);
	json_put_text(item, "PlaylistItemId", member->id);
	text_add(&page->body, page->comma ? "," : "");
	intercept_add_json(&page->body, page->intercept, item);
	page->comma = true;
}

static void
write_local(struct page *page, size_t index)
{
	if (index >= page->local->slices.count)
		return;
	text_add(&page->body, page->comma ? "," : "");
	text_add_slice(&page->body, page->local->slices.items[index]);
	page->comma = true;
}

/* Some of the pieces; long lists would hold up the loop. */
static void
on_next_turn(void *arg)
{
	struct page *page = arg;
	struct intercept *intercept = page->intercept;

	for (size_t ours = 0; page->written < page->count; page->written++) {
		const struct piece *piece = &page->pieces[page->written];
		if (!piece->external) {
			write_local(page, piece->index);
		} else if (ours++ < WRITTEN_AT_ONCE) {
			write_external(page, piece->index);
		} else {
			timer_start(&page->next_turn, 0);
			return;
		}
	}
	intercept_close_list(&page->body, intercept, page->total, page->request.page.start);
	struct text body = page->body; /* ends with the intercept otherwise */
	page->body = (struct text){ 0 };
	intercept_reply_text(intercept, 200, NULL, body.data, body.size);
	text_fini(&body);
}

static void
end_reply(void *operation)
{
	struct page *page = operation;

	timer_stop(&page->next_turn);
	text_fini(&page->body);
}

static void
reply(struct page *page)
{
	struct intercept *intercept = page->intercept;

	page->context = intercept_item_context(intercept);
	text_init(&page->body);
	timer_init(&page->next_turn, intercept->worker->loop, on_next_turn, page);
	http_job_hold(intercept->job, end_reply, page);
	intercept_open_list(&page->body, intercept);
	on_next_turn(page);
}

/* ---- what our songs look like ---- */

static void
free_songs(void *operation)
{
	media_list_unref(operation);
}

static void
on_songs(void *arg, enum err err, struct media_list *list, const size_t *found)
{
	struct page *page = arg;
	size_t asked = 0;

	http_job_release(page->intercept->job, page->hold);
	page->songs = media_list_ref(list);
	http_job_hold(page->intercept->job, free_songs, page->songs);
	for (size_t i = 0; i < page->count; i++) {
		if (page->pieces[i].external)
			page->found[page->pieces[i].index] = found[asked++];
	}
	/* Better half a list than none, but never a list that lies about its length. */
	if (err != ERR_NONE)
		intercept_reply_err(page->intercept, err);
	else
		reply(page);
}

static void
cancel_songs(void *operation)
{
	user_playlists_cancel(operation);
}

static void
ask_songs(struct page *page)
{
	const struct playlist_order *order = &page->view->order;
	struct arena *arena = intercept_arena(page->intercept);
	struct front_worker *worker = page->intercept->worker;
	char(*entries)[PLAYLIST_ID_HEX] =
		arena_alloc(arena, (page->count + 1) * sizeof *entries);
	size_t asked = 0;

	page->found = arena_alloc(arena, (order->count + 1) * sizeof *page->found);
	for (size_t i = 0; i < page->count; i++) {
		if (page->pieces[i].external)
			copy_text(entries[asked++], PLAYLIST_ID_HEX,
				order->members[page->pieces[i].index].id);
	}
	if (asked == 0) {
		reply(page);
		return;
	}
	page->hold = http_job_hold(page->intercept->job, cancel_songs,
		user_playlists_songs(worker->services->user_playlists, worker->loop,
			page->view->id, (const char(*)[PLAYLIST_ID_HEX])entries, asked,
			on_songs, page));
}

/* ---- which items stand on the page ---- */

static void
add_piece(struct page *page, bool external, size_t index)
{
	page->pieces[page->count++] = (struct piece){ external, index };
}

static void
plan_window(struct page *page)
{
	const struct playlist_order *order = &page->view->order;
	size_t local = page->whole ? page->window.local_start : 0;

	page->total = (int64_t)order->count;
	for (size_t i = 0; i < page->window.count; i++) {
		size_t place = page->window.start + i;
		bool external = order->members[place].external;
		add_piece(page, external, external ? place : local++);
	}
}

static void
shuffle(struct piece *pieces, size_t count)
{
	for (size_t i = count; i > 1; i--) {
		size_t other = (size_t)crypto_random_below((int64_t)i);
		struct piece piece = pieces[i - 1];
		pieces[i - 1] = pieces[other];
		pieces[other] = piece;
	}
}

/* Jellyfin's page as it is; where it ends ours begin. */
static void
plan_behind(struct page *page)
{
	const struct playlist_order *order = &page->view->order;
	const struct intercept_page *asked = &page->request.page;
	int64_t place = page->local->total;

	for (size_t i = 0; i < page->local->slices.count; i++)
		add_piece(page, false, i);
	for (size_t i = 0; i < order->count; i++) {
		if (!order->members[i].external)
			continue;
		if (place >= asked->start &&
			(asked->limit < 0 || place < asked->start + asked->limit))
			add_piece(page, true, i);
		place++;
	}
	page->total = place;
	if (page->request.shuffled)
		shuffle(page->pieces, page->count);
}

static void
plan(struct page *page)
{
	size_t most = page->view->order.count + page->local->slices.count;

	page->pieces = arena_alloc(
		intercept_arena(page->intercept), (most + 1) * sizeof *page->pieces);
	if (page->request.sorted)
		plan_behind(page);
	else
		plan_window(page);
	ask_songs(page);
}

/* ---- Jellyfin's part ---- */

static void
open_window(struct page *page)
{
	page->window = playlist_order_window(&page->view->order,
		(size_t)page->request.page.start, page->request.page.limit);
}

static void
cut(struct page *page)
{
	open_window(page);
	plan(page);
}

/* The list follows all entries now; on the page stand those that the caller sees. */
static void
on_settled(void *arg)
{
	struct page *page = arg;

	if (playlist_view_follow(page->view, page->local->items, NULL))
		cut(page);
	else
		local_reply(page->intercept, page->local);
}

/* Jellyfin's whole list: what the caller sees of it. */
static void
follow_whole(struct page *page)
{
	struct playlist_order before;
	bool changed;

	playlist_order_copy(&before, &page->view->order);
	bool good = playlist_view_follow(page->view, page->local->items, &changed);
	if (good && changed && page->view->local == NULL) {
		playlist_order_fini(&page->view->order);
		page->view->order = before;
		playlist_view_ask(page->view, on_settled, page);
		return;
	}
	playlist_order_fini(&before);
	if (good)
		cut(page);
	else
		local_reply(page->intercept, page->local);
}

static void
on_local(void *arg, const struct local_answer *answer)
{
	struct page *page = arg;
	const struct playlist_order *order = &page->view->order;

	if (!answer->is_list) {
		playlist_view_heed(page->view, answer);
		local_reply(page->intercept, answer);
		return;
	}
	page->local = answer;
	if (page->request.sorted) {
		plan(page);
	} else if (page->whole) {
		follow_whole(page);
	} else if (answer->total == (int64_t)playlist_order_locals(order, order->count)) {
		plan(page);
	} else {
		const struct local_change changes[] = { { "StartIndex", NULL },
			{ "Limit", NULL } };
		page->whole = true;
		char *target = local_target(
			intercept_exchange(page->intercept), changes, COUNT_OF(changes));
		local_ask(page->intercept, target, "Items", on_local, page);
	}
}

static void
ask_as_it_is(struct page *page)
{
	char *target = local_target(intercept_exchange(page->intercept), NULL, 0);

	local_ask(page->intercept, target, "Items", on_local, page);
}

/* The window's local entries. None is asked for as one, since a limit of 0 is no limit to
 * everybody. */
static void
ask_window(struct page *page, void (*done)(void *arg, const struct local_answer *answer))
{
	size_t count = page->window.local_count > 0 ? page->window.local_count : 1;
	char start[24], limit[24];

	snprintf(start, sizeof start, "%zu", page->window.local_start);
	snprintf(limit, sizeof limit, "%zu", count);
	const struct local_change changes[] = {
		{ "StartIndex", start },
		{ "Limit", limit },
		{ "EnableTotalRecordCount", "true" },
	};
	char *target = local_target(
		intercept_exchange(page->intercept), changes, COUNT_OF(changes));
	local_ask(page->intercept, target, "Items", done, page);
}

/* The guess is good when nothing has happened past us, as nearly always. */
static void
use_guess(struct page *page)
{
	const struct playlist_window guessed = page->window;

	if (!page->seen || page->guess == NULL)
		return;
	open_window(page);
	if (page->window.local_start == guessed.local_start &&
		page->window.local_count == guessed.local_count)
		on_local(page, page->guess);
	else
		ask_window(page, on_local);
}

static void
on_guess(void *arg, const struct local_answer *answer)
{
	struct page *page = arg;

	page->guess = answer;
	use_guess(page);
}

static void
on_seen(void *arg)
{
	struct page *page = arg;

	page->seen = true;
	if (page->view->local->is_list)
		use_guess(page);
	else
		intercept_relay(page->intercept);
}

static void
on_read(void *arg)
{
	struct page *page = arg;
	const struct intercept_page *asked = &page->request.page;

	if (page->view->err == ERR_NOT_FOUND) {
		intercept_relay(page->intercept);
	} else if (page->view->err != ERR_NONE) {
		intercept_reply_err(page->intercept, page->view->err);
	} else if (page->request.sorted || (asked->start == 0 && asked->limit < 0)) {
		page->whole = true;
		ask_as_it_is(page);
	} else {
		open_window(page);
		playlist_view_ask(page->view, on_seen, page);
		ask_window(page, on_guess);
	}
}

void
playlist_page_reply(
	struct intercept *intercept, const struct playlist_page_request *request)
{
	struct page *page = arena_alloc(intercept_arena(intercept), sizeof *page);

	*page = (struct page){ .intercept = intercept, .request = *request };
	page->view = playlist_view_new(intercept, request->playlist);
	playlist_view_read(page->view, on_read, page);
}
