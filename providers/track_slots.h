/* Track slots: how many songs an account may download at a time, and who waits for a place,
 * in the order of asking. Whoever waits is known to those who hold one, so that a download
 * nobody listens to makes room. Any thread; a lock of its own. A slot belongs to its loop.
 */
#ifndef PROVIDERS_TRACK_SLOTS_H
#define PROVIDERS_TRACK_SLOTS_H

#include "core/error.h"
#include "core/loop.h"

struct track_slots;
struct track_slot;

struct track_slots *track_slots_new(void);
/* When there are no slots any more. Accepts NULL. */
void track_slots_free(struct track_slots *slots);

struct track_slot_asked {
	uint64_t account; /* a hash of provider and account */
	int most;         /* > 0 */
	int64_t wait_ms;
	/* Once: ERR_NONE when the slot is ours, ERR_BUSY when `wait_ms` are over. */
	void (*done)(void *arg, enum err err);
	/* Later, and any number of times: somebody else waits for such a slot. */
	void (*wanted)(void *arg);
	void *arg;
};

/* None of the callbacks fires before this has returned. */
struct track_slot *track_slot_ask(
	struct track_slots *slots, struct loop *loop, const struct track_slot_asked *asked);
/* Gives the place back, or stops waiting. Silence. Accepts NULL. */
void track_slot_free(struct track_slot *slot);
/* Does anybody wait for the place that this one holds? */
bool track_slot_is_wanted(struct track_slot *slot);

#endif
