#include "providers/explicit_filter.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

/* "e" is explicit, "c" cleaned, "." neither; "A" an artist. */
static struct media_list *
list_of(const char *letters)
{
	struct media_list *list = media_list_new(1);

	for (const char *letter = letters; *letter != '\0'; letter++) {
		struct media *media = media_list_add(list);
		media->kind = *letter == 'A' ? MEDIA_ARTIST : MEDIA_SONG;
		media->explicit_content = *letter == 'e' || *letter == 'A';
		media->edited = *letter == 'c';
		media->title = xstrdup((const char[]){ *letter, '\0' });
	}
	list->total = 100;
	return list;
}

static void
each_setting_leaves_out_one_of_two_versions(void **state)
{
	static const struct {
		enum explicit_filter filter;
		const char *told, *left;
	} rows[] = {
		{ EXPLICIT_ALL, "e.cA", "e.cA" },
		{ EXPLICIT_CLEAN, "e.cA", ".cA" },
		{ EXPLICIT_UNEDITED, "e.cA", "e.A" },
		{ EXPLICIT_CLEAN, "eee", "" },
		{ EXPLICIT_UNEDITED, "ccec.", "e." },
		{ EXPLICIT_CLEAN, "", "" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct media_list *list = list_of(rows[i].told);
		char left[16] = "";
		explicit_filter_apply(rows[i].filter, list);
		for (size_t k = 0; k < list->count; k++)
			left[k] = list->items[k].title[0];
		assert_string_equal(left, rows[i].left);
		assert_int_equal(
			list->total, 100 - strlen(rows[i].told) + strlen(rows[i].left));
		media_list_unref(list);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_setting_leaves_out_one_of_two_versions),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
