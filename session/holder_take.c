#include "session/holder_take.h"

#include <string.h>

#include "core/clock.h"
#include "core/log.h"
#include "session/metrics.h"

/* ---- sealed things ---- */

static bool
open_sealed(struct holder *holder, struct text *content, struct slice about,
	struct slice sealed)
{
	enum seal_state state =
		seal_open(holder->options.seal, content, RECORD_VERSION, about, sealed);

	if (state == SEAL_GOOD)
		return true;
	log_warn("record_not_read", LOG_SLICE("id", about),
		LOG_TEXT("why", seal_state_name(state)),
		LOG_TEXT("result", "left to expire"));
	return false;
}

static void
close_opened(struct text *content)
{
	if (content->data != NULL)
		explicit_bzero(content->data, content->capacity);
	text_fini(content);
}

void
holder_send(struct holder *holder, const char *device, enum holder_letter letter,
	struct slice content, enum shared_vacancy vacant, shared_done_fn *done)
{
	struct text opened = { 0 }, sealed = { 0 };

	text_add_char(&opened, (char)letter);
	text_add_slice(&opened, content);
	seal_close(holder->options.seal, &sealed, RECORD_VERSION, slice_of(device),
		(struct slice){ opened.data, opened.size });
	shared_send(holder->shared, device, (struct slice){ sealed.data, sealed.size },
		vacant, done, holder);
	close_opened(&opened);
	text_fini(&sealed);
}

int
holder_client_sockets(const struct holder *holder, const struct device *device)
{
	if (device->device_id == NULL)
		return 0;
	return now_playing_client_sockets(holder->options.now_playing, device->device_id);
}

/* ---- records and letters ---- */

static bool
restore(struct holder *holder, struct device *device, struct slice session,
	struct slice sealed)
{
	struct text json = { 0 };
	struct record record;
	bool restored = false;

	if (open_sealed(holder, &json, session, sealed) &&
		record_read(&record, (struct slice){ json.data, json.size },
			record_time_now())) {
		device_learn_name(device, record.play.last.key.device_id);
		restored = keeper_restore(holder->keeper, &record);
		record_fini(&record);
	}
	close_opened(&json);
	return restored;
}

static void
hear(struct holder *holder, struct device *device, struct slice json)
{
	struct play_report report;

	if (!record_read_report(&report, json, record_time_now()))
		return;
	device_learn_name(device, report.key.device_id);
	metric_add(&session_metric_reports_taken, 1);
	tracker_admit(holder->options.tracker, &report);
	play_report_fini(&report);
}

static void
remember(struct holder *holder, struct slice json)
{
	struct play_session_key key;
	char *capabilities;

	if (!record_read_capabilities(&key, &capabilities, json))
		return;
	now_playing_set_capabilities(holder->options.now_playing, &key, capabilities);
	xfree(capabilities);
}

/* `wish`: the instance that wants the device, if that is what it says. */
static void
read_letter(struct holder *holder, struct device *device, struct slice sealed,
	struct text *wish)
{
	struct text content = { 0 };

	if (open_sealed(holder, &content, slice_of(device->id), sealed) &&
		content.size > 0) {
		struct slice rest = { content.data + 1, content.size - 1 };
		if (content.data[0] == HOLDER_REPORT)
			hear(holder, device, rest);
		if (content.data[0] == HOLDER_CAPABILITIES)
			remember(holder, rest);
		if (content.data[0] == HOLDER_WISH) {
			text_clear(wish);
			text_add_slice(wish, rest);
		}
	}
	close_opened(&content);
}

/* Another instance has a socket of the device's client, and we have none. */
static void
give_away(struct holder *holder, struct device *device, const struct text *wish)
{
	if (device->lease.state != LEASE_HELD || device->device_id == NULL ||
		holder_client_sockets(holder, device) > 0 ||
		strcmp(text_get(wish), shared_instance(holder->shared)) == 0)
		return;
	log_info("lease_passed_on", LOG_TEXT("device", device->id),
		LOG_TEXT("to", text_get(wish)));
	keeper_save_device(holder->keeper, device->device_id);
	shared_pass(holder->shared, device->id, (struct slice){ wish->data, wish->size });
	holder_step(holder, device, LEASE_UNWANTED, 0);
}

/* ---- taking and leaving ---- */

void
holder_hear_queue(struct holder *holder, struct device *device)
{
	const struct play_report *first;

	while (device->taken && (first = device_first(device)) != NULL) {
		tracker_admit(holder->options.tracker, first);
		device_drop_first(device);
	}
}

static void
restore_all(struct holder *holder, struct device *device, const struct redis_reply *records)
{
	size_t count = redis_reply_count(records) / 2;
	size_t restored = 0;

	for (size_t i = 0; i < count; i++)
		restored += restore(holder, device,
			redis_reply_text(redis_reply_at(records, 2 * i)),
			redis_reply_text(redis_reply_at(records, 2 * i + 1)));
	if (restored == 0)
		shared_forget_device(holder->shared, device->id);
	device->taken = true;
	if (holder_client_sockets(holder, device) == 0)
		shared_announce(holder->shared, device->id);
}

static void
on_fetched(void *arg, const struct shared_answer *answer)
{
	struct holder *holder = CAST(arg, HOLDER_MAGIC);
	struct device *device = device_find(&holder->devices, answer->device);
	size_t letters = redis_reply_count(answer->letters);
	struct text wish = { 0 };

	if (device == NULL)
		return;
	device->reading = false;
	if (answer->err == ERR_NONE && !answer->granted)
		holder_step(holder, device, LEASE_DENIED, answer->sent_ms);
	if (answer->err != ERR_NONE || !lease_is_ours(&device->lease))
		return; /* at the next tick, if it is ours then */
	device->used_ms = clock_now_ms();
	if (!device->taken)
		restore_all(holder, device, answer->records);
	for (size_t i = 0; i < letters; i++)
		read_letter(holder, device,
			redis_reply_text(redis_reply_at(answer->letters, i)), &wish);
	if (letters > 0)
		shared_forget_mail(holder->shared, device->id, letters);
	holder_hear_queue(holder, device);
	if (wish.size > 0)
		give_away(holder, device, &wish);
	text_fini(&wish);
	if (device->mail && lease_is_ours(&device->lease))
		holder_fetch(holder, device);
}

void
holder_fetch(struct holder *holder, struct device *device)
{
	device->mail = device->reading;
	if (device->reading)
		return;
	device->reading = true;
	shared_read(holder->shared, device->id, on_fetched, holder);
}

void
holder_take(struct holder *holder, struct device *device)
{
	if (device->lease.state == LEASE_ALONE) {
		device->taken = true;
		holder_hear_queue(holder, device);
	} else {
		holder_fetch(holder, device);
	}
}

void
holder_leave(struct holder *holder, struct device *device)
{
	device->taken = false;
	device->mail = false;
	if (device->device_id != NULL)
		keeper_leave(holder->keeper, device->device_id);
}
