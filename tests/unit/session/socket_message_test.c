#include "session/socket_message.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

struct message_case {
	const char *text;
	bool ok;
	enum socket_message_kind kind;
	int64_t seconds;
	const char *command;
};

static const struct message_case cases[] = {
	{ "{\"MessageType\":\"ForceKeepAlive\",\"Data\":60,\"MessageId\":\"1\"}", true,
		SOCKET_FORCE_KEEP_ALIVE, 60, "" },
	{ "{\"MessageType\":\"ForceKeepAlive\"}", true, SOCKET_FORCE_KEEP_ALIVE, 60, "" },
	{ "{\"MessageType\":\"ForceKeepAlive\",\"Data\":-5}", true, SOCKET_FORCE_KEEP_ALIVE,
		10, "" },
	{ "{\"MessageType\":\"ForceKeepAlive\",\"Data\":99999999999}", true,
		SOCKET_FORCE_KEEP_ALIVE, 3600, "" },
	{ "{\"MessageType\":\"KeepAlive\"}", true, SOCKET_KEEP_ALIVE, 0, "" },
	{ "{\"MessageType\":\"Playstate\",\"Data\":{\"Command\":\"Stop\"}}", true,
		SOCKET_PLAYSTATE, 0, "Stop" },
	{ "{\"MessageType\":\"Playstate\",\"Data\":7}", true, SOCKET_PLAYSTATE, 0, "" },
	{ "{\"MessageType\":\"Play\",\"Data\":{\"PlayCommand\":\"PlayNow\"}}", true,
		SOCKET_PLAY, 0, "PlayNow" },
	{ "{\"MessageType\":\"Sessions\",\"Data\":[]}", true, SOCKET_OTHER, 0, "" },
	{ "{\"MessageType\":5}", false, SOCKET_OTHER, 0, "" },
	{ "[]", false, SOCKET_OTHER, 0, "" },
	{ "", false, SOCKET_OTHER, 0, "" },
};

static void
messages_are_read_as_far_as_we_act_on_them(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct socket_message message;
		bool ok = socket_message_parse(
			&message, cases[i].text, strlen(cases[i].text));
		if (ok != cases[i].ok || message.kind != cases[i].kind ||
			message.seconds != cases[i].seconds ||
			strcmp(message.command, cases[i].command) != 0)
			fail_msg("%s", cases[i].text);
	}
}

static void
long_messages_are_not_read(void **state)
{
	static char text[SOCKET_MESSAGE_MOST + 1];
	struct socket_message message;

	(void)state;
	memset(text, ' ', sizeof text);
	assert_true(socket_message_parse(&message, text, sizeof text));
	assert_int_equal(message.kind, SOCKET_OTHER);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(messages_are_read_as_far_as_we_act_on_them),
		cmocka_unit_test(long_messages_are_not_read),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
