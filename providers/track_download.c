#include "providers/track_download.h"

#include "core/log.h"
#include "providers/track_metrics.h"

enum { DOWNLOAD_MAGIC = 0x54524b44 };

/* Waits for its slot, then fetches. */
struct track_download {
	unsigned magic;
	struct track_download_options options;
	struct track_kept_wish kept;
	struct track_copy *copy;
	struct track_slot *slot; /* NULL: needs none */
	struct track_fetch *fetch;
	struct timer patience; /* while nobody listens */
	bool full;             /* there is no room in the copy */
	bool resting;          /* nobody listens, and it is not nearly through */
};

static void
download_free(void *arg)
{
	struct track_download *download = arg;

	download->magic = 0;
	xfree(download);
}

static void
stop(struct track_download *download, enum err err)
{
	timer_stop(&download->patience);
	if (download->fetch != NULL)
		track_fetch_cancel(download->fetch);
	download->fetch = NULL;
	track_slot_free(download->slot);
	download->slot = NULL;
	track_copy_unset_source(download->copy);
	/* First out of the cache, so that nobody new comes to a copy that has failed. */
	if (err != ERR_NONE)
		track_cache_forget(download->options.cache, download->copy);
	track_copy_end(download->copy, err);
	if (err == ERR_NONE)
		track_cache_settle(download->options.cache, download->copy);
	/* At once: a loop's last laters may run when the cache is no more. */
	track_copy_unref(download->copy);
	download->copy = NULL;
	metric_add(&track_metric_downloads_active, -1);
	loop_later(download->options.place.loop, download_free, download);
}

void
track_download_cancel(struct track_download *download)
{
	stop(download, ERR_IO);
}

static void
finish(struct track_download *download, enum err err)
{
	stop(download, err);
	download->options.ended(download->options.arg, download);
}

/* ---- the bytes ---- */

static void
pause_or_resume(struct track_download *download)
{
	if (download->fetch == NULL)
		return;
	if (download->full || download->resting)
		track_fetch_pause(download->fetch);
	else
		track_fetch_resume(download->fetch);
}

static void
on_head(void *arg, int64_t total, const struct track_format *format)
{
	struct track_download *download = CAST(arg, DOWNLOAD_MAGIC);

	(void)total;
	track_copy_begin(download->copy, format);
}

static void
on_data(void *arg, const void *data, size_t size)
{
	struct track_download *download = CAST(arg, DOWNLOAD_MAGIC);

	track_copy_add(download->copy, data, size);
	if (!download->full && track_copy_is_full(download->copy)) {
		download->full = true;
		pause_or_resume(download);
	}
}

static void
on_fetched(void *arg, enum err err)
{
	struct track_download *download = CAST(arg, DOWNLOAD_MAGIC);

	download->fetch = NULL;
	metric_add(err == ERR_NONE ? &track_metric_downloaded : &track_metric_failed, 1);
	if (err != ERR_NONE)
		log_warn_limited("track_failed",
			LOG_TEXT(
				"provider", provider_name(download->kept.wish.id.provider)),
			LOG_TEXT("song", download->kept.wish.id.key),
			LOG_TEXT("err", err_name(err)));
	finish(download, err);
}

static void
start_fetch(struct track_download *download)
{
	static const struct track_fetch_callbacks callbacks = { on_head, on_data,
		on_fetched };
	static const struct track_fetch_part whole = { .last = -1 };

	download->fetch = track_fetch_start(&download->options.place, &download->kept.wish,
		&whole, &callbacks, download);
}

/* ---- who listens ---- */

static bool
is_nearly_through(struct track_download *download)
{
	struct track_format format;
	int64_t left = track_copy_left(download->copy);

	return track_copy_head(download->copy, &format) &&
	       (left <= TRACK_NEARLY_BYTES || left <= format.size / 4);
}

/* Who comes at this very moment takes another copy, as of a file that is damaged. */
static void
give_up(struct track_download *download)
{
	metric_add(&track_metric_given_up, 1);
	finish(download, ERR_IO);
}

static void
look_around(struct track_download *download)
{
	bool alone = track_copy_reader_count(download->copy) == 0;
	bool nearly = alone && is_nearly_through(download);

	if (alone && download->slot != NULL && track_slot_is_wanted(download->slot)) {
		give_up(download);
		return;
	}
	download->resting = alone && !nearly;
	if (!alone)
		timer_stop(&download->patience);
	else if (!timer_is_started(&download->patience))
		timer_start(
			&download->patience, nearly ? TRACK_FINISH_MS : TRACK_LINGER_MS);
	pause_or_resume(download);
}

static void
on_patience(void *arg)
{
	struct track_download *download = CAST(arg, DOWNLOAD_MAGIC);

	if (track_copy_reader_count(download->copy) == 0)
		give_up(download);
}

/* There is room, somebody has come or the last one left, or the file is damaged. */
static void
on_wake(void *arg)
{
	struct track_download *download = CAST(arg, DOWNLOAD_MAGIC);
	enum err err = track_copy_failure(download->copy);

	if (err != ERR_NONE) {
		finish(download, err);
		return;
	}
	download->full = track_copy_is_full(download->copy);
	look_around(download);
}

/* ---- the slot ---- */

static void
on_slot(void *arg, enum err err)
{
	struct track_download *download = CAST(arg, DOWNLOAD_MAGIC);

	if (err != ERR_NONE)
		finish(download, err);
	else
		start_fetch(download);
}

static void
on_wanted(void *arg)
{
	look_around(CAST(arg, DOWNLOAD_MAGIC));
}

struct track_download *
track_download_start(const struct track_download_options *options,
	const struct track_wish *wish, struct track_copy *copy)
{
	struct track_download *download = xcalloc(1, sizeof *download);
	struct loop *loop = options->place.loop;

	download->magic = DOWNLOAD_MAGIC;
	download->options = *options;
	track_keep_wish(&download->kept, wish);
	download->copy = track_copy_ref(copy);
	timer_init(&download->patience, loop, on_patience, download);
	metric_add(&track_metric_downloads_active, 1);
	track_copy_set_source(copy, loop, on_wake, download);
	if (options->downloads > 0) {
		const struct track_slot_asked asked = { .account = options->account,
			.most = options->downloads,
			.wait_ms = TRACK_SLOT_WAIT_MS,
			.done = on_slot,
			.wanted = on_wanted,
			.arg = download };
		download->slot = track_slot_ask(options->slots, loop, &asked);
	} else {
		start_fetch(download);
	}
	return download;
}
