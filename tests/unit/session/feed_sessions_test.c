#include "session/feed_sessions.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "core/text.h"
#include "tests/unit/session/recorded.h"

#define ITEM "\"Id\":\"832E2587-9A39-6454-5586-06107194281A\""

static struct feed_sessions *
parse(const char *text)
{
	return feed_sessions_parse_new(text, strlen(text));
}

static void
a_session_that_plays_is_a_row(void **state)
{
	struct feed_sessions *sessions = parse(
		"[{\"Id\":\"s0\",\"Client\":\"idle\"},"
		"{\"Id\":\"s1\",\"Client\":\"Jellyfin Web\",\"DeviceId\":\"web-1\","
		"\"DeviceName\":\"Firefox\",\"ApplicationVersion\":\"12.0\","
		"\"RemoteEndPoint\":\"203.0.113.9\",\"UserName\":\"alice\","
		"\"UserId\":\"465b8b78160547caa08382ac0958d34a\","
		"\"LastPlaybackCheckIn\":\"2026-11-21T02:00:09.2936799Z\","
		"\"LastPausedDate\":\"2026-11-21T02:00:08.1Z\","
		"\"NowPlayingItem\":{" ITEM ",\"Type\":\"Episode\",\"Name\":\"Pilot\","
		"\"SeriesName\":\"Lost\",\"RunTimeTicks\":600000000},"
		"\"PlayState\":{\"PositionTicks\":15000000,\"IsPaused\":true,"
		"\"IsMuted\":false,\"VolumeLevel\":180,\"PlayMethod\":\"DirectPlay\","
		"\"RepeatMode\":\"RepeatOne\",\"PlaybackOrder\":\"Shuffle\","
		"\"AudioStreamIndex\":2,\"SubtitleStreamIndex\":-1}}]");

	(void)state;
	assert_non_null(sessions);
	assert_int_equal(sessions->session_count, 2);
	assert_int_equal(sessions->count, 1);
	const struct feed_row *row = &sessions->rows[0];
	const struct play_report *report = &row->report;
	assert_string_equal(report->item.id, "832e25879a396454558606107194281a");
	assert_string_equal(report->item.album, "Lost");
	assert_int_equal(report->item.runtime_ms, 60000);
	assert_string_equal(report->key.client, "Jellyfin Web");
	assert_string_equal(report->key.device_id, "web-1");
	assert_string_equal(report->key.user_id, "465b8b78160547caa08382ac0958d34a");
	assert_string_equal(report->session_id, "s1");
	assert_string_equal(report->address, "203.0.113.9");
	assert_int_equal(report->position_ms, 1500);
	assert_true(report->paused_said && report->paused && report->muted_said);
	assert_int_equal(report->volume, 100);
	assert_string_equal(report->repeat_mode, "RepeatOne");
	assert_int_equal(report->stream.audio_index, 2);
	assert_int_equal(report->stream.subtitle_index, -1);
	assert_int_equal(row->checked_in_wall_ms, 1795226409293);
	assert_int_equal(row->paused_wall_ms, 1795226408100);
	xfree(sessions);
}

static void
a_pause_that_is_over_has_no_beginning(void **state)
{
	struct feed_sessions *sessions =
		parse("[{\"DeviceId\":\"d\",\"LastPausedDate\":\"2026-11-21T02:00:08Z\","
		      "\"NowPlayingItem\":{" ITEM "},\"PlayState\":{\"IsPaused\":false}}]");

	(void)state;
	assert_int_equal(sessions->rows[0].paused_wall_ms, -1);
	assert_int_equal(sessions->rows[0].report.position_ms, -1);
	xfree(sessions);
}

static void
a_session_without_a_device_or_user_is_named_by_itself(void **state)
{
	struct feed_sessions *sessions =
		parse("[{\"Id\":\"s1\",\"UserId\":\"00000000000000000000000000000000\","
		      "\"NowPlayingItem\":{" ITEM "}}]");

	(void)state;
	assert_string_equal(sessions->rows[0].report.key.device_id, "s1");
	assert_string_equal(sessions->rows[0].report.key.user_id, "");
	assert_int_equal(sessions->rows[0].checked_in_wall_ms, -1);
	xfree(sessions);
}

static void
what_is_no_list_or_has_no_item_is_no_row(void **state)
{
	static const char *const none[] = { "[]", "[null,1,[]]",
		"[{\"NowPlayingItem\":null}]", "[{\"NowPlayingItem\":{}}]",
		"[{\"NowPlayingItem\":{\"Id\":\"00000000000000000000000000000000\"}}]",
		"[{\"NowPlayingItem\":{\"Id\":\"ext-deezer-1\"}}]" };
	static const char *const no_list[] = { "", "{}", "null", "<html>", "[" };

	(void)state;
	for (size_t i = 0; i < COUNT_OF(none); i++) {
		struct feed_sessions *sessions = parse(none[i]);
		assert_non_null(sessions);
		assert_int_equal(sessions->count, 0);
		xfree(sessions);
	}
	for (size_t i = 0; i < COUNT_OF(no_list); i++)
		assert_null(parse(no_list[i]));
}

static void
messages_are_told_apart(void **state)
{
	static const char keep[] = "{\"MessageType\":\"ForceKeepAlive\",\"Data\":60}";
	static const char list[] = "{\"MessageType\":\"Sessions\",\"Data\":[{\"DeviceId\":"
				   "\"d\",\"NowPlayingItem\":{" ITEM "}}]}";
	static const char other[] = "{\"MessageType\":\"Sessions\",\"Data\":7}";

	(void)state;
	struct feed_message *message = feed_message_parse_new(keep, sizeof keep - 1);
	assert_int_equal(message->kind, FEED_MESSAGE_FORCE_KEEP_ALIVE);
	assert_int_equal(message->seconds, 60);
	feed_message_free(message);
	message = feed_message_parse_new(list, sizeof list - 1);
	assert_int_equal(message->kind, FEED_MESSAGE_SESSIONS);
	assert_int_equal(message->sessions->count, 1);
	assert_int_equal(message->size, sizeof list - 1);
	feed_message_free(message);
	message = feed_message_parse_new(other, sizeof other - 1);
	assert_int_equal(message->kind, FEED_MESSAGE_OTHER);
	feed_message_free(message);
}

/* ---- recorded ---- */

/* A recorded session, as the one row of a list; NULL where there are no recordings. */
static struct feed_sessions *
recorded_row(const char *name)
{
	struct text list = { 0 };
	char *session = recorded_new(name);

	if (session == NULL)
		return NULL;
	text_addf(&list, "[%s]", session);
	struct feed_sessions *sessions = parse(text_get(&list));
	assert_non_null(sessions);
	assert_int_equal(sessions->session_count, 1);
	text_fini(&list);
	xfree(session);
	return sessions;
}

static void
a_recorded_song_is_played_directly(void **state)
{
	struct feed_sessions *sessions = recorded_row("session_webclient_directplay_audio");

	(void)state;
	if (sessions == NULL)
		skip();
	const struct play_report *report = &sessions->rows[0].report;
	assert_string_equal(report->item.name, "Sunrise");
	assert_string_equal(report->item.artist, "Alpha Band");
	assert_string_equal(report->play_method, "DirectPlay");
	assert_int_equal(report->position_ms, 13080);
	assert_false(report->stream.transcodes);
	assert_string_equal(report->stream.source.audio_codec, "flac");
	assert_int_equal(report->stream.source.bitrate, 99622);
	assert_true(sessions->rows[0].checked_in_wall_ms > 0);
	xfree(sessions);
}

static void
a_recorded_transcode_says_what_is_made_of_what(void **state)
{
	struct feed_sessions *sessions = recorded_row("session_transcoding_video");

	(void)state;
	if (sessions == NULL)
		skip();
	const struct play_stream *stream = &sessions->rows[0].report.stream;
	assert_true(stream->transcodes && stream->audio_direct && !stream->video_direct);
	assert_int_equal(stream->source.height, 720);
	assert_int_equal(stream->source.bitrate, 6383464);
	assert_string_equal(stream->source.video_range, "SDR");
	assert_string_equal(stream->output.container, "ts");
	assert_int_equal(stream->output.bitrate, 1058723);
	assert_string_equal(stream->hardware, "none");
	assert_string_equal(stream->reasons, "ContainerBitrateExceedsLimit");
	xfree(sessions);
}

static void
recorded_idle_and_shown_sessions_are_read(void **state)
{
	static const struct {
		const char *name;
		size_t rows;
	} cases[] = { { "session_idle_after_stop", 0 }, { "session_webclient_idle", 0 },
		{ "session_directplay_audio", 1 }, { "session_spoof_c_guid", 1 },
		{ "session_spoof_b_noItemId", 0 } };

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct feed_sessions *sessions = recorded_row(cases[i].name);
		if (sessions == NULL)
			skip();
		assert_int_equal(sessions->count, cases[i].rows);
		xfree(sessions);
	}
}

static void
a_recorded_push_is_a_list(void **state)
{
	char *text = recorded_new("ws_sessions_message");

	(void)state;
	if (text == NULL)
		skip();
	struct feed_message *message = feed_message_parse_new(text, strlen(text));
	assert_int_equal(message->kind, FEED_MESSAGE_SESSIONS);
	assert_true(message->sessions->session_count > 2);
	feed_message_free(message);
	xfree(text);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_session_that_plays_is_a_row),
		cmocka_unit_test(a_pause_that_is_over_has_no_beginning),
		cmocka_unit_test(a_session_without_a_device_or_user_is_named_by_itself),
		cmocka_unit_test(what_is_no_list_or_has_no_item_is_no_row),
		cmocka_unit_test(messages_are_told_apart),
		cmocka_unit_test(a_recorded_song_is_played_directly),
		cmocka_unit_test(a_recorded_transcode_says_what_is_made_of_what),
		cmocka_unit_test(recorded_idle_and_shown_sessions_are_read),
		cmocka_unit_test(a_recorded_push_is_a_list),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
