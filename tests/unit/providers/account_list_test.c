#include "providers/account_list.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define ALICE "0123456789abcdef0123456789abcdef"

static struct account_list
parse(const char *text)
{
	struct account_list list;
	char why[200] = "";

	if (!account_list_parse(&list, text, why, sizeof why))
		fail_msg("%s: %s", text, why);
	return list;
}

/* The secret that pays for somebody, or "nobody". */
static const char *
pays(const struct account_list *list, const char *id, const char *name)
{
	const struct account_entry *entry = account_list_find(list, id, name);

	return entry != NULL ? entry->secret : "nobody";
}

static void
one_value_is_everybodys(void **state)
{
	static const char *const values[] = { "t0ken", "  t0ken ", "t0k-en_9",
		"dG9rZW4=", "dG9rZW4==" };

	(void)state;
	for (size_t i = 0; i < COUNT_OF(values); i++) {
		struct account_list list = parse(values[i]);
		assert_int_equal(list.count, 1);
		assert_string_equal(list.entries[0].label, "*");
		assert_null(strchr(list.entries[0].secret, ' '));
		assert_string_equal(pays(&list, ALICE, "alice"), list.entries[0].secret);
		assert_string_equal(pays(&list, "", ""), list.entries[0].secret);
		account_list_fini(&list);
	}
}

static void
nothing_set_is_nobodys(void **state)
{
	static const char *const values[] = { NULL, "", "   " };

	(void)state;
	for (size_t i = 0; i < COUNT_OF(values); i++) {
		struct account_list list = parse(values[i]);
		assert_int_equal(list.count, 0);
		assert_null(account_list_find(&list, ALICE, "alice"));
		account_list_fini(&list);
	}
}

static void
who_is_named_has_an_account_and_a_star_is_everybody_else(void **state)
{
	struct account_list list = parse("alice=A1==; Bob = B=1 ;*=S;");

	(void)state;
	assert_int_equal(list.count, 3);
	assert_string_equal(pays(&list, ALICE, "Alice"), "A1==");
	assert_string_equal(pays(&list, "", "bob"), "B=1");
	assert_string_equal(pays(&list, ALICE, "carol"), "S");
	assert_string_equal(pays(&list, "", ""), "S");
	account_list_fini(&list);
	list = parse("alice=A");
	assert_string_equal(pays(&list, ALICE, "carol"), "nobody");
	assert_string_equal(pays(&list, "", ""), "nobody");
	/* A user who is called so is no star. */
	assert_string_equal(pays(&list, "", "*"), "nobody");
	account_list_fini(&list);
}

static void
a_user_may_be_named_by_id_with_dashes_or_without(void **state)
{
	struct account_list list = parse("01234567-89AB-CDEF-0123-456789abcdef=A;fedcba=B");

	(void)state;
	assert_string_equal(list.entries[0].user, ALICE);
	assert_string_equal(pays(&list, ALICE, "whoever"), "A");
	assert_string_equal(pays(&list, "", "FEDCBA"), "B");
	account_list_fini(&list);
}

static void
who_shares_a_value_shares_its_label(void **state)
{
	struct account_list list = parse("alice=A;bob=B;carol=A");

	(void)state;
	assert_string_equal(list.entries[0].label, "alice");
	assert_string_equal(list.entries[1].label, "bob");
	assert_string_equal(list.entries[2].label, "alice");
	account_list_fini(&list);
}

static void
what_is_wrong_is_said_without_the_values(void **state)
{
	static const struct {
		const char *text, *says;
	} rows[] = {
		{ "alice=s3cret;s3cret", "entry 2 says no user" },
		{ "=s3cret", "entry 1 has no user" },
		{ "alice=s3cret;bob= ;", "entry 2 has no value" },
		{ "alice=s3cret;ALICE=s3cret", "entry 2 is about a user" },
		{ "alice=s3cret;=", "entry 2 has no user" },
		{ ";", "has no entry" },
	};
	struct account_list list;
	char why[200];

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		why[0] = '\0';
		assert_false(account_list_parse(&list, rows[i].text, why, sizeof why));
		assert_int_equal(list.count, 0);
		if (strstr(why, rows[i].says) == NULL)
			fail_msg("%s: %s", rows[i].text, why);
		assert_null(strstr(why, "s3cret"));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_value_is_everybodys),
		cmocka_unit_test(nothing_set_is_nobodys),
		cmocka_unit_test(who_is_named_has_an_account_and_a_star_is_everybody_else),
		cmocka_unit_test(a_user_may_be_named_by_id_with_dashes_or_without),
		cmocka_unit_test(who_shares_a_value_shares_its_label),
		cmocka_unit_test(what_is_wrong_is_said_without_the_values),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
