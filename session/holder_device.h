/* Holder device: what session/holder knows of one device, and the reports that wait until
 * it is known who hears them. The first half of session/holder; nobody else includes this.
 * Pure but for the clock; control thread.
 */
#ifndef SESSION_HOLDER_DEVICE_H
#define SESSION_HOLDER_DEVICE_H

#include <sys/queue.h>

#include "session/lease.h"
#include "session/record.h"

enum {
	DEVICE_BUCKETS = 1024,
	DEVICE_MOST = 20000,
	DEVICE_QUEUE_MOST = 32, /* reports that wait */
};

/* A report that cannot be heard yet. */
struct waiting {
	TAILQ_ENTRY(waiting) link;
	struct play_report report;
};

struct device {
	struct device *next; /* of its bucket */
	char id[RECORD_ID_SIZE];
	char *device_id; /* as its clients say it; NULL: not heard yet. Owned */
	struct lease lease;
	bool taken;   /* its reports pass */
	bool reading; /* its records or mail are being fetched */
	bool mail;    /* … and more has come meanwhile */
	bool giving;  /* the first of the queue is on its way */
	int64_t used_ms;
	int64_t want_ms; /* ask its holder for it by then; 0: no */
	TAILQ_HEAD(waiting_list, waiting) queue;
	size_t count;
};

/* Zeroed is empty. */
struct device_table {
	struct device *buckets[DEVICE_BUCKETS];
	size_t count;
};

void device_table_fini(struct device_table *table);
/* NULL when it is not known. */
struct device *device_find(const struct device_table *table, const char *id);
/* NULL when DEVICE_MOST are known already. */
struct device *device_find_or_add(struct device_table *table, const char *id);
void device_remove(struct device_table *table, struct device **link);
/* Unless it is known. */
void device_learn_name(struct device *device, const char *device_id);

/* A copy waits. A progress that only says that time has passed takes the place of the one
 * before it, unless that is on its way already. False: DEVICE_QUEUE_MOST wait, and this one
 * is dropped. */
MUST_CHECK bool device_enqueue(struct device *device, const struct play_report *report);
/* NULL when none waits; stays the first until device_drop_first. */
const struct play_report *device_first(const struct device *device);
void device_drop_first(struct device *device);

#endif
