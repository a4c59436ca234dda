#include "session/holder.h"

#include <string.h>

#include "core/clock.h"
#include "core/crypto.h"
#include "core/log.h"
#include "session/holder_take.h"
#include "session/metrics.h"

enum {
	TICK_MS = 250,
	CLAIM_MS = 1000,
	CLAIM_SPREAD_MS = 300,
	CLAIM_MORE_MS = 100, /* a claim is bounded, so there may be more */
	RELEASED_SPREAD_MS = 100,
	SAVE_SPREAD_MS = 2000,
	WANT_AFTER_MS = 2500, /* Jellyfin counts a new socket some time after its 101 */
};

/* ---- what a lease asks for ---- */

static void act(struct holder *holder, struct device *device, enum lease_action action);

void
holder_step(struct holder *holder, struct device *device, enum lease_event event,
	int64_t sent_ms)
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
		holder_step(holder, device, LEASE_FAILED, answer->sent_ms);
		return; /* again when Redis is back, or at the next tick */
	}
	if (answer->granted) {
		holder_step(holder, device, LEASE_GRANTED, answer->sent_ms);
		return;
	}
	metric_add(&session_metric_reports_given, 1);
	if (device->count > 0)
		device_drop_first(device);
	holder_step(holder, device, LEASE_DENIED, answer->sent_ms);
	pump(holder, device);
}

/* Asks for the lease by giving the first report to whoever holds it. */
static void
give_first(struct holder *holder, struct device *device)
{
	struct text json = { 0 };

	device->giving = true;
	record_write_report(&json, device_first(device), record_time_now());
	holder_send(holder, device->id, HOLDER_REPORT,
		(struct slice){ json.data, json.size },
		holder->leaving ? SHARED_KEEP : SHARED_HOLD, on_given);
	explicit_bzero(json.data, json.size);
	text_fini(&json);
}

static void
pump(struct holder *holder, struct device *device)
{
	if (device->giving || device->reading || device->count == 0)
		return;
	if (device->taken)
		holder_hear_queue(holder, device);
	else
		holder_step(holder, device, LEASE_WANTED, 0);
}

/* Every instance sees Jellyfin's feed, the holder too, and again soon. */
static bool
is_for_others(const struct device *device, const struct play_report *report)
{
	return report->kind == REPORT_PING || device->giving ||
	       device->lease.state == LEASE_FOREIGN;
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
	if (report->source == REPORT_FEED && is_for_others(device, report))
		return false;
	if (!device_enqueue(device, report)) {
		metric_add(&session_metric_reports_lost, 1);
		log_warn_limited("report_dropped", LOG_TEXT("client", report->key.client),
			LOG_TEXT("why", "too many wait for the session's holder"));
	}
	pump(holder, device);
	return false;
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
		holder_take(holder, device);
		break;
	case LEASE_LEAVE:
		metric_add(&session_metric_leases_lost, 1);
		log_warn_limited("lease_lost", LOG_TEXT("device", device->id),
			LOG_TEXT("why", device->lease.state == LEASE_FOREIGN
						? "another instance holds it"
						: "it could not be renewed in time"));
		holder_leave(holder, device);
		break;
	case LEASE_RELEASE:
		holder_leave(holder, device);
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

	if (answer->granted && (device == NULL || lease_is_given_up(&device->lease))) {
		/* Let go while Redis was asked: for others at once. */
		shared_release(holder->shared, answer->device, NULL, NULL);
		return;
	}
	if (device == NULL)
		return;
	if (answer->err != ERR_NONE)
		holder_step(holder, device, LEASE_FAILED, answer->sent_ms);
	else
		holder_step(holder, device, answer->granted ? LEASE_GRANTED : LEASE_DENIED,
			answer->sent_ms);
	if (answer->mail && device->taken && lease_is_ours(&device->lease))
		holder_fetch(holder, device);
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
	timer_start(&holder->claim, CLAIM_MORE_MS);
	holder_step(holder, device, LEASE_GRANTED, answer->sent_ms);
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

/* About a lease that another instance may have passed to us. */
static void
on_passed(void *arg, const struct shared_answer *answer)
{
	struct holder *holder = CAST(arg, HOLDER_MAGIC);
	struct device *device = device_find(&holder->devices, answer->device);

	if (!answer->granted)
		return;
	if (device == NULL || holder->leaving)
		shared_release(holder->shared, answer->device, NULL, NULL);
	else
		holder_step(holder, device, LEASE_GRANTED, answer->sent_ms);
}

static void
on_mail(void *arg, const char *id)
{
	struct holder *holder = CAST(arg, HOLDER_MAGIC);
	struct device *device = device_find(&holder->devices, id);

	if (device != NULL && device->taken && device->lease.state == LEASE_HELD)
		holder_fetch(holder, device);
	else if (device != NULL && !lease_is_ours(&device->lease) && !holder->leaving)
		shared_renew(holder->shared, &id, 1, on_passed, holder);
}

/* ---- clients' own sockets ---- */

/* Who holds a session without a socket of its client's gives it to us, who have one:
 * there, remote control is the client's own. */
static void
want_soon(struct device *device, int64_t wait_ms)
{
	int64_t at_ms = clock_now_ms() + wait_ms;

	if (device->want_ms < at_ms)
		device->want_ms = at_ms;
}

static void
on_sockets_changed(void *arg, const char *device_id)
{
	struct holder *holder = CAST(arg, HOLDER_MAGIC);
	int count = now_playing_client_sockets(holder->options.now_playing, device_id);
	char id[RECORD_ID_SIZE];

	record_device_id(id, device_id);
	struct device *device = count > 0 ? device_find_or_add(&holder->devices, id)
					  : device_find(&holder->devices, id);
	if (device == NULL)
		return;
	device_learn_name(device, device_id);
	if (count > 0 && !device->taken)
		want_soon(device, WANT_AFTER_MS);
	else if (count == 0)
		device->want_ms = 0;
	if (count == 0 && device->lease.state == LEASE_HELD)
		shared_announce(holder->shared, id);
}

/* Whoever posts them for its client, the holder replays them. */
static void
on_capabilities(void *arg, const struct play_session_key *key, const char *full_json)
{
	struct holder *holder = CAST(arg, HOLDER_MAGIC);
	char id[RECORD_ID_SIZE];
	struct text json = { 0 };

	record_device_id(id, key->device_id);
	const struct device *device = device_find(&holder->devices, id);
	if ((device != NULL && device->taken) || !shared_is_up(holder->shared))
		return;
	record_write_capabilities(&json, key, full_json);
	holder_send(holder, id, HOLDER_CAPABILITIES, (struct slice){ json.data, json.size },
		SHARED_DROP, NULL);
	text_fini(&json);
}

static void
on_taken(void *arg, const char *id)
{
	struct holder *holder = CAST(arg, HOLDER_MAGIC);
	struct device *device = device_find(&holder->devices, id);

	if (device != NULL && !device->taken && holder_client_sockets(holder, device) > 0)
		want_soon(device, 0);
}

static void
look_at_wish(struct holder *holder, struct device *device)
{
	if (device->want_ms == 0 || clock_now_ms() < device->want_ms ||
		!shared_is_up(holder->shared) || holder->leaving)
		return;
	device->want_ms = 0;
	if (!device->taken && holder_client_sockets(holder, device) > 0)
		holder_send(holder, device->id, HOLDER_WISH,
			slice_of(shared_instance(holder->shared)), SHARED_DROP, NULL);
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

	holder_step(holder, device, LEASE_TICK, 0);
	if (device->lease.state == LEASE_HELD && !device->taken &&
		shared_is_up(holder->shared) && !device->reading)
		holder_fetch(holder, device);
	if (keeps && device->taken)
		device->used_ms = now_ms;
	if (device->used_ms + HOLDER_IDLE_MS <= now_ms && !device->reading)
		holder_step(holder, device, LEASE_UNWANTED, 0);
	look_at_wish(holder, device);
	pump(holder, device);
	return device->lease.state == LEASE_FREE && device->count == 0 &&
	       !device->reading && !device->giving &&
	       holder_client_sockets(holder, device) == 0;
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
		(struct shared_observer){
			on_changed, on_mail, on_taken, on_released, holder });
	tracker_set_door(options->tracker, admits, holder);
	now_playing_observe_clients(options->now_playing,
		(struct client_observer){ on_sockets_changed, on_capabilities, holder });
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
	now_playing_observe_clients(
		holder->options.now_playing, (struct client_observer){ 0 });
	timer_stop(&holder->tick);
	timer_stop(&holder->claim);
	shared_stop(holder->shared);
	keeper_free(holder->keeper);
	device_table_fini(&holder->devices);
	holder->magic = 0;
	xfree(holder);
}
