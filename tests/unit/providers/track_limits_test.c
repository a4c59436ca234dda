#include "providers/track_limits.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "core/clock.h"

static const struct external_id songs[] = {
	{ PROVIDER_DEEZER, MEDIA_SONG, "1" },
	{ PROVIDER_DEEZER, MEDIA_SONG, "2" },
	{ PROVIDER_DEEZER, MEDIA_SONG, "3" },
	{ PROVIDER_QOBUZ, MEDIA_SONG, "1" },
};

static void
songs_are_counted_and_not_requests(void **state)
{
	const struct track_limits_options options = { .streams = 2 };
	struct track_limits *limits = track_limits_new(&options);

	(void)state;
	for (int i = 0; i < 20; i++)
		assert_true(track_limits_enter(limits, "alice", &songs[0]));
	assert_true(track_limits_enter(limits, "alice", &songs[1]));
	assert_false(track_limits_enter(limits, "alice", &songs[2]));
	assert_false(track_limits_enter(limits, "alice", &songs[3]));
	assert_true(track_limits_enter(limits, "bob", &songs[2]));
	for (int i = 0; i < 19; i++)
		track_limits_leave(limits, "alice", &songs[0]);
	assert_false(track_limits_enter(limits, "alice", &songs[2]));
	track_limits_leave(limits, "alice", &songs[0]);
	assert_true(track_limits_enter(limits, "alice", &songs[2]));
	track_limits_free(limits);
}

static void
a_day_begins_with_each_song(void **state)
{
	const struct track_limits_options options = { .downloads_per_day = 2 };
	struct track_limits *limits = track_limits_new(&options);
	int64_t after_s = 0;

	(void)state;
	clock_enable_test();
	assert_true(track_limits_download(limits, "alice", &songs[0], &after_s));
	clock_advance(3600 * 1000);
	assert_true(track_limits_download(limits, "alice", &songs[1], &after_s));
	/* The same song once more is no other one. */
	assert_true(track_limits_download(limits, "alice", &songs[0], &after_s));
	assert_false(track_limits_download(limits, "alice", &songs[2], &after_s));
	assert_in_range(after_s, 23 * 3600 - 2, 23 * 3600 + 1);
	assert_true(track_limits_download(limits, "bob", &songs[2], &after_s));
	clock_advance(23 * 3600 * 1000);
	assert_true(track_limits_download(limits, "alice", &songs[2], &after_s));
	assert_false(track_limits_download(limits, "alice", &songs[3], &after_s));
	track_limits_free(limits);
}

static void
nobody_and_nothing_is_no_limit(void **state)
{
	const struct track_limits_options none = { 0 }, one = { 1, 1 };
	struct track_limits *limits = track_limits_new(&none);
	int64_t after_s = 0;

	(void)state;
	for (size_t i = 0; i < COUNT_OF(songs); i++) {
		assert_true(track_limits_enter(limits, "alice", &songs[i]));
		assert_true(track_limits_download(limits, "alice", &songs[i], &after_s));
	}
	track_limits_free(limits);
	limits = track_limits_new(&one);
	for (size_t i = 0; i < COUNT_OF(songs); i++) {
		assert_true(track_limits_enter(limits, "", &songs[i]));
		assert_true(track_limits_download(limits, "", &songs[i], &after_s));
	}
	track_limits_free(limits);
	track_limits_free(NULL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(songs_are_counted_and_not_requests),
		cmocka_unit_test(a_day_begins_with_each_song),
		cmocka_unit_test(nobody_and_nothing_is_no_limit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
