#include "proxy/intercept_items.h"

#include <string.h>

#include "core/json.h"
#include "proxy/gather.h"
#include "proxy/intercept_children.h"
#include "proxy/intercept_ids.h"
#include "proxy/intercept_more.h"
#include "proxy/intercept_search.h"

enum {
	DEADLINE_MS = 8000,
	/* The exact form is worth this much waiting; without it what is not certain is left
	 * out. */
	FORMS_MS = 1500,
};

/* The state of a handler that asks about one or a few external ids. */
struct lookup {
	struct intercept *intercept;
	struct gather_item *items;
	size_t count;
	size_t hold; /* of the question for the forms */
};

static struct lookup *
lookup_new(struct front_worker *worker, struct exchange *exchange,
	const struct route_match *match, size_t count)
{
	struct arena *arena = exchange_arena(exchange);
	struct lookup *lookup = arena_alloc(arena, sizeof *lookup);

	*lookup = (struct lookup){ .count = count };
	lookup->items = arena_alloc(arena, count * sizeof *lookup->items);
	memset(lookup->items, 0, count * sizeof *lookup->items);
	lookup->intercept = intercept_start(worker, exchange, match);
	lookup->intercept->state = lookup;
	return lookup;
}

/* ---- one item ---- */

static void
reply_item(struct lookup *lookup, const struct track_formats *forms)
{
	struct intercept *intercept = lookup->intercept;
	const struct gather_item *item = &lookup->items[0];
	struct item_context context = intercept_item_context(intercept);

	context.forms = forms;
	context.has_lyrics = intercept_has_lyrics(intercept, &item->query.id);
	intercept_reply_json(
		intercept, 200, media_item_new(&item->list->items[0], &context));
}

static void
on_forms(void *arg, enum err err, const struct track_formats *forms)
{
	struct lookup *lookup = arg;

	(void)err;
	http_job_release(lookup->intercept->job, lookup->hold);
	reply_item(lookup, forms);
}

static void
cancel_forms(void *operation)
{
	song_forms_cancel(operation);
}

static void
on_item(void *arg)
{
	struct lookup *lookup = arg;
	struct intercept *intercept = lookup->intercept;
	const struct media *media = gather_first_or_reply(intercept, &lookup->items[0]);
	const struct track_listener listener = intercept_listener(intercept);

	if (media == NULL)
		return;
	if (intercept->worker->services->user_items != NULL)
		user_items_see(intercept->worker->services->user_items,
			intercept->caller->facts.user_id, media);
	track_quality_set offered = intercept_offered(intercept, media->id.provider);
	if (media->kind != MEDIA_SONG) {
		reply_item(lookup, NULL);
	} else if (offered == TRACK_BIT(TRACK_PREVIEW)) {
		/* Nothing of it is uncertain but its size, which a player has asked for. */
		struct track_formats forms = { .of = { track_format_of(TRACK_PREVIEW) },
			.count = 1 };
		forms.of[0].size = catalog_track_bytes(
			intercept->worker->services->catalog, &media->id);
		reply_item(lookup, &forms);
	} else {
		lookup->hold = http_job_hold(intercept->job, cancel_forms,
			song_forms_get(intercept->worker->forms, &media->id, &listener,
				FORMS_MS, on_forms, lookup));
	}
}

static void
ask_item(struct intercept *intercept)
{
	struct lookup *lookup = intercept->state;

	gather_start(intercept, lookup->items, 1, DEADLINE_MS, on_item, lookup);
}

bool
intercept_item(struct front_worker *worker, struct exchange *exchange,
	const struct route_match *match)
{
	struct external_id id;

	if (!intercept_external_id(&id, match, "id"))
		return false;
	struct lookup *lookup = lookup_new(worker, exchange, match, 1);
	lookup->items[0].query = (struct catalog_query){
		.ask = CATALOG_ITEM, .provider = id.provider, .id = id
	};
	intercept_guard(lookup->intercept, ask_item, NULL);
	return true;
}

/* ---- lists ---- */

bool
intercept_item_list(struct front_worker *worker, struct exchange *exchange,
	const struct route_match *match)
{
	return intercept_ids(worker, exchange, match) ||
	       intercept_children(worker, exchange, match) ||
	       intercept_search_items(worker, exchange, match) ||
	       intercept_more(worker, exchange, match);
}

/* ---- what there is none of ---- */

static bool
intercept_nothing(struct front_worker *worker, struct exchange *exchange,
	const struct route_match *match, void (*allowed)(struct intercept *intercept))
{
	struct external_id id;

	if (!intercept_external_id(&id, match, "id"))
		return false;
	intercept_guard(intercept_start(worker, exchange, match), allowed, NULL);
	return true;
}

static void
reply_empty_list(struct intercept *intercept)
{
	intercept_reply_items(intercept, json_array(), 0, 0);
}

static void
reply_empty_array(struct intercept *intercept)
{
	intercept_reply_json(intercept, 200, json_array());
}

static void
reply_theme_media(struct intercept *intercept)
{
	static const char *const names[] = { "ThemeVideosResult", "ThemeSongsResult",
		"SoundtrackSongsResult" };
	json_t *answer = json_object();

	for (size_t i = 0; i < COUNT_OF(names); i++) {
		json_t *list = json_object();
		json_put_text(list, "OwnerId", route_value(&intercept->match, "id"));
		json_put_new(list, "Items", json_array());
		json_put_int(list, "TotalRecordCount", 0);
		json_put_int(list, "StartIndex", 0);
		json_put_new(answer, names[i], list);
	}
	intercept_reply_json(intercept, 200, answer);
}

bool
intercept_item_empty_list(struct front_worker *worker, struct exchange *exchange,
	const struct route_match *match)
{
	return intercept_nothing(worker, exchange, match, reply_empty_list);
}

bool
intercept_item_empty_array(struct front_worker *worker, struct exchange *exchange,
	const struct route_match *match)
{
	return intercept_nothing(worker, exchange, match, reply_empty_array);
}

bool
intercept_item_theme_media(struct front_worker *worker, struct exchange *exchange,
	const struct route_match *match)
{
	return intercept_nothing(worker, exchange, match, reply_theme_media);
}
