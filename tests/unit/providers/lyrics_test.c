#include "providers/lyrics.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "core/json.h"
#include "core/text.h"

/* "S" or "U" for synced or not, then each line: its start, its text. */
static char *
read(const char *text)
{
	struct lyrics lyrics;
	struct text seen;

	if (!lyrics_parse_lrc(&lyrics, text))
		return xstrdup("nothing");
	text_init(&seen);
	text_add(&seen, lyrics.synced ? "S" : "U");
	for (size_t i = 0; i < lyrics.count; i++)
		text_addf(&seen, "|%lld %s", (long long)lyrics.lines[i].start_ms,
			lyrics.lines[i].text);
	lyrics_fini(&lyrics);
	return text_take(&seen);
}

static void
every_form_of_lrc_is_read(void **state)
{
	static const struct {
		const char *text, *seen;
	} cases[] = {
		{ "[00:01]a", "S|1000 a" },
		{ "[00:01.5]a\n[00:02.25]b\n[00:03.125]c", "S|1500 a|2250 b|3125 c" },
		{ "[00:01:50]a\n[00:02,5] b ", "S|1500 a|2500 b" },
		{ "[100:00.00]long", "S|6000000 long" },
		{ "[00:05.00][00:01.00] again\n[00:03.00]between",
			"S|1000 again|3000 between|5000 again" },
		{ "\xef\xbb\xbf[ar:Somebody]\r\n[ti: A: "
		  "B]\r\n[00:01.00]a\r\n\r\n[00:02.00]\r\n",
			"S|1000 a|2000 " },
		{ "[offset:+500]\n[00:01.00]a\n[00:00.10]b", "S|0 b|500 a" },
		{ "[offset:-500]\n[00:01.00]a", "S|1500 a" },
		{ "[offset:soon]\n[offset:99999999999]\n[00:01.00]a", "S|1000 a" },
		{ "[00:02.00]b\n[00:01.00]a", "S|1000 a|2000 b" },
		{ "[00:01.00]a\nand on\n[00:02.00]b", "S|1000 a|1000 and on|2000 b" },
		{ "[00:01.00]<00:01.00>one <00:01.50>two", "S|1000 one two" },
		{ "[00:01.00]a < b > c <3", "S|1000 a < b > c <3" },
		{ "a\rb\r\nc\n\nd\n\n", "U|-1 a|-1 b|-1 c|-1 |-1 d" },
		{ "[Chorus]\nla la\n[Verse 2: all]\nlo",
			"U|-1 [Chorus]|-1 la la|-1 [Verse 2: all]|-1 lo" },
		{ "[00:61.00]a", "U|-1 [00:61.00]a" },
		{ "[0a:01.00]a", "U|-1 [0a:01.00]a" },
		{ "[00:01.1234]a", "U|-1 [00:01.1234]a" },
		{ "[00:01.]a", "U|-1 [00:01.]a" },
		{ "[00:01.00", "U|-1 [00:01.00" },
		{ "[", "U|-1 [" },
		{ "[]", "U|-1 []" },
		{ "[ar:x][00:01.00]a", "S|1000 a" },
		{ "", "nothing" },
		{ " \n\r\n\t\n", "nothing" },
		{ "[ar:x]\n[00:01.00]\n[00:02.00] ", "nothing" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		char *seen = read(cases[i].text);
		assert_string_equal(seen, cases[i].seen);
		xfree(seen);
	}
}

static void
what_grows_beyond_reason_is_cut(void **state)
{
	struct lyrics lyrics;
	struct text text;
	size_t bytes = 0;

	(void)state;
	text_init(&text);
	for (int i = 0; i < 200; i++) {
		for (int stamp = 0; stamp < 200; stamp++)
			text_addf(&text, "[%02d:%02d.00]", i % 60, stamp % 60);
		for (int word = 0; word < 200; word++)
			text_add(&text, "many words ");
		text_add_char(&text, '\n');
	}
	assert_true(lyrics_parse_lrc(&lyrics, text_get(&text)));
	assert_true(lyrics.count <= 4000);
	for (size_t i = 0; i < lyrics.count; i++)
		bytes += strlen(lyrics.lines[i].text);
	assert_true(bytes <= 512 * 1024);
	lyrics_fini(&lyrics);
	text_fini(&text);
}

static void
jellyfin_gets_hundreds_of_nanoseconds(void **state)
{
	struct lyrics lyrics;

	(void)state;
	assert_true(lyrics_parse_lrc(&lyrics, "[00:01.50]a\n[00:02.00]b"));
	json_t *json = lyrics_json_new(&lyrics);
	json_t *lines = json_object_get(json, "Lyrics");
	assert_true(json_is_object(json_object_get(json, "Metadata")));
	assert_int_equal(json_array_size(lines), 2);
	assert_int_equal(json_int(json_array_get(lines, 0), "Start", 0), 15000000);
	assert_string_equal(json_text(json_array_get(lines, 1), "Text"), "b");
	json_decref(json);
	lyrics_fini(&lyrics);
	assert_true(lyrics_parse_lrc(&lyrics, "a\nb"));
	json = lyrics_json_new(&lyrics);
	assert_null(json_object_get(
		json_array_get(json_object_get(json, "Lyrics"), 0), "Start"));
	json_decref(json);
	lyrics_fini(&lyrics);
}

static void
lyrics_can_be_built_by_hand(void **state)
{
	struct lyrics lyrics = { .synced = true };

	(void)state;
	lyrics_fini(&lyrics);
	for (int i = 0; i < 100; i++)
		lyrics_add(&lyrics, i % 2 == 0 ? "line" : NULL, i);
	assert_int_equal(lyrics.count, 100);
	assert_string_equal(lyrics.lines[99].text, "");
	assert_int_equal(lyrics.lines[42].start_ms, 42);
	lyrics_fini(&lyrics);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_form_of_lrc_is_read),
		cmocka_unit_test(what_grows_beyond_reason_is_cut),
		cmocka_unit_test(jellyfin_gets_hundreds_of_nanoseconds),
		cmocka_unit_test(lyrics_can_be_built_by_hand),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
