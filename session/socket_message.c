#include "session/socket_message.h"

#include "core/json.h"
#include "core/text.h"

enum { DEFAULT_KEEP_ALIVE_S = 60, LEAST_KEEP_ALIVE_S = 10, MOST_KEEP_ALIVE_S = 3600 };

static void
read_data(struct socket_message *message, const json_t *json)
{
	const json_t *data = json_member(json, "Data");
	const char *command = NULL;
	int64_t seconds;

	switch (message->kind) {
	case SOCKET_FORCE_KEEP_ALIVE:
		seconds = json_value_int(data, DEFAULT_KEEP_ALIVE_S);
		message->seconds = seconds < LEAST_KEEP_ALIVE_S  ? LEAST_KEEP_ALIVE_S
				   : seconds > MOST_KEEP_ALIVE_S ? MOST_KEEP_ALIVE_S
								 : seconds;
		break;
	case SOCKET_PLAYSTATE:
		command = json_text(data, "Command");
		break;
	case SOCKET_GENERAL:
		command = json_text(data, "Name");
		break;
	case SOCKET_PLAY:
		command = json_text(data, "PlayCommand");
		break;
	case SOCKET_OTHER:
	case SOCKET_KEEP_ALIVE:
		break;
	}
	copy_text(message->command, sizeof message->command, command);
}

bool
socket_message_parse(struct socket_message *message, const char *text, size_t size)
{
	static const struct {
		const char *type;
		enum socket_message_kind kind;
	} kinds[] = {
		{ "ForceKeepAlive", SOCKET_FORCE_KEEP_ALIVE },
		{ "KeepAlive", SOCKET_KEEP_ALIVE },
		{ "Playstate", SOCKET_PLAYSTATE },
		{ "GeneralCommand", SOCKET_GENERAL },
		{ "Play", SOCKET_PLAY },
	};

	*message = (struct socket_message){ .kind = SOCKET_OTHER };
	if (size > SOCKET_MESSAGE_MOST)
		return true;
	json_t *json = json_parse_new(text, size);
	const char *type = json_text(json, "MessageType");
	for (size_t i = 0; type != NULL && i < COUNT_OF(kinds); i++) {
		if (text_equal_ci(type, kinds[i].type))
			message->kind = kinds[i].kind;
	}
	read_data(message, json);
	json_decref(json);
	return type != NULL;
}
