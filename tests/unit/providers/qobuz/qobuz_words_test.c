#include "providers/qobuz/qobuz_words.h"

#include "tests/unit/providers/qobuz/fake_qobuz.h"

#define WHERE "{\"track_id\":\"7\",\"lyrics_url\":\"%s/words.json?sig=1\"}"

struct seen {
	int done;
	enum err err;
	char first[40];
	bool synced;
};

static int
setup(void **state)
{
	*state = fake_qobuz_new(NULL);
	return 0;
}

static int
teardown(void **state)
{
	fake_qobuz_free(*state);
	return 0;
}

static void
on_done(void *arg, enum err err, const struct lyrics *lyrics)
{
	struct seen *seen = arg;

	seen->done++;
	seen->err = err;
	assert_int_equal(lyrics != NULL, err == ERR_NONE);
	if (lyrics != NULL) {
		copy_text(seen->first, sizeof seen->first, lyrics->lines[0].text);
		seen->synced = lyrics->synced;
	}
}

static const struct track_wish a_wish = { .id = { PROVIDER_QOBUZ, MEDIA_SONG, "7" },
	.listener = { "", "" } };

static struct seen
ask(struct fake_qobuz *fake, enum err wanted)
{
	struct seen seen = { 0 };

	fake->provider.ops->lyrics_start(fake->seat, &a_wish, on_done, &seen);
	assert_int_equal(seen.done, 0);
	fake_wait(fake, &seen.done, 1);
	if (seen.err != wanted)
		fail_msg("%s, not %s", err_name(seen.err), err_name(wanted));
	return seen;
}

static void
words_are_where_qobuz_says_and_asked_for_in_nobodys_name(void **state)
{
	struct fake_qobuz *fake = *state;

	fake_will_answer(fake, 200, WHERE);
	fake_will_answer(fake, 200,
		"{\"original\":{\"type\":\"lsync\",\"lines\":[{\"line\":\"la\",\"start\":"
		"\"10\"}]}}");
	struct seen seen = ask(fake, ERR_NONE);
	assert_string_equal(seen.first, "la");
	assert_true(seen.synced);
	assert_string_equal(fake->app, "");
	assert_string_equal(fake->token, "");
	const char *target = text_get(&fake->all);
	assert_memory_equal(target, "/track/lyricsUrl?track_id=7&request_ts=", 39);
	assert_non_null(strstr(target, "\n/words.json?sig=1\n"));
}

static void
a_song_without_words_has_none(void **state)
{
	static const struct {
		struct fake_answer answers[2];
		enum err err;
	} rows[] = {
		{ { { 404, FAKE_SAYS(404, "Lyrics are not available"), NULL } },
			ERR_NOT_FOUND },
		{ { { 200, "{}", NULL } }, ERR_NOT_FOUND },
		{ { { 200, WHERE, NULL }, { 404, "", NULL } }, ERR_NOT_FOUND },
		{ { { 200, WHERE, NULL }, { 403, "", NULL } }, ERR_NOT_FOUND },
		{ { { 200, WHERE, NULL }, { 500, "", NULL } }, ERR_UNREACHABLE },
		{ { { 200, WHERE, NULL }, { 200, "<html>", NULL } }, ERR_PROTOCOL },
		{ { { 200, WHERE, NULL }, { 200, "{\"original\":{}}", NULL } },
			ERR_NOT_FOUND },
		{ { { 410, FAKE_SAYS(410, "Gone"), NULL } }, ERR_DENIED },
	};
	struct fake_qobuz *fake = *state;
	char reason[200];

	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		fake->count = 0;
		fake->answer_count = 2;
		memcpy(fake->answers, rows[i].answers, sizeof rows[i].answers);
		(void)ask(fake, rows[i].err);
	}
	/* Words that are gone say nothing of songs. */
	assert_string_equal(fake_reason(fake, reason), "");
}

static void
without_a_secret_nobody_is_asked(void **state)
{
	static const struct qobuz_credentials credentials = { FAKE_APP, NULL, FAKE_TOKEN,
		TRACK_FLAC, 1 };
	struct fake_qobuz *fake = fake_qobuz_new(&credentials);

	(void)state;
	(void)ask(fake, ERR_DENIED);
	assert_int_equal(fake->count, 0);
	fake_qobuz_free(fake);
}

static void
a_secret_that_is_refused_is_not_tried_again_soon(void **state)
{
	struct fake_qobuz *fake = *state;

	fake_will_answer(fake, 400, FAKE_SAYS(400, "Invalid Request Signature"));
	(void)ask(fake, ERR_DENIED);
	(void)ask(fake, ERR_DENIED);
	assert_int_equal(fake->count, 1);
}

static void
a_question_that_is_cancelled_is_silent(void **state)
{
	struct fake_qobuz *fake = *state;
	const struct provider_ops *ops = fake->provider.ops;
	struct seen seen = { 0 };

	ops->lyrics_cancel(ops->lyrics_start(fake->seat, &a_wish, on_done, &seen));
	fake_will_answer(fake, 200, WHERE);
	void *words = ops->lyrics_start(fake->seat, &a_wish, on_done, &seen);
	fake_wait(fake, &fake->count, 1);
	loop_turn(fake->loop, 5);
	ops->lyrics_cancel(words);
	fake_rest(fake);
	assert_int_equal(seen.done, 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(words_are_where_qobuz_says_and_asked_for_in_nobodys_name),
		TEST(a_song_without_words_has_none),
		cmocka_unit_test(without_a_secret_nobody_is_asked),
		TEST(a_secret_that_is_refused_is_not_tried_again_soon),
		TEST(a_question_that_is_cancelled_is_silent),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
