#include "session/holder_device.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define A "65787401100101000000000000000001"
#define B "65787401100101000000000000000002"

struct fixture {
	struct device_table table;
	struct device *device;
};

static int
set_up(void **state)
{
	struct fixture *fixture = xcalloc(1, sizeof *fixture);

	fixture->device = device_find_or_add(&fixture->table, "phone");
	*state = fixture;
	return 0;
}

static int
tear_down(void **state)
{
	struct fixture *fixture = *state;

	device_table_fini(&fixture->table);
	assert_int_equal(fixture->table.count, 0);
	xfree(fixture);
	return 0;
}

static bool
say(struct fixture *fixture, enum report_kind kind, const char *item, int64_t position_ms,
	bool paused)
{
	struct play_report report = { .kind = kind,
		.position_ms = position_ms,
		.paused = paused,
		.paused_said = true };

	play_session_key_set(&report.key, "Finamp", "phone", "alice");
	copy_text(report.item.id, sizeof report.item.id, item);
	report.queue_json = xstrdup("[]");
	bool queued = device_enqueue(fixture->device, &report);
	play_report_fini(&report);
	return queued;
}

/* What waits, as "kind:position", and drops it. */
static void
expect(struct fixture *fixture, const char *waiting)
{
	const struct play_report *first;
	struct text text = { 0 };

	while ((first = device_first(fixture->device)) != NULL) {
		text_addf(&text, "%d:%d ", first->kind, (int)first->position_ms);
		device_drop_first(fixture->device);
	}
	assert_string_equal(text_get(&text), waiting);
	text_fini(&text);
}

static void
the_newest_progress_takes_the_place_of_the_one_before(void **state)
{
	assert_true(say(*state, REPORT_START, A, 0, false));
	for (int i = 1; i < 100; i++)
		assert_true(say(*state, REPORT_PROGRESS, A, i, false));
	expect(*state, "0:0 1:99 ");
}

static void
starts_stops_pauses_and_other_items_are_never_merged(void **state)
{
	assert_true(say(*state, REPORT_START, A, 0, false));
	assert_true(say(*state, REPORT_PROGRESS, A, 1, false));
	assert_true(say(*state, REPORT_PROGRESS, A, 2, true));
	assert_true(say(*state, REPORT_PROGRESS, A, 3, false));
	assert_true(say(*state, REPORT_PROGRESS, B, 4, false));
	assert_true(say(*state, REPORT_STOP, B, 5, false));
	assert_true(say(*state, REPORT_STOP, B, 6, false));
	expect(*state, "0:0 1:1 1:2 1:3 1:4 2:5 2:6 ");
}

static void
what_is_on_its_way_stays_as_it_was_sent(void **state)
{
	struct fixture *fixture = *state;

	assert_true(say(fixture, REPORT_PROGRESS, A, 1, false));
	fixture->device->giving = true;
	assert_true(say(fixture, REPORT_PROGRESS, A, 2, false));
	assert_true(say(fixture, REPORT_PROGRESS, A, 3, false));
	expect(fixture, "1:1 1:3 ");
}

static void
a_full_queue_takes_no_more(void **state)
{
	for (int i = 0; i < DEVICE_QUEUE_MOST; i++)
		assert_true(say(*state, REPORT_STOP, A, i, false));
	assert_false(say(*state, REPORT_STOP, A, 99, false));
}

static void
devices_are_found_by_id_until_they_are_removed(void **state)
{
	struct fixture *fixture = *state;
	char id[RECORD_ID_SIZE];

	for (int i = 0; i < 3000; i++) {
		snprintf(id, sizeof id, "device%d", i);
		device_learn_name(device_find_or_add(&fixture->table, id), id);
	}
	assert_int_equal(fixture->table.count, 3001);
	struct device *found = device_find(&fixture->table, "device2999");
	assert_non_null(found);
	assert_ptr_equal(found, device_find_or_add(&fixture->table, "device2999"));
	device_learn_name(found, "another");
	assert_string_equal(found->device_id, "device2999");
	assert_null(device_find(&fixture->table, "device3000"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(the_newest_progress_takes_the_place_of_the_one_before),
		TEST(starts_stops_pauses_and_other_items_are_never_merged),
		TEST(what_is_on_its_way_stays_as_it_was_sent),
		TEST(a_full_queue_takes_no_more),
		TEST(devices_are_found_by_id_until_they_are_removed),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
