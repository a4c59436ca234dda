#include "proxy/search_lists.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "core/clock.h"

static struct search_list *
list_of(int64_t local_total)
{
	struct search_list *list = search_list_new(NULL, 0, 1);
	list->local_total = local_total;
	return list;
}

static void
a_list_stays_for_a_minute(void **state)
{
	struct search_lists *lists = search_lists_new();
	struct search_list *list = list_of(7);

	(void)state;
	search_lists_put(lists, "alice /items x", list);
	search_list_unref(list);
	assert_null(search_lists_get(lists, "bob /items x"));
	struct search_list *found = search_lists_get(lists, "alice /items x");
	assert_non_null(found);
	assert_int_equal(found->local_total, 7);
	search_list_unref(found);
	clock_advance(61 * 1000);
	assert_null(search_lists_get(lists, "alice /items x"));
	search_lists_free(lists);
}

static void
a_new_list_takes_the_place_of_the_old(void **state)
{
	struct search_lists *lists = search_lists_new();

	(void)state;
	for (int i = 0; i < 3; i++) {
		struct search_list *list = list_of(i);
		search_lists_put(lists, "key", list);
		search_list_unref(list);
	}
	struct search_list *found = search_lists_get(lists, "key");
	assert_int_equal(found->local_total, 2);
	search_list_unref(found);
	search_lists_free(lists);
}

static void
thousands_of_lists_stay_bounded_and_the_newest_is_there(void **state)
{
	struct search_lists *lists = search_lists_new();
	char key[32];

	(void)state;
	for (int i = 0; i < 5000; i++) {
		struct search_list *list = list_of(i);
		snprintf(key, sizeof key, "key %d", i);
		search_lists_put(lists, key, list);
		search_list_unref(list);
	}
	struct search_list *found = search_lists_get(lists, key);
	assert_non_null(found);
	assert_int_equal(found->local_total, 4999);
	search_list_unref(found);
	search_lists_free(lists);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_list_stays_for_a_minute),
		cmocka_unit_test(a_new_list_takes_the_place_of_the_old),
		cmocka_unit_test(thousands_of_lists_stay_bounded_and_the_newest_is_there),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
