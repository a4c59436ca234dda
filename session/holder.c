#include "session/holder.h"

#include <string.h>

#include "core/clock.h"
#include "core/crypto.h"
#include "core/log.h"
#include "session/holder_device.h"
#include "session/metrics.h"
#include "session/shared.h"

#define HOLDER_MAGIC 0x686f6c64u

enum {
	TICK_MS = 250,
	CLAIM_MS = 1000,
	CLAIM_SPREAD_MS = 300,
	RELEASED_SPREAD_MS = 100,
	SAVE_SPREAD_MS = 2000,
};

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

/* ---- what a lease asks for ---- */

static void act(struct holder *holder, struct device *device, enum lease_action action);

static void
step(struct holder *holder, struct device *device, enum lease_event event, int64_t sent_ms)
{
	enum lease_state from = device->lease.state;
	const struct lease_news news = { .now_ms = clock_now_ms(),
		.sent_ms = sent_ms,
		.up = shared_is_up(holder->shared),
		.solo = holder->options.solo };
	enum lease_action action = lease_step(&device->lease, event, &news);

	if (device->lease.state != from)
		log_debug("lease_changed", LOG_TEXT("device", device->id),
			LOG_TEXT("from", lease_state_name(from)),
			LOG_TEXT("to", lease_state_name(device->lease.state)));
	metric_add(&session_metric_leases,
		(device->lease.state == LEASE_HELD) - (from == LEASE_HELD));
	/* What was ours alone is not written down anywhere. */
	if (from == LEASE_ALONE && device->lease.state == LEASE_HELD)
		keeper_save_all(holder->keeper, SAVE_SPREAD_MS);
	act(holder, device, action);
}

/* ---- the queue ---- */

static void
hear_queue(struct holder *holder, struct device *device)
{
	const struct play_report *first;

	while (device->taken && (first = device_first(device)) != NULL) {
		tracker_admit(holder->options.tracker, first);
		device_drop_first(device);
	}
}

static void pump(struct holder *holder, struct device *device);

static void
on_given(void *arg, const struct shared_answer *answer)
{
	struct holder *holder = CAST(arg, HOLDER_MAGIC);
	struct device *device = device_find(&holder->devices, answer->device);

	if (device == NULL)
		return;
	device->giving = false;
	if (answer->err != ERR_NONE) {
		step(holder, device, LEASE_FAILED, answer->sent_ms);
		return; /* again when Redis is back, or at the next tick */
	}
	if (answer->granted) {
		step(holder, device, LEASE_GRANTED, answer->sent_ms);
		return;
	}
	metric_add(&session_metric_reports_given, 1);
	if (device->count > 0)
		device_drop_first(device);
	step(holder, device, LEASE_DENIED, answer->sent_ms);
	pump(holder, device);
}

/* Asks for the lease by giving the first report to whoever holds it. */
static void
give_first(struct holder *holder, struct device *device)
{
	struct text json = { 0 }, sealed = { 0 };

	device->giving = true;
	record_write_report(&json, device_first(device), record_time_now());
	seal_close(holder->options.seal, &sealed, RECORD_VERSION, slice_of(device->id),
		(struct slice){ json.data, json.size });
	shared_give(holder->shared, device->id, (struct slice){ sealed.data, sealed.size },
		!holder->leaving, on_given, holder);
	explicit_bzero(json.data, json.size);
	text_fini(&json);
	text_fini(&sealed);
}

static void
pump(struct holder *holder, struct device *device)
{
	if (device->giving || device->reading || device->count == 0)
		return;
	if (device->taken)
		hear_queue(holder, device);
	else
		step(holder, device, LEASE_WANTED, 0);
}

static bool
admits(void *arg, const struct play_report *report)
{
	struct holder *holder = CAST(arg, HOLDER_MAGIC);
	char id[RECORD_ID_SIZE];

	record_device_id(id, report->key.device_id);
	struct device *device = device_find_or_add(&holder->devices, id);
	if (device == NULL) {
		metric_add(&session_metric_reports_lost, 1);
		return false;
	}
	device_learn_name(device, report->key.device_id);
	device->used_ms = clock_now_ms();
	if (device->taken && device->count == 0)
		return true;
	/* Every instance sees Jellyfin's feed, the holder too, and again soon. */
	if (report->source == REPORT_FEED &&
		(device->giving || device->lease.state == LEASE_FOREIGN))
		return false;
	if (!device_enqueue(device, report)) {
		metric_add(&session_metric_reports_lost, 1);
		log_warn_limited("report_dropped", LOG_TEXT("client", report->key.client),
			LOG_TEXT("why", "too many wait for the session's holder"));
	}
	pump(holder, device);
	return false;
}

/* ---- taking and leaving ---- */

static bool
open_sealed(
	struct holder *holder, struct text *json, struct slice about, struct slice sealed)
{
	enum seal_state state =
		seal_open(holder->options.seal, json, RECORD_VERSION, about, sealed);

	if (state == SEAL_GOOD)
		return true;
	log_warn("record_not_read", LOG_SLICE("id", about),
		LOG_TEXT("why", seal_state_name(state)),
		LOG_TEXT("result", "left to expire"));
	return false;
}

static void
close_opened(struct text *json)
{
	if (json->data != NULL)
		explicit_bzero(json->data, json->capacity);
	text_fini(json);
}

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
hear(struct holder *holder, struct device *device, struct slice sealed)
{
	struct text json = { 0 };
	struct play_report report;

	if (open_sealed(holder, &json, slice_of(device->id), sealed) &&
		record_read_report(&report, (struct slice){ json.data, json.size },
			record_time_now())) {
		device_learn_name(device, report.key.device_id);
		metric_add(&session_metric_reports_taken, 1);
		tracker_admit(holder->options.tracker, &report);
		play_report_fini(&report);
	}
	close_opened(&json);
}

static void fetch(struct holder *holder, struct device *device);

static void
on_fetched(void *arg, const struct shared_answer *answer)
{
	struct holder *holder = CAST(arg, HOLDER_MAGIC);
	struct device *device = device_find(&holder->devices, answer->device);

	if (device == NULL)
		return;
	device->reading = false;
	if (answer->err == ERR_NONE && !answer->granted)
		step(holder, device, LEASE_DENIED, answer->sent_ms);
	if (answer->err != ERR_NONE || !lease_is_ours(&device->lease))
		return; /* at the next tick, if it is ours then */
	device->used_ms = clock_now_ms();
	size_t records = redis_reply_count(answer->records) / 2;
	size_t restored = 0;
	for (size_t i = 0; !device->taken && i < records; i++)
		restored += restore(holder, device,
			redis_reply_text(redis_reply_at(answer->records, 2 * i)),
			redis_reply_text(redis_reply_at(answer->records, 2 * i + 1)));
	if (!device->taken && records > 0 && restored == 0)
		shared_forget_device(holder->shared, device->id);
	device->taken = true;
	size_t reports = redis_reply_count(answer->reports);
	for (size_t i = 0; i < reports; i++)
		hear(holder, device, redis_reply_text(redis_reply_at(answer->reports, i)));
	if (reports > 0)
		shared_forget_mail(holder->shared, device->id, reports);
	hear_queue(holder, device);
	if (device->mail)
		fetch(holder, device);
}

static void
fetch(struct holder *holder, struct device *device)
{
	device->mail = device->reading;
	if (device->reading)
		return;
	device->reading = true;
	shared_read(holder->shared, device->id, on_fetched, holder);
}

static void
take(struct holder *holder, struct device *device)
{
	if (device->lease.state == LEASE_ALONE) {
		device->taken = true;
		hear_queue(holder, device);
	} else {
		fetch(holder, device);
	}
}

static void
leave(struct holder *holder, struct device *device)
{
	device->taken = false;
	device->mail = false;
	if (device->device_id != NULL)
		keeper_leave(holder->keeper, device->device_id);
}

static void on_asked(void *arg, const struct shared_answer *answer);

static void
act(struct holder *holder, struct device *device, enum lease_action action)
{
	const char *id = device->id;

	switch (action) {
	case LEASE_NOTHING:
		break;
	case LEASE_ASK:
		if (device->lease.state == LEASE_ALONE)
			shared_renew(holder->shared, &id, 1, on_asked, holder);
		else
			give_first(holder, device);
		break;
	case LEASE_TAKE:
		take(holder, device);
		break;
	case LEASE_LEAVE:
		metric_add(&session_metric_leases_lost, 1);
		log_warn("lease_lost", LOG_TEXT("device", device->id),
			LOG_TEXT("why", device->lease.state == LEASE_FOREIGN
						? "another instance holds it"
						: "it could not be renewed in time"));
		leave(holder, device);
		break;
	case LEASE_RELEASE:
		leave(holder, device);
		shared_release(holder->shared, id, NULL, NULL);
		break;
	}
}

/* ---- what Redis says ---- */

/* About a lease that was asked for or renewed. */
static void
on_asked(void *arg, const struct shared_answer *answer)
{
	struct holder *holder = CAST(arg, HOLDER_MAGIC);
	struct device *device = device_find(&holder->devices, answer->device);

	if (answer->granted && (device == NULL || !lease_is_ours(&device->lease))) {
		/* Let go while Redis was asked: for others at once. */
		shared_release(holder->shared, answer->device, NULL, NULL);
		return;
	}
	if (device == NULL)
		return;
	if (answer->err != ERR_NONE)
		step(holder, device, LEASE_FAILED, answer->sent_ms);
	else
		step(holder, device, answer->granted ? LEASE_GRANTED : LEASE_DENIED,
			answer->sent_ms);
	if (answer->mail && device->taken && lease_is_ours(&device->lease))
		fetch(holder, device);
}

static void
on_claimed(void *arg, const struct shared_answer *answer)
{
	struct holder *holder = CAST(arg, HOLDER_MAGIC);
	struct device *device = device_find_or_add(&holder->devices, answer->device);

	if (device == NULL || holder->leaving) {
		shared_release(holder->shared, answer->device, NULL, NULL);
		return;
	}
	log_info("lease_claimed", LOG_TEXT("device", device->id));
	step(holder, device, LEASE_GRANTED, answer->sent_ms);
}

static void
on_claim(void *arg)
{
	struct holder *holder = CAST(arg, HOLDER_MAGIC);

	if (holder->leaving)
		return;
	if (shared_is_up(holder->shared))
		shared_claim(holder->shared, on_claimed, holder);
	timer_start(&holder->claim, CLAIM_MS + crypto_random_below(CLAIM_SPREAD_MS));
}

static void
on_released(void *arg)
{
	struct holder *holder = CAST(arg, HOLDER_MAGIC);

	if (!holder->leaving)
		timer_start(&holder->claim, crypto_random_below(RELEASED_SPREAD_MS));
}

static void
on_mail(void *arg, const char *id)
{
	struct holder *holder = CAST(arg, HOLDER_MAGIC);
	struct device *device = device_find(&holder->devices, id);

	if (device != NULL && device->taken && device->lease.state == LEASE_HELD)
		fetch(holder, device);
}

/* ---- time ---- */

static void
renew(struct holder *holder)
{
	const char *devices[SHARED_RENEW_MOST];
	size_t count = 0;

	holder->renewed_ms = clock_now_ms();
	for (size_t i = 0; i < DEVICE_BUCKETS; i++) {
		for (struct device *device = holder->devices.buckets[i]; device != NULL;
			device = device->next) {
			if (device->lease.state == LEASE_HELD)
				devices[count++] = device->id;
			if (count == SHARED_RENEW_MOST) {
				shared_renew(
					holder->shared, devices, count, on_asked, holder);
				count = 0;
			}
		}
	}
	if (count > 0)
		shared_renew(holder->shared, devices, count, on_asked, holder);
}

/* Whether there is nothing to remember of it. */
static bool
look_at(struct holder *holder, struct device *device)
{
	int64_t now_ms = clock_now_ms();
	bool keeps = device->device_id != NULL &&
		     keeper_keeps(holder->keeper, device->device_id);

	step(holder, device, LEASE_TICK, 0);
	if (device->lease.state == LEASE_HELD && !device->taken &&
		shared_is_up(holder->shared) && !device->reading)
		fetch(holder, device);
	if (keeps && device->taken)
		device->used_ms = now_ms;
	if (device->used_ms + HOLDER_IDLE_MS <= now_ms && !device->reading)
		step(holder, device, LEASE_UNWANTED, 0);
	pump(holder, device);
	return device->lease.state == LEASE_FREE && device->count == 0 &&
	       !device->reading && !device->giving;
}

static void
on_tick(void *arg)
{
	struct holder *holder = CAST(arg, HOLDER_MAGIC);

	for (size_t i = 0; i < DEVICE_BUCKETS; i++) {
		struct device **link = &holder->devices.buckets[i];
		while (*link != NULL) {
			if (look_at(holder, *link))
				device_remove(&holder->devices, link);
			else
				link = &(*link)->next;
		}
	}
	if (shared_is_up(holder->shared) &&
		clock_now_ms() - holder->renewed_ms >= LEASE_RENEW_MS)
		renew(holder);
	timer_start(&holder->tick, TICK_MS);
}

static void
on_changed(void *arg, bool up)
{
	struct holder *holder = CAST(arg, HOLDER_MAGIC);

	if (!up)
		return; /* leases end by their own time */
	renew(holder);
	keeper_save_all(holder->keeper, SAVE_SPREAD_MS);
	if (!holder->leaving)
		timer_start(&holder->claim, crypto_random_below(CLAIM_SPREAD_MS));
}

/* ---- the keeper's vault ---- */

static bool
is_held(struct holder *holder, const struct keeper_place *place)
{
	const struct device *device = device_find(&holder->devices, place->device);
	return device != NULL && device->lease.state == LEASE_HELD;
}

static void
save(void *arg, const struct keeper_place *place, struct slice sealed_record)
{
	struct holder *holder = CAST(arg, HOLDER_MAGIC);

	if (is_held(holder, place))
		shared_save(holder->shared, place, sealed_record);
}

static void
forget(void *arg, const struct keeper_place *place)
{
	struct holder *holder = CAST(arg, HOLDER_MAGIC);

	if (is_held(holder, place))
		shared_forget(holder->shared, place);
}

/* ---- life ---- */

struct holder *
holder_start(const struct holder_options *options)
{
	struct holder *holder = xcalloc(1, sizeof *holder);

	holder->magic = HOLDER_MAGIC;
	holder->options = *options;
	const struct keeper_options keeper = { .loop = options->loop,
		.tracker = options->tracker,
		.now_playing = options->now_playing,
		.seal = options->seal,
		.vault = { save, forget, holder } };
	holder->keeper = keeper_new(&keeper);
	timer_init(&holder->tick, options->loop, on_tick, holder);
	timer_init(&holder->claim, options->loop, on_claim, holder);
	holder->shared = shared_start(options->loop, options->redis, options->seal,
		(struct shared_observer){ on_changed, on_mail, on_released, holder });
	tracker_set_door(options->tracker, admits, holder);
	timer_start(&holder->tick, TICK_MS);
	return holder;
}

static void
on_handed_over(void *arg, const struct shared_answer *answer)
{
	struct holder *holder = CAST(arg, HOLDER_MAGIC);

	holder->releasing--;
	if (answer->heard)
		holder->handed_over_ms = clock_now_ms();
}

void
holder_hand_over(struct holder *holder)
{
	if (holder->leaving)
		return;
	keeper_save_all(holder->keeper, 0);
	now_playing_fall_silent(holder->options.now_playing);
	holder->leaving = true;
	timer_stop(&holder->claim);
	for (size_t i = 0; i < DEVICE_BUCKETS; i++) {
		for (struct device *device = holder->devices.buckets[i]; device != NULL;
			device = device->next) {
			if (device->lease.state != LEASE_HELD)
				continue;
			holder->releasing++;
			shared_release(holder->shared, device->id, on_handed_over, holder);
			device->lease = (struct lease){ 0 };
			device->taken = false;
			metric_add(&session_metric_leases, -1);
		}
	}
}

bool
holder_is_handed_over(const struct holder *holder)
{
	bool waits = holder->handed_over_ms != 0 &&
		     clock_now_ms() < holder->handed_over_ms + HOLDER_HAND_OVER_MS;

	return holder->leaving && holder->releasing == 0 && !waits;
}

void
holder_stop(struct holder *holder)
{
	if (holder == NULL)
		return;
	tracker_set_door(holder->options.tracker, NULL, NULL);
	timer_stop(&holder->tick);
	timer_stop(&holder->claim);
	shared_stop(holder->shared);
	keeper_free(holder->keeper);
	device_table_fini(&holder->devices);
	holder->magic = 0;
	xfree(holder);
}
