#include "proxy/running_streams.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "core/clock.h"

#define A "65787401100101000000000000000001"
#define B "65787401100101000000000000000002"

struct fixture {
	struct loop *loop;
	struct running_streams *streams;
	struct running_stream stream;
	struct play_session_key alice, bob;
	int cuts;
};

static int
set_up(void **state)
{
	struct fixture *fixture = xcalloc(1, sizeof *fixture);

	clock_enable_test();
	fixture->loop = loop_new("test");
	loop_adopt(fixture->loop);
	fixture->streams = running_streams_new();
	play_session_key_set(&fixture->alice, "Finamp", "phone", "alice");
	play_session_key_set(&fixture->bob, "Finamp", "tablet", "bob");
	*state = fixture;
	return 0;
}

static int
tear_down(void **state)
{
	struct fixture *fixture = *state;

	running_streams_remove(fixture->streams, &fixture->stream);
	running_streams_free(fixture->streams);
	loop_free(fixture->loop);
	xfree(fixture);
	return 0;
}

static void
on_cut(void *arg)
{
	struct fixture *fixture = arg;

	fixture->cuts++;
	running_streams_remove(fixture->streams, &fixture->stream);
}

static bool
add(struct fixture *fixture, const struct play_session_key *key, const char *item_id,
	const char *play_session_id)
{
	const struct running_what what = { key, item_id, play_session_id };

	running_streams_remove(fixture->streams, &fixture->stream);
	fixture->stream = (struct running_stream){ 0 };
	return running_streams_add(
		fixture->streams, &fixture->stream, fixture->loop, &what, on_cut, fixture);
}

/* Alice plays A, and it is stopped. */
static void
stop(struct fixture *fixture, const char *play_session_id)
{
	struct play play = { .id = 1, .last = { .key = fixture->alice } };

	copy_text(play.last.item.id, sizeof play.last.item.id, A);
	copy_text(play.last.play_session_id, sizeof play.last.play_session_id,
		play_session_id);
	running_streams_stop(fixture->streams, &play);
	assert_int_equal(fixture->cuts, 0); /* never from within */
	loop_turn(fixture->loop, 0);
}

static void
a_stop_cuts_the_streams_of_its_play_only(void **state)
{
	struct fixture *fixture = *state;

	assert_true(add(fixture, &fixture->bob, A, NULL));
	stop(fixture, "");
	assert_int_equal(fixture->cuts, 0);
	assert_true(add(fixture, &fixture->alice, B, NULL));
	stop(fixture, "");
	assert_int_equal(fixture->cuts, 0);
}

static void
a_stopped_play_is_cut_and_refused(void **state)
{
	struct fixture *fixture = *state;

	assert_true(add(fixture, &fixture->alice, A, NULL));
	stop(fixture, "");
	assert_int_equal(fixture->cuts, 1);
	assert_false(add(fixture, &fixture->alice, A, NULL));
	assert_false(add(fixture, &fixture->alice, A, "p2")); /* the play had none */
	assert_true(add(fixture, &fixture->bob, A, NULL));
	assert_true(add(fixture, &fixture->alice, B, NULL));
}

static void
play_sessions_tell_plays_apart_and_find_those_that_a_pass_opened(void **state)
{
	struct fixture *fixture = *state;

	assert_true(add(fixture, NULL, A, "p1"));
	stop(fixture, "p1");
	assert_int_equal(fixture->cuts, 1);
	assert_false(add(fixture, NULL, A, "p1"));
	assert_false(add(fixture, &fixture->alice, A, "p1"));
	assert_false(add(fixture, &fixture->alice, A, NULL));
	assert_true(add(fixture, &fixture->alice, A, "p2"));
	assert_true(add(fixture, NULL, A, NULL)); /* whose, nobody knows */
}

static void
a_new_start_is_allowed_and_so_is_whoever_waits_long_enough(void **state)
{
	struct fixture *fixture = *state;

	stop(fixture, "");
	running_streams_allow(fixture->streams, &fixture->bob, A);
	running_streams_allow(fixture->streams, &fixture->alice, B);
	assert_false(add(fixture, &fixture->alice, A, NULL));
	running_streams_allow(fixture->streams, &fixture->alice, A);
	assert_true(add(fixture, &fixture->alice, A, NULL));
	stop(fixture, "");
	assert_false(add(fixture, &fixture->alice, A, NULL));
	clock_advance(RUNNING_STOPPED_MS);
	assert_true(add(fixture, &fixture->alice, A, NULL));
}

static void
a_stream_that_ends_before_its_cut_comes_is_not_cut(void **state)
{
	struct fixture *fixture = *state;
	struct play play = { .id = 1, .last = { .key = fixture->alice } };

	copy_text(play.last.item.id, sizeof play.last.item.id, A);
	assert_true(add(fixture, &fixture->alice, A, NULL));
	running_streams_stop(fixture->streams, &play);
	running_streams_remove(fixture->streams, &fixture->stream);
	loop_turn(fixture->loop, 0);
	assert_int_equal(fixture->cuts, 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_stop_cuts_the_streams_of_its_play_only),
		TEST(a_stopped_play_is_cut_and_refused),
		TEST(play_sessions_tell_plays_apart_and_find_those_that_a_pass_opened),
		TEST(a_new_start_is_allowed_and_so_is_whoever_waits_long_enough),
		TEST(a_stream_that_ends_before_its_cut_comes_is_not_cut),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
