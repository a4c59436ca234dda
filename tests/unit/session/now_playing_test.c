#include "session/now_playing.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "core/clock.h"
#include "core/json.h"
#include "session/metrics.h"
#include "tests/unit/session/fake_sockets.h"
#include "tests/unit/session/fake_transport.h"

#define A "65787401100101000000000000000001"
#define B "65787401100101000000000000000002"
#define N "832e25879a396454558606107194281a"

enum { MINUTE = 60 * 1000 };

struct fixture {
	struct loop *loop;
	struct base_url base;
	struct fake_transport transport;
	struct fake_sockets sockets;
	struct tracker *tracker;
	struct now_playing *now_playing;
	struct play_session_key key;
	char *body; /* of the last call that was answered */
	int stop_commands;
};

static bool
address(void *arg, char *to, size_t size)
{
	(void)arg;
	return copy_text(to, size, "192.0.2.1");
}

static void
on_stop_command(void *arg, const struct play *play)
{
	assert_string_equal(play->last.item.id, A);
	((struct fixture *)arg)->stop_commands++;
}

static int
set_up(void **state)
{
	struct fixture *fixture = xcalloc(1, sizeof *fixture);
	char why[128];

	clock_enable_test();
	fixture->loop = loop_new("test");
	loop_adopt(fixture->loop);
	if (!base_url_parse(&fixture->base, "http://jelly:8096", why, sizeof why))
		return -1;
	fixture->tracker = tracker_new(fixture->loop);
	struct jellyfin_transport transport = fake_transport_of(&fixture->transport);
	struct injected_sockets sockets = fake_sockets_of(&fixture->sockets);
	struct now_playing_options options = { .jellyfin = &fixture->base,
		.loop = fixture->loop,
		.tracker = fixture->tracker,
		.address = address,
		.on_stop_command = on_stop_command,
		.on_stop_command_arg = fixture,
		.most_per_user = 3,
		.transport = &transport,
		.sockets = &sockets };
	fixture->now_playing = now_playing_new(&options);
	play_session_key_set(&fixture->key, "Finamp", "phone", "alice");
	*state = fixture;
	return 0;
}

static int
tear_down(void **state)
{
	struct fixture *fixture = *state;

	now_playing_free(fixture->now_playing);
	tracker_free(fixture->tracker);
	loop_free(fixture->loop);
	assert_null(fixture->transport.calls);
	assert_null(fixture->sockets.sockets);
	text_fini(&fixture->sockets.last_sent);
	xfree(fixture->body);
	xfree(fixture);
	return 0;
}

static void
pass(struct fixture *fixture, int64_t ms)
{
	clock_advance(ms);
	for (int i = 0; i < 3; i++)
		loop_turn(fixture->loop, 1);
}

static struct play_report
report_of(struct fixture *fixture, enum report_kind kind, const char *item)
{
	struct play_report report = { .kind = kind,
		.received_ms = clock_now_ms(),
		.key = fixture->key,
		.token = "t1",
		.device = "Pixel",
		.position_ms = -1,
		.volume = -1 };

	copy_text(report.item.id, sizeof report.item.id, item);
	report.item.external = strcmp(item, N) != 0;
	report.item.runtime_ms = 4 * MINUTE;
	copy_text(report.item.name, sizeof report.item.name, "Song");
	return report;
}

/* A report of the client's, and whatever comes of it. */
static void
say(struct fixture *fixture, enum report_kind kind, const char *item)
{
	pass(fixture, 1);
	struct play_report report = report_of(fixture, kind, item);
	tracker_report(fixture->tracker, &report);
	pass(fixture, 1);
}

/* The one call that must be under way goes there; answers it with `status`. */
static void
answer(struct fixture *fixture, const char *path, int status, const char *body)
{
	struct fake_call *call = fixture->transport.calls;

	if (call == NULL)
		fail_msg("no call under way instead of %s", path);
	assert_null(call->next); /* one at a time */
	assert_string_equal(call->url + strlen("http://jelly:8096"), path);
	assert_non_null(strstr(call->headers, "Token=\"t1\""));
	xfree(fixture->body);
	fixture->body = xstrdup(call->body);
	fake_answer(call, status == 0 ? ERR_UNREACHABLE : ERR_NONE, status, body);
	pass(fixture, 0);
}

static void
expect_silence(struct fixture *fixture)
{
	if (fixture->transport.calls != NULL)
		fail_msg("unexpected %s", fixture->transport.calls->url);
}

static bool
body_has(struct fixture *fixture, const char *what)
{
	return strstr(fixture->body, what) != NULL;
}

static void
open_socket(struct fixture *fixture)
{
	assert_non_null(fixture->sockets.sockets);
	fake_socket_event(fixture->sockets.sockets, OUTGOING_OPENED, "");
	pass(fixture, 0);
}

#define LOOK         "/Sessions?deviceId=phone"
#define CAPABILITIES "/Sessions/Capabilities/Full"
#define PLAYING      "/Sessions/Playing"
#define PROGRESS     "/Sessions/Playing/Progress"
#define STOPPED      "/Sessions/Playing/Stopped"

/* Item `A` plays and Jellyfin knows it. */
static void
begin(struct fixture *fixture)
{
	say(fixture, REPORT_START, A);
	answer(fixture, LOOK, 200, "[]");
	answer(fixture, CAPABILITIES, 204, "");
	answer(fixture, PLAYING, 204, "");
	open_socket(fixture);
	expect_silence(fixture);
}

static void
a_play_is_announced_with_its_whole_item_and_no_item_id(void **state)
{
	struct fixture *fixture = *state;
	struct play_report report = report_of(fixture, REPORT_START, A);

	report.item.item_json = xstrdup("{\"Id\":\"" A "\",\"Name\":\"One More Time\"}");
	report.position_ms = 2000;
	report.volume = 70;
	report.queue_json = xstrdup("[{\"Id\":\"" A "\"}]");
	copy_text(report.play_session_id, sizeof report.play_session_id, "p1");
	copy_text(report.play_method, sizeof report.play_method, "Transcode");
	copy_text(report.playlist_item_id, sizeof report.playlist_item_id, "entry0");
	tracker_report(fixture->tracker, &report);
	play_report_fini(&report);
	pass(fixture, 0);
	answer(fixture, LOOK, 200, "[]");
	answer(fixture, CAPABILITIES, 204, "");
	assert_true(body_has(fixture, "\"PlayableMediaTypes\":[\"Audio\"]"));
	assert_true(body_has(fixture, "\"SupportsMediaControl\":true"));
	answer(fixture, PLAYING, 204, "");
	json_t *body = json_parse_new(fixture->body, strlen(fixture->body));
	assert_null(json_member(body, "ItemId"));
	assert_string_equal(json_text(json_member(body, "Item"), "Name"), "One More Time");
	assert_int_equal(json_array_size(json_member(body, "NowPlayingQueue")), 1);
	assert_true(json_int(body, "PositionTicks", 0) >= 20000000);
	assert_int_equal(json_int(body, "VolumeLevel", 0), 70);
	assert_string_equal(json_text(body, "PlayMethod"), "DirectPlay");
	assert_string_equal(json_text(body, "PlaySessionId"), "p1");
	assert_string_equal(json_text(body, "PlaylistItemId"), "entry0");
	assert_string_equal(json_text(body, "MediaSourceId"), A);
	assert_false(json_bool(body, "IsPaused", true));
	json_decref(body);
	expect_silence(fixture);
}

static void
capabilities_that_the_client_posted_are_left_alone(void **state)
{
	struct fixture *fixture = *state;

	now_playing_post_capabilities(fixture->now_playing, &fixture->key,
		"{\"PlayableMediaTypes\":[\"Video\"]}");
	pass(fixture, 0);
	say(fixture, REPORT_START, A);
	answer(fixture, PLAYING, 204, "");
	expect_silence(fixture);
}

static void
capabilities_that_jellyfin_lost_while_nothing_played_are_posted_again(void **state)
{
	struct fixture *fixture = *state;

	now_playing_post_capabilities(fixture->now_playing, &fixture->key,
		"{\"PlayableMediaTypes\":[\"Video\"]}");
	pass(fixture, 0);
	say(fixture, REPORT_START, A);
	answer(fixture, PLAYING, 204, "");
	open_socket(fixture);
	say(fixture, REPORT_STOP, A);
	answer(fixture, STOPPED, 204, "");
	pass(fixture, 51000);
	/* Jellyfin may have restarted since. */
	say(fixture, REPORT_START, B);
	answer(fixture, LOOK, 200, "[]");
	answer(fixture, CAPABILITIES, 204, "");
	assert_true(body_has(fixture, "\"Video\""));
	answer(fixture, PLAYING, 204, "");
	expect_silence(fixture);
}

static void
capabilities_that_jellyfin_knows_of_are_left_alone(void **state)
{
	struct fixture *fixture = *state;

	say(fixture, REPORT_START, A);
	answer(fixture, LOOK, 200,
		"[{\"Client\":\"Finamp\",\"DeviceId\":\"phone\","
		"\"PlayableMediaTypes\":[\"Audio\"]}]");
	answer(fixture, PLAYING, 204, "");
	expect_silence(fixture);
}

static void
the_heartbeat_goes_on_whatever_the_clients_cadence(void **state)
{
	struct fixture *fixture = *state;

	begin(fixture);
	pass(fixture, 24000);
	expect_silence(fixture);
	pass(fixture, 1500);
	answer(fixture, PROGRESS, 204, "");
	json_t *body = json_parse_new(fixture->body, strlen(fixture->body));
	assert_true(json_int(body, "PositionTicks", 0) >= 255000000);
	assert_string_equal(json_text(json_member(body, "Item"), "Id"), A);
	json_decref(body);
	pass(fixture, 25100);
	answer(fixture, PROGRESS, 204, "");
	expect_silence(fixture);
}

static void
a_client_that_reports_every_second_costs_one_report_in_ten(void **state)
{
	struct fixture *fixture = *state;

	begin(fixture);
	for (int i = 0; i < 30; i++) {
		pass(fixture, 990);
		say(fixture, REPORT_PROGRESS, A);
		if (fixture->transport.calls != NULL)
			answer(fixture, PROGRESS, 204, "");
	}
	/* look, capabilities, playing, then about one in ten seconds */
	assert_in_range(fixture->transport.started, 5, 6);
}

static void
pauses_seeks_and_volume_are_told_at_once(void **state)
{
	struct fixture *fixture = *state;

	begin(fixture);
	struct play_report report = report_of(fixture, REPORT_PROGRESS, A);
	report.paused = report.paused_said = true;
	tracker_report(fixture->tracker, &report);
	pass(fixture, 1);
	answer(fixture, PROGRESS, 204, "");
	assert_true(body_has(fixture, "\"IsPaused\":true"));
	report.received_ms = clock_now_ms();
	report.position_ms = 90000;
	tracker_report(fixture->tracker, &report);
	pass(fixture, 1);
	answer(fixture, PROGRESS, 204, "");
	assert_true(body_has(fixture, "\"PositionTicks\":900000000"));
	report.received_ms = clock_now_ms();
	report.volume = 12;
	tracker_report(fixture->tracker, &report);
	pass(fixture, 1);
	answer(fixture, PROGRESS, 204, "");
	assert_true(body_has(fixture, "\"VolumeLevel\":12"));
	report.received_ms = clock_now_ms();
	tracker_report(fixture->tracker, &report);
	pass(fixture, 1);
	expect_silence(fixture);
}

static void
what_the_player_is_set_to_is_told_at_once_and_the_queue_when_it_is_new(void **state)
{
	struct fixture *fixture = *state;

	begin(fixture);
	struct play_report report = report_of(fixture, REPORT_PROGRESS, A);
	copy_text(report.repeat_mode, sizeof report.repeat_mode, "RepeatOne");
	copy_text(report.playback_order, sizeof report.playback_order, "Shuffle");
	copy_text(report.play_method, sizeof report.play_method, "DirectStream");
	copy_text(report.playlist_item_id, sizeof report.playlist_item_id, "entry3");
	report.muted = report.muted_said = true;
	report.queue_json = xstrdup("[{\"Id\":\"" A "\"}]");
	tracker_report(fixture->tracker, &report);
	play_report_fini(&report);
	pass(fixture, 1);
	answer(fixture, PROGRESS, 204, "");
	assert_true(body_has(fixture, "\"RepeatMode\":\"RepeatOne\""));
	assert_true(body_has(fixture, "\"PlaybackOrder\":\"Shuffle\""));
	assert_true(body_has(fixture, "\"PlayMethod\":\"DirectStream\""));
	assert_true(body_has(fixture, "\"PlaylistItemId\":\"entry3\""));
	assert_true(body_has(fixture, "\"IsMuted\":true"));
	assert_true(body_has(fixture, "\"NowPlayingQueue\":[{\"Id\":\"" A "\"}]"));
	pass(fixture, 25100);
	answer(fixture, PROGRESS, 204, "");
	assert_true(body_has(fixture, "\"PlaylistItemId\":\"entry3\""));
	assert_false(body_has(fixture, "NowPlayingQueue"));
	say(fixture, REPORT_STOP, A);
	answer(fixture, STOPPED, 204, "");
	assert_true(body_has(fixture, "\"NowPlayingQueue\":[{\"Id\":\"" A "\"}]"));
}

static void
while_a_call_is_under_way_only_the_newest_is_kept(void **state)
{
	struct fixture *fixture = *state;

	begin(fixture);
	for (int i = 0; i < 5; i++) {
		pass(fixture, 1);
		struct play_report report = report_of(fixture, REPORT_PROGRESS, A);
		report.paused_said = true;
		report.paused = i % 2 == 0;
		tracker_report(fixture->tracker, &report);
		pass(fixture, 1);
	}
	answer(fixture, PROGRESS, 204, "");
	assert_true(body_has(fixture, "\"IsPaused\":true"));
	expect_silence(fixture); /* it ended paused, as told */
}

static void
a_stop_is_told_with_the_position_and_the_socket_stays_for_the_grace(void **state)
{
	struct fixture *fixture = *state;

	begin(fixture);
	pass(fixture, 1);
	struct play_report report = report_of(fixture, REPORT_STOP, A);
	report.position_ms = 7000;
	tracker_report(fixture->tracker, &report);
	pass(fixture, 1);
	answer(fixture, STOPPED, 204, "");
	assert_string_equal(fixture->body, "{\"PositionTicks\":70000000}");
	pass(fixture, 49000);
	assert_int_equal(fixture->sockets.closed, 0);
	pass(fixture, 1100);
	assert_int_equal(fixture->sockets.closed, 1);
	expect_silence(fixture);
}

static void
a_track_change_without_a_stop_is_one_playing_and_no_stopped(void **state)
{
	struct fixture *fixture = *state;

	begin(fixture);
	say(fixture, REPORT_START, B);
	answer(fixture, PLAYING, 204, "");
	assert_true(body_has(fixture, B));
	say(fixture, REPORT_STOP, A);
	expect_silence(fixture);
}

static void
a_native_play_replaces_ours_without_a_stopped(void **state)
{
	struct fixture *fixture = *state;

	begin(fixture);
	say(fixture, REPORT_START, N);
	expect_silence(fixture);
	pass(fixture, 2 * MINUTE);
	expect_silence(fixture);
	assert_int_equal(fixture->sockets.closed, 0); /* it plays natively */
	say(fixture, REPORT_STOP, N);
	pass(fixture, 49000);
	assert_int_equal(fixture->sockets.closed, 0); /* the next may be on its way */
	pass(fixture, 1100);
	assert_int_equal(fixture->sockets.closed, 1);
	expect_silence(fixture);
}

static void
a_native_play_that_our_report_may_have_overwritten_is_stated_again(void **state)
{
	struct fixture *fixture = *state;

	begin(fixture);
	say(fixture, REPORT_STOP, A); /* Stopped is under way */
	say(fixture, REPORT_START, N);
	answer(fixture, STOPPED, 204, "");
	answer(fixture, PROGRESS, 204, "");
	assert_true(body_has(fixture, "\"ItemId\":\"" N "\""));
	assert_false(body_has(fixture, "\"Item\":"));
	expect_silence(fixture);
}

/* Its report was on its way to Jellyfin while ours was: either may have come first. */
static void
a_native_play_relayed_beside_our_report_is_stated_again(void **state)
{
	struct fixture *fixture = *state;

	begin(fixture);
	say(fixture, REPORT_STOP, A); /* Stopped is under way */
	struct play_report report = report_of(fixture, REPORT_START, N);
	pass(fixture, 1);
	answer(fixture, STOPPED, 204, "");
	tracker_report(fixture->tracker, &report);
	pass(fixture, 1);
	answer(fixture, PROGRESS, 204, "");
	assert_true(body_has(fixture, "\"ItemId\":\"" N "\""));
	expect_silence(fixture);
}

static void
a_native_play_that_began_after_our_report_is_left_alone(void **state)
{
	struct fixture *fixture = *state;

	begin(fixture);
	say(fixture, REPORT_STOP, A);
	answer(fixture, STOPPED, 204, "");
	say(fixture, REPORT_START, N);
	expect_silence(fixture);
}

static void
a_native_report_that_wiped_an_external_play_is_made_good(void **state)
{
	struct fixture *fixture = *state;

	begin(fixture);
	struct play_report report = report_of(fixture, REPORT_STOP, N);
	report.source = REPORT_NATIVE;
	tracker_report(fixture->tracker, &report);
	pass(fixture, 1);
	/* The next one comes while ours is under way, which may have been before it. */
	tracker_report(fixture->tracker, &report);
	pass(fixture, 1);
	answer(fixture, PROGRESS, 204, "");
	answer(fixture, PROGRESS, 204, "");
	assert_true(body_has(fixture, A));
	expect_silence(fixture);
}

static void
back_from_native_to_external_is_a_new_playing(void **state)
{
	struct fixture *fixture = *state;

	begin(fixture);
	say(fixture, REPORT_START, N);
	say(fixture, REPORT_START, B);
	answer(fixture, PLAYING, 204, "");
	assert_int_equal(fixture->sockets.opened, 1);
}

static void
a_device_that_changed_hands_gets_no_stopped_from_its_former_user(void **state)
{
	struct fixture *fixture = *state;

	begin(fixture);
	pass(fixture, 1);
	struct play_report report = report_of(fixture, REPORT_START, B);
	copy_text(report.key.user_id, sizeof report.key.user_id, "bob");
	tracker_report(fixture->tracker, &report);
	pass(fixture, 1);
	answer(fixture, LOOK, 200,
		"[{\"Client\":\"Finamp\",\"DeviceId\":\"phone\","
		"\"PlayableMediaTypes\":[\"Audio\"]}]");
	answer(fixture, PLAYING, 204, "");
	pass(fixture, 60000); /* alice's socket goes after the grace, bob's stays */
	answer(fixture, PROGRESS, 204, "");
	assert_true(body_has(fixture, B));
	assert_int_equal(fixture->sockets.opened, 2);
	expect_silence(fixture);
}

static void
another_users_native_play_on_the_device_keeps_our_socket(void **state)
{
	struct fixture *fixture = *state;

	begin(fixture);
	say(fixture, REPORT_STOP, A);
	answer(fixture, STOPPED, 204, "");
	play_session_key_set(&fixture->key, "Finamp", "phone", "bob");
	say(fixture, REPORT_START, N);
	pass(fixture, 2 * MINUTE);
	assert_int_equal(fixture->sockets.closed, 0);
	say(fixture, REPORT_STOP, N);
	pass(fixture, 49000);
	assert_int_equal(fixture->sockets.closed, 0);
	pass(fixture, 1100);
	assert_int_equal(fixture->sockets.closed, 1);
	expect_silence(fixture);
}

static void
a_jellyfin_that_is_down_is_asked_again_and_gets_the_newest(void **state)
{
	struct fixture *fixture = *state;

	begin(fixture);
	say(fixture, REPORT_START, B);
	answer(fixture, PLAYING, 503, "");
	expect_silence(fixture);
	say(fixture, REPORT_PROGRESS, B);
	expect_silence(fixture);
	pass(fixture, 700);
	answer(fixture, PLAYING, 0, "");
	pass(fixture, 900);
	expect_silence(fixture);
	pass(fixture, 500);
	answer(fixture, PLAYING, 204, "");
	expect_silence(fixture);
	assert_int_equal(tracker_count(fixture->tracker), 1);
}

static bool
is_failing(struct fixture *fixture)
{
	json_t *sessions = now_playing_sessions_json_new(fixture->now_playing);
	bool failing = json_bool(json_array_get(sessions, 0), "failing", false);

	assert_int_equal(json_array_size(sessions), 1);
	json_decref(sessions);
	return failing;
}

static void
a_session_that_fails_for_half_a_minute_raises_one_alert_until_it_is_well(void **state)
{
	struct fixture *fixture = *state;
	int64_t before = metric_read(&session_metric_failing, METRIC_GAUGE);

	begin(fixture);
	say(fixture, REPORT_START, B);
	for (int i = 0; i < 8; i++) {
		assert_int_equal(is_failing(fixture), i >= 6);
		assert_int_equal(
			metric_read(&session_metric_failing, METRIC_GAUGE) - before,
			i >= 6);
		answer(fixture, PLAYING, 503, "");
		say(fixture, REPORT_PROGRESS, B);
		pass(fixture, 40000);
	}
	answer(fixture, PLAYING, 204, "");
	assert_false(is_failing(fixture));
	assert_int_equal(metric_read(&session_metric_failing, METRIC_GAUGE), before);
}

static void
a_socket_that_never_opens_raises_the_alert(void **state)
{
	struct fixture *fixture = *state;

	begin(fixture);
	for (int i = 0; i < 6; i++) {
		assert_false(is_failing(fixture));
		fake_socket_event(fixture->sockets.sockets, OUTGOING_CLOSED, "HTTP 502");
		for (int j = 0; j < 4; j++) {
			pass(fixture, 10000);
			while (fixture->transport.calls != NULL)
				fake_answer(fixture->transport.calls, ERR_NONE, 204, "");
		}
	}
	assert_true(is_failing(fixture));
	fake_socket_event(fixture->sockets.sockets, OUTGOING_OPENED, "");
	fake_socket_event(fixture->sockets.sockets, OUTGOING_TEXT,
		"{\"MessageType\":\"ForceKeepAlive\",\"Data\":60}");
	assert_false(is_failing(fixture));
}

static void
a_session_that_has_ended_raises_no_alert_any_more(void **state)
{
	struct fixture *fixture = *state;
	int64_t before = metric_read(&session_metric_failing, METRIC_GAUGE);

	begin(fixture);
	now_playing_post_capabilities(fixture->now_playing, &fixture->key, "{}");
	for (int i = 0; i < 6; i++) {
		fake_socket_event(fixture->sockets.sockets, OUTGOING_CLOSED, "HTTP 502");
		for (int j = 0; j < 4; j++) {
			pass(fixture, 10000);
			while (fixture->transport.calls != NULL)
				fake_answer(fixture->transport.calls, ERR_NONE, 204, "");
		}
	}
	assert_true(is_failing(fixture));
	say(fixture, REPORT_STOP, A);
	answer(fixture, STOPPED, 204, "");
	pass(fixture, MINUTE);
	assert_int_equal(metric_read(&session_metric_failing, METRIC_GAUGE), before);
}

static void
a_refused_token_ends_play_and_session(void **state)
{
	struct fixture *fixture = *state;

	begin(fixture);
	pass(fixture, 25100);
	answer(fixture, PROGRESS, 401, "");
	assert_int_equal(tracker_count(fixture->tracker), 0);
	assert_int_equal(fixture->sockets.closed, 1);
	pass(fixture, 5 * MINUTE);
	expect_silence(fixture);
	json_t *sessions = now_playing_sessions_json_new(fixture->now_playing);
	assert_int_equal(json_array_size(sessions), 0);
	json_decref(sessions);
}

static void
a_report_that_jellyfin_will_not_take_is_not_repeated(void **state)
{
	struct fixture *fixture = *state;

	begin(fixture);
	say(fixture, REPORT_START, B);
	answer(fixture, PLAYING, 400, "");
	pass(fixture, 5 * MINUTE);
	expect_silence(fixture);
}

static void
a_lost_socket_means_progress_again_not_playing(void **state)
{
	struct fixture *fixture = *state;

	begin(fixture);
	fake_socket_event(fixture->sockets.sockets, OUTGOING_CLOSED, "gone");
	pass(fixture, 0);
	answer(fixture, CAPABILITIES, 204, "");
	answer(fixture, PROGRESS, 204, "");
	expect_silence(fixture);
	pass(fixture, 700);
	open_socket(fixture);
	answer(fixture, CAPABILITIES, 204, "");
	answer(fixture, PROGRESS, 204, "");
	expect_silence(fixture);
}

static void
stop_from_the_dashboard_is_obeyed_for_a_client_without_a_socket(void **state)
{
	struct fixture *fixture = *state;

	begin(fixture);
	fake_socket_event(fixture->sockets.sockets, OUTGOING_TEXT,
		"{\"MessageType\":\"Playstate\",\"Data\":{\"Command\":\"Pause\"}}");
	json_t *sessions = now_playing_sessions_json_new(fixture->now_playing);
	const json_t *session = json_array_get(sessions, 0);
	const json_t *undeliverable = json_member(session, "undeliverable");
	assert_int_equal(json_int(undeliverable, "count", 0), 1);
	const json_t *newest = json_array_get(json_member(undeliverable, "newest"), 0);
	assert_string_equal(json_text(newest, "command"), "Pause");
	assert_string_equal(json_text(session, "state"), "live");
	assert_false(json_bool(session, "remoteControl", true));
	json_decref(sessions);
	fake_socket_event(fixture->sockets.sockets, OUTGOING_TEXT,
		"{\"MessageType\":\"Playstate\",\"Data\":{\"Command\":\"Stop\"}}");
	pass(fixture, 0);
	assert_int_equal(fixture->stop_commands, 1);
	answer(fixture, STOPPED, 204, "");
}

static void
the_clients_own_socket_takes_the_place_of_ours(void **state)
{
	struct fixture *fixture = *state;

	begin(fixture);
	now_playing_post_client_socket(
		fixture->now_playing, &fixture->key, CLIENT_SOCKET_BEGINS);
	now_playing_post_client_socket(
		fixture->now_playing, &fixture->key, CLIENT_SOCKET_OPEN);
	pass(fixture, 0);
	assert_int_equal(fixture->sockets.closed, 0);
	expect_silence(fixture);
	pass(fixture, 2100);
	assert_int_equal(fixture->sockets.closed, 1);
	answer(fixture, PROGRESS, 204, "");
	now_playing_post_client_socket(
		fixture->now_playing, &fixture->key, CLIENT_SOCKET_CLOSED);
	pass(fixture, 0);
	assert_int_equal(fixture->sockets.opened, 2);
	answer(fixture, CAPABILITIES, 204, "");
	answer(fixture, PROGRESS, 204, "");
}

static void
nothing_is_left_of_a_listener_who_has_gone(void **state)
{
	struct fixture *fixture = *state;

	begin(fixture);
	say(fixture, REPORT_STOP, A);
	answer(fixture, STOPPED, 204, "");
	pass(fixture, 51000);
	json_t *sessions = now_playing_sessions_json_new(fixture->now_playing);
	assert_int_equal(json_array_size(sessions), 0);
	json_decref(sessions);
	say(fixture, REPORT_START, A); /* … and who comes back is looked at anew */
	answer(fixture, LOOK, 200, "[]");
	answer(fixture, CAPABILITIES, 204, "");
	answer(fixture, PLAYING, 204, "");
}

static void
play_on_device(struct fixture *fixture, const char *user, const char *device_id)
{
	struct play_session_key former = fixture->key;

	play_session_key_set(&fixture->key, "Finamp", device_id, user);
	say(fixture, REPORT_START, A);
	fixture->key = former;
}

static size_t
count_sessions(struct fixture *fixture)
{
	json_t *sessions = now_playing_sessions_json_new(fixture->now_playing);
	size_t count = json_array_size(sessions);

	json_decref(sessions);
	return count;
}

static void
nobody_has_more_sessions_than_their_share(void **state)
{
	struct fixture *fixture = *state;
	struct play_session_key tablet;

	/* One that is known for its capabilities only makes room. */
	play_session_key_set(&tablet, "Finamp", "tablet", "alice");
	now_playing_post_capabilities(fixture->now_playing, &tablet, "{}");
	pass(fixture, 0);
	play_on_device(fixture, "alice", "1");
	play_on_device(fixture, "alice", "2");
	play_on_device(fixture, "alice", "3");
	assert_int_equal(count_sessions(fixture), 3);
	assert_null(now_playing_capabilities(fixture->now_playing, &tablet));
	play_on_device(fixture, "alice", "4");
	assert_int_equal(count_sessions(fixture), 3);
	play_on_device(fixture, "bob", "5");
	assert_int_equal(count_sessions(fixture), 4);
	assert_int_equal(tracker_count(fixture->tracker), 5); /* followed all the same */
}

/* ---- with a server that restarts ---- */

/* Starts anew with a server, whose health the test tells. */
static struct server *
watch_health(struct fixture *fixture, struct fake_transport *health)
{
	struct server *server =
		server_start_over(&fixture->base, fixture->loop, fake_transport_of(health));
	struct jellyfin_transport transport = fake_transport_of(&fixture->transport);
	struct injected_sockets sockets = fake_sockets_of(&fixture->sockets);
	struct now_playing_options options = { .jellyfin = &fixture->base,
		.loop = fixture->loop,
		.address = address,
		.server = server,
		.transport = &transport,
		.sockets = &sockets };

	now_playing_free(fixture->now_playing);
	tracker_free(fixture->tracker);
	options.tracker = fixture->tracker = tracker_new(fixture->loop);
	fixture->now_playing = now_playing_new(&options);
	return server;
}

static void
say_healthy(struct fake_transport *health)
{
	fake_answer(health->calls, ERR_NONE, 200, "Healthy");
	fake_answer(health->calls, ERR_NONE, 200,
		"{\"Id\":\"8c73b3d007dc4eaba552614833a4c35e\"}");
}

static void
stop_watching(struct fixture *fixture, struct server *server, struct fake_transport *health)
{
	now_playing_free(fixture->now_playing);
	fixture->now_playing = NULL;
	server_stop(server);
	while (health->calls != NULL)
		fake_cancel((struct errand *)(void *)health->calls);
}

static void
a_restarted_jellyfin_gets_capabilities_socket_and_progress(void **state)
{
	struct fixture *fixture = *state;
	struct fake_transport health = { 0 };
	struct server *server = watch_health(fixture, &health);

	say(fixture, REPORT_START, A);
	expect_silence(fixture); /* not healthy yet */
	pass(fixture, 0);
	say_healthy(&health);
	pass(fixture, 2100);
	answer(fixture, LOOK, 200, "[]");
	answer(fixture, CAPABILITIES, 204, "");
	answer(fixture, PLAYING, 204, "");
	assert_true(body_has(fixture, "\"ServerId\":\"8c73b3d007dc4eaba552614833a4c35e\""));
	open_socket(fixture);
	/* It goes down: the socket is lost, nothing is sent. */
	pass(fixture, 5100);
	fake_answer(health.calls, ERR_UNREACHABLE, 0, "");
	fake_socket_event(fixture->sockets.sockets, OUTGOING_CLOSED, "gone");
	pass(fixture, 1100);
	expect_silence(fixture);
	say_healthy(&health);
	pass(fixture, 2100);
	answer(fixture, CAPABILITIES, 204, "");
	answer(fixture, PROGRESS, 204, "");
	open_socket(fixture);
	answer(fixture, CAPABILITIES, 204, "");
	answer(fixture, PROGRESS, 204, ""); /* in case it noticed the loss only now */
	stop_watching(fixture, server, &health);
}

/* Begins a play, and ends it `away_ms` before Jellyfin is healthy again. */
static void
end_while_jellyfin_is_away(
	struct fixture *fixture, struct fake_transport *health, int64_t away_ms)
{
	pass(fixture, 0);
	say_healthy(health);
	pass(fixture, 2100);
	begin(fixture);
	pass(fixture, 5100);
	fake_answer(health->calls, ERR_UNREACHABLE, 0, "");
	say(fixture, REPORT_STOP, A);
	pass(fixture, 100);
	pass(fixture, away_ms);
	expect_silence(fixture);
	say_healthy(health);
	pass(fixture, 2100);
}

static void
what_ended_while_jellyfin_was_away_is_stopped_once_it_is_back(void **state)
{
	struct fixture *fixture = *state;
	static const int64_t away_ms[] = { 2000, MINUTE };

	for (size_t i = 0; i < COUNT_OF(away_ms); i++) {
		struct fake_transport health = { 0 };
		struct server *server = watch_health(fixture, &health);
		end_while_jellyfin_is_away(fixture, &health, away_ms[i]);
		answer(fixture, STOPPED, 204, "");
		expect_silence(fixture);
		stop_watching(fixture, server, &health);
	}
}

/* A play of item `A` that an earlier process has left behind. */
static void
restore(struct fixture *fixture)
{
	struct play_report report = report_of(fixture, REPORT_PROGRESS, A);
	struct play play;

	report.received_ms -= 5000;
	play_begin(&play, 77, &report);
	assert_true(tracker_restore(fixture->tracker, &play));
	play_fini(&play);
}

static void
a_restored_play_that_ends_at_once_is_taken_down(void **state)
{
	struct fixture *fixture = *state;

	restore(fixture);
	say(fixture, REPORT_STOP, A);
	answer(fixture, STOPPED, 204, "");
	expect_silence(fixture);
	assert_null(fixture->sockets.sockets);
}

static void
a_restored_play_is_shown_by_progress_without_a_new_start(void **state)
{
	struct fixture *fixture = *state;

	now_playing_remember_capabilities(fixture->now_playing, &fixture->key,
		"{\"PlayableMediaTypes\":[\"Video\"]}");
	restore(fixture);
	pass(fixture, 2100);
	assert_string_equal(now_playing_capabilities(fixture->now_playing, &fixture->key),
		"{\"PlayableMediaTypes\":[\"Video\"]}");
	answer(fixture, LOOK, 200, "[]");
	answer(fixture, CAPABILITIES, 204, "");
	assert_true(body_has(fixture, "\"Video\""));
	answer(fixture, PROGRESS, 204, "");
	assert_true(body_has(fixture, "\"Name\":\"Song\""));
	open_socket(fixture);
	expect_silence(fixture);
}

static void
of_a_restored_play_jellyfin_is_asked_for_capabilities_that_were_posted_before(void **state)
{
	struct fixture *fixture = *state;

	now_playing_post_capabilities(fixture->now_playing, &fixture->key,
		"{\"PlayableMediaTypes\":[\"Video\"]}");
	pass(fixture, 1);
	restore(fixture);
	pass(fixture, 2100);
	answer(fixture, LOOK, 200, "[]");
	answer(fixture, CAPABILITIES, 204, "");
	assert_true(body_has(fixture, "\"Video\""));
	answer(fixture, PROGRESS, 204, "");
	open_socket(fixture);
	expect_silence(fixture);
}

static void
a_device_that_another_instance_keeps_is_let_go_in_silence(void **state)
{
	struct fixture *fixture = *state;

	begin(fixture);
	tracker_leave(fixture->tracker, "phone");
	now_playing_let_go(fixture->now_playing, "PHONE");
	pass(fixture, 60000);
	assert_null(fixture->sockets.sockets);
	expect_silence(fixture);
	/* And back. */
	restore(fixture);
	pass(fixture, 2100);
	answer(fixture, LOOK, 200, "[]");
	answer(fixture, CAPABILITIES, 204, "");
	answer(fixture, PROGRESS, 204, "");
	open_socket(fixture);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_play_is_announced_with_its_whole_item_and_no_item_id),
		TEST(capabilities_that_the_client_posted_are_left_alone),
		TEST(capabilities_that_jellyfin_lost_while_nothing_played_are_posted_again),
		TEST(capabilities_that_jellyfin_knows_of_are_left_alone),
		TEST(the_heartbeat_goes_on_whatever_the_clients_cadence),
		TEST(a_client_that_reports_every_second_costs_one_report_in_ten),
		TEST(pauses_seeks_and_volume_are_told_at_once),
		TEST(what_the_player_is_set_to_is_told_at_once_and_the_queue_when_it_is_new),
		TEST(while_a_call_is_under_way_only_the_newest_is_kept),
		TEST(a_stop_is_told_with_the_position_and_the_socket_stays_for_the_grace),
		TEST(a_track_change_without_a_stop_is_one_playing_and_no_stopped),
		TEST(a_native_play_replaces_ours_without_a_stopped),
		TEST(a_native_play_that_our_report_may_have_overwritten_is_stated_again),
		TEST(a_native_play_relayed_beside_our_report_is_stated_again),
		TEST(a_native_play_that_began_after_our_report_is_left_alone),
		TEST(a_native_report_that_wiped_an_external_play_is_made_good),
		TEST(back_from_native_to_external_is_a_new_playing),
		TEST(a_device_that_changed_hands_gets_no_stopped_from_its_former_user),
		TEST(another_users_native_play_on_the_device_keeps_our_socket),
		TEST(a_jellyfin_that_is_down_is_asked_again_and_gets_the_newest),
		TEST(a_session_that_fails_for_half_a_minute_raises_one_alert_until_it_is_well),
		TEST(a_socket_that_never_opens_raises_the_alert),
		TEST(a_session_that_has_ended_raises_no_alert_any_more),
		TEST(a_refused_token_ends_play_and_session),
		TEST(a_report_that_jellyfin_will_not_take_is_not_repeated),
		TEST(a_lost_socket_means_progress_again_not_playing),
		TEST(stop_from_the_dashboard_is_obeyed_for_a_client_without_a_socket),
		TEST(the_clients_own_socket_takes_the_place_of_ours),
		TEST(nothing_is_left_of_a_listener_who_has_gone),
		TEST(nobody_has_more_sessions_than_their_share),
		TEST(a_restarted_jellyfin_gets_capabilities_socket_and_progress),
		TEST(what_ended_while_jellyfin_was_away_is_stopped_once_it_is_back),
		TEST(a_restored_play_that_ends_at_once_is_taken_down),
		TEST(a_restored_play_is_shown_by_progress_without_a_new_start),
		TEST(of_a_restored_play_jellyfin_is_asked_for_capabilities_that_were_posted_before),
		TEST(a_device_that_another_instance_keeps_is_let_go_in_silence),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
