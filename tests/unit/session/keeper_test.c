#include "session/keeper.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "core/clock.h"
#include "tests/unit/session/fake_sockets.h"
#include "tests/unit/session/fake_transport.h"

#define A "65787401100101000000000000000001"
#define B "65787401100101000000000000000002"

enum { MINUTE = 60 * 1000 };

/* A keeper whose vault writes down what it is told: "S" saved, "F" forgotten. */
struct fixture {
	struct loop *loop;
	struct base_url base;
	struct fake_transport transport;
	struct fake_sockets sockets;
	struct tracker *tracker;
	struct now_playing *now_playing;
	struct seal *seal;
	struct keeper *keeper;
	struct play_session_key key;
	struct text told;
	struct keeper_place place;
	struct text sealed;
};

static void
save(void *arg, const struct keeper_place *place, struct slice sealed_record)
{
	struct fixture *fixture = arg;

	text_add(&fixture->told, "S");
	fixture->place = *place;
	text_clear(&fixture->sealed);
	text_add_slice(&fixture->sealed, sealed_record);
}

static void
forget(void *arg, const struct keeper_place *place)
{
	struct fixture *fixture = arg;

	text_add(&fixture->told, "F");
	fixture->place = *place;
}

static bool
address(void *arg, char *to, size_t size)
{
	(void)arg;
	return copy_text(to, size, "192.0.2.1");
}

static struct seal *
make_seal(void)
{
	char folder[] = "/tmp/keeper_test_XXXXXX";
	struct text path = { 0 };
	char why[256];

	assert_non_null(mkdtemp(folder));
	text_addf(&path, "%s/key", folder);
	struct seal *seal = seal_load(text_get(&path), why, sizeof why);
	assert_non_null(seal);
	unlink(text_get(&path));
	rmdir(folder);
	text_fini(&path);
	return seal;
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
	struct now_playing_options now_playing = { .jellyfin = &fixture->base,
		.loop = fixture->loop,
		.tracker = fixture->tracker,
		.address = address,
		.transport = &transport,
		.sockets = &sockets };
	fixture->now_playing = now_playing_new(&now_playing);
	fixture->seal = make_seal();
	struct keeper_options options = { .loop = fixture->loop,
		.tracker = fixture->tracker,
		.now_playing = fixture->now_playing,
		.seal = fixture->seal,
		.vault = { save, forget, fixture } };
	fixture->keeper = keeper_new(&options);
	play_session_key_set(&fixture->key, "Finamp", "phone", "alice");
	*state = fixture;
	return 0;
}

static int
tear_down(void **state)
{
	struct fixture *fixture = *state;

	keeper_free(fixture->keeper);
	now_playing_free(fixture->now_playing);
	tracker_free(fixture->tracker);
	loop_free(fixture->loop);
	seal_free(fixture->seal);
	text_fini(&fixture->sockets.last_sent);
	text_fini(&fixture->told);
	text_fini(&fixture->sealed);
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
		.token = "secret-token",
		.position_ms = -1,
		.volume = -1 };

	copy_text(report.item.id, sizeof report.item.id, item);
	report.item.external = true;
	report.item.runtime_ms = 4 * MINUTE;
	return report;
}

static void
say(struct fixture *fixture, enum report_kind kind, const char *item)
{
	pass(fixture, 1);
	struct play_report report = report_of(fixture, kind, item);
	tracker_report(fixture->tracker, &report);
	pass(fixture, 1);
}

static void
expect(struct fixture *fixture, const char *told)
{
	assert_string_equal(text_get(&fixture->told), told);
	text_clear(&fixture->told);
}

/* What the vault got last. */
static struct record
open_record(struct fixture *fixture)
{
	struct text json = { 0 };
	struct record record;

	assert_int_equal(
		seal_open(fixture->seal, &json, RECORD_VERSION,
			slice_of(fixture->place.session),
			(struct slice){ fixture->sealed.data, fixture->sealed.size }),
		SEAL_GOOD);
	assert_true(record_read(
		&record, (struct slice){ json.data, json.size }, record_time_now()));
	text_fini(&json);
	return record;
}

static void
a_start_is_kept_at_once_and_progress_every_ten_seconds(void **state)
{
	struct fixture *fixture = *state;

	say(fixture, REPORT_START, A);
	expect(fixture, "S");
	for (int i = 0; i < 22; i++) {
		say(fixture, REPORT_PROGRESS, A);
		pass(fixture, 998);
	}
	expect(fixture, "SS");
	pass(fixture, KEEPER_EVERY_MS);
	expect(fixture, "S"); /* the last of it */
	pass(fixture, KEEPER_EVERY_MS);
	expect(fixture, "");
}

static void
a_pause_is_kept_at_once_with_the_clients_capabilities(void **state)
{
	struct fixture *fixture = *state;

	now_playing_remember_capabilities(fixture->now_playing, &fixture->key, "{\"a\":1}");
	say(fixture, REPORT_START, A);
	struct play_report report = report_of(fixture, REPORT_PROGRESS, A);
	report.paused = report.paused_said = true;
	report.position_ms = 12345;
	tracker_report(fixture->tracker, &report);
	expect(fixture, "SS");
	assert_null(memmem(fixture->sealed.data, fixture->sealed.size, "secret", 6));
	struct record record = open_record(fixture);
	assert_int_equal(record.play.state, PLAY_PAUSED);
	assert_int_equal(record.play.position_ms, 12345);
	assert_string_equal(record.play.last.token, "secret-token");
	assert_string_equal(record.capabilities, "{\"a\":1}");
	record_fini(&record);
}

static void
what_has_ended_is_forgotten(void **state)
{
	struct fixture *fixture = *state;

	say(fixture, REPORT_START, A);
	say(fixture, REPORT_START, B);
	expect(fixture, "SFS");
	say(fixture, REPORT_PROGRESS, B);
	say(fixture, REPORT_STOP, B);
	expect(fixture, "F");
	pass(fixture, 2 * KEEPER_EVERY_MS);
	expect(fixture, "");
}

static void
what_is_left_to_another_instance_is_not_forgotten(void **state)
{
	struct fixture *fixture = *state;

	say(fixture, REPORT_START, A);
	pass(fixture, 3000);
	keeper_leave(fixture->keeper, "PHONE");
	expect(fixture, "S");
	assert_int_equal(tracker_count(fixture->tracker), 0);
	struct record record = open_record(fixture);
	assert_true(keeper_restore(fixture->keeper, &record));
	const struct play *play =
		tracker_find_in_session(fixture->tracker, &fixture->key, true);
	assert_non_null(play);
	assert_in_range(play_position_now_ms(play, clock_now_ms()), 3000, 13000);
	expect(fixture, "");
	say(fixture, REPORT_PROGRESS, A);
	pass(fixture, KEEPER_EVERY_MS);
	expect(fixture, "S");
	record_fini(&record);
}

static void
what_is_over_is_not_restored_but_forgotten(void **state)
{
	struct fixture *fixture = *state;

	say(fixture, REPORT_START, A);
	struct record record = open_record(fixture);
	keeper_leave(fixture->keeper, "phone");
	text_clear(&fixture->told);
	pass(fixture, 4 * MINUTE + PLAY_RUNTIME_GRACE_MS);
	assert_false(keeper_restore(fixture->keeper, &record));
	assert_int_equal(tracker_count(fixture->tracker), 0);
	expect(fixture, "F");
	record_fini(&record);
}

static void
a_record_that_newer_reports_have_overtaken_harms_nothing(void **state)
{
	struct fixture *fixture = *state;

	say(fixture, REPORT_START, A);
	struct record record = open_record(fixture);
	say(fixture, REPORT_START, B);
	text_clear(&fixture->told);
	assert_false(keeper_restore(fixture->keeper, &record));
	expect(fixture, ""); /* the newer play's record lies in its place */
	say(fixture, REPORT_STOP, B);
	text_clear(&fixture->told);
	assert_false(keeper_restore(fixture->keeper, &record));
	expect(fixture, "F");
	record_fini(&record);
}

static void
at_the_end_everything_is_kept_as_it_is(void **state)
{
	struct fixture *fixture = *state;

	say(fixture, REPORT_START, A);
	pass(fixture, 7000);
	keeper_save_all(fixture->keeper, 0);
	expect(fixture, "SS");
	struct record record = open_record(fixture);
	assert_in_range(play_position_now_ms(&record.play, clock_now_ms()), 7000, 17000);
	record_fini(&record);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_start_is_kept_at_once_and_progress_every_ten_seconds),
		TEST(a_pause_is_kept_at_once_with_the_clients_capabilities),
		TEST(what_has_ended_is_forgotten),
		TEST(what_is_left_to_another_instance_is_not_forgotten),
		TEST(what_is_over_is_not_restored_but_forgotten),
		TEST(a_record_that_newer_reports_have_overtaken_harms_nothing),
		TEST(at_the_end_everything_is_kept_as_it_is),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
