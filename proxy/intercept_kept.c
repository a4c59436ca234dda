#include "proxy/intercept_kept.h"

#include <string.h>

#include "core/crypto.h"
#include "core/json.h"
#include "core/loop.h"
#include "providers/media_snapshot.h"
#include "proxy/kept_query.h"
#include "proxy/local.h"

/* So many of our items are written in one turn of the loop. */
enum { ITEMS_PER_TURN = 50 };

/* A page on its way. In the arena. */
struct kept {
	struct intercept *intercept;
	struct kept_query query;
	struct intercept_page page;
	const char *key;
	size_t hold;              /* of the reading */
	struct user_list *things; /* until they are in the list */
	struct kept_list *list;
	int64_t local_start, local_limit;
	const struct local_answer *local;
	struct item_keys *local_keys; /* by item of `local` */
	/* Writing: what stands where, and how far it is written. */
	struct list_ranks_slot *slots;
	size_t slot_count, written;
	int64_t total;
	struct text body;
	bool comma;
	struct timer next;
};

/* ---- writing the page ---- */

static void
add_comma(struct kept *kept)
{
	if (kept->comma)
		text_add_char(&kept->body, ',');
	kept->comma = true;
}

static void
add_external(struct kept *kept, int64_t index)
{
	struct item_context context = intercept_item_context(kept->intercept);
	struct media_list *one = media_list_new(1);
	const struct media *media =
		media_snapshot_read(one, kept->list->things->things[index].snapshot);

	if (media != NULL) {
		add_comma(kept);
		intercept_add_json(
			&kept->body, kept->intercept, media_item_new(media, &context));
	}
	media_list_unref(one);
}

/* Jellyfin may have fewer than it said. */
static void
add_local(struct kept *kept, int64_t index)
{
	const struct json_slices *slices = &kept->local->slices;
	int64_t at = index - kept->local_start;

	if (at < 0 || at >= (int64_t)slices->count)
		return;
	add_comma(kept);
	text_add_slice(&kept->body, slices->items[at]);
}

static void
reply(struct kept *kept)
{
	struct text after = { 0 };

	json_slices_put_int(
		&after, kept->local->slices.after, "TotalRecordCount", kept->total);
	json_slices_put_int(
		&kept->body, slice_of(text_get(&after)), "StartIndex", kept->page.start);
	text_fini(&after);
	struct text body = kept->body; /* which the end of the job would free too soon */
	kept->body = (struct text){ 0 };
	intercept_reply_text(
		kept->intercept, 200, kept->local->content_type, body.data, body.size);
	text_fini(&body);
}

static void
write_some(void *arg)
{
	struct kept *kept = arg;
	int left = ITEMS_PER_TURN;

	for (; kept->written < kept->slot_count && left > 0; kept->written++) {
		const struct list_ranks_slot *slot = &kept->slots[kept->written];
		if (slot->external)
			add_external(kept, slot->index);
		else
			add_local(kept, slot->index);
		left -= slot->external;
	}
	if (kept->written < kept->slot_count)
		timer_start(&kept->next, 0);
	else
		reply(kept);
}

/* ---- what stands where ---- */

/* With the list's mutex held. */
static void
read_slots(struct kept *kept)
{
	struct list_ranks *ranks = &kept->list->ranks;
	int64_t start = kept->page.start, end;

	kept->total = end = list_ranks_total(ranks);
	if (kept->page.limit >= 0 && start + kept->page.limit < end)
		end = start + kept->page.limit;
	kept->slot_count = end > start ? (size_t)(end - start) : 0;
	kept->slots = arena_alloc(intercept_arena(kept->intercept),
		(kept->slot_count + 1) * sizeof *kept->slots);
	for (size_t i = 0; i < kept->slot_count; i++)
		kept->slots[i] = list_ranks_at(ranks, start + (int64_t)i);
}

static bool
is_before(void *arg, size_t thing, size_t local)
{
	const struct kept *kept = arg;

	return item_keys_compare(&kept->query.list.order,
		       &kept->list->things->things[thing].keys,
		       &kept->local_keys[local]) < 0;
}

static void
read_local_keys(struct kept *kept)
{
	struct arena *arena = intercept_arena(kept->intercept);
	size_t count = kept->local->slices.count;

	kept->local_keys = arena_alloc(arena, (count + 1) * sizeof *kept->local_keys);
	for (size_t i = 0; i < count; i++)
		item_keys_of_json(&kept->local_keys[i], &kept->query.list.order, arena,
			json_array_get(kept->local->items, i));
}

/* With the list's mutex held. */
static void
find_ranks(struct kept *kept)
{
	const struct local_answer *local = kept->local;
	struct list_ranks *ranks = &kept->list->ranks;
	int64_t count = (int64_t)local->slices.count, seen = kept->local_start + count;

	if (item_order_has(&kept->query.list.order, ITEM_ORDER_RANDOM)) {
		if (!ranks->ended)
			list_ranks_scatter(ranks, local->total > seen ? local->total : seen,
				crypto_random_below);
		return;
	}
	bool ended = kept->local_limit < 0 || count < kept->local_limit ||
		     (local->total > 0 && seen >= local->total);
	list_ranks_see(
		ranks, kept->local_start, count, ended, local->total, is_before, kept);
}

static void
on_local(void *arg, const struct local_answer *answer)
{
	struct kept *kept = arg;

	if (!answer->is_list) {
		local_reply(kept->intercept, answer);
		return;
	}
	kept->local = answer;
	read_local_keys(kept);
	pthread_mutex_lock(&kept->list->mutex);
	find_ranks(kept);
	read_slots(kept);
	pthread_mutex_unlock(&kept->list->mutex);
	json_slices_put_int(
		&kept->body, answer->slices.before, "TotalRecordCount", kept->total);
	write_some(kept);
}

/* ---- asking Jellyfin ---- */

/* The client's Fields and what things are sorted by. */
static const char *
fields_of(struct kept *kept)
{
	struct arena *arena = intercept_arena(kept->intercept);
	const struct query *query = exchange_query(intercept_exchange(kept->intercept));
	const char **fields = query_list(arena, query, "Fields", NULL);
	const char *all = "DateCreated";

	for (size_t i = 0; fields[i] != NULL; i++)
		all = arena_printf(arena, "%s,%s", all, fields[i]);
	return all;
}

static bool
is_sorted_by_user_data(const struct item_order *order)
{
	static const enum item_order_by of_user[] = { ITEM_ORDER_DATE_PLAYED,
		ITEM_ORDER_PLAY_COUNT, ITEM_ORDER_IS_FAVOURITE, ITEM_ORDER_IS_PLAYED,
		ITEM_ORDER_IS_UNPLAYED };

	for (size_t i = 0; i < COUNT_OF(of_user); i++) {
		if (item_order_has(order, of_user[i]))
			return true;
	}
	return false;
}

/* A parent that Jellyfin does not know is an error there; nothing by an artist whom it does
 * not know is a list. */
static size_t
leave_parent_out(struct kept *kept, struct local_change changes[2])
{
	const struct user_list_query *list = &kept->query.list;
	char hex[EXTERNAL_ID_HEX] = "";

	if (!external_id_format(hex, &list->parents[list->parent_count - 1]))
		return 0;
	changes[0] = (struct local_change){ "ParentId", NULL };
	changes[1] = (struct local_change){ "ArtistIds",
		arena_strdup(intercept_arena(kept->intercept), hex) };
	return 2;
}

static void
ask_jellyfin(struct kept *kept)
{
	struct exchange *exchange = intercept_exchange(kept->intercept);
	struct arena *arena = intercept_arena(kept->intercept);
	const struct item_order *order = &kept->query.list.order;
	struct local_change changes[7];
	size_t count = 0;

	pthread_mutex_lock(&kept->list->mutex);
	/* Who begins anew sees what has changed in Jellyfin. */
	if (kept->page.start == 0)
		list_ranks_forget(&kept->list->ranks);
	list_ranks_need(&kept->list->ranks, kept->page.start, kept->page.limit,
		&kept->local_start, &kept->local_limit);
	pthread_mutex_unlock(&kept->list->mutex);
	if (kept->local_limit == 0)
		kept->local_limit = 1; /* for its total; some take 0 for no limit */
	if (kept->local_limit > INT32_MAX)
		kept->local_limit = INT32_MAX;
	changes[count++] = (struct local_change){ "StartIndex",
		arena_printf(arena, "%lld", (long long)kept->local_start) };
	changes[count++] = (struct local_change){ "Limit",
		kept->local_limit < 0
			? NULL
			: arena_printf(arena, "%lld", (long long)kept->local_limit) };
	/* Without it Jellyfin's total is that of the page, and no end of the list. */
	changes[count++] = (struct local_change){ "EnableTotalRecordCount", NULL };
	if (item_order_has(order, ITEM_ORDER_DATE_CREATED))
		changes[count++] = (struct local_change){ "Fields", fields_of(kept) };
	if (is_sorted_by_user_data(order))
		changes[count++] = (struct local_change){ "EnableUserData", NULL };
	if (kept->query.external_parent)
		count += leave_parent_out(kept, &changes[count]);
	local_ask(kept->intercept, local_target(exchange, changes, count), "Items",
		on_local, kept);
}

static void
begin_list(struct kept *kept)
{
	struct kept_lists *lists = kept->intercept->worker->services->kept_lists;

	kept->list = kept_lists_put(lists, kept->key, kept->things);
	ask_jellyfin(kept);
}

/* ---- is it a music library? ---- */

static bool
is_music_library(const struct kept *kept, const struct local_answer *answer)
{
	json_t *parent = json_parse_new(answer->body.data, answer->body.size);
	const char *type = json_string_value(json_member_ci(parent, "Type"));
	const char *collection =
		json_string_value(json_member_ci(parent, "CollectionType"));
	bool library = type != NULL && (text_equal_ci(type, "CollectionFolder") ||
					       text_equal_ci(type, "UserView"));
	bool playlists = kept->query.list.filter.kinds == 1u << MEDIA_PLAYLIST;
	bool music = collection == NULL || text_equal_ci(collection, "music") ||
		     (playlists && text_equal_ci(collection, "playlists"));

	json_decref(parent);
	return library && music;
}

static void
on_parent(void *arg, const struct local_answer *answer)
{
	struct kept *kept = arg;

	if (answer->err == ERR_NONE && answer->status == 200 &&
		is_music_library(kept, answer))
		begin_list(kept);
	else
		intercept_relay(kept->intercept);
}

/* In the client's name, with whatever credential its address carries. */
static void
ask_parent(struct kept *kept)
{
	const struct query *query = exchange_query(intercept_exchange(kept->intercept));
	struct text target = { 0 };

	text_add(&target, "/Items/");
	text_add(&target, kept->query.parent);
	text_add(&target, "?");
	query_add(&target, "userId", kept->intercept->caller->facts.user_id);
	for (size_t i = 0; i < query->count; i++) {
		const struct query_item *item = &query->items[i];
		if (text_equal_ci(item->name, "ApiKey") ||
			text_equal_ci(item->name, "api_key"))
			query_add(&target, item->name, item->value);
	}
	const char *copy =
		arena_strdup(intercept_arena(kept->intercept), text_get(&target));
	text_fini(&target);
	local_ask(kept->intercept, copy, "Items", on_parent, kept);
}

/* ---- the course of events ---- */

static void
end_kept(void *operation)
{
	struct kept *kept = operation;

	timer_stop(&kept->next);
	text_fini(&kept->body);
	user_list_unref(kept->things);
	kept_list_unref(kept->list);
}

static void
cancel_reading(void *operation)
{
	user_list_cancel(operation);
}

static void
on_read(void *arg, enum err err, struct user_list *things)
{
	struct kept *kept = arg;

	http_job_release(kept->intercept->job, kept->hold);
	if (err != ERR_NONE || things->count == 0) {
		intercept_relay(kept->intercept);
		return;
	}
	kept->things = user_list_ref(things);
	if (kept->query.parent != NULL)
		ask_parent(kept);
	else
		begin_list(kept);
}

/* Everything that makes a list what it is, but not which page of it. */
static const char *
list_key(struct kept *kept)
{
	struct exchange *exchange = intercept_exchange(kept->intercept);
	const struct query *query = exchange_query(exchange);
	struct slice path = exchange_request(exchange)->path;
	struct text key = { 0 };

	text_addf(&key, "%s %llu ", kept->intercept->caller->facts.user_id,
		(unsigned long long)user_view_changes(kept->intercept->user));
	for (size_t i = 0; i < path.size; i++)
		text_add_char(&key, ascii_lower(path.data[i]));
	for (size_t i = 0; i < query->count; i++) {
		const struct query_item *item = &query->items[i];
		if (!text_equal_ci(item->name, "StartIndex") &&
			!text_equal_ci(item->name, "Limit") &&
			!text_equal_ci(item->name, "ApiKey") &&
			!text_equal_ci(item->name, "api_key"))
			text_addf(&key, " %s=%s", item->name, item->value);
	}
	const char *copy = arena_strdup(exchange_arena(exchange), text_get(&key));
	text_fini(&key);
	return copy;
}

/* An administrator may look at somebody else's list; that is Jellyfin's alone. */
static bool
is_about_caller(struct intercept *intercept)
{
	const struct query *query = exchange_query(intercept_exchange(intercept));
	const char *named = intercept->match.count > 0 ? intercept->match.values[0]
						       : query_get(query, "userId");
	const char *user_id = intercept->caller->facts.user_id;

	for (; named != NULL && *named != '\0'; named++) {
		if (*named != '-' && ascii_lower(*named) != ascii_lower(*user_id++))
			return false;
	}
	return true;
}

static void
on_allowed(struct intercept *intercept)
{
	struct kept *kept = intercept->state;
	struct front_services *services = intercept->worker->services;
	struct user_list_query *list = &kept->query.list;

	if (intercept->user == NULL || !is_about_caller(intercept)) {
		intercept_relay(intercept);
		return;
	}
	timer_init(&kept->next, http_job_loop(intercept->job), write_some, kept);
	http_job_hold(intercept->job, end_kept, kept);
	kept->key = list_key(kept);
	/* Chance is asked for anew by who begins anew. */
	if (kept->page.start > 0 || !item_order_has(&list->order, ITEM_ORDER_RANDOM))
		kept->list = kept_lists_get(services->kept_lists, kept->key);
	if (kept->list != NULL) {
		ask_jellyfin(kept);
		return;
	}
	(void)copy_text(list->filter.user_id, sizeof list->filter.user_id,
		intercept->caller->facts.user_id);
	kept->hold = http_job_hold(intercept->job, cancel_reading,
		user_list_read(user_items_database(services->user_items),
			http_job_loop(intercept->job), list, on_read, kept));
}

static bool
start(struct front_worker *worker, struct exchange *exchange,
	const struct route_match *match, unsigned kinds)
{
	struct arena *arena = exchange_arena(exchange);
	struct kept_query query;

	if (worker->services->user_items == NULL ||
		!kept_query_read(&query, arena, exchange_query(exchange), kinds))
		return false;
	struct kept *kept = arena_alloc(arena, sizeof *kept);
	*kept = (struct kept){ .query = query, .page = intercept_page(exchange) };
	kept->intercept = intercept_start(worker, exchange, match);
	kept->intercept->state = kept;
	intercept_guard(kept->intercept, on_allowed, intercept_relay);
	return true;
}

bool
intercept_kept_items(struct front_worker *worker, struct exchange *exchange,
	const struct route_match *match)
{
	return start(worker, exchange, match, 0);
}

bool
intercept_kept_artists(struct front_worker *worker, struct exchange *exchange,
	const struct route_match *match)
{
	return start(worker, exchange, match, 1u << MEDIA_ARTIST);
}
