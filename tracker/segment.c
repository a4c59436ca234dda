#include "tracker/segment.h"

#include <string.h>

#include "core/json.h"
#include "tracker/play_verdict.h"
#include "tracker/viewing.h"

static const struct {
	const char *type;
	enum segment_kind kind;
} kinds[] = {
	{ "Movie", SEGMENT_MOVIE },
	{ "Episode", SEGMENT_EPISODE },
	{ "Audio", SEGMENT_TRACK },
	{ "TvChannel", SEGMENT_LIVE },
	{ "LiveTvChannel", SEGMENT_LIVE },
	{ "Program", SEGMENT_LIVE },
	{ "LiveTvProgram", SEGMENT_LIVE },
};

enum segment_kind
segment_kind_of(const char *type)
{
	for (size_t i = 0; i < COUNT_OF(kinds); i++) {
		if (text_equal_ci(kinds[i].type, type))
			return kinds[i].kind;
	}
	return SEGMENT_OTHER;
}

const char *
segment_kind_name(enum segment_kind kind)
{
	static const char *const names[SEGMENT_KINDS] = { "movie", "episode", "track",
		"live", "other" };

	return names[kind];
}

static void
set_figures(struct segment *segment, const struct play *play, int64_t now_ms)
{
	int64_t elapsed_ms = now_ms - play->started_ms;
	int64_t runtime_ms = play->last.item.runtime_ms;

	segment->position_ms = play_position_now_ms(play, now_ms);
	struct viewing_time time = viewing_time_of(
		elapsed_ms, play_paused_ms(play, now_ms), segment->position_ms, runtime_ms);
	segment->started_ms = play->started_wall_ms;
	segment->stopped_ms = play->started_wall_ms + (elapsed_ms > 0 ? elapsed_ms : 0);
	segment->played_ms = time.played_ms;
	segment->paused_ms = time.paused_ms;
	segment->first_position_ms = play->first_position_ms;
	segment->watched =
		viewing_is_watched(segment->position_ms, time.played_ms, runtime_ms);
}

static void
set_stream(struct segment *segment, const struct play_report *report)
{
	struct play_verdict verdict = play_verdict_of(report);
	json_t *details = play_stream_json_new(&report->stream);

	json_put_text(details, "video", stream_decision_name(verdict.video));
	json_put_text(details, "audio", stream_decision_name(verdict.audio));
	segment->category = (int)verdict.category;
	segment->bitrate = verdict.bitrate;
	segment->details = json_dump_new(details, NULL);
	json_decref(details);
}

struct segment *
segment_new(const struct play *play, int64_t now_ms)
{
	const struct play_report *last = &play->last;
	struct segment *segment = xcalloc(1, sizeof *segment);

	segment->key = last->key;
	copy_text(segment->user_name, sizeof segment->user_name, last->user_name);
	copy_text(segment->device, sizeof segment->device, last->device);
	copy_text(segment->version, sizeof segment->version, last->version);
	copy_text(segment->address, sizeof segment->address, last->address);
	copy_text(segment->session_id, sizeof segment->session_id, last->session_id);
	segment->item = last->item;
	segment->item.item_json = NULL;
	segment->kind = segment_kind_of(last->item.type);
	segment->open = play->state != PLAY_STOPPED;
	copy_text(segment->ended_by, sizeof segment->ended_by, play->ended_by);
	segment->forced = strcmp(play->ended_by, "silence") == 0;
	/* What has ended goes no further. */
	set_figures(segment, play, segment->open ? now_ms : play->updated_ms);
	set_stream(segment, last);
	return segment;
}

void
segment_free(struct segment *segment)
{
	if (segment == NULL)
		return;
	xfree(segment->details);
	xfree(segment);
}
