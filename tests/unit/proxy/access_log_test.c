#include "proxy/access_log.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/mem.h"

static void
what_programs_ask_by_themselves_is_for_debugging(void **state)
{
	static const struct {
		const char *route;
		int status;
		enum log_level level;
	} cases[] = {
		{ "relay", 200, LOG_LEVEL_DEBUG },
		{ "relay", 502, LOG_LEVEL_DEBUG }, /* relay_failed has said it */
		{ "playing", 204, LOG_LEVEL_DEBUG },
		{ "playing", 503, LOG_LEVEL_INFO },
		{ "image", 200, LOG_LEVEL_DEBUG },
		{ "image", 504, LOG_LEVEL_INFO },
		{ "empty", 200, LOG_LEVEL_DEBUG },
		{ "health", 200, LOG_LEVEL_DEBUG },
		{ "health", 503, LOG_LEVEL_DEBUG }, /* asked every few seconds, too */
		{ "metrics", 200, LOG_LEVEL_DEBUG },
		{ "items", 200, LOG_LEVEL_INFO },
		{ "stream", 206, LOG_LEVEL_INFO },
		{ "api", 200, LOG_LEVEL_INFO },
		{ "", 400, LOG_LEVEL_INFO },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		const struct exchange_summary summary = { .route = cases[i].route,
			.status = cases[i].status };
		enum log_level level;
		bool wanted = access_log_wants(ACCESS_LOG_OWN, &summary, &level);
		if (level != cases[i].level || wanted != (level == LOG_LEVEL_INFO))
			fail_msg("%s %d", cases[i].route, cases[i].status);
		assert_false(access_log_wants(ACCESS_LOG_OFF, &summary, &level));
		assert_true(access_log_wants(ACCESS_LOG_ALL, &summary, &level));
		assert_int_equal(level, LOG_LEVEL_INFO);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_programs_ask_by_themselves_is_for_debugging),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
