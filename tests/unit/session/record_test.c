#include "session/record.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#define A "65787401100101000000000000000001"

enum { MINUTE = 60 * 1000, HOUR = 60 * MINUTE };

/* When the record is written: any two clocks. */
static const struct record_time written = { 5000000, 1700000000000 };

static struct play_report
full_report(void)
{
	struct play_report report = { .kind = REPORT_PROGRESS,
		.source = REPORT_EXTERNAL,
		.received_ms = written.now_ms - 2000,
		.received_wall_ms = written.wall_ms - 2000,
		.user_name = "Alice Äö",
		.device = "Pixel \"8\"",
		.version = "1.2",
		.token = "secret-token",
		.address = "192.0.2.7",
		.play_session_id = "p1",
		.item = { .id = A,
			.external = true,
			.type = "Audio",
			.name = "Song",
			.album = "Album",
			.artist = "Artist",
			.runtime_ms = 4 * MINUTE },
		.position_ms = 61000,
		.paused = true,
		.paused_said = true,
		.muted_said = true,
		.volume = 70,
		.play_method = "DirectPlay",
		.repeat_mode = "RepeatAll",
		.playback_order = "Shuffle",
		.playlist_item_id = "entry7",
		.event_name = "Pause" };

	play_session_key_set(
		&report.key, "Finamp", "Phone", "832e25879a396454558606107194281a");
	copy_text(report.key.server, sizeof report.key.server, "attic");
	report.item.item_json = xstrdup("{\"Name\":\"Song\"}");
	report.queue_json = xstrdup("[{\"Id\":\"" A "\"}]");
	return report;
}

static void
expect_same_report(const struct play_report *a, const struct play_report *b)
{
	assert_int_equal(a->kind, b->kind);
	assert_int_equal(a->source, b->source);
	assert_memory_equal(&a->key, &b->key, sizeof a->key);
	assert_string_equal(a->user_name, b->user_name);
	assert_string_equal(a->device, b->device);
	assert_string_equal(a->version, b->version);
	assert_string_equal(a->token, b->token);
	assert_string_equal(a->address, b->address);
	assert_string_equal(a->play_session_id, b->play_session_id);
	assert_string_equal(a->item.id, b->item.id);
	assert_int_equal(a->item.external, b->item.external);
	assert_string_equal(a->item.type, b->item.type);
	assert_string_equal(a->item.name, b->item.name);
	assert_string_equal(a->item.album, b->item.album);
	assert_string_equal(a->item.artist, b->item.artist);
	assert_int_equal(a->item.runtime_ms, b->item.runtime_ms);
	assert_string_equal(a->item.item_json, b->item.item_json);
	assert_int_equal(a->position_ms, b->position_ms);
	assert_int_equal(a->paused, b->paused);
	assert_int_equal(a->paused_said, b->paused_said);
	assert_int_equal(a->muted, b->muted);
	assert_int_equal(a->muted_said, b->muted_said);
	assert_int_equal(a->volume, b->volume);
	assert_string_equal(a->play_method, b->play_method);
	assert_string_equal(a->repeat_mode, b->repeat_mode);
	assert_string_equal(a->playback_order, b->playback_order);
	assert_string_equal(a->playlist_item_id, b->playlist_item_id);
	assert_string_equal(a->event_name, b->event_name);
	assert_int_equal(a->failed, b->failed);
	assert_string_equal(a->queue_json, b->queue_json);
}

static void
a_report_reads_as_it_was_written_on_the_clock_of_who_reads(void **state)
{
	const struct record_time read = { 700000, written.wall_ms + 500 };
	struct play_report report = full_report(), again;
	struct text json = { 0 };

	(void)state;
	record_write_report(&json, &report, written);
	assert_true(
		record_read_report(&again, (struct slice){ json.data, json.size }, read));
	expect_same_report(&again, &report);
	assert_int_equal(again.received_ms, read.now_ms - 2500);
	assert_int_equal(again.received_wall_ms, report.received_wall_ms);
	play_report_fini(&report);
	play_report_fini(&again);
	text_fini(&json);
}

static void
what_a_report_does_not_say_stays_unsaid(void **state)
{
	struct play_report report = { .kind = REPORT_STOP,
		.source = REPORT_NATIVE,
		.received_ms = written.now_ms,
		.position_ms = -1,
		.volume = -1,
		.failed = true };
	struct play_report again;
	struct text json = { 0 };

	(void)state;
	record_write_report(&json, &report, written);
	assert_true(record_read_report(
		&again, (struct slice){ json.data, json.size }, written));
	assert_int_equal(again.kind, REPORT_STOP);
	assert_int_equal(again.source, REPORT_NATIVE);
	assert_string_equal(again.item.id, "");
	assert_int_equal(again.position_ms, -1);
	assert_int_equal(again.volume, -1);
	assert_false(again.paused_said || again.muted_said);
	assert_true(again.failed);
	assert_null(again.queue_json);
	assert_null(again.item.item_json);
	text_fini(&json);
}

static void
a_session_reads_as_it_was_written(void **state)
{
	const struct record_time read = { 90000000, written.wall_ms + MINUTE };
	struct play_report report = full_report();
	struct record record;
	struct text json = { 0 };
	struct play play;

	(void)state;
	play_begin(&play, 7, &report);
	play.started_ms -= MINUTE;
	play.paused_total_ms = 12;
	play.report_count = 34;
	play.quiet_progress_count = 5;
	play.regular = play.confirmed = true;
	record_write(&json, &play, "{\"SupportedCommands\":[]}", written);
	assert_true(record_read(&record, (struct slice){ json.data, json.size }, read));
	expect_same_report(&record.play.last, &play.last);
	assert_int_equal(record.play.state, PLAY_PAUSED);
	assert_int_equal(record.play.started_ms, read.now_ms - 2 * MINUTE - 2000);
	assert_int_equal(record.play.started_wall_ms, written.wall_ms - MINUTE - 2000);
	assert_int_equal(record.play.updated_ms, read.now_ms - MINUTE - 2000);
	assert_int_equal(record.play.paused_since_ms, read.now_ms - MINUTE - 2000);
	assert_int_equal(record.play.heard_ms, record.play.updated_ms);
	assert_int_equal(record.play.position_ms, 61000);
	assert_int_equal(record.play.paused_total_ms, 12);
	assert_int_equal(record.play.report_count, 34);
	assert_int_equal(record.play.quiet_progress_count, 5);
	assert_true(record.play.regular);
	assert_true(record.play.confirmed);
	assert_string_equal(record.capabilities, "{\"SupportedCommands\":[]}");
	record_fini(&record);
	play_fini(&play);
	play_report_fini(&report);
	text_fini(&json);
}

static void
a_clock_that_was_set_back_makes_no_future(void **state)
{
	const struct record_time read = { 90000000, written.wall_ms - HOUR };
	struct play_report report = full_report();
	struct record record;
	struct text json = { 0 };
	struct play play;

	(void)state;
	play_begin(&play, 7, &report);
	record_write(&json, &play, NULL, written);
	assert_true(record_read(&record, (struct slice){ json.data, json.size }, read));
	assert_int_equal(record.play.updated_ms, read.now_ms);
	assert_int_equal(record.play.last.received_ms, read.now_ms);
	assert_null(record.capabilities);
	record_fini(&record);
	play_fini(&play);
	play_report_fini(&report);
	text_fini(&json);
}

static void
what_is_no_record_is_refused(void **state)
{
	static const char *const wrong[] = { "", "[]", "{", "{}", "null",
		"{\"state\":\"playing\"}",
		"{\"state\":\"stopped\",\"last\":{\"kind\":\"start\",\"source\":"
		"\"external\",\"item\":{\"id\":\"" A "\"}}}",
		"{\"state\":\"playing\",\"last\":{\"kind\":\"dance\",\"source\":"
		"\"external\",\"item\":{\"id\":\"" A "\"}}}",
		"{\"state\":\"playing\",\"last\":{\"kind\":\"start\",\"source\":"
		"\"external\",\"item\":{\"id\":\"short\",\"dto\":\"{}\"}}}",
		"{\"state\":\"playing\",\"capabilities\":\"x\",\"last\":{\"kind\":"
		"\"start\","
		"\"source\":\"external\",\"queue\":\"[]\",\"item\":{}}}" };
	static const char right[] =
		"{\"state\":\"playing\",\"last\":{\"kind\":\"start\",\"source\":"
		"\"external\",\"item\":{\"id\":\"" A "\"}}}";
	struct record record;

	(void)state;
	for (size_t i = 0; i < COUNT_OF(wrong); i++) {
		if (record_read(&record, slice_of(wrong[i]), written))
			fail_msg("taken: %s", wrong[i]);
	}
	assert_true(record_read(&record, slice_of(right), written));
	record_fini(&record);
}

static void
a_play_goes_on_until_its_silence_or_its_runtime_is_over(void **state)
{
	/* A play of 4 minutes, last heard of at `position_ms`, `ago_ms` ago. */
	static const struct {
		bool paused, regular;
		int64_t position_ms, ago_ms;
		bool goes_on;
	} rows[] = {
		{ false, false, MINUTE, MINUTE, true },
		{ false, false, MINUTE, 3 * MINUTE + 49 * 1000, true },
		{ false, false, MINUTE, 3 * MINUTE + 50 * 1000, false },
		{ false, true, MINUTE, 3 * MINUTE - 1000, true },
		{ false, true, MINUTE, 3 * MINUTE, false },
		{ false, true, 4 * MINUTE - 1000, 50 * 1000, true },
		{ false, true, 4 * MINUTE - 1000, 51 * 1000, false },
		{ true, false, 4 * MINUTE - 1000, 29 * MINUTE, true },
		{ true, false, 4 * MINUTE - 1000, 30 * MINUTE, false },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct play_report report = full_report();
		struct record record = { 0 };
		report.paused = rows[i].paused;
		report.position_ms = rows[i].position_ms;
		report.received_ms = written.now_ms - rows[i].ago_ms;
		play_begin(&record.play, 7, &report);
		record.play.regular = rows[i].regular;
		if (record_goes_on(&record, written.now_ms) != rows[i].goes_on)
			fail_msg("row %zu", i);
		record_fini(&record);
		play_report_fini(&report);
	}
}

static void
capabilities_read_as_they_were_written(void **state)
{
	struct play_session_key key, again;
	struct text json = { 0 };
	char *capabilities;

	(void)state;
	play_session_key_set(&key, "Finamp", "Phone", "u1");
	record_write_capabilities(&json, &key, "{\"a\":\"\u00e4\"}");
	assert_true(record_read_capabilities(
		&again, &capabilities, (struct slice){ json.data, json.size }));
	assert_memory_equal(&again, &key, sizeof key);
	assert_string_equal(capabilities, "{\"a\":\"\u00e4\"}");
	xfree(capabilities);
	assert_false(record_read_capabilities(&again, &capabilities, SLICE("[1]")));
	text_fini(&json);
}

static void
names_are_digests_without_regard_to_case(void **state)
{
	struct play_session_key key, other;
	char a[RECORD_ID_SIZE], b[RECORD_ID_SIZE];

	(void)state;
	play_session_key_set(&key, "Finamp", "Phone", "u1");
	play_session_key_set(&other, "FINAMP", "phone", "U1");
	record_session_id(a, &key);
	record_session_id(b, &other);
	assert_string_equal(a, b);
	assert_int_equal(strlen(a), 32);
	play_session_key_set(&other, "Finamp", "phone", "u2");
	record_session_id(b, &other);
	assert_string_not_equal(a, b);
	record_device_id(a, "Phone");
	record_device_id(b, "phone");
	assert_string_equal(a, b);
	record_device_id(b, "tablet");
	assert_string_not_equal(a, b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			a_report_reads_as_it_was_written_on_the_clock_of_who_reads),
		cmocka_unit_test(what_a_report_does_not_say_stays_unsaid),
		cmocka_unit_test(a_session_reads_as_it_was_written),
		cmocka_unit_test(a_clock_that_was_set_back_makes_no_future),
		cmocka_unit_test(what_is_no_record_is_refused),
		cmocka_unit_test(a_play_goes_on_until_its_silence_or_its_runtime_is_over),
		cmocka_unit_test(capabilities_read_as_they_were_written),
		cmocka_unit_test(names_are_digests_without_regard_to_case),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
