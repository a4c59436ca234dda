#include "proxy/intercept_images.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static void
the_side_is_that_of_jellyfins_own_picture(void **state)
{
	static const struct {
		const char *query;
		int side;
	} cases[] = {
		{ "", 0 },
		{ "quality=90&tag=abc", 0 },
		{ "maxWidth=300", 300 },
		{ "maxwidth=300&MAXHEIGHT=200", 200 },
		{ "width=120", 120 },
		{ "width=120&height=200", 200 },
		{ "fillWidth=200&fillHeight=340", 340 },
		{ "fillWidth=200&fillHeight=340&maxWidth=100", 100 },
		{ "maxWidth=0&maxHeight=-3", 0 },
		{ "maxWidth=wide", 0 },
		{ "maxWidth=99999999999", 0 },
	};
	struct arena *arena = arena_new();

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct query query = query_parse(arena, slice_of(cases[i].query));
		assert_int_equal(image_side(&query), cases[i].side);
	}
	arena_free(arena);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_side_is_that_of_jellyfins_own_picture),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
