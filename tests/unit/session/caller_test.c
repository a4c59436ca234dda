#include "session/caller.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void
who_may_listen_is_a_matter_of_token_policy_and_consent(void **state)
{
	static const struct {
		enum err err;
		bool playback, music, parental;
		const char *users, *clients;
		bool despite;
		bool may;
	} rows[] = {
		{ ERR_NONE, true, true, false, NULL, NULL, false, true },
		{ ERR_DENIED, true, true, false, NULL, NULL, false, false },
		{ ERR_TIMEOUT, true, true, false, NULL, NULL, false, false },
		{ ERR_NONE, false, true, false, NULL, NULL, false, false },
		{ ERR_NONE, true, false, false, NULL, NULL, false, false },
		{ ERR_NONE, true, true, true, NULL, NULL, false, false },
		{ ERR_NONE, true, true, true, NULL, NULL, true, true },
		{ ERR_NONE, true, true, false, "bob , ALICE", NULL, false, true },
		{ ERR_NONE, true, true, false, "bob,alicea", NULL, false, false },
		{ ERR_NONE, true, true, false, NULL, "finamp", false, true },
		{ ERR_NONE, true, true, false, NULL, "Feishin", false, false },
		{ ERR_NONE, true, true, false, "alice", "Feishin", false, false },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct session_settings settings = {
			.external_clients = xstrdup_or_null(rows[i].clients),
			.external_users = xstrdup_or_null(rows[i].users),
			.external_parental = rows[i].despite,
		};
		struct caller caller = { .err = rows[i].err,
			.identity = { .client = "Finamp" },
			.facts = { .user_name = "Alice",
				.playback = rows[i].playback,
				.sees_music = rows[i].music,
				.parental_limit = rows[i].parental } };
		assert_int_equal(caller_may_listen(&caller, &settings), rows[i].may);
		xfree(settings.external_clients);
		xfree(settings.external_users);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(who_may_listen_is_a_matter_of_token_policy_and_consent),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
