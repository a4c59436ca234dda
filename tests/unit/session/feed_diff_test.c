#include "session/feed_diff.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "core/text.h"

enum { WALL = 1795226400, SECOND = 1000, RUNTIME_MS = 200 * SECOND, MOST = 8 };

static const int64_t lead_ms = (int64_t)WALL * SECOND; /* server's wall - our monotonic */
static const struct server_clock exact = { true, (int64_t)WALL *SECOND };

/* What was reported, as text: "+a@4000" Start, "a" Progress, "-a" Stop, all with the time
 * they are dated; pings are counted. */
struct fixture {
	struct feed_diff *diff;
	struct text said;
	size_t pings;
	struct play_report last; /* that was no ping */
};

static void
on_report(void *arg, const struct play_report *report)
{
	static const char *const signs[] = { "+", "", "-" };
	struct fixture *fixture = arg;

	assert_int_equal(report->source, REPORT_FEED);
	assert_string_equal(report->key.server, "attic");
	if (report->kind == REPORT_PING) {
		fixture->pings++;
		return;
	}
	fixture->last = *report;
	text_addf(&fixture->said, "%s%c@%lld ", signs[report->kind], report->item.id[0],
		(long long)report->received_ms);
}

static bool
is_ours(void *arg, const char *item_id)
{
	(void)arg;
	return item_id[0] == 'e';
}

static int
set_up(void **state)
{
	struct fixture *fixture = xcalloc(1, sizeof *fixture);
	const struct feed_diff_options options = { .server = "attic",
		.is_ours = is_ours,
		.report = on_report,
		.report_arg = fixture };

	fixture->diff = feed_diff_new(&options);
	*state = fixture;
	return 0;
}

static int
tear_down(void **state)
{
	struct fixture *fixture = *state;

	feed_diff_free(fixture->diff);
	text_fini(&fixture->said);
	xfree(fixture);
	return 0;
}

/* A session of `device` that plays `item`; its client reported at `checked_ms` of our
 * clock, and it is shown at `position_ms` now. */
static struct feed_row
row_of(int device, char item, int64_t checked_ms, int64_t position_ms)
{
	struct feed_row row = { .checked_in_wall_ms = checked_ms + lead_ms,
		.paused_wall_ms = -1,
		.report = {
			.position_ms = position_ms, .volume = -1, .paused_said = true } };
	char device_id[16];

	snprintf(device_id, sizeof device_id, "d%d", device);
	play_session_key_set(&row.report.key, "Web", device_id, "alice");
	memset(row.report.item.id, item, 32);
	row.report.item.runtime_ms = RUNTIME_MS;
	return row;
}

static void
look_at(struct fixture *fixture, int64_t at_ms, const struct feed_row *rows, size_t count,
	bool forgetful)
{
	struct feed_sessions *sessions =
		xcalloc(1, sizeof *sessions + count * sizeof sessions->rows[0]);
	const struct feed_look look = { .asked_ms = at_ms,
		.came_ms = at_ms + 1,
		.came_wall_ms = lead_ms + at_ms + 1,
		.forgetful = forgetful };

	sessions->count = sessions->session_count = count;
	if (count > 0)
		memcpy(sessions->rows, rows, count * sizeof rows[0]);
	feed_diff_apply(fixture->diff, sessions, &exact, &look);
	xfree(sessions);
}

static void
look(struct fixture *fixture, int64_t at_ms, const struct feed_row *row)
{
	look_at(fixture, at_ms, row, row != NULL, false);
}

static void
expect(struct fixture *fixture, const char *said)
{
	assert_string_equal(text_get(&fixture->said), said);
	text_clear(&fixture->said);
}

static void
a_play_starts_when_its_client_said_so_and_ends_after_a_grace(void **state)
{
	struct fixture *fixture = *state;
	struct feed_row row = row_of(1, 'a', 4000, 6000);

	look(fixture, 10000, &row);
	expect(fixture, "+a@4000 ");
	assert_int_equal(fixture->last.position_ms, 0);
	assert_int_equal(fixture->last.received_wall_ms, lead_ms + 4000);
	row.report.position_ms = 9000;
	look(fixture, 13000, &row); /* nothing new */
	expect(fixture, "");
	assert_int_equal(fixture->pings, 2);
	row = row_of(1, 'a', 14000, 12000);
	look(fixture, 16000, &row);
	expect(fixture, "a@14000 ");
	assert_int_equal(fixture->last.position_ms, 10000);
	look(fixture, 19000, NULL);
	expect(fixture, "");
	look(fixture, 19500, NULL); /* a push: its grace is not over */
	expect(fixture, "");
	assert_int_equal(feed_diff_count(fixture->diff), 1);
	look(fixture, 22000, NULL);
	expect(fixture, "-a@22001 ");
	assert_int_equal(fixture->last.position_ms, 12000);
	assert_int_equal(feed_diff_count(fixture->diff), 0);
}

static void
one_missed_look_is_no_end(void **state)
{
	struct feed_row row = row_of(1, 'a', 0, 0);

	look(*state, 0, &row);
	look(*state, 3000, NULL);
	look(*state, 6000, &row);
	look(*state, 9000, NULL);
	look(*state, 10000, &row);
	expect(*state, "+a@0 ");
}

static void
another_item_is_another_play(void **state)
{
	struct feed_row row = row_of(1, 'a', 0, 0);

	look(*state, 0, &row);
	row = row_of(1, 'b', 2000, 1000);
	look(*state, 3000, &row);
	expect(*state, "+a@0 +b@2000 ");
}

static void
a_pause_counts_from_when_it_began(void **state)
{
	struct fixture *fixture = *state;
	struct feed_row row = row_of(1, 'a', 0, 0);

	look(fixture, 0, &row);
	row = row_of(1, 'a', 5000, 4000);
	row.report.paused = true;
	row.paused_wall_ms = lead_ms + 4000;
	look(fixture, 6000, &row);
	expect(fixture, "+a@0 a@5000 ");
	assert_int_equal(fixture->last.paused_at_ms, 4000);
	assert_int_equal(fixture->last.position_ms, 4000); /* it stands still */
	row.report.paused = false;
	look(fixture, 9000, &row); /* its check-in was read before */
	expect(fixture, "a@5000 ");
	assert_int_equal(fixture->last.paused_at_ms, 0);
}

static void
the_same_item_once_more_is_another_play(void **state)
{
	struct feed_row row = row_of(1, 'a', 0, 0);

	look(*state, 0, &row);
	row = row_of(1, 'a', 195000, 195000);
	look(*state, 195000, &row);
	row = row_of(1, 'a', 200500, 500);
	look(*state, 201000, &row);
	expect(*state, "+a@0 a@195000 -a@200499 +a@200500 ");
	row = row_of(1, 'a', 250000, 1000); /* back to its beginning from its middle */
	look(*state, 250000, &row);
	expect(*state, "a@250000 ");
}

static void
an_answer_that_was_overtaken_says_nothing(void **state)
{
	struct feed_row row = row_of(1, 'b', 5000, 0);
	struct feed_row old = row_of(1, 'a', 4000, 4000);

	look(*state, 5000, &row);
	look(*state, 5100, &old);
	expect(*state, "+b@5000 ");
}

static void
how_it_is_served_is_news(void **state)
{
	struct feed_row row = row_of(1, 'a', 0, 0);

	look(*state, 0, &row);
	row.report.stream.transcodes = true;
	row.report.stream.output.bitrate = 1;
	look(*state, 3000, &row);
	row.report.stream.output.bitrate = 2;
	look(*state, 6000, &row);
	expect(*state, "+a@0 a@0 ");
}

static void
another_session_id_is_news_of_the_same_play(void **state)
{
	struct fixture *fixture = *state;
	struct feed_row row = row_of(1, 'a', 0, 0);

	look(fixture, 0, &row);
	copy_text(row.report.session_id, sizeof row.report.session_id, "s2");
	look(fixture, 3000, &row);
	expect(fixture, "+a@0 a@0 ");
	assert_string_equal(fixture->last.session_id, "s2");
}

static void
what_we_show_ourselves_is_not_reported(void **state)
{
	struct fixture *fixture = *state;
	struct feed_row row = row_of(1, 'e', 0, 0);

	look(fixture, 0, &row);
	look(fixture, 3000, &row);
	expect(fixture, "");
	assert_int_equal(fixture->pings, 0);
}

static void
a_server_that_has_forgotten_ends_nothing_for_a_while(void **state)
{
	struct feed_row row = row_of(1, 'a', 0, 0);

	look(*state, 0, &row);
	look_at(*state, 10000, NULL, 0, true);
	look_at(*state, 20000, NULL, 0, true);
	expect(*state, "+a@0 ");
	look(*state, 30000, NULL);
	look(*state, 33000, NULL);
	expect(*state, "-a@33001 ");
}

static void
devices_users_and_clients_are_kept_apart(void **state)
{
	struct feed_row rows[4] = { row_of(1, 'a', 0, 0), row_of(2, 'a', 0, 0),
		row_of(1, 'a', 0, 0), row_of(1, 'a', 0, 0) };

	copy_text(rows[2].report.key.user_id, 33, "bob");
	look_at(*state, 0, rows, 4, false); /* the last is the first again */
	expect(*state, "+a@0 +a@0 +a@0 ");
}

static void
a_clock_that_is_unknown_dates_reports_by_the_look(void **state)
{
	struct fixture *fixture = *state;
	struct server_clock unknown = { 0 };
	struct feed_sessions *sessions =
		xcalloc(1, sizeof *sessions + sizeof sessions->rows[0]);
	const struct feed_look now = { .asked_ms = 500, .came_ms = 600 };

	sessions->count = 1;
	sessions->rows[0] = row_of(1, 'a', 100, 7000);
	sessions->rows[0].report.paused = true;
	sessions->rows[0].paused_wall_ms = 50;
	feed_diff_apply(fixture->diff, sessions, &unknown, &now);
	xfree(sessions);
	expect(fixture, "+a@500 ");
	assert_int_equal(fixture->last.position_ms, 7000);
	assert_int_equal(fixture->last.paused_at_ms, 0);
}

/* ---- a random server against an obvious model ---- */

/* What really happens on a device, and what must have been told of it. */
struct player {
	char item; /* 0: nothing */
	bool paused;
	int64_t position_ms, moved_ms; /* position at moved_ms */
	int64_t checked_ms;
	char told;       /* by the model: the play that must be live, 0 none */
	int64_t gone_ms; /* since when it is not seen, 0: it is */
};

struct timeline {
	unsigned seed;
	struct player players[MOST];
	char live[MOST]; /* by the reports */
	bool live_paused[MOST];
	int64_t now_ms;
};

static unsigned
pick(struct timeline *timeline, unsigned bound)
{
	timeline->seed = timeline->seed * 1103515245u + 12345u;
	return (timeline->seed >> 16) % bound;
}

static void
on_timeline_report(void *arg, const struct play_report *report)
{
	struct timeline *timeline = arg;
	int device = report->key.device_id[1] - '0';
	struct player *player = &timeline->players[device];

	assert_true(report->received_ms <= timeline->now_ms + 1);
	switch (report->kind) {
	case REPORT_START:
		timeline->live[device] = report->item.id[0];
		timeline->live_paused[device] = report->paused;
		assert_int_equal(report->received_ms, player->checked_ms);
		break;
	case REPORT_PROGRESS:
		assert_int_equal(timeline->live[device], report->item.id[0]);
		timeline->live_paused[device] = report->paused;
		assert_int_equal(report->received_ms, player->checked_ms);
		assert_int_equal(report->position_ms, player->position_ms);
		break;
	case REPORT_STOP:
		assert_int_equal(timeline->live[device], report->item.id[0]);
		timeline->live[device] = 0;
		break;
	case REPORT_PING:
		assert_int_equal(player->item, report->item.id[0]);
		break;
	}
}

/* The client does something and reports it at once. */
static void
act(struct timeline *timeline, struct player *player)
{
	unsigned what = pick(timeline, 8);

	if (!player->paused && player->item != 0)
		player->position_ms += timeline->now_ms - player->moved_ms;
	player->moved_ms = player->checked_ms = timeline->now_ms;
	if (player->item == 0 || what == 0) {
		*player = (struct player){ .item = (char)('a' + pick(timeline, 4)),
			.moved_ms = timeline->now_ms,
			.checked_ms = timeline->now_ms,
			.told = player->told,
			.gone_ms = player->gone_ms };
	} else if (what == 1) {
		player->item = 0;
	} else if (what < 4) {
		player->paused = !player->paused;
	}
	/* else: it only reports */
}

static void
look_at_all(struct timeline *timeline, struct fixture *fixture)
{
	struct feed_row rows[MOST];
	size_t count = 0;

	for (int i = 0; i < MOST; i++) {
		const struct player *player = &timeline->players[i];
		int64_t ran_ms = player->paused ? 0 : timeline->now_ms - player->moved_ms;
		if (player->item == 0)
			continue;
		rows[count] = row_of(
			i, player->item, player->checked_ms, player->position_ms + ran_ms);
		rows[count].report.item.runtime_ms = 0; /* never at its end */
		rows[count++].report.paused = player->paused;
	}
	look_at(fixture, timeline->now_ms, rows, count, false);
}

/* The rule, said plainly: what is seen is live; what is not seen is live until it is still
 * not seen two seconds after it was missed first. */
static void
model_look(struct timeline *timeline)
{
	for (int i = 0; i < MOST; i++) {
		struct player *player = &timeline->players[i];
		if (player->item != 0) {
			player->told = player->item;
			player->gone_ms = 0;
		} else if (player->told != 0 && player->gone_ms == 0) {
			player->gone_ms = timeline->now_ms;
		} else if (timeline->now_ms - player->gone_ms >= FEED_GRACE_MS) {
			player->told = 0;
		}
	}
}

static void
random_timelines_come_out_as_the_model_says(void **state)
{
	(void)state;
	for (unsigned seed = 1; seed <= 200; seed++) {
		struct timeline timeline = { .seed = seed, .now_ms = 1000 };
		struct fixture fixture = { 0 };
		const struct feed_diff_options options = { .server = "attic",
			.report = on_timeline_report,
			.report_arg = &timeline };
		fixture.diff = feed_diff_new(&options);
		for (int step = 0; step < 300; step++) {
			timeline.now_ms += 1 + pick(&timeline, 1500);
			if (pick(&timeline, 3) > 0) {
				act(&timeline, &timeline.players[pick(&timeline, MOST)]);
				continue;
			}
			model_look(&timeline);
			look_at_all(&timeline, &fixture);
			for (int i = 0; i < MOST; i++) {
				const struct player *player = &timeline.players[i];
				assert_int_equal(timeline.live[i], player->told);
				if (player->item != 0)
					assert_int_equal(
						timeline.live_paused[i], player->paused);
			}
		}
		feed_diff_free(fixture.diff);
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_play_starts_when_its_client_said_so_and_ends_after_a_grace),
		TEST(one_missed_look_is_no_end),
		TEST(another_item_is_another_play),
		TEST(a_pause_counts_from_when_it_began),
		TEST(the_same_item_once_more_is_another_play),
		TEST(an_answer_that_was_overtaken_says_nothing),
		TEST(how_it_is_served_is_news),
		TEST(another_session_id_is_news_of_the_same_play),
		TEST(what_we_show_ourselves_is_not_reported),
		TEST(a_server_that_has_forgotten_ends_nothing_for_a_while),
		TEST(devices_users_and_clients_are_kept_apart),
		TEST(a_clock_that_is_unknown_dates_reports_by_the_look),
		cmocka_unit_test(random_timelines_come_out_as_the_model_says),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
