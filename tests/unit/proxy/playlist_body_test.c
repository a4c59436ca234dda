#include "proxy/playlist_body.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "core/json.h"

static void
ids_come_as_an_array_or_as_a_text(void **state)
{
	static const struct {
		const char *body;
		const char *ids; /* joined by blanks; NULL: there are none to speak of */
	} rows[] = {
		{ "{}", NULL },
		{ "{\"Name\":\"x\"}", NULL },
		{ "{\"Ids\":null}", NULL },
		{ "{\"Ids\":7}", NULL },
		{ "[\"Ids\"]", NULL },
		{ "not JSON", NULL },
		{ "{\"Ids\":[]}", "" },
		{ "{\"Ids\":\"\"}", "" },
		{ "{\"Ids\":[\"a\",\"b\"]}", "a b" },
		{ "{\"ids\":[\"a\",7,null,\"b\"]}", "a b" },
		{ "{\"IDS\":\"a,b\"}", "a b" },
		{ "{\"Ids\":\" a ,, b,\"}", "a b" },
	};
	struct arena *arena = arena_new();
	struct text joined = { 0 };

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		json_t *document = json_parse_new(rows[i].body, strlen(rows[i].body));
		size_t count;
		const char *const *ids = playlist_body_ids(arena, document, &count);
		json_decref(document);
		assert_int_equal(ids != NULL, rows[i].ids != NULL);
		text_clear(&joined);
		for (size_t j = 0; j < count; j++) {
			text_add(&joined, j > 0 ? " " : "");
			text_add(&joined, ids[j]);
		}
		assert_string_equal(
			text_get(&joined), rows[i].ids != NULL ? rows[i].ids : "");
	}
	text_fini(&joined);
	arena_free(arena);
}

static void
a_body_gets_other_ids_and_stays_as_it_was(void **state)
{
	static const struct {
		const char *body, *ids, *after;
	} rows[] = {
		{ "{\"Ids\":[\"a\",\"x\"]}", "a", "{\"Ids\":[\"a\"]}" },
		{ "{\"Ids\":[\"x\"]}", "", "{\"Ids\":[]}" },
		{ "{ \"Name\" : \"\\u00e9\", \"ids\" : \"a,x,b\" ,\"Users\":[ ]}", "a,b",
			"{ \"Name\" : \"\\u00e9\", \"ids\" : [\"a\",\"b\"] ,\"Users\":[ "
			"]}" },
		{ "{\"Name\":\"x\"}", "a", "{\"Name\":\"x\"}" },
		{ "{\"In\":{\"Ids\":[1]},\"Ids\":[\"x\"]}", "a",
			"{\"In\":{\"Ids\":[1]},\"Ids\":[\"a\"]}" },
	};
	struct arena *arena = arena_new();

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct slice body =
			playlist_body_with(arena, slice_of(rows[i].body), rows[i].ids);
		assert_string_equal(body.data, rows[i].after);
		assert_int_equal(body.size, strlen(rows[i].after));
	}
	arena_free(arena);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ids_come_as_an_array_or_as_a_text),
		cmocka_unit_test(a_body_gets_other_ids_and_stays_as_it_was),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
