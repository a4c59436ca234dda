#include "session/keeper.h"

#include <string.h>

#include "core/clock.h"
#include "core/crypto.h"
#include "core/log.h"
#include "session/metrics.h"

#define KEPT_MAGIC 0x6b657074u

enum { BUCKETS = 512 };

/* A session that has a record, or is about to. */
struct kept {
	unsigned magic;
	struct kept *next; /* of its bucket */
	struct keeper *keeper;
	struct keeper_place place;
	int64_t saved_ms;
	struct timer save; /* started: something has changed since */
	char key[];        /* server, client, device id and user id, each terminated */
};

struct keeper {
	struct keeper_options options;
	struct kept *buckets[BUCKETS];
};

/* ---- what is kept ---- */

/* There may be many, and a key is mostly empty. */
static struct play_session_key
key_of(const struct kept *kept)
{
	struct play_session_key key = { 0 };
	const char *next = kept->key;

	copy_text(key.server, sizeof key.server, next);
	next += strlen(next) + 1;
	copy_text(key.client, sizeof key.client, next);
	next += strlen(next) + 1;
	copy_text(key.device_id, sizeof key.device_id, next);
	next += strlen(next) + 1;
	copy_text(key.user_id, sizeof key.user_id, next);
	return key;
}

static struct kept **
find(struct keeper *keeper, const struct play_session_key *key)
{
	struct kept **link = &keeper->buckets[play_session_key_hash(key) % BUCKETS];

	for (; *link != NULL; link = &(*link)->next) {
		const struct play_session_key other = key_of(*link);
		if (play_session_key_equal(&other, key))
			break;
	}
	return link;
}

/* The next from `kept` on, itself included, that is of that device. */
static struct kept *
next_of_device(struct kept *kept, const char *device_id)
{
	for (; kept != NULL; kept = kept->next) {
		const struct play_session_key key = key_of(kept);
		if (text_equal_ci(key.device_id, device_id))
			break;
	}
	return kept;
}

/* Of the bucket in which all sessions of a device are. */
static struct kept *
first_of_device(const struct keeper *keeper, const char *device_id)
{
	struct play_session_key key = { 0 };

	copy_text(key.device_id, sizeof key.device_id, device_id);
	return next_of_device(
		keeper->buckets[play_session_key_hash(&key) % BUCKETS], device_id);
}

static void
free_kept(struct kept **link)
{
	struct kept *kept = *link;

	*link = kept->next;
	timer_stop(&kept->save);
	kept->magic = 0;
	xfree(kept);
}

static void
write_record(struct kept *kept, const struct play *play)
{
	const struct keeper_options *options = &kept->keeper->options;
	const struct play_session_key key = key_of(kept);
	struct text record = { 0 }, sealed = { 0 };

	timer_stop(&kept->save);
	kept->saved_ms = clock_now_ms();
	record_write(&record, play, now_playing_capabilities(options->now_playing, &key),
		record_time_now());
	seal_close(options->seal, &sealed, RECORD_VERSION, slice_of(kept->place.session),
		(struct slice){ record.data, record.size });
	options->vault.save(options->vault.arg, &kept->place,
		(struct slice){ sealed.data, sealed.size });
	explicit_bzero(record.data, record.size);
	text_fini(&record);
	text_fini(&sealed);
}

static const struct play *
play_of(const struct kept *kept)
{
	const struct tracker *tracker = kept->keeper->options.tracker;
	const struct play_session_key key = key_of(kept);
	const struct play *play = tracker_find_in_session(tracker, &key, true);

	return play != NULL ? play : tracker_find_in_session(tracker, &key, false);
}

static void
on_save(void *arg)
{
	struct kept *kept = CAST(arg, KEPT_MAGIC);
	const struct play *play = play_of(kept);

	if (play != NULL)
		write_record(kept, play);
}

static struct kept *
add_kept(struct kept **link, struct keeper *keeper, const struct play_session_key *key)
{
	const char *const parts[] = { key->server, key->client, key->device_id,
		key->user_id };
	struct text packed = { 0 };

	for (size_t i = 0; i < COUNT_OF(parts); i++)
		text_add_bytes(&packed, parts[i], strlen(parts[i]) + 1);
	struct kept *kept = xcalloc(1, sizeof *kept + packed.size);
	memcpy(kept->key, packed.data, packed.size);
	text_fini(&packed);
	kept->magic = KEPT_MAGIC;
	kept->keeper = keeper;
	record_device_id(kept->place.device, key->device_id);
	record_session_id(kept->place.session, key);
	timer_init(&kept->save, keeper->options.loop, on_save, kept);
	kept->next = *link;
	*link = kept;
	return kept;
}

static void
save_soon(struct kept *kept)
{
	int64_t wait_ms = kept->saved_ms + KEEPER_EVERY_MS - clock_now_ms();

	if (!timer_is_started(&kept->save))
		timer_start(&kept->save, wait_ms > 0 ? wait_ms : 0);
}

static void
on_changed(void *arg, const struct play *play, enum play_change change)
{
	struct keeper *keeper = arg;
	const struct keeper_options *options = &keeper->options;
	struct kept **link = find(keeper, &play->last.key);
	struct kept *kept = *link;

	if (change == PLAY_LEFT)
		return; /* by our own doing: keeper_leave */
	if (play->heard_ms == 0)
		return; /* the feed alone sees it, and will again */
	if (kept == NULL)
		kept = add_kept(link, keeper, &play->last.key);
	switch (change) {
	case PLAY_STARTED:
	case PLAY_PAUSE_BEGAN:
	case PLAY_PAUSE_ENDED:
		write_record(kept, play);
		break;
	case PLAY_PROGRESSED:
	case PLAY_OVERWRITTEN:
	case PLAY_CONFIRMED:
		save_soon(kept);
		break;
	case PLAY_RESTORED:
		kept->saved_ms = clock_now_ms(); /* it has just been read */
		break;
	case PLAY_ENDED:
		options->vault.forget(options->vault.arg, &kept->place);
		free_kept(link);
		break;
	case PLAY_LEFT:
		break;
	}
}

/* ---- the outside ---- */

bool
keeper_restore(struct keeper *keeper, const struct record *record)
{
	const struct keeper_options *options = &keeper->options;
	const struct play_report *last = &record->play.last;
	bool goes_on = record_goes_on(record, clock_now_ms());
	struct keeper_place place;

	if (goes_on && record->capabilities != NULL)
		now_playing_remember_capabilities(
			options->now_playing, &last->key, record->capabilities);
	if (goes_on && tracker_restore(options->tracker, &record->play)) {
		metric_add(&session_metric_restored, 1);
		return true;
	}
	log_info("play_not_restored", LOG_TEXT("user", last->user_name),
		LOG_TEXT("client", last->key.client), LOG_TEXT("item", last->item.name),
		LOG_TEXT("why", goes_on ? "overtaken" : "over"));
	if (*find(keeper, &last->key) != NULL)
		return false; /* the record is of what plays there now */
	record_device_id(place.device, last->key.device_id);
	record_session_id(place.session, &last->key);
	options->vault.forget(options->vault.arg, &place);
	return false;
}

void
keeper_save_all(struct keeper *keeper, int64_t spread_ms)
{
	for (size_t i = 0; i < BUCKETS; i++) {
		for (struct kept *kept = keeper->buckets[i]; kept != NULL;
			kept = kept->next) {
			if (spread_ms > 0)
				timer_start(&kept->save, crypto_random_below(spread_ms));
			else
				on_save(kept);
		}
	}
}

void
keeper_save_device(struct keeper *keeper, const char *device_id)
{
	struct kept *kept = first_of_device(keeper, device_id);

	for (; kept != NULL; kept = next_of_device(kept->next, device_id))
		on_save(kept);
}

bool
keeper_keeps(const struct keeper *keeper, const char *device_id)
{
	return first_of_device(keeper, device_id) != NULL;
}

void
keeper_leave(struct keeper *keeper, const char *device_id)
{
	struct kept *kept;

	while ((kept = first_of_device(keeper, device_id)) != NULL) {
		const struct play_session_key key = key_of(kept);
		free_kept(find(keeper, &key));
	}
	tracker_leave(keeper->options.tracker, device_id);
	now_playing_let_go(keeper->options.now_playing, device_id);
}

struct keeper *
keeper_new(const struct keeper_options *options)
{
	struct keeper *keeper = xcalloc(1, sizeof *keeper);

	keeper->options = *options;
	tracker_observe(options->tracker, (struct tracker_observer){ on_changed, keeper });
	return keeper;
}

void
keeper_free(struct keeper *keeper)
{
	if (keeper == NULL)
		return;
	for (size_t i = 0; i < BUCKETS; i++) {
		while (keeper->buckets[i] != NULL)
			free_kept(&keeper->buckets[i]);
	}
	xfree(keeper);
}
