#include "proxy/intercept_ids.h"

#include <string.h>

#include "core/json.h"
#include "proxy/children_query.h"
#include "proxy/gather.h"
#include "proxy/local.h"

enum { DEADLINE_MS = 8000 };

/* One id of the list, in the client's order. */
struct wanted {
	const char *text;
	bool external;
	size_t item; /* of `items`, when external */
};

struct mixed {
	struct intercept *intercept;
	struct wanted *wanted;
	size_t wanted_count;
	struct gather_item *items;
	size_t item_count;
	bool has_local;
	const struct local_answer *local; /* NULL until it is there */
	struct gather *gather;
};

/* Jellyfin accepts ids of either case, with dashes or without. */
static bool
same_id(const char *a, const char *b)
{
	for (;; a++, b++) {
		while (*a == '-')
			a++;
		while (*b == '-')
			b++;
		if (ascii_lower(*a) != ascii_lower(*b))
			return false;
		if (*a == '\0')
			return true;
	}
}

static const struct slice *
find_local(const struct mixed *mixed, const char *id)
{
	for (size_t i = 0; mixed->local != NULL && i < mixed->local->slices.count; i++) {
		const json_t *item = json_array_get(mixed->local->items, i);
		const char *found = json_string_value(json_member_ci(item, "Id"));
		if (found != NULL && same_id(found, id))
			return &mixed->local->slices.items[i];
	}
	return NULL;
}

static const struct media *
find_external(const struct mixed *mixed, const struct wanted *wanted)
{
	const struct media_list *list = mixed->items[wanted->item].list;

	if (list == NULL || list->count == 0)
		return NULL;
	/* What Jellyfin's own part is narrowed by. */
	return children_wants_kind(exchange_query(intercept_exchange(mixed->intercept)),
		       intercept_arena(mixed->intercept), list->items[0].kind)
		       ? &list->items[0]
		       : NULL;
}

/* What is there, in the client's order: a local one's text or an external thing. */
struct there {
	const struct slice *local;
	const struct media *external;
};

static size_t
find_all(const struct mixed *mixed, struct there *there)
{
	size_t count = 0;

	for (size_t i = 0; i < mixed->wanted_count; i++) {
		const struct wanted *wanted = &mixed->wanted[i];
		struct there one = { NULL, NULL };
		if (wanted->external)
			one.external = find_external(mixed, wanted);
		else
			one.local = find_local(mixed, wanted->text);
		if (one.local != NULL || one.external != NULL)
			there[count++] = one;
	}
	return count;
}

/* Why nothing is there: a provider that could not be asked, not that it has nothing. */
static enum err
find_failure(const struct mixed *mixed)
{
	for (size_t i = 0; i < mixed->item_count; i++) {
		enum err err = mixed->items[i].err;
		if (intercept_is_failure(err))
			return err;
	}
	return ERR_NONE;
}

static void
reply_joined(struct mixed *mixed)
{
	struct intercept *intercept = mixed->intercept;
	struct intercept_page page = intercept_page(intercept_exchange(intercept));
	struct item_context context = intercept_item_context(intercept);
	struct there *there = arena_alloc(
		intercept_arena(intercept), mixed->wanted_count * sizeof *there);
	int64_t total = (int64_t)find_all(mixed, there), end = total;
	struct text body;

	if (total == 0 && find_failure(mixed) != ERR_NONE) {
		intercept_reply_err(intercept, find_failure(mixed));
		return;
	}
	if (page.limit >= 0 && page.start + page.limit < total)
		end = page.start + page.limit;
	text_init(&body);
	intercept_open_list(&body, intercept);
	for (int64_t i = page.start; i < end; i++) {
		text_add(&body, i > page.start ? "," : "");
		if (there[i].local != NULL)
			text_add_slice(&body, *there[i].local);
		else
			intercept_add_json(&body, intercept,
				media_item_new(there[i].external, &context));
	}
	intercept_close_list(&body, intercept, total, page.start);
	intercept_reply_text(intercept, 200, NULL, body.data, body.size);
	text_fini(&body);
}

static void
reply_if_ready(struct mixed *mixed)
{
	if (mixed->has_local && mixed->local == NULL)
		return;
	if (gather_is_complete(mixed->gather))
		reply_joined(mixed);
}

static void
on_gathered(void *arg)
{
	reply_if_ready(arg);
}

static void
on_local(void *arg, const struct local_answer *answer)
{
	struct mixed *mixed = arg;

	if (!answer->is_list) {
		local_reply(mixed->intercept, answer);
		return;
	}
	mixed->local = answer;
	reply_if_ready(mixed);
}

static void
ask_jellyfin(struct mixed *mixed)
{
	struct exchange *exchange = intercept_exchange(mixed->intercept);
	struct text ids;

	text_init(&ids);
	for (size_t i = 0; i < mixed->wanted_count; i++) {
		if (mixed->wanted[i].external)
			continue;
		text_add(&ids, ids.size > 0 ? "," : "");
		text_add(&ids, mixed->wanted[i].text);
	}
	const struct local_change changes[] = {
		{ "Ids", text_get(&ids) },
		{ "StartIndex", NULL }, /* the page is cut from the joined list */
		{ "Limit", NULL },
	};
	char *target = local_target(exchange, changes, COUNT_OF(changes));
	text_fini(&ids);
	local_ask(mixed->intercept, target, "Items", on_local, mixed);
}

static void
on_allowed(struct intercept *intercept)
{
	struct mixed *mixed = intercept->state;

	mixed->gather = gather_start(intercept, mixed->items, mixed->item_count,
		DEADLINE_MS, on_gathered, mixed);
	if (mixed->has_local)
		ask_jellyfin(mixed);
}

/* Without the right to external music Jellyfin alone answers, as it would without us: but
 * never for a list that is all external, which it would take for no list at all. */
static void
on_refused(struct intercept *intercept)
{
	struct mixed *mixed = intercept->state;

	if (intercept->caller->err == ERR_NONE && !mixed->has_local)
		intercept_reply_items(intercept, json_array(), 0, 0);
	else if (intercept->caller->err != ERR_NONE)
		intercept_refuse(intercept);
	else {
		mixed->item_count = 0;
		on_allowed(intercept);
	}
}

bool
intercept_ids(struct front_worker *worker, struct exchange *exchange,
	const struct route_match *match)
{
	struct arena *arena = exchange_arena(exchange);
	struct external_id id;
	size_t count;
	const char **ids = query_list(arena, exchange_query(exchange), "Ids", &count);
	size_t externals = 0;

	for (size_t i = 0; i < count; i++)
		externals += external_id_parse(&id, slice_of(ids[i]));
	if (externals == 0)
		return false;
	if (externals > GATHER_IDS_MAX)
		externals = GATHER_IDS_MAX;
	struct mixed *mixed = arena_alloc(arena, sizeof *mixed);
	*mixed = (struct mixed){ .wanted_count = count };
	mixed->wanted = arena_alloc(arena, count * sizeof *mixed->wanted);
	mixed->items = arena_alloc(arena, externals * sizeof *mixed->items);
	for (size_t i = 0; i < count; i++) {
		struct wanted *wanted = &mixed->wanted[i];
		*wanted = (struct wanted){ .text = ids[i] };
		wanted->external = mixed->item_count < externals &&
				   external_id_parse(&id, slice_of(ids[i]));
		if (!wanted->external) {
			mixed->has_local = true;
			continue;
		}
		wanted->item = mixed->item_count;
		mixed->items[mixed->item_count++] = (struct gather_item){
			.query = { .ask = CATALOG_ITEM, .provider = id.provider, .id = id },
		};
	}
	struct intercept *intercept = intercept_start(worker, exchange, match);
	intercept->state = mixed;
	mixed->intercept = intercept;
	intercept_guard(intercept, on_allowed, on_refused);
	return true;
}
