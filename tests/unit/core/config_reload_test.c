#include "core/config_reload.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

struct values {
	char *name;
	char *token;
	int64_t limit;
	int64_t fixed;
	int64_t level;
	bool on;
	char *folder;
};

static const struct config_option rows[] = {
	{ .name = "SIDETRACK_FIXED",
		.type = CONFIG_NUMBER,
		.offset = offsetof(struct values, fixed),
		.initial = "1",
		.max = 9,
		.text = "." },
	{ .name = "SIDETRACK_FOLDER",
		.type = CONFIG_TEXT,
		.offset = offsetof(struct values, folder),
		.text = "." },
	{ .name = "SIDETRACK_LEVEL",
		.type = CONFIG_CHOICE,
		.offset = offsetof(struct values, level),
		.initial = "low",
		.choices = "low|high",
		.reloadable = true,
		.text = "." },
	{ .name = "SIDETRACK_LIMIT",
		.type = CONFIG_NUMBER,
		.offset = offsetof(struct values, limit),
		.initial = "5",
		.max = 100,
		.reloadable = true,
		.text = "." },
	{ .name = "SIDETRACK_NAME",
		.type = CONFIG_TEXT,
		.offset = offsetof(struct values, name),
		.reloadable = true,
		.text = "." },
	{ .name = "SIDETRACK_ON",
		.type = CONFIG_SWITCH,
		.offset = offsetof(struct values, on),
		.initial = "off",
		.reloadable = true,
		.text = "." },
	{ .name = "SIDETRACK_TOKEN",
		.type = CONFIG_TEXT,
		.offset = offsetof(struct values, token),
		.secret = true,
		.reloadable = true,
		.text = "." },
};

struct fixture {
	struct values values;
	struct config_table table;
	char file[64], secret[64], file_variable[96], secret_variable[96];
	char *environment[4];
	char why[300];
};

static void
write_text(const char *path, const char *text)
{
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	fputs(text, file);
	fclose(file);
}

static void
make_file(char *path, const char *text)
{
	int fd = mkstemp(path);

	assert_true(fd >= 0);
	close(fd);
	write_text(path, text);
}

static struct config_reload *
read_again(struct fixture *fixture)
{
	static char *const no_arguments[] = { NULL };

	return config_reload_new(&fixture->table, 1, no_arguments, fixture->environment,
		fixture->why, sizeof fixture->why);
}

static int
setup(void **state)
{
	static char *const no_arguments[] = { NULL };
	static char level[] = "SIDETRACK_LEVEL=high";
	struct fixture *fixture = xcalloc(1, sizeof *fixture);

	fixture->table =
		(struct config_table){ rows, COUNT_OF(rows), &fixture->values, "Values" };
	snprintf(fixture->file, sizeof fixture->file, "/tmp/sidetrack-reload-XXXXXX");
	snprintf(fixture->secret, sizeof fixture->secret, "/tmp/sidetrack-reload-XXXXXX");
	make_file(fixture->file, "SIDETRACK_NAME=one\nSIDETRACK_FOLDER=/a\n");
	make_file(fixture->secret, "first\n");
	snprintf(fixture->file_variable, sizeof fixture->file_variable,
		"SIDETRACK_CONFIG=%s", fixture->file);
	snprintf(fixture->secret_variable, sizeof fixture->secret_variable,
		"SIDETRACK_TOKEN_FILE=%s", fixture->secret);
	fixture->environment[0] = fixture->file_variable;
	fixture->environment[1] = fixture->secret_variable;
	fixture->environment[2] = level;
	assert_true(config_load(&fixture->table, 1, no_arguments, fixture->environment,
		fixture->why, sizeof fixture->why));
	*state = fixture;
	return 0;
}

static int
teardown(void **state)
{
	struct fixture *fixture = *state;

	config_free(&fixture->table, 1);
	unlink(fixture->file);
	unlink(fixture->secret);
	xfree(fixture);
	return 0;
}

static void
nothing_new_changes_nothing(void **state)
{
	struct fixture *fixture = *state;
	struct config_reload *reload = read_again(fixture);

	assert_non_null(reload);
	assert_string_equal(config_reload_changed(reload), "");
	assert_string_equal(config_reload_kept(reload), "");
	config_reload_free(reload);
	config_reload_free(NULL);
}

static void
what_may_change_changes_once_it_is_applied(void **state)
{
	struct fixture *fixture = *state;

	write_text(fixture->file, "SIDETRACK_NAME=two\nSIDETRACK_LIMIT=7\nSIDETRACK_ON=on\n"
				  "SIDETRACK_FOLDER=/a\nSIDETRACK_LEVEL=low\n");
	write_text(fixture->secret, "second\n");
	struct config_reload *reload = read_again(fixture);
	assert_non_null(reload);
	/* The environment still wins over the file. */
	assert_string_equal(config_reload_changed(reload),
		"SIDETRACK_LIMIT,SIDETRACK_NAME,SIDETRACK_ON,SIDETRACK_TOKEN");
	assert_string_equal(fixture->values.name, "one");
	assert_int_equal(fixture->values.limit, 5);
	config_reload_apply(reload);
	config_reload_free(reload);
	assert_string_equal(fixture->values.name, "two");
	assert_string_equal(fixture->values.token, "second");
	assert_int_equal(fixture->values.limit, 7);
	assert_int_equal(fixture->values.level, 1);
	assert_true(fixture->values.on);
}

static void
what_is_taken_away_has_its_default_again(void **state)
{
	struct fixture *fixture = *state;

	write_text(fixture->file, "SIDETRACK_FOLDER=/a\n");
	struct config_reload *reload = read_again(fixture);
	assert_non_null(reload);
	config_reload_apply(reload);
	config_reload_free(reload);
	assert_null(fixture->values.name);
}

static void
what_needs_a_restart_is_named_and_kept(void **state)
{
	struct fixture *fixture = *state;

	write_text(fixture->file,
		"SIDETRACK_NAME=two\nSIDETRACK_FIXED=2\nSIDETRACK_FOLDER=/b\n");
	struct config_reload *reload = read_again(fixture);
	assert_non_null(reload);
	assert_string_equal(config_reload_changed(reload), "SIDETRACK_NAME");
	assert_string_equal(config_reload_kept(reload), "SIDETRACK_FIXED,SIDETRACK_FOLDER");
	config_reload_apply(reload);
	config_reload_free(reload);
	assert_int_equal(fixture->values.fixed, 1);
	assert_string_equal(fixture->values.folder, "/a");
}

static void
what_is_wrong_changes_nothing_and_is_named(void **state)
{
	static const struct {
		const char *text, *named;
	} cases[] = {
		{ "SIDETRACK_NAME=two\nSIDETRACK_LIMIT=many\n", "SIDETRACK_LIMIT" },
		{ "SIDETRACK_NAME=two\nSIDETRACK_FIXED=x\n", "SIDETRACK_FIXED" },
		{ "SIDETRACK_NAME=two\nSIDETRACK_NMAE=x\n", "SIDETRACK_NMAE" },
		{ "SIDETRACK_NAME=two\nnonsense\n", "line 2" },
	};
	struct fixture *fixture = *state;

	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		write_text(fixture->file, cases[i].text);
		assert_null(read_again(fixture));
		assert_non_null(strstr(fixture->why, cases[i].named));
		assert_string_equal(fixture->values.name, "one");
	}
	unlink(fixture->file);
	assert_null(read_again(fixture));
	assert_non_null(strstr(fixture->why, fixture->file));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(nothing_new_changes_nothing),
		TEST(what_may_change_changes_once_it_is_applied),
		TEST(what_is_taken_away_has_its_default_again),
		TEST(what_needs_a_restart_is_named_and_kept),
		TEST(what_is_wrong_changes_nothing_and_is_named),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
