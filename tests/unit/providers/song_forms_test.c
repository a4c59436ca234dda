#include "providers/song_forms.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "core/clock.h"
#include "core/loop.h"

enum { DEADLINE_MS = 500, TURNS = 200 };

/* A provider that answers when the test says so. */
struct fake {
	int asked, cancelled;
	struct track_wish wish;
	void (*done)(void *arg, enum err err, const struct track_formats *formats);
	void *arg;
};

struct fixture {
	struct fake fake;
	struct provider_ops ops;
	struct loop *loop;
	struct catalog *catalog;
	struct catalog_worker *worker;
	struct song_forms *forms;
	/* What the last call told. */
	int told;
	enum err err;
	struct track_formats found;
};

static const struct track_listener alice = { "a1", "alice" }, bob = { "b1", "bob" };
static const struct external_id song = { PROVIDER_DEEZER, MEDIA_SONG, "3135556" };

static void
free_shared(void *shared)
{
	(void)shared;
}

static struct provider_lane
lane(void *shared, const struct track_listener *listener)
{
	struct provider_lane lane = { .qualities = TRACK_BIT(TRACK_MP3_320) };

	(void)shared;
	copy_text(lane.account, sizeof lane.account, listener->user_name);
	return lane;
}

static void *
seat_new(void *shared, struct loop *loop, struct http_client *client)
{
	(void)loop;
	(void)client;
	return shared;
}

static void
seat_free(void *seat)
{
	(void)seat;
}

static void *
formats_start(void *seat, const struct track_wish *wish,
	void (*done)(void *arg, enum err err, const struct track_formats *formats),
	void *arg)
{
	struct fake *fake = seat;

	fake->asked++;
	fake->wish = *wish;
	fake->done = done;
	fake->arg = arg;
	return fake;
}

static void
formats_cancel(void *asking)
{
	struct fake *fake = asking;

	fake->cancelled++;
	fake->done = NULL;
}

static void
answer(struct fixture *fixture, enum err err)
{
	struct track_formats formats = { .of = { track_format_of(TRACK_MP3_320) },
		.count = 1 };

	assert_non_null(fixture->fake.done);
	fixture->fake.done(fixture->fake.arg, err, err == ERR_NONE ? &formats : NULL);
	fixture->fake.done = NULL;
}

static void
on_found(void *arg, enum err err, const struct track_formats *found)
{
	struct fixture *fixture = arg;

	fixture->told++;
	fixture->err = err;
	fixture->found = found == NULL ? (struct track_formats){ 0 } : *found;
}

static struct song_forms_call *
get(struct fixture *fixture, const struct external_id *id,
	const struct track_listener *listener)
{
	int told = fixture->told;
	struct song_forms_call *call = song_forms_get(
		fixture->forms, id, listener, DEADLINE_MS, on_found, fixture);

	assert_int_equal(fixture->told, told);
	return call;
}

static void
turn_until_told(struct fixture *fixture)
{
	int told = fixture->told;

	for (int i = 0; i < TURNS && fixture->told == told; i++)
		loop_turn(fixture->loop, 5);
	assert_int_equal(fixture->told, told + 1);
}

static int
setup(void **state)
{
	struct fixture *fixture = xcalloc(1, sizeof *fixture);
	struct provider_list list = { .count = 1 };

	clock_enable_test();
	fixture->ops = (struct provider_ops){ .id = PROVIDER_DEEZER,
		.free = free_shared,
		.lane = lane,
		.seat_new = seat_new,
		.seat_free = seat_free,
		.formats_start = formats_start,
		.formats_cancel = formats_cancel };
	list.of[0] = (struct provider){ &fixture->ops, &fixture->fake };
	fixture->loop = loop_new("test");
	loop_adopt(fixture->loop);
	fixture->catalog = catalog_new(&list);
	fixture->worker = catalog_worker_new(fixture->catalog, fixture->loop, NULL);
	fixture->forms = song_forms_new(fixture->worker, fixture->loop);
	*state = fixture;
	return 0;
}

static int
teardown(void **state)
{
	struct fixture *fixture = *state;

	song_forms_free(fixture->forms);
	catalog_worker_free(fixture->worker);
	loop_free(fixture->loop);
	catalog_free(fixture->catalog);
	xfree(fixture);
	return 0;
}

static void
an_answer_is_kept_for_its_account(void **state)
{
	struct fixture *fixture = *state;

	get(fixture, &song, &alice);
	assert_int_equal(fixture->fake.wish.qualities, TRACK_BIT(TRACK_MP3_320));
	assert_string_equal(fixture->fake.wish.listener.user_name, "alice");
	answer(fixture, ERR_NONE);
	assert_int_equal(fixture->told, 1);
	assert_int_equal(fixture->found.of[0].quality, TRACK_MP3_320);
	loop_turn(fixture->loop, 0);
	get(fixture, &song, &alice);
	turn_until_told(fixture);
	assert_int_equal(fixture->err, ERR_NONE);
	assert_int_equal(fixture->found.count, 1);
	assert_int_equal(fixture->fake.asked, 1);
	/* Another account may get others. */
	get(fixture, &song, &bob);
	assert_int_equal(fixture->fake.asked, 2);
	answer(fixture, ERR_NONE);
	clock_advance(11 * 60 * 1000);
	get(fixture, &song, &alice);
	assert_int_equal(fixture->fake.asked, 3);
	answer(fixture, ERR_NONE);
}

static void
that_there_are_none_is_kept_for_a_minute(void **state)
{
	struct fixture *fixture = *state;

	get(fixture, &song, &alice);
	answer(fixture, ERR_DENIED);
	assert_int_equal(fixture->err, ERR_DENIED);
	get(fixture, &song, &alice);
	turn_until_told(fixture);
	assert_int_equal(fixture->err, ERR_DENIED);
	assert_int_equal(fixture->found.count, 0);
	assert_int_equal(fixture->fake.asked, 1);
	clock_advance(61 * 1000);
	get(fixture, &song, &alice);
	assert_int_equal(fixture->fake.asked, 2);
	/* What went wrong may go well the next time. */
	answer(fixture, ERR_UNREACHABLE);
	get(fixture, &song, &alice);
	assert_int_equal(fixture->fake.asked, 3);
	answer(fixture, ERR_NONE);
}

static void
nobody_waits_beyond_the_deadline(void **state)
{
	struct fixture *fixture = *state;

	get(fixture, &song, &alice);
	clock_advance(DEADLINE_MS + 1);
	turn_until_told(fixture);
	assert_int_equal(fixture->err, ERR_TIMEOUT);
	assert_int_equal(fixture->fake.cancelled, 1);
	struct song_forms_call *call = get(fixture, &song, &alice);
	song_forms_cancel(call);
	assert_int_equal(fixture->fake.cancelled, 2);
	clock_advance(DEADLINE_MS + 1);
	loop_turn(fixture->loop, 30);
	assert_int_equal(fixture->told, 1);
}

static void
who_cannot_be_asked_says_nothing(void **state)
{
	static const struct external_id elsewhere = { PROVIDER_QOBUZ, MEDIA_SONG, "1" };
	struct fixture *fixture = *state;

	get(fixture, &elsewhere, &alice);
	turn_until_told(fixture);
	assert_int_equal(fixture->err, ERR_INVALID);
	fixture->ops.formats_start = NULL;
	get(fixture, &song, &alice);
	turn_until_told(fixture);
	assert_int_equal(fixture->err, ERR_INVALID);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			an_answer_is_kept_for_its_account, setup, teardown),
		cmocka_unit_test_setup_teardown(
			that_there_are_none_is_kept_for_a_minute, setup, teardown),
		cmocka_unit_test_setup_teardown(
			nobody_waits_beyond_the_deadline, setup, teardown),
		cmocka_unit_test_setup_teardown(
			who_cannot_be_asked_says_nothing, setup, teardown),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
