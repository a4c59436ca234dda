#include "session/feed_diff.h"

#include <string.h>

enum {
	BUCKETS = 256,
	/* This near to its end, then this near to its beginning: played once more. */
	NEAR_MS = 10 * 1000,
};

/* A session that plays, as it was last seen. */
struct seen {
	struct seen *next; /* of its bucket */
	struct play_session_key key;
	char item_id[33];
	int64_t runtime_ms;
	int64_t checked_in_wall_ms;
	int64_t told_ms;     /* the same on our clock */
	int64_t position_ms; /* at that time; -1 unknown */
	bool paused;
	char session_id[33];
	char play_method[16];
	struct play_stream stream;
	int64_t seen_ms;
	int64_t shown_position_ms; /* when it was last seen; -1 unknown */
	int64_t gone_ms;           /* since when it is not listed; 0: it is */
	uint64_t look;             /* the last that listed it */
};

struct feed_diff {
	struct feed_diff_options options;
	char server[sizeof((struct play_session_key *)NULL)->server];
	struct seen *buckets[BUCKETS];
	size_t count;
	uint64_t look; /* looks so far */
};

/* One row of a look, dated. */
struct sight {
	const struct feed_row *row;
	struct play_session_key key;
	int64_t told_ms;
	int64_t position_ms; /* at that time */
};

static struct seen **
bucket_of(struct feed_diff *diff, const struct play_session_key *key)
{
	return &diff->buckets[play_session_key_hash(key) % BUCKETS];
}

static struct seen *
find(struct feed_diff *diff, const struct play_session_key *key)
{
	struct seen *seen = *bucket_of(diff, key);

	while (seen != NULL && !play_session_key_equal(&seen->key, key))
		seen = seen->next;
	return seen;
}

static struct seen *
add(struct feed_diff *diff, const struct play_session_key *key)
{
	struct seen *seen = xcalloc(1, sizeof *seen);
	struct seen **bucket = bucket_of(diff, key);

	seen->key = *key;
	seen->next = *bucket;
	*bucket = seen;
	diff->count++;
	return seen;
}

/* ---- reports ---- */

static void
tell(struct feed_diff *diff, const struct play_report *report)
{
	diff->options.report(diff->options.report_arg, report);
}

static int64_t
wall_of(const struct feed_look *look, int64_t at_ms)
{
	return look->came_wall_ms - (look->came_ms - at_ms);
}

static void
tell_row(struct feed_diff *diff, const struct feed_look *look,
	const struct server_clock *clock, const struct sight *sight, enum report_kind kind)
{
	struct play_report report = sight->row->report;

	report.kind = kind;
	report.source = REPORT_FEED;
	report.key = sight->key;
	report.received_ms = sight->told_ms;
	report.received_wall_ms = wall_of(look, sight->told_ms);
	report.position_ms = sight->position_ms;
	if (report.paused && clock->known && sight->row->paused_wall_ms >= 0)
		report.paused_at_ms = server_clock_to_ours(
			clock, sight->row->paused_wall_ms, sight->told_ms);
	tell(diff, &report);
}

/* What needs no row: it is there, or it has gone. */
static void
tell_seen(struct feed_diff *diff, const struct feed_look *look, const struct seen *seen,
	enum report_kind kind, int64_t at_ms)
{
	struct play_report report = { .kind = kind,
		.source = REPORT_FEED,
		.received_ms = at_ms,
		.received_wall_ms = wall_of(look, at_ms),
		.key = seen->key,
		.position_ms = kind == REPORT_STOP ? seen->shown_position_ms : -1,
		.volume = -1 };

	copy_text(report.item.id, sizeof report.item.id, seen->item_id);
	tell(diff, &report);
}

/* ---- one session ---- */

static void
remember(struct seen *seen, const struct sight *sight)
{
	const struct play_report *report = &sight->row->report;

	copy_text(seen->item_id, sizeof seen->item_id, report->item.id);
	copy_text(seen->session_id, sizeof seen->session_id, report->session_id);
	copy_text(seen->play_method, sizeof seen->play_method, report->play_method);
	seen->runtime_ms = report->item.runtime_ms;
	seen->checked_in_wall_ms = sight->row->checked_in_wall_ms;
	seen->told_ms = sight->told_ms;
	seen->position_ms = sight->position_ms;
	seen->paused = report->paused;
	seen->stream = report->stream;
}

static bool
has_news(const struct seen *seen, const struct feed_row *row)
{
	const struct play_report *report = &row->report;

	return row->checked_in_wall_ms != seen->checked_in_wall_ms ||
	       report->paused != seen->paused ||
	       strcmp(report->session_id, seen->session_id) != 0 ||
	       strcmp(report->play_method, seen->play_method) != 0 ||
	       play_stream_decisions_differ(&report->stream, &seen->stream);
}

static bool
is_played_once_more(const struct seen *seen, const struct sight *sight)
{
	int64_t old_ms = seen->position_ms;

	if (seen->runtime_ms <= 0 || old_ms < 0 || sight->position_ms < 0 ||
		sight->row->checked_in_wall_ms <= seen->checked_in_wall_ms)
		return false;
	if (!seen->paused)
		old_ms += sight->told_ms - seen->told_ms;
	if (old_ms > seen->runtime_ms)
		old_ms = seen->runtime_ms;
	return old_ms >= seen->runtime_ms - NEAR_MS && sight->position_ms < NEAR_MS &&
	       old_ms - sight->position_ms > seen->runtime_ms / 2;
}

static void
see(struct feed_diff *diff, const struct feed_look *look, const struct server_clock *clock,
	struct sight *sight)
{
	struct seen *seen = find(diff, &sight->key);
	bool is_new = seen == NULL;

	if (is_new)
		seen = add(diff, &sight->key);
	if (seen->look == diff->look)
		return; /* listed twice */
	seen->look = diff->look;
	seen->gone_ms = 0;
	/* An answer that was overtaken by a newer one. */
	if (!is_new && sight->row->checked_in_wall_ms < seen->checked_in_wall_ms)
		return;
	bool same = !is_new && strcmp(seen->item_id, sight->row->report.item.id) == 0;
	bool once_more = same && is_played_once_more(seen, sight);
	if (once_more) {
		/* Later than anything that was said of it before. */
		if (sight->told_ms <= seen->seen_ms)
			sight->told_ms = seen->seen_ms + 1;
		tell_seen(diff, look, seen, REPORT_STOP, sight->told_ms - 1);
	}
	bool starts = !same || once_more;
	bool news = starts || has_news(seen, sight->row);
	if (news) {
		remember(seen, sight);
		tell_row(diff, look, clock, sight, starts ? REPORT_START : REPORT_PROGRESS);
	}
	seen->seen_ms = look->came_ms;
	seen->shown_position_ms = sight->row->report.position_ms;
	tell_seen(diff, look, seen, REPORT_PING, look->came_ms);
}

/* ---- a look ---- */

static struct sight
sight_of(const struct feed_diff *diff, const struct feed_row *row,
	const struct server_clock *clock, const struct feed_look *look)
{
	struct sight sight = { .row = row,
		.key = row->report.key,
		.told_ms = server_clock_to_ours(
			clock, row->checked_in_wall_ms, look->asked_ms),
		.position_ms = row->report.position_ms };

	copy_text(sight.key.server, sizeof sight.key.server, diff->server);
	/* Jellyfin moves the position on by itself from report to report. */
	if (sight.position_ms >= 0 && !row->report.paused)
		sight.position_ms -= look->asked_ms - sight.told_ms;
	if (row->report.position_ms >= 0 && sight.position_ms < 0)
		sight.position_ms = 0;
	return sight;
}

/* Returns whether it has to be forgotten. */
static bool
miss(struct feed_diff *diff, const struct feed_look *look, struct seen *seen)
{
	if (seen->look == diff->look || look->forgetful)
		return false;
	if (seen->gone_ms == 0) {
		seen->gone_ms = look->came_ms;
		return false;
	}
	if (look->came_ms - seen->gone_ms < FEED_GRACE_MS)
		return false;
	tell_seen(diff, look, seen, REPORT_STOP, look->came_ms);
	return true;
}

static void
miss_others(struct feed_diff *diff, const struct feed_look *look)
{
	for (size_t i = 0; i < BUCKETS; i++) {
		struct seen **link = &diff->buckets[i];
		while (*link != NULL) {
			struct seen *seen = *link;
			if (!miss(diff, look, seen)) {
				link = &seen->next;
				continue;
			}
			*link = seen->next;
			xfree(seen);
			diff->count--;
		}
	}
}

void
feed_diff_apply(struct feed_diff *diff, const struct feed_sessions *sessions,
	const struct server_clock *clock, const struct feed_look *look)
{
	const struct feed_diff_options *options = &diff->options;

	diff->look++;
	for (size_t i = 0; i < sessions->count; i++) {
		const struct feed_row *row = &sessions->rows[i];
		if (options->is_ours != NULL &&
			options->is_ours(options->is_ours_arg, row->report.item.id))
			continue;
		struct sight sight = sight_of(diff, row, clock, look);
		see(diff, look, clock, &sight);
	}
	miss_others(diff, look);
}

size_t
feed_diff_count(const struct feed_diff *diff)
{
	return diff->count;
}

/* ---- life ---- */

struct feed_diff *
feed_diff_new(const struct feed_diff_options *options)
{
	struct feed_diff *diff = xcalloc(1, sizeof *diff);

	diff->options = *options;
	diff->options.server = NULL;
	copy_text(diff->server, sizeof diff->server, options->server);
	return diff;
}

void
feed_diff_free(struct feed_diff *diff)
{
	if (diff == NULL)
		return;
	for (size_t i = 0; i < BUCKETS; i++) {
		while (diff->buckets[i] != NULL) {
			struct seen *seen = diff->buckets[i];
			diff->buckets[i] = seen->next;
			xfree(seen);
		}
	}
	xfree(diff);
}
