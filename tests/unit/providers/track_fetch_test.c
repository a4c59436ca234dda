#include "providers/track_fetch.h"

#include "tests/unit/providers/fake_tracks.h"

/* What a fetch told. */
struct got {
	struct track_fetch *fetch;
	int heads, done;
	int64_t total;
	enum err err;
	struct text bytes;
	bool pause_at_head, cancel_at_data;
};

static int
setup(void **state)
{
	struct fake_tracks *fake = xmalloc(sizeof *fake);

	clock_enable_test();
	struct loop *loop = loop_new("test");
	loop_adopt(loop);
	fake_tracks_open(fake, loop);
	*state = fake;
	return 0;
}

static int
teardown(void **state)
{
	struct fake_tracks *fake = *state;
	struct loop *loop = fake->loop;

	fake_tracks_close(fake);
	loop_free(loop);
	xfree(fake);
	return 0;
}

static void
on_head(void *arg, int64_t total, const struct track_format *format)
{
	struct got *got = arg;

	got->heads++;
	got->total = total;
	assert_int_equal(format->size, total);
	if (got->pause_at_head)
		track_fetch_pause(got->fetch);
}

static void
on_data(void *arg, const void *data, size_t size)
{
	struct got *got = arg;

	assert_int_equal(got->heads, 1);
	text_add_bytes(&got->bytes, data, size);
	if (got->cancel_at_data)
		track_fetch_cancel(got->fetch);
}

static void
on_done(void *arg, enum err err)
{
	struct got *got = arg;

	got->done++;
	got->err = err;
}

static void
start(struct fake_tracks *fake, struct got *got, int64_t first, int64_t last, int64_t total)
{
	static const struct track_fetch_callbacks callbacks = { on_head, on_data, on_done };
	const struct track_fetch_part part = { first, last, total };
	const struct track_place place = fake_place(fake);
	const struct track_wish wish = fake_wish("s1");

	got->fetch = track_fetch_start(&place, &wish, &part, &callbacks, got);
	assert_int_equal(got->heads + got->done, 0);
}

/* Whatever waits for a time gets it. */
static void
wait_done(struct fake_tracks *fake, struct got *got)
{
	for (int i = 0; i < 1500 && got->done == 0; i++) {
		loop_turn(fake->loop, 2);
		if (i % 20 == 19)
			clock_advance(500);
	}
	assert_int_equal(got->done, 1);
}

static void
check(struct fake_tracks *fake, struct got *got, int64_t first, int64_t last)
{
	assert_int_equal(got->err, ERR_NONE);
	assert_int_equal(got->total, SONG_BYTES);
	assert_int_equal(got->bytes.size, last - first + 1);
	assert_memory_equal(got->bytes.data, fake->song + first, got->bytes.size);
	text_fini(&got->bytes);
}

static void
fetch_whole(struct fake_tracks *fake)
{
	struct got got = { 0 };

	start(fake, &got, 0, -1, 0);
	wait_done(fake, &got);
	check(fake, &got, 0, SONG_BYTES - 1);
}

static enum err
fetch_fails(struct fake_tracks *fake)
{
	struct got got = { 0 };

	start(fake, &got, 0, -1, 0);
	wait_done(fake, &got);
	text_fini(&got.bytes);
	return got.err;
}

/* ---- tests ---- */

static void
a_song_comes_whole(void **state)
{
	struct fake_tracks *fake = *state;

	fetch_whole(fake);
	assert_string_equal(fake->ranges.data, "-\n");
	fake->ciphered = true;
	fetch_whole(fake);
	assert_int_equal(fake->opens, 2);
}

static const struct {
	int64_t first, last;
	const char *asked; /* behind a filter */
} parts[] = {
	{ 0, 0, "bytes=0-2047" },
	{ 2047, 2048, "bytes=0-4095" },
	{ 2048, 4095, "bytes=2048-4095" },
	{ 5000, 300000, "bytes=4096-301055" },
	{ SONG_BYTES - 1, SONG_BYTES - 1, "bytes=698368-700076" },
	{ 650000, -1, "bytes=649216-700076" },
};

static void
a_part_is_exactly_the_bytes_asked_for(void **state)
{
	struct fake_tracks *fake = *state;

	for (int ciphered = 0; ciphered < 2; ciphered++) {
		fake->ciphered = ciphered;
		for (size_t i = 0; i < COUNT_OF(parts); i++) {
			int64_t last = parts[i].last < 0 ? SONG_BYTES - 1 : parts[i].last;
			struct got got = { 0 };
			text_clear(&fake->ranges);
			start(fake, &got, parts[i].first, last, SONG_BYTES);
			wait_done(fake, &got);
			check(fake, &got, parts[i].first, last);
			fake->ranges.data[fake->ranges.size - 1] = '\0';
			if (ciphered)
				assert_string_equal(fake->ranges.data, parts[i].asked);
		}
	}
}

static void
a_source_that_ignores_ranges_does_not_matter(void **state)
{
	struct fake_tracks *fake = *state;
	struct got got = { 0 };

	fake->ignores_ranges = true;
	start(fake, &got, 5000, 9999, SONG_BYTES);
	wait_done(fake, &got);
	check(fake, &got, 5000, 9999);
}

static void
a_source_that_cuts_is_resumed_at_the_byte(void **state)
{
	struct fake_tracks *fake = *state;

	fake->cuts = 2;
	fetch_whole(fake);
	assert_int_equal(fake->opens, 1);
	/* The kilobyte before is compared. */
	assert_string_equal(
		fake->ranges.data, "-\nbytes=298976-700076\nbytes=597952-700076\n");
	fake->ciphered = true;
	fake->cuts = 2;
	fetch_whole(fake);
	fake->ciphered = false;
	fake->cuts = 1;
	fake->ignores_ranges = true;
	fetch_whole(fake);
}

static void
a_source_that_stalls_is_resumed(void **state)
{
	struct fake_tracks *fake = *state;

	fake->stalls = 1;
	fetch_whole(fake);
	assert_int_equal(fake->calls, 2);
}

static void
an_address_that_is_refused_is_replaced(void **state)
{
	struct fake_tracks *fake = *state;

	fake->refuse = 1;
	fetch_whole(fake);
	assert_int_equal(fake->opens, 2);
	assert_int_equal(fake->anew, 1);
	/* Amid the song, with the next address of the same source first. */
	fake->urls = 2;
	fake->opens = 0;
	fake->cuts = 1;
	struct got got = { 0 };
	start(fake, &got, 0, -1, 0);
	for (int i = 0; i < 2000 && fake->cuts > 0; i++)
		loop_turn(fake->loop, 2);
	fake->refuse = 1;
	wait_done(fake, &got);
	check(fake, &got, 0, SONG_BYTES - 1);
	assert_int_equal(fake->opens, 1);
	fake->refuse = 100;
	assert_int_equal(fetch_fails(fake), ERR_DENIED);
}

static void
an_address_that_has_expired_is_not_asked(void **state)
{
	struct fake_tracks *fake = *state;
	struct got got = { 0 };

	fake->lifetime_ms = 60 * 1000;
	fake->cuts = 1;
	start(fake, &got, 0, -1, 0);
	for (int i = 0; i < 2000 && fake->cuts > 0; i++)
		loop_turn(fake->loop, 2);
	clock_advance(60 * 1000);
	wait_done(fake, &got);
	check(fake, &got, 0, SONG_BYTES - 1);
	assert_int_equal(fake->opens, 2);
	assert_int_equal(fake->anew, 1);
}

static void
a_song_that_has_changed_is_never_glued_together(void **state)
{
	struct fake_tracks *fake = *state;

	for (int longer = 0; longer < 2; longer++) {
		struct got got = { 0 };
		fake->has_changed = fake->is_longer = false;
		fake->cuts = 1;
		start(fake, &got, 0, -1, 0);
		for (int i = 0; i < 2000 && fake->cuts > 0; i++)
			loop_turn(fake->loop, 2);
		fake->has_changed = !longer;
		fake->is_longer = longer;
		wait_done(fake, &got);
		assert_int_equal(got.err, ERR_PROTOCOL);
		assert_int_equal(got.bytes.size, fake->cut_bytes);
		text_fini(&got.bytes);
	}
}

static void
a_wrong_key_is_told_before_any_byte(void **state)
{
	struct fake_tracks *fake = *state;
	struct got got = { 0 };

	fake->ciphered = fake->key_is_wrong = true;
	start(fake, &got, 0, -1, 0);
	wait_done(fake, &got);
	assert_int_equal(got.err, ERR_DENIED);
	assert_int_equal(got.heads, 0);
	assert_int_equal(fake->calls, 1);
}

static void
what_cannot_be_fetched_says_why(void **state)
{
	struct fake_tracks *fake = *state;
	static const struct {
		int status;
		enum err err;
	} rows[] = { { 404, ERR_NOT_FOUND }, { 410, ERR_NOT_FOUND }, { 401, ERR_DENIED },
		{ 429, ERR_BUSY }, { 502, ERR_UNREACHABLE }, { 418, ERR_PROTOCOL } };

	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		fake->calls = 0;
		fake->status = rows[i].status;
		assert_int_equal(fetch_fails(fake), rows[i].err);
		assert_true(fake->calls <= 3);
	}
	fake->status = 0;
	fake->sends_a_page = true;
	assert_int_equal(fetch_fails(fake), ERR_PROTOCOL);
	fake->sends_a_page = false;
	fake->open_err = ERR_TIMEOUT;
	assert_int_equal(fetch_fails(fake), ERR_TIMEOUT);
	fake->open_err = ERR_NONE;
	fake->cuts = 100;
	fake->cut_bytes = 1;
	assert_int_equal(fetch_fails(fake), ERR_UNREACHABLE);
	assert_true(fake->cuts > 85);
}

static void
a_source_that_is_busy_is_left_alone_for_a_second(void **state)
{
	struct fake_tracks *fake = *state;
	struct got got = { 0 };

	fake->status = 429;
	start(fake, &got, 0, -1, 0);
	fake_wait(fake->loop, &fake->calls, 1);
	fake_rest(fake->loop);
	clock_advance(500);
	fake_rest(fake->loop);
	assert_int_equal(fake->calls, 1);
	fake->status = 0;
	clock_advance(501);
	wait_done(fake, &got);
	check(fake, &got, 0, SONG_BYTES - 1);
	assert_int_equal(fake->calls, 2);
}

static void
a_paused_fetch_waits(void **state)
{
	struct fake_tracks *fake = *state;
	struct got got = { .pause_at_head = true };

	start(fake, &got, 0, -1, 0);
	fake_wait(fake->loop, &got.heads, 1);
	fake_rest(fake->loop);
	assert_int_equal(got.bytes.size, 0);
	track_fetch_resume(got.fetch);
	wait_done(fake, &got);
	check(fake, &got, 0, SONG_BYTES - 1);
}

static void
a_cancelled_fetch_is_silent(void **state)
{
	struct fake_tracks *fake = *state;
	struct got got[3] = { { 0 }, { 0 }, { .cancel_at_data = true } };

	start(fake, &got[0], 0, -1, 0);
	track_fetch_cancel(got[0].fetch);
	start(fake, &got[1], 0, -1, 0);
	fake_wait(fake->loop, &fake->calls, 1);
	if (got[1].done == 0)
		track_fetch_cancel(got[1].fetch);
	start(fake, &got[2], 0, -1, 0);
	fake_wait(fake->loop, &got[2].heads, 1);
	fake_rest(fake->loop);
	fake_rest(fake->loop);
	for (size_t i = 0; i < COUNT_OF(got); i++) {
		assert_int_equal(got[i].done, 0);
		text_fini(&got[i].bytes);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_song_comes_whole, setup, teardown),
		cmocka_unit_test_setup_teardown(
			a_part_is_exactly_the_bytes_asked_for, setup, teardown),
		cmocka_unit_test_setup_teardown(
			a_source_that_ignores_ranges_does_not_matter, setup, teardown),
		cmocka_unit_test_setup_teardown(
			a_source_that_cuts_is_resumed_at_the_byte, setup, teardown),
		cmocka_unit_test_setup_teardown(
			a_source_that_stalls_is_resumed, setup, teardown),
		cmocka_unit_test_setup_teardown(
			an_address_that_is_refused_is_replaced, setup, teardown),
		cmocka_unit_test_setup_teardown(
			an_address_that_has_expired_is_not_asked, setup, teardown),
		cmocka_unit_test_setup_teardown(
			a_song_that_has_changed_is_never_glued_together, setup, teardown),
		cmocka_unit_test_setup_teardown(
			a_wrong_key_is_told_before_any_byte, setup, teardown),
		cmocka_unit_test_setup_teardown(
			what_cannot_be_fetched_says_why, setup, teardown),
		cmocka_unit_test_setup_teardown(
			a_source_that_is_busy_is_left_alone_for_a_second, setup, teardown),
		cmocka_unit_test_setup_teardown(a_paused_fetch_waits, setup, teardown),
		cmocka_unit_test_setup_teardown(
			a_cancelled_fetch_is_silent, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
