#include "tracker/play.h"

#include <string.h>

#include "core/clock.h"
#include "core/json.h"

enum {
	REGULAR_AFTER = 2,      /* quiet progress reports */
	SEEK_FROM_MS = 5 * 1000 /* a position further off than this was a seek */
};

void
play_report_fini(struct play_report *report)
{
	xfree(report->item.item_json);
	xfree(report->queue_json);
	report->item.item_json = NULL;
	report->queue_json = NULL;
}

void
play_report_copy(struct play_report *to, const struct play_report *report)
{
	*to = *report;
	to->item.item_json = xstrdup_or_null(report->item.item_json);
	to->queue_json = xstrdup_or_null(report->queue_json);
}

void
play_report_identity(struct identity *identity, const struct play_report *report)
{
	*identity = (struct identity){ 0 };
	copy_text(identity->token, sizeof identity->token, report->token);
	copy_text(identity->client, sizeof identity->client, report->key.client);
	copy_text(identity->device, sizeof identity->device, report->device);
	copy_text(identity->device_id, sizeof identity->device_id, report->key.device_id);
	copy_text(identity->version, sizeof identity->version, report->version);
	copy_text(identity->address, sizeof identity->address, report->address);
}

const char *
play_state_name(enum play_state state)
{
	switch (state) {
	case PLAY_PLAYING:
		return "playing";
	case PLAY_PAUSED:
		return "paused";
	case PLAY_STOPPED:
		return "stopped";
	}
	return "";
}

/* ---- moving ---- */

void
play_begin(struct play *play, uint64_t id, const struct play_report *report)
{
	*play = (struct play){ .id = id,
		.state = report->paused_said && report->paused ? PLAY_PAUSED : PLAY_PLAYING,
		.started_ms = report->received_ms,
		.started_wall_ms = report->received_wall_ms,
		.heard_ms = report->source == REPORT_FEED ? 0 : report->received_ms,
		.fed_ms = report->source == REPORT_FEED ? report->received_ms : 0,
		.updated_ms = report->received_ms,
		.position_ms = report->position_ms > 0 ? report->position_ms : 0,
		.first_position_ms = report->position_ms > 0 ? report->position_ms : 0,
		.position_said = report->position_ms >= 0,
		.paused_since_ms = -1,
		.report_count = 1 };
	play_report_copy(&play->last, report);
	if (play->state == PLAY_PAUSED)
		play->paused_since_ms = report->paused_at_ms > 0 ? report->paused_at_ms
								 : report->received_ms;
}

/* Later reports may say less than earlier ones: what is not said stays. */
static void
merge_owned(char **to, const char *from)
{
	if (from == NULL)
		return;
	xfree(*to);
	*to = xstrdup(from);
}

/* Who plays what, where and how. */
static void
merge_facts(struct play_report *to, const struct play_report *from)
{
	renew_text(to->key.client, sizeof to->key.client, from->key.client);
	renew_text(to->user_name, sizeof to->user_name, from->user_name);
	renew_text(to->device, sizeof to->device, from->device);
	renew_text(to->version, sizeof to->version, from->version);
	renew_text(to->address, sizeof to->address, from->address);
	renew_text(to->session_id, sizeof to->session_id, from->session_id);
	/* Jellyfin knows better than clients how it serves them. */
	if (from->stream.known || !to->stream.known)
		renew_text(to->play_method, sizeof to->play_method, from->play_method);
	if (from->stream.known)
		to->stream = from->stream;
	play_item_renew(&to->item, &from->item);
}

static void
merge_report(struct play_report *to, const struct play_report *from)
{
	to->kind = from->kind;
	to->source = from->source;
	to->received_ms = from->received_ms;
	to->received_wall_ms = from->received_wall_ms;
	merge_facts(to, from);
	renew_text(to->token, sizeof to->token, from->token);
	renew_text(to->play_session_id, sizeof to->play_session_id, from->play_session_id);
	if (from->position_ms >= 0)
		to->position_ms = from->position_ms;
	if (from->paused_said)
		to->paused = from->paused;
	if (from->muted_said)
		to->muted = from->muted;
	if (from->volume >= 0)
		to->volume = from->volume;
	renew_text(to->repeat_mode, sizeof to->repeat_mode, from->repeat_mode);
	renew_text(to->playback_order, sizeof to->playback_order, from->playback_order);
	renew_text(
		to->playlist_item_id, sizeof to->playlist_item_id, from->playlist_item_id);
	copy_text(to->event_name, sizeof to->event_name, from->event_name);
	merge_owned(&to->queue_json, from->queue_json);
}

/* A progress report that its client sent because time passed, not because something
 * happened. Only such reports show that silence means something. */
static bool
is_quiet_progress(const struct play *play, const struct play_report *report)
{
	int64_t expected_ms = play_position_now_ms(play, report->received_ms);
	int64_t off_ms = report->position_ms - expected_ms;
	bool by_time = report->event_name[0] == '\0' ||
		       text_equal_ci(report->event_name, "TimeUpdate");

	if (report->kind != REPORT_PROGRESS || !by_time)
		return false;
	if (report->paused_said && report->paused != (play->state == PLAY_PAUSED))
		return false;
	if (report->volume >= 0 && report->volume != play->last.volume)
		return false;
	if (report->muted_said && report->muted != play->last.muted)
		return false;
	return report->position_ms < 0 || (off_ms < SEEK_FROM_MS && off_ms > -SEEK_FROM_MS);
}

static enum play_change
set_paused(struct play *play, bool paused, int64_t at_ms)
{
	if (paused == (play->state == PLAY_PAUSED))
		return PLAY_PROGRESSED;
	if (paused) {
		play->state = PLAY_PAUSED;
		play->paused_since_ms = at_ms;
		return PLAY_PAUSE_BEGAN;
	}
	play->state = PLAY_PLAYING;
	if (at_ms > play->paused_since_ms)
		play->paused_total_ms += at_ms - play->paused_since_ms;
	play->paused_since_ms = -1;
	return PLAY_PAUSE_ENDED;
}

/* A pause may be told of after it began, but none began before the play. */
static int64_t
pause_change_ms(const struct play *play, const struct play_report *report)
{
	int64_t at_ms = report->paused ? report->paused_at_ms : 0;

	return at_ms >= play->started_ms && at_ms > 0 && at_ms < report->received_ms
		       ? at_ms
		       : report->received_ms;
}

/* The position at the time of the report, moved on to the last sign of life, which may be
 * newer. */
static void
set_position(struct play *play, const struct play_report *report)
{
	int64_t updated_ms = play->updated_ms;

	if (!play->position_said)
		play->first_position_ms = report->position_ms;
	play->position_said = true;
	play->position_ms = report->position_ms;
	play->updated_ms = report->received_ms;
	play_touch(play, updated_ms);
}

enum play_change
play_apply(struct play *play, const struct play_report *report)
{
	enum play_change change = PLAY_PROGRESSED;

	play->report_count++;
	if (report->source != REPORT_FEED)
		play->heard_ms = report->received_ms;
	if (is_quiet_progress(play, report))
		play->quiet_progress_count++;
	if (play->quiet_progress_count >= REGULAR_AFTER)
		play->regular = true;
	play_touch(play, report->received_ms);
	if (report->paused_said)
		change = set_paused(play, report->paused, pause_change_ms(play, report));
	if (report->position_ms >= 0)
		set_position(play, report);
	merge_report(&play->last, report);
	return change;
}

void
play_describe(struct play *play, const struct play_report *report)
{
	merge_facts(&play->last, report);
}

bool
play_is_due(const struct play *play, int64_t now_ms)
{
	return now_ms - play->started_ms > PLAY_PENDING_MS;
}

void
play_touch(struct play *play, int64_t now_ms)
{
	if (now_ms <= play->updated_ms)
		return;
	play->position_ms = play_position_now_ms(play, now_ms);
	play->updated_ms = now_ms;
}

void
play_end(struct play *play, int64_t now_ms, int64_t position_ms)
{
	play_touch(play, now_ms);
	if (position_ms >= 0)
		play->position_ms = position_ms;
	if (play->state == PLAY_PAUSED)
		set_paused(play, false, now_ms);
	play->state = PLAY_STOPPED;
}

void
play_fini(struct play *play)
{
	play_report_fini(&play->last);
}

void
play_copy(struct play *to, const struct play *play)
{
	*to = *play;
	play_report_copy(&to->last, &play->last);
}

/* ---- asking ---- */

int64_t
play_position_now_ms(const struct play *play, int64_t now_ms)
{
	int64_t position_ms = play->position_ms;

	if (play->state != PLAY_PLAYING || now_ms <= play->updated_ms)
		return position_ms;
	position_ms += now_ms - play->updated_ms;
	if (play->last.item.runtime_ms > 0 && position_ms > play->last.item.runtime_ms)
		position_ms = play->last.item.runtime_ms > play->position_ms
				      ? play->last.item.runtime_ms
				      : play->position_ms;
	return position_ms;
}

int64_t
play_paused_ms(const struct play *play, int64_t now_ms)
{
	int64_t running_ms =
		play->paused_since_ms >= 0 ? now_ms - play->paused_since_ms : 0;

	return play->paused_total_ms + (running_ms > 0 ? running_ms : 0);
}

/* By what came through us. */
static int64_t
heard_silence_due_ms(const struct play *play, bool alive)
{
	int64_t left_ms = play->last.item.runtime_ms - play->position_ms;
	int64_t most_ms = play->updated_ms + PLAY_PAUSED_MOST_MS;

	if (play->state == PLAY_PAUSED) {
		int64_t silent_ms = play->updated_ms + PLAY_PAUSED_SILENCE_MS;
		most_ms = play->paused_since_ms + PLAY_PAUSED_MOST_MS;
		return alive || most_ms < silent_ms ? most_ms : silent_ms;
	}
	if (play->regular)
		return play->updated_ms + PLAY_REGULAR_SILENCE_MS;
	if (alive || play->last.item.runtime_ms <= 0)
		return most_ms;
	return play->updated_ms + (left_ms > 0 ? left_ms : 0) + PLAY_RUNTIME_GRACE_MS;
}

int64_t
play_silence_due_ms(const struct play *play, bool alive)
{
	int64_t fed_due_ms = play->fed_ms + PLAY_FEED_SILENCE_MS;
	int64_t heard_due_ms;

	if (play->fed_ms > 0 && play->heard_ms == 0)
		return fed_due_ms;
	heard_due_ms = heard_silence_due_ms(play, alive);
	return play->fed_ms > 0 && fed_due_ms > heard_due_ms ? fed_due_ms : heard_due_ms;
}

int64_t
play_silent_since_ms(const struct play *play, int64_t now_ms)
{
	int64_t left_ms = play->last.item.runtime_ms - play->position_ms;
	int64_t since_ms = play->updated_ms;

	/* Nothing more was expected of a client that reports start and stop only. */
	if (play->state == PLAY_PLAYING && !play->regular && play->heard_ms > 0 &&
		left_ms > 0)
		since_ms += left_ms;
	return since_ms < now_ms ? since_ms : now_ms;
}

/* ---- showing ---- */

static json_t *
item_json_new(const struct play_item *item)
{
	json_t *json = json_object();

	json_put_text(json, "id", item->id);
	json_put_bool(json, "external", item->external);
	json_put_text(json, "type", item->type);
	json_put_text(json, "name", item->name);
	json_put_text(json, "album", item->album);
	json_put_text(json, "artist", item->artist);
	if (item->series_id[0] != '\0') {
		json_put_text(json, "seriesId", item->series_id);
		json_put_int(json, "season", item->season);
		json_put_int(json, "episode", item->episode);
	}
	json_put_int(json, "runtimeMs", item->runtime_ms);
	return json;
}

json_t *
play_json_new(const struct play *play, int64_t now_ms)
{
	const struct play_report *last = &play->last;
	json_t *json = json_object();
	json_t *user = json_object();
	json_t *seen_by = json_array();
	char iso[CLOCK_ISO_SIZE];

	json_put_int(json, "id", (int64_t)play->id);
	json_put_text(json, "state", play_state_name(play->state));
	json_put_text(user, "id", last->key.user_id);
	json_put_text(user, "name", last->user_name);
	json_put_new(json, "user", user);
	json_put_new(json, "item", item_json_new(&last->item));
	json_put_text(json, "server", last->key.server);
	json_put_text(json, "client", last->key.client);
	json_put_text(json, "device", last->device);
	json_put_text(json, "deviceId", last->key.device_id);
	json_put_text(json, "version", last->version);
	json_put_text(json, "address", last->address);
	json_put_text(json, "sessionId", last->session_id);
	json_put_text(json, "playMethod", last->play_method);
	if (last->stream.known)
		json_put_new(json, "stream", play_stream_json_new(&last->stream));
	json_put_int(json, "positionMs", play_position_now_ms(play, now_ms));
	json_put_int(json, "pausedMs", play_paused_ms(play, now_ms));
	clock_format_iso(iso, play->started_wall_ms);
	json_put_text(json, "startedAt", iso);
	json_put_int(json, "reports", play->report_count);
	if (play->heard_ms > 0)
		json_array_append_new(seen_by, json_string("proxy"));
	if (play->fed_ms > 0)
		json_array_append_new(seen_by, json_string("feed"));
	json_put_new(json, "seenBy", seen_by);
	return json;
}
