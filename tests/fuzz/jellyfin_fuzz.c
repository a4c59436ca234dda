/* Everything we read of Jellyfin's own answers and messages, by the first byte. */
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "session/item_names.h"
#include "session/server.h"
#include "session/session_look.h"
#include "session/socket_message.h"
#include "session/token.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size == 0)
		return 0;
	const char *body = (const char *)data + 1;
	size_t body_size = size - 1;
	struct socket_message message;
	struct server_facts server;
	struct session_look look;
	struct token_facts facts;
	struct play_item item = { 0 };

	switch (data[0]) {
	case 's':
		if (socket_message_parse(&message, body, body_size))
			assert(strlen(message.command) < sizeof message.command);
		break;
	case 'i':
		if (server_info_parse(&server, body, body_size))
			assert(strlen(server.id) == sizeof server.id - 1);
		break;
	case 'l':
		if (session_look_parse(&look, body, body_size))
			assert(look.count <= SESSION_LOOK_MOST);
		break;
	case 'u':
		if (token_facts_parse(&facts, body, body_size))
			assert(strlen(facts.user_id) == sizeof facts.user_id - 1);
		break;
	default:
		if (item_names_parse(&item, body, body_size))
			assert(strlen(item.name) < sizeof item.name);
		break;
	}
	return 0;
}
