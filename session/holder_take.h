/* Holder take: what follows when a device is ours, or ours no more: its records are
 * restored and its letters read, or its plays left. The second half of session/holder;
 * nobody else includes this. Control thread.
 */
#ifndef SESSION_HOLDER_TAKE_H
#define SESSION_HOLDER_TAKE_H

#include "session/holder.h"
#include "session/holder_device.h"
#include "session/shared.h"

#define HOLDER_MAGIC 0x686f6c64u

struct holder {
	unsigned magic;
	struct holder_options options;
	struct shared *shared;
	struct keeper *keeper;
	struct device_table devices;
	struct timer tick;
	struct timer claim;
	int64_t renewed_ms;
	bool leaving; /* handed over: nothing becomes ours any more */
	size_t releasing;
	int64_t handed_over_ms; /* when somebody else heard of a release; 0: nobody has */
};

/* What a letter is about: the first byte of its sealed content. */
enum holder_letter {
	HOLDER_REPORT = 'r',       /* record_write_report */
	HOLDER_WISH = 'w',         /* an instance: a client's own socket is there */
	HOLDER_CAPABILITIES = 'c', /* record_write_capabilities */
};

/* Seals it and sends it to the device's holder; see shared_send. */
void holder_send(struct holder *holder, const char *device, enum holder_letter letter,
	struct slice content, enum shared_vacancy vacant, shared_done_fn *done);

/* The lease is ours. */
void holder_take(struct holder *holder, struct device *device);
/* Something may lie in Redis for a device that is ours. */
void holder_fetch(struct holder *holder, struct device *device);
/* The lease is ours no more, or will not be. */
void holder_leave(struct holder *holder, struct device *device);
/* What waits is heard, if the device is taken. */
void holder_hear_queue(struct holder *holder, struct device *device);
int holder_client_sockets(const struct holder *holder, const struct device *device);

/* session/holder's: brings the lease on, and does what it asks for. */
void holder_step(struct holder *holder, struct device *device, enum lease_event event,
	int64_t sent_ms);

#endif
