#include "proxy/gather.h"

#include "core/clock.h"
#include "core/loop.h"

/* As many as a provider's rate window would not notice. */
enum { AT_ONCE = 8 };

struct gather {
	struct intercept *intercept;
	struct gather_item *items;
	size_t count;
	size_t next; /* the first not asked yet */
	size_t answered;
	int64_t ends_ms; /* clock_now_ms of the deadline */
	void (*done)(void *arg);
	void *arg;
	struct place {
		struct gather *gather;
		size_t item;
		struct catalog_call *call; /* NULL: free */
	} places[AT_ONCE];
	struct timer empty; /* `done` of a gather with nothing to ask */
};

static void ask_next(struct gather *gather, struct place *place);

static void
tell_done(struct gather *gather)
{
	void (*done)(void *arg) = gather->done;

	gather->done = NULL;
	if (done != NULL)
		done(gather->arg);
}

static void
on_answered(void *arg, enum err err, struct media_list *list)
{
	struct place *place = arg;
	struct gather *gather = place->gather;
	struct gather_item *item = &gather->items[place->item];

	place->call = NULL;
	item->err = err;
	if (err == ERR_NONE)
		item->list = media_list_ref(list);
	gather->answered++;
	if (gather_is_complete(gather))
		tell_done(gather);
	else
		ask_next(gather, place);
}

static void
ask_next(struct gather *gather, struct place *place)
{
	if (gather->next == gather->count)
		return;
	int64_t left_ms = gather->ends_ms - clock_now_ms();
	place->item = gather->next++;
	place->call = catalog_get(gather->intercept->worker->catalog,
		&gather->items[place->item].query, left_ms > 0 ? left_ms : 0, on_answered,
		place);
}

/* The exchange is over: nobody will look at the lists any more. */
static void
on_job_end(void *operation)
{
	struct gather *gather = operation;

	timer_stop(&gather->empty);
	for (size_t i = 0; i < AT_ONCE; i++) {
		if (gather->places[i].call != NULL)
			catalog_cancel(gather->places[i].call);
	}
	for (size_t i = 0; i < gather->count; i++)
		media_list_unref(gather->items[i].list);
}

static void
on_empty(void *arg)
{
	tell_done(arg);
}

struct gather *
gather_start(struct intercept *intercept, struct gather_item *items, size_t count,
	int64_t deadline_ms, void (*done)(void *arg), void *arg)
{
	struct gather *gather = arena_alloc(intercept_arena(intercept), sizeof *gather);

	assert(count <= GATHER_IDS_MAX);
	*gather = (struct gather){
		.intercept = intercept,
		.items = items,
		.count = count,
		.ends_ms = clock_now_ms() + deadline_ms,
		.done = done,
		.arg = arg,
	};
	timer_init(&gather->empty, http_job_loop(intercept->job), on_empty, gather);
	for (size_t i = 0; i < count; i++) {
		items[i].err = ERR_BUSY;
		items[i].list = NULL;
	}
	for (size_t i = 0; i < AT_ONCE; i++) {
		gather->places[i].gather = gather;
		ask_next(gather, &gather->places[i]);
	}
	if (count == 0)
		timer_start(&gather->empty, 0);
	http_job_hold(intercept->job, on_job_end, gather);
	return gather;
}

const struct media *
gather_first_or_reply(struct intercept *intercept, const struct gather_item *item)
{
	if (item->err == ERR_NONE && item->list->count > 0)
		return &item->list->items[0];
	intercept_reply_err(intercept, item->err != ERR_NONE ? item->err : ERR_NOT_FOUND);
	return NULL;
}

bool
gather_is_complete(const struct gather *gather)
{
	return gather->answered == gather->count;
}

void
gather_abandon(struct gather *gather)
{
	gather->done = NULL;
}
