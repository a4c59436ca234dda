#include "providers/deezer/deezer_full.h"

#include <stdio.h>
#include <string.h>

#include "core/clock.h"
#include "core/json.h"
#include "core/log.h"
#include "providers/deezer/deezer_ask.h"
#include "providers/deezer/deezer_call.h"
#include "providers/deezer/deezer_metrics.h"
#include "providers/deezer/deezer_probe.h"

enum { FULL_MAGIC = 0x4446554c, TOTAL_MS = 18 * 1000 };

struct deezer_full {
	unsigned magic;
	struct deezer_seat *seat;
	struct deezer_account *account;
	char key[EXTERNAL_ID_KEY];
	track_quality_set wished; /* and not yet tried in vain */
	bool open;
	int64_t end_ms;
	struct deezer_gw_song song;
	bool has_song;
	bool by_fallback, renewed;
	struct deezer_session *session; /* a reference, once there is one */
	struct deezer_ask *ask;
	struct deezer_call *call;
	struct track_source *source; /* while it is tried */
	struct deezer_probe *probe;
	void (*done)(void *arg, const struct deezer_full_answer *answer);
	void *arg;
};

static void
full_free(void *arg)
{
	struct deezer_full *full = arg;

	full->magic = 0;
	track_source_free(full->source);
	deezer_gw_song_fini(&full->song);
	deezer_session_unref(full->session);
	xfree(full);
}

static void
finish(struct deezer_full *full, const struct deezer_full_answer *answer)
{
	full->done(full->arg, answer);
	loop_later(full->seat->source.loop, full_free, full);
}

static void
fail(struct deezer_full *full, enum err err, const char *why)
{
	struct deezer_full_answer answer = { .err = err };

	answer.secret_is_wrong = full->source != NULL && err == ERR_DENIED;
	metric_add(&deezer_metric_opens_failed, full->open ? 1 : 0);
	log_warn_limited("deezer_full_failed", LOG_TEXT("song", full->key),
		LOG_TEXT("account", deezer_account_label(full->account)),
		LOG_TEXT("err", err_name(err)), LOG_TEXT("why", why));
	finish(full, &answer);
}

/* ---- what can be had ---- */

static const struct deezer_gw_file *
file_of(const struct deezer_full *full)
{
	return full->by_fallback ? &full->song.fallback : &full->song.own;
}

/* What the file has and the plan allows. */
static track_quality_set
offered(const struct deezer_full *full)
{
	return deezer_gw_qualities(file_of(full)) & deezer_session_qualities(full->session);
}

static void
tell_formats(struct deezer_full *full)
{
	struct track_formats formats = { .count = 0 };
	/* Without any rights it is refused for sure, whatever files there are of it. */
	bool refused = !full->song.has_rights && !full->by_fallback;
	track_quality_set set = refused ? 0 : offered(full);

	for (int quality = TRACK_FLAC; quality >= TRACK_MP3_128; quality--) {
		if ((set & TRACK_BIT(quality)) != 0)
			formats.of[formats.count++] = deezer_gw_format(
				file_of(full), (enum track_quality)quality);
	}
	if (formats.count > 0)
		finish(full, &(struct deezer_full_answer){ .formats = &formats });
	else
		fail(full, ERR_NOT_FOUND,
			refused ? "nobody has rights to the song here"
				: "the song has no file for this plan");
}

/* ---- the source ---- */

static struct track_source *
source_new(const struct deezer_full *full, struct deezer_gw_media *media)
{
	struct track_source *source = xcalloc(1, sizeof *source);

	memcpy(source->urls, media->urls, sizeof source->urls);
	source->url_count = media->url_count;
	media->url_count = 0;
	source->expires_wall_ms = media->expires_wall_ms;
	source->format = deezer_gw_format(file_of(full), media->quality);
	if (media->ciphered)
		source->filter = deezer_stripe_new(
			file_of(full)->song_id, deezer_account_secret(full->account));
	return source;
}

static void ask_media(struct deezer_full *full);
static void ask_song(struct deezer_full *full, bool anew);

static void
give(struct deezer_full *full)
{
	struct track_source *source = full->source;

	full->source = NULL;
	metric_add(&deezer_metric_opens[source->format.quality], 1);
	log_debug("deezer_full_opened", LOG_TEXT("song", full->key),
		LOG_TEXT("account", deezer_account_label(full->account)),
		LOG_TEXT("quality", track_quality_name(source->format.quality)));
	finish(full, &(struct deezer_full_answer){ .take_source = source });
}

static void
on_probed(void *arg, enum err err)
{
	struct deezer_full *full = CAST(arg, FULL_MAGIC);

	full->probe = NULL;
	if (err == ERR_NONE)
		give(full);
	else
		fail(full, err,
			err == ERR_DENIED ? "the secret makes no music of it"
					  : "its beginning could not be read");
}

static void
take_media(struct deezer_full *full, struct deezer_gw_media *media)
{
	struct deezer_secret *secret = deezer_account_secret(full->account);

	if ((full->wished & TRACK_BIT(media->quality)) == 0) {
		fail(full, ERR_PROTOCOL, "the media service gives what was not asked for");
		return;
	}
	full->source = source_new(full, media);
	if (full->source->filter == NULL ||
		deezer_secret_state(secret) == DEEZER_SECRET_RIGHT)
		give(full);
	else
		full->probe = deezer_probe_start(
			full->seat, full->source, full->end_ms, on_probed, full);
}

/* Without the best of what was wished. */
static void
try_lower(struct deezer_full *full, enum err err, const char *why)
{
	track_quality_set set = full->wished & offered(full);
	int best = TRACK_FLAC;

	while (best > TRACK_MP3_128 && (set & TRACK_BIT(best)) == 0)
		best--;
	full->wished &= (track_quality_set)~TRACK_BIT(best);
	if ((full->wished & offered(full)) != 0)
		ask_media(full);
	else
		fail(full, err, why);
}

static void
try_fallback(struct deezer_full *full, const char *why)
{
	if (full->by_fallback || !full->song.has_fallback) {
		fail(full, ERR_DENIED, why);
		return;
	}
	full->by_fallback = true;
	ask_media(full);
}

static void
try_renewed(struct deezer_full *full, const char *why)
{
	if (full->renewed) {
		fail(full, ERR_DENIED, why);
		return;
	}
	full->renewed = true;
	ask_song(full, true);
}

static void
on_media(void *arg, const struct deezer_call_answer *answer)
{
	struct deezer_full *full = CAST(arg, FULL_MAGIC);
	struct deezer_gw_media media;
	char why[200] = "";

	full->call = NULL;
	if (answer->err != ERR_NONE) {
		fail(full, answer->err, answer->why);
		return;
	}
	switch (deezer_gw_read_media(
		&media, answer->root, answer->status, why, sizeof why)) {
	case DEEZER_MEDIA_GIVEN:
		take_media(full, &media);
		break;
	case DEEZER_MEDIA_NONE:
		try_lower(full, ERR_NOT_FOUND, why);
		break;
	case DEEZER_MEDIA_PLAN:
		/* Not what the session says of the plan: that was then. */
		if (!full->renewed && deezer_session_is_old(full->session))
			try_renewed(full, why);
		else
			try_lower(full, ERR_DENIED, why);
		break;
	case DEEZER_MEDIA_RIGHTS:
		try_fallback(full, why);
		break;
	case DEEZER_MEDIA_REFUSED:
		try_renewed(full, why);
		break;
	case DEEZER_MEDIA_DOWN:
		fail(full, ERR_UNREACHABLE, why);
		break;
	case DEEZER_MEDIA_BROKEN:
	case DEEZER_MEDIA_VERDICTS:
		fail(full, ERR_PROTOCOL, why);
		break;
	}
	deezer_gw_media_fini(&media);
}

/* Nothing of what is wished can be had: why? */
static void
fail_for_lack(struct deezer_full *full)
{
	if ((full->wished & deezer_gw_qualities(file_of(full))) != 0)
		fail(full, ERR_DENIED, "the plan has none of the wished qualities");
	else if (offered(full) != 0)
		fail(full, ERR_INVALID, "the song has none of the wished qualities");
	else
		fail(full, ERR_NOT_FOUND, "the song has no file for this plan");
}

static void
ask_media(struct deezer_full *full)
{
	const struct deezer_gw_file *file = file_of(full);
	track_quality_set set = full->wished & offered(full);
	struct text url, body;

	if (set == 0) {
		fail_for_lack(full);
		return;
	}
	text_init(&url);
	text_init(&body);
	deezer_gw_media_url(&url, full->seat->deezer->media_url);
	deezer_gw_media_body(&body, deezer_session_user(full->session)->license_token,
		file->token, set, file->misc);
	const struct deezer_call_request request = {
		.url = text_get(&url), .body = text_get(&body), .end_ms = full->end_ms
	};
	full->call = deezer_call_start(full->seat, &request, on_media, full);
	text_fini(&url);
	deezer_wipe_text(&body);
}

/* ---- the song ---- */

static void
on_song(void *arg, const struct deezer_ask_answer *answer)
{
	struct deezer_full *full = CAST(arg, FULL_MAGIC);

	full->ask = NULL;
	if (answer->err != ERR_NONE) {
		fail(full, answer->err, answer->why);
		return;
	}
	deezer_session_unref(full->session);
	full->session = deezer_session_ref(answer->session);
	if (!full->has_song) {
		full->has_song = deezer_gw_read_song(&full->song, answer->results);
		if (!full->has_song) {
			fail(full, ERR_NOT_FOUND, "the gateway has no such song");
			return;
		}
		deezer_account_put_song(full->account, full->key, &full->song);
	}
	/* A song without any rights is refused for sure. */
	full->by_fallback = full->song.has_fallback && !full->song.has_rights;
	if (full->open)
		ask_media(full);
	else
		tell_formats(full);
}

/* `anew`: whatever is known, the session too, has been no good. */
static void
ask_song(struct deezer_full *full, bool anew)
{
	struct text body;

	deezer_gw_song_fini(&full->song);
	full->has_song =
		!anew && deezer_account_get_song(full->account, full->key, &full->song);
	text_init(&body);
	deezer_gw_song_body(&body, full->key);
	const struct deezer_question question = { .account = full->account,
		.method = full->has_song ? NULL : "song.getListData",
		.body = text_get(&body),
		.stale = full->session,
		.end_ms = full->end_ms };
	full->ask = deezer_ask_start(full->seat, &question, on_song, full);
	text_fini(&body);
}

struct deezer_full *
deezer_full_start(struct deezer_seat *seat, struct deezer_account *account,
	const struct track_wish *wish, bool open,
	void (*done)(void *arg, const struct deezer_full_answer *answer), void *arg)
{
	struct deezer_full *full = xcalloc(1, sizeof *full);

	full->magic = FULL_MAGIC;
	full->seat = seat;
	full->account = account;
	memcpy(full->key, wish->id.key, sizeof full->key);
	full->wished = wish->qualities & (track_quality_set)~TRACK_BIT(TRACK_PREVIEW);
	full->open = open;
	full->end_ms = clock_now_ms() + TOTAL_MS;
	full->done = done;
	full->arg = arg;
	ask_song(full, wish->anew);
	return full;
}

void
deezer_full_cancel(struct deezer_full *full)
{
	if (full->ask != NULL)
		deezer_ask_cancel(full->ask);
	if (full->call != NULL)
		deezer_call_cancel(full->call);
	if (full->probe != NULL)
		deezer_probe_cancel(full->probe);
	loop_later(full->seat->source.loop, full_free, full);
}
