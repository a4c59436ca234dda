/* Feed sessions: Jellyfin's list of sessions, from GET /Sessions or a Sessions message on
 * its WebSocket, as rows the tracker understands. Pure; any thread.
 */
#ifndef SESSION_FEED_SESSIONS_H
#define SESSION_FEED_SESSIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tracker/play.h"

enum { FEED_ROWS_MOST = 5000 }; /* playing sessions of one server that are followed */

/* A session that plays something. */
struct feed_row {
	/* Who plays what, where and how; its kind, source, times and server are not filled
	 * in, and it owns nothing. A session without a device id is named by its own id. */
	struct play_report report;
	/* On the server's clock, milliseconds since 1970; -1 when not said. */
	int64_t checked_in_wall_ms; /* the client's last report */
	int64_t paused_wall_ms;     /* when the pause began, while it is paused */
};

struct feed_sessions {
	size_t session_count; /* all that were listed */
	size_t count;         /* those that play something with an id */
	struct feed_row rows[];
};

/* The body of GET /Sessions; NULL when it is none. xfree() it. */
struct feed_sessions *feed_sessions_parse_new(const void *body, size_t size);

enum feed_message_kind {
	FEED_MESSAGE_OTHER,
	FEED_MESSAGE_FORCE_KEEP_ALIVE, /* answer, and again every half of `seconds` */
	FEED_MESSAGE_SESSIONS,         /* `sessions` is set */
};

struct feed_message {
	enum feed_message_kind kind;
	int64_t seconds;
	size_t size; /* of the message, in bytes */
	struct feed_sessions *sessions;
};

/* What came on the WebSocket, whatever it is. */
struct feed_message *feed_message_parse_new(const char *text, size_t size);
/* Accepts NULL. */
void feed_message_free(struct feed_message *message);

#endif
