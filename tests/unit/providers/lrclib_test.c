#include "providers/lrclib.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

/* "Harder, Better" by Daft Punk and A & B, 226 s, on Discovery. */
static struct media_list *
song_new(void)
{
	struct media_list *list = media_list_new(1);
	struct media *song = media_list_add(list);
	struct external_id nobody = { .provider = PROVIDER_DEEZER, .kind = MEDIA_ARTIST };

	song->kind = MEDIA_SONG;
	song->title = xstrdup("Harder, Better");
	song->album_title = xstrdup("Discovery");
	song->duration_ms = 225600;
	media_add_artist(song, &nobody, "Daft Punk");
	media_add_artist(song, &nobody, "A & B");
	return list;
}

static void
addresses_name_the_song_and_nobody_else(void **state)
{
	struct media_list *list = song_new();
	struct text url;

	(void)state;
	text_init(&url);
	lrclib_get_url(&url, "http://x/", list->items);
	assert_string_equal(text_get(&url),
		"http://x/api/get?track_name=Harder%2C%20Better&artist_name=Daft%20Punk&"
		"album_name=Discovery&duration=226");
	text_clear(&url);
	lrclib_search_url(&url, "http://x", list->items);
	assert_string_equal(text_get(&url),
		"http://x/api/"
		"search?track_name=Harder%2C%20Better&artist_name=Daft%20Punk");
	text_fini(&url);
	media_list_unref(list);
}

static enum err
get(int status, const char *body, char *first, size_t size)
{
	const struct lrclib_answer answer = { status, body, strlen(body) };
	struct lyrics lyrics;
	enum err err = lrclib_parse_get(&lyrics, &answer);

	first[0] = '\0';
	if (err == ERR_NONE) {
		copy_text(first, size, lyrics.lines[0].text);
		lyrics_fini(&lyrics);
	}
	return err;
}

static void
an_answer_has_words_or_says_why_not(void **state)
{
	static const struct {
		int status;
		const char *body;
		enum err err;
		const char *first;
	} cases[] = {
		{ 200, "{\"syncedLyrics\":\"[00:01.00]timed\",\"plainLyrics\":\"plain\"}",
			ERR_NONE, "timed" },
		{ 200, "{\"syncedLyrics\":null,\"plainLyrics\":\"plain\"}", ERR_NONE,
			"plain" },
		{ 200, "{\"syncedLyrics\":\"\",\"plainLyrics\":\"plain\"}", ERR_NONE,
			"plain" },
		{ 200, "{\"syncedLyrics\":3,\"plainLyrics\":[]}", ERR_NOT_FOUND, "" },
		{ 200, "{\"instrumental\":true,\"plainLyrics\":\"plain\"}", ERR_NOT_FOUND,
			"" },
		{ 200, "{}", ERR_NOT_FOUND, "" },
		{ 200, "[]", ERR_PROTOCOL, "" },
		{ 200, "<html>", ERR_PROTOCOL, "" },
		{ 200, "", ERR_PROTOCOL, "" },
		{ 404, "{\"code\":404,\"name\":\"TrackNotFound\"}", ERR_NOT_FOUND, "" },
		{ 400, "", ERR_NOT_FOUND, "" },
		{ 429, "", ERR_BUSY, "" },
		{ 502, "", ERR_UNREACHABLE, "" },
		{ 301, "", ERR_PROTOCOL, "" },
	};
	char first[40];

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		assert_int_equal(get(cases[i].status, cases[i].body, first, sizeof first),
			cases[i].err);
		assert_string_equal(first, cases[i].first);
	}
}

#define ENTRY(title, artist, seconds, words)                                               \
	"{\"trackName\":\"" title "\",\"artistName\":\"" artist "\",\"duration\":" seconds \
	"," words "}"
#define PLAIN(text) "\"plainLyrics\":\"" text "\""
#define TIMED(text) "\"syncedLyrics\":\"[00:01.00]" text "\""

static void
of_candidates_the_same_song_with_times_is_taken(void **state)
{
	static const struct {
		const char *body;
		enum err err;
		const char *first;
	} cases[] = {
		{ "[]", ERR_NOT_FOUND, "" },
		{ "{}", ERR_PROTOCOL, "" },
		{ "[null,3,{}]", ERR_NOT_FOUND, "" },
		{ "[" ENTRY(
			  "Harder Better (Remastered)", "DAFT PUNK", "228", PLAIN("a")) "]",
			ERR_NONE, "a" },
		{ "[" ENTRY("harder, better", "a and b", "226", PLAIN("a")) "]", ERR_NONE,
			"a" },
		{ "[" ENTRY("Harder, Better (Live)", "Daft Punk", "226", PLAIN("a")) "]",
			ERR_NOT_FOUND, "" },
		{ "[" ENTRY("Harder, Better", "Daft", "226", PLAIN("a")) "]", ERR_NOT_FOUND,
			"" },
		{ "[" ENTRY("Harder, Better", "Daft Punk", "230", PLAIN("a")) "]",
			ERR_NOT_FOUND, "" },
		{ "[" ENTRY("Harder, Better", "Daft Punk", "226", PLAIN("a")) "," ENTRY(
			  "Harder, Better", "Daft Punk", "226",
			  TIMED("b")) "," ENTRY("Harder, Better", "Daft Punk", "226",
			  TIMED("c")) "]",
			ERR_NONE, "b" },
		{ "[" ENTRY("Harder, Better", "Daft Punk", "226", TIMED("b")) "," ENTRY(
			  "Harder, Better", "Daft Punk", "226", PLAIN("a")) "]",
			ERR_NONE, "b" },
		{ "[" ENTRY("Harder, Better", "Daft Punk", "226", PLAIN("a")) "," ENTRY(
			  "Harder, Better", "Daft Punk", "226", PLAIN("b")) "]",
			ERR_NONE, "a" },
	};
	struct media_list *list = song_new();

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		const struct lrclib_answer answer = { 200, cases[i].body,
			strlen(cases[i].body) };
		struct lyrics lyrics;
		enum err err = lrclib_parse_search(&lyrics, &answer, list->items);
		assert_int_equal(err, cases[i].err);
		if (err != ERR_NONE)
			continue;
		assert_string_equal(lyrics.lines[0].text, cases[i].first);
		lyrics_fini(&lyrics);
	}
	media_list_unref(list);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(addresses_name_the_song_and_nobody_else),
		cmocka_unit_test(an_answer_has_words_or_says_why_not),
		cmocka_unit_test(of_candidates_the_same_song_with_times_is_taken),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
