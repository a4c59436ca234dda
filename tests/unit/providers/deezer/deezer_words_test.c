#include "providers/deezer/deezer_words.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "core/json.h"

static void
check(const char *results, bool synced, const char *wanted)
{
	json_t *root = json_parse_new(results, strlen(results));
	struct lyrics lyrics;
	struct text seen;

	text_init(&seen);
	assert_non_null(root);
	bool any = deezer_words_read(&lyrics, root);
	for (size_t i = 0; any && i < lyrics.count; i++)
		text_addf(&seen, "%lld %s|", (long long)lyrics.lines[i].start_ms,
			lyrics.lines[i].text);
	assert_string_equal(text_get(&seen), wanted);
	assert_int_equal(any, wanted[0] != '\0');
	if (any)
		assert_int_equal(lyrics.synced, synced);
	lyrics_fini(&lyrics);
	text_fini(&seen);
	json_decref(root);
}

#define LINE(ms, length, words)                                                            \
	"{\"lrc_timestamp\":\"[x]\",\"milliseconds\":\"" ms "\",\"duration\":\"" length    \
	"\",\"line\":\"" words "\"}"
#define BLANK        "{\"line\":\"\"}"
#define SYNCED(rows) "{\"LYRICS_SYNC_JSON\":[" rows "],\"LYRICS_TEXT\":\"plain\"}"

static void
lines_with_times_come_before_the_text(void **state)
{
	(void)state;
	check(SYNCED(LINE("3580", "8660", "one") "," BLANK
						 "," LINE("12300", "2000", "two")),
		true, "3580 one|12240 |12300 two|");
	check("{\"LYRICS_SYNC_JSON\":[{\"milliseconds\":5,\"line\":\"one\"}]}", true,
		"5 one|");
}

static void
blank_lines_stand_where_the_line_before_ends(void **state)
{
	(void)state;
	/* Before the first line there is nothing to end. */
	check(SYNCED(BLANK "," LINE("10", "5", "one") "," BLANK), true, "10 one|15 |");
	/* Lines overlap: the pause must not begin after the second has. */
	check(SYNCED(LINE("10", "500", "one") "," BLANK "," LINE("200", "5", "two")), true,
		"10 one|200 |200 two|");
	check(SYNCED(LINE("10", "x", "one") "," BLANK "," BLANK), true, "10 one|10 |");
	check(SYNCED(LINE("10", "", "one") "," BLANK "," LINE("06", "5", "two")), false,
		"-1 plain|");
}

static void
without_times_the_text_is_taken(void **state)
{
	(void)state;
	check("{\"LYRICS_TEXT\":\"one\\ntwo\"}", false, "-1 one|-1 two|");
	check("{\"LYRICS_SYNC_JSON\":[],\"LYRICS_TEXT\":\"one\"}", false, "-1 one|");
	check("{\"LYRICS_SYNC_JSON\":{},\"LYRICS_TEXT\":\"one\"}", false, "-1 one|");
	/* Times that go back are none. */
	check(SYNCED(LINE("10", "5", "one") "," LINE("9", "5", "two")), false, "-1 plain|");
	check(SYNCED(LINE("-4", "5", "one") "," LINE("99999999999", "5", "two")), false,
		"-1 plain|");
	check(SYNCED("5," BLANK ",[]"), false, "-1 plain|");
}

static void
no_words_are_no_lyrics(void **state)
{
	(void)state;
	check("{}", false, "");
	check("[]", false, "");
	check("{\"LYRICS_TEXT\":\"\"}", false, "");
	check("{\"LYRICS_TEXT\":[]}", false, "");
	check("{\"LYRICS_SYNC_JSON\":[" LINE("10", "5", "") "]}", false, "");
}

static void
the_lyrics_seen_are_read(void **state)
{
	json_error_t error;
	json_t *root = json_load_file(
		"../shared/data/deezer-gw-synthetic/song_getLyrics.json", 0, &error);
	struct lyrics lyrics;

	(void)state;
	if (root == NULL)
		skip();
	assert_true(deezer_words_read(&lyrics, json_member(root, "results")));
	assert_true(lyrics.synced);
	assert_int_equal(lyrics.count, 3);
	assert_string_equal(lyrics.lines[1].text, "");
	assert_int_equal(lyrics.lines[1].start_ms, 12240);
	assert_string_equal(lyrics.lines[2].text, "placeholder line two");
	lyrics_fini(&lyrics);
	json_decref(root);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines_with_times_come_before_the_text),
		cmocka_unit_test(blank_lines_stand_where_the_line_before_ends),
		cmocka_unit_test(without_times_the_text_is_taken),
		cmocka_unit_test(no_words_are_no_lyrics),
		cmocka_unit_test(the_lyrics_seen_are_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
