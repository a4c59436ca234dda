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

#define ARL "0123456789abcdef0123456789abcdef"

static void
an_arl_or_a_secret_alone_is_a_sentence(void **state)
{
	char text[] = "x";
	struct providers_settings settings = { .deezer_arl = text };
	char why[200] = "";

	(void)state;
	assert_false(providers_settings_check(&settings, why, sizeof why));
	assert_string_equal(why, "SIDETRACK_DEEZER_ARL is set without "
				 "SIDETRACK_DEEZER_SECRET: full tracks need both, previews "
				 "neither");
	settings = (struct providers_settings){ .deezer_secret = text };
	assert_false(providers_settings_check(&settings, why, sizeof why));
	assert_non_null(strstr(why, "SIDETRACK_DEEZER_SECRET is set without"));
	settings.deezer_arl = text;
	assert_true(providers_settings_check(&settings, why, sizeof why));
	settings = (struct providers_settings){ 0 };
	assert_true(providers_settings_check(&settings, why, sizeof why));
}

static void
a_token_or_a_secret_of_qobuz_needs_the_apps_id(void **state)
{
	char text[] = "x";
	struct providers_settings settings = { .qobuz_token = text };
	char why[200] = "";

	(void)state;
	assert_false(providers_settings_check(&settings, why, sizeof why));
	assert_non_null(strstr(why, "SIDETRACK_QOBUZ_TOKEN is set without "
				    "SIDETRACK_QOBUZ_APP_ID"));
	settings = (struct providers_settings){ .qobuz_app_secret = text };
	assert_false(providers_settings_check(&settings, why, sizeof why));
	assert_non_null(strstr(why, "SIDETRACK_QOBUZ_APP_SECRET is set without"));
	settings.qobuz_app_id = text;
	assert_true(providers_settings_check(&settings, why, sizeof why));
	settings = (struct providers_settings){ .qobuz_app_id = text };
	assert_true(providers_settings_check(&settings, why, sizeof why));
}

static void
what_is_wrong_with_an_account_is_told_without_telling_it(void **state)
{
	static const struct {
		const char *variable;
		const char *hidden; /* NULL: it is well */
		const char *told;
	} rows[] = {
		{ "SIDETRACK_DEEZER_ARL=" ARL, NULL, "" },
		{ "SIDETRACK_DEEZER_ARL=alice=" ARL ";*=" ARL, NULL, "" },
		{ "SIDETRACK_DEEZER_ARL=sh0rt", "sh0rt", "entry 1 holds no ARL" },
		{ "SIDETRACK_DEEZER_ARL=alice=" ARL ";bob=c0ffee; sid=1" ARL, "c0ffee",
			"entry 2 holds no ARL" },
		{ "SIDETRACK_DEEZER_ARL=" ARL " x", ARL, "entry 1 holds no ARL" },
		{ "SIDETRACK_DEEZER_ARL=alice=" ARL ";bob", ARL, "entry 2 says no user" },
		{ "SIDETRACK_DEEZER_SECRET=0123456789abcdef", NULL, "" },
		{ "SIDETRACK_QOBUZ_TOKEN=alice=t0ken;*=0ther", NULL, "" },
		{ "SIDETRACK_QOBUZ_TOKEN=alice=t0ken;bob=0 ther", "ther",
			"entry 2 has blanks" },
		{ "SIDETRACK_QOBUZ_APP_ID=1 2", "1 2", "has blanks" },
		{ "SIDETRACK_QOBUZ_APP_SECRET=s3 cret", "cret", "has blanks" },
		{ "SIDETRACK_DEEZER_SECRET=0123456789abcde", "0123",
			"exactly 16 characters" },
		{ "SIDETRACK_DEEZER_SECRET=0123456789abcdef0", "0123",
			"exactly 16 characters" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct providers_settings settings = { 0 };
		const struct config_table table = { .options = providers_options,
			.count = providers_option_count,
			.settings = &settings };
		char variable[200], why[300] = "";
		assert_true(copy_text(variable, sizeof variable, rows[i].variable));
		bool well = load(&settings, variable, why, sizeof why);
		assert_int_equal(well, rows[i].hidden == NULL);
		assert_non_null(strstr(why, rows[i].told));
		if (rows[i].hidden != NULL)
			assert_null(strstr(why, rows[i].hidden));
		if (well)
			config_free(&table, 1);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(deezers_own_address_is_the_default),
		cmocka_unit_test(another_address_is_taken_and_nonsense_is_refused),
		cmocka_unit_test(an_arl_or_a_secret_alone_is_a_sentence),
		cmocka_unit_test(what_is_wrong_with_an_account_is_told_without_telling_it),
		cmocka_unit_test(a_token_or_a_secret_of_qobuz_needs_the_apps_id),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
