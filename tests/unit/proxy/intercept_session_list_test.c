#include "proxy/intercept_session_list.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#define OURS  "0123456789abcdef0123456789abcdef"
#define OTHER "ffffffffffffffffffffffffffffffff"
#define SESSION(id, can)                                                                   \
	"{\"Id\":\"" id "\",\"N\":1.50,\"Capabilities\":{\"SupportsMediaControl\":true},"  \
	"\"SupportsMediaControl\":" can ", \"SupportsRemoteControl\" : " can "}"

static const struct {
	const char *body;
	bool leave_out;
	const char *expected;
} rows[] = {
	{ "[" SESSION(OTHER, "true") "," SESSION(OURS, "true") "]", false,
		"[" SESSION(OTHER, "true") "," SESSION(OURS, "false") "]" },
	{ " [ " SESSION(OURS, "true") " , " SESSION(OTHER, "false") " ] ", true,
		" [" SESSION(OTHER, "false") "] " },
	{ "[" SESSION(OURS, "true") "]", true, "[]" },
	/* As the camelCase profile writes it. */
	{ "[{\"id\":\"" OURS "\",\"supportsRemoteControl\":true}]", false,
		"[{\"id\":\"" OURS "\",\"supportsRemoteControl\":false}]" },
	{ "[]", false, "[]" },
	{ "[{},7,null]", false, "[{},7,null]" },
	/* No list. */
	{ "", false, "" },
	{ "Error processing request.", true, "Error processing request." },
	{ SESSION(OURS, "true"), false, SESSION(OURS, "true") },
};

static void
only_sessions_that_nobody_else_serves_are_said_to_be_out_of_control(void **state)
{
	struct lone_sessions *lone = xcalloc(1, sizeof *lone + sizeof lone->ids[0]);
	struct arena *arena = arena_new();

	(void)state;
	lone->count = 1;
	memcpy(lone->ids[0], OURS, sizeof OURS);
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct text written = { 0 };
		intercept_session_list_write(
			&written, arena, slice_of(rows[i].body), lone, rows[i].leave_out);
		assert_string_equal(text_get(&written), rows[i].expected);
		text_fini(&written);
	}
	arena_free(arena);
	xfree(lone);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			only_sessions_that_nobody_else_serves_are_said_to_be_out_of_control),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
