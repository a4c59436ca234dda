#include "providers/provider_setup.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static void
an_order_is_read_as_it_stands(void **state)
{
	enum provider_id order[PROVIDERS_MOST];
	size_t count = 9;
	char why[200] = "";

	(void)state;
	assert_true(provider_setup_order(order, &count, "qobuz, Deezer ", why, sizeof why));
	assert_int_equal(count, 2);
	assert_int_equal(order[0], PROVIDER_QOBUZ);
	assert_int_equal(order[1], PROVIDER_DEEZER);
	assert_true(provider_setup_order(order, &count, "none", why, sizeof why));
	assert_int_equal(count, 0);
}

static void
what_is_no_provider_or_stands_twice_is_named(void **state)
{
	static const struct {
		const char *names, *why;
	} rows[] = {
		{ "deezer,tidal", "names \"tidal\"" },
		{ "deezer,,qobuz", "names \"\"" },
		{ "none,deezer", "names \"none\"" },
		{ "qobuz,qobuz", "names qobuz twice" },
		{ "deezer,qobuz,deezer", "names deezer twice" },
	};
	enum provider_id order[PROVIDERS_MOST];
	char why[200];
	size_t count;

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		why[0] = '\0';
		assert_false(provider_setup_order(
			order, &count, rows[i].names, why, sizeof why));
		assert_non_null(strstr(why, rows[i].why));
	}
}

static void
the_list_has_those_that_are_named(void **state)
{
	char url[] = "http://127.0.0.1:1", one[] = "deezer", none[] = "none";
	struct providers_settings settings = { .deezer_url = url, .providers = one };
	struct provider_list list;

	(void)state;
	provider_setup(&list, &settings);
	assert_int_equal(list.count, 1);
	assert_int_equal(list.of[0].ops->id, PROVIDER_DEEZER);
	assert_ptr_equal(provider_find(&list, PROVIDER_DEEZER), &list.of[0]);
	assert_null(provider_find(&list, PROVIDER_QOBUZ));
	list.of[0].ops->free(list.of[0].shared);
	settings.providers = none;
	provider_setup(&list, &settings);
	assert_int_equal(list.count, 0);
}

static void
qobuz_is_set_up_when_its_app_is_known(void **state)
{
	char names[] = "qobuz,deezer", url[] = "http://127.0.0.1:1", app[] = "1";
	struct providers_settings settings = { .providers = names,
		.deezer_url = url,
		.deezer_gateway_url = url,
		.deezer_media_url = url,
		.qobuz_url = url };
	struct provider_list list;

	(void)state;
	provider_setup(&list, &settings);
	assert_int_equal(list.count, 1);
	list.of[0].ops->free(list.of[0].shared);
	settings.qobuz_app_id = app;
	provider_setup(&list, &settings);
	assert_int_equal(list.count, 2);
	assert_int_equal(list.of[0].ops->id, PROVIDER_QOBUZ);
	assert_non_null(provider_find(&list, PROVIDER_QOBUZ));
	for (size_t i = 0; i < list.count; i++)
		list.of[i].ops->free(list.of[i].shared);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_order_is_read_as_it_stands),
		cmocka_unit_test(what_is_no_provider_or_stands_twice_is_named),
		cmocka_unit_test(the_list_has_those_that_are_named),
		cmocka_unit_test(qobuz_is_set_up_when_its_app_is_known),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
