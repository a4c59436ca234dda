#include "providers/qobuz/qobuz_error.h"

#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/json.h"

static enum qobuz_trouble
check(int status, const char *body, char why[200])
{
	json_t *root = json_parse_new(body, strlen(body));
	enum qobuz_trouble trouble = qobuz_error_check(root, status, why, 200);

	json_decref(root);
	return trouble;
}

#define SAYS(code, message)                                                                \
	"{\"status\":\"error\",\"code\":" #code ",\"message\":\"" message "\"}"

static void
every_error_is_told_from_the_others(void **state)
{
	static const struct {
		int status;
		const char *body;
		enum qobuz_trouble trouble;
		enum err err;
	} rows[] = {
		{ 200, "{}", QOBUZ_WELL, ERR_NONE },
		{ 200, "{\"status\":\"success\"}", QOBUZ_WELL, ERR_NONE },
		{ 400, SAYS(400, "Invalid Request Signature parameter (request_sig)"),
			QOBUZ_BAD_SIGNATURE, ERR_DENIED },
		{ 400, SAYS(400, "INVALID REQUEST_SIG"), QOBUZ_BAD_SIGNATURE, ERR_DENIED },
		{ 400, SAYS(400, "Invalid or missing App_ID parameter"), QOBUZ_BAD_APP,
			ERR_DENIED },
		{ 400, SAYS(400, "Invalid argument: limit"), QOBUZ_BAD_QUESTION,
			ERR_INVALID },
		{ 400, "", QOBUZ_BAD_QUESTION, ERR_INVALID },
		{ 401, SAYS(401, "User authentication is required."), QOBUZ_BAD_TOKEN,
			ERR_DENIED },
		{ 401, "<html>", QOBUZ_BAD_TOKEN, ERR_DENIED },
		{ 403, "", QOBUZ_FORBIDDEN, ERR_DENIED },
		{ 404, SAYS(404, "No result matching given argument"), QOBUZ_NOT_FOUND,
			ERR_NOT_FOUND },
		{ 410, SAYS(410, "Gone"), QOBUZ_GONE, ERR_DENIED },
		/* The status counts, whatever the message is about. */
		{ 410, SAYS(410, "Invalid signature"), QOBUZ_GONE, ERR_DENIED },
		{ 401, SAYS(401, "Invalid signature"), QOBUZ_BAD_TOKEN, ERR_DENIED },
		{ 429, "slow down", QOBUZ_TOO_MANY, ERR_BUSY },
		{ 500, "oops", QOBUZ_DOWN, ERR_UNREACHABLE },
		{ 503, "{}", QOBUZ_DOWN, ERR_UNREACHABLE },
		{ 200, SAYS(401, "User authentication is required."), QOBUZ_BAD_TOKEN,
			ERR_DENIED },
		{ 200, SAYS(0, "odd"), QOBUZ_NONSENSE, ERR_PROTOCOL },
		{ 200, "<html>", QOBUZ_NONSENSE, ERR_PROTOCOL },
		{ 200, "[]", QOBUZ_NONSENSE, ERR_PROTOCOL },
		{ 200, "false", QOBUZ_NONSENSE, ERR_PROTOCOL },
		{ 200, "", QOBUZ_NONSENSE, ERR_PROTOCOL },
		{ 302, "{}", QOBUZ_NONSENSE, ERR_PROTOCOL },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		char why[200];
		enum qobuz_trouble trouble = check(rows[i].status, rows[i].body, why);
		if (trouble != rows[i].trouble)
			fail_msg("%d %s: %d", rows[i].status, rows[i].body, (int)trouble);
		assert_int_equal(qobuz_error_err(trouble), rows[i].err);
		assert_int_equal(why[0] == '\0', trouble == QOBUZ_WELL);
	}
}

static void
only_what_says_nothing_of_qobuz_counts_against_nobody(void **state)
{
	(void)state;
	assert_true(qobuz_error_is_answer(QOBUZ_WELL));
	assert_true(qobuz_error_is_answer(QOBUZ_BAD_TOKEN));
	assert_true(qobuz_error_is_answer(QOBUZ_GONE));
	assert_true(qobuz_error_is_answer(QOBUZ_NOT_FOUND));
	assert_false(qobuz_error_is_answer(QOBUZ_DOWN));
	assert_false(qobuz_error_is_answer(QOBUZ_NONSENSE));
}

static void
what_qobuz_says_is_repeated_unless_it_may_be_a_credential(void **state)
{
	char why[200];

	(void)state;
	(void)check(404, SAYS(404, "No result matching given argument"), why);
	assert_string_equal(why, "Qobuz says: No result matching given argument (404)");
	(void)check(401, SAYS(401, "Bad token abcdefghijklmnopqrstuvwxyz"), why);
	assert_string_equal(why, "Qobuz answered with status 401");
	(void)check(400, "{\"message\":7}", why);
	assert_string_equal(why, "Qobuz answered with status 400");
}

static void
every_example_at_hand_is_told(void **state)
{
	static const char folder[] = "../shared/data/qobuz-synthetic";
	DIR *dir = opendir(folder);
	const struct dirent *entry;
	size_t count = 0;

	(void)state;
	if (dir == NULL)
		skip();
	while ((entry = readdir(dir)) != NULL) {
		char path[600], why[200];
		int status = 0;
		if (sscanf(entry->d_name, "error_%3d", &status) != 1)
			continue;
		snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
		json_t *root = json_load_file(path, 0, NULL);
		enum qobuz_trouble trouble =
			qobuz_error_check(root, status, why, sizeof why);
		if (trouble == QOBUZ_WELL || trouble == QOBUZ_BAD_QUESTION ||
			trouble == QOBUZ_NONSENSE)
			fail_msg("%s: %d", entry->d_name, (int)trouble);
		json_decref(root);
		count++;
	}
	closedir(dir);
	assert_true(count >= 10);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_error_is_told_from_the_others),
		cmocka_unit_test(only_what_says_nothing_of_qobuz_counts_against_nobody),
		cmocka_unit_test(what_qobuz_says_is_repeated_unless_it_may_be_a_credential),
		cmocka_unit_test(every_example_at_hand_is_told),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
