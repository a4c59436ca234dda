#include "providers/settings.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static bool
load(struct providers_settings *settings, char *variable, char *why, size_t why_size)
{
	const struct config_table table = { .options = providers_options,
		.count = providers_option_count,
		.settings = settings };
	char *arguments[] = { NULL };
	char *environment[] = { variable, NULL };

	return config_load(&table, 1, arguments, environment, why, why_size);
}

static void
deezers_own_address_is_the_default(void **state)
{
	struct providers_settings settings = { 0 };
	const struct config_table table = { .options = providers_options,
		.count = providers_option_count,
		.settings = &settings };
	char why[200] = "";

	(void)state;
	assert_true(load(&settings, NULL, why, sizeof why));
	assert_string_equal(settings.deezer_url, "https://api.deezer.com");
	config_free(&table, 1);
}

static void
another_address_is_taken_and_nonsense_is_refused(void **state)
{
	struct providers_settings settings = { 0 };
	const struct config_table table = { .options = providers_options,
		.count = providers_option_count,
		.settings = &settings };
	char good[] = "SIDETRACK_DEEZER_URL=http://127.0.0.1:9000/x";
	char bad[] = "SIDETRACK_DEEZER_URL=ftp://127.0.0.1";
	char why[200] = "";

	(void)state;
	assert_true(load(&settings, good, why, sizeof why));
	assert_string_equal(settings.deezer_url, "http://127.0.0.1:9000/x");
	config_free(&table, 1);
	settings = (struct providers_settings){ 0 };
	assert_false(load(&settings, bad, why, sizeof why));
	assert_non_null(strstr(why, "SIDETRACK_DEEZER_URL"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(deezers_own_address_is_the_default),
		cmocka_unit_test(another_address_is_taken_and_nonsense_is_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
