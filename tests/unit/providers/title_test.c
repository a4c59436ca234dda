#include "providers/title.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

struct row {
	const char *from;
	const char *to;
};

static void
check(void (*normalize)(struct text *to, const char *title), const struct row *rows,
	size_t count)
{
	struct text text;

	text_init(&text);
	for (size_t i = 0; i < count; i++) {
		text_clear(&text);
		normalize(&text, rows[i].from);
		assert_string_equal(text_get(&text), rows[i].to);
	}
	text_fini(&text);
}

static void
spelling_does_not_matter(void **state)
{
	static const struct row rows[] = {
		{ "Harder, Better, Faster, Stronger", "harder better faster stronger" },
		{ "HARDER  BETTER-FASTER.STRONGER", "harder better fasterstronger" },
		{ "Don't Stop", "dont stop" },
		{ "Don\xe2\x80\x99t Stop", "dont stop" },
		{ "Beyonc\xc3\xa9", "beyonce" },
		{ "BEYONC\xc3\x89", "beyonce" },
		{ "Beyonce\xcc\x81", "beyonce" }, /* accent apart */
		{ "M\xc3\xb8torhead \xc3\x86on Stra\xc3\x9f"
		  "e \xc5\x92uvre",
			"motorhead aeon strasse oeuvre" },
		{ "\xc5\xbbycie \xc5\x81\xc3\xb3"
		  "d\xc5\xba",
			"zycie lodz" },
		{ "\xd0\x9c\xd0\x98\xd0\xa0 \xce\x91\xce\xa9",
			"\xd0\xbc\xd0\xb8\xd1\x80 \xce\xb1\xcf\x89" },
		{ "\xe6\x97\xa5\xe6\x9c\xac", "\xe6\x97\xa5\xe6\x9c\xac" },
		{ "\xf0\x9f\x8e\xb5 Song", "\xf0\x9f\x8e\xb5 song" },
		{ "R&B", "r and b" },
		{ "a\xff"
		  "b",
			"a b" },
	};

	(void)state;
	check(title_normalize, rows, COUNT_OF(rows));
}

static void
remarks_about_the_same_recording_are_left_out(void **state)
{
	static const struct row rows[] = {
		{ "Harder, Better (Remastered)", "harder better" },
		{ "Song [2009 Remaster]", "song" },
		{ "Song - Remastered 2009", "song" },
		{ "Song \xe2\x80\x93 2011 Remaster", "song" },
		{ "Song (feat. Somebody & Else)", "song" },
		{ "Song feat. Somebody", "song" },
		{ "Song ft. Somebody", "song" },
		{ "Song (Album Version)", "song" },
		{ "Song (Explicit)", "song" },
		{ "Song (Remastered (2009))", "song" },
		{ "Song (Remastered", "song" },
		{ "(Remastered) Song", "song" },
	};

	(void)state;
	check(title_normalize, rows, COUNT_OF(rows));
}

static void
what_makes_it_another_recording_is_kept(void **state)
{
	static const struct row rows[] = {
		{ "Song (Live)", "song live" },
		{ "Memories (Drumless Edition)", "memories drumless edition" },
		{ "Song - Radio Edit", "song radio edit" },
		{ "Song (Extended Version)", "song extended version" },
		{ "Feat of Clay", "feat of clay" },
		{ "Crafty", "crafty" },
	};

	(void)state;
	check(title_normalize, rows, COUNT_OF(rows));
}

static void
titles_without_words_stay_what_they_are(void **state)
{
	static const struct row rows[] = {
		{ "???", "???" },
		{ "", "" },
		{ "()", "()" },
		{ "(Remastered)", "(Remastered)" },
	};

	(void)state;
	check(title_normalize, rows, COUNT_OF(rows));
}

static void
names_keep_every_word(void **state)
{
	static const struct row rows[] = {
		{ "Simon & Garfunkel", "simon and garfunkel" },
		{ "Clean Bandit (feat. X)", "clean bandit feat x" },
		{ "AC/DC", "ac dc" },
		{ "!!!", "!!!" },
		{ "", "" },
	};

	(void)state;
	check(name_normalize, rows, COUNT_OF(rows));
}

static void
it_adds_to_what_is_there(void **state)
{
	struct text text;

	(void)state;
	text_init(&text);
	text_add(&text, "x:");
	title_normalize(&text, "A B");
	assert_string_equal(text_get(&text), "x:a b");
	text_fini(&text);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(spelling_does_not_matter),
		cmocka_unit_test(remarks_about_the_same_recording_are_left_out),
		cmocka_unit_test(what_makes_it_another_recording_is_kept),
		cmocka_unit_test(titles_without_words_stay_what_they_are),
		cmocka_unit_test(names_keep_every_word),
		cmocka_unit_test(it_adds_to_what_is_there),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
