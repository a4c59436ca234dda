#include "providers/qobuz/qobuz_open.h"

#include <string.h>

#include "core/clock.h"
#include "core/log.h"
#include "providers/qobuz/qobuz_call.h"
#include "providers/qobuz/qobuz_files.h"
#include "providers/qobuz/qobuz_metrics.h"

enum {
	OPEN_MAGIC = 0x514f504e,
	TOTAL_MS = 15 * 1000,
	PATIENCE_MS = 8 * 1000, /* for a place in the rate window */
	SIZE_MS = 4 * 1000,     /* of which the size of the file may take */
	CONNECT_MS = 3 * 1000,
	HTTP_OK = 200,
};

struct qobuz_open {
	unsigned magic;
	struct qobuz_seat *seat;
	struct external_id id;
	track_quality_set wished;
	bool anew;
	const struct account_entry *account; /* who pays */
	int formats[QOBUZ_FORMATS];          /* to ask for */
	size_t format_count, at;
	int64_t end_ms;
	struct qobuz_question question;
	struct qobuz_call *call;
	struct http_call *head; /* asks for the size */
	struct timer timer;     /* tells what is known at once */
	enum err err;
	struct qobuz_file file;
	/* One of the two. */
	void (*opened)(void *arg, enum err err, struct track_source *take_source);
	void (*described)(void *arg, enum err err, const struct track_formats *formats);
	void *arg;
};

static void
open_free(void *arg)
{
	struct qobuz_open *opening = arg;

	opening->magic = 0;
	qobuz_file_fini(&opening->file);
	xfree(opening);
}

/* ---- telling ---- */

static struct track_source *
source_new(struct qobuz_open *opening)
{
	struct track_source *source = xcalloc(1, sizeof *source);

	source->urls[0] = opening->file.url;
	opening->file.url = NULL;
	source->url_count = 1;
	source->expires_wall_ms = opening->file.expires_wall_ms;
	source->format = opening->file.format;
	return source;
}

/* The best is known; what is less than it Qobuz makes of it. */
static void
list_formats(struct track_formats *formats, const struct qobuz_open *opening)
{
	static const enum track_quality made[] = { TRACK_FLAC_96, TRACK_FLAC,
		TRACK_MP3_320 };
	const struct track_format *best = &opening->file.format;

	formats->of[0] = *best;
	formats->count = 1;
	for (size_t i = 0; i < COUNT_OF(made) && !opening->file.is_sample; i++) {
		if (made[i] >= best->quality || (opening->wished & TRACK_BIT(made[i])) == 0)
			continue;
		struct track_format *format = &formats->of[formats->count++];
		*format = track_format_of(made[i]);
		format->duration_ms = best->duration_ms;
	}
}

static void
finish(struct qobuz_open *opening, enum err err)
{
	struct track_formats formats = { .count = 0 };
	bool good = err == ERR_NONE;

	timer_stop(&opening->timer);
	if (opening->opened != NULL) {
		metric_add(good ? &qobuz_metric_opens[opening->file.format.quality]
				: &qobuz_metric_opens_failed,
			1);
		opening->opened(opening->arg, err, good ? source_new(opening) : NULL);
	} else {
		if (good)
			list_formats(&formats, opening);
		opening->described(opening->arg, err, good ? &formats : NULL);
	}
	loop_later(opening->seat->loop, open_free, opening);
}

static void
refuse(struct qobuz_open *opening, enum err err, const char *why)
{
	log_warn_limited("qobuz_song_refused", LOG_TEXT("song", opening->id.key),
		LOG_TEXT("account", opening->account->label),
		LOG_TEXT("err", err_name(err)), LOG_TEXT("why", why));
	finish(opening, err);
}

/* ---- what is known, and the size ---- */

/* A preview is no answer to who wishes the song, and the other way round. */
static bool
is_preview(const struct qobuz_open *opening)
{
	return opening->wished == TRACK_BIT(TRACK_PREVIEW);
}

/* Under what was asked for, and under what would have brought the same. */
static void
remember(const struct qobuz_open *opening)
{
	const struct qobuz_file *file = &opening->file;
	int formats[QOBUZ_FORMATS];

	if (file->is_sample != is_preview(opening))
		return;
	size_t count = qobuz_file_formats(formats, TRACK_BIT(file->format.quality));
	if (count == 0 || formats[0] != opening->formats[opening->at])
		formats[count++] = opening->formats[opening->at];
	for (size_t i = 0; i < count; i++)
		qobuz_files_put(opening->seat->qobuz->files, opening->account->label,
			opening->id.key, formats[i], file);
}

static bool
find_file(struct qobuz_open *opening, int format)
{
	if (opening->anew ||
		!qobuz_files_get(opening->seat->qobuz->files, opening->account->label,
			opening->id.key, format, &opening->file))
		return false;
	if (opening->file.is_sample == is_preview(opening))
		return true;
	qobuz_file_fini(&opening->file);
	return false;
}

static void
on_size(void *arg, const struct http_answer *answer)
{
	struct qobuz_open *opening = CAST(arg, OPEN_MAGIC);
	const char *type = http_answer_header(answer, "Content-Type");

	opening->head = NULL;
	/* What cannot be learned here stays unknown. */
	if (answer->err == ERR_NONE && answer->status == HTTP_OK &&
		answer->content_length > 0 &&
		!slice_starts_with_ci(slice_of(type), "text/")) {
		opening->file.format.size = answer->content_length;
		remember(opening);
	}
	finish(opening, ERR_NONE);
}

static void
ask_size(struct qobuz_open *opening)
{
	static const char *const headers[] = { "Accept-Encoding: identity", NULL };
	const struct http_call_request request = { .method = "HEAD",
		.url = opening->file.url,
		.headers = headers,
		.timeout_ms = SIZE_MS,
		.connect_timeout_ms = CONNECT_MS };

	opening->head =
		http_client_start(opening->seat->client, &request, on_size, opening);
}

/* ---- what came ---- */

static void ask_next(struct qobuz_open *opening);

static void
next_format(struct qobuz_open *opening, enum err otherwise)
{
	qobuz_file_fini(&opening->file);
	opening->err = otherwise;
	opening->at++;
	ask_next(opening);
}

static void
lower_bar(struct qobuz_open *opening, enum qobuz_bar bar)
{
	qobuz_accounts_lower(
		opening->seat->qobuz->accounts, bar, opening->account, clock_now_ms());
}

static void
take_file(struct qobuz_open *opening)
{
	if (opening->opened != NULL || opening->file.format.size > 0)
		finish(opening, ERR_NONE);
	else
		ask_size(opening);
}

static void
judge(struct qobuz_open *opening)
{
	const struct qobuz_file *file = &opening->file;
	bool preview_wished = (opening->wished & TRACK_BIT(TRACK_PREVIEW)) != 0;

	if (file->nobody)
		lower_bar(opening, QOBUZ_BAR_TOKEN);
	else if (file->unpaid)
		lower_bar(opening, QOBUZ_BAR_PLAN);
	if (file->is_sample && !preview_wished)
		refuse(opening, ERR_DENIED, "only half a minute of it");
	else if (file->url == NULL && file->try_lower)
		next_format(opening, ERR_NOT_FOUND);
	else if (file->url == NULL)
		refuse(opening, file->unpaid || file->nobody ? ERR_DENIED : ERR_NOT_FOUND,
			file->reason);
	else if ((opening->wished & TRACK_BIT(file->format.quality)) == 0)
		next_format(opening, ERR_INVALID);
	else
		take_file(opening);
}

static void
on_reply(void *arg, const struct qobuz_reply *reply)
{
	struct qobuz_open *opening = CAST(arg, OPEN_MAGIC);
	enum err err = reply->err;
	char why[200] = "";

	opening->call = NULL;
	if (reply->trouble == QOBUZ_GONE)
		lower_bar(opening, QOBUZ_BAR_GONE);
	if (err == ERR_NONE)
		err = qobuz_file_read(
			&opening->file, reply->root, clock_wall_ms(), why, sizeof why);
	if (err != ERR_NONE) {
		/* Asked for what cannot be. */
		refuse(opening, err == ERR_INVALID ? ERR_NOT_FOUND : err, why);
		return;
	}
	if (opening->file.url != NULL) {
		remember(opening);
		if (!opening->file.is_sample)
			qobuz_accounts_raise(
				opening->seat->qobuz->accounts, opening->account);
	}
	judge(opening);
}

/* ---- asking ---- */

static void
on_timer(void *arg)
{
	struct qobuz_open *opening = CAST(arg, OPEN_MAGIC);

	if (opening->err != ERR_NONE)
		finish(opening, opening->err);
	else
		judge(opening);
}

/* Of the formats left, or what was wrong with those before. */
static void
ask_next(struct qobuz_open *opening)
{
	int64_t left_ms = opening->end_ms - clock_now_ms();

	if (opening->at == opening->format_count) {
		timer_start(&opening->timer, 0);
		return;
	}
	opening->err = ERR_NONE;
	int format = opening->formats[opening->at];
	if (find_file(opening, format)) {
		timer_start(&opening->timer, 0);
		return;
	}
	qobuz_api_file(&opening->question, &opening->id, format);
	const struct qobuz_call_options options = { .question = &opening->question,
		.account = opening->account,
		.sign = true,
		.patience_ms = PATIENCE_MS,
		.deadline_ms = left_ms > 0 ? left_ms : 0 };
	opening->call = qobuz_call_start(opening->seat, &options, on_reply, opening);
}

/* What can be said without asking. */
static enum err
check(struct qobuz_open *opening)
{
	struct qobuz_accounts *accounts = opening->seat->qobuz->accounts;
	char hex[EXTERNAL_ID_HEX];

	if (opening->id.provider != PROVIDER_QOBUZ || opening->id.kind != MEDIA_SONG ||
		!external_id_format(hex, &opening->id))
		return ERR_NOT_FOUND;
	enum qobuz_bar bar = qobuz_accounts_bar(accounts, opening->account, clock_now_ms());
	track_quality_set come = qobuz_accounts_qualities(accounts, bar);
	if (come == 0)
		return ERR_DENIED;
	/* Of some songs there is half a minute only, whoever pays. */
	opening->wished &= come | TRACK_BIT(TRACK_PREVIEW);
	opening->format_count = qobuz_file_formats(opening->formats, opening->wished);
	if (opening->format_count == 0)
		return bar == QOBUZ_OPEN ? ERR_INVALID : ERR_DENIED;
	return ERR_NONE;
}

static struct qobuz_open *
open_new(struct qobuz_seat *seat, const struct track_wish *wish, void *arg)
{
	struct qobuz_open *opening = xcalloc(1, sizeof *opening);

	opening->magic = OPEN_MAGIC;
	opening->seat = seat;
	opening->id = wish->id;
	opening->wished = wish->qualities;
	opening->anew = wish->anew;
	opening->account = qobuz_accounts_find(seat->qobuz->accounts, &wish->listener);
	opening->end_ms = clock_now_ms() + TOTAL_MS;
	opening->arg = arg;
	timer_init(&opening->timer, seat->loop, on_timer, opening);
	opening->err = check(opening);
	if (opening->err != ERR_NONE)
		timer_start(&opening->timer, 0);
	else
		ask_next(opening);
	return opening;
}

struct qobuz_open *
qobuz_open_start(struct qobuz_seat *seat, const struct track_wish *wish,
	void (*done)(void *arg, enum err err, struct track_source *take_source), void *arg)
{
	struct qobuz_open *opening = open_new(seat, wish, arg);

	opening->opened = done;
	return opening;
}

struct qobuz_open *
qobuz_open_formats(struct qobuz_seat *seat, const struct track_wish *wish,
	void (*done)(void *arg, enum err err, const struct track_formats *formats),
	void *arg)
{
	struct qobuz_open *opening = open_new(seat, wish, arg);

	opening->described = done;
	return opening;
}

void
qobuz_open_cancel(struct qobuz_open *opening)
{
	timer_stop(&opening->timer);
	if (opening->call != NULL)
		qobuz_call_cancel(opening->call);
	if (opening->head != NULL)
		http_call_cancel(opening->head);
	loop_later(opening->seat->loop, open_free, opening);
}
