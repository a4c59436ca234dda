#include "session/holder_device.h"

#include <string.h>

#include "core/clock.h"

static struct device *const *
bucket_of(const struct device_table *table, const char *id)
{
	return &table->buckets[text_hash(0, id) % DEVICE_BUCKETS];
}

struct device *
device_find(const struct device_table *table, const char *id)
{
	struct device *device = *bucket_of(table, id);

	while (device != NULL && strcmp(device->id, id) != 0)
		device = device->next;
	return device;
}

struct device *
device_find_or_add(struct device_table *table, const char *id)
{
	struct device *device = device_find(table, id);

	if (device != NULL || table->count >= DEVICE_MOST)
		return device;
	struct device **bucket = &table->buckets[text_hash(0, id) % DEVICE_BUCKETS];
	device = xcalloc(1, sizeof *device);
	copy_text(device->id, sizeof device->id, id);
	device->used_ms = clock_now_ms();
	TAILQ_INIT(&device->queue);
	device->next = *bucket;
	*bucket = device;
	table->count++;
	return device;
}

void
device_remove(struct device_table *table, struct device **link)
{
	struct device *device = *link;

	*link = device->next;
	table->count--;
	while (device_first(device) != NULL)
		device_drop_first(device);
	xfree(device->device_id);
	xfree(device);
}

void
device_table_fini(struct device_table *table)
{
	for (size_t i = 0; i < DEVICE_BUCKETS; i++) {
		while (table->buckets[i] != NULL)
			device_remove(table, &table->buckets[i]);
	}
}

void
device_learn_name(struct device *device, const char *device_id)
{
	if (device->device_id == NULL)
		device->device_id = xstrdup(device_id);
}

/* ---- the queue ---- */

static bool
replaces(const struct play_report *report, const struct play_report *former)
{
	return report->kind == REPORT_PROGRESS && former->kind == REPORT_PROGRESS &&
	       strcmp(report->item.id, former->item.id) == 0 &&
	       report->paused_said == former->paused_said &&
	       report->paused == former->paused &&
	       strcmp(report->play_method, former->play_method) == 0 &&
	       play_session_key_equal(&report->key, &former->key);
}

static void
wipe(struct play_report *report)
{
	play_report_fini(report);
	explicit_bzero(report->token, sizeof report->token);
}

bool
device_enqueue(struct device *device, const struct play_report *report)
{
	struct waiting *last = TAILQ_LAST(&device->queue, waiting_list);
	bool on_its_way = device->count == 1 && device->giving;

	if (last != NULL && !on_its_way && replaces(report, &last->report)) {
		wipe(&last->report);
		play_report_copy(&last->report, report);
		return true;
	}
	if (device->count >= DEVICE_QUEUE_MOST)
		return false;
	struct waiting *waiting = xcalloc(1, sizeof *waiting);
	play_report_copy(&waiting->report, report);
	TAILQ_INSERT_TAIL(&device->queue, waiting, link);
	device->count++;
	return true;
}

const struct play_report *
device_first(const struct device *device)
{
	const struct waiting *first = TAILQ_FIRST(&device->queue);
	return first != NULL ? &first->report : NULL;
}

void
device_drop_first(struct device *device)
{
	struct waiting *first = TAILQ_FIRST(&device->queue);

	TAILQ_REMOVE(&device->queue, first, link);
	device->count--;
	wipe(&first->report);
	xfree(first);
}
