#include "proxy/intercept_children.h"

#include <string.h>

#include "core/clock.h"
#include "core/json.h"
#include "providers/media_filters.h"
#include "proxy/children_query.h"
#include "proxy/joined_list.h"

enum {
	DEADLINE_MS = 8000,
	HOUR_MS = 3600 * 1000, /* a random order stays as long, for its pages */
	MOST_CHILDREN = 5000,
	LATEST = 20, /* as Jellyfin, when no Limit is said */
	LATEST_MOST = 200,
};

enum children_form { FORM_LIST, FORM_LATEST, FORM_FILTERS, FORM_FILTERS2 };

struct children {
	struct intercept *intercept;
	enum children_form form;
	struct children_query wanted;
	struct gather_item *items;
	struct gather *gather;
	const struct local_answer *local; /* NULL until it is there */
	const struct media **shown;
	size_t shown_count;
};

/* ---- the answer ---- */

/* The answers of all parents, one after the other, then in the order that is asked for. */
static void
collect(struct children *children)
{
	size_t most = 0;

	for (size_t i = 0; i < children->wanted.count; i++) {
		const struct media_list *list = children->items[i].list;
		most += list != NULL ? list->count : 0;
	}
	children->shown = arena_alloc(
		intercept_arena(children->intercept), (most + 1) * sizeof *children->shown);
	for (size_t i = 0; i < children->wanted.count; i++) {
		const struct gather_item *item = &children->items[i];
		for (size_t j = 0; item->list != NULL && j < item->list->count; j++) {
			const struct media *child = &item->list->items[j];
			if (children->shown_count < MOST_CHILDREN &&
				children_query_keeps(
					&children->wanted, &item->query.id, child))
				children->shown[children->shown_count++] = child;
		}
	}
	if (children->form == FORM_LATEST)
		media_sort_by_date(&children->wanted.sort);
	children->wanted.sort.user = children->intercept->user;
	media_sort_apply(&children->wanted.sort, intercept_arena(children->intercept),
		children->shown, children->shown_count);
}

/* Entries of a playlist have a name of their own, which no other entry has, as often as a
 * song may be there. */
static void
put_entry_id(json_t *item, const struct gather_item *playlist, size_t place)
{
	const struct external_id *id = &playlist->query.id;
	char hex[EXTERNAL_ID_HEX];
	struct text name;

	text_init(&name);
	text_addf(&name, "%s %s %zu", provider_name(id->provider), id->key, place);
	external_id_of_name(hex, "entry of a playlist", text_get(&name));
	text_fini(&name);
	json_put_text(item, "PlaylistItemId", hex);
}

static json_t *
child_new(void *arg, size_t i, const struct item_context *context)
{
	const struct children *children = arg;
	const struct media *child = children->shown[i];
	json_t *item = media_item_new(child, context);

	for (size_t j = 0; j < children->wanted.count; j++) {
		const struct gather_item *parent = &children->items[j];
		const struct media_list *list = parent->list;
		if (parent->query.ask == CATALOG_PLAYLIST_TRACKS && list != NULL &&
			child >= list->items && child < list->items + list->count)
			put_entry_id(item, parent, (size_t)(child - list->items));
	}
	return item;
}

static void
reply_list(struct children *children)
{
	const struct joined_externals externals = {
		.count = children->shown_count, .item_new = child_new, .arg = children
	};

	joined_list_reply(children->intercept, children->local, &externals);
}

static void
reply_latest(struct children *children)
{
	struct intercept *intercept = children->intercept;
	struct intercept_page page = intercept_page(intercept_exchange(intercept));
	struct item_context context = intercept_item_context(intercept);
	size_t most = page.limit < 0 ? LATEST : (size_t)page.limit;
	json_t *items = json_array();

	for (size_t i = 0; i < children->shown_count && i < most && i < LATEST_MOST; i++)
		json_array_append_new(items, child_new(children, i, &context));
	intercept_reply_json(intercept, 200, items);
}

static void
reply(struct children *children)
{
	if (children->form == FORM_LIST)
		reply_list(children);
	else if (children->form == FORM_LATEST)
		reply_latest(children);
	else if (children->form == FORM_FILTERS)
		intercept_reply_json(children->intercept, 200,
			media_filters_new(children->shown, children->shown_count));
	else
		intercept_reply_json(children->intercept, 200,
			media_filters2_new(children->shown, children->shown_count));
}

static void
reply_if_ready(struct children *children)
{
	const struct children_query *wanted = &children->wanted;

	if (!gather_is_complete(children->gather) ||
		(wanted->local_ids != NULL && children->local == NULL))
		return;
	collect(children);
	/* An id that the provider does not know has no children; a provider that cannot be
	 * asked is an error, or the client would believe the album to be empty. */
	enum err err = wanted->count > 0 ? children->items[0].err : ERR_NONE;
	if (children->shown_count == 0 && children->local == NULL &&
		intercept_is_failure(err))
		intercept_reply_err(children->intercept, err);
	else
		reply(children);
}

static void
on_gathered(void *arg)
{
	reply_if_ready(arg);
}

static void
on_local(void *arg, const struct local_answer *answer)
{
	struct children *children = arg;

	if (!answer->is_list) {
		local_reply(children->intercept, answer);
		return;
	}
	children->local = answer;
	reply_if_ready(children);
}

/* ---- the questions ---- */

static void
ask_jellyfin(struct children *children)
{
	struct exchange *exchange = intercept_exchange(children->intercept);
	const struct local_change changes[] = {
		{ children->wanted.parameter, children->wanted.local_ids },
		{ "StartIndex", NULL }, /* the page is cut from the joined list */
		{ "Limit", NULL },
	};

	local_ask(children->intercept, local_target(exchange, changes, COUNT_OF(changes)),
		"Items", on_local, children);
}

static void
on_allowed(struct intercept *intercept)
{
	struct children *children = intercept->state;

	children->gather = gather_start(intercept, children->items, children->wanted.count,
		DEADLINE_MS, on_gathered, children);
	if (children->wanted.local_ids != NULL)
		ask_jellyfin(children);
}

/* Who may have no external music gets Jellyfin's part; it does not know our ids. */
static void
on_refused(struct intercept *intercept)
{
	const struct children *children = intercept->state;

	if (children->wanted.local_ids != NULL)
		intercept_relay(intercept);
	else
		intercept_refuse(intercept);
}

static struct children *
children_new(struct exchange *exchange)
{
	struct children *children = arena_alloc(exchange_arena(exchange), sizeof *children);

	memset(children, 0, sizeof *children);
	return children;
}

static void
start(struct children *children, struct front_worker *worker, struct exchange *exchange,
	const struct route_match *match)
{
	size_t count = children->wanted.count;

	children->items = arena_alloc(
		exchange_arena(exchange), (count + 1) * sizeof *children->items);
	for (size_t i = 0; i < count; i++)
		children->items[i] =
			(struct gather_item){ .query = children->wanted.of[i] };
	children->intercept = intercept_start(worker, exchange, match);
	children->intercept->state = children;
	intercept_guard(children->intercept, on_allowed, on_refused);
}

static uint64_t
hourly_seed(void)
{
	return (uint64_t)(clock_wall_ms() / HOUR_MS) | 1;
}

static bool
start_form(struct front_worker *worker, struct exchange *exchange,
	const struct route_match *match, enum children_form form)
{
	struct children_query wanted;

	/* Most lists are about local things only. */
	if (!children_query_read(&wanted, exchange_arena(exchange),
		    exchange_query(exchange), hourly_seed()))
		return false;
	struct children *children = children_new(exchange);
	children->wanted = wanted;
	children->form = form;
	start(children, worker, exchange, match);
	return true;
}

bool
intercept_children(struct front_worker *worker, struct exchange *exchange,
	const struct route_match *match)
{
	return start_form(worker, exchange, match, FORM_LIST);
}

/* Lists of what there is below a parent name it as ParentId. */
static bool
names_parent(struct exchange *exchange, struct external_id *parent)
{
	const char *text = query_get(exchange_query(exchange), "ParentId");

	return text != NULL && external_id_parse(parent, slice_of(text));
}

static bool
start_below(struct front_worker *worker, struct exchange *exchange,
	const struct route_match *match, enum children_form form)
{
	struct external_id parent;

	return names_parent(exchange, &parent) && start_form(worker, exchange, match, form);
}

bool
intercept_children_latest(struct front_worker *worker, struct exchange *exchange,
	const struct route_match *match)
{
	return start_below(worker, exchange, match, FORM_LATEST);
}

bool
intercept_children_filters(struct front_worker *worker, struct exchange *exchange,
	const struct route_match *match)
{
	return start_below(worker, exchange, match, FORM_FILTERS);
}

bool
intercept_children_filters2(struct front_worker *worker, struct exchange *exchange,
	const struct route_match *match)
{
	return start_below(worker, exchange, match, FORM_FILTERS2);
}

static void
reply_none(struct intercept *intercept)
{
	intercept_reply_items(intercept, json_array(), 0, 0);
}

bool
intercept_children_none(struct front_worker *worker, struct exchange *exchange,
	const struct route_match *match)
{
	struct external_id parent;

	if (!names_parent(exchange, &parent))
		return false;
	intercept_guard(intercept_start(worker, exchange, match), reply_none, NULL);
	return true;
}

bool
intercept_playlist_items(struct front_worker *worker, struct exchange *exchange,
	const struct route_match *match)
{
	struct external_id id;

	if (!intercept_external_id(&id, match, "id"))
		return false;
	struct children *children = children_new(exchange);
	children_query_of(&children->wanted, exchange_arena(exchange),
		exchange_query(exchange), &id, hourly_seed());
	start(children, worker, exchange, match);
	return true;
}
