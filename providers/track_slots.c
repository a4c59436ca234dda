#include "providers/track_slots.h"

#include <pthread.h>
#include <sys/queue.h>

#include "core/bell.h"
#include "providers/track_metrics.h"

struct track_slot {
	struct track_slots *slots;
	TAILQ_ENTRY(track_slot) link;
	struct track_slot_asked asked;
	struct bell *bell;
	struct timer deadline;
	bool told;     /* done was called */
	bool holds;    /* guarded by the mutex */
	bool renounce; /* somebody waits; likewise */
};

struct track_slots {
	pthread_mutex_t mutex;         /* guards what follows */
	TAILQ_HEAD(, track_slot) list; /* in the order of asking */
};

struct track_slots *
track_slots_new(void)
{
	struct track_slots *slots = xcalloc(1, sizeof *slots);

	pthread_mutex_init(&slots->mutex, NULL);
	TAILQ_INIT(&slots->list);
	return slots;
}

void
track_slots_free(struct track_slots *slots)
{
	if (slots == NULL)
		return;
	assert(TAILQ_EMPTY(&slots->list));
	pthread_mutex_destroy(&slots->mutex);
	xfree(slots);
}

/* The mutex is held. Who has waited longest gets what is free; the holders hear of the
 * rest. */
static void
settle(struct track_slots *slots, uint64_t account)
{
	struct track_slot *slot, *holder;
	int held = 0;

	TAILQ_FOREACH (slot, &slots->list, link)
		held += slot->asked.account == account && slot->holds;
	TAILQ_FOREACH (slot, &slots->list, link) {
		if (slot->asked.account != account || slot->holds)
			continue;
		if (held < slot->asked.most) {
			held++;
			slot->holds = true;
			bell_ring(slot->bell);
			continue;
		}
		TAILQ_FOREACH (holder, &slots->list, link) {
			if (holder->asked.account != account || !holder->holds)
				continue;
			holder->renounce = true;
			bell_ring(holder->bell);
		}
		break;
	}
}

static void
on_bell(void *arg)
{
	struct track_slot *slot = arg;

	pthread_mutex_lock(&slot->slots->mutex);
	bool holds = slot->holds, renounce = slot->renounce && slot->told;
	if (slot->told)
		slot->renounce = false;
	else if (slot->renounce)
		bell_ring(slot->bell); /* one thing at a time */
	pthread_mutex_unlock(&slot->slots->mutex);
	if (holds && !slot->told) {
		slot->told = true;
		timer_stop(&slot->deadline);
		slot->asked.done(slot->asked.arg, ERR_NONE);
	} else if (holds && renounce) {
		slot->asked.wanted(slot->asked.arg);
	}
}

static void
on_deadline(void *arg)
{
	struct track_slot *slot = arg;

	slot->told = true;
	slot->asked.done(slot->asked.arg, ERR_BUSY);
}

struct track_slot *
track_slot_ask(
	struct track_slots *slots, struct loop *loop, const struct track_slot_asked *asked)
{
	struct track_slot *slot = xcalloc(1, sizeof *slot);

	assert(asked->most > 0);
	slot->slots = slots;
	slot->asked = *asked;
	slot->bell = bell_new(loop, on_bell, slot);
	timer_init(&slot->deadline, loop, on_deadline, slot);
	timer_start(&slot->deadline, asked->wait_ms);
	pthread_mutex_lock(&slots->mutex);
	TAILQ_INSERT_TAIL(&slots->list, slot, link);
	settle(slots, asked->account);
	if (!slot->holds)
		metric_add(&track_metric_slot_waits, 1);
	pthread_mutex_unlock(&slots->mutex);
	return slot;
}

void
track_slot_free(struct track_slot *slot)
{
	if (slot == NULL)
		return;
	struct track_slots *slots = slot->slots;
	timer_stop(&slot->deadline);
	pthread_mutex_lock(&slots->mutex);
	TAILQ_REMOVE(&slots->list, slot, link);
	settle(slots, slot->asked.account);
	pthread_mutex_unlock(&slots->mutex);
	bell_free(slot->bell);
	xfree(slot);
}

bool
track_slot_is_wanted(struct track_slot *slot)
{
	const struct track_slot *other;
	bool wanted = false;

	pthread_mutex_lock(&slot->slots->mutex);
	TAILQ_FOREACH (other, &slot->slots->list, link)
		wanted = wanted ||
			 (other->asked.account == slot->asked.account && !other->holds);
	pthread_mutex_unlock(&slot->slots->mutex);
	return wanted;
}
