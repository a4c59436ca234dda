/* Socket message: what Jellyfin says on a session's WebSocket, as far as we act on it.
 * Pure; any thread.
 */
#ifndef SESSION_SOCKET_MESSAGE_H
#define SESSION_SOCKET_MESSAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/mem.h"

enum socket_message_kind {
	SOCKET_OTHER,
	SOCKET_FORCE_KEEP_ALIVE, /* answer, and again every half of `seconds` */
	SOCKET_KEEP_ALIVE,
	SOCKET_PLAYSTATE, /* `command`: "Stop", "Pause", … */
	SOCKET_GENERAL,   /* `command`: "SetVolume", "DisplayMessage", … */
	SOCKET_PLAY,      /* `command`: "PlayNow", … */
};

struct socket_message {
	enum socket_message_kind kind;
	int64_t seconds;
	char command[32];
};

enum { SOCKET_MESSAGE_MOST = 64 * 1024 }; /* larger ones are SOCKET_OTHER unread */

/* False when it is no message of Jellyfin's at all. */
MUST_CHECK bool socket_message_parse(
	struct socket_message *message, const char *text, size_t size);

#endif
