#include "providers/qobuz/qobuz_account.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { HOUR_MS = 3600 * 1000 };

static struct qobuz_accounts *
make(const char *tokens)
{
	const struct qobuz_credentials credentials = { "100000000", "s3cret", tokens,
		TRACK_FLAC_96, 2 };

	return qobuz_accounts_new(&credentials);
}

static const struct account_entry *
find(struct qobuz_accounts *accounts, const char *name)
{
	const struct track_listener listener = { "", name };

	return qobuz_accounts_find(accounts, &listener);
}

static void
the_catalogue_is_read_in_the_households_name_else_the_first_good_one(void **state)
{
	struct qobuz_accounts *accounts = make("alice=A;bob=B;*=H");

	(void)state;
	assert_string_equal(qobuz_accounts_reader(accounts, 0)->secret, "H");
	qobuz_accounts_lower(accounts, QOBUZ_BAR_TOKEN, find(accounts, "carol"), 0);
	assert_string_equal(qobuz_accounts_reader(accounts, 0)->secret, "A");
	qobuz_accounts_lower(accounts, QOBUZ_BAR_TOKEN, find(accounts, "alice"), 0);
	assert_string_equal(qobuz_accounts_reader(accounts, 0)->secret, "B");
	qobuz_accounts_lower(accounts, QOBUZ_BAR_TOKEN, find(accounts, "bob"), 0);
	assert_null(qobuz_accounts_reader(accounts, 0));
	assert_string_equal(qobuz_accounts_reader(accounts, HOUR_MS)->secret, "H");
	qobuz_accounts_free(accounts);
	accounts = make(NULL);
	assert_null(qobuz_accounts_reader(accounts, 0));
	qobuz_accounts_free(accounts);
}

static void
a_bar_is_the_apps_or_one_accounts(void **state)
{
	struct qobuz_accounts *accounts = make("alice=A;bob=B");
	const struct account_entry *alice = find(accounts, "alice");
	const struct account_entry *bob = find(accounts, "bob");

	(void)state;
	assert_int_equal(qobuz_accounts_bar(accounts, alice, 0), QOBUZ_OPEN);
	assert_int_equal(qobuz_accounts_bar(accounts, NULL, 0), QOBUZ_NO_ACCOUNT);
	qobuz_accounts_lower(accounts, QOBUZ_BAR_PLAN, alice, 0);
	assert_int_equal(qobuz_accounts_bar(accounts, alice, 0), QOBUZ_BAR_PLAN);
	assert_int_equal(qobuz_accounts_bar(accounts, bob, 0), QOBUZ_OPEN);
	qobuz_accounts_lower(accounts, QOBUZ_BAR_GONE, alice, 0);
	assert_int_equal(qobuz_accounts_bar(accounts, alice, 0), QOBUZ_BAR_GONE);
	assert_int_equal(qobuz_accounts_bar(accounts, bob, 0), QOBUZ_BAR_GONE);
	assert_int_equal(qobuz_accounts_bar(accounts, bob, 6 * HOUR_MS), QOBUZ_OPEN);
	/* Whoever gets a song shows that the app is well; the others' plans stay. */
	qobuz_accounts_raise(accounts, bob);
	assert_int_equal(qobuz_accounts_bar(accounts, bob, 0), QOBUZ_OPEN);
	assert_int_equal(qobuz_accounts_bar(accounts, alice, 0), QOBUZ_BAR_PLAN);
	qobuz_accounts_free(accounts);
}

static void
a_bar_that_is_down_does_not_come_down_again(void **state)
{
	struct qobuz_accounts *accounts = make("A");
	const struct account_entry *all = find(accounts, "");

	(void)state;
	qobuz_accounts_lower(accounts, QOBUZ_BAR_SECRET, all, 0);
	qobuz_accounts_lower(accounts, QOBUZ_BAR_SECRET, all, HOUR_MS - 1);
	assert_int_equal(qobuz_accounts_bar(accounts, all, HOUR_MS - 1), QOBUZ_BAR_SECRET);
	assert_int_equal(qobuz_accounts_bar(accounts, all, HOUR_MS), QOBUZ_OPEN);
	qobuz_accounts_free(accounts);
}

static void
every_bar_but_none_says_what_it_is(void **state)
{
	(void)state;
	assert_string_equal(qobuz_bar_text(QOBUZ_OPEN), "");
	for (enum qobuz_bar bar = QOBUZ_NO_SECRET; bar < QOBUZ_BARS; bar++)
		assert_true(strlen(qobuz_bar_text(bar)) > 20);
}

static void
lanes_tell_accounts_forms_and_the_nextTry(void **state)
{
	struct qobuz_accounts *accounts = make("alice=t0ken-a;bob=t0ken-b");
	json_t *lanes;

	(void)state;
	qobuz_accounts_lower(accounts, QOBUZ_BAR_TOKEN, find(accounts, "bob"), 0);
	lanes = qobuz_accounts_lanes_new(accounts, 0);
	char *text = json_dumps(lanes, JSON_SORT_KEYS | JSON_COMPACT);
	static const char wanted[] =
		"[{\"account\":\"alice\",\"full\":true,\"qualities\":[\"flac_96\",\"flac\","
		"\"mp3_320\"],\"reason\":\"\"},{\"account\":\"bob\",\"full\":false,"
		"\"nextTry\":\"";
	assert_memory_equal(text, wanted, sizeof wanted - 1);
	assert_null(strstr(text, "t0ken"));
	assert_null(strstr(text, "s3cret"));
	assert_null(strstr(text, "100000000"));
	free(text);
	json_decref(lanes);
	qobuz_accounts_free(accounts);
	accounts = make(NULL);
	lanes = qobuz_accounts_lanes_new(accounts, 0);
	assert_int_equal(json_array_size(lanes), 0);
	assert_false(qobuz_accounts_are_there(accounts));
	json_decref(lanes);
	qobuz_accounts_free(accounts);
}

static void
values_fit_into_a_header(void **state)
{
	char why[200] = "";

	(void)state;
	assert_true(qobuz_accounts_check_value("100000000", why, sizeof why));
	assert_false(qobuz_accounts_check_value("a b", why, sizeof why));
	assert_false(qobuz_accounts_check_value("a\r\nX: y", why, sizeof why));
	assert_false(qobuz_accounts_check_value("\xc3\xa9", why, sizeof why));
	assert_true(qobuz_accounts_check_tokens("t0k-en_", why, sizeof why));
	assert_true(qobuz_accounts_check_tokens("a b=t0k;*=u", why, sizeof why));
	assert_false(qobuz_accounts_check_tokens("a=t0k;b=s3 cret", why, sizeof why));
	assert_non_null(strstr(why, "entry 2"));
	assert_null(strstr(why, "cret"));
	assert_false(qobuz_accounts_check_tokens("a=t0k;b", why, sizeof why));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			the_catalogue_is_read_in_the_households_name_else_the_first_good_one),
		cmocka_unit_test(a_bar_is_the_apps_or_one_accounts),
		cmocka_unit_test(a_bar_that_is_down_does_not_come_down_again),
		cmocka_unit_test(every_bar_but_none_says_what_it_is),
		cmocka_unit_test(lanes_tell_accounts_forms_and_the_nextTry),
		cmocka_unit_test(values_fit_into_a_header),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
