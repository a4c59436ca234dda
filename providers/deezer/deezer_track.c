#include "providers/deezer/deezer_track.h"

#include "providers/deezer/deezer_full.h"
#include "providers/deezer/deezer_preview.h"

enum { TRACK_MAGIC = 0x4454524b };

struct deezer_track {
	unsigned magic;
	struct deezer_seat *seat;
	struct track_wish wish; /* its listener has been looked at */
	bool denied;            /* it is the account that has nothing to give */
	struct deezer_full *full;
	struct deezer_preview *preview; /* afterwards, or instead */
	/* One of the two. */
	void (*opened)(void *arg, enum err err, struct track_source *take_source);
	void (*described)(void *arg, enum err err, const struct track_formats *formats);
	void *arg;
};

static void
track_free(void *arg)
{
	struct deezer_track *track = arg;

	track->magic = 0;
	xfree(track);
}

static void
on_opened(void *arg, enum err err, struct track_source *take_source)
{
	struct deezer_track *track = CAST(arg, TRACK_MAGIC);

	if (err == ERR_INVALID && track->denied)
		err = ERR_DENIED;
	track->opened(track->arg, err, take_source);
	loop_later(track->seat->source.loop, track_free, track);
}

static void
on_described(void *arg, enum err err, const struct track_formats *formats)
{
	struct deezer_track *track = CAST(arg, TRACK_MAGIC);

	if (err == ERR_INVALID && track->denied)
		err = ERR_DENIED;
	track->described(track->arg, err, formats);
	loop_later(track->seat->source.loop, track_free, track);
}

static void
start_preview(struct deezer_track *track)
{
	if (track->opened != NULL)
		track->preview =
			deezer_preview_open(track->seat, &track->wish, on_opened, track);
	else
		track->preview = deezer_preview_formats(
			track->seat, &track->wish, on_described, track);
}

/* Of an answer that another try would not change. */
static bool
is_final(enum err err)
{
	return err == ERR_DENIED || err == ERR_NOT_FOUND || err == ERR_INVALID;
}

static void
on_full(void *arg, const struct deezer_full_answer *answer)
{
	struct deezer_track *track = CAST(arg, TRACK_MAGIC);
	bool preview = (track->wish.qualities & TRACK_BIT(TRACK_PREVIEW)) != 0;

	track->full = NULL;
	if (preview && is_final(answer->err) && !answer->secret_is_wrong)
		start_preview(track);
	else if (track->opened != NULL)
		on_opened(track, answer->err, answer->take_source);
	else
		on_described(track, answer->err, answer->formats);
}

static struct deezer_track *
track_new(struct deezer_seat *seat, const struct track_wish *wish, void *arg)
{
	struct deezer_track *track = xcalloc(1, sizeof *track);

	track->magic = TRACK_MAGIC;
	track->seat = seat;
	track->wish = *wish;
	track->wish.listener = (struct track_listener){ "", "" };
	track->arg = arg;
	return track;
}

static void
start(struct deezer_track *track, const struct track_listener *listener)
{
	struct deezer_account *account =
		deezer_accounts_find(track->seat->deezer->accounts, listener);
	bool wanted = (track->wish.qualities & TRACK_ALL_FULL) != 0;
	bool full = account != NULL && wanted && deezer_account_is_full(account);

	track->denied = account != NULL && wanted && !full;
	if (full)
		track->full = deezer_full_start(track->seat, account, &track->wish,
			track->opened != NULL, on_full, track);
	else
		start_preview(track);
}

struct deezer_track *
deezer_track_open(struct deezer_seat *seat, const struct track_wish *wish,
	void (*done)(void *arg, enum err err, struct track_source *take_source), void *arg)
{
	struct deezer_track *track = track_new(seat, wish, arg);

	track->opened = done;
	start(track, &wish->listener);
	return track;
}

struct deezer_track *
deezer_track_formats(struct deezer_seat *seat, const struct track_wish *wish,
	void (*done)(void *arg, enum err err, const struct track_formats *formats),
	void *arg)
{
	struct deezer_track *track = track_new(seat, wish, arg);

	track->described = done;
	start(track, &wish->listener);
	return track;
}

void
deezer_track_cancel(struct deezer_track *track)
{
	if (track->full != NULL)
		deezer_full_cancel(track->full);
	if (track->preview != NULL)
		deezer_preview_cancel(track->preview);
	loop_later(track->seat->source.loop, track_free, track);
}
