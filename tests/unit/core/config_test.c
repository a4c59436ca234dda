#include "core/config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

struct front {
	char *jellyfin_url;
	char *listen;
	int64_t workers;
	char *token;
	char *data;
};
struct rest {
	int64_t legacy;
	bool merge;
	char *probe;
};

static bool
check_listen(const char *value, char *why, size_t why_size)
{
	if (strchr(value, ':') != NULL)
		return true;
	snprintf(why, why_size, "must be address:port");
	return false;
}

static const struct config_option front_rows[] = {
	{ .name = "JELLYFIN_URL",
		.type = CONFIG_TEXT,
		.offset = offsetof(struct front, jellyfin_url),
		.text = "The server." },
	{ .name = "SIDETRACK_DATA",
		.type = CONFIG_TEXT,
		.offset = offsetof(struct front, data),
		.initial = "./data",
		.text = "The folder." },
	{ .name = "SIDETRACK_LISTEN",
		.type = CONFIG_TEXT,
		.offset = offsetof(struct front, listen),
		.initial = "0.0.0.0:8097",
		.check = check_listen,
		.text = "Where we listen." },
	{ .name = "SIDETRACK_METRICS_TOKEN",
		.type = CONFIG_TEXT,
		.offset = offsetof(struct front, token),
		.secret = true,
		.text = "Needed for /metrics." },
	{ .name = "SIDETRACK_WORKERS",
		.type = CONFIG_NUMBER,
		.offset = offsetof(struct front, workers),
		.initial = "2",
		.min = 1,
		.max = 64,
		.unit = "threads",
		.text = "Proxy threads." },
};
static const struct config_option rest_rows[] = {
	{ .name = "SIDETRACK_LEGACY_AUTH",
		.type = CONFIG_CHOICE,
		.offset = offsetof(struct rest, legacy),
		.initial = "relay",
		.choices = "relay|translate",
		.reloadable = true,
		.text = "Old forms a|b." },
	{ .name = "SIDETRACK_MERGE",
		.type = CONFIG_SWITCH,
		.offset = offsetof(struct rest, merge),
		.initial = "on",
		.text = "Merge." },
	{ .name = "SIDETRACK_PROBE",
		.type = CONFIG_TEXT,
		.offset = offsetof(struct rest, probe),
		.hidden = true,
		.text = "Hidden words." },
};

struct fixture {
	struct front front;
	struct rest rest;
	struct config_table tables[2];
	char why[400];
};

static void
fixture_init(struct fixture *fixture)
{
	memset(fixture, 0, sizeof *fixture);
	fixture->tables[0] = (struct config_table){ front_rows, COUNT_OF(front_rows),
		&fixture->front, "Front" };
	fixture->tables[1] = (struct config_table){ rest_rows, COUNT_OF(rest_rows),
		&fixture->rest, NULL };
}

/* `words` and `variables` are separated by blanks. */
static bool
load(struct fixture *fixture, const char *words, const char *variables)
{
	char *lists[2][16] = { { NULL } };
	char *copies[2] = { strdup(words), strdup(variables) };

	for (int i = 0; i < 2; i++) {
		size_t count = 0;
		char *state = NULL;
		for (char *word = strtok_r(copies[i], " ", &state); word != NULL;
			word = strtok_r(NULL, " ", &state))
			lists[i][count++] = word;
	}
	fixture_init(fixture);
	bool good = config_load(
		fixture->tables, 2, lists[0], lists[1], fixture->why, sizeof fixture->why);
	free(copies[0]);
	free(copies[1]);
	return good;
}

static void
unload(struct fixture *fixture)
{
	config_free(fixture->tables, 2);
}

static char *
write_file(char *path, const char *content)
{
	copy_text(path, 64, "/tmp/config_test_XXXXXX");
	int fd = mkstemp(path);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, content, strlen(content)), strlen(content));
	close(fd);
	return path;
}

static void
without_sources_the_defaults_hold(void **state)
{
	struct fixture fixture;

	(void)state;
	assert_true(load(&fixture, "", "HOME=/x PATH=/y"));
	assert_null(fixture.front.jellyfin_url);
	assert_null(fixture.front.token);
	assert_string_equal(fixture.front.listen, "0.0.0.0:8097");
	assert_int_equal(fixture.front.workers, 2);
	assert_int_equal(fixture.rest.legacy, 0);
	assert_true(fixture.rest.merge);
	unload(&fixture);
	assert_null(fixture.front.listen);
}

static void
flags_win_over_the_environment_and_that_over_the_file(void **state)
{
	struct fixture fixture;
	char path[64], words[256], variables[256];

	(void)state;
	write_file(path, "# mine\nSIDETRACK_DATA=file\nSIDETRACK_WORKERS = 3 # few\n"
			 "SIDETRACK_LISTEN='1.1.1.1:1'\r\n\nJELLYFIN_URL=\"http://f/#x\"");
	snprintf(words, sizeof words, "--listen 3.3.3.3:3 --config=%s", path);
	snprintf(variables, sizeof variables,
		"SIDETRACK_LISTEN=2.2.2.2:2 SIDETRACK_WORKERS=4 SIDETRACK_CONFIG=/none");
	assert_true(load(&fixture, words, variables));
	assert_string_equal(fixture.front.data, "file");
	assert_string_equal(fixture.front.jellyfin_url, "http://f/#x");
	assert_int_equal(fixture.front.workers, 4);
	assert_string_equal(fixture.front.listen, "3.3.3.3:3");
	unload(&fixture);
	unlink(path);
}

static void
a_flag_takes_its_value_after_a_blank_or_an_equals_sign(void **state)
{
	struct fixture fixture;

	(void)state;
	assert_true(load(&fixture,
		"--jellyfin-url http://a --legacy-auth=Translate --merge off --workers=64",
		""));
	assert_string_equal(fixture.front.jellyfin_url, "http://a");
	assert_int_equal(fixture.rest.legacy, 1);
	assert_false(fixture.rest.merge);
	assert_int_equal(fixture.front.workers, 64);
	unload(&fixture);
}

static void
an_empty_value_counts_as_not_given(void **state)
{
	struct fixture fixture;

	(void)state;
	assert_true(load(&fixture, "--data=", "SIDETRACK_LISTEN= SIDETRACK_WORKERS="));
	assert_string_equal(fixture.front.data, "./data");
	assert_string_equal(fixture.front.listen, "0.0.0.0:8097");
	assert_int_equal(fixture.front.workers, 2);
	unload(&fixture);
}

static void
what_is_wrong_is_told_in_a_sentence_that_names_it(void **state)
{
	static const struct {
		const char *words, *variables, *why;
	} cases[] = {
		{ "--lisen x:1", "",
			"the flag --lisen is unknown; did you mean --listen?" },
		{ "--zzzzzzzzzzzz=secret", "", "the flag --zzzzzzzzzzzz is unknown" },
		{ "stray", "",
			"an argument stands where a flag is expected; settings are given "
			"as "
			"--name value" },
		{ "--listen", "", "the flag --listen lacks its value" },
		{ "", "SIDETRACK_WORKER=1",
			"the variable SIDETRACK_WORKER is unknown; did you mean "
			"SIDETRACK_WORKERS?" },
		{ "", "SIDETRACK_MYSTERY_OF_LIFE=s3cret",
			"the variable SIDETRACK_MYSTERY_OF_LIFE is unknown" },
		{ "", "SIDETRACK_LISTEN_FILE=/x",
			"the variable SIDETRACK_LISTEN_FILE is unknown" },
		{ "--listen nonsense", "",
			"SIDETRACK_LISTEN (from a flag) must be address:port" },
		{ "", "SIDETRACK_WORKERS=0",
			"SIDETRACK_WORKERS (from the environment) must be a number from 1 "
			"to "
			"64, in threads" },
		{ "", "SIDETRACK_WORKERS=4x",
			"SIDETRACK_WORKERS (from the environment) must be a number from 1 "
			"to "
			"64, in threads" },
		{ "--merge maybe", "", "SIDETRACK_MERGE (from a flag) must be on or off" },
		{ "--legacy-auth x", "",
			"SIDETRACK_LEGACY_AUTH (from a flag) must be one of relay, "
			"translate" },
		{ "--metrics-token abc", "",
			"the flag --metrics-token would show a secret to everybody on this "
			"machine; use SIDETRACK_METRICS_TOKEN or --metrics-token-file" },
		{ "", "SIDETRACK_METRICS_TOKEN=s SIDETRACK_METRICS_TOKEN_FILE=/f",
			"SIDETRACK_METRICS_TOKEN and SIDETRACK_METRICS_TOKEN_FILE are both "
			"set; one is enough" },
		{ "--metrics-token-file /none/there", "",
			"SIDETRACK_METRICS_TOKEN (from a flag) cannot be had: /none/there "
			"cannot be read: No such file or directory" },
		{ "--config /none/there", "",
			"the settings file /none/there cannot be read: No such file or "
			"directory" },
		{ "--config /", "", "the settings file / cannot be read: Is a directory" },
	};
	struct fixture fixture;

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		assert_false(load(&fixture, cases[i].words, cases[i].variables));
		assert_string_equal(fixture.why, cases[i].why);
		assert_null(fixture.front.listen);
	}
}

static void
a_secret_is_read_from_its_file_without_its_line_end(void **state)
{
	struct fixture fixture;
	char path[64], words[128];

	(void)state;
	write_file(path, "pass word \r\n");
	snprintf(words, sizeof words, "--metrics-token-file=%s", path);
	assert_true(load(&fixture, words, "SIDETRACK_METRICS_TOKEN=loses"));
	assert_string_equal(fixture.front.token, "pass word ");
	unload(&fixture);
	unlink(path);
}

static void
a_broken_file_is_told_with_its_line(void **state)
{
	static const struct {
		const char *content, *why;
	} cases[] = {
		{ "\n#x\nSIDETRACK_DTA=1\n",
			"line 3 of PATH: SIDETRACK_DTA is unknown; did you mean "
			"SIDETRACK_DATA?" },
		{ "SIDETRACK_DATA", "line 1 of PATH is wrong: it is not of the form "
				    "NAME=value" },
		{ "SIDETRACK_METRICS_TOKEN=\"s3cret",
			"line 1 of PATH is wrong: its value lacks the closing quote" },
		{ "SIDETRACK_DATA='a' b",
			"line 1 of PATH is wrong: something follows the closing quote" },
		{ "export SIDETRACK_DATA=a",
			"line 1 of PATH is wrong: what stands before '=' is not a name" },
		{ "SIDETRACK_CONFIG=/x",
			"line 1 of PATH: SIDETRACK_CONFIG cannot be set in the file" },
		{ "SIDETRACK_WORKERS=x", "SIDETRACK_WORKERS (from the settings file) must "
					 "be a number from 1 "
					 "to 64, in threads" },
	};
	struct fixture fixture;

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		char path[64], variable[128], expected[256] = "";
		write_file(path, cases[i].content);
		snprintf(variable, sizeof variable, "SIDETRACK_CONFIG=%s", path);
		assert_false(load(&fixture, "", variable));
		const char *mark = strstr(cases[i].why, "PATH");
		if (mark != NULL)
			snprintf(expected, sizeof expected, "%.*s%s%s",
				(int)(mark - cases[i].why), cases[i].why, path, mark + 4);
		else
			snprintf(expected, sizeof expected, "%s", cases[i].why);
		assert_string_equal(fixture.why, expected);
		unlink(path);
	}
}

static void
the_prints_show_every_row_but_the_hidden_ones(void **state)
{
	static void (*const prints[])(
		struct text *, const struct config_table *, size_t) = {
		config_print_help,
		config_print_page,
		config_print_env,
	};
	struct fixture fixture;

	(void)state;
	fixture_init(&fixture);
	for (size_t i = 0; i < COUNT_OF(prints); i++) {
		struct text text;
		text_init(&text);
		prints[i](&text, fixture.tables, 2);
		assert_non_null(strstr(text_get(&text), "SIDETRACK_LISTEN"));
		assert_non_null(strstr(text_get(&text), "0.0.0.0:8097"));
		assert_non_null(strstr(text_get(&text), "SIDETRACK_LEGACY_AUTH"));
		assert_non_null(strstr(text_get(&text), "Front"));
		assert_null(strstr(text_get(&text), "SIDETRACK_PROBE"));
		text_fini(&text);
	}
}

static void
the_page_escapes_what_would_end_a_cell(void **state)
{
	struct fixture fixture;
	struct text text;

	(void)state;
	fixture_init(&fixture);
	text_init(&text);
	config_print_page(&text, fixture.tables, 2);
	assert_non_null(
		strstr(text_get(&text), "| `SIDETRACK_LEGACY_AUTH` | `--legacy-auth` | "
					"relay, translate | `relay` | reload | "
					"Old forms a\\|b. |\n"));
	assert_non_null(strstr(text_get(&text),
		"| `SIDETRACK_METRICS_TOKEN`, `SIDETRACK_METRICS_TOKEN_FILE` | "
		"`--metrics-token-file` | text, secret | unset | start | Needed for "
		"/metrics. "
		"|\n"));
	text_fini(&text);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(without_sources_the_defaults_hold),
		cmocka_unit_test(flags_win_over_the_environment_and_that_over_the_file),
		cmocka_unit_test(a_flag_takes_its_value_after_a_blank_or_an_equals_sign),
		cmocka_unit_test(an_empty_value_counts_as_not_given),
		cmocka_unit_test(what_is_wrong_is_told_in_a_sentence_that_names_it),
		cmocka_unit_test(a_secret_is_read_from_its_file_without_its_line_end),
		cmocka_unit_test(a_broken_file_is_told_with_its_line),
		cmocka_unit_test(the_prints_show_every_row_but_the_hidden_ones),
		cmocka_unit_test(the_page_escapes_what_would_end_a_cell),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
