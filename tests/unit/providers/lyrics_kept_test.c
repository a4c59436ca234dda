#include "providers/lyrics_kept.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "core/clock.h"

static const struct external_id song = {
	.provider = PROVIDER_DEEZER, .kind = MEDIA_SONG, .key = "1"
};

struct fixture {
	struct lyrics_kept *kept;
	char alice[LYRICS_KEY_SIZE], bob[LYRICS_KEY_SIZE];
};

static int
set_up(void **state)
{
	struct fixture *fixture = xcalloc(1, sizeof *fixture);

	clock_enable_test();
	fixture->kept = lyrics_kept_new();
	lyrics_key(fixture->alice, &song, "alice's");
	lyrics_key(fixture->bob, &song, "bob's");
	*state = fixture;
	return 0;
}

static int
tear_down(void **state)
{
	struct fixture *fixture = *state;

	lyrics_kept_free(fixture->kept);
	xfree(fixture);
	return 0;
}

static void
put(struct fixture *fixture, const char *key, const char *line)
{
	struct lyrics lyrics = { 0 };

	if (line != NULL)
		lyrics_add(&lyrics, line, 0);
	struct song_words *words = song_words_new(&lyrics);
	lyrics_kept_put(fixture->kept, key, words);
	song_words_unref(words);
	lyrics_fini(&lyrics);
}

/* The first line; "none": there are no words; "?": nothing is known. */
static const char *
find(struct fixture *fixture, const char *key)
{
	static char line[32];
	struct song_words *words;
	enum err err;

	if (!lyrics_kept_find(fixture->kept, key, &err, &words)) {
		assert_null(words);
		return "?";
	}
	if (err != ERR_NONE) {
		assert_int_equal(err, ERR_NOT_FOUND);
		assert_null(words);
		return "none";
	}
	(void)copy_text(line, sizeof line, words->lyrics.lines[0].text);
	song_words_unref(words);
	return line;
}

static void
words_are_everybodys_for_a_day(void **state)
{
	struct fixture *fixture = *state;

	assert_string_equal(find(fixture, fixture->alice), "?");
	put(fixture, fixture->alice, "la");
	assert_string_equal(find(fixture, fixture->alice), "la");
	assert_string_equal(find(fixture, fixture->bob), "la");
	clock_advance(24 * 3600 * 1000 + 1);
	assert_string_equal(find(fixture, fixture->bob), "?");
}

static void
that_there_are_none_is_known_of_one_account_for_minutes(void **state)
{
	struct fixture *fixture = *state;

	put(fixture, fixture->alice, NULL);
	assert_string_equal(find(fixture, fixture->alice), "none");
	assert_string_equal(find(fixture, fixture->bob), "?");
	put(fixture, fixture->bob, "la");
	assert_string_equal(find(fixture, fixture->alice), "la");
	assert_int_equal(lyrics_kept_figures(fixture->kept).songs, 2);
}

static void
that_there_are_none_is_forgotten(void **state)
{
	struct fixture *fixture = *state;

	put(fixture, fixture->alice, NULL);
	clock_advance(5 * 60 * 1000 + 1);
	assert_string_equal(find(fixture, fixture->alice), "?");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(words_are_everybodys_for_a_day),
		TEST(that_there_are_none_is_known_of_one_account_for_minutes),
		TEST(that_there_are_none_is_forgotten),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
