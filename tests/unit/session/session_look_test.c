#include "session/session_look.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static bool
look_at(const char *json, const char *client)
{
	struct session_look look;
	struct play_session_key key;

	play_session_key_set(&key, client, "phone", "alice");
	return session_look_parse(&look, json, strlen(json)) &&
	       session_look_has_capabilities(&look, &key);
}

static void
posted_capabilities_are_found_in_the_clients_own_session(void **state)
{
	(void)state;
	assert_true(look_at("[{\"Client\":\"finamp\",\"DeviceId\":\"PHONE\","
			    "\"PlayableMediaTypes\":[\"Audio\"]}]",
		"Finamp"));
	assert_true(look_at("[{\"Client\":\"Finamp\",\"DeviceId\":\"phone\","
			    "\"Capabilities\":{\"SupportedCommands\":[\"Play\"]}}]",
		"Finamp"));
	assert_false(look_at("[{\"Client\":\"Other\",\"DeviceId\":\"phone\","
			     "\"PlayableMediaTypes\":[\"Audio\"]}]",
		"Finamp"));
	assert_false(look_at("[{\"Client\":\"Finamp\",\"DeviceId\":\"tablet\","
			     "\"PlayableMediaTypes\":[\"Audio\"]}]",
		"Finamp"));
}

static void
a_session_that_only_logged_in_has_none(void **state)
{
	struct session_look look;

	(void)state;
	assert_false(look_at("[{\"Client\":\"Finamp\",\"DeviceId\":\"phone\","
			     "\"PlayableMediaTypes\":[],\"Capabilities\":"
			     "{\"PlayableMediaTypes\":[],\"SupportedCommands\":[]}}]",
		"Finamp"));
	assert_false(look_at("[]", "Finamp"));
	assert_false(session_look_parse(&look, "{}", 2));
	assert_false(session_look_parse(&look, "x", 1));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(posted_capabilities_are_found_in_the_clients_own_session),
		cmocka_unit_test(a_session_that_only_logged_in_has_none),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
