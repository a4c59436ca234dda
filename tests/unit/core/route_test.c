#include "core/route.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static const struct {
	const char *pattern, *path;
	const char *values; /* "name=value;…", NULL: no match */
} cases[] = {
	{ "/", "/", "" },
	{ "/", "/a", NULL },
	{ "/", "", NULL },
	{ "/Items", "/Items", "" },
	{ "/Items", "/iTEMS", "" },
	{ "/Items", "/Items/", "" },
	{ "/Items", "/Items//", NULL },
	{ "/Items", "//Items", NULL },
	{ "/Items", "/Itemsx", NULL },
	{ "/Items", "/Item", NULL },
	{ "/Items", "Items", NULL },
	{ "/Items", "/It%65ms", "" },
	{ "/Items", "/Items%2f", NULL },
	{ "/Items/{id}", "/Items/1", "id=1;" },
	{ "/Items/{id}", "/Items/", NULL },
	{ "/Items/{id}", "/Items/1/", "id=1;" },
	{ "/Items/{id}", "/Items//1", NULL },
	{ "/Items/{id}", "/items/a%20b%2Fc+d", "id=a b/c+d;" },
	{ "/Items/{id}", "/Items/100%", "id=100%;" },
	{ "/Items/{id}", "/Items/1/Images", NULL },
	{ "/Users/{user}/Items/{id}/Images/{type}", "/users/U/items/I/images/Primary",
		"user=U;id=I;type=Primary;" },
	{ "/Audio/{id}/stream.{ext}", "/Audio/1/Stream.mp3", "id=1;ext=mp3;" },
	{ "/Audio/{id}/stream.{ext}", "/Audio/1/stream.", NULL },
	{ "/Audio/{id}/stream.{ext}", "/Audio/1/stream", NULL },
	{ "/Audio/{id}/stream.{ext}", "/Audio/1/stre%61m%2Emp3", "id=1;ext=mp3;" },
	{ "/{a}/{b}/{c}/{d}", "/1/2/3/4", "a=1;b=2;c=3;d=4;" },
	{ "/{a}/{b}/{c}/{d}", "/1/2/3/4/5", NULL },
	{ "/{a}/{b}/{c}/{d}", "/1/2/3", NULL },
	{ "/Items/{id}", "/Items{/1", NULL },
	{ "/{a}", "/1/2/3/4/5/6/7/8/9/10", NULL },
};

static void
paths_match_their_patterns(void **state)
{
	struct arena *arena = arena_new();

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct route_path path;
		struct route_match match;
		struct text values;
		route_split(&path, arena, slice_of(cases[i].path));
		bool matched = route_match(&match, arena, cases[i].pattern, &path);
		text_init(&values);
		for (size_t j = 0; matched && j < match.count; j++)
			text_addf(&values, "%.*s=%s;", (int)match.names[j].size,
				match.names[j].data, match.values[j]);
		if (matched != (cases[i].values != NULL) ||
			(matched && strcmp(text_get(&values), cases[i].values) != 0))
			fail_msg("%s on %s: %s", cases[i].pattern, cases[i].path,
				matched ? text_get(&values) : "no match");
		if (matched)
			assert_int_equal(route_count_parts(cases[i].pattern), path.count);
		text_fini(&values);
	}
	arena_free(arena);
}

static void
values_are_found_by_name(void **state)
{
	struct arena *arena = arena_new();
	struct route_path path;
	struct route_match match;

	(void)state;
	route_split(&path, arena, SLICE("/1/2?x"));
	assert_true(route_match(&match, arena, "/{a}/{b}", &path));
	assert_string_equal(route_value(&match, "a"), "1");
	assert_string_equal(route_value(&match, "b"), "2?x");
	arena_free(arena);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(paths_match_their_patterns),
		cmocka_unit_test(values_are_found_by_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
