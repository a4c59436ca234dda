#include "providers/qobuz/qobuz_sign.h"

#include <jansson.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "core/json.h"

#define SECRET "0123456789abcdef0123456789abcdef"

static void
parameters_are_signed_in_the_order_of_their_names(void **state)
{
	static const struct qobuz_parameter one[] = { { "track_id", "1" },
		{ "intent", "stream" }, { "format_id", "6" } };
	static const struct qobuz_parameter other[] = { { "format_id", "6" },
		{ "track_id", "1" }, { "app_id", "9" }, { "intent", "stream" },
		{ "user_auth_token", "x" }, { "request_sig", "y" }, { "request_ts", "z" } };
	char a[QOBUZ_SIGNATURE], b[QOBUZ_SIGNATURE];

	(void)state;
	qobuz_sign(a, "track/getFileUrl", one, COUNT_OF(one), "1700000000", SECRET);
	qobuz_sign(b, "track/getFileUrl", other, COUNT_OF(other), "1700000000", SECRET);
	assert_string_equal(a, b);
	/* md5 of "trackgetFileUrlformat_id6intentstreamtrack_id11700000000" + SECRET */
	assert_string_equal(a, "e449f79f604912b13d72a8b4e34c9ad1");
}

static void
each_part_matters(void **state)
{
	static const struct qobuz_parameter parameter = { "track_id", "1" };
	static const struct qobuz_parameter another = { "track_id", "2" };
	char usual[QOBUZ_SIGNATURE], other[QOBUZ_SIGNATURE];

	(void)state;
	qobuz_sign(usual, "track/lyricsUrl", &parameter, 1, "1", SECRET);
	qobuz_sign(other, "track/lyricsUrl", &another, 1, "1", SECRET);
	assert_string_not_equal(usual, other);
	qobuz_sign(other, "track/getFileUrl", &parameter, 1, "1", SECRET);
	assert_string_not_equal(usual, other);
	qobuz_sign(other, "track/lyricsUrl", &parameter, 1, "1.0", SECRET);
	assert_string_not_equal(usual, other);
	qobuz_sign(other, "track/lyricsUrl", &parameter, 1, "1", "another");
	assert_string_not_equal(usual, other);
}

static void
check_vector(const json_t *one, const char *secret)
{
	const json_t *given = json_member(one, "params");
	struct qobuz_parameter parameters[QOBUZ_MAX_PARAMETERS];
	char signature[QOBUZ_SIGNATURE];
	const char *name;
	json_t *value;
	size_t count = 0;

	json_object_foreach ((json_t *)(uintptr_t)given, name, value)
		parameters[count++] =
			(struct qobuz_parameter){ name, json_string_value(value) };
	qobuz_sign(signature, json_text(one, "endpoint"), parameters, count,
		json_text(one, "request_ts"), secret);
	assert_string_equal(signature, json_text(one, "request_sig"));
}

static void
every_vector_is_met(void **state)
{
	json_t *root = json_load_file("../shared/data/vectors/qobuz_sig.json", 0, NULL);
	const json_t *cases = json_member(root, "cases");
	const json_t *one;
	size_t i;

	(void)state;
	if (root == NULL)
		skip();
	assert_true(json_array_size(cases) >= 3);
	json_array_foreach (cases, i, one)
		check_vector(one, json_text(root, "app_secret"));
	json_decref(root);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(parameters_are_signed_in_the_order_of_their_names),
		cmocka_unit_test(each_part_matters),
		cmocka_unit_test(every_vector_is_met),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
