#include "providers/qobuz/qobuz_lyrics.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "core/json.h"
#include "core/text.h"

/* "+" when synced, then each line's text and time. */
static void
assert_lyrics(const char *json, const char *wanted)
{
	json_t *root = json_parse_new(json, strlen(json));
	struct lyrics lyrics;
	struct text text;

	text_init(&text);
	if (qobuz_lyrics_read(&lyrics, root)) {
		text_add(&text, lyrics.synced ? "+" : "-");
		for (size_t i = 0; i < lyrics.count; i++)
			text_addf(&text, "|%s@%lld", lyrics.lines[i].text,
				(long long)lyrics.lines[i].start_ms);
	} else {
		assert_int_equal(lyrics.count, 0);
	}
	assert_string_equal(text_get(&text), wanted);
	text_fini(&text);
	lyrics_fini(&lyrics);
	json_decref(root);
}

static void
lines_with_times_are_synced(void **state)
{
	static const struct {
		const char *json, *lyrics;
	} rows[] = {
		{ "{\"original\":{\"type\":\"lsync\",\"lines\":[{\"line\":\"a\",\"start\":"
		  "\"5400\",\"end\":\"7000\"},{\"line\":\"\",\"start\":7000},{\"line\":"
		  "\"b\","
		  "\"start\":\"7000\"}]}}",
			"+|a@5400|@7000|b@7000" },
		{ "{\"original\":{\"type\":\"text\",\"lines\":[{\"line\":\"a\"},{\"line\":"
		  "\"b\"}]}}",
			"-|a@-1|b@-1" },
		/* One line without a time, or out of order. */
		{ "{\"original\":{\"type\":\"lsync\",\"lines\":[{\"line\":\"a\",\"start\":"
		  "\"1\"},{\"line\":\"b\"}]}}",
			"-|a@1|b@-1" },
		{ "{\"original\":{\"type\":\"lsync\",\"lines\":[{\"line\":\"a\",\"start\":"
		  "\"9\"},{\"line\":\"b\",\"start\":\"8\"}]}}",
			"-|a@9|b@8" },
		{ "{\"original\":{\"type\":\"lsync\",\"lines\":[{\"line\":\" \",\"start\":"
		  "\"9\"}]}}",
			"" },
		{ "{\"original\":{\"type\":\"lsync\",\"lines\":[]}}", "" },
		{ "{\"original\":null}", "" },
		{ "[]", "" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++)
		assert_lyrics(rows[i].json, rows[i].lyrics);
}

static void
the_document_is_where_the_answer_says(void **state)
{
	static const struct {
		const char *json, *url;
	} rows[] = {
		{ "{\"lyrics_url\":\"https://x/a?b\"}", "https://x/a?b" },
		{ "{\"url\":\"https://x/a\"}", "https://x/a" },
		{ "{\"lyrics_url\":\"file:///x\"}", NULL },
		{ "{\"lyrics_url\":null}", NULL },
		{ "{}", NULL },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		json_t *root = json_parse_new(rows[i].json, strlen(rows[i].json));
		const char *url = qobuz_lyrics_url(root);
		assert_int_equal(url != NULL, rows[i].url != NULL);
		if (url != NULL)
			assert_string_equal(url, rows[i].url);
		json_decref(root);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines_with_times_are_synced),
		cmocka_unit_test(the_document_is_where_the_answer_says),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
