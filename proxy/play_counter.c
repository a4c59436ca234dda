#include "proxy/play_counter.h"

#include "core/clock.h"
#include "providers/external_id.h"
#include "tracker/listened.h"

enum { BUCKETS = 256 };

#define COUNTER_MAGIC 0x706c6374u

/* A live play that was counted. */
struct counted {
	struct counted *next;
	uint64_t play;
};

struct play_counter {
	unsigned magic;
	struct loop *loop;
	struct user_items *items;
	struct counted *buckets[BUCKETS];
};

/* ---- which were counted ---- */

static struct counted **
find(struct play_counter *counter, uint64_t play)
{
	struct counted **link = &counter->buckets[play % BUCKETS];

	while (*link != NULL && (*link)->play != play)
		link = &(*link)->next;
	return link;
}

static void
forget(struct play_counter *counter, uint64_t play)
{
	struct counted **link = find(counter, play);
	struct counted *counted = *link;

	if (counted == NULL)
		return;
	*link = counted->next;
	xfree(counted);
}

/* ---- counting ---- */

static void
count(struct play_counter *counter, const struct play *play)
{
	int64_t now_ms = clock_wall_ms();
	struct user_item_change change = {
		.verb = USER_ITEM_LISTEN,
		.now_ms = now_ms,
		.date_ms = now_ms,
		.since_ms = play->started_wall_ms,
	};
	struct external_id id;

	if (!external_id_parse(&id, slice_of(play->last.item.id)))
		return;
	(void)user_items_change(counter->items, counter->loop, play->last.key.user_id, &id,
		&change, NULL, NULL, NULL);
}

static void
consider(struct play_counter *counter, const struct play *play)
{
	const struct play_item *item = &play->last.item;
	struct counted **link = find(counter, play->id);

	if (!item->external || *link != NULL ||
		!listened_is_enough(listened_ms(play), item->runtime_ms))
		return;
	*link = xcalloc(1, sizeof **link);
	(*link)->play = play->id;
	count(counter, play);
}

static void
on_play_changed(void *arg, const struct play *play, enum play_change change)
{
	struct play_counter *counter = CAST(arg, COUNTER_MAGIC);

	/* Who follows it from here on counts it. */
	if (change != PLAY_LEFT)
		consider(counter, play);
	if (change == PLAY_ENDED || change == PLAY_LEFT)
		forget(counter, play->id);
}

/* ---- life ---- */

struct play_counter *
play_counter_new(struct loop *loop, struct tracker *tracker, struct user_items *items)
{
	struct play_counter *counter = xcalloc(1, sizeof *counter);

	counter->magic = COUNTER_MAGIC;
	counter->loop = loop;
	counter->items = items;
	tracker_observe(tracker, (struct tracker_observer){ on_play_changed, counter });
	return counter;
}

void
play_counter_free(struct play_counter *counter)
{
	if (counter == NULL)
		return;
	for (size_t i = 0; i < BUCKETS; i++) {
		while (counter->buckets[i] != NULL)
			forget(counter, counter->buckets[i]->play);
	}
	counter->magic = 0;
	xfree(counter);
}
