/* Feed server: one Jellyfin that the feed watches: its polls, its socket, its health.
 *
 *   UNKNOWN ──answered──> UP <──answered─┐
 *      │                   └─3 failures─> DOWN
 *      └─3 failures──────────────────────> DOWN
 *   any ──401, 403──> REFUSED ──answered──> UP
 *
 * GET /Sessions every 3 s while anything plays there, every 10 s when nothing does, counted
 * from when it was asked, one at a time however long an answer takes. A failure changes
 * nothing at first, and never stops a play; the third in a row is "down", told once, then
 * the polls back off to 30 s; the first answer is "up", told once, and what was played
 * there is not counted as gone for 30 s, since a server that restarts knows nothing until
 * its clients report. That we were too busy to ask is no failure of the server's. A refused
 * key is said once and tried again every minute. While it answers, a socket tells of
 * changes sooner (session/feed_socket). Control thread; answers are read on the errands
 * thread.
 */
#ifndef SESSION_FEED_SERVER_H
#define SESSION_FEED_SERVER_H

#include <jansson.h>

#include "session/feed_diff.h"
#include "session/feed_socket.h"
#include "session/jellyfin.h"

enum {
	FEED_BUSY_MS = 3 * 1000,
	FEED_IDLE_MS = 10 * 1000,
	FEED_REFUSED_MS = 60 * 1000,
	FEED_RETURN_MS = 30 * 1000,
	FEED_DOWN_AFTER = 3, /* failures in a row */
};

enum feed_state { FEED_UNKNOWN, FEED_UP, FEED_DOWN, FEED_REFUSED };

struct feed_server;

struct feed_server_options {
	const char *name; /* "" for the one we front; copied */
	const struct base_url *base;
	const char *api_key; /* copied; a secret */
	struct loop *loop;
	struct jellyfin_transport transport;
	struct injected_sockets sockets;
	bool (*address)(void *arg, char *address, size_t size);
	/* Optional: no socket could be opened at that address. */
	void (*address_failed)(void *arg);
	void *address_arg;
	/* As in feed_diff_options. */
	bool (*is_ours)(void *arg, const char *item_id);
	void *is_ours_arg;
	void (*report)(void *arg, const struct play_report *report);
	void *report_arg;
	/* It went down, or came back; after the fact. */
	void (*changed)(void *arg, const struct feed_server *server, bool up);
	void *changed_arg;
};

/* Polls at once. */
struct feed_server *feed_server_start(const struct feed_server_options *options);
/* Accepts NULL. */
void feed_server_stop(struct feed_server *server);

const char *feed_server_name(const struct feed_server *server);
enum feed_state feed_server_state(const struct feed_server *server);
/* {"state": "up", "since": …, "lastPollAt": …, "sessions": 7, "playing": 2, "socket":
 * "open", "failures": 0}; what is not known is left out. */
json_t *feed_server_json_new(const struct feed_server *server);

#endif
