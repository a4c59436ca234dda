#include "tracker/report.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#define GUID     "832e25879a396454558606107194281a"
#define EXTERNAL "65787401100101000000000000000001"

/* Ids that begin with the magic of external ids are external; "ext-…" too. */
static bool
resolve(void *arg, const char *text, char id[33], bool *external)
{
	(void)arg;
	if (strncmp(text, "ext-", 4) == 0) {
		memcpy(id, EXTERNAL, 33);
		*external = true;
		return true;
	}
	*external = strncmp(text, "657874", 6) == 0;
	return play_item_id_normal(id, text);
}

static const struct report_ids ids = { resolve, NULL };

static bool
parse(struct play_report *report, const char *body)
{
	return report_parse(report, REPORT_PROGRESS, body, strlen(body), &ids);
}

static void
the_body_of_a_web_client_is_read(void **state)
{
	struct play_report report;

	(void)state;
	assert_true(parse(&report,
		"{\"VolumeLevel\":80,\"IsMuted\":false,\"IsPaused\":true,"
		"\"RepeatMode\":\"RepeatAll\",\"PositionTicks\":123450000,"
		"\"PlayMethod\":\"DirectPlay\",\"PlaySessionId\":\"1795226672663\","
		"\"ItemId\":\"" GUID "\",\"EventName\":\"pause\","
		"\"PlaylistItemId\":\"playlistItem0\","
		"\"NowPlayingQueue\":[{\"Id\":\"" GUID "\"}]}"));
	assert_string_equal(report.item.id, GUID);
	assert_false(report.item.external);
	assert_int_equal(report.position_ms, 12345);
	assert_int_equal(report.volume, 80);
	assert_true(report.paused_said && report.paused);
	assert_true(report.muted_said && !report.muted);
	assert_string_equal(report.repeat_mode, "RepeatAll");
	assert_string_equal(report.play_method, "DirectPlay");
	assert_string_equal(report.play_session_id, "1795226672663");
	assert_string_equal(report.event_name, "pause");
	assert_string_equal(report.playlist_item_id, "playlistItem0");
	assert_null(report.queue_json);
	play_report_fini(&report);
}

static void
names_and_words_may_have_any_case_and_numbers_be_texts(void **state)
{
	struct play_report report;

	(void)state;
	assert_true(parse(&report, "{\"itemid\":\"832E2587-9A39-6454-5586-06107194281A\","
				   "\"positionTicks\":\"50000\",\"ispaused\":\"True\","
				   "\"playMethod\":\"transcode\",\"volumelevel\":\"7\"}"));
	assert_string_equal(report.item.id, GUID);
	assert_int_equal(report.position_ms, 5);
	assert_true(report.paused);
	assert_string_equal(report.play_method, "Transcode");
	assert_int_equal(report.volume, 7);
}

static void
what_is_not_said_is_known_as_not_said(void **state)
{
	struct play_report report;

	(void)state;
	assert_true(parse(&report, "{}"));
	assert_string_equal(report.item.id, "");
	assert_int_equal(report.position_ms, -1);
	assert_int_equal(report.volume, -1);
	assert_false(report.paused_said);
	assert_false(report.muted_said);
	assert_false(report.failed);
}

static void
the_queue_of_an_external_item_is_kept_with_normal_ids(void **state)
{
	struct play_report report;

	(void)state;
	assert_true(parse(&report,
		"{\"ItemId\":\"ext-deezer-song-1\",\"NowPlayingQueue\":[{\"Id\":\""
		"ext-deezer-song-1\",\"PlaylistItemId\":\"p0\"},{\"Id\":\"nonsense\"},7,"
		"{\"id\":\"832E25879A396454558606107194281A\"}]}"));
	assert_true(report.item.external);
	assert_string_equal(report.item.id, EXTERNAL);
	assert_string_equal(report.queue_json,
		"[{\"Id\":\"" EXTERNAL "\",\"PlaylistItemId\":\"p0\"},"
		"{\"Id\":\"" GUID "\"}]");
	play_report_fini(&report);
}

static void
the_zero_guid_is_no_item_and_other_words_are_refused(void **state)
{
	static const char *const none[] = { "{\"ItemId\":null}", "{\"ItemId\":\"\"}",
		"{\"ItemId\":\"00000000-0000-0000-0000-000000000000\"}" };
	static const char *const refused[] = { "{\"ItemId\":\"song\"}", "{\"ItemId\":7}",
		"[]", "\"x\"", "", "{", "{\"ItemId\":\"832e25879a39645455860610719428\"}",
		"{\"ItemId\":\"832e2587-9a396454-5586-06107194281a\"}" };
	struct play_report report;

	(void)state;
	for (size_t i = 0; i < COUNT_OF(none); i++) {
		assert_true(parse(&report, none[i]));
		assert_string_equal(report.item.id, "");
	}
	for (size_t i = 0; i < COUNT_OF(refused); i++)
		assert_false(parse(&report, refused[i]));
}

static void
the_item_of_a_native_report_is_read_when_it_is_sent(void **state)
{
	struct play_report report;

	(void)state;
	assert_true(parse(&report,
		"{\"ItemId\":\"" GUID
		"\",\"Item\":{\"Name\":\"N\",\"Type\":\"Audio\",\"Album\":\"A\","
		"\"Artists\":[\"B\",\"C\"],\"RunTimeTicks\":2240000000}}"));
	assert_string_equal(report.item.name, "N");
	assert_string_equal(report.item.artist, "B");
	assert_int_equal(report.item.runtime_ms, 224000);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_body_of_a_web_client_is_read),
		cmocka_unit_test(names_and_words_may_have_any_case_and_numbers_be_texts),
		cmocka_unit_test(what_is_not_said_is_known_as_not_said),
		cmocka_unit_test(the_queue_of_an_external_item_is_kept_with_normal_ids),
		cmocka_unit_test(the_zero_guid_is_no_item_and_other_words_are_refused),
		cmocka_unit_test(the_item_of_a_native_report_is_read_when_it_is_sent),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
